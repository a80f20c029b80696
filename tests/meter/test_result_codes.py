"""Every result code by a real token, the order of the checks, and what a refusal leaves alone."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from meter_emu.meter import Cause
from meter_emu.meter.credit import Credit
from meter_emu.meter.energy import KWH
from meter_emu.meter.lockout import Lockout
from meter_emu.meter.profiles import PROFILES
from meter_emu.meter.results import AuthenticationResult, Refusal, ResultCode, TokenResult, ValidationResult
from meter_emu.meter.tamper import Tamper
from meter_emu.meter.tid_store import TidStore
from meter_emu.sts.tokens import TokenType

CAPACITY = PROFILES["pln"].credit_capacity

AUTHENTIC, VALID = AuthenticationResult.AUTHENTIC, ValidationResult.VALID
TAMPERED = Tamper().sense(Cause.METER_COVER, True, now=0).sense(Cause.METER_COVER, False, now=1)
FULL_STORE = TidStore(tuple(range(1000, 1060)))
FOREIGN_DRN = "04176855916"


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
    Case("2^66", 6, lambda u: (u.meter(), str(2**66)), None, None, TokenResult.FORMAT_ERROR, ("SALAH",)),
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
