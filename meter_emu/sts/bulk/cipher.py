"""The bulk cipher of each encryption algorithm. EA09, which no meter is known to use, works one block at a time.

>>> from meter_emu.sts.keys import DecoderKey
>>> cipher = cipher_of(DecoderKey.from_hex(EncryptionAlgorithm.DES, "abababababababab"))
>>> f"{cipher.decrypt(np.array([0x6CA9AAD4270FA73B], dtype=np.uint64))[0]:016x}"
'2151356011ffffff'
"""

from typing import Protocol

import numpy as np

from meter_emu.sts.bulk.arrays import Octets, Words
from meter_emu.sts.bulk.misty1 import BulkMisty1
from meter_emu.sts.bulk.sta import BulkSta
from meter_emu.sts.ciphers.algorithm import EncryptionAlgorithm
from meter_emu.sts.ciphers.des import Des
from meter_emu.sts.ciphers.sta_tables import SAMPLE_TABLES, StaTables
from meter_emu.sts.keys.secret import DecoderKey


class BulkCipher(Protocol):
    """A cipher with its keys inside: one for all blocks, or one for each in their order."""

    def decrypt(self, blocks: Words) -> Words:
        """The plain blocks."""


class BulkDes:
    """EA09, one block at a time."""

    def __init__(self, keys: Octets) -> None:
        self._ciphers = [Des(key.tobytes()) for key in keys]

    def decrypt(self, blocks: Words) -> Words:
        """The plain blocks."""
        ciphers = self._ciphers * len(blocks) if len(self._ciphers) == 1 else self._ciphers
        plain = [cipher.decrypt(int(block)) for cipher, block in zip(ciphers, blocks, strict=True)]
        return np.array(plain, dtype=np.uint64)


def bulk_cipher(algorithm: EncryptionAlgorithm, keys: Octets, tables: StaTables = SAMPLE_TABLES) -> BulkCipher:
    """The cipher with ``keys``, a row of bytes in natural order for each block, or a single row for all of them."""
    if algorithm is EncryptionAlgorithm.STA:
        return BulkSta(np.ascontiguousarray(keys).view(">u8").reshape(-1).astype(np.uint64), tables)
    return BulkMisty1(keys) if algorithm is EncryptionAlgorithm.MISTY1 else BulkDes(keys)


def cipher_of(key: DecoderKey, tables: StaTables = SAMPLE_TABLES) -> BulkCipher:
    """The cipher with one key for all blocks."""
    octets = np.frombuffer(key.octets, dtype=np.uint8).reshape(1, -1)
    return bulk_cipher(key.algorithm, octets, tables)
