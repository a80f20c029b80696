"""The journal: every purchase of the switching and every message it sent or received, in a file of its own.

A purchase is on disk as it will be before its message leaves. So a client that was killed finds what it had begun, and never
sends a second 2200. "These procedures must be taken and reported as log" (section 3): the streams with their times are what
attachment D asks for in a suspect case.

Each client writes under a name of its own. One that resumes a purchase takes it over, and the other one, should it still
live, cannot take another step with it. Nor can it when reconciliation has decided the purchase: then it is sold or not sold
by PLN's verdict, for good, and nobody was told yet.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from meter_emu.shell.database import Database
from pln_sim.gateway.messages import ImproperMessage, Mti, read, table, write
from pln_sim.reconciliation.columns import Transaction
from pln_sim.reconciliation.decision import Decision
from pln_sim.reconciliation.result import Result as ReconciliationResult
from pln_sim.switching.purchase import OPEN_STATES, Order, Purchase, Result, State, Switching

FILE_NAME = "switching.db"
_COLUMNS = """serial, state, meter, amount, receipt_reference, switcher_id, bank_code, merchant_category,
              pln_reference, code, why, answer, verdict"""
_OPEN = ", ".join(f"'{state.value}'" for state in OPEN_STATES)
_SELECT = f"SELECT {_COLUMNS} FROM purchase"  # noqa: S608
_SELECT_DECISION = "SELECT reference, switcher_id, reconciled_on, result, row, reason FROM decision"

_SETTLEMENT_DATE = "substr(answer, 70, 8)"
"""Field 15 of a reply to 2200, 2220 or 2221."""


_RECONCILIATION = ""
"""The owner of a purchase that reconciliation decided: no client."""


class TakenOver(Exception):
    """Another client has resumed this purchase and finishes it, or reconciliation has decided it."""


@dataclass(frozen=True, repr=False)
class LoggedMessage:
    """A stream that went over the wire, or was about to."""

    at: datetime
    is_sent: bool
    stream: bytes
    """Without the closing byte; for garbage at most what a message may have."""
    note: str
    """Why it was dropped; empty for what was sent and for replies that counted."""


class SuspectStream(NamedTuple):
    """A stream that was sent or received for a purchase. ``amount`` in cents."""

    at: datetime
    reference: str
    meter: str
    amount: int
    stream: bytes


class Journal(Database):
    """The journal in one file, open. A context manager; one object serves one thread, one file many processes.

    FileError, one line that names the file and what to do, whenever the file cannot be used. ``reference in journal`` tells
    whether a PLN reference was used before.
    """

    name = "switching journal"
    if_lost = "open purchases are then never finished, and trace numbers start over"
    application_id = 0x73776A6C
    migrations = (
        (
            # AUTOINCREMENT: a number is not used again even when its row is gone.
            """CREATE TABLE purchase (
                   serial INTEGER PRIMARY KEY AUTOINCREMENT,
                   owner TEXT NOT NULL,
                   gateway TEXT NOT NULL,
                   state TEXT NOT NULL,
                   meter TEXT NOT NULL,
                   amount INTEGER NOT NULL CHECK (amount > 0),
                   receipt_reference TEXT NOT NULL UNIQUE,
                   switcher_id TEXT NOT NULL,
                   bank_code TEXT NOT NULL,
                   merchant_category TEXT NOT NULL,
                   pln_reference TEXT UNIQUE,
                   code TEXT,
                   why TEXT NOT NULL DEFAULT '',
                   answer BLOB,
                   is_told INTEGER NOT NULL DEFAULT 0
               )""",
            "CREATE INDEX purchase_untold ON purchase (serial) WHERE NOT is_told",
            """CREATE TABLE message (
                   id INTEGER PRIMARY KEY,
                   serial INTEGER REFERENCES purchase,
                   reference TEXT,
                   at TEXT NOT NULL,
                   is_sent INTEGER NOT NULL,
                   stream BLOB NOT NULL,
                   note TEXT NOT NULL
               )""",
            "CREATE INDEX message_of_purchase ON message (serial)",
            "CREATE INDEX message_of_reference ON message (reference) WHERE reference IS NOT NULL",
        ),
        # For reconciliation, by what the answer says in field 15.
        (f"CREATE INDEX purchase_of_day ON purchase (switcher_id, {_SETTLEMENT_DATE}, serial) WHERE state = 'sold'",),
        # PLN's verdicts. What an answer sold was reported, whatever became of it later.
        (
            "ALTER TABLE purchase ADD COLUMN verdict TEXT",
            "DROP INDEX purchase_of_day",
            f"CREATE INDEX purchase_of_day ON purchase (switcher_id, {_SETTLEMENT_DATE}, serial) WHERE answer IS NOT NULL",
            """CREATE TABLE decision (
                   reference TEXT PRIMARY KEY,
                   receipt_reference TEXT NOT NULL,
                   switcher_id TEXT NOT NULL,
                   reconciled_on TEXT NOT NULL,
                   result INTEGER NOT NULL CHECK (result BETWEEN 3 AND 6),
                   row TEXT NOT NULL,
                   reason TEXT NOT NULL
               ) WITHOUT ROWID""",
            "CREATE INDEX decision_of_day ON decision (reconciled_on, switcher_id, reference)",
            "CREATE INDEX decision_of_receipt ON decision (receipt_reference)",
        ),
    )

    def begin(self, order: Order, gateway: str, owner: str) -> int:
        """Write a new purchase down; its number."""
        switching = order.switching
        with self._transaction():
            cursor = self._connection.execute(
                """INSERT INTO purchase (owner, gateway, state, meter, amount, receipt_reference,
                                         switcher_id, bank_code, merchant_category) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)""",
                (
                    *(owner, gateway, State.CONNECTING.value, order.meter, order.amount, order.receipt_reference),
                    *(switching.switcher_id, switching.bank_code, switching.merchant_category),
                ),
            )
            return int(cursor.lastrowid or 0)

    @contextmanager
    def step(self, owner: str) -> Iterator["Step"]:
        """What is written inside is on disk when this ends, all or nothing. TakenOver if the purchase has another owner."""
        with self._transaction():
            yield Step(self._connection, owner)

    def take_over(self, owner: str, gateway: str | None = None) -> list[Purchase]:
        """The open purchases, at one gateway or at any, from now on this owner's."""
        where = f"state IN ({_OPEN}) AND (? IS NULL OR gateway = ?)"
        with self._transaction():
            self._connection.execute(f"UPDATE purchase SET owner = ? WHERE {where}", (owner, gateway, gateway))  # noqa: S608
            rows = self._connection.execute(f"{_SELECT} WHERE {where} ORDER BY serial", (gateway, gateway))
            return [_purchase(row) for row in rows]

    def gateways_of_open(self, mark: str = "") -> list[str]:
        """Where the open purchases, or those whose receipt reference begins with ``mark``, were begun: only there can they be
        finished."""
        where = f"state IN ({_OPEN}) AND substr(receipt_reference, 1, ?) = ?"
        with self._errors_in_one_line():
            statement = f"SELECT DISTINCT gateway FROM purchase WHERE {where} ORDER BY gateway"  # noqa: S608
            return [gateway for (gateway,) in self._connection.execute(statement, (len(mark), mark))]

    def open_purchases(self) -> list[Purchase]:
        """Those that are not finished, oldest first."""
        with self._errors_in_one_line():
            return [_purchase(row) for row in self._connection.execute(f"{_SELECT} WHERE state IN ({_OPEN}) ORDER BY serial")]

    def untold(self) -> list[Result]:
        """Finished purchases of which nobody was told: the client was killed between the reply and the print."""
        with self._errors_in_one_line():
            rows = self._connection.execute(f"{_SELECT} WHERE NOT is_told AND state NOT IN ({_OPEN}) ORDER BY serial")
            return [_purchase(row).result for row in rows]

    def set_told(self, serial: int) -> None:
        """Somebody has seen what became of this purchase. ValueError while it is open: what becomes of it is not known yet."""
        with self._transaction():
            row = self._connection.execute("SELECT state FROM purchase WHERE serial = ?", (serial,)).fetchone()
            if row and State(row[0]) in OPEN_STATES:
                raise ValueError(f"purchase {serial} is {row[0]}: there is nothing to tell yet")
            self._connection.execute("UPDATE purchase SET is_told = 1 WHERE serial = ?", (serial,))

    def purchases(self) -> list[Purchase]:
        """All of them, oldest first."""
        with self._errors_in_one_line():
            return [_purchase(row) for row in self._connection.execute(f"{_SELECT} ORDER BY serial")]

    def purchases_of(self, meter: str, most: int) -> list[tuple[Purchase, datetime | None]]:
        """The last purchases for a meter, the newest first, each with the time of its first message; None if there is none."""
        began_at = "(SELECT min(at) FROM message WHERE message.serial = purchase.serial)"
        statement = f"SELECT {_COLUMNS}, {began_at} FROM purchase WHERE meter = ? ORDER BY serial DESC LIMIT ?"  # noqa: S608
        with self._errors_in_one_line():
            rows = self._connection.execute(statement, (meter, most)).fetchall()
        return [(_purchase(row), datetime.fromisoformat(at) if at else None) for *row, at in rows]

    def switchings(self) -> frozenset[str]:
        """Those that have bought."""
        with self._errors_in_one_line():
            rows = self._connection.execute("SELECT DISTINCT switcher_id FROM purchase")
            return frozenset(switcher_id for (switcher_id,) in rows)

    def answers_of_day(self, switcher_id: str, settled_on: date) -> Iterator[bytes]:
        """The streams that sold something to a switching, settled on a day, in the order of the purchases; also those that
        reconciliation took back since."""
        day = f"{settled_on.year:04}{settled_on:%m%d}".encode("ascii")
        where = f"answer IS NOT NULL AND switcher_id = ? AND {_SETTLEMENT_DATE} = ?"
        with self._errors_in_one_line():
            statement = f"SELECT answer FROM purchase WHERE {where} ORDER BY serial"  # noqa: S608
            for (answer,) in self._connection.execute(statement, (switcher_id, day)):
                yield answer

    def result_of(self, receipt_reference: str) -> Result | None:
        """What became of the purchase with a receipt reference; None if there is none.

        Where the purchase itself is lost, with the file it was in, a verdict on it may still tell.
        """
        with self._errors_in_one_line():
            row = self._connection.execute(f"{_SELECT} WHERE receipt_reference = ?", (receipt_reference,)).fetchone()
            if row is not None:
                return _purchase(row).result
            where = "WHERE receipt_reference = ? ORDER BY reconciled_on LIMIT 1"
            row = self._connection.execute(f"{_SELECT_DECISION} {where}", (receipt_reference,)).fetchone()
        return _lost_purchase(_decision(row)).result if row is not None else None

    def decide(self, decisions: Iterable[Decision]) -> None:
        """Remember decisions, and make the purchases sold or not sold by them; on disk when this returns, all or nothing.

        A decision on a reference that was decided before changes nothing.
        """
        with self._transaction():
            for each in decisions:
                receipt, day = each.transaction.receipt_reference, each.reconciled_on.isoformat()
                cursor = self._connection.execute(
                    "INSERT OR IGNORE INTO decision VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (each.reference, receipt, each.switcher_id, day, each.result.value, each.row, each.reason),
                )
                if cursor.rowcount:
                    self._obey(each)

    def _obey(self, decision: Decision) -> None:
        is_sold = decision.result.is_sold
        reached = State.SOLD_BY_RECONCILIATION if is_sold else State.NOT_SOLD_BY_RECONCILIATION
        self._connection.execute(
            """UPDATE purchase SET state = ?, verdict = ?, why = ?, owner = ?, is_told = 0
               WHERE pln_reference = ? AND state <> ?""",
            (
                *(reached.value, decision.row if is_sold else None, decision.words, _RECONCILIATION, decision.reference),
                (State.SOLD if is_sold else State.NOT_SOLD).value,
            ),
        )

    def decisions(self, switcher_id: str, reconciled_on: date) -> Iterator[Decision]:
        """The decisions of a reconciliation, by reference."""
        where = "WHERE reconciled_on = ? AND switcher_id = ? ORDER BY reference"
        with self._errors_in_one_line():
            for row in self._connection.execute(f"{_SELECT_DECISION} {where}", (reconciled_on.isoformat(), switcher_id)):
                yield _decision(row)

    def streams_of(self, references: Iterable[str]) -> Iterator[SuspectStream]:
        """What was sent and received for some PLN references, by meter and time."""
        with self._errors_in_one_line():
            self._connection.execute("CREATE TEMP TABLE IF NOT EXISTS suspect (reference TEXT PRIMARY KEY)")
            # No transaction, which would keep the buying clients waiting: the table is ours alone.
            self._connection.execute("DELETE FROM suspect")
            self._connection.executemany("INSERT OR IGNORE INTO suspect VALUES (?)", ((each,) for each in references))
            for at, reference, meter, amount, stream in self._connection.execute(_STREAMS_OF_SUSPECTS):
                yield SuspectStream(datetime.fromisoformat(at), reference, meter, amount, stream)

    def __contains__(self, reference: object) -> bool:
        with self._errors_in_one_line():
            row = self._connection.execute("SELECT 1 FROM purchase WHERE pln_reference = ?", (reference,)).fetchone()
        return row is not None

    def messages_of(self, reference: str) -> list[LoggedMessage]:
        """What was sent and received for a PLN reference, in order, the inquiry and what was dropped included."""
        statement = """SELECT at, is_sent, stream, note FROM message
                       WHERE reference = ?1 OR (reference IS NULL
                             AND serial = (SELECT serial FROM purchase WHERE pln_reference = ?1))
                       ORDER BY id"""
        return self._messages(statement, (reference,))

    def messages(self) -> list[LoggedMessage]:
        """Everything that was sent and received, in order."""
        return self._messages("SELECT at, is_sent, stream, note FROM message ORDER BY id", ())

    def _messages(self, statement: str, values: tuple[str, ...]) -> list[LoggedMessage]:
        with self._errors_in_one_line():
            rows = self._connection.execute(statement, values)
            return [LoggedMessage(datetime.fromisoformat(at), bool(sent), stream, note) for at, sent, stream, note in rows]


