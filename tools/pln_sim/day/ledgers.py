"""The three ledgers after the day, row by row: the gateway's, the switching's and the reseller's.

The gateway's is its sales without what was cancelled and with what was forced; the switching's is its purchases that are sold;
the reseller's is its trades that are sold, and each of them is a purchase of the switching under the same receipt reference.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple

from pln_sim.reconciliation.decisions import GatewayDecisions
from pln_sim.reconciliation.result import Result
from pln_sim.reconciliation.sources import transaction_of_sale
from pln_sim.reseller import ledger
from pln_sim.reseller.book import FILE_NAME as BOOK_FILE
from pln_sim.reseller.book import Book
from pln_sim.reseller.trade import State, Trade
from pln_sim.storage import FILE_NAME as DEPOT_FILE
from pln_sim.storage import open_depot
from pln_sim.switching.journal import FILE_NAME as JOURNAL_FILE
from pln_sim.switching.journal import Journal
from pln_sim.switching.purchase import Outcome
from pln_sim.vending.money import format_rupiah


class Entry(NamedTuple):
    """What a ledger says of a purchase. ``amount`` is in cents."""

    meter: str
    amount: int
    token: str


@dataclass(frozen=True)
class Row:
    """One purchase in all ledgers; None where a ledger does not have it as sold."""

    receipt_reference: str
    gateway: Entry | None
    switching: Entry | None
    reseller: Entry | None
    is_kiosk: bool
    """Whether it was ordered at a kiosk, so that the reseller's ledger has to have it too."""

    @property
    def fault(self) -> str:
        """What is not equal, in words; empty if all is."""
        ledgers = {"gateway": self.gateway, "switching": self.switching} | (
            {"reseller": self.reseller} if self.is_kiosk else {}
        )
        if not self.is_kiosk and self.reseller is not None:
            return "the reseller has sold it without an order"
        missing = [name for name, entry in ledgers.items() if entry is None]
        if missing:
            return f"missing in the ledger of the {' and the '.join(missing)}"
        for place, name in enumerate(Entry._fields):
            if len({entry[place] for entry in ledgers.values() if entry}) > 1:
                return f"the ledgers say another {name}"
        return ""

    @property
    def entry(self) -> Entry:
        """What the first ledger that has it says."""
        found = self.gateway or self.switching or self.reseller
        assert found is not None
        return found


@dataclass(frozen=True)
class Ledgers:
    """All rows, and what else has to be right."""

    rows: tuple[Row, ...]
    transfer: int
    """Cents that the switching owes PLN by its own ledger."""
    balances: dict[str, int]
    """The accounts of the reseller's money."""
    faults: tuple[str, ...]
    """What is wrong, a line each."""

    @property
    def are_equal(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


def read_ledgers(home: Path, switcher_id: str, reconciled_on: date, agreed: int | None = None) -> Ledgers:
    """The ledgers in a home after the reconciliation of a day. ``agreed`` is the sum in cents both parties came to."""
    gateway = _gateway(home, switcher_id, reconciled_on)
    with Journal(home / JOURNAL_FILE) as journal:
        results = [purchase.result for purchase in journal.purchases()]
        gone = [serial for serial, result in enumerate(results, 1) if result.is_open or result.outcome is Outcome.SUSPECT]
    switching = {
        result.order.receipt_reference: Entry(result.order.meter, result.order.amount, result.sale.token)
        for result in results
        if result.sale is not None
    }
    with Book(home / BOOK_FILE) as book:
        trades, balances, faults = book.trades(), book.balances(), book.faults()
    reseller = {trade.receipt_reference: Entry(trade.meter, trade.amount, trade.token or "") for trade in _sold(trades)}
    ordered = {trade.receipt_reference for trade in trades}
    rows = tuple(
        Row(name, gateway.get(name), switching.get(name), reseller.get(name), name in ordered)
        for name in dict.fromkeys([*switching, *gateway, *reseller])
    )
    wrong = [f"purchase {row.receipt_reference} for meter {row.entry.meter}: {row.fault}" for row in rows if row.fault]
    wrong += [f"purchase {serial} of the switching is not decided" for serial in gone]
    wrong += [f"the reseller's book: {fault}" for fault in faults]
    wrong += _wrong_trades(trades)
    wrong += _wrong_sums(gateway.values(), switching.values(), reseller.values(), balances, agreed)
    return Ledgers(rows, _sum(switching.values()), balances, tuple(wrong))


def _gateway(home: Path, switcher_id: str, reconciled_on: date) -> dict[str, Entry]:
    found: dict[str, Entry] = {}
    with open_depot(home / DEPOT_FILE) as depot:
        sales = {sale.reference: transaction_of_sale(sale) for sale in depot.sales(switcher_id=switcher_id)}
        for verdict in GatewayDecisions(depot).of_day(switcher_id, reconciled_on):
            if verdict.result is Result.CANCELLED:
                sales.pop(verdict.reference, None)
            elif verdict.result is Result.FORCED:
                sales[verdict.reference] = verdict.transaction
    for sold in sales.values():
        found[sold.receipt_reference] = Entry(sold.meter, sold.amount, sold.token)
    return found


def _sold(trades: Iterable[Trade]) -> Iterator[Trade]:
    return (trade for trade in trades if trade.state is State.SOLD)


def _wrong_trades(trades: Iterable[Trade]) -> Iterator[str]:
    for trade in trades:
        if trade.state in (State.UNDER_WAY, State.SUSPECT):
            yield f"the reseller's order {trade.receipt_reference} for meter {trade.meter} is not decided"


def _wrong_sums(
    gateway: Iterable[Entry],
    switching: Iterable[Entry],
    reseller: Iterable[Entry],
    balances: dict[str, int],
    agreed: int | None,
) -> Iterator[str]:
    expected, owed = _sum(gateway), _sum(switching)
    if expected != owed:
        yield f"PLN's ledger comes to {format_rupiah(expected)}, the switching's to {format_rupiah(owed)}"
    if agreed is not None and agreed != owed:
        yield f"{format_rupiah(agreed)} were agreed on, and the switching's ledger comes to {format_rupiah(owed)}"
    owes, sold = balances.get(ledger.SWITCHING, 0), _sum(reseller)
    if owes != sold:
        yield f"the reseller owes {format_rupiah(owes)}, its sales come to {format_rupiah(sold)}"


def _sum(entries: Iterable[Entry]) -> int:
    return sum(entry.amount for entry in entries)
