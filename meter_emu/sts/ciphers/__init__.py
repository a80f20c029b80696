"""The encryption algorithms of IEC 62055-41: EA07 (STA), EA09 (DES), EA11 (MISTY1)."""

from meter_emu.sts.ciphers.algorithm import EncryptionAlgorithm
from meter_emu.sts.ciphers.block_cipher import BlockCipher
from meter_emu.sts.ciphers.sta_tables import SAMPLE_TABLES, StaTables

__all__ = ["SAMPLE_TABLES", "BlockCipher", "EncryptionAlgorithm", "StaTables"]
