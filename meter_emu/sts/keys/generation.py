"""Decoder key generation: from the utility's vending key and a meter's parameters to that meter's key (6.5.3).

DKGA02 and DKGA04 are pinned by compliance rows. DKGA03 is unverified: the plain reading of a two-key triple DES, which
the 2018 edition withdraws. DKGA01 is refused, since what is public does not define it. For the common key type (KT 3)
no row decides how the meter number enters: DKGA02 and DKGA03 blank it, DKGA04 keeps the whole PAN.

>>> parameters = KeyParameters(
...     pan=MeterPan("600727000000000009"), sgc=SupplyGroupCode("123456"), ti=TariffIndex("01"),
...     kt=KeyType.UNIQUE, krn=KeyRevisionNumber(1), base_date=BaseDate.BASE_1993,
...     ea=EncryptionAlgorithm.STA, dkga=DecoderKeyGenerationAlgorithm.DKGA02)
>>> generate_decoder_key(VendingKey.from_hex("abababababababab"), parameters).octets.hex()
'e653341f9d5bf36f'
"""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from meter_emu.sts.ciphers.algorithm import EncryptionAlgorithm
from meter_emu.sts.ciphers.des import Des
from meter_emu.sts.errors import FormatError, FunctionError
from meter_emu.sts.keys.secret import DecoderKey, VendingKey
from meter_emu.sts.numbers.base_date import BaseDate
from meter_emu.sts.numbers.key_parameters import KeyRevisionNumber, KeyType, SupplyGroupCode, TariffIndex
from meter_emu.sts.numbers.meter_pan import MeterPan


class DecoderKeyGenerationAlgorithm(Enum):
    """DKGA (6.1.4); the value is the two-digit code."""

    DKGA01 = "01"
    DKGA02 = "02"
    DKGA03 = "03"
    DKGA04 = "04"

    @classmethod
    def _missing_(cls, value: object) -> None:
        raise FunctionError(f"DKGA must be 01, 02, 03 or 04, not {value}", field="dkga")


@dataclass(frozen=True)
class KeyParameters:
    """All that a decoder key depends on, but for the vending key."""

    pan: MeterPan
    sgc: SupplyGroupCode
    ti: TariffIndex
    kt: KeyType
    krn: KeyRevisionNumber
    base_date: BaseDate
    ea: EncryptionAlgorithm
    dkga: DecoderKeyGenerationAlgorithm


@dataclass(frozen=True)
class _Algorithm:
    vending_key_length: int
    encryption_algorithms: tuple[EncryptionAlgorithm, ...]
    generate: Callable[[bytes, KeyParameters], bytes]


def generate_decoder_key(vending_key: VendingKey, parameters: KeyParameters) -> DecoderKey:
    """The decoder key of one meter.

    FunctionError for DKGA01 and for an EA the DKGA makes no key for; FormatError for a vending key of the wrong length.
    """
    dkga, ea = parameters.dkga, parameters.ea
    algorithm = _ALGORITHMS.get(dkga)
    if algorithm is None:
        raise FunctionError("DKGA01 is not offered: its cipher step is not public", field="dkga")
    if ea not in algorithm.encryption_algorithms:
        raise FunctionError(f"DKGA{dkga.value} makes no key for EA{ea.value}", field="ea")
    if len(vending_key.octets) != algorithm.vending_key_length:
        raise FormatError(
            f"DKGA{dkga.value} needs a vending key of {algorithm.vending_key_length} bytes, not {len(vending_key.octets)}",
            field="vending_key_hex",
        )
    return DecoderKey(ea, algorithm.generate(vending_key.octets, parameters))


def _dkga02(vending_key: bytes, parameters: KeyParameters) -> bytes:
    """DES over PAN block xor control block; the result xor both inputs, the key's parity bits included."""
    block = input_block(parameters)
    key = Des(vending_key).encrypt(block) ^ block ^ int.from_bytes(vending_key, "big")
    return key.to_bytes(8, "big")


def _dkga03(vending_key: bytes, parameters: KeyParameters) -> bytes:
    """Two-key triple DES over the same block, xor the block. Unverified."""
    block = input_block(parameters)
    first, second = Des(vending_key[:8]), Des(vending_key[8:])
    key = first.encrypt(second.decrypt(first.encrypt(block))) ^ block
    return key.to_bytes(8, "big")


def _dkga04(vending_key: bytes, parameters: KeyParameters) -> bytes:
    """The leftmost bits of HMAC-SHA-256 over 49 bytes that name every parameter."""
    data = dkga04_data(parameters)
    return hmac.digest(vending_key, data, hashlib.sha256)[: parameters.ea.key_length]


def dkga04_data(parameters: KeyParameters) -> bytes:
    """The 49 bytes that DKGA04 hashes; the 18 digits of the PAN stand before the last four."""
    first_group = (parameters.dkga.value, parameters.base_date.code, parameters.ea.value, parameters.ti)
    second_group = (parameters.sgc, str(int(parameters.kt)), str(int(parameters.krn)), parameters.pan)
    return _fields(first_group) + b"\x00" + _fields(second_group) + (8 * parameters.ea.key_length).to_bytes(4, "big")


def input_block(parameters: KeyParameters) -> int:
    """PAN block xor control block: 16 digits each, read as hex (6.5.3.3)."""
    pan = parameters.pan
    pan_block = f"{pan.iin:0<17}"[1:] if parameters.kt is KeyType.COMMON else pan[1:-1]
    control_block = f"{int(parameters.kt)}{parameters.sgc}{parameters.ti}{int(parameters.krn)}FFFFFF"
    return int(pan_block, 16) ^ int(control_block, 16)


def _fields(texts: tuple[str, ...]) -> bytes:
    """How many fields, then each as its length and its ASCII digits."""
    return bytes([len(texts)]) + b"".join(bytes([len(text)]) + text.encode("ascii") for text in texts)


_STA, _DES, _MISTY1 = EncryptionAlgorithm.STA, EncryptionAlgorithm.DES, EncryptionAlgorithm.MISTY1
_ALGORITHMS = {
    DecoderKeyGenerationAlgorithm.DKGA02: _Algorithm(8, (_STA, _DES), _dkga02),
    DecoderKeyGenerationAlgorithm.DKGA03: _Algorithm(16, (_STA, _DES), _dkga03),
    DecoderKeyGenerationAlgorithm.DKGA04: _Algorithm(20, (_STA, _MISTY1), _dkga04),
}
