"""The vending database of a command: the option that names it, and its opening."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pln_sim.storage import Depot

db_option = click.option(
    "--db", metavar="FILE|URL", help="Vending database, a file or postgresql://...; default: vending.db in the home."
)


def opened(db: str | None, home: Path) -> Depot:
    """The vending database that ``--db`` names, else the one in the home. FileError if it cannot be used."""
    from meter_emu.shell.home import make_home
    from pln_sim.storage import FILE_NAME, open_depot

    if db is not None:
        return open_depot(db)
    make_home(home)
    return open_depot(home / FILE_NAME)
