"""VendingView: what the vending database says of a meter and of a token, in one short transaction."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from meter_emu.sts.numbers.drn import Drn
from meter_emu.sts.numbers.token_identifier import TokenIdentifier
from pln_sim.reconciliation.decision import Decision
from pln_sim.storage import Depot, Sale, Storage
from pln_sim.storage.rows import columns_of, select, value_of
from pln_sim.upgrade.book import Book, connection_of
from pln_sim.upgrade.records import Upgrade

MOST_SALES = 200
"""Of a meter, the newest; nobody complains of an older one."""
MOST_METERS = 20_000
"""Whose keys are tried on a token."""
_SELECT_SALE = select("sale", columns_of(Sale))


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
    book, connection = Book(storage), connection_of(storage)
    statement = f"{_SELECT_SALE} WHERE meter = ? ORDER BY serial DESC LIMIT {MOST_SALES:d}"
    sales = [value_of(Sale, row) for row in connection.execute(statement, (str(meter),)).fetchall()]
    token_of = None
    if token:
        row = connection.execute(f"{_SELECT_SALE} WHERE token = ? LIMIT 1", (token,)).fetchone()
        sale = value_of(Sale, row) if row else None
        if sale and sale.meter == meter:
            sales = [sale, *(each for each in sales if each != sale)]
        elif sale:
            token_of = sale.meter
        else:
            token_of = next((other for other in book.meters_of_token(token) if other != meter), None)
    asked = {sale.reference for sale in sales} | {*references}
    decisions = {reference: decision for reference in asked if (decision := storage.decision(reference))}
    return VendingView(tuple(sales), tuple(book.upgrades_of(meter)), decisions, token_of)


def meters_of(depot: Depot) -> list[Drn]:
    """The customers' meters, MOST_METERS at most."""

    def read(storage: Storage) -> list[Drn]:
        rows = connection_of(storage).execute("SELECT meter FROM customer ORDER BY meter LIMIT ?", (MOST_METERS,)).fetchall()
        return [Drn(meter) for (meter,) in rows]

    return depot.run(read)


def has_taken(depot: Depot, candidates: Iterable[tuple[Drn, str, int]]) -> Drn | None:
    """The first of some meters to which a token with that TID was issued, as the ledger says: meter, base date, TID."""

    def find(storage: Storage) -> Drn | None:
        for meter, base_date, tid in candidates:
            wanted = TokenIdentifier(tid)
            if storage.free_tids(meter, base_date, wanted) != [wanted]:
                return meter
        return None

    return depot.run(find)
