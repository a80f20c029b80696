"""EA11, MISTY1 (RFC 2994; IEC 62055-41 6.5.6): 8 rounds over a 64-bit block with a 128-bit key, natural order throughout.

FI, the innermost function, splits 16 bits into 9 and 7 and sends them through S9, S7 and S9 again. Here both
substitutions and the mixing between them are folded into four small tables that are built once.

>>> misty = Misty1(bytes.fromhex("00112233445566778899aabbccddeeff"))
>>> f"{misty.encrypt(0x0123456789ABCDEF):016x} {misty.decrypt(0x04B68240B13BE95D):016x}"
'8b1da5f56ab3d07c fedcba9876543210'
"""

from collections.abc import Sequence
from functools import cached_property
from typing import TypeVar

from meter_emu.sts.ciphers.misty1_tables import S7, S9

ROUNDS = 8

# FI(x, k): y = FIRST_9[x >> 7] ^ FIRST_7[x & 127] ^ k, then SECOND_7[y >> 9] ^ S9[y & 511].
# The 7-bit half lies above the 9-bit half in y, as in the subkey k.
_FIRST_9 = tuple((S9[x] & 127) << 9 | S9[x] for x in range(512))
_FIRST_7 = tuple((S7[x] ^ x) << 9 | x for x in range(128))
_SECOND_7 = tuple(x << 9 | x for x in range(128))

KeyT = TypeVar("KeyT")
"""16 bits of a key; in the bulk decoder, of many keys."""
FoKeys = tuple[KeyT, KeyT, KeyT, KeyT, KeyT, KeyT, KeyT]
"""KO1, KI1, KO2, KI2, KO3, KI3, KO4 of one FO round."""
FlKeys = tuple[KeyT, KeyT]
"""The KL pair of one FL half."""
RoundKeys = tuple[FlKeys[int], FlKeys[int], FoKeys[int], FoKeys[int]]
"""The keys of two rounds: FL of the left half, FL of the right half, FO of the first round, FO of the second."""


class Misty1:
    """EA11 with its 16-byte key."""

    def __init__(self, key: bytes) -> None:
        k = [key[i] << 8 | key[i + 1] for i in range(0, 16, 2)]
        expanded = [_fi(k[i], k[(i + 1) % 8]) for i in range(8)]
        fo = [fo_keys(k, expanded, i) for i in range(ROUNDS)]
        fl = [fl_keys(k, expanded, i) for i in range(ROUNDS + 2)]
        self._rounds: list[RoundKeys] = [(fl[i], fl[i + 1], fo[i], fo[i + 1]) for i in range(0, ROUNDS, 2)]
        self._last: tuple[FlKeys[int], FlKeys[int]] = fl[ROUNDS], fl[ROUNDS + 1]

    def encrypt(self, block: int) -> int:
        """The encrypted 64-bit block."""
        left, right = block >> 32, block & 0xFFFFFFFF
        for fl_left, fl_right, fo_first, fo_second in self._rounds:
            left = _fl(left, fl_left)
            right = _fl(right, fl_right)
            right ^= _fo(left, fo_first)
            left ^= _fo(right, fo_second)
        fl_left, fl_right = self._last
        return _fl(right, fl_right) << 32 | _fl(left, fl_left)

    def decrypt(self, block: int) -> int:
        """The plain 64-bit block."""
        fl_left, fl_right = self._last
        right = _fl_inverse(block >> 32, fl_right)
        left = _fl_inverse(block & 0xFFFFFFFF, fl_left)
        for fl_left, fl_right, fo_first, fo_second in self._backwards:
            left ^= _fo(right, fo_second)
            right ^= _fo(left, fo_first)
            left = _fl_inverse(left, fl_left)
            right = _fl_inverse(right, fl_right)
        return left << 32 | right

    @cached_property
    def _backwards(self) -> list[RoundKeys]:
        return self._rounds[::-1]


def _fi(x: int, key: int) -> int:
    y = _FIRST_9[x >> 7] ^ _FIRST_7[x & 127] ^ key
    return _SECOND_7[y >> 9] ^ S9[y & 511]


def _fo(
    x: int,
    keys: FoKeys[int],
    first_9: tuple[int, ...] = _FIRST_9,
    first_7: tuple[int, ...] = _FIRST_7,
    second_7: tuple[int, ...] = _SECOND_7,
    s9: tuple[int, ...] = S9,
) -> int:
    # FI stands here three times in full: a call would cost more than its body, and this is where the time goes.
    ko1, ki1, ko2, ki2, ko3, ki3, ko4 = keys
    t0, t1 = x >> 16 ^ ko1, x & 0xFFFF
    y = first_9[t0 >> 7] ^ first_7[t0 & 127] ^ ki1
    t0 = second_7[y >> 9] ^ s9[y & 511] ^ t1
    t1 ^= ko2
    y = first_9[t1 >> 7] ^ first_7[t1 & 127] ^ ki2
    t1 = second_7[y >> 9] ^ s9[y & 511] ^ t0
    t0 ^= ko3
    y = first_9[t0 >> 7] ^ first_7[t0 & 127] ^ ki3
    t0 = second_7[y >> 9] ^ s9[y & 511] ^ t1
    return (t1 ^ ko4) << 16 | t0


def _fl(x: int, keys: FlKeys[int]) -> int:
    and_key, or_key = keys
    low = x & 0xFFFF ^ (x >> 16 & and_key)
    return x & 0xFFFF0000 ^ (low | or_key) << 16 | low


def _fl_inverse(x: int, keys: FlKeys[int]) -> int:
    and_key, or_key = keys
    high = x >> 16 ^ (x & 0xFFFF | or_key)
    return high << 16 | x & 0xFFFF ^ (high & and_key)


def fo_keys(k: Sequence[KeyT], expanded: Sequence[KeyT], i: int) -> FoKeys[KeyT]:
    """RFC 2994 section 2.2, the table of subkeys, for FO of round ``i`` (0 to 7)."""
    return (
        k[i],
        expanded[(i + 5) % 8],
        k[(i + 2) % 8],
        expanded[(i + 1) % 8],
        k[(i + 7) % 8],
        expanded[(i + 3) % 8],
        k[(i + 4) % 8],
    )


def fl_keys(k: Sequence[KeyT], expanded: Sequence[KeyT], i: int) -> FlKeys[KeyT]:
    """RFC 2994 section 2.2 for FL number ``i`` (0 to 9): the key that is ANDed, the key that is ORed."""
    if i % 2 == 0:
        return k[i // 2], expanded[(i // 2 + 6) % 8]
    return expanded[((i - 1) // 2 + 2) % 8], k[((i - 1) // 2 + 4) % 8]
