"""The book: accounts, trades and ledger of the reseller, in a file of its own.

What belongs together is written together: an order's trade and the entry that takes its money are on disk in one step, before
anything is sent; so are a trade's outcome and the entries that follow. Whoever is killed in between leaves a trade that is
under way, and its money held, for the next one to settle. A kiosk's balance is never below 0: the file itself refuses it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from meter_emu.shell.database import Database
from meter_emu.sts.errors import RangeError
from pln_sim.reseller import ledger
from pln_sim.reseller.ledger import Entry
from pln_sim.reseller.pin import MOST_TRIES
from pln_sim.reseller.prices import Offer
from pln_sim.reseller.trade import Decision, Outcome, Reason, Refused, State, Trade, Wanted, decide, settle
from pln_sim.vending.money import MAXIMUM_CENTS

FILE_NAME = "reseller.db"
_TRADE = "sender, code, meter, price, amount, receipt_reference, at, state, balance, token, why"
_SELECT = f"SELECT {_TRADE} FROM trade"  # noqa: S608
_UNDECIDED = f"'{State.UNDER_WAY.value}', '{State.SUSPECT.value}'"


@dataclass(frozen=True)
class Account:
    """A kiosk. ``pin`` is what is kept of its PIN; ``held`` and ``balance`` are cents."""

    sender: str
    pin: str
    wrong_pins: int
    balance: int
    held: int = 0

    @property
    def is_locked(self) -> bool:
        """Whether too many wrong PINs came in a row."""
        return self.wrong_pins >= MOST_TRIES


class Book(Database):
    """The book in one file, open. A context manager; one object serves one thread, one file many processes.

    FileError, one line that names the file and what to do, whenever the file cannot be used.
    """

    name = "reseller's book"
    if_lost = "the kiosks' money and their open sales are then unknown"
    application_id = 0x72736C72
    migrations = (
        (
            """CREATE TABLE account (
                   sender TEXT PRIMARY KEY,
                   pin TEXT NOT NULL,
                   wrong_pins INTEGER NOT NULL DEFAULT 0,
                   opened_at TEXT NOT NULL
               )""",
            # What the entries add up to, kept so that nobody has to add them up.
            """CREATE TABLE balance (
                   name TEXT PRIMARY KEY,
                   cents INTEGER NOT NULL CHECK (cents >= 0 OR name = 'paid in')
               )""",
            """CREATE TABLE trade (
                   serial INTEGER PRIMARY KEY AUTOINCREMENT,
                   sender TEXT NOT NULL REFERENCES account,
                   code TEXT NOT NULL,
                   meter TEXT NOT NULL,
                   price INTEGER NOT NULL CHECK (price > 0),
                   amount INTEGER NOT NULL CHECK (amount BETWEEN 1 AND price),
                   receipt_reference TEXT NOT NULL UNIQUE,
                   at TEXT NOT NULL,
                   state TEXT NOT NULL,
                   balance INTEGER NOT NULL,
                   token TEXT,
                   why TEXT NOT NULL
               )""",
            "CREATE INDEX trade_of_sender ON trade (sender)",
            "CREATE INDEX trade_of_order ON trade (sender, meter, code)",
            f"CREATE INDEX trade_undecided ON trade (serial) WHERE state IN ({_UNDECIDED})",
            """CREATE TABLE entry (
                   id INTEGER PRIMARY KEY,
                   at TEXT NOT NULL,
                   trade TEXT REFERENCES trade (receipt_reference),
                   source TEXT NOT NULL,
                   target TEXT NOT NULL,
                   cents INTEGER NOT NULL CHECK (cents > 0)
               )""",
        ),
    )

    def open_account(self, sender: str, pin: str, at: datetime) -> bool:
        """A new account; False, and nothing is changed, if the sender has one. ``pin`` is what is kept of the PIN."""
        with self._transaction():
            cursor = self._connection.execute(
                "INSERT INTO account (sender, pin, opened_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                (sender, pin, at.isoformat()),
            )
            return bool(cursor.rowcount)

    def deposit(self, sender: str, cents: int, at: datetime) -> int | None:
        """Money paid in; the balance then, or None if the sender has no account. RangeError if it is too much for any."""
        with self._transaction():
            account = self._account(sender)
            if account is None:
                return None
            if account.balance + cents > MAXIMUM_CENTS:
                raise RangeError("a deposit that large cannot be kept", field="rupiah")
            self._post(ledger.deposited(sender, cents), at)
            return account.balance + cents

    def set_pin(self, sender: str, pin: str) -> bool:
        """Another PIN, and no wrong tries any more; False if the sender has no account."""
        with self._transaction():
            statement = "UPDATE account SET pin = ?, wrong_pins = 0 WHERE sender = ?"
            return bool(self._connection.execute(statement, (pin, sender)).rowcount)

    def unlock(self, sender: str) -> bool:
        """Three tries again; False if the sender has no account."""
        with self._transaction():
            return bool(self._connection.execute("UPDATE account SET wrong_pins = 0 WHERE sender = ?", (sender,)).rowcount)

    def account(self, sender: str) -> Account | None:
        """The account of a sender."""
        with self._errors_in_one_line():
            return self._account(sender)

    def accounts(self) -> list[Account]:
        """All of them, by number."""
        statement = f"""SELECT sender, pin, wrong_pins, COALESCE(cents, 0),
                               (SELECT COALESCE(SUM(price), 0) FROM trade
                                WHERE trade.sender = account.sender AND state IN ({_UNDECIDED}))
                        FROM account LEFT JOIN balance ON name = 'deposit ' || sender ORDER BY sender"""  # noqa: S608
        with self._errors_in_one_line():
            return [Account(*row) for row in self._connection.execute(statement)]

    def admit(self, tried: Account, is_right: bool) -> Account | Refused:
        """The account as it is now, after a PIN was tried that was right for the account as it was ``tried``.

        The third wrong one in a row locks it, and whatever comes later is refused, right or wrong; so it does not help to
        try many at once.
        """
        with self._transaction():
            return self._admit(tried, is_right)

    def order(self, tried: Account, is_right: bool, code: str, wanted: Wanted, offer: Offer | None) -> Decision:
        """What becomes of an order. A Trade is a new one: it and its money are on disk, and it is to be bought now."""
        with self._transaction():
            account = self._admit(tried, is_right)
            if isinstance(account, Refused):
                return account
            last = self._one("WHERE sender = ? AND meter = ? AND code = ?", (wanted.sender, wanted.meter, code))
            decision = decide(wanted, offer, account.balance, last)
            if isinstance(decision, Trade):
                self._connection.execute(
                    f"INSERT INTO trade ({_TRADE}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
                    _row(decision),
                )
                self._post(ledger.taken(wanted.sender, decision.price), wanted.at, decision)
            return decision

    def settle(self, receipt_reference: str, outcome: Outcome, at: datetime) -> Trade | None:
        """A trade after its outcome, which advice or reconciliation found; None if there is no such trade.

        Settling it again is no harm; AlreadySettled, and nothing is changed, if it was settled otherwise.
        """
        with self._transaction():
            trade = self._one("WHERE receipt_reference = ?", (receipt_reference,))
            if trade is None:
                return None
            settled, entries = settle(trade, outcome, self._balance(ledger.deposit_of(trade.sender)))
            if settled != trade:
                self._connection.execute(
                    "UPDATE trade SET state = ?, balance = ?, token = ?, why = ? WHERE receipt_reference = ?",
                    (settled.state.value, settled.balance, settled.token, settled.why, receipt_reference),
                )
            self._post(entries, at, trade)
            return settled

    def last_trade(self, sender: str, meter: str | None = None) -> Trade | None:
        """A sender's last trade; the last one for a meter, if one is named."""
        with self._errors_in_one_line():
            return (
                self._one("WHERE sender = ? AND meter = ?", (sender, meter))
                if meter
                else self._one("WHERE sender = ?", (sender,))
            )

    def undecided(self) -> list[Trade]:
        """The trades whose money is held, oldest first."""
        with self._errors_in_one_line():
            return [_trade(row) for row in self._connection.execute(f"{_SELECT} WHERE state IN ({_UNDECIDED}) ORDER BY serial")]

    def trade(self, receipt_reference: str) -> Trade | None:
        """The trade with a receipt reference."""
        with self._errors_in_one_line():
            return self._one("WHERE receipt_reference = ?", (receipt_reference,))

    def trades(self) -> list[Trade]:
        """All of them, oldest first."""
        with self._errors_in_one_line():
            return [_trade(row) for row in self._connection.execute(f"{_SELECT} ORDER BY serial")]

    def balances(self) -> dict[str, int]:
        """What is on each account of the ledger."""
        with self._errors_in_one_line():
            return dict(self._connection.execute("SELECT name, cents FROM balance ORDER BY name"))

    def entries(self) -> list[Entry]:
        """Everything that was ever moved, oldest first."""
        with self._errors_in_one_line():
            return [Entry(*row) for row in self._connection.execute("SELECT source, target, cents FROM entry ORDER BY id")]

    def faults(self) -> list[str]:
        """What is wrong with the ledger, a line each: none, unless somebody else wrote in the file."""
        with self._transaction():
            kept = self.balances()
            added_up: dict[str, int] = dict(
                self._connection.execute(
                    """SELECT name, SUM(cents) FROM (SELECT target AS name, cents FROM entry
                       UNION ALL SELECT source, -cents FROM entry) GROUP BY name"""
                )
            )
            statement = f"SELECT COALESCE(SUM(price), 0) FROM trade WHERE state IN ({_UNDECIDED})"  # noqa: S608
            undecided = self._connection.execute(statement).fetchone()[0]
        found = [
            f"{name} is {kept.get(name, 0)} cents, and its entries make {added_up.get(name, 0)}"
            for name in sorted({*kept, *added_up})
            if kept.get(name, 0) != added_up.get(name, 0)
        ]
        if kept.get(ledger.HELD, 0) != undecided:
            found.append(f"{kept.get(ledger.HELD, 0)} cents are held, and the undecided trades cost {undecided}")
        return found

    def _account(self, sender: str) -> Account | None:
        row = self._connection.execute("SELECT pin, wrong_pins FROM account WHERE sender = ?", (sender,)).fetchone()
        return Account(sender, row[0], row[1], self._balance(ledger.deposit_of(sender))) if row else None

    def _admit(self, tried: Account, is_right: bool) -> Account | Refused:
        account = self._account(tried.sender)
        if account is None:
            return Refused(Reason.UNKNOWN_SENDER)
        if account.is_locked:
            return Refused(Reason.LOCKED)
        is_right = is_right and account.pin == tried.pin
        wrong_pins = 0 if is_right else account.wrong_pins + 1
        if wrong_pins != account.wrong_pins:
            self._connection.execute("UPDATE account SET wrong_pins = ? WHERE sender = ?", (wrong_pins, account.sender))
        if is_right:
            return account
        tries_left = MOST_TRIES - wrong_pins
        return Refused(Reason.WRONG_PIN if tries_left else Reason.LOCKED, tries_left=tries_left)

    def _balance(self, name: str) -> int:
        row = self._connection.execute("SELECT cents FROM balance WHERE name = ?", (name,)).fetchone()
        return int(row[0]) if row else 0

    def _post(self, entries: Iterable[Entry], at: datetime, trade: Trade | None = None) -> None:
        """Write entries down and bring the balances up to them. Inside of a transaction."""
        for entry in entries:
            self._connection.execute(
                "INSERT INTO entry (at, trade, source, target, cents) VALUES (?, ?, ?, ?, ?)",
                (at.isoformat(), trade and trade.receipt_reference, *entry),
            )
            for name, cents in ((entry.source, -entry.cents), (entry.target, entry.cents)):
                self._connection.execute("INSERT INTO balance (name, cents) VALUES (?, 0) ON CONFLICT DO NOTHING", (name,))
                self._connection.execute("UPDATE balance SET cents = cents + ? WHERE name = ?", (cents, name))

    def _one(self, where: str, values: tuple[str, ...]) -> Trade | None:
        """The last trade that fits."""
        row = self._connection.execute(f"{_SELECT} {where} ORDER BY serial DESC LIMIT 1", values).fetchone()
        return _trade(row) if row else None


def _row(trade: Trade) -> tuple[Any, ...]:
    return (
        *(trade.sender, trade.code, trade.meter, trade.price, trade.amount, trade.receipt_reference),
        *(trade.at.isoformat(), trade.state.value, trade.balance, trade.token, trade.why),
    )


def _trade(row: tuple[Any, ...]) -> Trade:
    sender, code, meter, price, amount, receipt_reference, at, state, *others = row
    return Trade(sender, code, meter, price, amount, receipt_reference, datetime.fromisoformat(at), State(state), *others)
