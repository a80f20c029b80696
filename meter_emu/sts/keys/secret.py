"""Key material that cannot be printed by accident: no repr, no str and no error shows its bytes.

>>> VendingKey.from_hex("abababababababab")
VendingKey(8 bytes, hidden)
>>> VendingKey.from_hex("abab")
Traceback (most recent call last):
    ...
meter_emu.sts.errors.FormatError: vending key must be 8 (DKGA02), 16 (DKGA03) or 20 (DKGA04) bytes of hex
"""

import re
from dataclasses import dataclass, field
from functools import cached_property

from meter_emu.sts.ciphers.algorithm import EncryptionAlgorithm
from meter_emu.sts.ciphers.block_cipher import BlockCipher
from meter_emu.sts.ciphers.sta_tables import SAMPLE_TABLES, StaTables
from meter_emu.sts.errors import FormatError

VENDING_KEY_LENGTHS = (8, 16, 20)
_HEX = re.compile(r"(?:[0-9a-fA-F]{2})*")


@dataclass(frozen=True, repr=False)
class VendingKey:
    """VK, the utility's secret for a supply group: 8, 16 or 20 bytes. The meter never sees it."""

    octets: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.octets) not in VENDING_KEY_LENGTHS:
            raise FormatError(
                "vending key must be 8 (DKGA02), 16 (DKGA03) or 20 (DKGA04) bytes of hex", field="vending_key_hex"
            )

    @classmethod
    def from_hex(cls, text: str) -> "VendingKey":
        """The key from hexadecimal digits; FormatError, without the text in it, for anything else."""
        return cls(_octets(text, "vending key", "vending_key_hex"))

    def __repr__(self) -> str:
        return f"VendingKey({len(self.octets)} bytes, hidden)"


@dataclass(frozen=True, repr=False)
class DecoderKey:
    """DK, the secret one meter shares with the utility: 8 bytes for EA07 and EA09, 16 for EA11, natural order."""

    algorithm: EncryptionAlgorithm
    octets: bytes = field(repr=False)

    def __post_init__(self) -> None:
        wanted = self.algorithm.key_length
        if len(self.octets) != wanted:
            message = f"decoder key for EA{self.algorithm.value} must be {wanted} bytes, not {len(self.octets)}"
            raise FormatError(message, field="decoder_key_hex")

    @classmethod
    def from_hex(cls, algorithm: EncryptionAlgorithm, text: str) -> "DecoderKey":
        """The key from hexadecimal digits; FormatError, without the text in it, for anything else."""
        return cls(algorithm, _octets(text, "decoder key", "decoder_key_hex"))

    def cipher(self, tables: StaTables = SAMPLE_TABLES) -> BlockCipher:
        """The cipher with this key worked in; kept, so that a second call with the sample tables costs nothing."""
        if tables is SAMPLE_TABLES:
            return self._sample_cipher
        return self.algorithm.cipher(self.octets, tables)

    @cached_property
    def _sample_cipher(self) -> BlockCipher:
        return self.algorithm.cipher(self.octets)

    def __repr__(self) -> str:
        return f"DecoderKey(EA{self.algorithm.value}, hidden)"


def _octets(text: str, name: str, field_name: str) -> bytes:
    if not _HEX.fullmatch(text):
        raise FormatError(f"{name} must be hexadecimal digits, two a byte", field=field_name)
    return bytes.fromhex(text)
