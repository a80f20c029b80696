"""Energy as text: rounded towards zero, never a minus before nothing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meter_emu.meter.energy import KWH, kwh_text, lcd_text


@pytest.mark.parametrize(("energy", "lcd", "machine"), [
    (0, "0.00 kWh", "0"), (1, "0.00 kWh", "0"), (-1, "0.00 kWh", "0"), (359, "0.00 kWh", "0"), (360, "0.00 kWh", "0.0001"),
    (35_999, "0.00 kWh", "0.0099"), (36_000, "0.01 kWh", "0.01"), (-36_000, "-0.01 kWh", "-0.01"),
    (-360, "0.00 kWh", "-0.0001"),
    (KWH - 1, "0.99 kWh", "0.9999"), (KWH, "1.00 kWh", "1"), (10 * KWH, "10.00 kWh", "10"), (1 - KWH, "-0.99 kWh", "-0.9999"),
    (-KWH, "-1.00 kWh", "-1"), (9_999_999 * KWH // 10, "999999.90 kWh", "999999.9"),
])  # fmt: skip
def test_texts(energy, lcd, machine):
    assert lcd_text(energy) == lcd
    assert kwh_text(energy) == machine


@given(st.integers(0, 10**13))
@settings(deadline=None)
def test_a_debt_reads_like_a_credit(energy):
    for text in (lcd_text, kwh_text):
        assert text(-energy).removeprefix("-") == text(energy)
