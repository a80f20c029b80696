"""The table of contracts, fees and promotions: what it says, and what is said of a wrong one."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meter_emu.sts.errors import FormatError, RangeError
from pln_sim.upgrade.rules import Rules, built_in_rules
from pln_sim.upgrade.voucher import RANDOM_BYTES, code_of, read_code, written
from pln_sim.vending.tariff import built_in_tariffs
from pln_sim.vending.toml_table import parse

TODAY = date(2026, 11, 22)
NAME = "LEBARAN CERIA"
CONTRACT = '[[contract]]\ngroup = "R"\ntariff = "R1"\nti = "01"\nva = [450]\nfrom = 2008-01-01\n'
FEE = '[[fee]]\nrupiah_per_va = "937.00"\nfrom = 2015-01-01\n'
POWERS = st.sampled_from(built_in_rules().powers_above("R", 0, TODAY))
PROMOTION = '[[promotion]]\nname = "X"\nrupiah = "1.00"\ndays = 3\nfrom = 2022-01-01\n'
WRONG = {
    'unknown table "x"': ("[x]\n", "unknown table 'x'"),
    "no fee": (CONTRACT + PROMOTION, r"there is no \[\[fee\]\]"),
    "two contracts": (CONTRACT * 2 + FEE + PROMOTION, r"\[\[contract\]\] numbers 1 and 2 hold on the same day"),
    "two promotions": (CONTRACT + FEE + PROMOTION * 2, r"\[\[promotion\]\] numbers 1 and 2 hold on the same day"),
    "a long index": (CONTRACT.replace('"01"', '"123"') + FEE + PROMOTION, r"\[\[contract\]\] number 1: ti: "),
    "no power": (CONTRACT.replace("[450]", "[]") + FEE + PROMOTION, "va: must be a list of powers"),
    "a power twice": (CONTRACT.replace("[450]", "[450, 450]") + FEE + PROMOTION, "va: must be powers above 0, each once"),
    "a group": (CONTRACT.replace('"R"', '"R1"') + FEE + PROMOTION, "group: must be one capital"),
    "for nothing": (CONTRACT + FEE.replace("937.00", "0.00") + PROMOTION, "rupiah_per_va: must be more than 0"),
    "no day": (CONTRACT + FEE + PROMOTION.replace("days = 3", "days = 0"), "days: must be 1 to 3660"),
    "a float": (CONTRACT + FEE.replace('"937.00"', "937.0") + PROMOTION, "rupiah_per_va: must be text in quotes"),
}


def read(text):
    return Rules.from_document(parse(text.encode(), "table"))


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_table(case):
    text, words = WRONG[case]
    with pytest.raises(FormatError, match=words):
        read(text)


def test_two_contracts_of_different_powers_or_days_are_no_clash():
    other = CONTRACT.replace("450", "900")
    earlier = CONTRACT.replace("from = 2008-01-01", "from = 2007-01-01\nuntil = 2007-12-31")
    assert len(read(CONTRACT + other + earlier + FEE + PROMOTION).contracts) == 3


def test_every_contract_of_today_can_be_billed():
    rules, tariffs = built_in_rules(), built_in_tariffs()
    for group in "RBP":
        for va in rules.powers_above(group, 0, TODAY):
            contract = rules.contract(group, va, TODAY)
            assert tariffs.rate(contract.tariff, va, TODAY) > 0
            assert rules.fee(0, va, TODAY) > 0


@given(
    st.sampled_from(built_in_rules().powers_above("R", 0, TODAY)), st.sampled_from(built_in_rules().powers_above("R", 0, TODAY))
)
def test_a_larger_step_is_never_cheaper(first, second):
    rules, (low, high) = built_in_rules(), sorted((first, second))
    if low > 450:
        assert rules.fee(450, low, TODAY) <= rules.fee(450, high, TODAY)


def test_before_there_was_a_fee():
    with pytest.raises(RangeError, match="no connection fee for 900 VA on 2009-01-15"):
        built_in_rules().fee(450, 900, date(2009, 1, 15))


@pytest.mark.parametrize(
    ("on", "name"), [("2022-04-04", None), ("2022-04-05", "LEBARAN CERIA"), ("2022-05-31", "LEBARAN CERIA")]
)
def test_the_promotion_of_the_sop(on, name):
    promotion = built_in_rules().promotion(date.fromisoformat(on))
    assert (promotion and promotion.name) == name
    if promotion:
        assert promotion.valid_until(date.fromisoformat(on)) == date(2022, 5, 31)


@given(st.binary(min_size=RANDOM_BYTES, max_size=RANDOM_BYTES))
def test_a_code_survives_being_printed_and_typed(random):
    code = code_of(random)
    assert (
        read_code(written(code).lower())
        == code
        == read_code(written(code).replace("-", " ").replace("0", "o").replace("1", "l"))
    )


@given(st.binary(min_size=RANDOM_BYTES, max_size=RANDOM_BYTES), st.binary(min_size=RANDOM_BYTES, max_size=RANDOM_BYTES))
def test_codes_differ_as_their_bytes_do(one, other):
    assert (code_of(one) == code_of(other)) is (one == other)
