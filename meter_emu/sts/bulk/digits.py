"""From 20 digits to a class and a block, for many tokens at once (IEC 62055-41 6.4.2): ``tokens.codec.split`` over arrays.

Four digits are read with a handful of operations on the 32 bits they stand in. 66 bits are two more than an array's numbers
have; but 10^8 = 5^8 x 2^8, so the first twelve digits times 5^8, with what the last eight hold above their lowest 8 bits
added, are the number without its lowest 8 bits, and that fits.

>>> parts = split(ascii_digits(["67540125520408448957", "9" * 20, "1234", "00000000000150997584"]))
>>> parts.refusal.tolist(), parts.token_class[[0, 3]].tolist(), f"{parts.block[0]:016x}"
([0, 2, 1, 0], [0, 1], 'a94eba51793d8fbd')
"""

from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from meter_emu.sts.bulk.arrays import Octets, Words
from meter_emu.sts.errors import CRCError, FormatError, StsError
from meter_emu.sts.tokens.codec import CLASS_LOW_BIT, TOKEN_BITS, TOKEN_DIGITS
from meter_emu.sts.tokens.layout import TokenClass

_CLASS_BITS = np.uint64(3 << CLASS_LOW_BIT)
_LOWEST_BITS = 8
"""Of the 66 bits of a number, those that its front leaves out."""
_FIVES = 5**_LOWEST_BITS


class Refusal(IntEnum):
    """Why digits are no token for a key; NONE where they are."""

    NONE = 0
    NOT_DIGITS = 1
    """Other than 20 digits 0 to 9."""
    TOO_LARGE = 2
    """2^66 or more."""
    RESERVED_CLASS = 3
    """Class 3."""
    WRONG_CRC = 4
    """The key does not open it."""
    NO_SUBCLASS = 5
    """The key opens it, and its class has no such subclass."""

    @property
    def error(self) -> type[StsError]:
        """What the single decoder raises for it."""
        return CRCError if self is Refusal.WRONG_CRC else FormatError


class Split(NamedTuple):
    """The parts of each token. Where ``refusal`` is not NONE the others mean nothing."""

    refusal: Octets
    token_class: Octets
    block: Words
    """As it was sent: encrypted, but for class 1."""
    front: Words
    """The 66-bit number without its lowest 8 bits. With the block it tells numbers apart."""

    def at(self, places: NDArray[np.intp]) -> "Split":
        """The parts of some of the tokens."""
        return Split(self.refusal[places], self.token_class[places], self.block[places], self.front[places])


def ascii_digits(tokens: Sequence[str]) -> Octets:
    """A row of 20 characters for each text. A text of another length becomes a row that is no digits."""
    if tokens and set(map(len, tokens)) != {TOKEN_DIGITS}:
        tokens = [token if len(token) == TOKEN_DIGITS else "?" * TOKEN_DIGITS for token in tokens]
    octets = "".join(tokens).encode("ascii", "replace")
    return np.frombuffer(octets, dtype=np.uint8).reshape(-1, TOKEN_DIGITS)


def split(digits: Octets) -> Split:
    """The class and the block in each row of 20 ASCII characters."""
    fours = np.ascontiguousarray(digits).view("<u4").T.astype(np.uint32, order="C") ^ np.uint32(0x30303030)
    # Adding 118 carries any byte over 9 into its top bit.
    carries = np.bitwise_or.reduce((fours + np.uint32(0x76767676)) | fours, axis=0) & np.uint32(0x80808080)
    pairs = (fours * np.uint32(10) + (fours >> np.uint32(8))) & np.uint32(0x00FF00FF)
    numbers = (pairs * np.uint32(100) + (pairs >> np.uint32(16))) & np.uint32(0x3FFF)
    g0, g1, g2, g3, g4 = numbers.astype(np.uint64)
    twelve = (g0 * np.uint64(10**4) + g1) * np.uint64(10**4) + g2
    eight = g3 * np.uint64(10**4) + g4
    front = twelve * np.uint64(_FIVES) + (eight >> np.uint64(_LOWEST_BITS))
    number = front << np.uint64(_LOWEST_BITS) | eight & np.uint64((1 << _LOWEST_BITS) - 1)
    token_class = (number >> np.uint64(CLASS_LOW_BIT) & np.uint64(3)).astype(np.uint8)
    moved = front >> np.uint64(64 - _LOWEST_BITS) << np.uint64(CLASS_LOW_BIT)
    block = number & ~_CLASS_BITS | moved & _CLASS_BITS
    refusal = np.where(token_class == TokenClass.RESERVED.value, np.uint8(Refusal.RESERVED_CLASS), np.uint8(Refusal.NONE))
    refusal[front >= np.uint64(1 << TOKEN_BITS - _LOWEST_BITS)] = Refusal.TOO_LARGE
    refusal[carries != 0] = Refusal.NOT_DIGITS
    return Split(refusal, token_class, block, front)
