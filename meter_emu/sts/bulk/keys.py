"""Decoder keys of many meters that differ in nothing but their number (IEC 62055-41 6.5.3): DKGA02, DKGA03 and DKGA04.

DKGA02 and DKGA03 encrypt all meters' blocks with one key, which is one call of DES. DKGA04 is an HMAC for each meter with
one key: its two half-done hashes are prepared once and copied, which takes a third of the time of a bare ``hmac.digest``.

>>> from meter_emu.sts.keys import TEST_VENDING_KEYS, default_parameters
>>> from meter_emu.sts.numbers import Drn
>>> parameters = default_parameters(Drn("12345678911"))
>>> drns = np.frombuffer(b"1234567891104176855916", dtype=np.uint8).reshape(2, 11)
>>> vending_key = TEST_VENDING_KEYS[parameters.dkga]
>>> decoder_keys(vending_key, parameters, pans(drns))[0].tobytes() == generate_decoder_key(vending_key, parameters).octets
True
"""

import hashlib

import numpy as np
from Crypto.Cipher import DES

from meter_emu.sts.bulk.arrays import Octets
from meter_emu.sts.keys.generation import (
    DecoderKeyGenerationAlgorithm,
    KeyParameters,
    dkga04_data,
    generate_decoder_key,
    input_block,
)
from meter_emu.sts.keys.secret import VendingKey
from meter_emu.sts.numbers.key_parameters import KeyType
from meter_emu.sts.numbers.meter_pan import IIN_OF_DRN_LENGTH

DRN_DIGITS, PAN_DIGITS = 11, 18
_ZERO = ord("0")
_IIN = np.frombuffer(IIN_OF_DRN_LENGTH[DRN_DIGITS].encode("ascii"), dtype=np.uint8)
_DOUBLED = np.array([0, 2, 4, 6, 8, 1, 3, 5, 7, 9], dtype=np.uint8)
_HASH_BLOCK = 64
_KEY_LENGTH_BYTES = 4
"""Behind the PAN in what DKGA04 hashes."""


def pans(drns: Octets) -> Octets:
    """The 18 ASCII digits of each PAN from the 11 of each DRN; whether the DRN's own check digit is right is not asked."""
    made = np.empty((len(drns), PAN_DIGITS), dtype=np.uint8)
    made[:, : len(_IIN)] = _IIN
    made[:, len(_IIN) : -1] = drns
    payload = made[:, :-1] - np.uint8(_ZERO)
    # From the right, every second digit is doubled, beginning with the last one (Luhn).
    total = _DOUBLED.take(payload[:, ::-2]).sum(axis=1) + payload[:, -2::-2].sum(axis=1)
    made[:, -1] = -total.astype(np.int64) % 10 + _ZERO
    return made


def decoder_keys(vending_key: VendingKey, parameters: KeyParameters, pans: Octets) -> Octets:
    """The keys of the meters with these PANs (18 ASCII digits), which share all other ``parameters``: a row for each.

    Errors as for ``generate_decoder_key``, whichever the meters are.
    """
    generate_decoder_key(vending_key, parameters)
    if parameters.dkga is DecoderKeyGenerationAlgorithm.DKGA04:
        return _dkga04(vending_key.octets, parameters, pans)
    blocks = _input_blocks(parameters, pans)
    if parameters.dkga is DecoderKeyGenerationAlgorithm.DKGA03:
        first, second = (DES.new(half, DES.MODE_ECB) for half in (vending_key.octets[:8], vending_key.octets[8:]))
        return _octets(first.encrypt(second.decrypt(first.encrypt(blocks.tobytes()))), 8) ^ blocks
    encrypted = DES.new(vending_key.octets, DES.MODE_ECB).encrypt(blocks.tobytes())
    return _octets(encrypted, 8) ^ blocks ^ np.frombuffer(vending_key.octets, dtype=np.uint8)


def _dkga04(vending_key: bytes, parameters: KeyParameters, pans: Octets) -> Octets:
    """HMAC-SHA-256 (RFC 2104): the key is short, so it goes into the first block of each of the two hashes."""
    template = dkga04_data(parameters)
    data = np.tile(np.frombuffer(template, dtype=np.uint8), (len(pans), 1))
    data[:, -PAN_DIGITS - _KEY_LENGTH_BYTES : -_KEY_LENGTH_BYTES] = pans
    octets, size, key_length = data.tobytes(), len(template), parameters.ea.key_length
    padded = vending_key.ljust(_HASH_BLOCK, b"\x00")
    inner = hashlib.sha256(bytes(octet ^ 0x36 for octet in padded))
    outer = hashlib.sha256(bytes(octet ^ 0x5C for octet in padded))
    keys = []
    for start in range(0, len(octets), size):
        message = inner.copy()
        message.update(octets[start : start + size])
        digest = outer.copy()
        digest.update(message.digest())
        keys.append(digest.digest()[:key_length])
    return _octets(b"".join(keys), key_length)


def _input_blocks(parameters: KeyParameters, pans: Octets) -> Octets:
    """PAN block xor control block, 8 bytes for each meter."""
    pan = parameters.pan
    if parameters.kt is KeyType.COMMON:
        control_block = input_block(parameters) ^ int(f"{pan.iin:0<17}"[1:], 16)
        digits = pans - np.uint8(_ZERO)
        is_short = (pans[:, :6] == _IIN).all(axis=1)
        digits[is_short, 6:] = 0
        digits[~is_short, 4:] = 0
    else:
        control_block = input_block(parameters) ^ int(pan[1:-1], 16)
        digits = pans - np.uint8(_ZERO)
    pan_blocks: Octets = digits[:, 1:-1:2] << np.uint8(4) | digits[:, 2:-1:2]
    return pan_blocks ^ np.frombuffer(control_block.to_bytes(8, "big"), dtype=np.uint8)


def _octets(octets: bytes, length: int) -> Octets:
    return np.frombuffer(octets, dtype=np.uint8).reshape(-1, length)
