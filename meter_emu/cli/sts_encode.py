"""``meter-emu sts encode``: any token of the standard, or every section of a key change, from options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from meter_emu.cli.key_choice import KeyChoice, KeyOptions, key_options, new_key_options, say_test_keys
from meter_emu.shell import console
from meter_emu.shell.key_options import NEW, WholeNumber
from meter_emu.sts.errors import FormatError

if TYPE_CHECKING:
    from meter_emu.sts.tokens import Token

KEY_CHANGE = "key_change"
KEY_SECTION_ENDING = "_section_decoder_key"
VALUES: tuple[tuple[str, type | click.ParamType[int], str], ...] = (
    ("amount", str, "Credits: how much, like 25.6; at most one decimal place."),
    ("mpl", WholeNumber(), "set_maximum_power_limit: the limit in W."),
    ("mppul", WholeNumber(), "set_maximum_phase_power_unbalance_limit: the limit in W."),
    ("register", WholeNumber(), "clear_credit: the register to clear, 0xffff for all."),
    ("rate", WholeNumber(), "set_tariff_rate: the rate."),
    ("wmf", WholeNumber(), "set_water_meter_factor: the factor."),
    ("pad", WholeNumber(), "clear_tamper_condition: the padding. Default: 0."),
    ("control", WholeNumber(), "meter_test_mfr2, meter_test_mfr4: one bit for each test."),
    ("mfr_code", str, "meter_test_mfr2, meter_test_mfr4: the maker, 2 or 4 digits."),
)
"""The options for what a token says: the name of its field, the type, what it is."""


def _value_options(command: console.CallableT) -> console.CallableT:
    for name, kind, description in reversed(VALUES):
        command = click.option(_option(name), name, type=kind, help=description)(command)
    return command


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


@click.command()
@click.argument("token_type")
@click.option(
    "--issue", "--at", "issue", type=console.CivilTime(), metavar="TIME",
    help="When it is issued, a local civil time like 2026-11-22T08:30. Default: now.",
)  # fmt: skip
@click.option("--tid", type=WholeNumber(), help="The token identifier itself, in place of a time.")
@click.option("--rnd", type=WholeNumber(), help="0 to 15. Default: random.")
@_value_options
@new_key_options
@key_options
@console.json_option
def encode(token_type: str, keys: KeyOptions, as_json: bool, **given: Any) -> None:
    """Make a token: 20 digits.

    TOKEN_TYPE is one of electricity_credit, water_credit, gas_credit, time_credit, electricity_currency_credit,
    water_currency_credit, gas_currency_credit, time_currency_credit, meter_test_mfr2, meter_test_mfr4,
    set_maximum_power_limit, clear_credit, set_tariff_rate, set_1st_section_decoder_key, set_2nd_section_decoder_key,
    set_3rd_section_decoder_key, set_4th_section_decoder_key, clear_tamper_condition,
    set_maximum_phase_power_unbalance_limit, set_water_meter_factor; or key_change, every section of a key change, one a
    line.

    \b
    meter-emu sts encode electricity_credit --meter 12345678911 --amount 25.6
    meter-emu sts encode key_change --meter 12345678911 --new-ti 02
    """
    from meter_emu.sts.rows import decoded_object, require_unexpired
    from meter_emu.sts.tokens.codec import encode as digits_of

    name = token_type.replace("-", "_")
    values = {field: value for field, value in given.items() if value is not None}
    if "issue" in values:
        values["issue"] = values["issue"].isoformat()
    tokens, choice = _key_change(name, values, keys) if _changes_a_key(name) else _token(name, values, keys)
    for token in tokens:
        if choice is not None:
            require_unexpired(token, choice.card.ken)
        digits = digits_of(token, choice.key.cipher(choice.tables) if choice else None)
        base_date = choice.card.parameters.base_date if choice else None
        if as_json:
            console.echo_json({"token": digits, **decoded_object(token, base_date)})
        else:
            click.echo(digits)


def _changes_a_key(name: str) -> bool:
    return name == KEY_CHANGE or name.endswith(KEY_SECTION_ENDING)


def _token(name: str, values: dict[str, object], keys: KeyOptions) -> tuple[tuple[Token, ...], KeyChoice | None]:
    """The one token that the options describe, and the key for it, if it needs one."""
    from meter_emu.sts.rows import requested_token
    from meter_emu.sts.tokens.layout import LAYOUT_OF_TYPE, TokenType

    layout = LAYOUT_OF_TYPE[TokenType(name)]
    names = {field.name for field in layout.fields}
    takes = names | {"issue"} if layout.has_tid else names
    for field in sorted(values.keys() - takes):
        raise FormatError(f"{name} takes no {_option(field)}", field=field)
    inputs = {"pad": 0} | values
    for field in sorted(names - inputs.keys() - {"rnd", "tid"}):
        raise FormatError(f"{name} needs {_option(field)}", field=field)
    choice = keys.choice() if layout.is_encrypted else None
    if choice is not None:
        inputs = _identity(choice) | inputs
    return (requested_token({"token_type": name, "inputs": inputs}),), choice


def _identity(choice: KeyChoice) -> dict[str, object]:
    """What tells a token from another of its kind, where the options do not say: now, and four random bits."""
    import secrets

    from meter_emu.sts.tokens.layout import RANDOM_NUMBERS

    return {
        "issue": console.now().isoformat(),
        "base_date": choice.card.parameters.base_date.value,
        "rnd": secrets.randbelow(RANDOM_NUMBERS),
    }


def _key_change(name: str, values: Mapping[str, object], keys: KeyOptions) -> tuple[tuple[Token, ...], KeyChoice]:
    """The sections of a key change, or the one that is named, and the key the meter has now."""
    from meter_emu.sts.tokens import NewKey, TokenType, key_change_tokens

    section = None if name == KEY_CHANGE else TokenType(name)
    for field in values:
        if not field.startswith(NEW):
            raise FormatError(f"{name} takes no {_option(field)}: what is new is said with --new-...", field=field)
    changes = {field.removeprefix(NEW): value for field, value in values.items()}
    if not changes:
        raise FormatError(f"{name} needs what is new, like --new-ti 02", field="new_key")
    old = keys.choice()
    changed = old.changed(changes)
    if changed.is_test_key and not old.is_test_key:
        say_test_keys(changed)
    parameters = changed.card.parameters
    tokens = key_change_tokens(
        NewKey(
            key=changed.key,
            sgc=parameters.sgc,
            ti=parameters.ti,
            kt=parameters.kt,
            krn=parameters.krn,
            ken=changed.card.ken,
            rollover=parameters.base_date is not old.card.parameters.base_date,
        )
    )
    chosen = tuple(token for token in tokens if section in (None, token.token_type))
    if not chosen:
        raise FormatError("a 64-bit key has no 3rd and 4th section", field="token_type")
    return chosen, old