class Step:
    """What can be written in one step. Made by ``Journal.step``."""

    def __init__(self, connection: Any, owner: str) -> None:
        self._connection = connection
        self._owner = owner

    def save(self, purchase: Purchase) -> None:
        """The purchase as it is now, which nobody was told yet."""
        cursor = self._connection.execute(
            """UPDATE purchase SET state = ?, pln_reference = ?, code = ?, why = ?, answer = ?, is_told = 0
               WHERE serial = ? AND owner = ?""",
            (
                *(purchase.state.value, purchase.pln_reference, purchase.code, purchase.why, purchase.answer),
                *(purchase.serial, self._owner),
            ),
        )
        if not cursor.rowcount:
            raise TakenOver(f"purchase {purchase.serial} was taken over by another client or decided by reconciliation")

    def log(self, serial: int | None, stream: bytes, at: datetime, *, is_sent: bool, note: str = "") -> None:
        """A stream of this purchase. Network messages belong to a connection and to no purchase: None."""
        self._connection.execute(
            "INSERT INTO message (serial, reference, at, is_sent, stream, note) VALUES (?, ?, ?, ?, ?, ?)",
            (serial, _reference_in(stream), at.isoformat(), is_sent, stream, note),
        )

    def send(self, purchase: Purchase, at: datetime) -> bytes:
        """Log the request of this purchase; its stream, to be sent once the step is on disk."""
        if purchase.request is None:
            raise ValueError(f"purchase {purchase.serial} has nothing to send")
        stream = write(purchase.request)
        self.log(purchase.serial, stream, at, is_sent=True)
        return stream


