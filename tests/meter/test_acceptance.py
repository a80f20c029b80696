"""Every result code by a real token, the order of the checks, and what a refusal leaves alone."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meter_emu.meter import Cause, Meter
from meter_emu.meter.credit import Credit
from meter_emu.meter.energy import KWH, TENTH_OF_KWH
from meter_emu.meter.lockout import Lockout
from meter_emu.meter.profiles import PROFILES
from meter_emu.meter.results import AuthenticationResult, Refusal, ResultCode, TokenResult, ValidationResult
from meter_emu.meter.tamper import Tamper
from meter_emu.meter.tid_store import TidStore
from meter_emu.sts.ciphers import SAMPLE_TABLES, StaTables
from meter_emu.sts.tokens import TokenClass, TokenType
from meter_emu.sts.tokens.layout import LAYOUT_OF_TYPE

CAPACITY = PROFILES["pln"].credit_capacity

AUTHENTIC, VALID = AuthenticationResult.AUTHENTIC, ValidationResult.VALID
TWO_TO_66 = 2**66
TAMPERED = Tamper().sense(Cause.METER_COVER, True, now=0).sense(Cause.METER_COVER, False, now=1)
FULL_STORE = TidStore(tuple(range(1000, 1060)))
FOREIGN_DRN = "04176855916"
OTHER_CREDIT = [
    token_type
    for token_type, layout in LAYOUT_OF_TYPE.items()
    if layout.token_class is TokenClass.CREDIT and token_type is not TokenType.ELECTRICITY_CREDIT
]


@dataclass(frozen=True)
class Case:
    """A meter, a token, and what the meter must make of it."""

    name: str
    code: int
    enter: Callable
    """From a utility to a meter and the digits to enter."""
    authentication: AuthenticationResult | None
    validation: ValidationResult | None
    token: TokenResult | None
    lcd: tuple[str, ...]


def flipped(digits, position=7):
    """One digit mistyped."""
    wrong = (int(digits[position]) + 1) % 10
    return f"{digits[:position]}{wrong}{digits[position + 1 :]}"


def after_all_but_one(utility, **altered):
    """A meter that took all sections of a key change but the last, and the last."""
    *first, last = utility.key_change(utility.changed(krn=2), **altered)
    meter = utility.meter()
    for digits in first:
        meter, _ = meter.enter(digits, meter.state.clock)
    return meter, last


CASES = [
    Case("no power", 0, lambda u: (u.meter(is_powered=False), u.credit(1)), None, None, None, ()),
    Case("credit", 1, lambda u: (u.meter(), u.credit(1, 325)), AUTHENTIC, VALID, TokenResult.ACCEPT,
         ("BENAR", "32.50 kWh", "32.50 kWh")),
    Case("credit on top of credit", 1, lambda u: (u.meter(credit=Credit(accepted=KWH)), u.credit(1, 1)),
         AUTHENTIC, VALID, TokenResult.ACCEPT, ("BENAR", "0.10 kWh", "1.10 kWh")),
    Case("clear credit", 1, lambda u: (u.meter(credit=Credit(accepted=KWH)), u.clear_credit(1)),
         AUTHENTIC, VALID, TokenResult.ACCEPT, ("BENAR",)),
    Case("all of a key change", 1, after_all_but_one, AUTHENTIC, VALID, TokenResult.ACCEPT, ("BENAR",)),
    Case("1st section", 2, lambda u: (u.meter(), u.key_change(u)[0]), AUTHENTIC, VALID, TokenResult.FIRST_KCT,
         ("BENAR", "KCT 2 3 4")),
    Case("2nd section", 3, lambda u: (u.meter(), u.key_change(u)[1]), AUTHENTIC, VALID, TokenResult.SECOND_KCT,
         ("BENAR", "KCT 1 3 4")),
    Case("3rd section", 3, lambda u: (u.meter(), u.key_change(u)[2]), AUTHENTIC, VALID, TokenResult.THIRD_KCT,
         ("BENAR", "KCT 1 2 4")),
    Case("4th section", 3, lambda u: (u.meter(), u.key_change(u)[3]), AUTHENTIC, VALID, TokenResult.FOURTH_KCT,
         ("BENAR", "KCT 1 2 3")),
    Case("overflow", 4, lambda u: (u.meter(credit=Credit(accepted=CAPACITY)), u.credit(1, 1)),
         AUTHENTIC, VALID, TokenResult.OVERFLOW_ERROR, ("OVER",)),
    Case("back to key type 0", 5, lambda u: after_all_but_one(u, kt=0), AUTHENTIC, VALID, TokenResult.KEY_TYPE_ERROR,
         ("GAGAL",)),
    Case("reserved class", 6, lambda u: (u.meter(), f"{3 << 27:020d}"), None, None, TokenResult.FORMAT_ERROR, ("SALAH",)),
    Case("2^66", 6, lambda u: (u.meter(), str(TWO_TO_66)), None, None, TokenResult.FORMAT_ERROR, ("SALAH",)),
    Case("unknown credit subclass", 6, lambda u: (u.meter(), u.sealed(0, 8 << 44)), None, None,
         TokenResult.FORMAT_ERROR, ("SALAH",)),
    Case("unknown test subclass", 6, lambda u: (u.meter(), u.sealed(1, 2 << 44)), None, None,
         TokenResult.FORMAT_ERROR, ("SALAH",)),
    Case("unknown management subclass", 6, lambda u: (u.meter(), u.sealed(2, 10 << 44)), None, None,
         TokenResult.FORMAT_ERROR, ("SALAH",)),
    Case("no amount", 7, lambda u: (u.meter(), u.credit(1, 0)), AUTHENTIC, VALID, TokenResult.RANGE_ERROR, ("GAGAL",)),
    Case("a register it has not", 7, lambda u: (u.meter(), u.clear_credit(1, register=4)), AUTHENTIC, VALID,
         TokenResult.RANGE_ERROR, ("GAGAL",)),
    Case("water", 8, lambda u: (u.meter(), u.credit(1, token_type=TokenType.WATER_CREDIT)), AUTHENTIC, VALID,
         TokenResult.FUNCTION_ERROR, ("GAGAL",)),
    Case("old", 9, lambda u: (u.meter(tids=FULL_STORE), u.credit(999)), AUTHENTIC, ValidationResult.OLD_ERROR, None, ("OLD",)),
    Case("used", 10, lambda u: (u.meter(tids=TidStore((7,))), u.credit(7)), AUTHENTIC, ValidationResult.USED_ERROR, None,
         ("USED",)),
    Case("key expired", 11, lambda u: ((v := u.changed(ken=0)).meter(), v.credit(65536)), AUTHENTIC,
         ValidationResult.KEY_EXPIRED_ERROR, None, ("GAGAL",)),
    Case("credit on a default key", 12, lambda u: ((v := u.changed(kt=1)).meter(), v.credit(1)), AUTHENTIC,
         ValidationResult.DDTK_ERROR, None, ("GAGAL",)),
    Case("a wrong digit", 13, lambda u: (u.meter(), flipped(u.credit(1))), AuthenticationResult.CRC_ERROR, None, None,
         ("SALAH",)),
    Case("another meter's", 13, lambda u: (u.meter(), u.of(FOREIGN_DRN).credit(1)), AuthenticationResult.CRC_ERROR, None,
         None, ("SALAH",)),
    Case("wrong CRC of class 1", 13, lambda u: (u.meter(), flipped(u.test_display(), 19)), AuthenticationResult.CRC_ERROR,
         None, None, ("SALAH",)),
    Case("another maker's", 14, lambda u: (u.meter(), u.test_display(maker=13)), AuthenticationResult.MFR_CODE_ERROR, None,
         None, ("GAGAL",)),
    Case("locked out", 15, lambda u: (u.meter(clock=0, lockout=Lockout(3, until=10)), u.credit(1)), None, None, None,
         ("TUNGGU 10 s",)),
    Case("tampered", 16, lambda u: (u.meter(tamper=TAMPERED), u.credit(1)), AUTHENTIC, VALID, None, ("PERIKSA",)),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
class TestResultCodes:
    def test_results(self, case, utility):
        meter, digits = case.enter(utility)
        _, outcome = meter.enter(digits, meter.state.clock)
        assert outcome.result_code == case.code
        assert outcome.authentication_result is case.authentication
        assert outcome.validation_result is case.validation
        assert outcome.token_result is case.token
        assert outcome.accepted == (case.code in (1, 2, 3))

    def test_lcd(self, case, utility):
        meter, digits = case.enter(utility)
        after, outcome = meter.enter(digits, meter.state.clock)
        assert after.lcd_texts(outcome) == case.lcd

    def test_register_keeps_the_code(self, case, utility):
        meter, digits = case.enter(utility)
        meter = meter._replace(state=meter.state._replace(last_result=ResultCode.NONE))
        after, outcome = meter.enter(digits, meter.state.clock)
        assert after.state.last_result == outcome.result_code

    def test_a_refusal_leaves_all_else_alone(self, case, utility):
        meter, digits = case.enter(utility)
        before = meter.advance(meter.state.clock).state
        after, outcome = meter.enter(digits, meter.state.clock)
        if not outcome.accepted:
            told = {name: getattr(after.state, name) for name in ("last_result", "last_token", "lockout")}
            assert after.state == before._replace(**told)
            assert (after.state.lockout != before.lockout) == (case.code in (6, 13))


def test_the_cases_reach_every_code():
    assert {case.code for case in CASES} == {int(code) for code in ResultCode}


def test_no_power_says_nothing_and_leaves_the_register(utility):
    meter = utility.meter(is_powered=False, last_result=ResultCode.USED_ERROR)
    after, outcome = meter.enter(utility.credit(1), meter.state.clock)
    assert outcome.verdict is Refusal.NO_POWER
    assert after.state == meter.advance(meter.state.clock).state
    assert after.display(after.state.clock).lines == ("", "")


@pytest.mark.parametrize(("ea", "dkga"), [("11", "04"), ("07", "04"), ("07", "02")])
def test_credit_with_every_key(utility, ea, dkga):
    other = utility.of(ea=ea, dkga=dkga)
    meter, outcome = other.meter().enter(other.credit(1, 16_385), 0)
    assert outcome.result_code is ResultCode.ACCEPT
    assert meter.state.credit.balance == 16_394 * TENTH_OF_KWH, "an amount that has no coding is rounded up on the token"


def test_a_13_digit_meter_takes_its_token(utility):
    other = utility.of("0100000000008")
    _, outcome = other.meter().enter(other.credit(1), 0)
    assert outcome.accepted


@pytest.mark.parametrize(
    "digits",
    ["", "1" * 19, "1" * 21, "1234 5678 9012 3456 78", "1234567890123456789x", "٠" * 20, "１" * 20, "-1234567890123456789",
     "+1234567890123456789", "1234567890123456789\n", "12_34567890123456789", "²" * 20, "9" * 20, str(2**66), "\0" * 20],
    ids=ascii,
)  # fmt: skip
def test_what_is_no_token_is_a_format_error(meter, digits):
    after, outcome = meter.enter(digits, meter.state.clock)
    assert outcome.result_code is ResultCode.FORMAT_ERROR
    assert after.state.lockout.wrong_tokens == 1


def test_the_last_number_below_2_to_66_has_a_form(meter):
    _, outcome = meter.enter(str(TWO_TO_66 - 1 - (1 << 27)), meter.state.clock)
    assert outcome.result_code is ResultCode.CRC_ERROR


@given(st.text())
@settings(max_examples=100, deadline=None)
def test_no_text_raises(utility, text):
    meter, outcome = utility.meter().enter(text, 0)
    assert outcome.result_code is ResultCode.FORMAT_ERROR
    assert meter.state.credit.accepted == 0


@given(st.integers(0, TWO_TO_66 - 1))
@settings(max_examples=100, deadline=None)
def test_no_20_digits_raise(utility, number):
    meter, _ = utility.meter().enter(f"{number:020d}", 0)
    assert meter.state.last_result is not ResultCode.NONE


any_front = st.builds(lambda subclass, bits: subclass << 44 | bits, st.integers(0, 15), st.integers(0, 2**44 - 1))


@given(st.lists(st.tuples(st.sampled_from([0, 1, 2]), any_front), min_size=1, max_size=8))
@settings(max_examples=150, deadline=None)
def test_no_authentic_bits_raise(utility, tokens):
    """Any kind of token with anything in its fields, under the meter's own key."""
    meter = utility.meter()
    for token_class, front in tokens:
        meter, outcome = meter.enter(utility.sealed(token_class, front), 0)
        assert outcome.result_code not in (ResultCode.NONE, ResultCode.CRC_ERROR)


