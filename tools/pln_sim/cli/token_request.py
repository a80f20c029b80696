"""What every token command is told: the options they share, and TokenRequest, which gathers the answers.

The key parameters stand in one table; ``--sgc`` and its like say what the meter has, ``--new-sgc`` and its like what a key
change gives it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any

import click

from meter_emu.shell import console
from meter_emu.shell.home import data_home

Command = Callable[..., Any]
MAXIMUM_COUNT = 100_000
_NUMBER = re.compile(r"-?[0-9]{1,20}|0x[0-9a-fA-F]{1,16}")


class WholeNumber(click.ParamType[int]):
    """A whole number in a range: ASCII digits, or hexadecimal ones behind 0x."""

    name = "number"

    def __init__(self, lowest: int, highest: int) -> None:
        self._lowest, self._highest = lowest, highest

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number; a usage error for anything else and for one out of range."""
        if isinstance(value, int):
            return value
        if not _NUMBER.fullmatch(value):
            self.fail(f"{value[:40]!r} is not a whole number", param, ctx)
        number = int(value, 16 if value.startswith("0x") else 10)
        if not self._lowest <= number <= self._highest:
            self.fail(f"{value} is not in the range {self._lowest} to {self._highest}", param, ctx)
        return number


@dataclass(frozen=True)
class KeyParameter:
    """One key parameter as an option."""

    name: str
    kind: click.ParamType[Any]
    metavar: str
    help: str
    can_change: bool = True
    """Whether a key change can give a meter another one."""


KEY_PARAMETERS = (
    KeyParameter("sgc", click.STRING, "SGC", "supply group code, 6 digits"),
    KeyParameter("ti", click.STRING, "TI", "tariff index, 2 digits"),
    KeyParameter("krn", WholeNumber(1, 9), "KRN", "key revision number, 1 to 9"),
    KeyParameter("kt", WholeNumber(0, 3), "KT", "key type: 0 initial, 1 default, 2 unique, 3 common"),
    KeyParameter("ken", WholeNumber(0, 255), "KEN", "key expiry number, 0 to 255; 255 never expires"),
    KeyParameter("base_date", click.STRING, "YEAR", "base date: 1993, 2014 or 2035"),
    KeyParameter("ea", click.STRING, "EA", "encryption algorithm: 07, 09 or 11", can_change=False),
    KeyParameter("dkga", click.STRING, "DKGA", "decoder key generation algorithm: 02, 03 or 04"),
)


@dataclass(frozen=True)
class TokenRequest:
    """What a token command was told, apart from the meter number and the token's own values."""

    home: Path
    at: datetime
    """When the token is issued, civil time."""
    count: int
    as_json: bool
    key_parameters: Mapping[str, Any] = field(default_factory=dict)
    """Those that were said; they win over what the key store knows of the meter."""
    key_file: str | None = None
    tables: Path | None = None


def output_options(command: Command) -> Command:
    """``--at``, ``--count``, ``--json`` and ``--home``; the command gets them as ``request``."""

    @wraps(command)
    def told(*, at: datetime | None, count: int, as_json: bool, home: str | None, **options: Any) -> Any:
        return command(request=TokenRequest(home_folder(home), at or console.now(), count, as_json), **options)

    return decorated(
        told,
        console.at_option,
        click.option(
            "--count",
            type=WholeNumber(1, MAXIMUM_COUNT),
            default=1,
            metavar="N",
            help="Make N tokens, each with a TID of its own.",
        ),
        console.json_option,
        home_option,
    )


def meter_options(command: Command) -> Command:
    """The argument DRN, the meter's key parameters, ``--key-file``, ``--tables`` and all of ``output_options``."""

    @wraps(command)
    def told(*, request: TokenRequest, key_file: str | None, tables: Path | None, **options: Any) -> Any:
        said = given(options, prefix="")
        return command(request=replace(request, key_parameters=said, key_file=key_file, tables=tables), **options)

    return decorated(output_options(told), drn_argument, *KEY_SOURCE_OPTIONS)


def key_options(prefix: str, whose: str) -> Callable[[Command], Command]:
    """An option ``--PREFIXname`` for each key parameter; with a prefix, for each one that a key change can change."""

    def decorate(command: Command) -> Command:
        return decorated(
            command,
            *(
                click.option(
                    f"--{prefix}{parameter.name.replace('_', '-')}",
                    type=parameter.kind,
                    metavar=parameter.metavar,
                    help=f"{whose}{parameter.help}.",
                )
                for parameter in KEY_PARAMETERS
                if parameter.can_change or not prefix
            ),
        )

    return decorate


def given(options: dict[str, Any], prefix: str) -> dict[str, Any]:
    """Take the key parameters with ``prefix`` out of ``options``; those that were said, by their plain names.

    >>> options = {"new_ti": "02", "new_krn": None, "rollover": False}
    >>> given(options, "new_"), options
    ({'ti': '02'}, {'rollover': False})
    """
    taken = {parameter.name: options.pop(prefix + parameter.name, None) for parameter in KEY_PARAMETERS}
    return {name: value for name, value in taken.items() if value is not None}


def decorated(command: Command, *decorators: Callable[[Command], Command]) -> Command:
    """The command with all decorators; the help shows their options in the order they stand here."""
    for decorator in reversed(decorators):
        command = decorator(command)
    return command


def home_folder(option: str | None) -> Path:
    """The folder this command was told, else the one ``pln-sim`` was told, else the default."""
    return data_home(option or click.get_current_context().find_root().params.get("home"))


drn_argument = click.argument("drn", type=console.MeterNumber(), metavar="DRN")
home_option = click.option("--home", metavar="DIR", help="Keep files in DIR, as behind pln-sim itself.")
KEY_SOURCE_OPTIONS: tuple[Callable[[Command], Command], ...] = (
    key_options("", "Meter's "),
    click.option("--key-file", metavar="FILE", help="Key store (TOML, mode 0600); default: keys.toml in the home, if any."),
    click.option("--tables", type=click.Path(path_type=Path), metavar="FILE", help="STA tables for EA07 (JSON)."),
)
"""Where the key of a meter comes from: its parameters, the key file, the tables of its algorithm."""
