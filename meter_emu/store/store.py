"""Store, the meters' memory: loads a meter, commits the next one, keeps journal and load profile. Many meters live in one file.

A change is one transaction that holds the file's write lock from the read to the commit: two processes at one meter wait for
each other, and a process that dies leaves the meter as it was before or as it is after, never between.
"""

import json
import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

from meter_emu.meter.clock import Seconds
from meter_emu.meter.load_profile import KEPT, Mark, Reading, closed_quarters
from meter_emu.meter.meter import Meter
from meter_emu.meter.metering import advance
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
        (
            """CREATE TABLE load_profile (
                   drn TEXT NOT NULL REFERENCES meter (drn),
                   at INTEGER NOT NULL,
                   consumed INTEGER NOT NULL,
                   balance INTEGER NOT NULL,
                   marks INTEGER NOT NULL,
                   PRIMARY KEY (drn, at)
               ) WITHOUT ROWID""",
            # A meter's clock never runs back, so the order of its times is that of its entries.
            "DROP INDEX journal_of_meter",
            "CREATE INDEX journal_of_meter ON journal (drn, at)",
        ),
    )

    def drns(self) -> tuple[Drn, ...]:
        """The numbers of all meters, in the order of their installation."""
        with self._errors_in_one_line():
            rows = self._connection.execute("SELECT drn FROM meter ORDER BY installed_at, drn").fetchall()
        return tuple(Drn(row[0]) for row in rows)

    def install(self, meter: Meter, entry: Entry, *, replace: bool = False) -> None:
        """A new meter. AlreadyInstalled if there is one of its number, unless it is to be replaced with all that is kept of
        it."""
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
        """Forget a meter with its journal and load profile. UnknownMeter if it is not installed."""
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
            way_out = f"meter-emu install {drn} --replace begins anew, without its credit"
            raise FileError(f"meter file {self._path} is damaged: the row of meter {drn} cannot be read; {way_out}") from None

    def change(self, drn: Drn, act: Callable[[Meter], tuple[Meter, Sequence[Entry], Result]]) -> Result:
        """Act on a meter, at one moment, in one transaction: the meter that ``act`` returns, its journal entries and the
        quarters of its load profile that have closed are on the disk when this returns; whatever it raises changes nothing.
        """
        with self._transaction():
            before = self.load(drn)
            after, entries, result = act(before)
            if after.state is not before.state:
                update = "UPDATE meter SET state = ?, panel = ? WHERE drn = ?"
                self._connection.execute(update, (state_to_text(after.state), panel_to_text(after.panel), drn))
                self._record(drn, closed_quarters(before.state, after.state))
            elif after.panel is not before.panel:
                self._connection.execute("UPDATE meter SET panel = ? WHERE drn = ?", (panel_to_text(after.panel), drn))
            for entry in entries:
                self._write(drn, entry)
        return result

    def version(self) -> int:
        """Another number than before once another process has committed; cheap to ask, again and again."""
        with self._errors_in_one_line():
            return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def journal(self, drn: Drn, limit: int) -> tuple[Entry, ...]:
        """The last ``limit`` entries of a meter, the latest last."""
        query = "SELECT at, event, details FROM journal WHERE drn = ? ORDER BY at DESC, id DESC LIMIT ?"
        with self._errors_in_one_line():
            rows = self._connection.execute(query, (drn, limit)).fetchall()
        return tuple(Entry(at, event, json.loads(details)) for at, event, details in reversed(rows))

    def journal_between(self, drn: Drn, first: Seconds, last: Seconds, limit: int, skip: int = 0) -> tuple[Entry, ...]:
        """The entries of a meter from the second ``first`` to the second ``last``, the earliest first: ``limit`` of them
        after ``skip`` others."""
        query = "SELECT at, event, details FROM journal WHERE drn = ? AND at BETWEEN ? AND ? ORDER BY at, id LIMIT ? OFFSET ?"
        with self._errors_in_one_line():
            rows = self._connection.execute(query, (drn, first, last, limit, skip)).fetchall()
        return tuple(Entry(at, event, json.loads(details)) for at, event, details in rows)

    def load_profile(self, drn: Drn, first: Seconds, last: Seconds, now: Seconds) -> tuple[Reading, ...]:
        """The readings of a meter from ``first`` to ``last``, the earliest first, as they stand at ``now``: also those of the
        quarters that have closed since the last act. Nothing is written."""
        state = self.load(drn).state
        query = "SELECT at, consumed, balance, marks FROM load_profile WHERE drn = ? AND at BETWEEN ? AND ? ORDER BY at"
        with self._errors_in_one_line():
            rows = self._connection.execute(query, (drn, max(first, now - KEPT + 1), last)).fetchall()
        stored = tuple(Reading(at, consumed, balance, Mark(marks)) for at, consumed, balance, marks in rows)
        if last <= state.clock:
            return stored
        # Another process may have written some of them after the state was read.
        after = stored[-1].at + 1 if stored else first
        since = closed_quarters(state, advance(state, now))
        return (*stored, *(reading for reading in since if max(first, after) <= reading.at <= last))

    def _record(self, drn: Drn, readings: Sequence[Reading]) -> None:
        if not readings:
            return
        insert = "INSERT INTO load_profile (drn, at, consumed, balance, marks) VALUES (?, ?, ?, ?, ?)"
        self._connection.executemany(insert, ((drn, *reading) for reading in readings))
        too_old = readings[-1].at - KEPT
        self._connection.execute("DELETE FROM load_profile WHERE drn = ? AND at <= ?", (drn, too_old))

    def _forget(self, drn: Drn) -> bool:
        self._connection.execute("DELETE FROM load_profile WHERE drn = ?", (drn,))
        self._connection.execute("DELETE FROM journal WHERE drn = ?", (drn,))
        return self._connection.execute("DELETE FROM meter WHERE drn = ?", (drn,)).rowcount > 0

    def _write(self, drn: Drn, entry: Entry) -> None:
        insert = "INSERT INTO journal (drn, at, event, details) VALUES (?, ?, ?, ?)"
        self._connection.execute(insert, (drn, entry.at, entry.event, json.dumps(entry.details)))
