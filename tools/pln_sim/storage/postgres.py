"""PostgresDepot: the vending database on a PostgreSQL server, for several processes that share the work.

Every transaction begins by locking the table ``revision``, and so do those of all other processes: they run one behind the
other, as on SQLite, and promise the same. What each process waits for is the lock, and meanwhile its requests gather; who
takes its turn first and then looks what there is, carries more of them in a transaction. Finer locks would let two processes
decide at once; but a meter's month, its TIDs, a reference and the serial are what most requests are about, requests come in
groups in any order, and a deadlock costs the server a second to see.

The jobs of a transaction run without savepoints, each of which is two round trips. If one fails, all is rolled back and the
jobs run anew, each behind a savepoint of its own, so that the guilty one fails alone. What they have gathered is sent together
with COMMIT, in one round trip.

A serialization failure or a deadlock, as another program may cause, is tried again. So is a transaction whose connection is
lost before COMMIT was sent, as by a server that was started anew. After that nobody can tell whether it is written: that is
an error, a purchase is cleared up by advice, and the next transaction connects again.
"""

import logging
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import date
from functools import cache
from time import monotonic
from typing import Any, TypeVar

from meter_emu.shell.database import PATIENCE_SECONDS
from pln_sim.reconciliation.decision import Decision
from pln_sim.storage.contract import Depot, Storage
from pln_sim.storage.records import Sale
from pln_sim.storage.schema import migrations
from pln_sim.storage.server_address import NEEDS_PSYCOPG, BusyServer, ServerAddress, ServerError
from pln_sim.storage.sql_storage import READ_REVISIONS, Dialect, SqlStorage

try:
    import psycopg
    from psycopg import errors
    from psycopg.pq import PipelineStatus
except ImportError:
    raise ServerError(NEEDS_PSYCOPG) from None

# What it would say of a lost connection is an error here, in one line.
logging.getLogger("psycopg").addHandler(logging.NullHandler())
T = TypeVar("T")
MIGRATIONS = migrations()
_SCHEMA_LOCK = 0x76656E64
_ATTEMPTS = 5
_HAS_VERSION = "SELECT 1 FROM pg_tables WHERE schemaname = 'pln_sim' AND tablename = 'schema_version'"
_BEGIN = f"BEGIN; LOCK TABLE revision IN EXCLUSIVE MODE; {READ_REVISIONS}"
"""Others may read meanwhile. The revisions are read by a statement of their own, behind the wait for the lock."""
_IDLE_SECONDS = 30
_STATEMENT_SECONDS = 30
_SILENT_SECONDS = 40
"""Longer than any statement may take."""
_SESSION = (
    "SET search_path = pln_sim",
    # Another process that stands still inside a transaction would stop all of them.
    f"SET idle_in_transaction_session_timeout = '{_IDLE_SECONDS}s'",
    # A reply says that a sale is on disk, whatever the server thinks of that by itself.
    "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
)


class _Connection(psycopg.Connection[Any]):
    """A connection that is given up when the server is silent too long. A server that stands still has a kernel that does
    not, so no time-out of the server's or of TCP's helps."""

    def wait(self, gen: Generator[Any, Any, T], *arguments: Any, **options: Any) -> T:
        """As psycopg says."""
        return super().wait(self._within_time(gen), *arguments, **options)

    def _within_time(self, generator: Generator[Any, Any, T]) -> Generator[Any, Any, T]:
        deadline = monotonic() + _SILENT_SECONDS
        try:
            wanted = next(generator)
            while True:
                ready = yield wanted
                if not ready and monotonic() > deadline:
                    self.pgconn.finish()
                    raise psycopg.OperationalError(f"the server did not answer in {_SILENT_SECONDS} s")
                wanted = generator.send(ready)
        except StopIteration as end:
            result: T = end.value
            return result


