"""Layout, one kind of message: its fields in order, its bit maps, and where in the stream each field stands.

Every field has a fixed length, and what only a successful response carries comes last in element 48. So each field has one
position, whatever the response code says. A message is therefore a pattern that its stream matches as a whole, and a template
that its texts are put into.

>>> from pln_sim.gateway.messages.table import LAYOUTS
>>> sign_on = LAYOUTS[Mti.NETWORK_REQUEST]
>>> sign_on.templates[False]
'2800%s%s%s007%s'
>>> sign_on.patterns[False].fullmatch("280000100000010100002008050207230000100710000D3").groups()
('0010000001010000', '20080502072300', '001', '10000D3')
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from typing import Any

from pln_sim.gateway.messages.codes import Mti, ResponseCode
from pln_sim.gateway.messages.errors import Place
from pln_sim.gateway.messages.field import Element, Field, Kind

MTI_LENGTH = 4
BIT_MAP_LENGTH = 16
HEAD_LENGTH = MTI_LENGTH + BIT_MAP_LENGTH
BITS = 4 * BIT_MAP_LENGTH

Parts = Mapping[Element, tuple[Field[Any], ...]]
"""The fields of each element."""
Prefixes = Mapping[Element, tuple[int, str]]
"""The position and the digits of the length in front of each element that has one."""
InOrder = Callable[[Mapping[str, str]], tuple[str, ...]]
"""Takes texts by name and hands out those of some fields in their order."""


@dataclass(frozen=True, eq=False)
class Layout:
    """A message type. ``always`` are its fields in order, ``if_successful`` those that follow when the response code is 0000.

    ``answers`` is the type of the request it responds to and ``codes`` what it may respond with; a request has neither.
    ``announced_in_vain`` is a field whose bit the document sets although the message never carries it.
    """

    mti: Mti
    always: tuple[Field[Any], ...]
    if_successful: tuple[Field[Any], ...] = ()
    answers: Mti | None = None
    codes: tuple[ResponseCode, ...] = ()
    announced_in_vain: int | None = None

    @property
    def title(self) -> str:
        """The document's name for it."""
        return self.mti.meaning

    @property
    def sender(self) -> str:
        """Who sends it."""
        return "GATEWAY" if self.answers else "SWITCHING"

    @property
    def receiver(self) -> str:
        """Who gets it."""
        return "SWITCHING" if self.answers else "GATEWAY"

    @cached_property
    def fields(self) -> tuple[Field[Any], ...]:
        """All fields it can have, in order."""
        return self.always + self.if_successful

    def fields_if(self, is_successful: bool) -> tuple[Field[Any], ...]:
        """The fields it has when its response code is 0000, or another."""
        return self.fields if is_successful else self.always

    @cached_property
    def index(self) -> Mapping[str, int]:
        """The place of each field among ``fields``, by name."""
        return {field.name: place for place, field in enumerate(self.fields)}

    @cached_property
    def names(self) -> tuple[frozenset[str], frozenset[str]]:
        """The names of its fields: when it is not successful, and when it is."""
        return frozenset(field.name for field in self.always), frozenset(field.name for field in self.fields)

    @cached_property
    def in_order(self) -> tuple[InOrder, InOrder]:
        """Take the texts of its fields out of texts by name: when it is not successful, and when it is."""
        return itemgetter(*(field.name for field in self.always)), itemgetter(*(field.name for field in self.fields))

    @cached_property
    def judged(self) -> tuple[tuple[Field[Any], ...], tuple[Field[Any], ...]]:
        """The fields in which characters of the right kind may still mean nothing, as a date does: the groups of ``sound``."""
        refused, successful = (
            tuple(field for field in self.fields_if(is_successful) if not field.coding.is_free)
            for is_successful in (False, True)
        )
        return refused, successful

    @cached_property
    def sound(self) -> tuple[re.Pattern[str], re.Pattern[str]]:
        """What the texts of its fields, one behind the other, match if all their characters are of the right kind."""
        refused, successful = (
            re.compile("".join(field.pattern for field in self.fields_if(is_successful))) for is_successful in (False, True)
        )
        return refused, successful

    @cached_property
    def defaults(self) -> Mapping[str, str]:
        """The texts that the document always sets, by name."""
        return {field.name: field.default for field in self.always if field.default is not None}

    @cached_property
    def parts(self) -> tuple[Parts, Parts]:
        """Its elements in order, each with its fields: when it is not successful, and when it is."""
        refused, successful = (
            {element: tuple(fields) for element, fields in groupby(self.fields_if(is_successful), lambda field: field.element)}
            for is_successful in (False, True)
        )
        return refused, successful

    @cached_property
    def numbers(self) -> tuple[int, ...]:
        """The ISO numbers of the elements it carries, ascending."""
        return tuple(element.number for element in self.parts[True])

    @cached_property
    def bit_maps(self) -> tuple[str, ...]:
        """The bit maps it may have: the document's own, then the honest one if that is another."""
        honest = bit_map(self.numbers)
        if self.announced_in_vain is None:
            return (honest,)
        return bit_map((*self.numbers, self.announced_in_vain)), honest

    @cached_property
    def positions(self) -> Mapping[str, int]:
        """The byte at which each field starts, by name."""
        positions, position = {}, HEAD_LENGTH
        for element, fields in self.parts[True].items():
            position += element.length_digits
            for field in fields:
                positions[field.name] = position
                position += field.length
        return positions

    @cached_property
    def prefixes(self) -> tuple[Prefixes, Prefixes]:
        """The lengths in front of its elements: when it is not successful, and when it is."""
        refused, successful = (
            {
                element: (self.positions[fields[0].name] - element.length_digits, length_prefix(element, fields))
                for element, fields in parts.items()
                if element.length_digits
            }
            for parts in self.parts
        )
        return refused, successful

    @cached_property
    def templates(self) -> tuple[str, str]:
        """The stream with ``%s`` for bit map and each field: when it is not successful, and when it is."""
        refused, successful = (
            f"{self.mti}%s" + "".join(length_prefix(element, fields) + "%s" * len(fields) for element, fields in parts.items())
            for parts in self.parts
        )
        return refused, successful

    @cached_property
    def patterns(self) -> tuple[re.Pattern[str], re.Pattern[str]]:
        """The same as patterns: the groups are the bit map and the printable text of each field."""
        refused, successful = (
            re.compile(template % (f"({'|'.join(self.bit_maps)})", *(f"([ -~]{{{length}}})" for length in lengths)))
            for template, lengths in zip(self.templates, self.lengths, strict=True)
        )
        return refused, successful

    @cached_property
    def lengths(self) -> tuple[list[int], list[int]]:
        """The lengths of its fields in order: when it is not successful, and when it is."""
        return [field.length for field in self.always], [field.length for field in self.fields]

    def place(self, field: Field[Any], offset: int = 0) -> Place:
        """Where the character ``offset`` of what ``Field.decode`` is given for ``field`` stands."""
        if field.decimals_in is not None:
            # An amount is read together with its minor unit in front.
            if offset < field.decimals_in.length:
                return self.place(field.decimals_in, offset)
            offset -= field.decimals_in.length
        return Place(self.mti, field.element.number, field.place, field.name, self.positions[field.name] + offset)


def bit_map(numbers: tuple[int, ...]) -> str:
    """The bit map that announces these elements, in hexadecimal: bit 1 is the leftmost.

    >>> bit_map((12, 40, 48))
    '0010000001010000'
    """
    return f"{sum(1 << BITS - number for number in numbers):0{BIT_MAP_LENGTH}X}"


def announced(bits: str) -> list[int]:
    """The numbers of the elements that a bit map announces. ValueError if it is not 16 hexadecimal digits.

    >>> announced("0010000001010000")
    [12, 40, 48]
    """
    if len(bits) != BIT_MAP_LENGTH or Kind.H.foreign.search(bits):
        raise ValueError(f"a bit map is {BIT_MAP_LENGTH} hexadecimal digits, not {bits!r:.50}")
    number = int(bits, 16)
    return [bit for bit in range(1, BITS + 1) if number >> BITS - bit & 1]


def length_prefix(element: Element, fields: tuple[Field[Any], ...]) -> str:
    """The digits in front of an element that consists of ``fields``: ``007``; nothing where the length is fixed."""
    length = sum(field.length for field in fields)
    return f"{length:0{element.length_digits}}" if element.length_digits else ""
