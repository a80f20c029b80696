"""``pln-sim message``: the gateway's messages by hand. A stream explained field by field, and built from what was explained;
what fields there are.
"""

from __future__ import annotations

import json
import sys
from json import JSONDecodeError
from typing import TYPE_CHECKING, Any

import click

from meter_emu.shell import console

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pln_sim.gateway.messages.codes import Mti
    from pln_sim.gateway.messages.explain import Explanation

CLOSING = b"\r\n\xff"
"""What may stand behind a stream in a file: the byte that closes it on the wire, an editor's line end."""
SLACK = 16
"""Bytes of CLOSING to put up with."""
LONGEST_JSON = 1 << 20
COLUMNS = (("byte", 4), ("field", 5), ("name", 43), ("type", 6), ("text", 20))
"""The titles and widths of the columns before the note."""


class MessageType(click.ParamType[Any]):
    """The type of a message, like ``2200``."""

    name = "mti"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The Mti; a usage error for anything else."""
        from pln_sim.gateway.messages.codes import Mti

        if value not in list(Mti):
            self.fail(f"{value[:20]!r} is none of {', '.join(Mti)}", param, ctx)
        return Mti(value)


@click.group()
def message() -> None:
    """Messages between a switching and the gateway (ISO 8583)."""


@message.command()
@click.argument("file", type=console.PATH, metavar="FILE|-")
@console.json_option
def explain(file: Path, as_json: bool) -> None:
    """Take a message apart, field by field.

    FILE holds one stream, with its closing byte 0xFF or without. Exit 1 for a stream that is no message, and, after printing
    it, for one with a value that the gateway answers with 0030.
    """
    from pln_sim.gateway.framing import LONGEST_MESSAGE
    from pln_sim.gateway.messages.errors import MessageError
    from pln_sim.gateway.messages.explain import explain as explained
    from pln_sim.gateway.messages.stream import read

    stream = _read(file, LONGEST_MESSAGE + SLACK).rstrip(CLOSING)
    if not stream:
        raise console.Failure(f"{_named(file)} is empty: expected one message, as `message build` makes it")
    try:
        explanation = explained(read(stream))
    except MessageError as error:
        raise console.Failure(f"improper message: {error}") from None
    if as_json:
        from pln_sim.gateway.messages.json_form import to_json

        console.echo_json(to_json(explanation))
    else:
        for line in _lines(explanation):
            click.echo(line)
    if explanation.fault is not None:
        raise console.Failure(f"invalid value, response code 0030: {explanation.fault}")


@message.command()
@click.argument("file", type=console.PATH, metavar="FILE|-")
@click.option("--frame", "is_framed", is_flag=True, help="Close the stream with the byte 0xFF, ready to be sent.")
def build(file: Path, is_framed: bool) -> None:
    """Build a message from JSON as `explain --json` prints it.

    The stream goes to stdout, without a line end. What counts is "mti", the "text" of each field and, if given, "bit_map";
    {"mti": "2800", "fields": {"local_time": "20261122100000", "action_code": "301", "switcher_id": "10000D3"}} will do. Short
    texts are padded, and fields with a default (see `message fields`) may be left out. Invalid values are built all the same,
    with a warning: they are what a test may want.
    """
    from pln_sim.gateway.framing import frame
    from pln_sim.gateway.messages.errors import UnbuildableMessage
    from pln_sim.gateway.messages.json_form import from_json
    from pln_sim.gateway.messages.stream import write

    text = _read(file, LONGEST_JSON)
    if not text.strip():
        raise console.Failure(f"{_named(file)} is empty: expected JSON, as `message explain --json` prints it")
    try:
        built = from_json(json.loads(text))
        stream = write(built)
    except UnbuildableMessage as error:
        raise console.Failure(f"no message: {error}") from None
    except (ValueError, RecursionError) as error:
        # Python has its own words for a number that it would take too long to read.
        is_plain = isinstance(error, JSONDecodeError | UnicodeDecodeError)
        raise console.Failure(f"no JSON: {error if is_plain else 'a number is too long, or it is too deep'}") from None
    if built.fault is not None:
        console.warn(f"invalid value, response code 0030: {built.fault}")
    sys.stdout.buffer.write(frame(stream) if is_framed else stream)
    sys.stdout.flush()


@message.command()
@click.argument("mti", type=MessageType(), metavar="[MTI]", required=False)
@console.json_option
def fields(mti: Mti | None, as_json: bool) -> None:
    """List the messages, or the fields of one.

    MTI is its type, like 2200. NAME is what a field is called in JSON, PADDING how a shorter text is brought to its length,
    DEFAULT what stands there if nothing else is said, SENT whether each such message has it or only one with response code
    0000. All bytes of a message are listed: those without a name are never a value.
    """
    from pln_sim.cli.message_fields import print_fields, print_messages

    if mti is None:
        print_messages(as_json)
    else:
        print_fields(mti, as_json)


def _read(file: Path, maximum_bytes: int) -> bytes:
    """What a file begins with, or standard input."""
    with console.open_input(file) as opened:
        content: bytes = opened.read(maximum_bytes)
    return content


def _named(file: Path) -> str:
    return "standard input" if file == console.STANDARD_INPUT else str(file)


def _lines(explanation: Explanation) -> Iterator[str]:
    layout = explanation.message.layout
    yield f"{layout.mti} {layout.title}, {layout.sender} to {layout.receiver}, {explanation.length} bytes"
    yield ""
    yield _line([title for title, _ in COLUMNS], "meaning")
    for row in explanation.rows:
        # Quotes show the blanks at a text's end.
        text = f'"{row.text}"' if row.text != row.text.strip(" ") else row.text
        kind = f"{row.kind.letters:<3} {row.length:>2}"
        yield _line([f"{row.position:>4}", row.number, row.title, kind, text], row.note)


def _line(cells: list[str], note: str) -> str:
    columns = (f"{cell:<{width}}" for cell, (_, width) in zip(cells, COLUMNS, strict=True))
    return "  ".join([*columns, note]).rstrip()
