"""What every token command is told: the options they share, and TokenRequest, which gathers the answers."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any

import click

from meter_emu.shell import console
from meter_emu.shell.errors import FileError
from meter_emu.shell.key_options import WholeNumber, decorated, given, key_options
from pln_sim.cli.database import db_option

Command = Callable[..., Any]
MAXIMUM_COUNT = 100_000


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
    rnd: int | None = None
    """The random number of the tokens; None draws one for each."""
    db: str | None = None
    """The vending database; None for the one in the home."""


home_option = click.option("--home", metavar="FOLDER", help="Folder with the databases and keys.toml.")
tables_option = click.option("--tables", type=console.PATH, metavar="FILE", help="STA tables for EA07 (JSON).")


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
    """The argument DRN, the meter's key parameters, ``--key-file``, ``--tables``, ``--db`` and all of ``output_options``."""

    @wraps(command)
    def told(
        *, request: TokenRequest, key_file: str | None, tables: Path | None, rnd: int | None, db: str | None, **options: Any
    ) -> Any:
        said = given(options)
        request = replace(request, key_parameters=said, key_file=key_file, tables=tables, rnd=rnd, db=db)
        return command(request=request, **options)

    return decorated(
        output_options(told),
        click.argument("drn", type=console.MeterNumber(), metavar="DRN"),
        key_options,
        tables_option,
        click.option(
            "--rnd", type=WholeNumber(0, 15), metavar="N", help="The token's random number, 0 to 15. Default: random."
        ),
        db_option,
    )


def home_folder(option: str | None) -> Path:
    """The folder this command was told, else the one ``pln-sim`` was told, else the default; it need not be there yet.
    FileError for a file."""
    home = Path(console.home_of(option))
    if os.path.isfile(home):
        raise FileError(f"the home {home} is no folder: name another --home")
    return home
