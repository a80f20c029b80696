"""The contract of a depot: both kinds must pass everything here."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest

from meter_emu.shell.errors import FileError
from meter_emu.sts.keys import default_parameters
from meter_emu.sts.keys.key_store import MeterCard
from meter_emu.sts.numbers import TokenIdentifier
from meter_emu.sts.numbers.token_identifier import LAST_TID, MINUTES_A_DAY
from pln_sim.reconciliation.result import Result
from pln_sim.storage import COUNTER, Switching
from pln_sim.storage.sql_storage import PAGE
from pln_sim.storage.sqlite import SqliteDepot
from pln_sim.vending.ledger import reserve


class Trouble(Exception):
    """Any."""


@pytest.fixture
def do(opened_depot):
    """Runs one job; its result, or its error raised."""
    return opened_depot().run


@pytest.fixture
def remember(some):
    def job(storage):
        storage.add_reference(some.REFERENCE)
        storage.add_sale(some.SALE)

    return job


def sales_like(sale, count, **changes):
    """Sales that may all be made, from the given one's serial on."""
    return [
        replace(sale, serial=sale.serial + n, reference=f"{sale.serial + n:032X}", tid=sale.tid + n, **changes)
        for n in range(count)
    ]


def test_empty(do, some, opened_depot):
    assert do(lambda storage: storage.reference("A" * 32)) is None
    assert do(lambda storage: storage.sale("A" * 32)) is None
    assert do(lambda storage: storage.next_serial()) == 1
    assert do(lambda storage: storage.bought_in_month(some.METER, some.NOON)) == 0
    assert do(lambda storage: storage.customer(some.METER)) is None
    assert not do(lambda storage: storage.is_loaded())
    assert list(opened_depot().sales()) == []


def test_what_is_written_is_read_by_another(do, opened_depot, some, remember):
    do(lambda storage: storage.add_reference(some.REFERENCE))
    assert opened_depot().run(lambda storage: storage.reference(some.REFERENCE.number)) == some.REFERENCE
    do(lambda storage: storage.add_sale(some.SALE))

    def look(storage):
        return storage.sale(some.SALE.reference), storage.next_serial(), storage.bought_in_month(some.METER, some.NOON)

    assert do(look) == opened_depot().run(look) == (some.SALE, 2, some.SALE.kwh)
    assert list(opened_depot().sales()) == [some.SALE]


def test_reference_is_used_by_a_sale(do, some, remember):
    do(remember)
    used = do(lambda storage: storage.reference(some.REFERENCE.number))
    assert used.is_used
    assert not used.can_buy(some.NOON - timedelta(days=1))
    assert replace(used, is_used=False) == some.REFERENCE


def test_buried(do, some):
    do(lambda storage: storage.add_reference(some.REFERENCE))
    do(lambda storage: storage.bury(some.REFERENCE.number))
    assert do(lambda storage: storage.reference(some.REFERENCE.number)) == replace(some.REFERENCE, is_dead=True)
    do(lambda storage: storage.bury("F" * 32))  # nobody's: nothing to do


def test_old_references_are_forgotten_and_used_ones_are_not(do, some, remember):
    do(remember)
    unused = [
        replace(some.REFERENCE, number=f"{n:032X}", expires_at=some.NOON + timedelta(minutes=n), is_dead=n == 1)
        for n in range(5)
    ]
    do(lambda storage: [storage.add_reference(reference) for reference in unused])
    before = some.NOON + timedelta(minutes=4)
    assert [do(lambda storage: storage.forget_references(before, 3)) for _ in range(3)] == [3, 1, 0]
    kept = do(lambda storage: [storage.reference(reference.number) for reference in unused])
    assert kept == [None, None, None, None, unused[4]]
    assert do(lambda storage: storage.reference(some.REFERENCE.number)).is_used
    assert do(lambda storage: storage.sale(some.REFERENCE.number)) == some.SALE


