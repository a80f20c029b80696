"""EA07 (IEC 62055-41 6.5.4) over bit planes: the decryption of ``ciphers/sta.py`` for many blocks at once.

The planes are kept in four groups, one for each bit of a nibble, so that one operation works on all 16 nibbles of all
blocks. The permutation only renames planes. The box of each nibble is chosen by a bit of the key: every output is made as
``second ^ (key & (first ^ second))``, so blocks may have keys of their own at no cost.

>>> keys = np.array([0xE653341F9D5BF36F], dtype=np.uint64)
>>> [f"{block:016x}" for block in BulkSta(keys).decrypt(np.array([0xA94EBA51793D8FBD], dtype=np.uint64))]
['05599863000119e6']
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from meter_emu.sts.bulk.arrays import Words, slices
from meter_emu.sts.bulk.bit_planes import SIDE, from_planes, to_planes
from meter_emu.sts.bulk.boolean_network import ONE, ZERO, BooleanNetwork
from meter_emu.sts.ciphers.sta import ROUNDS
from meter_emu.sts.ciphers.sta_tables import SAMPLE_TABLES, StaTables

_NIBBLES, _BITS = 16, 4
_GROUPED = np.array([_BITS * nibble + bit for bit in range(_BITS) for nibble in range(_NIBBLES)])
"""The bit of the block that each plane holds, in the order the planes are kept in."""
_PLACE = np.argsort(_GROUPED)
"""Where the plane of each bit is kept."""
_ONES = np.array([[0xFFFFFFFFFFFFFFFF]], dtype=np.uint64)


class BulkSta:
    """EA07 with a key for each block, or one key for all, and its tables."""

    def __init__(self, keys: Words, tables: StaTables = SAMPLE_TABLES) -> None:
        self._keys = keys
        self._moved_from, self._network = _plan(tables)

    def decrypt(self, blocks: Words) -> Words:
        """The plain blocks."""
        plain = np.empty(len(blocks), dtype=np.uint64)
        for part in slices(len(blocks)):
            keys = self._keys if len(self._keys) == 1 else self._keys[part]
            plain[part] = self._decrypt(blocks[part], keys)
        return plain

    def _decrypt(self, blocks: Words, keys: Words) -> Words:
        planes = to_planes(blocks)[_GROUPED]
        width = planes.shape[1]
        scratch = np.empty((self._network.registers, _NIBBLES, width), dtype=np.uint64)
        chooser = _choosers(keys)
        for turn in range(ROUNDS):
            planes = planes.take(self._moved_from, axis=0)
            planes = self._substitute(planes.reshape(_BITS, _NIBBLES, width), chooser[turn], scratch)
        return from_planes(planes[_PLACE], len(blocks))

    def _substitute(self, nibbles: Words, chooser: Words, scratch: Words) -> Words:
        """Every nibble through the inverse of the box that the key chooses for it."""
        register: dict[int, Words] = {ONE: _ONES, ZERO: ~_ONES}
        register |= {1 << bit: nibbles[bit] for bit in range(_BITS)}
        for target, a, b in self._network.products:
            register[target] = np.bitwise_and(register[a], register[b], out=scratch[target])
        for target, a, b in self._network.sums:
            register[target] = np.bitwise_xor(register[a], register[b], out=scratch[target])
        substituted = np.empty_like(nibbles)
        second, difference = self._network.outputs[:_BITS], self._network.outputs[_BITS:]
        for bit, out in enumerate(substituted):
            np.bitwise_and(register[difference[bit]], chooser, out=out)
            np.bitwise_xor(register[second[bit]], out, out=out)
        return substituted.reshape(SIDE, -1)


def _choosers(keys: Words) -> list[Words]:
    """For each round, the bits of the key that choose for the 16 nibbles: bit 4n of the key turned right once a round."""
    if len(keys) == 1:
        planes = np.array([[0xFFFFFFFFFFFFFFFF if int(keys[0]) >> bit & 1 else 0] for bit in range(SIDE)], dtype=np.uint64)
    else:
        planes = to_planes(keys)
    twice = np.concatenate([planes, planes])
    return [twice[turn : turn + SIDE : _BITS] for turn in range(ROUNDS)]


@lru_cache(4)
def _plan(tables: StaTables) -> tuple[NDArray[np.intp], BooleanNetwork]:
    """Which plane moves to each place when the permutation is undone, and the inverse boxes: the second, and both joined."""
    first, second = tables.inverse_boxes
    moved_from = _PLACE[np.array(tables.permutation)[_GROUPED]]
    return moved_from, BooleanNetwork.of([second, [a ^ b for a, b in zip(first, second, strict=True)]])