EARLIER_FIRST = {
    "CRC before tamper": (13, {"tamper": TAMPERED}, lambda u: flipped(u.credit(1))),
    "used before tamper": (10, {"tamper": TAMPERED, "tids": TidStore((1,))}, lambda u: u.credit(1)),
    "tamper before overflow": (16, {"tamper": TAMPERED, "credit": Credit(accepted=CAPACITY)}, lambda u: u.credit(1)),
    "lockout before form": (15, {"lockout": Lockout(3, 2**40)}, lambda u: "9" * 20),
    "lockout before CRC": (15, {"lockout": Lockout(3, 2**40)}, lambda u: flipped(u.credit(1))),
    "lockout before used": (15, {"lockout": Lockout(3, 2**40), "tids": TidStore((1,))}, lambda u: u.credit(1)),
    "lockout before tamper": (15, {"lockout": Lockout(3, 2**40), "tamper": TAMPERED}, lambda u: u.credit(1)),
    "used before overflow": (10, {"credit": Credit(accepted=CAPACITY), "tids": TidStore((1,))}, lambda u: u.credit(1)),
    "used before no amount": (10, {"tids": TidStore((1,))}, lambda u: u.credit(1, 0)),
    "used before not supported": (10, {"tids": TidStore((1,))}, lambda u: u.credit(1, token_type=TokenType.GAS_CREDIT)),
    "CRC before subclass": (13, {}, lambda u: u.of(FOREIGN_DRN).sealed(2, 10 << 44)),
    "CRC before maker": (13, {}, lambda u: flipped(u.test_display(maker=13), 19)),
}  # fmt: skip


