"""Attempts: the purchases of a meter, each as the gateway and the switching know it, and what became of it.

A token is handed out again only if both sides say that it was sold, or reconciliation has said so. What one side alone
knows is a suspect, of which nobody may hand out a token before reconciliation has decided: it may cancel it.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from pln_sim.reconciliation.decision import Decision
from pln_sim.storage import COUNTER, Sale
from pln_sim.switching.purchase import Outcome, Purchase, State


class Fate(Enum):
    """What became of an attempt."""

    SOLD = "sold"
    NOT_SOLD = "not sold"
    OPEN = "open"
    """The switching has still to ask for the advice."""
    SUSPECT = "suspect"
    CANCELLED = "cancelled"
    """Reconciliation has taken it back."""


@dataclass(frozen=True)
class Bought:
    """A purchase in the switching's journal, and when it began."""

    purchase: Purchase
    at: datetime


@dataclass(frozen=True)
class Attempt:
    """One purchase. At least one of ``sale`` (the gateway's) and ``purchase`` (the switching's) is there."""

    at: datetime
    fate: Fate
    sale: Sale | None
    purchase: Purchase | None

    @property
    def token(self) -> str | None:
        """The token that was made, if one is known. Only a SOLD one's may be told."""
        if self.sale:
            return self.sale.token
        sold = self.purchase.result.sale if self.purchase else None
        return sold.token if sold else None

    @property
    def reference(self) -> str | None:
        """The PLN reference, if there was one."""
        return self.sale.reference if self.sale else self.purchase.pln_reference if self.purchase else None

    @property
    def paid(self) -> int:
        """Cents."""
        if self.sale:
            return self.sale.paid
        assert self.purchase is not None
        return self.purchase.order.amount


_FATE: Mapping[tuple[Outcome | None, bool], Fate] = {
    (Outcome.SOLD, True): Fate.SOLD,
    (Outcome.SOLD, False): Fate.SUSPECT,
    (Outcome.NOT_SOLD, True): Fate.SUSPECT,
    (Outcome.NOT_SOLD, False): Fate.NOT_SOLD,
    (Outcome.SUSPECT, True): Fate.SUSPECT,
    (Outcome.SUSPECT, False): Fate.SUSPECT,
}
"""By what the switching says, and whether the gateway has a sale; before reconciliation."""
_DECIDED = {State.SOLD_BY_RECONCILIATION: Fate.SOLD, State.NOT_SOLD_BY_RECONCILIATION: Fate.CANCELLED}
"""What the switching has heard of reconciliation itself."""


def attempts_of(
    sales: Iterable[Sale],
    bought: Iterable[Bought],
    decisions: Mapping[str, Decision],
    switchings: Collection[str],
    *,
    knows_sales: bool,
) -> list[Attempt]:
    """The attempts of a meter, the newest first.

    ``decisions`` are those of reconciliation by reference, ``switchings`` those whose journal is at hand.
    ``knows_sales``: a vending database is at hand; without one the switching's word is taken.
    """
    left = {sale.reference: sale for sale in sales}
    found = []
    for each in bought:
        purchase = each.purchase
        sale = left.pop(purchase.pln_reference or "", None)
        fate = _decided(purchase.pln_reference, decisions) or _fate(purchase, sale, knows_sales)
        found.append(Attempt(each.at, fate, sale, purchase))
    for sale in left.values():
        is_missed = sale.switcher_id != COUNTER and sale.switcher_id in switchings
        fate = _decided(sale.reference, decisions) or (Fate.SUSPECT if is_missed else Fate.SOLD)
        found.append(Attempt(sale.sold_at, fate, sale, None))
    return sorted(found, key=lambda attempt: attempt.at, reverse=True)


def _fate(purchase: Purchase, sale: Sale | None, knows_sales: bool) -> Fate:
    result = purchase.result
    told = result.sale
    if purchase.state in _DECIDED:
        return _DECIDED[purchase.state]
    if result.is_open:
        return Fate.OPEN
    if not knows_sales:
        return _FATE[result.outcome, told is not None]
    if sale and told and sale.token != told.token:
        return Fate.SUSPECT
    return _FATE[result.outcome, sale is not None]


def _decided(reference: str | None, decisions: Mapping[str, Decision]) -> Fate | None:
    decision = decisions.get(reference) if reference else None
    return None if decision is None else Fate.SOLD if decision.result.is_sold else Fate.CANCELLED
