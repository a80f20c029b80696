"""Storage: what the desk asks for inside a transaction, and the SQLite file that does it.

Many requests share one transaction and so one wait for the disk, each behind a savepoint of its own: one that fails takes
nothing of the others with it. A sale's row holds its TID, so the TID is taken in the very moment the sale is made, and
whatever crashes in between, there is neither a TID without a sale nor a sale without one.
"""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Protocol, TypeVar

from meter_emu.shell.database import Database
from meter_emu.sts.numbers.drn import Drn
from pln_sim.gateway.records import Reference, Sale

T = TypeVar("T")


class Storage(Protocol):
    """What can be asked and written in one transaction."""

    def reference(self, number: str) -> Reference | None:
        """The reference with a number; None if no inquiry was given it."""

    def add_reference(self, reference: Reference) -> None:
        """Remember what an inquiry was given."""

    def bury(self, number: str) -> None:
        """From now on the reference is dead."""

    def sale(self, reference: str) -> Sale | None:
        """What was sold with a reference; None if nothing was."""

    def next_serial(self) -> int:
        """One more than the newest sale's; 1 for the first."""

    def last_tid(self, meter: Drn, base_date: str) -> int | None:
        """The highest TID sold to a meter since a base date; None if none was."""

    def bought_in_month(self, meter: Drn, on: date) -> int:
        """Tenths of a kWh sold to a meter in the calendar month of a day."""

    def add_sale(self, sale: Sale) -> None:
        """Remember a sale. An error, and nothing remembered, if its reference or its TID was sold before."""


class Depot(Protocol):
    """A place that keeps it all. One object serves one thread."""

    def run_together(self, jobs: Sequence[Callable[[Storage], T]]) -> list[T | Exception]:
        """Run the jobs one by one in one transaction, which is on disk when this returns: what each returned, or the error
        it raised, whose own writes are undone. FileError if the transaction as a whole fails; then nothing is written.
        """

    def close(self) -> None:
        """Let go of it. What was returned before is on disk already."""


