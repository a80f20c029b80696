"""The last token's results: of which token they are, and that they outlive a power cut."""

import pytest

from meter_emu.meter.last_token import LastToken, TokenStatus
from meter_emu.meter.outcome import Outcome
from meter_emu.meter.results import AuthenticationResult, Refusal, TokenResult, ValidationResult

STATUS = {
    TokenStatus.EXECUTION_OK: (
        TokenResult.ACCEPT,
        TokenResult.FIRST_KCT,
        TokenResult.SECOND_KCT,
        TokenResult.THIRD_KCT,
        TokenResult.FOURTH_KCT,
    ),
    TokenStatus.FORMAT_FAILURE: (TokenResult.FORMAT_ERROR,),
    TokenStatus.AUTHENTICATION_FAILURE: (AuthenticationResult.CRC_ERROR, AuthenticationResult.MFR_CODE_ERROR),
    TokenStatus.VALIDATION_FAILURE: (
        ValidationResult.OLD_ERROR,
        ValidationResult.USED_ERROR,
        ValidationResult.KEY_EXPIRED_ERROR,
        ValidationResult.DDTK_ERROR,
    ),
    TokenStatus.EXECUTION_FAILURE: (
        TokenResult.OVERFLOW_ERROR,
        TokenResult.KEY_TYPE_ERROR,
        TokenResult.RANGE_ERROR,
        TokenResult.FUNCTION_ERROR,
        Refusal.TAMPERED,
    ),
    TokenStatus.RECEIVED: (Refusal.LOCKED_OUT,),
}


@pytest.mark.parametrize(("status", "verdict"), [(status, verdict) for status in STATUS for verdict in STATUS[status]])
def test_the_status_of_class_115(status, verdict):
    assert LastToken().followed_by("0" * 20, Outcome(verdict), now=1).status is status


def test_nothing_before_the_first():
    assert (LastToken().number, LastToken().outcome, LastToken().status) == (0, None, None)


def test_says_of_which_token_it_is(utility, meter):
    now = meter.state.clock
    taken = utility.credit(1, tenths=7)
    for number, digits in enumerate((taken, taken, "0" * 20), start=1):
        meter, outcome = meter.enter(digits, now + number)
        last = meter.state.last_token
        assert (last.number, last.digits, last.at) == (number, digits, now + number)
        assert last.outcome == outcome
        assert meter.state.last_result == outcome.result_code
    assert meter.cut_power(now + 9).restore_power(now + 10).state.last_token == last


def test_a_token_without_power_is_no_entry(utility, meter):
    now = meter.state.clock
    dark = meter.enter(utility.credit(1), now)[0].cut_power(now)
    after, _ = dark.enter(utility.credit(2), now)
    assert after.state.last_token == dark.state.last_token


@pytest.mark.parametrize("digits", ["", "x" * 20, "½" * 20, "\ud800", "1" * 19 + "\n"])
def test_what_cannot_be_keyed_is_counted_and_not_kept(meter, digits):
    after, outcome = meter.enter(digits, meter.state.clock)
    assert outcome.verdict is TokenResult.FORMAT_ERROR
    assert (after.state.last_token.number, after.state.last_token.digits) == (1, "")


def test_too_many_digits_are_cut(meter):
    after, _ = meter.enter("1" * 10_000, meter.state.clock)
    assert after.state.last_token.digits == "1" * 20