@pytest.mark.parametrize(("code", "fields", "digits"), EARLIER_FIRST.values(), ids=EARLIER_FIRST)
def test_the_earlier_check_decides(utility, code, fields, digits):
    meter = utility.meter(**fields)
    _, outcome = meter.enter(digits(utility), meter.state.clock)
    assert outcome.result_code == code


def test_old_then_used_then_expired_then_default_key(utility):
    """The four checks of a TID: each token fails one more of the later ones as well."""
    other = utility.changed(kt=1, ken=0)
    full = TidStore(tuple(range(70_000, 70_060)))
    meter = other.meter(tids=full, credit=Credit(accepted=CAPACITY))
    for tid, code in ((69_999, 9), (70_000, 10), (70_059, 10), (70_060, 11), (65_536, 9)):
        assert meter.enter(other.credit(tid), 0)[1].result_code == code
    meter = other.meter(credit=Credit(accepted=CAPACITY))
    assert meter.enter(other.credit(65_536), 0)[1].result_code == 11
    assert meter.enter(other.credit(65_535), 0)[1].result_code == 12


@pytest.mark.parametrize(
    ("ken", "tid", "code"),
    [(0, 0xFFFF, 1), (0, 0x10000, 11), (85, 0x55FFFF, 1), (85, 0x560000, 11), (254, 0xFFFFFF, 11), (255, 0xFFFFFF, 1)],
)
def test_a_key_expires_after_its_period(utility, ken, tid, code):
    other = utility.changed(ken=ken)
    for digits in (other.credit(tid), other.clear_credit(tid)):
        assert other.meter().enter(digits, 0)[1].result_code == code


