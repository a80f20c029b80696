"""What may be entered at all: texts and numbers that are no token, and anything under the meter's own key; nothing raises."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meter_emu.meter.results import ResultCode

TWO_TO_66 = 2**66
any_front = st.builds(lambda subclass, bits: subclass << 44 | bits, st.integers(0, 15), st.integers(0, 2**44 - 1))


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


@given(st.lists(st.tuples(st.sampled_from([0, 1, 2]), any_front), min_size=1, max_size=8))
@settings(max_examples=150, deadline=None)
def test_no_authentic_bits_raise(utility, tokens):
    """Any kind of token with anything in its fields, under the meter's own key."""
    meter = utility.meter()
    for token_class, front in tokens:
        meter, outcome = meter.enter(utility.sealed(token_class, front), 0)
        assert outcome.result_code not in (ResultCode.NONE, ResultCode.CRC_ERROR)
