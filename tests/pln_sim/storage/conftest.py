"""Both kinds of depot, opened as often as asked, and values to put in."""

from datetime import date, datetime
from types import SimpleNamespace

import pytest

from meter_emu.sts.numbers import Drn
from pln_sim.gateway.configuration import built_in_configuration
from pln_sim.reconciliation.decision import Decision
from pln_sim.reconciliation.result import Result
from pln_sim.storage import Reference, Sale, open_depot
from pln_sim.storage.sqlite import SqliteDepot

METER, OTHER_METER = Drn("12345678911"), Drn("14100000109")
NOON = datetime(2026, 11, 22, 12, 0)
REFERENCE = Reference("A" * 32, "10000D3", "0110000", METER, 5_000_000, NOON)
SALE = Sale(
    serial=1, reference=REFERENCE.number, switcher_id="10000D3", bank_code="0110000", merchant_category="6015",
    trace_number="000000000001", receipt_reference="R1", local_time=NOON, sold_at=NOON, settled_on=date(2026, 11, 22),
    meter=METER, name="SUBSCRIBER NAME", tariff="R1", va=450, paid=5_000_000, admin=0, stamp_duty=1, vat=2, ppj=3,
    instalment=4, stroom=4_999_990, kwh=1170, base_date="2014", tid=6_780_240, token="01234567890123456789",
)  # fmt: skip
DECISION = Decision(
    reference=SALE.reference, switcher_id="10000D3", reconciled_on=date(2026, 11, 23), result=Result.CANCELLED,
    row="a row|of .fcn\n", reason="the log shows it",
)  # fmt: skip
SHORT_SECONDS = 0.05


class Opened:
    """Opens one database, as often as asked."""

    def __init__(self, open_one):
        self.unkept = open_one
        self.depots = []

    def __call__(self, **options):
        self.depots.append(self.unkept(**options))
        return self.depots[-1]

    def close(self):
        for depot in self.depots:
            depot.close()


@pytest.fixture(params=["sqlite", "postgres"])
def opened_depot(request, tmp_path):
    """Opens the same depot, in which nothing is, as often as asked. ``patience_seconds`` is an option."""
    if request.param == "sqlite":
        opened = Opened(lambda **options: SqliteDepot(tmp_path / "vending.db", **options))
    else:
        from pln_sim.storage.postgres import PostgresDepot

        url = request.getfixturevalue("postgres").url
        opened = Opened(lambda **options: PostgresDepot(url, **options))
    yield opened
    opened.close()


@pytest.fixture
def opened_server(postgres):
    """The same, of a server alone."""
    opened = Opened(lambda **options: open_depot(postgres.url, **options))
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def some():
    """Values to put in."""
    built_in = built_in_configuration()
    return SimpleNamespace(
        METER=METER, OTHER_METER=OTHER_METER, NOON=NOON, REFERENCE=REFERENCE, SALE=SALE,
        DECISION=DECISION, SHORT_SECONDS=SHORT_SECONDS,
        registry=built_in.registry, customers=built_in.customers,
    )  # fmt: skip