def test_a_default_key_still_manages(utility):
    other = utility.changed(kt=1)
    meter, outcome = other.meter().enter(other.power_limit(1, 900), 0)
    assert outcome.accepted
    assert meter.state.overload.limit == 900
    meter, outcome = meter.enter(other.clear_tamper(2), 0)
    assert outcome.accepted


def test_a_common_key_takes_credit(utility):
    other = utility.changed(kt=3)
    assert other.meter().enter(other.credit(1), 0)[1].accepted


class TestCredit:
    def test_works_once(self, utility, meter):
        digits = utility.credit(100, 5)
        meter, first = meter.enter(digits, meter.state.clock)
        meter, second = meter.enter(digits, meter.state.clock)
        assert (first.result_code, second.result_code) == (1, 10)
        assert meter.state.credit.accepted == 5 * TENTH_OF_KWH

    def test_one_tid_works_once_whatever_the_token(self, utility, meter):
        meter, _ = meter.enter(utility.credit(100, 5), meter.state.clock)
        for digits in (utility.credit(100, 6), utility.clear_credit(100), utility.power_limit(100, 900)):
            assert meter.enter(digits, meter.state.clock)[1].result_code == 10

    def test_fills_the_register_to_the_last_tenth(self, utility):
        meter = utility.meter(credit=Credit(accepted=CAPACITY - TENTH_OF_KWH))
        meter, outcome = meter.enter(utility.credit(1, 1), meter.state.clock)
        assert outcome.accepted
        assert meter.state.credit.balance == CAPACITY

    def test_overflow_leaves_the_token_usable(self, utility):
        full = utility.meter(credit=Credit(accepted=CAPACITY))
        digits = utility.credit(1, 1)
        full, outcome = full.enter(digits, full.state.clock)
        assert outcome.result_code is ResultCode.OVERFLOW_ERROR
        full, _ = full.enter(utility.clear_credit(2), full.state.clock)
        full, outcome = full.enter(digits, full.state.clock)
        assert outcome.accepted
        assert full.state.credit.balance == TENTH_OF_KWH

    def test_tamper_leaves_the_token_usable(self, utility):
        meter = utility.meter(tamper=TAMPERED)
        digits = utility.credit(1)
        meter, refused = meter.enter(digits, meter.state.clock)
        meter, _ = meter.enter(utility.clear_tamper(2), meter.state.clock)
        meter, taken = meter.enter(digits, meter.state.clock)
        assert (refused.result_code, taken.result_code) == (16, 1)

    def test_is_remembered_for_the_short_codes(self, utility, meter):
        entered = [utility.credit(tid, tid) for tid in range(1, 8)]
        for digits in entered:
            meter, _ = meter.enter(digits, meter.state.clock)
        history = meter.state.history
        assert history.credit_tokens == 7
        assert [digits for digits, _ in history.last_credits] == entered[:1:-1]
        assert [amount for _, amount in history.last_credits] == [tid * TENTH_OF_KWH for tid in (7, 6, 5, 4, 3)]
        assert history.engineering_tokens == 0

    @pytest.mark.parametrize("token_type", OTHER_CREDIT)
    def test_of_another_kind_is_not_for_this_meter(self, utility, meter, token_type):
        digits = utility.credit(1, token_type=token_type)
        assert meter.enter(digits, meter.state.clock)[1].result_code is ResultCode.FUNCTION_ERROR


