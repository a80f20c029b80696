"""Field, a row of the table: a run of characters of fixed length inside a message, and how they turn into a value.

>>> private = Element(48, "Additional Private Data")
>>> power = Field("power", "Power", private, 10, Kind.N, 9, "Contracted power", NUMBER, Padding.ZERO_LEFT, "VA")
>>> power.number, power.decode("000000450"), power.spell(450)
('48:10', 450, {'power': '000000450'})
>>> power.decode("00000045O")
Traceback (most recent call last):
    ...
pln_sim.gateway.messages.field.BadText: must be digits, not 'O'
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from functools import cached_property, lru_cache
from typing import Generic, TypeVar

from pln_sim.gateway.messages.amount import Amount
from pln_sim.gateway.messages.codes import Code
from pln_sim.gateway.messages.errors import Place, UnbuildableMessage

T = TypeVar("T")
CodeT = TypeVar("CodeT", bound=Code)
_MOST_REMEMBERED = 1024
"""Texts and values of one field whose meaning is kept: a day's messages say the same few amounts, seconds and codes."""


class BadText(ValueError):
    """Characters that a field does not take; ``offset`` tells from which one on."""

    def __init__(self, why: str, offset: int = 0) -> None:
        super().__init__(why)
        self.offset = offset


class Kind(Enum):
    """The document's types, each with the characters it allows, as in a pattern's brackets, and a word for them.

    Blanks are allowed in ``an``: the document pads with them, and its subscriber's name holds one.
    """

    N = "n", "0-9", "digits"
    AN = "an", "0-9A-Za-z ", "letters, digits or spaces"
    ANS = "ans", " -~", "printable ASCII"
    H = "h", "0-9A-Fa-f", "hexadecimal"

    def __init__(self, letters: str, characters: str, word: str) -> None:
        self.letters = letters
        self.characters = characters
        self.foreign = re.compile(f"[^{characters}]")
        self.word = word


class Padding(Enum):
    """How a shorter text is brought to its field's length; the value is the document's word for it."""

    NONE = ""
    ZERO_LEFT = "zero left-padding"
    SPACE_RIGHT = "space right-padding"


_PAD: dict[Padding, Callable[[str, int], str]] = {
    Padding.NONE: lambda text, length: text,
    Padding.ZERO_LEFT: lambda text, length: text.rjust(length, "0"),
    Padding.SPACE_RIGHT: lambda text, length: text.ljust(length, " "),
}


@dataclass(frozen=True)
class Coding(Generic[T]):
    """How a text turns into a value and back. ``decode`` may raise ValueError; ``encode`` need not pad.

    ``recurs`` where the same few are said again and again, and working them out costs more than remembering them.
    ``is_free`` where all texts of the field's characters mean something, so ``decode`` never raises.
    """

    takes: type
    decode: Callable[[str], T]
    encode: Callable[[T], str]
    recurs: bool = True
    is_free: bool = False


@dataclass(frozen=True)
class Element:
    """An ISO 8583:2003 data element. ``length_digits`` digits in front tell its length; 0 where that is fixed."""

    number: int
    title: str
    length_title: str = ""
    length_digits: int = 0


