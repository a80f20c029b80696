"""Decisions: where each party keeps the decided suspects, in the file of its own ledger. The first verdict is final.

The gateway's ledger is its sales, without those that were cancelled and with those that were forced. The switching's is what
it sold, without what was not forced and with what was not cancelled, whose token it finds in the verdict. So the two are
equal when both have decided.

    3 forced         the switching sold it, the gateway books it       both: sold
    4 not forced     the switching takes it back                       both: not sold
    5 cancelled      the gateway takes it back, the token is nobody's  both: not sold
    6 not cancelled  the switching books it and hands the token out    both: sold

From then on the gateway answers advice by the verdict, and a purchase of the switching is sold or not sold by it.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date, datetime
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Protocol

from pln_sim.reconciliation.decision import Decision
from pln_sim.reconciliation.result import Result
from pln_sim.reconciliation.verdict import Verdict

if TYPE_CHECKING:
    from pln_sim.storage import Depot, Storage
    from pln_sim.switching.journal import Journal

_TOGETHER = 500
"""Decisions in one transaction: switchings at the gateway wait for no more than that."""
_TENTH = 10


class Decisions(Protocol):
    """The decided suspects of one party."""

    def decide(self, verdicts: Iterable[Verdict], switcher_id: str, reconciled_on: date) -> None:
        """Remember verdicts and obey them; on disk when this returns. One on a reference that was decided before changes
        nothing."""

    def of_day(self, switcher_id: str, reconciled_on: date) -> Iterator[Verdict]:
        """The verdicts of a reconciliation, by reference."""


class GatewayDecisions(Decisions):
    """Those of the gateway, in its vending database."""

    def __init__(self, depot: "Depot") -> None:
        self._depot = depot

    def decide(self, verdicts: Iterable[Verdict], switcher_id: str, reconciled_on: date) -> None:
        """As Decisions says."""
        decisions = _decisions(verdicts, switcher_id, reconciled_on)
        while some := list(islice(decisions, _TOGETHER)):
            self._depot.run(partial(_obey_all, some))

    def of_day(self, switcher_id: str, reconciled_on: date) -> Iterator[Verdict]:
        """As Decisions says."""
        behind = ""
        while some := self._depot.run(partial(_decisions_behind, behind, switcher_id, reconciled_on)):
            yield from map(_verdict, some)
            behind = some[-1].reference


class SwitchingDecisions(Decisions):
    """Those of the switching, in its journal."""

    def __init__(self, journal: "Journal") -> None:
        self._journal = journal

    def decide(self, verdicts: Iterable[Verdict], switcher_id: str, reconciled_on: date) -> None:
        """As Decisions says."""
        self._journal.decide(_decisions(verdicts, switcher_id, reconciled_on))

    def of_day(self, switcher_id: str, reconciled_on: date) -> Iterator[Verdict]:
        """As Decisions says."""
        return map(_verdict, self._journal.decisions(switcher_id, reconciled_on))


class ToldDecisions(Decisions):
    """Those of a switching that is not ours and keeps its own ledger: for the sum alone."""

    def __init__(self) -> None:
        self._verdicts: list[Verdict] = []

    def decide(self, verdicts: Iterable[Verdict], switcher_id: str, reconciled_on: date) -> None:
        """As Decisions says, but that nothing is on disk."""
        self._verdicts += verdicts

    def of_day(self, switcher_id: str, reconciled_on: date) -> Iterator[Verdict]:
        """As Decisions says."""
        return iter(self._verdicts)


def _decisions_behind(reference: str, switcher_id: str, reconciled_on: date, storage: "Storage") -> list[Decision]:
    return storage.decisions(switcher_id, reconciled_on, reference)


def _obey_all(decisions: Iterable[Decision], storage: "Storage") -> None:
    """Remember decisions in the gateway's ledger, and bring the month of each meter up to them."""
    for decision in decisions:
        if storage.decision(decision.reference) is not None:
            continue
        storage.add_decision(decision)
        storage.bury(decision.reference)  # whatever comes late, nothing is sold with it any more
        if decision.result is Result.CANCELLED and (sale := storage.sale(decision.reference)):
            storage.count_in_month(sale.meter, sale.sold_at, -sale.kwh)
        elif decision.result is Result.FORCED:
            transaction = decision.transaction
            # A row may name a day that is in no calendar, and that day is in no month.
            with suppress(ValueError):
                sold_on = datetime.strptime(transaction.local_time, "%Y%m%d%H%M%S")
                storage.count_in_month(transaction.meter, sold_on, transaction.energy // _TENTH)


def _decisions(verdicts: Iterable[Verdict], switcher_id: str, reconciled_on: date) -> Iterator[Decision]:
    for verdict in verdicts:
        yield Decision(
            reference=verdict.reference,
            switcher_id=switcher_id,
            reconciled_on=reconciled_on,
            result=verdict.result,
            row=verdict.row.decode("ascii"),
            reason=verdict.reason,
        )


def _verdict(decision: Decision) -> Verdict:
    return Verdict(decision.result, decision.row.encode("ascii"), decision.reason)
