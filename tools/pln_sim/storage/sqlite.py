"""SqliteDepot: the vending database as one file.

Many jobs share one transaction and so one wait for the disk. They run behind one savepoint; if one of them fails, all is
undone and they run anew, each behind a savepoint of its own, so that the guilty one takes nothing of the others with it. The
write lock of the file is what makes transactions exclude each other.
"""

import json
import sqlite3
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import nullcontext
from datetime import date
from os import PathLike
from time import monotonic, sleep
from typing import Self, TypeVar

from meter_emu.shell.database import PATIENCE_SECONDS, Database
from pln_sim.reconciliation.decision import Decision
from pln_sim.storage import schema
from pln_sim.storage.contract import Depot, Storage
from pln_sim.storage.records import Sale
from pln_sim.storage.sql_storage import READ_REVISIONS, Dialect, SqlStorage

T = TypeVar("T")
_NAP_SECONDS = 0.0002
"""Between two looks whether the lock is free; it is held for some milliseconds."""
_LOG_PAGES = 8000
"""How long the write-ahead log becomes, 32 MB, before it is written into the file. A purchase touches pages all over the file,
and the more often a page was touched by then, the more is saved."""
_LOG_BYTES = 2 * _LOG_PAGES * 4096
"""What is left of its file when it starts over. It cannot, and grows, as long as another program reads in one transaction."""
_DIALECT = Dialect(texts="json_each(?)", parameter=json.dumps, together=nullcontext)


class SqliteDepot(Database, Depot):
    """A Depot in an SQLite file."""

    name = "vending database"
    if_lost = "references are then unknown, and TIDs may be given out again"
    application_id = 0x76656E64
    migrations = schema.migrations(without_row_number="WITHOUT ROWID")

    def __init__(self, path: str | PathLike[str], patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._patience_seconds = patience_seconds
        super().__init__(path, patience_seconds)
        self._connection.execute(f"PRAGMA wal_autocheckpoint = {_LOG_PAGES:d}")
        self._connection.execute(f"PRAGMA journal_size_limit = {_LOG_BYTES:d}")
        self._storage = SqlStorage(self._connection, _DIALECT)

    def __enter__(self) -> Self:
        return self

    def take_turn(self) -> None:
        """As Depot says."""
        with self._errors_in_one_line():
            self._begin()

    def run_together(self, jobs: Sequence[Callable[[Storage], T]], about: Collection[str] = ()) -> list[T | Exception]:
        """As Depot says."""
        try:
            with self._transaction():
                self._storage.begin(self._connection.execute(READ_REVISIONS).fetchone())
                self._storage.foresee(about)
                results = self._run(lambda storage: [job(storage) for job in jobs])
                if not isinstance(results, Exception):
                    return [*results]
                return [self._run(job) for job in jobs] if len(jobs) > 1 else [results]
        except BaseException:
            self._storage.forget()
            raise

    def sales(self, settled_on: date | None = None, switcher_id: str | None = None) -> Iterator[Sale]:
        """As Depot says."""
        serial = 0
        while True:
            with self._errors_in_one_line():
                page = self._storage.sales_behind(serial, settled_on, switcher_id)
            if not page:
                return
            yield from page
            serial = page[-1].serial

    def decided(self, references: Collection[str]) -> dict[str, Decision]:
        """As Depot says."""
        with self._errors_in_one_line():
            return self._storage.decided(references)

    def _begin(self) -> None:
        """Take the write lock, if a turn has not taken it before.

        SQLite itself waits in longer and longer naps, and who has waited long loses the lock to who has just come.
        """
        if self._connection.in_transaction:
            return
        deadline = monotonic() + self._patience_seconds
        self._let_sqlite_wait(0)
        try:
            while not self._connection.in_transaction:
                try:
                    super()._begin()
                except sqlite3.OperationalError as error:
                    if not error.sqlite_errorname.startswith("SQLITE_BUSY") or monotonic() > deadline:
                        raise
                    sleep(_NAP_SECONDS)
        finally:
            self._let_sqlite_wait(self._patience_seconds)

    def _let_sqlite_wait(self, seconds: float) -> None:
        self._connection.execute(f"PRAGMA busy_timeout = {seconds * 1000:.0f}")

    def _run(self, job: Callable[[Storage], T]) -> T | Exception:
        self._connection.execute("SAVEPOINT job")
        try:
            result: T | Exception = job(self._storage)
            self._storage.put()
        except Exception as error:
            # A full or broken disk is everyone's trouble; a row that may not be is the job's own.
            if isinstance(error, sqlite3.Error) and not isinstance(error, sqlite3.IntegrityError):
                raise
            self._connection.execute("ROLLBACK TO job")
            self._storage.forget()
            self._storage.begin(self._connection.execute(READ_REVISIONS).fetchone())
            result = error
        self._connection.execute("RELEASE job")
        return result
