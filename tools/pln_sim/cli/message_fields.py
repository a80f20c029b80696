"""``pln-sim message fields``: the layouts of the messages, printed from the one table that reads and builds them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import click

from meter_emu.shell import console
from pln_sim.gateway.messages.field import Kind
from pln_sim.gateway.messages.json_form import field_json
from pln_sim.gateway.messages.layout import BIT_MAP_LENGTH, HEAD_LENGTH, MTI_LENGTH
from pln_sim.gateway.messages.table import LAYOUTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pln_sim.gateway.messages.codes import Mti
    from pln_sim.gateway.messages.field import Element, Field
    from pln_sim.gateway.messages.layout import Layout

ALWAYS, IF_SUCCESSFUL = "always", "if 0000"
"""When a field is sent: in any case, or only with this response code."""
MESSAGES = (("type", 4), ("message", 38), ("sender", 9), ("receiver", 9), ("bytes", 10))
"""The titles and widths of the columns before the bit map."""
FIELDS = (("byte", 4), ("field", 5), ("name", 26), ("type", 6), ("padding", 11), ("unit", 4), ("default", 16), ("sent", 7))
"""The same before the meaning."""


class Row(NamedTuple):
    """A run of characters in the stream; without a name for what stands around the fields and is never a value."""

    position: int
    number: str
    name: str
    kind: Kind
    length: int
    padding: str
    unit: str
    default: str
    sent: str
    meaning: str


def print_messages(as_json: bool) -> None:
    """Print a line for each message."""
    if not as_json:
        click.echo(_line([title for title, _ in MESSAGES], MESSAGES, "bit map"))
    for layout in LAYOUTS.values():
        if as_json:
            console.echo_json(_summary(layout))
            continue
        sizes = " or ".join(map(str, _sizes(layout)))
        cells = [layout.mti.value, layout.title, layout.sender, layout.receiver, sizes]
        click.echo(_line(cells, MESSAGES, " or ".join(layout.bit_maps)))


def print_fields(mti: Mti, as_json: bool) -> None:
    """Print a line for each field of one message, in the order of the stream."""
    layout = LAYOUTS[mti]
    if as_json:
        console.echo_json(_summary(layout) | {"fields": {field.name: _field_json(layout, field) for field in layout.fields}})
        return
    sizes = " or ".join(map(str, _sizes(layout)))
    click.echo(f"{layout.mti} {layout.title}, {layout.sender} to {layout.receiver}, {sizes} bytes\n")
    click.echo(_line([title for title, _ in FIELDS], FIELDS, "meaning"))
    for row in _rows(layout):
        kind = f"{row.kind.letters:<3} {row.length:>2}"
        cells = [f"{row.position:>4}", row.number, row.name, kind, row.padding, row.unit, row.default, row.sent]
        click.echo(_line(cells, FIELDS, row.meaning))


def _rows(layout: Layout) -> Iterator[Row]:
    yield Row(0, "", "", Kind.N, MTI_LENGTH, "", "", layout.mti.value, ALWAYS, "Message Type Identifier")
    bits = layout.bit_maps[0]
    yield Row(MTI_LENGTH, "1", "", Kind.H, BIT_MAP_LENGTH, "", "", bits, ALWAYS, "Bit Map")
    for element, fields in layout.parts[True].items():
        if element.length_digits:
            yield _prefix_row(layout, element)
        for field in fields:
            yield Row(
                position=layout.positions[field.name],
                number=field.number,
                name=field.name,
                kind=field.kind,
                length=field.length,
                padding=field.padding.value.removesuffix("-padding"),
                unit=field.unit,
                default=field.default or "",
                sent=ALWAYS if field in layout.always else IF_SUCCESSFUL,
                meaning=field.meaning,
            )


def _prefix_row(layout: Layout, element: Element) -> Row:
    """The length in front of an element."""
    (position, refused), (_, successful) = (prefixes[element] for prefixes in layout.prefixes)
    length = refused if refused == successful else f"{refused} or {successful}"
    number, digits = str(element.number), element.length_digits
    return Row(position, number, "", Kind.N, digits, "", "", length, ALWAYS, element.length_title)


def _sizes(layout: Layout) -> list[int]:
    """Bytes of the stream: when it is not successful, and when it is if that differs."""
    sizes = (
        HEAD_LENGTH + sum(element.length_digits for element in parts) + sum(lengths)
        for parts, lengths in zip(layout.parts, layout.lengths, strict=True)
    )
    return sorted(set(sizes))


def _line(cells: list[str], columns: tuple[tuple[str, int], ...], last: str) -> str:
    padded = (f"{cell:<{width}}" for cell, (_, width) in zip(cells, columns, strict=True))
    return "  ".join([*padded, last]).rstrip()


def _summary(layout: Layout) -> dict[str, Any]:
    return {
        "mti": layout.mti.value,
        "title": layout.title,
        "sender": layout.sender,
        "receiver": layout.receiver,
        "answers": layout.answers and layout.answers.value,
        "lengths": _sizes(layout),
        "bit_maps": list(layout.bit_maps),
        "response_codes": [code.value for code in layout.codes],
    }


def _field_json(layout: Layout, field: Field[Any]) -> dict[str, Any]:
    """What is known of a field, by the names that ``message explain --json`` uses too."""
    return field_json(field, layout.positions[field.name]) | {
        "unit": field.unit or None,
        "default": field.default,
        "only_if_successful": field not in layout.always,
        "decimals_in": field.decimals_in and field.decimals_in.name,
        "meaning": field.meaning,
    }
