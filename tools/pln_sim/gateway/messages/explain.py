"""A message taken apart field by field: what ``pln-sim message explain`` prints. It walks the table that reads and builds.

>>> from pln_sim.gateway.messages.stream import read
>>> for row in explain(read(b"280000100000010100002008050207230000100710000D3")).rows:
...     print(f"{row.position:2} {row.number:4} {row.kind.letters:2} {row.length:2} {row.text:16} {row.note}".rstrip())
 0      n   4 2800             Network Management Request
 4 1    h  16 0010000001010000 fields 12, 40, 48
20 12   n  14 20080502072300   2008-05-02 07:23:00
34 40   n   3 001              sign-on
37 48   n   3 007              7 characters
40 48:1 an  7 10000D3
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from meter_emu.sts.numbers.digits import grouped
from pln_sim.gateway.messages.amount import Amount
from pln_sim.gateway.messages.codes import Code
from pln_sim.gateway.messages.errors import InvalidValue
from pln_sim.gateway.messages.field import Element, Field, Kind, Padding
from pln_sim.gateway.messages.layout import BIT_MAP_LENGTH, MTI_LENGTH, Layout, announced
from pln_sim.gateway.messages.message import Message, Value
from pln_sim.gateway.messages.table import CURRENCY, MINOR_UNITS, PAN, TOKEN

PROVIDER_DIGITS = 2


@dataclass(frozen=True)
class Row:
    """A run of characters in the stream. ``field`` is its row of the table; None for type, bit map and lengths.

    ``value`` is what the text means, None if it breaks the table's rule; ``note`` says it for a person, or what is wrong.
    """

    number: str
    field: Field[Any] | None
    title: str
    kind: Kind
    length: int
    position: int
    text: str
    value: Value | None
    note: str
    padding: Padding = Padding.NONE


@dataclass(frozen=True)
class Explanation:
    """A message, its rows in the order of the stream, and the first fault the gateway would answer 0030 to."""

    message: Message
    rows: tuple[Row, ...]
    fault: InvalidValue | None

    @property
    def length(self) -> int:
        """Bytes of the stream."""
        return sum(row.length for row in self.rows)


def explain(message: Message) -> Explanation:
    """The explanation of a message that was read, even of one with invalid values."""
    layout = message.layout
    rows = [_mti_row(layout), _bit_map_row(layout, message.bit_map)]
    fields = layout.fields[: len(message.texts)]
    for element, parts in groupby(fields, lambda field: field.element):
        rows += _element_rows(message, element, tuple(parts))
    return Explanation(message, tuple(rows), message.fault)


def _mti_row(layout: Layout) -> Row:
    return Row("", None, "Message Type Identifier", Kind.N, MTI_LENGTH, 0, layout.mti.value, layout.mti.value, layout.title)


def _bit_map_row(layout: Layout, bits: str) -> Row:
    numbers = announced(bits)
    note = f"fields {', '.join(map(str, numbers))}"
    for number in numbers:
        if number not in layout.numbers:
            note += f"; there is no field {number}"
    return Row("1", None, "Bit Map", Kind.H, BIT_MAP_LENGTH, MTI_LENGTH, bits, bits, note)


def _element_rows(message: Message, element: Element, fields: tuple[Field[Any], ...]) -> Iterator[Row]:
    positions = message.layout.positions
    prefixes = message.layout.prefixes[message.is_successful]
    if element in prefixes:
        position, prefix = prefixes[element]
        number, length = str(element.number), int(prefix)
        yield Row(number, None, element.length_title, Kind.N, len(prefix), position, prefix, length, f"{length} characters")
    for field in fields:
        try:
            value = message[field]
            note = _note(field, value, message.text(field))
        except InvalidValue as fault:
            value, note = None, fault.why
        yield Row(
            number=field.number,
            field=field,
            title=field.title,
            kind=field.kind,
            length=field.length,
            position=positions[field.name],
            text=message.text(field),
            value=value,
            note=note,
            padding=field.padding,
        )


def _note(field: Field[Any], value: Any, text: str) -> str:
    """What a value says beyond its text."""
    if field in MINOR_UNITS:
        return f"{value} decimals"
    if field in _NOTE_OF_FIELD:
        return _NOTE_OF_FIELD[field](value)
    for kind, note in _NOTE_OF_TYPE.items():
        if isinstance(value, kind):
            return note(field, value)
    return value if value != text else ""


def _amount_note(field: Field[Any], amount: Amount) -> str:
    # The Indonesian way, as on a slip: a dot for the thousands, a comma for the decimals.
    whole, dot, decimals = str(amount).partition(".")
    number = f"{int(whole):,}".replace(",", ".") + dot.replace(".", ",") + decimals
    return f"Rp {number}" if field.unit == "Rp" else f"{number} {field.unit}"


_NOTE_OF_FIELD: dict[Field[Any], Callable[[str], str]] = {
    PAN: lambda pan: f"billing provider {pan[:PROVIDER_DIGITS]}, product {pan[PROVIDER_DIGITS:]}",
    CURRENCY: lambda currency: "Indonesian Rupiah",
    TOKEN: grouped,
}
# datetime before date, of which it is a kind.
_NOTE_OF_TYPE: dict[type, Callable[[Field[Any], Any], str]] = {
    Code: lambda field, code: str(code.meaning),
    Amount: _amount_note,
    datetime: lambda field, moment: moment.isoformat(" "),
    date: lambda field, day: day.isoformat(),
    int: lambda field, number: f"{number} {field.unit}",
}
