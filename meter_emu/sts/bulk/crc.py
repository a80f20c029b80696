"""The checksum (IEC 62055-41 6.3.7) of many blocks at once: it is linear, so each 16 bits of a block add their own share.

>>> wrong = np.array([0x05599863000119E6, 0x05599863000119E7], dtype=np.uint64)
>>> has_right_crc(np.zeros(2, dtype=np.uint8), wrong).tolist()
[True, False]
"""

import numpy as np

from meter_emu.sts.bulk.arrays import Flags, Halves, Octets, Words
from meter_emu.sts.tokens.crc import crc_field


def _share(shift: int) -> Halves:
    shares = np.zeros(1, dtype=np.uint16)
    for bit in range(16):
        alone = np.uint16(crc_field(0, 1 << shift + bit) ^ crc_field(0, 0))
        shares = np.concatenate([shares, shares ^ alone])
    return shares


_OF_CLASS = np.array([crc_field(token_class, 0) for token_class in range(4)], dtype=np.uint16)
_LOW, _MIDDLE, _HIGH = (_share(shift) for shift in (0, 16, 32))


def has_right_crc(token_class: Octets, blocks: Words) -> Flags:
    """Whether each plain block ends in the checksum of its class and its first 48 bits."""
    field, low, middle, high = blocks.astype("<u8").view("<u2").reshape(-1, 4).T
    computed = _OF_CLASS.take(token_class) ^ _LOW.take(low) ^ _MIDDLE.take(middle) ^ _HIGH.take(high)
    is_right: Flags = computed == field
    return is_right
