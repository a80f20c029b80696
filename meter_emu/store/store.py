"""Store, the meters' memory: loads a meter, commits the next one, keeps the journal. Many meters live in one file.

A change is one transaction that holds the file's write lock from the read to the commit: two processes at one meter wait for
each other, and a process that dies leaves the meter as it was before or as it is after, never between.
"""

import json
import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

from meter_emu.meter.clock import Seconds
from meter_emu.meter.meter import Meter
from meter_emu.shell.database import Database
from meter_emu.shell.errors import FileError
from meter_emu.store.snapshot import panel_from_text, panel_to_text, state_from_text, state_to_text
from meter_emu.sts.numbers import Drn

FILE_NAME = "meters.db"
Result = TypeVar("Result")


class Entry(NamedTuple):
    """One line of the journal: when (the meter's clock), what, and the particulars as plain JSON values."""

    at: Seconds
    event: str
    details: dict[str, Any]


class UnknownMeter(FileError):
    """No meter of that number is installed."""


class AlreadyInstalled(FileError):
    """A meter of that number is there already."""


class Store(Database):
    """An open file of meters. FileError is the only error its methods raise."""

    name = "meter file"
    if_lost = "the meters in it, with their credit, are then gone"
    application_id = 0x6D746572
    migrations = (
        (
            """CREATE TABLE meter (
                   drn TEXT PRIMARY KEY,
                   installed_at INTEGER NOT NULL,
                   state TEXT NOT NULL,
                   panel TEXT NOT NULL
               )""",
            """CREATE TABLE journal (
                   id INTEGER PRIMARY KEY,
                   drn TEXT NOT NULL REFERENCES meter (drn),
                   at INTEGER NOT NULL,
                   event TEXT NOT NULL,
                   details TEXT NOT NULL
               )""",
            "CREATE INDEX journal_of_meter ON journal (drn, id)",
        ),
    )

    def drns(self) -> tuple[Drn, ...]:
        """The numbers of all meters, in the order of their installation."""
        with self._errors_in_one_line():
            rows = self._connection.execute("SELECT drn FROM meter ORDER BY installed_at, drn").fetchall()
        return tuple(Drn(row[0]) for row in rows)

    def install(self, meter: Meter, entry: Entry, *, replace: bool = False) -> None:
        """A new meter. AlreadyInstalled if there is one of its number, unless it is to be replaced, journal and all."""
        drn = meter.state.drn
        with self._transaction():
            if replace:
                self._forget(drn)
            row = (drn, meter.state.clock, state_to_text(meter.state), panel_to_text(meter.panel))
            try:
                self._connection.execute("INSERT INTO meter (drn, installed_at, state, panel) VALUES (?, ?, ?, ?)", row)
            except sqlite3.IntegrityError:
                raise AlreadyInstalled(f"meter {drn} is installed already") from None
            self._write(drn, entry)

    def uninstall(self, drn: Drn) -> None:
        """Forget a meter, journal and all. UnknownMeter if it is not installed."""
        with self._transaction():
            if not self._forget(drn):
                raise UnknownMeter(f"meter {drn} is not installed in {self._path}")

    def load(self, drn: Drn) -> Meter:
        """The meter as it was last committed. UnknownMeter if it is not installed."""
        with self._errors_in_one_line():
            query = "SELECT state, panel FROM meter WHERE drn = ?"
            row = self._connection.execute(query, (drn,)).fetchone()
        if row is None:
            raise UnknownMeter(f"meter {drn} is not installed in {self._path}")
        try:
            return Meter(state_from_text(row[0]), panel_from_text(row[1]))
        except (ValueError, TypeError, LookupError, RecursionError):
            # The cause may quote the row, and in the row stands a key.
            raise FileError(f"meter file {self._path} is damaged: the row of meter {drn} cannot be read") from None

    def change(self, drn: Drn, act: Callable[[Meter], tuple[Meter, Sequence[Entry], Result]]) -> Result:
        """Act on a meter in one transaction: the meter that ``act`` returns, and its journal entries, are on the disk when
        this returns; whatever it raises changes nothing."""
        with self._transaction():
            before = self.load(drn)
            after, entries, result = act(before)
            if after.state is not before.state:
                update = "UPDATE meter SET state = ?, panel = ? WHERE drn = ?"
                self._connection.execute(update, (state_to_text(after.state), panel_to_text(after.panel), drn))
            elif after.panel is not before.panel:
                self._connection.execute("UPDATE meter SET panel = ? WHERE drn = ?", (panel_to_text(after.panel), drn))
            for entry in entries:
                self._write(drn, entry)
        return result

    def journal(self, drn: Drn, limit: int) -> tuple[Entry, ...]:
        """The last ``limit`` entries of a meter, the latest last."""
        query = "SELECT at, event, details FROM journal WHERE drn = ? ORDER BY id DESC LIMIT ?"
        with self._errors_in_one_line():
            rows = self._connection.execute(query, (drn, limit)).fetchall()
        return tuple(Entry(at, event, json.loads(details)) for at, event, details in reversed(rows))

    def _forget(self, drn: Drn) -> bool:
        self._connection.execute("DELETE FROM journal WHERE drn = ?", (drn,))
        return self._connection.execute("DELETE FROM meter WHERE drn = ?", (drn,)).rowcount > 0

    def _write(self, drn: Drn, entry: Entry) -> None:
        insert = "INSERT INTO journal (drn, at, event, details) VALUES (?, ?, ?, ?)"
        self._connection.execute(insert, (drn, entry.at, entry.event, json.dumps(entry.details)))
