"""How money, kWh and percentages are written and read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meter_emu.sts.errors import FormatError, RangeError
from pln_sim.vending.money import MAXIMUM_CENTS, cents, decimal, format_kwh, format_rupiah, payment, percent, rupiah


@pytest.mark.parametrize("text", ["20000", "20.000", "20.000,00", "20000,00", "20000,0", "Rp 20.000,00", "Rp20000", "020000"])
def test_twenty_thousand_rupiah(text):
    assert rupiah(text) == payment(text) == 2_000_000


@pytest.mark.parametrize(
    ("text", "amount"), [("0", 0), ("0,01", 1), ("1.234.567,8", 123_456_780), ("9999999999,99", MAXIMUM_CENTS)]
)
def test_other_amounts(text, amount):
    assert rupiah(text) == amount


@pytest.mark.parametrize(
    "text",
    ["", " ", "Rp", "abc", "20,000,00", "20.00", "2.0000", ".000", "20000.50", "1e5", "20000,", ",5", "0x10", "٢٠٠٠٠", "20 000",
     " 20000", "20000\n", "1_000", "nan", "--5", "+5", "20.000.00", "1234.567"],
)  # fmt: skip
def test_what_is_not_written_like_rupiah(text):
    with pytest.raises(FormatError, match="rupiah are written like"):
        rupiah(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("-5", "negative"),
        ("Rp -5", "negative"),
        ("-0", "negative"),
        ("20000,005", "too fine"),
        ("20000,000", "too fine"),
        ("5000,000", "two digits at most"),
        ("50,000", "too fine"),
        ("10000000000", "too large: 9999999999.99 at most"),
        ("9" * 5000, "too large"),
        ("9" * 9 + "." + "9" * 3, "rupiah are written like"),
    ],
)
def test_impossible_amounts(text, words):
    with pytest.raises((FormatError, RangeError), match=words) as caught:
        rupiah(text)
    assert len(str(caught.value)) < 120


def test_nothing_is_no_payment():
    with pytest.raises(RangeError, match="buy nothing"):
        payment("0,00")


@given(st.integers(0, MAXIMUM_CENTS))
def test_what_is_written_is_read_back(amount):
    assert rupiah(format_rupiah(amount)) == cents(decimal(amount)) == amount


@pytest.mark.parametrize(
    ("text", "hundredths"), [("3", 300), ("2.4", 240), ("2,4", 240), ("7.25", 725), ("0", 0), ("100", 10_000)]
)
def test_percentages(text, hundredths):
    assert percent(text) == hundredths


@pytest.mark.parametrize("text", ["", "x", "-1", "2.345", "100.01", "3%", ".5", "5.", "1e1"])
def test_impossible_percentages(text):
    with pytest.raises((FormatError, RangeError)):
        percent(text)


@pytest.mark.parametrize("text", ["1.444,70", "1,5", "", "-1", "1.445", "1e3"])
def test_impossible_amounts_in_a_table(text):
    with pytest.raises((FormatError, RangeError)):
        cents(text)


@pytest.mark.parametrize(("tenths", "text"), [(126, "12,6"), (1, "0,1"), (2330, "233,0"), (12_345_678, "1.234.567,8")])
def test_kwh_on_a_slip(tenths, text):
    assert format_kwh(tenths) == text
