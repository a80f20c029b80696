"""The low-credit alarm, its settings from the keypad, and the credit LED."""

import pytest

from meter_emu.meter import CreditLed
from meter_emu.meter.credit import Credit
from meter_emu.meter.energy import KWH

BEEP = 5
HALF_HOUR = 1800


def beeps(meter, now):
    return meter.advance(now).display(now).is_beeping


@pytest.fixture
def falling(utility):
    """One watt second above 5 kWh, 1 W: low from second 1 on."""
    return utility.meter(clock=0, credit=Credit(accepted=5 * KWH + 1)).set_load(1, 0)


class TestBeep:
    def test_comes_at_the_limit_and_each_half_hour(self, falling):
        times = [now for now in range(4000) if beeps(falling, now)]
        assert times == [*range(1, 1 + BEEP), *range(1801, 1801 + BEEP), *range(3601, 3601 + BEEP)]

    def test_not_above_the_limit(self, utility):
        meter = utility.meter(clock=0, credit=Credit(accepted=5 * KWH + 1))
        assert not any(beeps(meter, now) for now in range(0, 4000, 3))

    def test_goes_on_at_zero(self, utility):
        meter = utility.meter(clock=0)
        assert [now for now in range(4000) if beeps(meter, now)][:6] == [0, 1, 2, 3, 4, 1800]

    def test_ends_with_a_token(self, utility, falling):
        meter, _ = falling.enter(utility.credit(1, 10), 100)
        assert not any(beeps(meter, now) for now in range(101, 4000))

    def test_goes_on_where_the_token_is_too_small(self, utility, falling):
        meter = falling.set_load(0, 3_600_001)
        meter, _ = meter.enter(utility.credit(1, 5), 3_600_100)
        assert beeps(meter, 1 + 2001 * HALF_HOUR)

    def test_not_without_power(self, falling):
        dark = falling.cut_power(2)
        assert not beeps(dark, 3)
        assert not beeps(dark, 1801)
        assert beeps(dark.restore_power(1802), 1802)


class TestSettings:
    @pytest.mark.parametrize(("digits", "kwh"), [("45600", 0), ("45601", 1), ("45620", 20), ("45699", 99)])
    def test_456_sets_the_limit(self, meter, press, digits, kwh):
        now = meter.state.clock
        meter, outcome = press(meter, f"{digits}<E>", now)
        assert outcome is None
        assert meter.state.alarm.limit == kwh * KWH
        assert meter.display(now).lines == (f"{kwh}.00 kWh", "")
        meter, _ = press(meter, "79<E>", now)
        assert meter.display(now).lines == (f"{kwh}.00 kWh", "")

    @pytest.mark.parametrize(("digits", "minutes", "text"), [
        ("123001", 1, "1 m"), ("123030", 30, "30 m"), ("123999", 999, "999 m"), ("123000", 0, "MATI"),
    ])  # fmt: skip
    def test_123_sets_the_interval(self, meter, press, digits, minutes, text):
        now = meter.state.clock
        meter, _ = press(meter, f"{digits}<E>", now)
        assert meter.state.alarm.interval == minutes * 60
        assert meter.display(now).lines == (text, "")
        meter, _ = press(meter, "78<E>", now)
        assert meter.display(now).lines == (text, "")

    @pytest.mark.parametrize("digits", ["4561", "456", "456001", "12300", "123", "12301", "81"])
    def test_other_lengths_set_nothing(self, meter, press, digits):
        after, _ = press(meter, f"{digits}<E>", meter.state.clock)
        assert after.state.alarm == meter.advance(meter.state.clock).state.alarm

    def test_a_limit_below_the_credit_ends_the_alarm(self, falling, press):
        meter, _ = press(falling, "45604<E>", 2)
        assert not beeps(meter, 3)

    def test_a_limit_above_the_credit_begins_it_at_once(self, falling, press):
        meter, _ = press(falling, "45606<E>", 0)
        assert beeps(meter, 0)

    def test_000_is_off(self, falling, press):
        meter, _ = press(falling, "123000<E>", 0)
        assert not any(beeps(meter, now) for now in range(4000))

    def test_an_interval_of_a_minute(self, falling, press):
        meter, _ = press(falling, "123001<E>", 0)
        assert [now for now in range(130) if beeps(meter, now)] == [*range(1, 6), *range(61, 66), *range(121, 126)]

    def test_812_mutes_for_half_an_hour(self, falling, press):
        meter, _ = press(falling, "123001<E>", 0)
        meter, _ = press(meter, "812<E>", 2)
        assert meter.display(2).lines[0] == "ALARM MATI 30 m"
        times = [now for now in range(2, 2000) if beeps(meter, now)]
        assert times[0] == 2 + HALF_HOUR, "in the middle of the beep that began at 1801"
        assert times[:5] == [1802, 1803, 1804, 1805, 1861]

    def test_survive_a_power_cut(self, meter, press):
        now = meter.state.clock
        meter, _ = press(meter, "45607<E>123005<E>812<E>", now)
        assert meter.cut_power(now).restore_power(now).state.alarm == meter.state.alarm


@pytest.mark.parametrize(("balance", "led"), [
    (10 * KWH + 1, CreditLed.GREEN), (10 * KWH, CreditLed.YELLOW), (5 * KWH + 1, CreditLed.YELLOW), (5 * KWH, CreditLed.RED),
    (1, CreditLed.RED), (0, CreditLed.RED_BLINKING), (-KWH, CreditLed.RED_BLINKING),
])  # fmt: skip
def test_credit_led(utility, balance, led):
    meter = utility.meter(credit=Credit(accepted=max(balance, 0), consumed=max(-balance, 0)))
    assert meter.display(0).credit_led is led
    assert meter.cut_power(0).display(0).credit_led is CreditLed.OFF


def test_credit_led_follows_the_limit(utility, press):
    meter = utility.meter(credit=Credit(accepted=30 * KWH))
    for digits, led in (("45600", "green"), ("45614", "green"), ("45615", "yellow"), ("45629", "yellow"), ("45630", "red")):
        meter, _ = press(meter, f"{digits}<E>", meter.state.clock)
        assert meter.display(meter.state.clock).credit_led == led