@pytest.mark.parametrize(
    "change",
    [
        {"serial": 2, "tid": 1},  # the reference again
        {"serial": 2, "reference": "B" * 32},  # the TID again
        {"serial": 1, "reference": "B" * 32, "tid": 1},  # the serial again
        {"serial": 2, "reference": "B" * 32, "tid": 1, "vat": 9},  # parts that do not add up
    ],
)
def test_sale_that_may_not_be(do, some, remember, change):
    do(remember)
    with pytest.raises(Exception, match="constraint"):
        do(lambda storage: storage.add_sale(replace(some.SALE, **change)))
    assert do(lambda storage: (storage.next_serial(), storage.bought_in_month(some.METER, some.NOON))) == (2, some.SALE.kwh)
    if "tid" in change:
        assert do(lambda storage: storage.free_tids(some.METER, "2014", TokenIdentifier(2))) == [2]


def test_month_is_counted_by_meter_and_month(do, some, remember):
    do(remember)
    others = ((some.METER, some.NOON), (some.OTHER_METER, some.NOON), (some.METER, some.NOON.replace(month=12)))
    for number, (meter, sold_at) in enumerate(others, 2):
        sale = replace(some.SALE, serial=number, reference=f"{number:032}", meter=meter, sold_at=sold_at, tid=number, kwh=1)
        do(lambda storage, sale=sale: storage.add_sale(sale))
    months = (*others, (some.METER, date(2025, 11, 1)))
    assert [do(lambda storage, month=month: storage.bought_in_month(*month)) for month in months] == [1171, 1, 1, 0]


def test_a_sale_over_the_counter_counts_as_any_other(do, opened_depot, some, remember):
    do(remember)
    nobody = {"switcher_id": COUNTER, "bank_code": "", "merchant_category": "", "trace_number": "", "receipt_reference": ""}
    sale = replace(some.SALE, serial=2, reference="B" * 32, tid=some.SALE.tid + 2, **nobody)
    do(lambda storage: storage.add_sale(sale))
    assert do(lambda storage: storage.bought_in_month(some.METER, some.NOON)) == 2 * some.SALE.kwh
    wanted = TokenIdentifier(some.SALE.tid)
    assert do(lambda storage: storage.free_tids(some.METER, "2014", wanted, 2)) == [wanted + 1, wanted + 3]
    assert list(opened_depot().sales(switcher_id=COUNTER)) == [sale]


def test_decisions_are_kept_once_and_come_by_day_and_switching(do, opened_depot, some):
    assert do(lambda storage: storage.decision(some.DECISION.reference)) is None
    others = [replace(some.DECISION, reference=f"{number:032X}") for number in range(PAGE + 3)]
    elsewhere = replace(some.DECISION, reference="B" * 32, switcher_id="10000D4")
    do(lambda storage: [storage.add_decision(each) for each in (some.DECISION, elsewhere, *reversed(others))])
    with pytest.raises(Exception, match="constraint"):
        do(lambda storage: storage.add_decision(replace(some.DECISION, result=Result.NOT_CANCELLED)))
    assert opened_depot().run(lambda storage: storage.decision(some.DECISION.reference)) == some.DECISION

    def page(behind):
        return do(lambda storage: storage.decisions("10000D3", some.DECISION.reconciled_on, behind))

    first = page("")
    assert first + page(first[-1].reference) == [*others, some.DECISION]
    assert page(some.DECISION.reference) == []
    assert do(lambda storage: storage.decisions("10000D3", date(2026, 11, 24), "")) == []


def test_a_month_can_be_counted_up_and_down(do, some, remember):
    do(remember)
    do(lambda storage: storage.count_in_month(some.METER, some.NOON, -some.SALE.kwh))
    do(lambda storage: storage.count_in_month(some.OTHER_METER, some.NOON, 7))
    assert [
        do(lambda storage, meter=meter: storage.bought_in_month(meter, some.NOON)) for meter in (some.METER, some.OTHER_METER)
    ] == [0, 7]


