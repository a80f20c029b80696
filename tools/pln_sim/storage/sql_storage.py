"""SqlStorage: a Storage over any connection that speaks the shared SQL, with ``?`` where a value goes.

Registry and customers are kept in memory for as long as their revision stays what it was: the depot reads it at the start of
each transaction, under the lock, and hands it over.

Many jobs share a transaction, so what they are known to ask for is read for all of them at once, and what they write is
gathered and put at the end. Whatever is asked for again after it was written is put first, and then read.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import date, datetime, time
from itertools import islice
from typing import Any, NamedTuple

from meter_emu.sts.numbers.drn import Drn
from meter_emu.sts.numbers.token_identifier import TokenIdentifier
from pln_sim.reconciliation.decision import Decision
from pln_sim.storage.backlog import Backlog
from pln_sim.storage.connection import Connection, Result
from pln_sim.storage.records import Reference, Sale
from pln_sim.storage.registry import Registry, Switching
from pln_sim.storage.rows import columns_of, insert, row_of, select, value_of, written
from pln_sim.storage.sql_enquiries import SqlEnquiries
from pln_sim.storage.sql_upgrades import SqlUpgrades
from pln_sim.vending import tariff
from pln_sim.vending.customer import Customer, Customers
from pln_sim.vending.ledger import free_identifiers
from pln_sim.vending.tariff import Tariffs

READ_REVISIONS = "SELECT registry, customers FROM revision"
PAGE = 200
"""Sales that are read at once."""
_MOST_KEPT = 4096
_FEW_TIDS = 16
_SETTINGS = ("cut_off", "cut_off_seconds", "reference_seconds", "minimum", "maximum")
_INSERT_REFERENCE = "INSERT INTO reference VALUES (?, ?, ?, ?, ?, ?, ?)"
_BURY_REFERENCE = "UPDATE reference SET is_dead = 1 WHERE number = ?"
_DELETE_REFERENCE = "DELETE FROM reference WHERE number = ?"
_INSERT_TID = "INSERT INTO used_tid (meter, base_date, tid, serial) VALUES (?, ?, ?, ?)"
_SELECT_TIDS = "SELECT tid FROM used_tid WHERE meter = ? AND base_date = ? AND tid >= ? ORDER BY tid LIMIT ?"
_INSERT_CUSTOMER = insert("customer", columns_of(Customer))
_SELECT_CUSTOMER = f"{select('customer', columns_of(Customer))} WHERE meter = ?"
_INSERT_SALE = insert("sale", columns_of(Sale))
_SELECT_SALE = select("sale", columns_of(Sale))
_INSERT_DECISION = insert("decision", columns_of(Decision))
_SELECT_DECISION = select("decision", columns_of(Decision))
_COUNT_IN_MONTH = "INSERT INTO month VALUES (?, ?, ?) ON CONFLICT (meter, month) DO UPDATE SET kwh = month.kwh + excluded.kwh"
_GATHERED = (_INSERT_REFERENCE, _BURY_REFERENCE, _DELETE_REFERENCE, _INSERT_TID, _INSERT_SALE, _COUNT_IN_MONTH)
"""What is put together, in this order: a reference is given once, may be buried, and is deleted once it is used."""
_SELECT_REFERENCE = """
    SELECT number, switcher_id, bank_code, meter, paid, expires_at, is_dead, 0 FROM {texts} JOIN reference ON number = value
    UNION ALL
    SELECT reference, switcher_id, bank_code, meter, paid, sold_at, 0, 1 FROM {texts} JOIN sale ON reference = value
"""
_SELECT_NEWEST = """
    SELECT value,
        (SELECT month || ' ' || kwh FROM month WHERE meter = value ORDER BY month DESC LIMIT 1),
        (SELECT base_date || ' ' || tid FROM used_tid WHERE meter = value ORDER BY base_date DESC, tid DESC LIMIT 1)
    FROM {texts}
