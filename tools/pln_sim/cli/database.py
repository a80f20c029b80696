"""The vending database of a command: the option that names it, and its opening."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from pln_sim.storage import Depot

_CONNECTION_WORDS = re.compile(r"(^|\s)(host|hostaddr|port|dbname|user|password|passfile|service|sslmode|sslpassword)\s*=")
"""PostgreSQL's other way to say where a database is, which is not ours."""


class DatabaseName(click.ParamType[str]):
    """A file name or the URL of a PostgreSQL server. A usage error, which quotes nothing, for what looks like another thing:
    it may hold a password, and as a file's name it would be seen by all."""

    name = "database"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The name as it was said."""
        from meter_emu.sts.errors import FormatError
        from pln_sim.storage import is_server

        if is_server(value):
            from pln_sim.storage.server_address import ServerAddress

            try:
                ServerAddress(value)
            except FormatError as error:
                self.fail(str(error), param, ctx)
        elif not value or "://" in value or _CONNECTION_WORDS.search(value):
            self.fail("it is neither a file's name nor a URL like postgresql://USER@HOST:PORT/DATABASE", param, ctx)
        return str(value)


db_option = click.option(
    "--db",
    type=DatabaseName(),
    metavar="FILE|URL",
    help="Vending database, a file or postgresql://...; default: vending.db in the home.",
)


def opened(db: str | None, home: Path, patience_seconds: float | None = None) -> Depot:
    """The vending database that ``--db`` names, else the one in the home. FileError if it cannot be used, or others keep it
    busy for too long."""
    from meter_emu.shell.database import PATIENCE_SECONDS
    from meter_emu.shell.home import make_home
    from pln_sim.storage import FILE_NAME, open_depot

    patience = PATIENCE_SECONDS if patience_seconds is None else patience_seconds
    if db is not None:
        return open_depot(db, patience)
    make_home(home)
    return open_depot(home / FILE_NAME, patience)


def found(db: str | None, home: Path) -> Depot | None:
    """The same for who only asks: nothing is made. None if the home has none; Failure if ``--db`` names a file that is not
    there."""
    from meter_emu.shell.console import Failure
    from pln_sim.storage import FILE_NAME, is_server

    path = home / FILE_NAME if db is None else Path(db)
    if (db is not None and is_server(db)) or path.exists():
        return opened(db, home)
    if db is None:
        return None
    raise Failure(f"there is no vending database {db}: a gateway or `pln-sim vend` makes one")
