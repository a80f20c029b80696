"""The counter: a trade bought through the switching, and what became of trades whose buyer was killed.

The reseller and the switching keep a file each, and a trade's receipt reference is its name in both. The trade is in the book
before the purchase is in the switching's journal. So after a kill the journal decides: what stands there is finished by advice
or was decided by reconciliation, what does not was never begun.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pln_sim.gateway.messages import ResponseCode
from pln_sim.reseller.trade import NotSold, Outcome, Sold, State, Suspect, Trade
from pln_sim.switching.client import Client, new_reference
from pln_sim.switching.journal import Journal
from pln_sim.switching.link import Address
from pln_sim.switching.purchase import Outcome as Fate
from pln_sim.switching.purchase import Result, Switching

Buy = Callable[[Trade], Outcome]
"""Buys a trade's amount for its meter, under its receipt reference. May take minutes. An exception leaves the trade open."""
_NEVER_BEGUN = NotSold("transaksi tidak sempat dikirim")
_JOURNAL_LOST = Suspect("the switching's journal is gone")
_TAKEN_BACK = "dibatalkan PLN setelah rekonsiliasi"
_WORDS = {
    ResponseCode.UNKNOWN_METER: "nomor meter tidak dikenal",
    ResponseCode.BELOW_MINIMUM: "nominal di bawah batas PLN",
    ResponseCode.ABOVE_MAXIMUM: "nominal di atas batas PLN",
    ResponseCode.CUT_OFF: "PLN sedang cut-off, coba lagi nanti",
}
"""What a kiosk is told, where it can do something about it."""


@dataclass(frozen=True)
class Terms:
    """How to buy: as whom, from which gateway, with which journal, and how long to wait for each reply."""

    journal: Path
    gateway: Address
    switching: Switching
    wait: float
    now: Callable[[], datetime] = datetime.now


@contextmanager
def counter(terms: Terms) -> Iterator[Buy]:
    """A place to buy at, with a connection to the gateway of its own. For one thread."""
    reference = ""
    with (
        Journal(terms.journal) as journal,
        _client(terms, journal, terms.gateway, reference=lambda: reference) as client,
    ):

        def buy(trade: Trade) -> Outcome:
            nonlocal reference
            reference = trade.receipt_reference
            result = client.buy(trade.meter, trade.amount)
            if not result.is_open:
                client.told(result)  # Whatever becomes of this process, the journal is asked by reference.
            return outcome_of(result)

        yield buy


def outcome_of(result: Result) -> Outcome:
    """What the switching's result means for a trade."""
    if result.outcome is Fate.SOLD and result.sale is not None:
        return Sold(result.sale.token)
    if result.outcome is Fate.NOT_SOLD:
        return NotSold(_TAKEN_BACK if result.is_by_reconciliation else _why_not(result.code))
    return Suspect(f"{result.code or 'no code'} {result.why}".strip())


def finish(
    trades: Sequence[Trade], terms: Terms, gateway_of: Callable[[str], Address | None], *, is_alone: bool
) -> Iterator[tuple[Trade, Outcome]]:
    """What has become of undecided trades, after asking for the advice that is due.

    ``gateway_of`` names the gateway to ask in place of the one where a purchase was begun, or None to leave it. A trade that
    was never begun is not sold; but only if ``is_alone``, for another process may be about to begin it.
    """
    if not terms.journal.exists():
        # It is made before the first trade, so it was lost, and with it what was sent.
        yield from ((trade, _JOURNAL_LOST) for trade in trades if is_alone)
        return
    references = {trade.receipt_reference for trade in trades}
    with Journal(terms.journal) as journal:
        if any(purchase.order.receipt_reference in references for purchase in journal.open_purchases()):
            for begun_at in journal.gateways_of_open():
                if (gateway := gateway_of(begun_at)) is not None:
                    with _client(terms, journal, gateway) as client:
                        list(client.resume(Address.parse(begun_at)))
        for trade in trades:
            result = journal.result_of(trade.receipt_reference)
            if result is not None and not (result.is_open and not is_alone):
                yield trade, outcome_of(result)
                if not result.is_open:
                    journal.set_told(result.serial)
            elif result is None and is_alone and trade.state is State.UNDER_WAY:
                yield trade, _NEVER_BEGUN


def _client(terms: Terms, journal: Journal, gateway: Address, reference: Callable[[], str] = new_reference) -> Client:
    return Client(journal, gateway, terms.switching, terms.wait, clock=terms.now, reference=reference)


def _why_not(code: str | None) -> str:
    if code is None or code == ResponseCode.SUCCESSFUL:
        return "PLN tidak dapat dihubungi, coba lagi nanti"
    return next((words for known, words in _WORDS.items() if code == known), f"ditolak PLN, kode {code}")
