"""Purchases: what ``pln-sim vend`` has sold, in a file of its own beside the ledger. The monthly ceiling is counted from it.

The ceiling is read and the purchase written in one transaction, so that two sales at once cannot both take the last kWh of a
month. Nothing is shown to the customer before the purchase is on disk.
"""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime

from meter_emu.shell.database import Database
from meter_emu.sts.numbers.drn import Drn

FILE_NAME = "purchases.db"


@dataclass(frozen=True)
class Purchase:
    """One sold token."""

    reference: str
    meter: Drn
    sold_at: datetime
    """Civil time."""
    paid: int
    """Cents."""
    kwh: int
    """Tenths of a kWh."""
    token: str


class Purchases(Database):
    """The purchases in one file, open. A context manager; one object serves one thread.

    FileError, one line that names the file and what to do, whenever the file cannot be used.
    """

    name = "purchase record"
    if_lost = "what was bought this month is then forgotten"
    application_id = 0x73616C65
    migrations = (
        (
            """CREATE TABLE purchase (
                   reference TEXT PRIMARY KEY,
                   drn TEXT NOT NULL,
                   month TEXT NOT NULL,
                   sold_at TEXT NOT NULL,
                   paid_cents INTEGER NOT NULL CHECK (paid_cents > 0),
                   kwh_tenths INTEGER NOT NULL CHECK (kwh_tenths > 0),
                   token TEXT NOT NULL
               ) WITHOUT ROWID""",
            "CREATE INDEX purchase_of_month ON purchase (drn, month, kwh_tenths)",
        ),
    )

    def transaction(self) -> AbstractContextManager[None]:
        """All that is done inside is on disk when this ends, or none of it is; other processes wait meanwhile."""
        return self._transaction()

    def bought_in_month(self, meter: Drn, on: date) -> int:
        """Tenths of a kWh that a meter was sold in the calendar month of a day. Inside ``transaction``."""
        statement = "SELECT coalesce(sum(kwh_tenths), 0) FROM purchase WHERE drn = ? AND month = ?"
        (tenths,) = self._connection.execute(statement, (meter, _month(on))).fetchone()
        return int(tenths)

    def add(self, purchase: Purchase) -> None:
        """Write a purchase down. Inside ``transaction``."""
        self._connection.execute(
            "INSERT INTO purchase (reference, drn, month, sold_at, paid_cents, kwh_tenths, token) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                purchase.reference,
                purchase.meter,
                _month(purchase.sold_at),
                purchase.sold_at.isoformat(),
                purchase.paid,
                purchase.kwh,
                purchase.token,
            ),
        )


def _month(on: date) -> str:
    """``2026-11``."""
    return on.isoformat()[:7]
