"""Storage: one vending database for gateway, ``vend`` and ``token``, in an SQLite file or on a PostgreSQL server.

contract               Storage and Depot: what can be asked and written
records, registry      what it holds: references and sales; switchings, products, tariffs, settings
schema, rows           its tables; values as rows
sql_storage            every statement, in the SQL that both share
sqlite, postgres       the two depots: connection, transactions, locks, errors

>>> from pathlib import Path
>>> from tempfile import TemporaryDirectory
>>> with TemporaryDirectory() as folder, open_depot(Path(folder) / FILE_NAME) as depot:
...     depot.run(lambda storage: storage.next_serial()), list(depot.sales())
(1, [])
"""

from os import PathLike

from meter_emu.shell.database import PATIENCE_SECONDS
from pln_sim.storage.contract import Depot, Storage
from pln_sim.storage.records import COUNTER, SECRET_BYTES, Reference, Sale, reference_number
from pln_sim.storage.registry import Registry, Switching

__all__ = [
    "COUNTER",
    "FILE_NAME",
    "SECRET_BYTES",
    "Depot",
    "Reference",
    "Registry",
    "Sale",
    "Storage",
    "Switching",
    "is_server",
    "open_depot",
    "reference_number",
]

FILE_NAME = "vending.db"
"""What the file in the home is called."""


def is_server(db: str | PathLike[str]) -> bool:
    """Whether this is the URL of a PostgreSQL server, not the name of a file."""
    return str(db).startswith(("postgresql:", "postgres:"))


def open_depot(db: str | PathLike[str], patience_seconds: float = PATIENCE_SECONDS) -> Depot:
    """The vending database with this file name or ``postgresql://`` URL, made if it is not there. FileError if it cannot be
    used, BusyError if others keep it longer than ``patience_seconds``."""
    if is_server(db):
        from pln_sim.storage.postgres import PostgresDepot

        return PostgresDepot(str(db), patience_seconds)
    from pln_sim.storage.sqlite import SqliteDepot

    return SqliteDepot(db, patience_seconds)
