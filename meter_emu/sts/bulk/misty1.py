"""EA11, MISTY1 (RFC 2994; IEC 62055-41 6.5.6): the decryption of ``ciphers/misty1.py`` for many blocks at once.

A block is four arrays of 16 bits. FI, the innermost function, is two look-ups in tables of 2^16: what comes before its key,
and what comes after. A key of its own for each block costs the eight FI of its schedule.

>>> keys = np.frombuffer(bytes.fromhex("00112233445566778899aabbccddeeff"), dtype=np.uint8).reshape(1, 16)
>>> [f"{block:016x}" for block in BulkMisty1(keys).decrypt(np.array([0x04B68240B13BE95D], dtype=np.uint64))]
['fedcba9876543210']
"""

import numpy as np

from meter_emu.sts.bulk.arrays import Halves, Octets, Words, slices
from meter_emu.sts.ciphers.misty1 import ROUNDS, FlKeys, FoKeys, fl_keys, fo_keys
from meter_emu.sts.ciphers.misty1_tables import S7, S9

_S7 = np.frombuffer(S7, dtype=np.uint8).astype(np.uint16)
_S9 = np.array(S9, dtype=np.uint16)
_ALL = np.arange(1 << 16, dtype=np.uint16)


def _before_the_key() -> Halves:
    nine, seven = _S9[_ALL >> 7] ^ _ALL & 127, _ALL & 127
    halves: Halves = (_S7[seven] ^ nine & 127) << 9 | nine
    return halves


def _after_the_key() -> Halves:
    seven, nine = _ALL >> 9, _ALL & 511
    halves: Halves = seven << 9 | _S9[nine] ^ seven
    return halves


# FI(x, k) = _SECOND[_FIRST[x] ^ k]; in between the 7-bit half lies above the 9-bit half, as in the subkey k.
_FIRST, _SECOND = _before_the_key(), _after_the_key()
Pair = tuple[Halves, Halves]
"""32 bits of each block: the high half, the low half."""


class BulkMisty1:
    """EA11 with a key of 16 bytes for each block, or one key for all: a row of ``keys`` is a key."""

    def __init__(self, keys: Octets) -> None:
        self._keys = keys

    def decrypt(self, blocks: Words) -> Words:
        """The plain blocks."""
        plain = np.empty(len(blocks), dtype=np.uint64)
        for part in slices(len(blocks)):
            keys = self._keys if len(self._keys) == 1 else self._keys[part]
            plain[part] = _decrypt(blocks[part], keys)
        return plain


def _decrypt(blocks: Words, keys: Octets) -> Words:
    k = list(np.ascontiguousarray(keys).view(">u2").astype(np.uint16).T.copy())
    expanded = [_fi(k[i], k[(i + 1) % 8]) for i in range(8)]
    halves = blocks.astype("<u8").view("<u2").reshape(-1, 4).T.astype(np.uint16)
    right = _fl_inverse((halves[3], halves[2]), fl_keys(k, expanded, ROUNDS + 1))
    left = _fl_inverse((halves[1], halves[0]), fl_keys(k, expanded, ROUNDS))
    for i in range(ROUNDS - 2, -1, -2):
        left = _xor(left, _fo(right, fo_keys(k, expanded, i + 1)))
        right = _xor(right, _fo(left, fo_keys(k, expanded, i)))
        left = _fl_inverse(left, fl_keys(k, expanded, i))
        right = _fl_inverse(right, fl_keys(k, expanded, i + 1))
    return np.stack([right[1], right[0], left[1], left[0]], axis=1).astype("<u2").view("<u8").reshape(-1).astype(np.uint64)


def _fi(x: Halves, key: Halves) -> Halves:
    # "wrap" spares the check of every index; none of 16 bits lies outside these tables.
    return _SECOND.take(_FIRST.take(x, mode="wrap") ^ key, mode="wrap")


def _fo(x: Pair, keys: FoKeys[Halves]) -> Pair:
    ko1, ki1, ko2, ki2, ko3, ki3, ko4 = keys
    high, low = x
    t0 = _fi(high ^ ko1, ki1) ^ low
    t1 = _fi(low ^ ko2, ki2) ^ t0
    t0 = _fi(t0 ^ ko3, ki3) ^ t1
    return t1 ^ ko4, t0


def _fl_inverse(x: Pair, keys: FlKeys[Halves]) -> Pair:
    and_key, or_key = keys
    high = x[0] ^ (x[1] | or_key)
    return high, x[1] ^ high & and_key


def _xor(a: Pair, b: Pair) -> Pair:
    return a[0] ^ b[0], a[1] ^ b[1]