class SqliteDepot(Database):
    """References and sales in an SQLite file: a Depot, and the Storage of its own transactions."""

    name = "gateway database"
    if_lost = "references are then unknown, and TIDs may be given out again"
    application_id = 0x67617465
    migrations = (
        (
            """CREATE TABLE reference (
                   number TEXT PRIMARY KEY,
                   switcher_id TEXT NOT NULL,
                   bank_code TEXT NOT NULL,
                   meter TEXT NOT NULL,
                   paid INTEGER NOT NULL CHECK (paid > 0),
                   expires_at TEXT NOT NULL,
                   is_dead INTEGER NOT NULL CHECK (is_dead IN (0, 1))
               ) WITHOUT ROWID""",
            """CREATE TABLE sale (
                   serial INTEGER PRIMARY KEY,
                   reference TEXT NOT NULL UNIQUE REFERENCES reference,
                   switcher_id TEXT NOT NULL,
                   bank_code TEXT NOT NULL,
                   merchant_category TEXT NOT NULL,
                   trace_number TEXT NOT NULL,
                   receipt_reference TEXT NOT NULL,
                   local_time TEXT NOT NULL,
                   sold_at TEXT NOT NULL,
                   settled_on TEXT NOT NULL,
                   meter TEXT NOT NULL,
                   name TEXT NOT NULL,
                   tariff TEXT NOT NULL,
                   va INTEGER NOT NULL,
                   paid INTEGER NOT NULL,
                   admin INTEGER NOT NULL,
                   stamp_duty INTEGER NOT NULL,
                   vat INTEGER NOT NULL,
                   ppj INTEGER NOT NULL,
                   instalment INTEGER NOT NULL,
                   stroom INTEGER NOT NULL,
                   kwh INTEGER NOT NULL CHECK (kwh > 0),
                   base_date TEXT NOT NULL,
                   tid INTEGER NOT NULL CHECK (tid BETWEEN 0 AND 16777215),
                   token TEXT NOT NULL,
                   UNIQUE (meter, base_date, tid),
                   CHECK (paid = admin + stamp_duty + vat + ppj + instalment + stroom)
               )""",
            "CREATE INDEX sale_of_day ON sale (settled_on, switcher_id)",
            # Kept beside the sales, since adding up a busy meter's month for each sale would take longer and longer.
            """CREATE TABLE month (
                   meter TEXT NOT NULL,
                   month TEXT NOT NULL,
                   kwh INTEGER NOT NULL,
                   PRIMARY KEY (meter, month)
               ) WITHOUT ROWID""",
        ),
    )

    def run_together(self, jobs: Sequence[Callable[[Storage], T]]) -> list[T | Exception]:
        """As Depot says."""
        with self._transaction():
            return [self._run(job) for job in jobs]

    def _run(self, job: Callable[[Storage], T]) -> T | Exception:
        self._connection.execute("SAVEPOINT job")
        try:
            result: T | Exception = job(self)
        except Exception as error:
            # A full or broken disk is everyone's trouble; a row that may not be is the job's own.
            if isinstance(error, sqlite3.Error) and not isinstance(error, sqlite3.IntegrityError):
                raise
            self._connection.execute("ROLLBACK TO job")
            result = error
        self._connection.execute("RELEASE job")
        return result

    def reference(self, number: str) -> Reference | None:
        """As Storage says."""
        row = self._connection.execute("SELECT * FROM reference WHERE number = ?", (number,)).fetchone()
        if row is None:
            return None
        number, switcher_id, bank_code, meter, paid, expires_at, is_dead = row
        return Reference(number, switcher_id, bank_code, Drn(meter), paid, datetime.fromisoformat(expires_at), bool(is_dead))

    def add_reference(self, reference: Reference) -> None:
        """As Storage says."""
        row = (
            *(reference.number, reference.switcher_id, reference.bank_code, reference.meter, reference.paid),
            *(reference.expires_at.isoformat(), int(reference.is_dead)),
        )
        self._connection.execute("INSERT INTO reference VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    def bury(self, number: str) -> None:
        """As Storage says."""
        self._connection.execute("UPDATE reference SET is_dead = 1 WHERE number = ?", (number,))

    def sale(self, reference: str) -> Sale | None:
        """As Storage says."""
        row = self._connection.execute("SELECT * FROM sale WHERE reference = ?", (reference,)).fetchone()
        return _sale(row) if row else None

    def next_serial(self) -> int:
        """As Storage says."""
        (newest,) = self._connection.execute("SELECT max(serial) FROM sale").fetchone()
        return (newest or 0) + 1

    def last_tid(self, meter: Drn, base_date: str) -> int | None:
        """As Storage says."""
        statement = "SELECT max(tid) FROM sale WHERE meter = ? AND base_date = ?"
        (tid,) = self._connection.execute(statement, (meter, base_date)).fetchone()
        return None if tid is None else int(tid)

    def bought_in_month(self, meter: Drn, on: date) -> int:
        """As Storage says."""
        row = self._connection.execute("SELECT kwh FROM month WHERE meter = ? AND month = ?", (meter, _month(on))).fetchone()
        return int(row[0]) if row else 0

    def add_sale(self, sale: Sale) -> None:
        """As Storage says."""
        values = tuple(_written(getattr(sale, name)) for name in _COLUMNS)
        self._connection.execute(_INSERT_SALE, values)
        self._connection.execute(
            "INSERT INTO month VALUES (?, ?, ?) ON CONFLICT (meter, month) DO UPDATE SET kwh = kwh + excluded.kwh",
            (sale.meter, _month(sale.sold_at), sale.kwh),
        )


_COLUMNS = tuple(field.name for field in fields(Sale))
"""The columns of a sale, in the order of the table."""
_INSERT_SALE = "INSERT INTO sale VALUES ({})".format(", ".join("?" * len(_COLUMNS)))  # noqa: S608 - nothing but question marks
_MEANT: dict[str, Callable[[str], object]] = {
    "local_time": datetime.fromisoformat,
    "sold_at": datetime.fromisoformat,
    "settled_on": date.fromisoformat,
    "meter": Drn,
}


def _written(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _sale(row: Sequence[object]) -> Sale:
    values = dict(zip(_COLUMNS, row, strict=True))
    for name, read in _MEANT.items():
        values[name] = read(str(values[name]))
    return Sale(**values)  # type: ignore[arg-type]


def _month(on: date) -> str:
    return on.isoformat()[:7]
