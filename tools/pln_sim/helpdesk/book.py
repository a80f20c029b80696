"""ReportBook: the reports, with what became of them, in a file of their own.

>>> from tempfile import TemporaryDirectory
>>> from pathlib import Path
>>> with TemporaryDirectory() as folder, ReportBook(Path(folder) / FILE_NAME) as book:
...     list(book.reports()), book.report("ITSM2022000001")
([], None)
"""

from collections.abc import Iterator
from dataclasses import fields
from datetime import datetime
from typing import Any

from meter_emu.shell.database import Database
from pln_sim.helpdesk.report import TRANSITIONS, Change, Channel, Filed, Report, Status, itsm_number, require_photo

FILE_NAME = "helpdesk.db"
_PAGE = 100
_COLUMNS = tuple(field.name for field in fields(Report))
_SELECT = f"SELECT serial, itsm, filed_at, status, length(photo), {', '.join(_COLUMNS)} FROM report"  # noqa: S608 - names of fields
_INSERT = f"""INSERT INTO report (itsm, filed_at, status, photo, {", ".join(_COLUMNS)})
              VALUES ({", ".join("?" * (len(_COLUMNS) + 4))})"""  # noqa: S608 - names of fields


class UnknownReport(Exception):
    """No report has this number."""


class NoWay(Exception):
    """The status does not lead there."""

    def __init__(self, itsm: str, status: Status, wanted: Status) -> None:
        ways = ", ".join(sorted(TRANSITIONS[status])) or "nothing more"
        super().__init__(f"report {itsm} is {status.value}, which does not become {wanted.value}: next is {ways}")


class ReportBook(Database):
    """The book in one file. UnknownReport for a number that is not in it."""

    name = "help desk's book"
    if_lost = "the reports in it are then gone, and ITSM numbers start over"
    application_id = 0x6465736B
    migrations = (
        (
            # AUTOINCREMENT: a number that an applicant was given is not given again.
            """CREATE TABLE report (
                   serial INTEGER PRIMARY KEY AUTOINCREMENT,
                   itsm TEXT NOT NULL UNIQUE,
                   filed_at TEXT NOT NULL,
                   status TEXT NOT NULL,
                   service INTEGER NOT NULL,
                   applicant TEXT NOT NULL,
                   business TEXT NOT NULL,
                   product TEXT NOT NULL,
                   city TEXT NOT NULL,
                   province TEXT NOT NULL,
                   telephone TEXT NOT NULL,
                   email TEXT NOT NULL,
                   channel TEXT NOT NULL,
                   photo BLOB CHECK ((photo IS NULL) = (channel <> 'social-media')),
                   agent TEXT NOT NULL,
                   note TEXT NOT NULL,
                   previous TEXT REFERENCES report (itsm)
               )""",
            "CREATE INDEX report_of_status ON report (status, serial)",
            """CREATE TABLE change (
                   id INTEGER PRIMARY KEY,
                   itsm TEXT NOT NULL REFERENCES report (itsm),
                   at TEXT NOT NULL,
                   status TEXT NOT NULL,
                   agent TEXT NOT NULL,
                   note TEXT NOT NULL
               )""",
            "CREATE INDEX change_of_report ON change (itsm, id)",
        ),
    )

    def file(self, report: Report, photo: bytes | None, at: datetime) -> str:
        """Write a report down; its ITSM number. UnknownReport if the one before is not there."""
        require_photo(report.channel, photo)
        with self._transaction():
            if report.previous is not None:
                self._require(report.previous)
            (last,) = self._connection.execute("SELECT max(seq) FROM sqlite_sequence WHERE name = 'report'").fetchone()
            itsm = itsm_number(at.year, (last or 0) + 1)
            values = (getattr(report, name) for name in _COLUMNS)
            self._connection.execute(_INSERT, (itsm, at.isoformat(), Status.RECORDED, photo, *values))
            self._write(itsm, Change(at, Status.RECORDED, report.agent, ""))
        return itsm

    def change(self, itsm: str, change: Change) -> None:
        """The report reaches another status. NoWay if its own does not lead there."""
        with self._transaction():
            status = self._require(itsm)
            if change.status not in TRANSITIONS[status]:
                raise NoWay(itsm, status, change.status)
            self._connection.execute("UPDATE report SET status = ? WHERE itsm = ?", (change.status, itsm))
            self._write(itsm, change)

    def report(self, itsm: str) -> Filed | None:
        """A report with its history."""
        with self._errors_in_one_line():
            row = self._connection.execute(f"{_SELECT} WHERE itsm = ?", (itsm,)).fetchone()
            return self._filed(row) if row else None

    def photo(self, itsm: str) -> bytes | None:
        """The photo of a report; None if it has none."""
        with self._errors_in_one_line():
            row = self._connection.execute("SELECT photo FROM report WHERE itsm = ?", (itsm,)).fetchone()
        return row[0] if row else None

    def reports(self, status: Status | None = None, service: int | None = None) -> Iterator[Filed]:
        """The reports, the oldest first, of one status and service or all."""
        serial = 0
        while True:
            with self._errors_in_one_line():
                where = "serial > ?1 AND (?2 IS NULL OR status = ?2) AND (?3 IS NULL OR service = ?3)"
                statement = f"{_SELECT} WHERE {where} ORDER BY serial LIMIT {_PAGE:d}"
                page = self._connection.execute(statement, (serial, status, service)).fetchall()
                found = [self._filed(row) for row in page]
            yield from found
            if not page:
                return
            serial = page[-1][0]

    def _require(self, itsm: str) -> Status:
        row = self._connection.execute("SELECT status FROM report WHERE itsm = ?", (itsm,)).fetchone()
        if row is None:
            raise UnknownReport(f"there is no report {itsm}: `pln-sim desk list` shows those there are")
        return Status(row[0])

    def _write(self, itsm: str, change: Change) -> None:
        row = (itsm, change.at.isoformat(), change.status, change.agent, change.note)
        self._connection.execute("INSERT INTO change (itsm, at, status, agent, note) VALUES (?, ?, ?, ?, ?)", row)

    def _filed(self, row: tuple[Any, ...]) -> Filed:
        _, itsm, filed_at, status, photo_bytes, *values = row
        told = dict(zip(_COLUMNS, values, strict=True))
        report = Report(**told | {"channel": Channel(told["channel"])})
        changes = self._connection.execute("SELECT at, status, agent, note FROM change WHERE itsm = ? ORDER BY id", (itsm,))
        history = tuple(Change(datetime.fromisoformat(at), Status(name), agent, note) for at, name, agent, note in changes)
        return Filed(
            itsm=itsm,
            filed_at=datetime.fromisoformat(filed_at),
            report=report,
            photo_bytes=photo_bytes,
            status=Status(status),
            history=history,
        )