class TestTidStore:
    def test_is_60_deep(self, utility, meter):
        for tid in range(100, 160):
            meter, outcome = meter.enter(utility.credit(tid, 1), meter.state.clock)
            assert outcome.accepted
        codes = {tid: meter.enter(utility.credit(tid), meter.state.clock)[1].result_code for tid in (99, 100, 159, 160)}
        assert codes == {99: 9, 100: 10, 159: 10, 160: 1}

    def test_is_never_old_until_full(self, utility):
        meter = utility.meter(tids=TidStore(tuple(range(100, 159))))
        assert meter.enter(utility.credit(0), meter.state.clock)[1].accepted

    def test_the_earliest_makes_room_and_is_old_then(self, utility):
        meter = utility.meter(tids=TidStore(tuple(range(100, 160))))
        meter, _ = meter.enter(utility.credit(160), meter.state.clock)
        assert meter.enter(utility.credit(100), meter.state.clock)[1].result_code == 9
        assert meter.enter(utility.credit(101), meter.state.clock)[1].result_code == 10

    def test_takes_a_gap_while_full(self, utility):
        meter = utility.meter(tids=TidStore(tuple(range(100, 220, 2))))
        meter, outcome = meter.enter(utility.credit(101), meter.state.clock)
        assert outcome.accepted
        assert meter.enter(utility.credit(101), meter.state.clock)[1].result_code == 10
        assert meter.enter(utility.credit(100), meter.state.clock)[1].result_code == 9

    @given(st.lists(st.integers(0, 150), max_size=400))
    @settings(max_examples=60, deadline=None)
    def test_lets_no_tid_through_twice(self, tids):
        store, used = TidStore(), set()
        for tid in tids:
            verdict = store.check(tid)
            latest = sorted(used)[-60:]
            if tid in latest:
                assert verdict is ValidationResult.USED_ERROR
            elif len(latest) == 60 and tid < latest[0]:
                assert verdict is ValidationResult.OLD_ERROR
            else:
                assert verdict is None
                assert tid not in used
                store = store.remember(tid)
                used.add(tid)