class PostgresDepot(Depot):
    """A Depot on a PostgreSQL server. ServerError, a FileError, one line without the password, for whatever is wrong."""

    def __init__(self, url: str, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._address = ServerAddress(url)
        self._patience_seconds = patience_seconds
        self._connection: psycopg.Connection[Any] | None = None
        self._has_begun = False
        self._storage = SqlStorage(self, Dialect("unnest(?::text[]) AS texts (value)", list, self._pipeline))
        self._connect()

    def close(self) -> None:
        """As Depot says."""
        if self._connection:
            self._connection.close()

    def take_turn(self) -> None:
        """As Depot says."""
        self._persistently(self._begin)

    def run_together(self, jobs: Sequence[Callable[[Storage], T]], about: Collection[str] = ()) -> list[T | Exception]:
        """As Depot says."""
        return self._persistently(lambda: self._try(jobs, about))

    def sales(self, settled_on: date | None = None, switcher_id: str | None = None) -> Iterator[Sale]:
        """As Depot says."""
        serial = 0

        def read() -> list[Sale]:
            self._require_connection()
            return self._storage.sales_behind(serial, settled_on, switcher_id)

        while page := self._persistently(read):
            yield from page
            serial = page[-1].serial

    def decided(self, references: Collection[str]) -> dict[str, Decision]:
        """As Depot says."""

        def read() -> dict[str, Decision]:
            self._require_connection()
            return self._storage.decided(references)

        return self._persistently(read)

    def execute(self, statement: str, values: Sequence[Any] = ()) -> Any:
        """Put a statement of the shared SQL to the server; for SqlStorage."""
        assert self._connection is not None
        return self._connection.execute(_for_psycopg(statement), values)

    def executemany(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        """Put it with each of many rows; for SqlStorage."""
        assert self._connection is not None
        self._connection.cursor().executemany(_for_psycopg(statement), rows)

    def _persistently(self, act: Callable[[], T]) -> T:
        """What ``act`` returns, tried again if nothing came of it for a reason that may be gone the next time."""
        with self._errors_in_one_line():
            for attempts_left in reversed(range(_ATTEMPTS)):
                try:
                    return act()
                except psycopg.Error as error:
                    self._storage.forget()
                    passes = isinstance(error, errors.SerializationFailure | errors.DeadlockDetected) or self._is_lost
                    if not attempts_left or not passes:
                        raise
        raise AssertionError("the last attempt returns or raises")

    def _pipeline(self) -> "AbstractContextManager[object]":
        """Statements inside are sent without waiting for each one's result; one inside another adds nothing but waits."""
        assert self._connection is not None
        is_inside = self._connection.pgconn.pipeline_status != PipelineStatus.OFF
        return nullcontext() if is_inside else self._connection.pipeline()

    def _try(self, jobs: Sequence[Callable[[Storage], T]], about: Collection[str]) -> list[T | Exception]:
        try:
            with self._transaction():
                self._storage.foresee(about)
                return [job(self._storage) for job in jobs]
        except (errors.OperationalError, errors.InterfaceError, ServerError):
            raise
        except Exception:
            with self._transaction():
                return [self._run(job) for job in jobs]

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        connection = self._require_connection()
        if not self._has_begun:
            self._begin()
        self._has_begun = False
        try:
            yield
        except BaseException:
            self._roll_back(connection)
            raise
        try:
            with self._pipeline():
                self._storage.put()
                connection.execute("COMMIT")
        except psycopg.Error as error:
            # A lost connection may look like any error; one on which ROLLBACK goes through was not committed on.
            self._roll_back(connection)
            if connection.closed:
                raise ServerError(self._address.told(error, _UNSURE)) from None
            raise

    def _begin(self) -> None:
        connection = self._require_connection()
        try:
            begun = connection.execute(_BEGIN, prepare=False)
        except BaseException:
            self._roll_back(connection)
            raise
        while begun.nextset():
            pass  # only the last statement yields a row
        self._storage.begin(begun.fetchone() or (0, 0))
        self._has_begun = True

    def _roll_back(self, connection: "psycopg.Connection[Any]") -> None:
        self._storage.forget()
        try:
            connection.execute("ROLLBACK")
        except psycopg.Error:
            connection.close()

    @property
    def _is_lost(self) -> bool:
        return self._connection is None or self._connection.closed

    def _run(self, job: Callable[[Storage], T]) -> T | Exception:
        self.execute("SAVEPOINT job")
        try:
            result: T | Exception = job(self._storage)
            self._storage.put()
        except Exception as error:
            # What the server cannot do is everyone's trouble; a row that may not be is the job's own.
            if isinstance(error, psycopg.Error) and not isinstance(error, errors.IntegrityError):
                raise
            self.execute("ROLLBACK TO job")
            self._storage.forget()
            self._storage.begin(self.execute(READ_REVISIONS).fetchone())
            result = error
        self.execute("RELEASE job")
        return result

    def _require_connection(self) -> "psycopg.Connection[Any]":
        """The connection, made anew if it is lost; never amid a transaction, whose rest would then stand alone."""
        if self._is_lost:
            self._connect()
        assert self._connection is not None
        return self._connection

    def _connect(self) -> None:
        self._storage.forget()
        with self._errors_in_one_line():
            connection = _Connection.connect(**self._address.parameters, autocommit=True)
            try:
                for statement in (*_SESSION, f"SET lock_timeout = '{self._patience_seconds * 1000:.0f}ms'"):
                    connection.execute(statement)
                self._prepare(connection)
                connection.execute(f"SET statement_timeout = '{_STATEMENT_SECONDS}s'")
            except BaseException:
                connection.close()
                raise
        self._connection = connection
        self._has_begun = False

    def _prepare(self, connection: "psycopg.Connection[Any]") -> None:
        version = _version(connection)
        if version > len(MIGRATIONS):
            newer = f"was written by a newer version of this program (schema {version}, not {len(MIGRATIONS)})"
            raise ServerError(f"{self._address} {newer}: update it, or name another --db")
        if version == len(MIGRATIONS):
            return
        with connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (_SCHEMA_LOCK,))
            # Asked again under the lock: another process may have been faster.
            version = _version(connection)
            if version == 0:
                connection.execute("CREATE SCHEMA IF NOT EXISTS pln_sim")
                connection.execute("CREATE TABLE schema_version (version INTEGER NOT NULL)")
                connection.execute("INSERT INTO schema_version VALUES (0)")
            for steps in MIGRATIONS[version:]:
                for statement in steps:
                    connection.execute(statement)
            connection.execute("UPDATE schema_version SET version = %s", (len(MIGRATIONS),))

    @contextmanager
    def _errors_in_one_line(self) -> Iterator[None]:
        try:
            yield
        except psycopg.Error as error:
            kind = BusyServer if isinstance(error, errors.LockNotAvailable | errors.QueryCanceled) else ServerError
            raise kind(self._address.told(error, advice(error))) from None


@cache
def _for_psycopg(statement: str) -> Any:
    return statement.replace("?", "%s")


def _version(connection: "psycopg.Connection[Any]") -> int:
    # Not to_regclass, which may remember what was before the lock.
    if not connection.execute(_HAS_VERSION).fetchone():
        return 0
    row = connection.execute("SELECT version FROM pln_sim.schema_version").fetchone()
    return int(row[0]) if row else 0


def advice(error: Exception) -> str:
    """What to do about an error of the server."""
    for kinds, what in _ADVICE:
        if isinstance(error, kinds):
            return what
    if isinstance(error, errors.OperationalError):
        return "see that the server runs and lets you in; nothing was changed"
    return "its tables are not as this program made them: put a copy back, or name another --db"


_UNSURE = "the connection was lost in the moment of the commit: whether it is written must be looked up, as by an advice"
_ADVICE: tuple[tuple[tuple[type[Exception], ...], str], ...] = (
    ((errors.LockNotAvailable, errors.QueryCanceled), "other processes keep it busy: try again; nothing was changed"),
    ((errors.SerializationFailure, errors.DeadlockDetected), "other programs are in the way: try again; nothing was changed"),
    ((errors.DiskFull,), "the server's disk is full: make room and try again; nothing was changed"),
    ((errors.InsufficientPrivilege,), "give this role the right to make and write the schema pln_sim; nothing was changed"),
    ((errors.ReadOnlySqlTransaction,), "it can only be read: name the server that takes writes; nothing was changed"),
)