"""
_SELECT_SERIAL = "SELECT coalesce(max(serial), 0) + 1 FROM sale"
_REFERENCE_LENGTH = 32
_LATER = "~"
"""Above every month and base date."""


class Dialect(NamedTuple):
    """What the two databases say each in their own way."""

    texts: str
    """A table with a column called value, made of one parameter that holds many texts."""
    parameter: Callable[[list[str]], object]
    """That parameter."""
    together: Callable[[], AbstractContextManager[object]]
    """What statements are put in that need not wait for each other."""


class _Newest(NamedTuple):
    """What a meter has last: its newest month with a sale and the kWh of it, and its last TID. Nothing is below everything."""

    month: tuple[str, int] = ("", 0)
    tid: tuple[str, int] = ("", 0)


class SqlStorage(SqlUpgrades, SqlEnquiries):
    """A Storage. It is used for one transaction after the other: ``begin``, ``foresee``, what is asked, ``put``."""

    def __init__(self, connection: Connection, dialect: Dialect) -> None:
        self._connection = connection
        self._dialect = dialect
        self._select_reference = _SELECT_REFERENCE.format(texts=dialect.texts)
        self._select_newest = _SELECT_NEWEST.format(texts=dialect.texts)
        self._select_decided = f"{_SELECT_DECISION} JOIN {dialect.texts} ON reference = value"
        self._backlog = Backlog(_GATHERED)
        self._references: dict[str, Reference | None] = {}
        self._newest: dict[str, _Newest] = {}
        self._revisions: tuple[int, int] = (0, 0)
        self._registry: Registry | None = None
        self._customers: dict[Drn, Customer | None] = {}
        self._without_free: dict[tuple[Drn, str], tuple[int, int]] = {}
        """From which TID to which one a meter has none free; so a busy meter's are not looked through again and again."""
        self._next_serial: int | None = None

    def begin(self, revisions: tuple[int, int]) -> None:
        """A transaction begins, and READ_REVISIONS yielded this in it."""
        if revisions[0] != self._revisions[0]:
            self._registry = None
        if revisions[1] != self._revisions[1]:
            self._customers.clear()
        self._revisions = revisions
        self._next_serial = None
        self._references.clear()
        self._newest.clear()

    def foresee(self, about: Iterable[str]) -> None:
        """Read at once what will be asked of these meters and references."""
        subjects = set(about)
        numbers = [subject for subject in subjects if len(subject) == _REFERENCE_LENGTH]
        meters = [subject for subject in subjects if len(subject) != _REFERENCE_LENGTH]
        if not subjects:
            return
        with self._dialect.together() if numbers else nullcontext():
            newest = self._execute_with(self._select_newest, meters)
            if numbers:  # else nobody buys
                references = self._execute_with(self._select_reference, numbers, 2)
                serial = self._connection.execute(_SELECT_SERIAL)
        for meter, month, tid in newest.fetchall():
            self._newest[meter] = _Newest(*(_pair(text) if text else ("", 0) for text in (month, tid)))
        if numbers:
            self._references = dict.fromkeys(numbers)
            for row in references.fetchall():
                self._references[row[0]] = _reference_of(row)
            (self._next_serial,) = serial.fetchone()

    def put(self) -> None:
        """Write what was gathered. An error if any of it may not be."""
        with self._dialect.together():
            for statement, rows in self._backlog.take():
                self._connection.executemany(statement, rows)

    def forget(self) -> None:
        """Something was rolled back: nothing that is kept in memory is sure any more."""
        self._backlog.take()
        self._references.clear()
        self._newest.clear()
        self._registry = None
        self._customers.clear()
        self._without_free.clear()
        self._next_serial = None

    def is_loaded(self) -> bool:
        """As Storage says."""
        return self._revisions[0] > 0

    def load(self, registry: Registry, customers: Customers) -> None:
        """As Storage says."""
        for table in ("bank_code", "switching", "product", "setting", "customer"):
            self._connection.execute(f"DELETE FROM {table}")  # noqa: S608 - a name that stands above
        self._connection.executemany("INSERT INTO switching VALUES (?)", [(name,) for name in registry.switchings])
        bank_codes = [(switching.id, code) for switching in registry.switchings.values() for code in switching.bank_codes]
        self._connection.executemany("INSERT INTO bank_code VALUES (?, ?)", bank_codes)
        self._connection.executemany("INSERT INTO product VALUES (?)", [(pan,) for pan in registry.products])
        self._connection.execute(insert("setting", _SETTINGS), [written(getattr(registry, name)) for name in _SETTINGS])
        self._connection.executemany(_INSERT_CUSTOMER, map(row_of, customers.values()))
        self._write_tariffs(registry.tariffs)
        self._changed("registry = registry + 1, customers = customers + 1")

    def change_tariffs(self, tariffs: Tariffs) -> None:
        """As Storage says."""
        self._write_tariffs(tariffs)
        self._changed("registry = registry + 1")

    def registry(self) -> Registry:
        """As Storage says."""
        if self._registry is None:
            self._registry = self._read_registry()
        return self._registry

    def customer(self, meter: Drn) -> Customer | None:
        """As Storage says."""
        if meter not in self._customers:
            if len(self._customers) >= _MOST_KEPT:
                self._customers.clear()
            row = self._connection.execute(_SELECT_CUSTOMER, (meter,)).fetchone()
            self._customers[meter] = value_of(Customer, row) if row else None
        return self._customers[meter]

    def change_customer(self, customer: Customer) -> None:
        """As Storage says."""
        self._connection.execute("DELETE FROM customer WHERE meter = ?", (customer.meter,))
        self._connection.execute(_INSERT_CUSTOMER, row_of(customer))
        self._changed("customers = customers + 1")

    def reference(self, number: str) -> Reference | None:
        """As Storage says."""
        if number in self._references:
            return self._references[number]
        self._put_what_is_about(number)
        row = self._execute_with(self._select_reference, [number], 2).fetchone()
        return _reference_of(row) if row else None

    def add_reference(self, reference: Reference) -> None:
        """As Storage says."""
        row = (
            *(reference.number, reference.switcher_id, reference.bank_code, reference.meter, reference.paid),
            *(reference.expires_at.isoformat(), int(reference.is_dead)),
        )
        self._gather(_INSERT_REFERENCE, row, reference.number)

    def bury(self, number: str) -> None:
        """As Storage says."""
        self._gather(_BURY_REFERENCE, (number,), number)

    def forget_references(self, before: datetime, most: int) -> int:
        """As Storage says."""
        self.put()
        statement = "SELECT number FROM reference WHERE expires_at < ? ORDER BY expires_at LIMIT ?"
        numbers = self._connection.execute(statement, (before.isoformat(), most)).fetchall()
        self._connection.executemany(_DELETE_REFERENCE, numbers)
        return len(numbers)

    def sale(self, reference: str) -> Sale | None:
        """As Storage says."""
        self._put_what_is_about(reference)
        row = self._connection.execute(f"{_SELECT_SALE} WHERE reference = ?", (reference,)).fetchone()
        return value_of(Sale, row) if row else None

    def sales_behind(self, serial: int, settled_on: date | None, switcher_id: str | None) -> list[Sale]:
        """The next sales, at most PAGE, with serials above one, of one settlement date or all, of one switching or all."""
        wishes = {"serial > ?": serial, "settled_on = ?": written(settled_on), "switcher_id = ?": switcher_id}
        said = {condition: value for condition, value in wishes.items() if value is not None}
        statement = f"{_SELECT_SALE} WHERE {' AND '.join(said)} ORDER BY serial LIMIT {PAGE:d}"
        return [value_of(Sale, row) for row in self._connection.execute(statement, tuple(said.values())).fetchall()]

    def next_serial(self) -> int:
        """As Storage says."""
        if self._next_serial is None:
            (self._next_serial,) = self._connection.execute(_SELECT_SERIAL).fetchone()
        return int(self._next_serial)

    def bought_in_month(self, meter: Drn, on: date) -> int:
        """As Storage says."""
        month = _month(on)
        newest, kwh = self._newest[meter].month if meter in self._newest else (_LATER, 0)
        if newest <= month:
            return kwh if newest == month else 0
        self._put_what_is_about(meter)
        row = self._connection.execute("SELECT kwh FROM month WHERE meter = ? AND month = ?", (meter, month)).fetchone()
        return int(row[0]) if row else 0

    def add_sale(self, sale: Sale) -> None:
        """As Storage says."""
        self._gather(_INSERT_TID, (sale.meter, sale.base_date, sale.tid, sale.serial), sale.meter)
        self._gather(_INSERT_SALE, row_of(sale), sale.reference)
        self._gather(_DELETE_REFERENCE, (sale.reference,), sale.reference)
        self.count_in_month(sale.meter, sale.sold_at, sale.kwh)
        self._next_serial = sale.serial + 1

    def count_in_month(self, meter: str, on: date, kwh: int) -> None:
        """As Storage says."""
        self._gather(_COUNT_IN_MONTH, (meter, _month(on), kwh), meter)

    def decision(self, reference: str) -> Decision | None:
        """As Storage says."""
        row = self._connection.execute(f"{_SELECT_DECISION} WHERE reference = ?", (reference,)).fetchone()
        return value_of(Decision, row) if row else None

    def decided(self, references: Iterable[str]) -> dict[str, Decision]:
        """As Depot says."""
        rows = self._execute_with(self._select_decided, [*references]).fetchall()
        return {decision.reference: decision for decision in (value_of(Decision, row) for row in rows)}

    def add_decision(self, decision: Decision) -> None:
        """As Storage says."""
        self._connection.execute(_INSERT_DECISION, row_of(decision))

    def decisions(self, switcher_id: str, reconciled_on: date, behind: str) -> list[Decision]:
        """As Storage says."""
        where = f"WHERE reconciled_on = ? AND switcher_id = ? AND reference > ? ORDER BY reference LIMIT {PAGE:d}"
        values = (written(reconciled_on), switcher_id, behind)
        return [value_of(Decision, row) for row in self._connection.execute(f"{_SELECT_DECISION} {where}", values).fetchall()]

    def free_tids(self, meter: Drn, base_date: str, wanted: TokenIdentifier, count: int = 1) -> list[TokenIdentifier]:
        """As Storage says."""
        first, last = self._without_free.get((meter, base_date), (wanted, wanted - 1))
        if not first <= wanted <= last + 1:
            first, last = wanted, wanted - 1
        begin = TokenIdentifier(last + 1)
        newest = self._newest[meter].tid if meter in self._newest else (_LATER, 0)
        if newest <= (base_date, begin):
            taken = [begin] if newest == (base_date, begin) else []
            tids = list(islice(free_identifiers(begin, taken), count))
        else:
            tids = self._read_free_tids(meter, base_date, begin, count)
        if tids:
            if len(self._without_free) >= _MOST_KEPT:
                self._without_free.clear()
            self._without_free[meter, base_date] = first, tids[0] - 1
        return tids

    def _read_free_tids(self, meter: Drn, base_date: str, begin: TokenIdentifier, count: int) -> list[TokenIdentifier]:
        self._put_what_is_about(meter)
        limit = count + _FEW_TIDS
        while True:
            rows = self._connection.execute(_SELECT_TIDS, (meter, base_date, int(begin), limit)).fetchall()
            tids = list(islice(free_identifiers(begin, (tid for (tid,) in rows)), count))
            # Behind the last row of a full page there may be more of them.
            if len(rows) < limit or (len(tids) == count and tids[-1] < rows[-1][0]):
                return tids
            limit *= 8

    def take_tids(self, meter: Drn, base_date: str, tids: Sequence[TokenIdentifier]) -> None:
        """As Storage says."""
        for tid in tids:
            self._gather(_INSERT_TID, (meter, base_date, int(tid), None), meter)

    def _gather(self, statement: str, row: Sequence[Any], about: str) -> None:
        self._backlog.add(statement, row, about)
        self._references.pop(about, None)
        self._newest.pop(about, None)

    def _execute_with(self, statement: str, texts: list[str], times: int = 1) -> Result:
        return self._connection.execute(statement, (self._dialect.parameter(texts),) * times)

    def _put_what_is_about(self, subject: str) -> None:
        if subject in self._backlog:
            self.put()

    def _changed(self, what: str) -> None:
        self.put()
        self._connection.execute(f"UPDATE revision SET {what}")  # noqa: S608 - text that stands above
        self.forget()
        registry, customers = self._connection.execute(READ_REVISIONS).fetchone()
        self._revisions = (registry, customers)

    def _write_tariffs(self, tariffs: Tariffs) -> None:
        for field, (table, kind) in tariff.TABLES.items():
            self._connection.execute(f"DELETE FROM tariff_{table}")  # noqa: S608 - a name of the table
            statement = insert(f"tariff_{table}", columns_of(kind))
            self._connection.executemany(statement, map(row_of, getattr(tariffs, field)))

    def _read_registry(self) -> Registry:
        switchings: dict[str, set[str]] = {}
        for switching, code in self._connection.execute("SELECT switching, code FROM bank_code").fetchall():
            switchings.setdefault(switching, set()).add(code)
        setting = self._connection.execute(select("setting", _SETTINGS)).fetchone()
        cut_off, cut_off_seconds, reference_seconds, minimum, maximum = setting
        return Registry(
            switchings={name: Switching(name, frozenset(codes)) for name, codes in switchings.items()},
            products=frozenset(pan for (pan,) in self._connection.execute("SELECT pan FROM product").fetchall()),
            tariffs=self._read_tariffs(),
            minimum=minimum,
            maximum=maximum,
            cut_off=time.fromisoformat(cut_off),
            cut_off_seconds=cut_off_seconds,
            reference_seconds=reference_seconds,
        )

    def _read_tariffs(self) -> Tariffs:
        found: dict[str, Any] = {}
        for field, (table, kind) in tariff.TABLES.items():
            statement = select(f"tariff_{table}", columns_of(kind))
            found[field] = tuple(value_of(kind, row) for row in self._connection.execute(statement).fetchall())
        return Tariffs(**found)


def _month(on: date) -> str:
    """``2026-11``."""
    return on.isoformat()[:7]


def _reference_of(row: Sequence[Any]) -> Reference:
    number, switcher_id, bank_code, meter, paid, expires_at, is_dead, is_used = row
    moment = datetime.fromisoformat(expires_at)
    return Reference(number, switcher_id, bank_code, Drn(meter), paid, moment, bool(is_dead), bool(is_used))


def _pair(text: str) -> tuple[str, int]:
    """What a column of ``_SELECT_NEWEST`` holds."""
    front, _, number = text.partition(" ")
    return front, int(number)
