"""The load profile: right at every quarter, whatever happens between two acts, and bounded however long nobody looked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meter_emu.meter.clock import DAY, HOUR
from meter_emu.meter.credit import Credit
from meter_emu.meter.energy import KWH
from meter_emu.meter.load_profile import KEPT, QUARTER, Mark, Reading, closed_quarters
from meter_emu.meter.metering import advance

KEPT_QUARTERS = KEPT // QUARTER


def quarters(meter, until):
    """The readings from a meter as it is up to ``until``."""
    return closed_quarters(meter.state, advance(meter.state, until))


def on_a_quarter(meter, offset=0):
    """The meter, a little after or before the next quarter."""
    return meter.advance((meter.state.clock // QUARTER + 1) * QUARTER + offset)


def test_no_quarter_no_reading(rich_meter):
    meter = on_a_quarter(rich_meter)
    assert quarters(meter, meter.state.clock) == ()
    assert quarters(meter, meter.state.clock + QUARTER - 1) == ()


def test_a_quarter_closes_on_its_second(rich_meter):
    meter = on_a_quarter(rich_meter.set_load(4000, rich_meter.state.clock))
    at, before = meter.state.clock + QUARTER, meter.state.credit
    assert quarters(meter, at) == (Reading(at, before.consumed + KWH, before.balance - KWH),)


@given(
    load=st.integers(0, 6000),
    credit=st.integers(0, 3 * KWH),
    limit=st.none() | st.integers(0, 5000),
    start=st.integers(0, 3600),
    duration=st.integers(0, 4 * HOUR),
)
def test_as_a_person_with_a_stop_watch_writes_them_down(utility, slow_house, load, credit, limit, start, duration):
    meter = utility.meter()
    state = meter.state
    meter = meter._replace(
        state=state._replace(
            clock=state.clock + start,
            credit=state.credit.add(credit),
            overload=state.overload._replace(limit=limit),
        )
    )
    meter = meter.set_load(load, meter.state.clock)
    house = slow_house(meter.state.clock)
    house.load, house.limit = load, limit
    house.take_over(meter)
    written = []
    end = meter.state.clock + duration
    for at in range((meter.state.clock // QUARTER + 1) * QUARTER, end + 1, QUARTER):
        house.run(at)
        written.append(Reading(at, house.consumed, house.balance))
    assert list(quarters(meter, end)) == written


@given(cut=st.integers(0, 5 * HOUR), load=st.integers(0, 9000))
def test_it_does_not_matter_when_somebody_looks(utility, cut, load):
    meter = utility.meter(credit=Credit(accepted=20 * KWH), load=load)
    end = meter.state.clock + 5 * HOUR
    middle = meter.advance(meter.state.clock + cut)
    assert closed_quarters(meter.state, middle.state) + quarters(middle, end) == quarters(meter, end)


def test_the_credit_ends_in_a_quarter(utility):
    meter = on_a_quarter(utility.meter())
    now = meter.state.clock
    meter, outcome = meter.enter(utility.credit(1, tenths=10), now)
    assert outcome.accepted
    meter = meter.set_load(3000, now)
    # 1 kWh at 3 kW lasts 20 minutes.
    readings = quarters(meter, now + 3 * QUARTER)
    assert [reading.consumed for reading in readings] == [KWH * 3 // 4, KWH, KWH]
    assert [reading.balance for reading in readings] == [KWH // 4, 0, 0]


class TestPower:
    def test_a_dark_quarter_is_a_gap_and_the_next_reading_is_marked(self, rich_meter):
        meter = on_a_quarter(rich_meter)
        now = meter.state.clock
        cut = meter.cut_power(now + 100)
        back = cut.restore_power(now + 3 * QUARTER + 100)
        readings = (
            *closed_quarters(meter.state, cut.state),
            *closed_quarters(cut.state, back.state),
            *quarters(back, now + 5 * QUARTER),
        )
        assert [(reading.at - now) // QUARTER for reading in readings] == [4, 5]
        assert [reading.marks for reading in readings] == [Mark.POWER_BACK, Mark.NONE]

    def test_a_short_failure_leaves_no_gap_but_marks(self, rich_meter):
        meter = on_a_quarter(rich_meter)
        now = meter.state.clock
        back = meter.cut_power(now + 100).restore_power(now + 101)
        readings = quarters(back, now + 2 * QUARTER)
        assert [reading.marks for reading in readings] == [Mark.POWER_BACK | Mark.POWER_FAILED, Mark.NONE]

    def test_on_the_second_of_an_end_it_belongs_to_the_quarter_that_begins(self, rich_meter):
        meter = on_a_quarter(rich_meter)
        now = meter.state.clock
        back = meter.cut_power(now).restore_power(now)
        readings = quarters(back, now + 2 * QUARTER)
        assert [reading.marks for reading in readings] == [Mark.POWER_BACK | Mark.POWER_FAILED, Mark.NONE]

    def test_no_energy_flows_in_the_gap(self, rich_meter):
        meter = on_a_quarter(rich_meter.set_load(4000, rich_meter.state.clock))
        now = meter.state.clock
        back = meter.cut_power(now).restore_power(now + HOUR)
        first, second = quarters(back, now + HOUR + 2 * QUARTER)
        assert second.consumed - first.consumed == first.consumed - meter.state.credit.consumed == KWH


class TestClockSet:
    def test_the_time_left_out_is_a_gap_and_the_next_reading_is_marked(self, rich_meter):
        meter = on_a_quarter(rich_meter.set_load(4000, rich_meter.state.clock))
        now = meter.state.clock
        after = meter.set_clock(now + DAY + 10, now + QUARTER + 5)
        readings = (*closed_quarters(meter.state, after.state), *quarters(after, now + DAY + 2 * QUARTER))
        assert [(reading.at - now) for reading in readings] == [QUARTER, DAY + QUARTER, DAY + 2 * QUARTER]
        assert [reading.marks for reading in readings] == [Mark.NONE, Mark.CLOCK_SET, Mark.NONE]

    def test_set_within_a_quarter(self, rich_meter):
        meter = on_a_quarter(rich_meter)
        now = meter.state.clock
        after = meter.set_clock(now + 100, now + 50)
        assert closed_quarters(meter.state, after.state) == ()
        assert [reading.marks for reading in quarters(after, now + QUARTER)] == [Mark.CLOCK_SET]


@pytest.mark.parametrize("absence", [KEPT - QUARTER, KEPT, KEPT + 1, KEPT + QUARTER, 400 * DAY])
def test_a_long_absence_is_bounded_and_right(rich_meter, absence):
    meter = on_a_quarter(rich_meter.set_load(100, rich_meter.state.clock), offset=7)
    end = meter.state.clock + absence
    readings = quarters(meter, end)
    assert len(readings) == min(KEPT_QUARTERS, end // QUARTER - meter.state.clock // QUARTER)
    assert [reading.at for reading in readings] == [
        end // QUARTER * QUARTER - QUARTER * number for number in reversed(range(len(readings)))
    ]
    for reading in (readings[0], readings[-1]):
        credit = advance(meter.state, reading.at).credit
        assert (reading.consumed, reading.balance) == (credit.consumed, credit.balance)