@dataclass(frozen=True, eq=False)
class Field(Generic[T]):
    """One row. ``place`` is the number of the sub-field in its element; None for an element in one piece.

    ``unit`` is that of the value. ``decimals_in`` is the field right in front that holds this amount's minor unit. ``default``
    is what a message gets that names no other value.
    """

    name: str
    title: str
    element: Element
    place: int | None
    kind: Kind
    length: int
    meaning: str
    coding: Coding[T]
    padding: Padding = Padding.NONE
    unit: str = ""
    decimals_in: "Field[int] | None" = None
    default: T | None = None

    @property
    def number(self) -> str:
        """``2``, or ``48:5`` for a sub-field."""
        return f"{self.element.number}:{self.place}" if self.place else str(self.element.number)

    @property
    def pattern(self) -> str:
        """What a text of the right characters matches: a group if decoding may still find a fault."""
        characters = f"[{self.kind.characters}]{{{self.length}}}"
        return characters if self.coding.is_free else f"({characters})"

    @cached_property
    def decode(self) -> Callable[[str], T]:
        """Tells what a text means; for an amount the digit of its minor unit leads. BadText if it breaks the table's rule."""
        return lru_cache(_MOST_REMEMBERED)(self._decode) if self.coding.recurs else self._decode

    @cached_property
    def spell(self) -> Callable[[T], Mapping[str, str]]:
        """Tells the padded texts that say a value, by name: its own, and its minor unit's if it has one. UnbuildableMessage
        for a value of another type or too long."""
        return lru_cache(_MOST_REMEMBERED, typed=True)(self._spell) if self.coding.recurs else self._spell

    def fill(self, text: str) -> str:
        """``text`` padded to the field's length, whatever it says. UnbuildableMessage if it does not fit or print."""
        filled = _PAD[self.padding](text, self.length)
        if len(filled) != self.length:
            raise self._refusal(f"must be {self.length} characters, not {len(filled)}")
        if foreign := Kind.ANS.foreign.search(filled):
            raise self._refusal(f"must be {Kind.ANS.word}, not {foreign[0]!r}")
        return filled

    def _decode(self, text: str) -> T:
        if foreign := self.kind.foreign.search(text):
            raise BadText(f"must be {self.kind.word}, not {foreign[0]!r}", foreign.start())
        try:
            return self.coding.decode(text)
        except ValueError as error:
            raise BadText(str(error)) from None

    def _spell(self, value: T) -> Mapping[str, str]:
        if not isinstance(value, self.coding.takes):
            raise self._refusal(f"must be {self.coding.takes.__name__}, not {type(value).__name__}")
        try:
            text = self.coding.encode(value)
        except ValueError as error:
            raise self._refusal(str(error)) from None
        if self.decimals_in is None:
            return {self.name: self.fill(text)}
        return {self.decimals_in.name: text[0], self.name: self.fill(text[1:])}

    def _refusal(self, why: str) -> UnbuildableMessage:
        return UnbuildableMessage(why, Place(None, self.element.number, self.place, self.name))


def _moment(text: str) -> datetime:
    year, *others = text[:4], *(text[start : start + 2] for start in range(4, len(text), 2))
    try:
        return datetime(int(year), *map(int, others))  # type: ignore[arg-type]
    except ValueError:
        raise ValueError(f"no such moment: {text}") from None


def _digits_of_moment(moment: datetime) -> str:
    if moment.tzinfo is not None:
        raise ValueError("a local time has no zone")
    return f"{_digits_of_day(moment)}{moment:%H%M%S}"


def _digits_of_day(day: date) -> str:
    # %Y does not pad the year to four digits on every system.
    return f"{day.year:04}{day:%m%d}"


def always(text: str) -> Coding[str]:
    """The coding of a field in which the document allows one text only."""

    def decode(said: str) -> str:
        if said != text:
            raise ValueError(f"must be {text}, not {said}")
        return said

    return Coding(str, decode, str)


def code(codes: type[CodeT]) -> Coding[CodeT]:
    """The coding of a field that holds one of ``codes``."""
    members = {member.value: member for member in codes}

    def decode(text: str) -> CodeT:
        if text not in members:
            raise ValueError(f"{text} is none of {', '.join(members)}")
        return members[text]

    return Coding(str, decode, str)


TEXT: Coding[str] = Coding(str, str, str, recurs=False, is_free=True)
"""The characters as they stand."""
PADDED: Coding[str] = Coding(str, lambda text: text.rstrip(" "), str, recurs=False, is_free=True)
"""The characters without the blanks behind them."""
NUMBER: Coding[int] = Coding(int, int, str, is_free=True)
MOMENT: Coding[datetime] = Coding(datetime, _moment, _digits_of_moment)
"""CCYYMMDDhhmmss: local time without a zone, whole seconds."""
DAY: Coding[date] = Coding(date, lambda text: _moment(text).date(), _digits_of_day)
"""CCYYMMDD."""
AMOUNT: Coding[Amount] = Coding(
    Amount, lambda text: Amount(int(text[1:]), int(text[0])), lambda amount: f"{amount.decimals}{amount.value}", is_free=True
)
"""The minor unit's digit, then the value."""