def test_a_job_that_fails_undoes_its_own_alone(do, opened_depot, some, remember):
    def fail(storage):
        storage.add_reference(replace(some.REFERENCE, number="C" * 32))
        storage.add_sale(replace(some.SALE, serial=storage.next_serial(), reference="C" * 32, tid=5))
        raise Trouble

    def count(storage):
        return storage.next_serial()

    results = opened_depot().run_together([count, fail, remember, count, remember, fail, count])
    assert [results[number] for number in (0, 2, 3, 6)] == [1, None, 2, 2]
    assert [isinstance(results[number], Trouble) for number in (1, 4, 5)] == [True, False, True]
    assert isinstance(results[4], Exception)
    assert do(lambda storage: storage.reference("C" * 32)) is None
    assert do(lambda storage: storage.sale(some.REFERENCE.number)) == some.SALE


def test_depot_held_by_another_is_an_error_and_nothing_is_written(opened_depot, some, remember):
    holder, waiting = opened_depot(), opened_depot(patience_seconds=some.SHORT_SECONDS)

    def meanwhile(storage):
        with pytest.raises(FileError, match="busy: try again"):
            waiting.run(remember)
        return storage.sale(some.REFERENCE.number)

    assert holder.run(meanwhile) is None
    assert waiting.run_together([remember, lambda storage: storage.sale(some.REFERENCE.number)]) == [None, some.SALE]


def test_a_registry_whose_job_fails_was_never_loaded(opened_depot, some):
    def fail(storage):
        assert not storage.is_loaded()
        storage.load(some.registry, some.customers)
        raise Trouble

    results = opened_depot().run_together([fail, fail, lambda storage: storage.is_loaded()])
    assert [type(result) for result in results] == [Trouble, Trouble, bool]
    assert not results[-1]


def test_what_is_known_beforehand_changes_nothing(opened_depot, some, tmp_path):
    meters = (some.METER, some.OTHER_METER)
    random = Random(4)

    def job_of(number):
        meter = random.choice(meters)
        (kind,) = random.choices(("inquire", "buy", "bury", "ask", "fail"), (20, 30, 10, 10, 1))
        reference = f"{random.randrange(16):032X}"
        month, base_date = random.choice((some.NOON, some.NOON.replace(month=12))), random.choice(("1993", "2014"))
        wanted = TokenIdentifier(some.SALE.tid + random.randrange(4))

        def job(storage):
            known = storage.reference(reference)
            sold = storage.sale(reference)
            seen = (
                known,
                sold and sold.tid,
                storage.bought_in_month(meter, month),
                storage.free_tids(meter, base_date, wanted, 2),
            )
            if kind == "inquire" and not known:
                storage.add_reference(replace(some.REFERENCE, number=reference, meter=meter))
            if kind == "bury":
                storage.bury(reference)
            if kind in ("buy", "fail") and known and not known.is_used:
                serial, tid = storage.next_serial(), int(seen[-1][0])
                changes = {"meter": meter, "sold_at": month, "base_date": base_date, "tid": tid, "kwh": number + 1}
                storage.add_sale(replace(some.SALE, serial=serial, reference=reference, **changes))
            if kind == "fail":
                raise Trouble
            return seen, storage.reference(reference), storage.bought_in_month(meter, month), storage.next_serial()

        return job, [meter, reference]

    rounds = [[job_of(number) for number in range(random.choice((1, 3, 12)))] for _ in range(40)]
    depot = opened_depot()
    told = [depot.run_together([job for job, _ in jobs], [text for _, about in jobs for text in about]) for jobs in rounds]
    sold = list(depot.sales())
    with SqliteDepot(tmp_path / "untold.db") as other:
        untold = [other.run_together([job]) for jobs in rounds for job, _ in jobs]
        assert len(sold) > 4
        assert sold == list(other.sales())
    assert [repr(result) for results in told for result in results] == [repr(result) for (result,) in untold]


