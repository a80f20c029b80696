"""Numbers against independent readings of the standard: check digits, PANs, amounts, token identifiers."""

import contextlib
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meter_emu.sts.errors import FormatError, RangeError, StsError
from meter_emu.sts.numbers import BaseDate, Drn, KeyExpiryNumber, KeyRevisionNumber, KeyType, MeterPan, TokenIdentifier, luhn
from meter_emu.sts.numbers.civil_time import civil_time
from meter_emu.sts.numbers.transfer_amount import MAXIMUM_AMOUNT, decode_amount, encode_amount, format_tenths, tenths

DIGITS = "0123456789"
LAST_MINUTES = {
    BaseDate.BASE_1993: datetime(2024, 11, 24, 20, 15),
    BaseDate.BASE_2014: datetime(2045, 11, 24, 20, 15),
    BaseDate.BASE_2035: datetime(2066, 11, 24, 20, 15),
}


def plain_luhn_sum(number: str) -> int:
    """The sum of a number with its check digit, digit by digit as ISO/IEC 7812-1 tells it: a right one ends in 0."""
    total = 0
    for place, digit in enumerate(reversed(number)):
        doubled = str(2 * int(digit)) if place % 2 == 1 else digit
        total += sum(int(part) for part in doubled)
    return total


@given(st.text(DIGITS, min_size=1, max_size=20))
def test_luhn_digits_fill_the_sum_up_to_a_ten(payload):
    assert plain_luhn_sum(payload + luhn.check_digit(payload)) % 10 == 0
    wrong = str((int(luhn.check_digit(payload)) + 1) % 10)
    assert not luhn.is_valid(payload + wrong)


@given(st.text(DIGITS, min_size=11, max_size=11) | st.text(DIGITS, min_size=13, max_size=13))
def test_a_pan_holds_its_drn(digits):
    pan = MeterPan.of(Drn(digits))
    assert len(pan) == 18
    assert plain_luhn_sum(pan) % 10 == 0
    assert (pan.drn, pan.iin) == (digits, "600727" if len(digits) == 11 else "0000")


@pytest.mark.parametrize(
    "pan", ["600727000000000009", "000001000000000082", "600727111111111153", "600727475001502312", "600727580000795237"]
)
def test_the_published_pans_are_right_on_both_check_digits(pan):
    assert MeterPan(pan).drn.has_right_check_digit


@pytest.mark.parametrize("pan", ["600727000000000008", "500727000000000009", "60072700000000000", "60072700000000000x", ""])
def test_a_pan_with_anything_wrong_is_refused(pan):
    with pytest.raises(FormatError):
        MeterPan(pan)


@pytest.mark.parametrize(
    ("kind", "wrong"), [(KeyRevisionNumber, 0), (KeyRevisionNumber, 10), (KeyExpiryNumber, 256), (KeyType, 4)]
)
def test_small_numbers_have_a_range(kind, wrong):
    with pytest.raises(RangeError):
        kind(wrong)


@given(st.integers(0, 255), st.integers(0, 2**24 - 1))
def test_a_key_expires_with_the_top_byte_of_the_tid(ken, tid):
    assert KeyExpiryNumber(ken).is_expired_for(tid) == (tid // 65536 > ken)


def test_every_amount_field_reads_as_the_formula_says_and_writes_back():
    for field in range(2**16):
        exponent, mantissa = divmod(field, 2**14)
        units = 10**exponent * mantissa + sum(2**14 * 10 ** (n - 1) for n in range(1, exponent + 1))
        assert decode_amount(field) == units
        assert encode_amount(units) == field


@given(st.integers(0, MAXIMUM_AMOUNT), st.integers(0, MAXIMUM_AMOUNT))
def test_amounts_are_monotone_and_never_below_what_was_asked(one, other):
    low, high = sorted((one, other))
    assert encode_amount(low) <= encode_amount(high)
    assert low <= decode_amount(encode_amount(low)) < low + 1000


@pytest.mark.parametrize(
    ("units", "step"),
    [(0, 1), (16383, 1), (16384, 10), (180214, 10), (180224, 100), (1818524, 100), (1818624, 1000), (18201624, 1000)],
)
def test_amounts_are_exact_at_the_borders_of_each_range(units, step):
    assert decode_amount(encode_amount(units)) == units
    if units < MAXIMUM_AMOUNT:
        assert decode_amount(encode_amount(units) + 1) - units in (step, 10 * step, 1)


@pytest.mark.parametrize(("units", "coded"), [(180215, 180224), (180223, 180224), (1818525, 1818624), (16385, 16394)])
def test_a_mantissa_that_runs_over_carries_into_the_exponent(units, coded):
    assert decode_amount(encode_amount(units)) == coded


@pytest.mark.parametrize("units", [-1, MAXIMUM_AMOUNT + 1])
def test_amounts_without_a_coding_are_refused(units):
    with pytest.raises(RangeError):
        encode_amount(units)


@given(st.integers(0, MAXIMUM_AMOUNT))
def test_tenths_are_written_and_read_back(units):
    assert tenths(format_tenths(units)) == units


@given(st.text(max_size=30) | st.from_regex(r"-?[0-9]{1,20}(\.[0-9]{1,20})?", fullmatch=True))
def test_any_text_as_an_amount_is_tenths_or_an_error(text):
    with contextlib.suppress(StsError):
        assert tenths(text) >= 0


@given(st.sampled_from(BaseDate), st.integers(0, 2**24 - 1), st.integers(0, 59))
def test_a_tid_is_the_minute_of_issue_and_passes_over_one_minute_past_midnight(base_date, minutes, seconds):
    issue = base_date.start + timedelta(minutes=minutes, seconds=seconds)
    minute = issue.replace(second=0)
    expected = minute + timedelta(minutes=1) if (minute.hour, minute.minute) == (0, 1) else minute
    tid = TokenIdentifier.at(issue, base_date)
    assert tid.issued(base_date) == expected
    assert 0 <= tid < 2**24


@pytest.mark.parametrize("base_date", BaseDate)
def test_the_range_of_a_base_date_has_two_ends(base_date):
    last = LAST_MINUTES[base_date]
    assert TokenIdentifier.at(last + timedelta(seconds=59), base_date) == 2**24 - 1
    assert TokenIdentifier.at(base_date.start, base_date) == 0
    for outside in (last + timedelta(minutes=1), base_date.start - timedelta(seconds=1)):
        with pytest.raises(RangeError):
            TokenIdentifier.at(outside, base_date)


def test_one_and_two_minutes_past_midnight_share_a_tid():
    first, second = (TokenIdentifier.at(datetime(2004, 3, 1, 0, minute), BaseDate.BASE_1993) for minute in (1, 2))
    assert first == second


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2004-03-01T13:55Z", "2004-03-01T13:55+07:00", "2004-02-30T00:00", "٢٠٠٤-٠٣-٠١"]
)
def test_a_civil_time_is_a_date_and_time_without_a_zone(text):
    with pytest.raises(FormatError):
        civil_time(text)