_STREAMS_OF_SUSPECTS = """
    SELECT at, pln_reference, meter, amount, stream FROM (
        SELECT message.id, at, pln_reference, meter, amount, stream
        FROM suspect JOIN purchase ON pln_reference = suspect.reference JOIN message ON message.reference = pln_reference
        UNION ALL
        SELECT message.id, at, pln_reference, meter, amount, stream
        FROM suspect JOIN purchase ON pln_reference = suspect.reference
        JOIN message ON message.serial = purchase.serial AND message.reference IS NULL
    ) ORDER BY meter, at, id
"""


def _reference_in(stream: bytes) -> str | None:
    """The PLN reference a stream names, so that a late reply is filed where it belongs and not where it disturbed."""
    try:
        message = read(stream)
    except ImproperMessage:
        return None
    # An inquiry reply's reference may be one that the gateway gave out twice; it belongs to the purchase that asked.
    is_named = table.PLN_REFERENCE in message and message.mti is not Mti.INQUIRY_RESPONSE
    return message.text(table.PLN_REFERENCE) if is_named else None


def _purchase(row: tuple[Any, ...]) -> Purchase:
    serial, state, meter, amount, receipt_reference, switcher_id, bank_code, merchant_category, *others = row
    pln_reference, code, why, answer, row_of_verdict = others
    order = Order(meter, amount, receipt_reference, Switching(switcher_id, bank_code, merchant_category))
    verdict = None if row_of_verdict is None else Transaction.of(row_of_verdict.encode("ascii"))
    return Purchase(serial, order, State(state), pln_reference, code, why, answer, verdict)


def _decision(row: tuple[Any, ...]) -> Decision:
    reference, switcher_id, reconciled_on, result, text, reason = row
    return Decision(
        reference=reference,
        switcher_id=switcher_id,
        reconciled_on=date.fromisoformat(reconciled_on),
        result=ReconciliationResult(result),
        row=text,
        reason=reason,
    )


def _lost_purchase(decision: Decision) -> Purchase:
    """What a verdict tells of a purchase that is not here; its number, 0, is nobody's."""
    sold = decision.transaction
    switching = Switching(sold.switcher_id, sold.bank_code, sold.merchant_category)
    order = Order(sold.meter, sold.amount, sold.receipt_reference, switching)
    is_sold = decision.result.is_sold
    state = State.SOLD_BY_RECONCILIATION if is_sold else State.NOT_SOLD_BY_RECONCILIATION
    return Purchase(0, order, state, decision.reference, why=decision.words, verdict=sold if is_sold else None)
