"""VendingView: what the vending database says of a meter and of a token, in one short transaction."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from meter_emu.sts.numbers.drn import Drn
from meter_emu.sts.numbers.token_identifier import TokenIdentifier
from pln_sim.reconciliation.decision import Decision
from pln_sim.storage import Depot, Sale, Storage
from pln_sim.upgrade.records import Upgrade

MOST_SALES = 200
"""Of a meter, the newest; nobody complains of an older one."""
MOST_METERS = 20_000
"""Whose keys are tried on a token."""


@dataclass(frozen=True)
class VendingView:
    """What is known of a meter. The newest of everything comes first."""

    sales: tuple[Sale, ...] = ()
    upgrades: tuple[Upgrade, ...] = ()
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    """What reconciliation decided of the references in question."""
    token_of: Drn | None = None
    """The other meter that the token in question was sold to, or that an upgrade made it for."""


def look(storage: Storage, meter: Drn, token: str, references: Iterable[str]) -> VendingView:
    """What the database says. ``token`` may be empty; ``references`` are those that others know of."""
    sales = storage.sales_of(meter, MOST_SALES)
    token_of = None
    if token:
        sale = storage.sale_of_token(token)
        if sale and sale.meter == meter:
            sales = [sale, *(each for each in sales if each != sale)]
        elif sale:
            token_of = sale.meter
        else:
            token_of = next((other for other in storage.meters_of_upgrade_token(token) if other != meter), None)
    asked = {sale.reference for sale in sales} | {*references}
    decisions = {reference: decision for reference in asked if (decision := storage.decision(reference))}
    return VendingView(tuple(sales), tuple(storage.upgrades_of(meter)), decisions, token_of)


def meters_of(depot: Depot) -> list[Drn]:
    """The customers' meters, MOST_METERS at most."""
    return depot.run(lambda storage: storage.meters(MOST_METERS))


def has_taken(depot: Depot, candidates: Iterable[tuple[Drn, str, int]]) -> Drn | None:
    """The first of some meters to which a token with that TID was issued, as the ledger says: meter, base date, TID."""

    def find(storage: Storage) -> Drn | None:
        for meter, base_date, tid in candidates:
            wanted = TokenIdentifier(tid)
            if storage.free_tids(meter, base_date, wanted) != [wanted]:
                return meter
        return None

    return depot.run(find)
