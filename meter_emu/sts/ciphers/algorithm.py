"""EncryptionAlgorithm, the EA codes of IEC 62055-41 6.1.5, and the cipher behind each.

>>> [algorithm.name for algorithm in EncryptionAlgorithm], EncryptionAlgorithm("11").key_length
(['STA', 'DES', 'MISTY1'], 16)
>>> EncryptionAlgorithm("12")
Traceback (most recent call last):
    ...
meter_emu.sts.errors.FunctionError: EA must be 07 (STA), 09 (DES) or 11 (MISTY1), not 12
"""

from enum import Enum

from meter_emu.sts.ciphers.block_cipher import BlockCipher
from meter_emu.sts.ciphers.des import Des
from meter_emu.sts.ciphers.misty1 import Misty1
from meter_emu.sts.ciphers.sta import Sta
from meter_emu.sts.ciphers.sta_tables import SAMPLE_TABLES, StaTables
from meter_emu.sts.errors import FunctionError


class EncryptionAlgorithm(Enum):
    """EA; the value is the two-digit code."""

    STA = "07"
    DES = "09"
    MISTY1 = "11"

    @classmethod
    def _missing_(cls, value: object) -> None:
        raise FunctionError(f"EA must be 07 (STA), 09 (DES) or 11 (MISTY1), not {value}", field="ea")

    @property
    def key_length(self) -> int:
        """Bytes in a decoder key."""
        return 16 if self is EncryptionAlgorithm.MISTY1 else 8

    def cipher(self, key: bytes, tables: StaTables = SAMPLE_TABLES) -> BlockCipher:
        """The cipher with ``key`` worked in; ``tables`` matter to STA alone."""
        if self is EncryptionAlgorithm.STA:
            return Sta(key, tables)
        return Misty1(key) if self is EncryptionAlgorithm.MISTY1 else Des(key)
