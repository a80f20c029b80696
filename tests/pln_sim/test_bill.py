"""The bill: real receipts to the cent, and what holds for every payment."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from meter_emu.sts.errors import RangeError
from meter_emu.sts.numbers.transfer_amount import decode_amount, encode_amount
from pln_sim.vending.bill import Bill, Refusal, bill
from pln_sim.vending.money import WHOLE, cents
from pln_sim.vending.tariff import built_in_tariffs, parse_tariff

TARIFFS = built_in_tariffs()
OF_2009, OF_2014, OF_2018, OF_2026 = date(2009, 1, 15), date(2014, 6, 1), date(2018, 6, 1), date(2026, 11, 22)
CUSTOMERS = ["R1/450", "R1/900", "R1M/900", "R1/1300", "R1/2200", "R2/3500", "R3/6600", "R3/7700", "B2/200000", "P1/33000"]


def bill_for(paid, customer="R1/1300", ppj=300, on=OF_2026, **more):
    tariff, va = parse_tariff(customer)
    return bill(paid, tariff=tariff, va=va, ppj=ppj, on=on, **{"tariffs": TARIFFS} | more)


def parts_of(made):
    return [made.admin, made.stamp_duty, made.vat, made.ppj, made.instalment, made.stroom]


@pytest.mark.parametrize(
    ("net", "admin", "customer", "on", "ppj", "stroom", "ppj_part", "rate", "kwh"),
    [
        ("18400", "1600", "R1/900", OF_2014, 300, "17864.08", "535.92", "605", 296),
        ("20000", "0", "R1M/900", OF_2018, 900, "18348", "1652", "1352", 136),
        ("100000", "0", "R1/1300", OF_2018, 240, "97656", "2344", "1467.28", 666),
        ("20000", "2500", "R1/900", OF_2018, 750, "18604", "1396", "605", 308),
        ("20000", "3500", "R1/1300", OF_2026, 1000, "18181", "1819", "1444.70", 126),
    ],
)
def test_receipts(net, admin, customer, on, ppj, stroom, ppj_part, rate, kwh):
    made = bill_for(cents(net) + cents(admin), customer, ppj, on, admin=cents(admin))
    assert (made.stroom, made.ppj, made.rate, made.kwh) == (cents(stroom), cents(ppj_part), cents(rate), kwh)
    assert (made.stamp_duty, made.vat, made.instalment) == (0, 0, 0)


def test_the_example_of_the_gateway_specification():
    made = bill_for(50_000_000, "R1/450", 300, OF_2009, instalment=24_850_000)
    assert parts_of(made) == [0, 300_000, 2_199_115, 659_735, 24_850_000, 21_991_150]
    assert made.kwh == 2330
    assert made.rate == 94_400


def test_only_one_price_in_whole_rupiah_makes_the_example():
    prices = [rupiah for rupiah in range(1, 5000) if -(-21_991_150 * 10 // (rupiah * 100)) == 2330]
    assert prices == [944]


@pytest.mark.parametrize(
    ("customer", "on", "stroom", "vat", "ppj"),
    [
        ("R3/6600", OF_2026, "970873", "0", "29127"),
        ("R3/7700", OF_2026, "877192", "96491", "26317"),
        ("R3/7700", OF_2018, "882300", "88230", "26470"),
        ("R1/450", OF_2009, "176106.19", "17610.61", "5283.20"),
    ],
)
def test_value_added_tax(customer, on, stroom, vat, ppj):
    made = bill_for(cents("1000000") if on != OF_2009 else cents("199000"), customer, on=on)
    assert (made.stroom, made.vat, made.ppj) == (cents(stroom), cents(vat), cents(ppj))


@pytest.mark.parametrize(
    ("paid", "on", "duty"),
    [
        ("250000", OF_2018, "0"),
        ("250000.01", OF_2018, "3000"),
        ("1000000", OF_2018, "3000"),
        ("1000000.01", OF_2018, "6000"),
        ("5000000", OF_2026, "0"),
        ("5000000.01", OF_2026, "10000"),
        ("6000000", date(2020, 12, 31), "6000"),
        ("6000000", date(2021, 1, 1), "10000"),
    ],
)
def test_stamp_duty(paid, on, duty):
    assert bill_for(cents(paid), "B2/200000", on=on).stamp_duty == cents(duty)


@pytest.mark.parametrize(
    ("paid", "customer", "more", "refusal"),
    [
        ("4999.99", "R1/1300", {}, Refusal.BELOW_MINIMUM),
        ("50000000.01", "B2/200000", {}, Refusal.ABOVE_MAXIMUM),
        ("10000", "R1/1300", {"admin": cents("10000")}, Refusal.NOTHING_LEFT),
        ("10000", "R1/1300", {"admin": cents("2500"), "instalment": cents("8000")}, Refusal.NOTHING_LEFT),
        ("10000", "R1/1300", {"admin": cents("9999.50")}, Refusal.NOTHING_LEFT),
        ("138496", "R1/450", {}, Refusal.ABOVE_CEILING),
        ("20000", "R1/450", {"bought": 2773}, Refusal.ABOVE_CEILING),
    ],
)
def test_refusals(paid, customer, more, refusal):
    assert bill_for(cents(paid), customer, **more) is refusal


@pytest.mark.parametrize(("customer", "kwh"), [("R1/450", 3240), ("R1/900", 6480), ("R1/1300", 9360), ("R1/2200", 15840)])
def test_the_ceiling_may_be_reached(customer, kwh):
    tariff, va = parse_tariff(customer)
    price = TARIFFS.rate(tariff, va, OF_2026)
    full = bill_for(kwh * price // 10, customer, ppj=0)
    assert full.kwh == kwh
    assert bill_for(kwh * price // 10, customer, ppj=0, bought=1) is Refusal.ABOVE_CEILING
    assert bill_for(kwh * price // 10 + 1000, customer, ppj=0) is Refusal.ABOVE_CEILING


def test_the_least_that_may_be_paid():
    assert bill_for(cents("5000"), "R1/450").kwh == 117


def test_a_large_amount_is_rounded_up_to_one_that_a_token_can_carry():
    made = bill_for(cents("50000000"), "B2/200000")
    assert -(-made.stroom * 10 // made.rate) == 303_530
    assert made.kwh == decode_amount(encode_amount(303_530)) == 303_624


def test_more_than_a_token_can_carry():
    rate = replace(TARIFFS.rates[0], rupiah_per_kwh=1, last=None, va_to=999_999_999)
    cheap = replace(TARIFFS, rates=(rate,))
    assert bill_for(cents("50000000"), "R1/999999999", tariffs=cheap) is Refusal.ABOVE_MAXIMUM


@pytest.mark.parametrize(
    ("customer", "on", "words"),
    [
        ("R1/1300", OF_2014, "no rate for R1/1300 on 2014-06-01"),
        ("R1/1000", OF_2026, "no rate for R1/1000"),
        ("Z9/450", OF_2026, "no rate for Z9/450"),
        ("R1/450", date(2007, 12, 31), "no rate for R1/450 on 2007-12-31"),
    ],
)
def test_a_customer_or_a_day_without_a_rate(customer, on, words):
    with pytest.raises(RangeError, match=words):
        bill_for(2_000_000, customer, on=on)


@pytest.mark.parametrize("name", ["ppj", "admin", "instalment", "bought"])
def test_nothing_is_negative(name):
    with pytest.raises(RangeError, match=f"{name} must not be negative"):
        bill_for(2_000_000, **{name: -1})


payments = st.integers(500_000, 500_000_000) | st.integers(5000, 5_000_000).map(lambda rupiah: rupiah * 100)
days = st.dates(date(2008, 1, 1), date(2030, 12, 31))
rates = st.sampled_from([0, 1, 240, 300, 750, 1000, WHOLE])


@given(payments, st.sampled_from(CUSTOMERS), days, rates, st.integers(0, 1_000_000), st.integers(0, 5_000_000))
def test_the_parts_are_the_payment(paid, customer, on, ppj, admin, instalment):
    try:
        made = bill_for(paid, customer, ppj, on, admin=admin, instalment=instalment)
    except RangeError:
        assume(False)
    assume(isinstance(made, Bill))
    assert sum(parts_of(made)) == made.paid == paid
    assert min(parts_of(made)) >= 0
    assert made.stroom > 0
    assert (made.admin, made.instalment) == (admin, instalment)
    _, va = parse_tariff(customer)
    assert 0 < made.kwh <= 720 * va // 100
    assert made.kwh == decode_amount(encode_amount(made.kwh))
    assert made.kwh * made.rate >= made.stroom * 10, "the customer never gets less than was paid for"
    step = 1 if made.kwh < 16_384 else 10 if made.kwh < 180_224 else 100
    assert (made.kwh - step) * made.rate < made.stroom * 10, "nor more than one step above it"
    if not ppj:
        assert made.ppj == 0
    if not TARIFFS.vat(va, on):
        assert made.vat == 0


@given(payments, st.integers(0, 10_000_000), st.sampled_from(CUSTOMERS), days, rates)
def test_who_pays_more_gets_no_less(paid, more, customer, on, ppj):
    try:
        terms = TARIFFS.terms(*parse_tariff(customer), on)
        less_bill, more_bill = (bill_for(amount, customer, ppj, on) for amount in (paid, paid + more))
    except RangeError:
        assume(False)
    # Just above a step of the stamp duty, a payment buys less than just below: that is the duty's nature.
    assume(terms.stamp_duty(paid) == terms.stamp_duty(paid + more))
    if isinstance(less_bill, Refusal):
        assert isinstance(more_bill, Refusal)
        return
    assert isinstance(more_bill, Bill) or more_bill in (Refusal.ABOVE_CEILING, Refusal.ABOVE_MAXIMUM)
    if isinstance(more_bill, Bill):
        assert (more_bill.stroom, more_bill.kwh) >= (less_bill.stroom, less_bill.kwh)
        assert more_bill.kwh >= less_bill.kwh


@given(payments, st.sampled_from(CUSTOMERS), st.integers(0, 10_000))
def test_a_month_never_passes_the_ceiling(paid, customer, bought):
    made = bill_for(paid, customer, bought=bought)
    if isinstance(made, Bill):
        _, va = parse_tariff(customer)
        assert bought + made.kwh <= 720 * va // 100
        assert made == bill_for(paid, customer), "what was bought before changes nothing else"