class TestManagement:
    def test_clear_credit_takes_what_is_there(self, utility, rich_meter):
        meter, _ = rich_meter.enter(utility.clear_credit(1), rich_meter.state.clock)
        assert meter.state.credit == rich_meter.state.credit._replace(cleared=100 * KWH)
        assert not meter.display(meter.state.clock).is_relay_closed

    def test_clear_credit_of_all_registers(self, utility, rich_meter):
        meter, outcome = rich_meter.enter(utility.clear_credit(1, register=0xFFFF), rich_meter.state.clock)
        assert outcome.accepted
        assert meter.state.credit.balance == 0

    def test_clear_credit_forgives_no_debt(self, utility):
        meter = utility.meter(credit=Credit(accepted=KWH, consumed=3 * KWH, consumed_in_debt=2 * KWH))
        meter, outcome = meter.enter(utility.clear_credit(1), meter.state.clock)
        assert outcome.accepted
        assert meter.state.credit.balance == -2 * KWH

    def test_values_are_kept(self, utility, meter):
        now = meter.state.clock
        meter, _ = meter.enter(utility.power_limit(1, 1300), now)
        meter, _ = meter.enter(utility.token(TokenType.SET_TARIFF_RATE, rnd=0, tid=2, rate=1352), now)
        unbalance = TokenType.SET_MAXIMUM_PHASE_POWER_UNBALANCE_LIMIT
        meter, _ = meter.enter(utility.token(unbalance, rnd=0, tid=3, mppul=450), now)
        state = meter.state
        assert (state.overload.limit, state.tariff_rate, state.phase_unbalance_limit) == (1300, 1352, 450)
        assert state.history.engineering_tokens == 3
        assert state.history.credit_tokens == 0
        assert state.tids.tids == (1, 2, 3)

    def test_a_water_meter_factor_means_nothing_here(self, utility, meter):
        digits = utility.token(TokenType.SET_WATER_METER_FACTOR, rnd=0, tid=1, wmf=2)
        assert meter.enter(digits, meter.state.clock)[1].result_code is ResultCode.FUNCTION_ERROR

    def test_the_last_three_engineering_tokens_are_remembered(self, utility, meter):
        entered = [utility.power_limit(tid, 900) for tid in range(1, 6)]
        for digits in entered:
            meter, _ = meter.enter(digits, meter.state.clock)
        assert meter.state.history.engineering_tokens == 5
        assert list(meter.state.history.last_engineering) == entered[:1:-1]

    def test_works_while_tampered(self, utility):
        meter = utility.meter(tamper=TAMPERED, credit=Credit(accepted=KWH))
        for digits in (utility.clear_credit(1), utility.power_limit(2, 450), *utility.key_change(utility.changed(krn=2))):
            meter, outcome = meter.enter(digits, meter.state.clock)
            assert outcome.accepted