def test_all_or_nothing_when_the_program_is_interrupted(opened_depot, some, remember):
    depot = opened_depot()

    def interrupt(storage):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        depot.run_together([remember, interrupt])
    assert depot.run(lambda storage: (storage.sale(some.SALE.reference), storage.next_serial())) == (None, 1)
    depot.run(remember)


def test_registry_and_customers_are_read_as_they_were_loaded(do, opened_depot, some):
    do(lambda storage: storage.load(some.registry, some.customers))
    for depot in (opened_depot(), opened_depot()):
        assert depot.run(lambda storage: storage.is_loaded())
        assert depot.run(lambda storage: storage.registry()) == some.registry
        assert depot.run(lambda storage: [storage.customer(meter) for meter in some.customers]) == [*some.customers.values()]


def test_registry_and_customers_are_replaced_together(opened_depot, some):
    writer, reader = opened_depot(), opened_depot()
    writer.run(lambda storage: storage.load(some.registry, some.customers))
    customer = some.customers[some.METER]

    def look(storage):
        return storage.registry(), storage.customer(some.METER), storage.customer(some.OTHER_METER)

    assert reader.run(look) == (some.registry, customer, some.customers[some.OTHER_METER])
    one = Switching("20000D3", frozenset({"0020000"}))
    registry = replace(some.registry, switchings={one.id: one}, products=frozenset({"11111"}), cut_off_seconds=7)
    writer.run(lambda storage: storage.load(registry, {some.METER: replace(customer, va=900)}))
    assert reader.run(look) == (registry, replace(customer, va=900), None)
    tariffs = replace(registry.tariffs, rates=registry.tariffs.rates[:3])
    writer.run(lambda storage: storage.change_tariffs(tariffs))
    assert reader.run(look) == (replace(registry, tariffs=tariffs), replace(customer, va=900), None)


def test_a_changed_customer_is_seen_at_the_next_transaction(opened_depot, some):
    writer, reader = opened_depot(), opened_depot()
    writer.run(lambda storage: storage.load(some.registry, some.customers))
    customer = some.customers[some.METER]
    upgraded = replace(customer, tariff="R1", va=2200, ppj=None, town="JAKARTA", instalment_until=None)
    assert reader.run(lambda storage: storage.customer(some.METER)) == customer
    writer.run(lambda storage: storage.change_customer(upgraded))
    assert reader.run(lambda storage: storage.customer(some.METER)) == upgraded
    new = replace(customer, meter=some.OTHER_METER)
    assert writer.run_together([lambda s: s.change_customer(new), lambda s: s.customer(some.OTHER_METER)]) == [None, new]


def test_a_change_that_is_undone_was_never_there(opened_depot, some):
    depot = opened_depot()
    depot.run(lambda storage: storage.load(some.registry, some.customers))
    customer = some.customers[some.METER]

    def fail(storage):
        storage.change_customer(replace(customer, va=2200))
        storage.load(replace(some.registry, cut_off_seconds=9), {})
        assert storage.customer(some.METER) is None
        raise Trouble

    def look(storage):
        return storage.customer(some.METER), storage.registry()

    _, seen = depot.run_together([fail, look])
    assert seen == depot.run(look) == opened_depot().run(look) == (customer, some.registry)


def test_sales_come_in_order_and_by_day_and_switching(opened_depot, some):
    today, tomorrow = some.SALE.settled_on, some.SALE.settled_on + timedelta(days=1)
    days, switchings = {True: tomorrow, False: today}, {True: "10000D4", False: "10000D3"}
    sales = [
        replace(sale, settled_on=days[sale.serial % 3 == 0], switcher_id=switchings[sale.serial % 2 == 1])
        for sale in sales_like(some.SALE, PAGE * 2 + 50)
    ]
    depot = opened_depot()
    depot.run(lambda storage: [storage.add_sale(sale) for sale in sales])
    assert list(depot.sales()) == sales
    assert list(depot.sales(tomorrow)) == [sale for sale in sales if sale.settled_on == tomorrow]
    assert list(depot.sales(switcher_id="10000D4")) == [sale for sale in sales if sale.switcher_id == "10000D4"]
    both = [sale for sale in sales if sale.settled_on == today and sale.switcher_id == "10000D3"]
    assert list(depot.sales(today, "10000D3")) == both
    assert list(depot.sales(today, "10000D9")) == []


