"""Short codes: every one has an answer that fits the LCD whatever the meter's state, and the values are the meter's own."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meter_emu.meter import Cause, Meter
from meter_emu.meter.alarm import Alarm
from meter_emu.meter.credit import Credit
from meter_emu.meter.energy import KWH
from meter_emu.meter.history import History
from meter_emu.meter.overload import Overload
from meter_emu.meter.profiles import PROFILES
from meter_emu.meter.short_codes import SHORT_CODES, show
from meter_emu.meter.tamper import Tamper
from meter_emu.sts.numbers.transfer_amount import MAXIMUM_AMOUNT

CAPACITY = PROFILES["pln"].credit_capacity

COLUMNS = 16
LAST_SECOND = 253_402_300_799
"""9999-12-31 23:59:59."""
LARGEST_LOAD = 1_000_000
CENTURIES = LARGEST_LOAD * LAST_SECOND
"""What a stuck relay lets through by then, in W s."""

OPENED = Tamper().sense(Cause.METER_COVER, True, now=60)

digits_20 = st.text("0123456789", min_size=20, max_size=20)
amounts = st.integers(1, MAXIMUM_AMOUNT * KWH // 10)
balances = st.one_of(st.integers(0, CAPACITY), st.sampled_from([0, 1, CAPACITY, KWH, 999 * KWH]))


@st.composite
def credits(draw):
    """Any registers with a balance that the meter can come to."""
    consumed = draw(st.integers(0, CENTURIES))
    cleared = draw(st.integers(0, CAPACITY))
    in_debt = draw(st.integers(0, consumed))
    balance = draw(balances) - draw(st.sampled_from([0, 0, in_debt]))
    return Credit(accepted=balance + consumed + cleared, cleared=cleared, consumed=consumed, consumed_in_debt=in_debt)


tampers = st.builds(
    Tamper,
    is_latched=st.booleans(),
    causes=st.lists(st.sampled_from(Cause), unique=True).map(tuple),
    events=st.integers(0, 10**9),
    terminal_cover_openings=st.integers(0, 10**9),
    meter_cover_openings=st.integers(0, 10**9),
    last_cause=st.none() | st.sampled_from(Cause),
    last_at=st.integers(0, LAST_SECOND),
    current_difference=st.integers(-100_000, 100_000),
)
overloads = st.builds(
    Overload,
    limit=st.none() | st.integers(0, MAXIMUM_AMOUNT),
    open_until=st.none() | st.integers(0, LAST_SECOND),
    trips=st.integers(0, 10**9),
)
histories = st.builds(
    History,
    credit_tokens=st.integers(0, 10**9),
    last_credits=st.lists(st.tuples(digits_20, amounts), max_size=5).map(tuple),
    engineering_tokens=st.integers(0, 10**9),
    last_engineering=st.lists(digits_20, max_size=3).map(tuple),
)


@st.composite
def states(draw, utility):
    """Any state a meter can come to, and some more."""
    base = utility.of(draw(st.sampled_from(["12345678911", "0100000000008"])), ea=draw(st.sampled_from(["07", "11"])))
    return base.meter(
        clock=draw(st.integers(0, LAST_SECOND)),
        profile=draw(st.sampled_from(sorted(PROFILES))),
        credit=draw(credits()),
        tamper=draw(tampers),
        overload=draw(overloads),
        history=draw(histories),
        alarm=Alarm(limit=draw(st.integers(0, 99)) * KWH, interval=draw(st.integers(0, 999)) * 60),
        load=draw(st.one_of(st.sampled_from([0, 1, 2, LARGEST_LOAD]), st.integers(0, LARGEST_LOAD))),
        is_powered=draw(st.booleans()),
        is_relay_stuck=draw(st.booleans()),
        power_failures=draw(st.integers(0, 10**9)),
        phase_unbalance_limit=draw(st.none() | st.integers(0, MAXIMUM_AMOUNT)),
        tariff_rate=draw(st.none() | st.integers(0, 65_535)),
    ).state


class TestEvery:
    @given(st.data())
    @settings(max_examples=200, deadline=None)
    def test_fits_the_lcd_in_any_state(self, utility, data):
        state = data.draw(states(utility))
        for number, code in SHORT_CODES.items():
            lines = code.show(state, PROFILES[state.profile]).split("\n")
            assert 1 <= len(lines) <= 2, number
            assert all(0 < len(line) <= COLUMNS for line in lines), (number, lines)
            assert all(line.isascii() and line.isprintable() for line in lines), number

    @given(st.data())
    @settings(max_examples=100, deadline=None)
    def test_display_fits_the_lcd_in_any_state(self, utility, data):
        state = data.draw(states(utility))
        lines = Meter(state).display(state.clock).lines
        assert all(len(line) <= COLUMNS for line in lines), lines

    @given(st.data(), st.text("0123456789", min_size=1, max_size=6))
    @settings(max_examples=150, deadline=None)
    def test_any_1_to_6_digits_have_an_answer(self, utility, press, data, keyed):
        state = data.draw(states(utility))._replace(is_powered=True)
        meter, _ = press(Meter(state), f"{keyed}<E>", state.clock)
        first, second = meter.display(state.clock).lines
        assert 0 < len(first) <= COLUMNS
        assert len(second) <= COLUMNS

    def test_of_the_common_list_is_there(self):
        listed = {*range(19), *range(37, 42), *range(44, 48), *range(53, 80), 81, 82}
        assert set(PROFILES["pln"].codes) == {f"{number:02d}" for number in listed}
        assert set(PROFILES["pln"].codes.values()) <= SHORT_CODES.keys()

    def test_changes_nothing(self, utility, press):
        meter = utility.meter(credit=Credit(accepted=KWH)).advance(0)
        for keyed in PROFILES["pln"].codes:
            after, outcome = press(meter, f"{keyed}<E>", meter.state.clock)
            assert outcome is None
            assert after.state == meter.state

    @pytest.mark.parametrize("keyed", ["19", "36", "42", "43", "48", "52", "80", "83", "99", "0", "9", "037", "999999"])
    def test_unknown_one_shows_dashes(self, meter, keyed):
        assert show(meter.state, keyed) == "----"


@pytest.fixture
def used_meter(utility):
    """A meter with something to tell: 2300 W for half an hour, tokens of every kind, a cut, trips, a cover opened."""
    meter = utility.meter(clock=1_768_478_400)
    now = meter.state.clock
    for tid, tenths in ((1, 1000), (2, 55), (3, 1)):
        meter, _ = meter.enter(utility.credit(tid, tenths), now)
    meter, _ = meter.enter(utility.power_limit(4, 3500), now)
    meter = meter.cut_power(now).restore_power(now)
    meter = meter.sense(Cause.TERMINAL_COVER, True, now).sense(Cause.TERMINAL_COVER, False, now)
    meter = meter.set_load(2300, now).advance(now + 1800)
    return meter.sense_difference(250, now + 1800)


EXPECTED = {
    "00": "8888888888888888", "01": "RELAI TUTUP", "02": "8888888888888888", "03": "1.15 kWh", "04": "KRN 1 KT 2",
    "05": "TI 01", "06": "0123456789", "07": "3500 W", "08": "PERIKSA", "09": "2300 W", "11": "----", "12": "----",
    "13": "----", "14": "EA 11", "15": "4", "16": "123457", "17": "255", "18": "12345678911", "37": "104.45 kWh",
    "38": "1.15 kWh",
    "39": "1.00", "40": "2300 VA", "41": "230 V", "44": "10.00 A", "45": "10.00 A", "46": "10.25 A", "47": "2300 W",
    "53": "3", "57": "----", "58": "----", "59": "0.10 kWh", "60": "5.50 kWh", "61": "100.00 kWh", "62": "----", "63": "----",
    "64": "1", "66": "----", "67": "----", "68": "0", "69": "1", "70": "1", "71": "0", "72": "1", "73": "0.00 kWh",
    "75": "12345678911", "76": "1600 imp/kWh", "77": "123457", "78": "30 m", "79": "5.00 kWh",
    "82": "TUTUP TERMINAL\n15-01-26 12:00",
}  # fmt: skip


@pytest.mark.parametrize(("keyed", "text"), EXPECTED.items(), ids=EXPECTED)
def test_values(used_meter, keyed, text):
    assert show(used_meter.state, keyed) == text


@pytest.mark.parametrize(("keyed", "fields", "text"), [
    ("11", {"phase_unbalance_limit": 450}, "450 W"), ("13", {"tariff_rate": 1352}, "1352"),
    ("07", {"overload": Overload()}, "----"), ("08", {"tamper": Tamper()}, "NORMAL"), ("82", {"tamper": Tamper()}, "----"),
    ("78", {"alarm": Alarm(interval=0)}, "MATI"), ("68", {"overload": Overload(trips=12)}, "12"),
    ("71", {"tamper": OPENED}, "1"),
    ("82", {"tamper": OPENED}, "TUTUP METER\n01-01-70 00:01"), ("70", {"tamper": OPENED}, "0"),
])  # fmt: skip
def test_values_of_other_states(used_meter, keyed, fields, text):
    assert show(used_meter.state._replace(**fields), keyed) == text


def test_forecast_of_years_is_days_alone(utility):
    state = utility.meter(credit=Credit(accepted=CAPACITY), load=1).state
    assert show(state, "81") == "41666662 h"
    assert show(state._replace(credit=Credit(accepted=1000 * 86_400)), "81") == "1000 h"
    assert show(state._replace(credit=Credit(accepted=1000 * 86_400 - 1)), "81") == "999 h 23 j 59 m"


@pytest.mark.parametrize(
    ("kwh", "text"), [(-(10**9), "-1000000000 kWh"), (1 - 10**8, "-99999999.00 kWh"), (10**9, "1000000000 kWh")]
)
def test_energy_too_long_for_the_lcd_drops_its_decimals(utility, kwh, text):
    state = utility.meter(credit=Credit(accepted=max(kwh, 0) * KWH, consumed=max(-kwh, 0) * KWH)).state
    assert show(state, "37") == text


def test_last_tokens(utility, used_meter):
    for keyed, digits in (("54", utility.credit(3, 1)), ("55", utility.credit(2, 55)), ("56", utility.credit(1, 1000)),
                          ("65", utility.power_limit(4, 3500))):  # fmt: skip
        first, second = show(used_meter.state, keyed).split("\n")
        assert first + second == "-".join(digits[i : i + 4] for i in range(0, 20, 4))


def test_forecast_is_the_credit_at_the_present_load(used_meter):
    seconds = used_meter.state.credit.balance // 2300
    days, hours, minutes = seconds // 86_400, seconds % 86_400 // 3600, seconds % 3600 // 60
    assert show(used_meter.state, "81").split() == [str(days), "h", str(hours), "j", str(minutes), "m"]


@pytest.mark.parametrize("fields", [
    {"load": 0}, {"credit": Credit()}, {"is_powered": False}, {"credit": Credit(), "is_relay_stuck": True},
    {"credit": Credit(consumed=KWH), "is_relay_stuck": True},
])  # fmt: skip
def test_no_forecast_without_consumption_or_credit(used_meter, fields):
    assert show(used_meter.state._replace(**fields), "81") == "----"


@pytest.mark.parametrize(("difference", "text"), [(-250, "9.75 A"), (0, "10.00 A"), (-10_000, "0.00 A"), (-10_250, "0.25 A")])
def test_neutral_current_has_no_sign(used_meter, difference, text):
    meter = used_meter.sense_difference(difference, used_meter.state.clock)
    assert show(meter.state, "46") == text


def test_measured_values_are_zero_with_the_relay_open(utility):
    meter = utility.meter().set_load(2300, 0)
    assert [show(meter.state, keyed) for keyed in ("01", "09", "40", "44", "47")] == [
        "RELAI BUKA",
        "0 W",
        "0 VA",
        "0.00 A",
        "0 W",
    ]


def test_a_64_bit_key_has_two_sections(utility):
    assert show(utility.of(ea="07").meter().state, "15") == "2"


def test_the_buzzer_test_beeps(utility, press):
    meter = utility.meter(credit=Credit(accepted=99 * KWH)).advance(0)
    for keyed, beeps in (("02", True), ("00", False), ("37", False)):
        after, _ = press(meter, f"{keyed}<E>", meter.state.clock)
        assert after.display(meter.state.clock).is_beeping == beeps


def test_energy_at_negative_credit(utility):
    meter = utility.meter(clock=0, credit=Credit(accepted=KWH)).stick_relay(True, 0).set_load(1000, 0).advance(4 * 3600)
    assert show(meter.state, "73") == "3.00 kWh"
    assert show(meter.state, "37") == "-3.00 kWh"
