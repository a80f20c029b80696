"""The tables of the standard transfer algorithm: a parameter, since each maker gets the real ones from the STS Association.

The standard prints a sample set (IEC 62055-41 6.5.4), which is the default here. Another set comes from a JSON file:

    {"permutation": [64 numbers], "substitution": [[16 numbers], [16 numbers]]}

Each list is checked to be a permutation; the inverses are computed. For speed a substitution and the permutation that
follows it are merged into tables of whole bytes: one look-up gives all 64 output bits that eight input bits decide.

>>> StaTables.from_json('{"permutation": [0, 0], "substitution": [[], []]}')
Traceback (most recent call last):
    ...
meter_emu.sts.errors.FormatError: STA tables: "permutation" must hold each number from 0 to 63 once
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from meter_emu.sts.errors import FormatError

ByteTable = tuple[int, ...]
"""256 values of 64 bits: what a byte at one position turns into."""
Layer = tuple[tuple[ByteTable, ...], ...]
"""For each of 8 byte positions, 4 byte tables: one for each pair of S-box choices (low nibble's + 2 x high nibble's)."""

IDENTITY_PERMUTATION = tuple(range(64))
IDENTITY_BOXES = (tuple(range(16)),) * 2


@dataclass(frozen=True)
class StaTables:
    """One set: where bit i goes, and the two S-boxes."""

    permutation: tuple[int, ...]
    substitution: tuple[tuple[int, ...], tuple[int, ...]]

    def __post_init__(self) -> None:
        _require_permutation(self.permutation, 64, '"permutation"')
        if len(self.substitution) != 2:
            raise FormatError('STA tables: "substitution" must hold two lists', field="substitution")
        for number, box in enumerate(self.substitution):
            _require_permutation(box, 16, f'"substitution" list {number + 1}')

    @classmethod
    def from_json(cls, text: str) -> "StaTables":
        """Tables from the text of a file; FormatError that says what is wrong with it."""
        try:
            document = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise FormatError(f"STA tables: not JSON: {error}") from None
        return cls.from_document(document)

    @classmethod
    def from_document(cls, document: object) -> "StaTables":
        """Tables from parsed JSON; FormatError that says what is wrong with it."""
        if not isinstance(document, dict):
            raise FormatError('STA tables: expected an object with "permutation" and "substitution"')
        permutation, substitution = document.get("permutation"), document.get("substitution")
        if not isinstance(permutation, list):
            raise FormatError('STA tables: "permutation" must be a list of 64 numbers', field="permutation")
        if not isinstance(substitution, list) or len(substitution) != 2:
            raise FormatError('STA tables: "substitution" must be two lists of 16 numbers', field="substitution")
        first, second = (tuple(box) if isinstance(box, list) else () for box in substitution)
        return cls(tuple(permutation), (first, second))

    @cached_property
    def encryption_layer(self) -> Layer:
        """Substitute, then permute: a whole encryption round."""
        return _layer(self.substitution, self.permutation)

    @cached_property
    def inverse_permutation_layer(self) -> Layer:
        """The permutation undone, nothing substituted: how a decryption starts."""
        return _layer(IDENTITY_BOXES, _inverse(self.permutation))

    @cached_property
    def decryption_layer(self) -> Layer:
        """Substitution undone, then the permutation of the round before undone."""
        return _layer(self.inverse_boxes, _inverse(self.permutation))

    @cached_property
    def inverse_substitution_layer(self) -> Layer:
        """Substitution undone, nothing permuted: how a decryption ends."""
        return _layer(self.inverse_boxes, IDENTITY_PERMUTATION)

    @property
    def inverse_boxes(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The two S-boxes undone."""
        first, second = self.substitution
        return _inverse(first), _inverse(second)


def _inverse(permutation: Sequence[int]) -> tuple[int, ...]:
    inverse = [0] * len(permutation)
    for index, target in enumerate(permutation):
        inverse[target] = index
    return tuple(inverse)


def _require_permutation(numbers: Sequence[object], size: int, name: str) -> None:
    if any(type(number) is not int for number in numbers) or set(numbers) != set(range(size)) or len(numbers) != size:
        message = f"STA tables: {name} must hold each number from 0 to {size - 1} once"
        raise FormatError(message, field=name.split('"')[1])


def _layer(boxes: Sequence[Sequence[int]], permutation: Sequence[int]) -> Layer:
    targets = [1 << bit for bit in permutation]
    nibbles = []
    for position in range(16):
        of_bit = targets[4 * position : 4 * position + 4]
        spread = [sum(of_bit[bit] for bit in range(4) if value >> bit & 1) for value in range(16)]
        nibbles.append([[spread[value] for value in box] for box in boxes])
    return tuple(
        tuple(tuple([high + low for high in nibbles[n + 1][pair >> 1] for low in nibbles[n][pair & 1]]) for pair in range(4))
        for n in range(0, 16, 2)
    )


SAMPLE_TABLES = StaTables(
    permutation=(
        29, 27, 34, 9, 16, 62, 55, 2, 40, 49, 38, 25, 33, 61, 30, 23,
        1, 41, 21, 57, 42, 15, 5, 58, 19, 53, 22, 17, 48, 28, 24, 39,
        3, 60, 36, 14, 11, 52, 54, 12, 31, 51, 10, 26, 0, 45, 37, 43,
        44, 6, 59, 4, 7, 35, 56, 50, 13, 18, 32, 47, 46, 63, 20, 8,
    ),
    substitution=(
        (12, 10, 8, 4, 3, 15, 0, 2, 14, 1, 5, 13, 6, 9, 7, 11),
        (6, 9, 7, 4, 3, 10, 12, 14, 2, 13, 1, 15, 0, 11, 8, 5),
    ),
)  # fmt: skip
"""The sample set of the standard. Production meters use others."""