def test_sales_may_be_added_while_they_are_read(opened_depot, some):
    reader, writer = opened_depot(), opened_depot()
    first = sales_like(some.SALE, PAGE + 1)
    writer.run(lambda storage: [storage.add_sale(sale) for sale in first])
    reading = reader.sales()
    assert next(reading) == first[0]
    more = sales_like(replace(first[-1], serial=len(first) + 1, tid=first[-1].tid + 1), 2)
    writer.run(lambda storage: [storage.add_sale(sale) for sale in more])
    reader.run(lambda storage: storage.next_serial())
    assert [next(reading) for _ in range(PAGE + 2)] == [*first[1:], *more]


@pytest.mark.parametrize("count", [1, 3, 500])
def test_tids_move_on_over_those_that_are_taken(opened_depot, count):
    card = MeterCard(default_parameters("12345678911"))
    begin = 4000 * MINUTES_A_DAY - 30
    one, other = opened_depot(), opened_depot()
    tids = []
    for depot in (one, other, one, one, other):
        tids += depot.run(lambda storage: reserve(storage, card, TokenIdentifier(begin), count))
    free = [tid for tid in range(begin, begin + 5 * count + 5) if tid % MINUTES_A_DAY != 1]
    assert tids == free[: 5 * count]
    behind = one.run(lambda storage: reserve(storage, card, TokenIdentifier(begin + 1)))
    assert behind == [free[5 * count]]
    before = one.run(lambda storage: reserve(storage, card, TokenIdentifier(begin - 2), 3))
    assert before == [begin - 2, begin - 1, free[5 * count + 1]]


def test_few_tids_are_left(do, some):
    last = TokenIdentifier(LAST_TID - 1)
    assert do(lambda storage: storage.free_tids(some.METER, "2014", last, 3)) == [LAST_TID - 1, LAST_TID]
    do(lambda storage: storage.take_tids(some.METER, "2014", [last, TokenIdentifier(LAST_TID)]))
    assert do(lambda storage: storage.free_tids(some.METER, "2014", last)) == []
    assert do(lambda storage: storage.free_tids(some.METER, "1993", last)) == [last]


def test_many_at_once_share_serials_tids_and_a_ceiling(opened_depot, some):
    ceiling, workers, each = 30, 4, 12

    def sell(storage, reference):
        if storage.bought_in_month(some.METER, some.NOON) >= ceiling:
            return None
        (tid,) = storage.free_tids(some.METER, "2014", TokenIdentifier(some.SALE.tid))
        sale = replace(some.SALE, serial=storage.next_serial(), reference=reference, tid=int(tid), kwh=1)
        storage.add_sale(sale)
        return sale

    def work(number):
        """A depot of its own for each, as processes have; one that SQLite made stays in its thread."""
        jobs = [lambda storage, n=n: sell(storage, f"{number:016}{n:016}") for n in range(each)]
        with opened_depot.unkept() as depot:
            return [depot.run(job) for job in jobs[: each // 2]] + depot.run_together(jobs[each // 2 :])

    with ThreadPoolExecutor(workers) as pool:
        results = [result for results in pool.map(work, range(workers)) for result in results]
    sold = sorted((sale for sale in results if sale), key=lambda sale: sale.serial)
    assert [sale.serial for sale in sold] == list(range(1, ceiling + 1))
    assert len({sale.tid for sale in sold}) == ceiling
    assert list(opened_depot().sales()) == sold


def test_sale_does_not_show_its_token(some):
    assert some.SALE.token not in repr(some.SALE)