class TestTestDisplay:
    """Class 1: the same for every meter, in the clear, as often as wanted."""

    @pytest.mark.parametrize(("drn", "maker", "accepted"), [
        ("12345678911", 0, True), ("12345678911", 12, True), ("12345678911", 13, False), ("12345678911", 0x12, False),
        ("00000000000", 0, True), ("00000000000", 1, False),
    ])  # fmt: skip
    def test_two_digit_maker(self, utility, drn, maker, accepted):
        other = utility.of(drn)
        _, outcome = other.meter().enter(other.test_display(maker=maker), 0)
        assert outcome.result_code == (1 if accepted else 14)

    @pytest.mark.parametrize(("maker", "accepted"), [(0, True), (100, True), (101, False), (1, False)])
    def test_four_digit_maker(self, utility, maker, accepted):
        other = utility.of("0100000000008")
        digits = other.test_display(maker=maker, token_type=TokenType.METER_TEST_MFR4)
        _, outcome = other.meter().enter(digits, 0)
        assert outcome.result_code == (1 if accepted else 14)

    @pytest.mark.parametrize("digits", ["56493153725450313471", "02305843005052951967"])
    def test_the_published_ones_ask_for_everything(self, meter, digits):
        _, outcome = meter.enter(digits, meter.state.clock)
        assert outcome.accepted
        assert outcome.shows == tuple(f"{number:02d}" for number in range(1, 19))

    @pytest.mark.parametrize(("control", "shows"), [
        (0, ()), (1, ("01",)), (1 << 17, ("18",)), (1 << 18, ()), (1 << 35, ()), (0b101000, ("04", "06")),
    ])  # fmt: skip
    def test_a_bit_asks_for_its_number(self, utility, meter, control, shows):
        _, outcome = meter.enter(utility.test_display(control), meter.state.clock)
        assert outcome.shows == shows

    def test_the_lcd_shows_what_was_asked_for(self, utility, meter):
        meter, outcome = meter.enter(utility.test_display(1 << 17 | 1 << 4), meter.state.clock)
        assert meter.lcd_texts(outcome) == ("BENAR", "TI 01", "12345678911")

    def test_needs_no_key_and_leaves_no_trace(self, utility, meter):
        digits = utility.of(FOREIGN_DRN).test_display(1)
        for _ in range(3):
            after, outcome = meter.enter(digits, meter.state.clock)
            assert outcome.accepted
            before = meter.advance(meter.state.clock).state
            assert after.state == before._replace(last_result=ResultCode.ACCEPT, last_token=after.state.last_token)
            meter = after

    def test_works_while_tampered(self, utility):
        meter = utility.meter(tamper=TAMPERED)
        assert meter.enter(utility.test_display(1), 0)[1].accepted


def test_tokens_under_other_sta_tables_fail_the_crc(utility):
    """The tables are the maker's: the right key with another set opens nothing."""
    other = utility.of(ea="07")
    tables = StaTables(SAMPLE_TABLES.permutation, SAMPLE_TABLES.substitution[::-1])
    state = other.meter().state
    meter = Meter(state._replace(key=state.key._replace(tables=tables)))
    assert meter.enter(other.credit(1), 0)[1].result_code is ResultCode.CRC_ERROR
