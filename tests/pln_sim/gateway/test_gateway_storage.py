"""The contract of a depot. A new kind joins the parameters of ``opened_depot`` and must pass everything here."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from meter_emu.shell.errors import FileError
from meter_emu.sts.numbers import Drn
from pln_sim.gateway.records import Reference, Sale
from pln_sim.gateway.storage import SqliteDepot

METER, OTHER_METER = Drn("12345678911"), Drn("14100000109")
NOON = datetime(2026, 11, 22, 12, 0)
REFERENCE = Reference("A" * 32, "10000D3", "0110000", METER, 5_000_000, NOON)
SALE = Sale(
    serial=1, reference=REFERENCE.number, switcher_id="10000D3", bank_code="0110000", merchant_category="6015",
    trace_number="000000000001", receipt_reference="R1", local_time=NOON, sold_at=NOON, settled_on=date(2026, 11, 22),
    meter=METER, name="SUBSCRIBER NAME", tariff="R1", va=450, paid=5_000_000, admin=0, stamp_duty=1, vat=2, ppj=3,
    instalment=4, stroom=4_999_990, kwh=1170, base_date="2014", tid=6_780_240, token="01234567890123456789",
)  # fmt: skip


@pytest.fixture(params=["sqlite"])
def opened_depot(request, tmp_path):
    """Opens the same depot, as often as asked."""
    kinds = {"sqlite": lambda: SqliteDepot(tmp_path / "depot.db", patience_seconds=0.05)}
    opened = []

    def open_one():
        opened.append(kinds[request.param]())
        return opened[-1]

    yield open_one
    for depot in opened:
        depot.close()


@pytest.fixture
def do(opened_depot):
    """Runs one job; its result, or its error raised."""
    depot = opened_depot()

    def run(job):
        (result,) = depot.run_together([job])
        if isinstance(result, Exception):
            raise result
        return result

    return run


def remember(storage):
    storage.add_reference(REFERENCE)
    storage.add_sale(SALE)


def test_empty(do):
    assert do(lambda storage: storage.reference("A" * 32)) is None
    assert do(lambda storage: storage.sale("A" * 32)) is None
    assert do(lambda storage: storage.next_serial()) == 1
    assert do(lambda storage: storage.last_tid(METER, "2014")) is None
    assert do(lambda storage: storage.bought_in_month(METER, NOON)) == 0


def test_what_is_written_is_read_by_another(do, opened_depot):
    do(remember)

    def look(storage):
        return (
            storage.reference(REFERENCE.number), storage.sale(REFERENCE.number), storage.next_serial(),
            storage.last_tid(METER, "2014"), storage.last_tid(METER, "1993"), storage.last_tid(OTHER_METER, "2014"),
        )  # fmt: skip

    expected = (REFERENCE, SALE, 2, SALE.tid, None, None)
    assert do(look) == expected
    assert opened_depot().run_together([look]) == [expected]


def test_buried(do):
    do(lambda storage: storage.add_reference(REFERENCE))
    do(lambda storage: storage.bury(REFERENCE.number))
    assert do(lambda storage: storage.reference(REFERENCE.number)) == replace(REFERENCE, is_dead=True)


@pytest.mark.parametrize(
    "change",
    [
        {"serial": 2, "tid": 1},  # the reference again
        {"serial": 2, "reference": "B" * 32},  # the TID again
        {"serial": 1, "reference": "B" * 32, "tid": 1},  # the serial again
        {"serial": 2, "reference": "B" * 32, "tid": 1, "vat": 9},  # parts that do not add up
    ],
)
def test_sale_that_may_not_be(do, change):
    do(remember)
    do(lambda storage: storage.add_reference(replace(REFERENCE, number="B" * 32)))
    with pytest.raises(Exception, match="constraint"):
        do(lambda storage: storage.add_sale(replace(SALE, **change)))
    assert do(lambda storage: (storage.next_serial(), storage.bought_in_month(METER, NOON))) == (2, SALE.kwh)


def test_month_is_counted_by_meter_and_month(do):
    do(remember)
    for number, (meter, sold_at) in enumerate([(METER, NOON), (OTHER_METER, NOON), (METER, NOON.replace(month=12))], 2):
        letter = "ABCDE"[number] * 32
        sale = replace(SALE, serial=number, reference=letter, meter=meter, sold_at=sold_at, tid=number, kwh=1)
        do(lambda storage, letter=letter: storage.add_reference(replace(REFERENCE, number=letter)))
        do(lambda storage, sale=sale: storage.add_sale(sale))
    months = ((METER, NOON), (OTHER_METER, NOON), (METER, date(2026, 12, 31)), (METER, date(2025, 11, 1)))
    assert [do(lambda storage, month=month: storage.bought_in_month(*month)) for month in months] == [1171, 1, 1, 0]


def test_a_job_that_fails_undoes_its_own_alone(do, opened_depot):
    class Trouble(Exception):
        """Any."""

    def fail(storage):
        storage.add_reference(replace(REFERENCE, number="C" * 32))
        storage.add_sale(replace(SALE, reference="C" * 32))
        raise Trouble

    def count(storage):
        return storage.next_serial()

    results = opened_depot().run_together([count, fail, remember, count, fail])
    assert (results[0], results[2], results[3]) == (1, None, 2)
    assert isinstance(results[1], Trouble)
    assert not isinstance(results[4], type(None))
    assert do(lambda storage: storage.reference("C" * 32)) is None
    assert do(lambda storage: storage.sale(REFERENCE.number)) == SALE


def test_depot_held_by_another_is_an_error_and_nothing_is_written(opened_depot):
    holder, waiting = opened_depot(), opened_depot()

    def meanwhile(storage):
        with pytest.raises(FileError):
            waiting.run_together([remember])
        return storage.sale(REFERENCE.number)

    assert holder.run_together([meanwhile]) == [None]
    assert waiting.run_together([remember, lambda storage: storage.sale(REFERENCE.number)]) == [None, SALE]


def test_sale_does_not_show_its_token():
    assert SALE.token not in repr(SALE)
