"""Bit planes: 64-bit blocks turned on their side, so that one operation on a plane does the same to a bit of every block.

A plane is an array of words; plane i holds bit i of all the blocks, one bit for each. 64 blocks and their 64 planes are a
square of bits, which is turned along its diagonal by swapping ever smaller halves (six steps for any number of squares).

>>> blocks = np.array([3, 1, 0, 5], dtype=np.uint64)
>>> planes = to_planes(blocks)
>>> [int(plane[0]) for plane in planes[:3]], from_planes(planes, 4).tolist()
([11, 1, 8], [3, 1, 0, 5])
"""

import numpy as np

from meter_emu.sts.bulk.arrays import Words

SIDE = 64
_STEPS = (
    (32, 0x00000000FFFFFFFF),
    (16, 0x0000FFFF0000FFFF),
    (8, 0x00FF00FF00FF00FF),
    (4, 0x0F0F0F0F0F0F0F0F),
    (2, 0x3333333333333333),
    (1, 0x5555555555555555),
)
"""The size of the halves that are swapped, and the bits of a word that lie in the lower ones."""


def to_planes(blocks: Words) -> Words:
    """The 64 planes of the blocks, each as long as it takes; the bits behind the last block are 0."""
    width = -(-len(blocks) // SIDE)
    square = np.zeros(SIDE * width, dtype=np.uint64)
    square[: len(blocks)] = blocks
    return _turned(square.reshape(SIDE, width))


def from_planes(planes: Words, count: int) -> Words:
    """The first ``count`` blocks in 64 planes."""
    return _turned(planes.copy()).reshape(-1)[:count]


def _turned(square: Words) -> Words:
    """Row i, bit b becomes row b, bit i; in place."""
    width = square.shape[1]
    for size, lower in _STEPS:
        halves = square.reshape(SIDE // (2 * size), 2, size, width)
        above, below = halves[:, 0], halves[:, 1]
        changed = (above >> np.uint64(size) ^ below) & np.uint64(lower)
        below ^= changed
        above ^= changed << np.uint64(size)
    return square
