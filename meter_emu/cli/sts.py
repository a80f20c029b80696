"""``meter-emu sts``: the codec by hand. Keys, tokens, a token explained, any number of rows.

Tokens are taken with spaces or dashes, as they are printed on slips; ``-`` reads one from standard input.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from meter_emu.cli.key_choice import (
    KeyChoice,
    KeyOptions,
    MeterOrPan,
    key_options,
    parameter_options,
    read_tables,
    tables_option,
)
from meter_emu.cli.sts_console import echo_aligned, show_keys_option, token_argument
from meter_emu.cli.sts_encode import encode
from meter_emu.cli.token_words import token_digits
from meter_emu.shell import console

if TYPE_CHECKING:
    from pathlib import Path

    from meter_emu.sts.explain import Explanation

NEVER_EXPIRES = 255
CHUNK = 64 * 1024
"""Octets that ``batch`` reads at most at a time; it answers what it has before it waits for more."""


@click.group()
def sts() -> None:
    """STS tokens by hand (IEC 62055-41): keys, codec, rows."""


sts.add_command(encode)


@sts.command()
@click.argument("drn", type=MeterOrPan(), metavar="DRN|PAN")
@parameter_options
@show_keys_option
@console.json_option
def key(keys: KeyOptions, show_keys: bool, as_json: bool) -> None:
    """Show a meter's key parameters and a key check value.

    Two sides that see the same key check value hold the same decoder key. The key itself is shown with --show-keys only.
    """
    choice = keys.choice()
    parameters, ken = choice.card.parameters, choice.card.ken
    shown = {
        "meter": (str(choice.card.drn), ""),
        "pan": (str(parameters.pan), ""),
        "sgc": (str(parameters.sgc), ""),
        "ti": (str(parameters.ti), ""),
        "kt": (int(parameters.kt), f"({parameters.kt.name.lower()})"),
        "krn": (int(parameters.krn), ""),
        "ken": (int(ken), "(never expires)" if ken == NEVER_EXPIRES else ""),
        "base_date": (parameters.base_date.value, ""),
        "ea": (parameters.ea.value, f"({parameters.ea.name})"),
        "dkga": (parameters.dkga.value, ""),
        "test_keys": (choice.is_test_key, ""),
        "key_check_value": (choice.check_value, ""),
    }
    if show_keys:
        shown["decoder_key_hex"] = choice.key.octets.hex(), ""
    if as_json:
        console.echo_json({name: value for name, (value, _) in shown.items()})
    else:
        echo_aligned((name, value, note) for name, (value, note) in shown.items())


@sts.command()
@token_argument
@key_options
@show_keys_option
@console.json_option
def decode(token: tuple[str, ...], keys: KeyOptions, show_keys: bool, as_json: bool) -> None:
    """Read a token: what it says, field by field.

    Exit 1 for a token that this key does not open, or whose key has expired.
    """
    from meter_emu.sts.rows import decoded_object, require_unexpired
    from meter_emu.sts.tokens.codec import open_block, split

    digits = token_digits(token)
    token_class, block = split(digits)
    choice = _key_for(token_class, keys)
    opened = open_block(token_class, block, choice.key.cipher(choice.tables) if choice else None)
    if choice is not None:
        require_unexpired(opened, choice.card.ken)
    base_date = choice.card.parameters.base_date if choice else None
    decoded = {"token": digits, **decoded_object(opened, base_date, show_keys=show_keys)}
    if as_json:
        console.echo_json(decoded)
    else:
        units = {field.name: field.unit for field in opened.layout.fields}
        echo_aligned((name, value, units.get(name, "")) for name, value in decoded.items())


@sts.command()
@token_argument
@key_options
@show_keys_option
@console.json_option
def explain(token: tuple[str, ...], keys: KeyOptions, show_keys: bool, as_json: bool) -> None:
    """Take a token apart, bit by bit.

    20 digits, 66 bits, the class bits that move, the block, its fields with their clauses, the CRC shown and
    computed. A token with a wrong CRC is shown as far as it can be read; exit 1 then. Parts of new keys are starred
    out.
    """
    from meter_emu.sts.explain import explain as explained
    from meter_emu.sts.tokens.codec import split

    digits = token_digits(token)
    token_class, _ = split(digits)
    choice = _key_for(token_class, keys)
    if choice is None:
        explanation = explained(digits, None)
    else:
        card = choice.card
        explanation = explained(
            digits, choice.key, tables=choice.tables, base_date=card.parameters.base_date, ken=card.ken, show_keys=show_keys
        )
    if as_json:
        console.echo_json(explanation.to_json())
    else:
        _echo_picture(explanation, _key_line(choice, keys) if choice else None)
    if explanation.refusal is not None:
        raise explanation.refusal


@sts.command()
@click.argument("file", type=console.PATH, default="-", metavar="[FILE|-]")
@tables_option
@show_keys_option
def batch(file: Path, tables_file: str | None, show_keys: bool) -> None:
    """Answer rows: JSON lines in, JSON lines out.

    Every row is answered in order, as soon as it comes. A row is {"id", "op": "encode" or "decode", "ea",
    "decoder_key_hex" or ("vending_key_hex", "dkga", "pan", "sgc", "ti", "kt", "krn", "base_date"), "ken", and
    "token_type", "inputs", "new_key" or "token"}. Its answer is {"id", "token"}, {"id", "decoded"} or
    {"id", "error": {"code", "message"}}. Times in rows are the utility's local time and are never shifted. Keys are
    in the answers with --show-keys only.

    Exit 0 when every row was answered, even if answers are errors.
    """
    from meter_emu.sts.batch import Batch

    answers = Batch(tables=read_tables(tables_file), show_keys=show_keys)
    out = sys.stdout.buffer
    with console.open_input(file) as rows:
        while octets := rows.read1(CHUNK):  # type: ignore[attr-defined]
            out.write(answers.feed(octets))
            out.flush()
    out.write(answers.close())
    out.flush()


def _key_for(token_class: int, keys: KeyOptions) -> KeyChoice | None:
    """The key for a token; none for class 1, which is the same for every meter."""
    from meter_emu.sts.tokens.layout import TokenClass

    return None if token_class == TokenClass.TEST_DISPLAY.value else keys.choice()


def _key_line(choice: KeyChoice, keys: KeyOptions) -> str:
    """Which key opens a token, in words."""
    parameters = choice.card.parameters
    check = f"key check value {choice.check_value}"
    if keys.decoder_key is not None:
        return f"with the decoder key given for EA{parameters.ea.value}, {check}"
    names = f"SGC {parameters.sgc}, TI {parameters.ti}, KRN {int(parameters.krn)}, DKGA{parameters.dkga.value}"
    return f"with the key of meter {choice.card.drn}: {names}, {check}"


def _echo_picture(explanation: Explanation, key_line: str | None) -> None:
    """The picture, in colour on a terminal."""
    from meter_emu.cli.token_picture import picture, plain_text

    lines = picture(explanation, key_line)
    if not sys.stdout.isatty():
        for line in lines:
            click.echo(plain_text(line))
        return
    from rich.console import Console
    from rich.text import Text

    terminal = Console(highlight=False, soft_wrap=True)
    for line in lines:
        terminal.print(Text.assemble(*line))
