"""Metering: exact, the same however time is cut up, and the same as a stop-watch and a pencil."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meter_emu.meter.alarm import Alarm
from meter_emu.meter.credit import Credit
from meter_emu.meter.energy import KWH
from meter_emu.meter.overload import Overload
from meter_emu.meter.profiles import PROFILES
from meter_emu.meter.tamper import Cause

CAPACITY = PROFILES["pln"].credit_capacity

HOUR, DAY = 3600, 86_400
THOUSANDS_OF_YEARS = 5000 * 366 * DAY
LOCK_CYCLE = 1800 + 5 * 30 + 4 * 60
"""How long five trips and the lock after them take."""

credits = st.one_of(st.integers(-2 * KWH, 3 * KWH), st.integers(0, 200_000), st.integers(3 * KWH, 200 * KWH))
loads = st.one_of(st.integers(0, 20), st.integers(0, 6000))
limits = st.none() | st.integers(0, 3000)


@st.composite
def overloads(draw):
    """Any that a meter can come to, at its start: none, a pause, a lock, some trips behind it."""
    limit = draw(limits)
    warmed = Overload(limit=limit)
    if limit is not None:
        for _ in range(draw(st.integers(0, 7))):
            warmed = warmed.watch(limit + 1, now=0).trip(now=0)
        if warmed.open_until is not None and draw(st.booleans()):
            warmed = warmed.close()
    return warmed


@st.composite
def meters(draw, utility):
    """A meter in any condition, its clock at 0."""
    meter = utility.meter(
        clock=0,
        credit=Credit(accepted=draw(credits)),
        load=draw(loads),
        overload=draw(overloads()),
        alarm=Alarm(limit=draw(st.integers(0, 3)) * KWH, interval=draw(st.sampled_from([0, 60, 1800]))),
        is_relay_stuck=draw(st.booleans()),
        is_powered=draw(st.sampled_from([True, True, True, False])),
    )
    return meter.advance(draw(st.integers(0, 200)))


class TestExactness:
    @given(st.data())
    @settings(max_examples=400, deadline=None)
    def test_time_may_be_cut_anywhere(self, utility, data):
        meter = data.draw(meters(utility))
        start = meter.state.clock
        points = sorted(data.draw(st.lists(st.integers(0, 3 * LOCK_CYCLE), min_size=2, max_size=8)))
        in_parts = meter
        for point in points:
            in_parts = in_parts.advance(start + point)
        assert in_parts.state == meter.advance(start + points[-1]).state

    @given(st.data())
    @settings(max_examples=80, deadline=None)
    def test_every_second_on_its_own(self, utility, data):
        meter = data.draw(meters(utility))
        start, seconds = meter.state.clock, data.draw(st.integers(0, 400))
        by_seconds = meter
        for second in range(seconds + 1):
            by_seconds = by_seconds.advance(start + second)
        assert by_seconds.state == meter.advance(start + seconds).state

    @given(st.integers(1, 5000), st.integers(0, 4999), st.integers(1, 400 * KWH))
    @settings(max_examples=80, deadline=None)
    def test_lock_cycles_at_once_are_as_one_by_one(self, utility, over, limit, credit):
        """Steps shorter than a cycle cannot skip one."""
        meter = utility.meter(clock=0, credit=Credit(accepted=credit), load=limit + over, overload=Overload(limit=limit))
        end = 60 * LOCK_CYCLE + 77
        stepped = meter
        for now in range(0, end, LOCK_CYCLE // 2):
            stepped = stepped.advance(now)
        assert stepped.advance(end).state == meter.advance(end).state

    @pytest.mark.parametrize("left", [-2, -1, 0, 1, 2])
    @pytest.mark.parametrize("floor", [0, 5 * KWH])
    def test_the_last_lock_cycle_is_stepped_through(self, utility, slow_house, floor, left):
        """Credit for exactly three cycles, down to the alarm limit or to nothing, and a watt second more or less."""
        credit, end = floor + 3 * 5 * 30 * 1000 + left, 6 * LOCK_CYCLE
        meter = utility.meter(clock=0, credit=Credit(accepted=credit), load=1000, overload=Overload(limit=900))
        slow = slow_house(0, balance=credit)
        slow.load, slow.limit = 1000, 900
        slow.run(end)
        assert slow.seen_of(meter.advance(end)) == slow.seen()

    @given(st.data())
    @settings(max_examples=60, deadline=None)
    def test_nothing_new_on_the_same_second(self, utility, data):
        meter = data.draw(meters(utility))
        assert meter.advance(meter.state.clock).state == meter.state

    def test_load_times_time_has_no_remainder(self, rich_meter):
        meter = rich_meter.set_load(7, rich_meter.state.clock)
        for second in range(1, 1000):
            meter = meter.advance(rich_meter.state.clock + second)
            assert meter.state.credit.consumed == 7 * second


ACTS = st.one_of(
    st.tuples(st.just("wait"), st.one_of(st.integers(0, 5), st.integers(0, 200), st.integers(0, 2400))),
    st.tuples(st.just("load"), loads),
    st.tuples(st.just("limit"), st.integers(0, 3000)),
    st.tuples(st.just("credit"), st.one_of(st.integers(1, 3), st.integers(1, 60))),
    st.tuples(st.just("alarm"), st.integers(0, 6)),
    st.tuples(st.just("stuck"), st.booleans()),
    st.tuples(st.just("power"), st.booleans()),
    st.tuples(st.just("clear"), st.none()),
)


class TestAgainstAStopWatch:
    @given(credits, loads, limits, st.lists(ACTS, max_size=25))
    @settings(max_examples=400, deadline=None)
    def test_any_day(self, utility, slow_house, credit, load, limit, acts):
        meter = utility.meter(clock=0, credit=Credit(accepted=credit), load=load, overload=Overload(limit=limit))
        slow = slow_house(0, balance=credit)
        slow.load, slow.limit, now = load, limit, 0
        for tid, (act, value) in enumerate(acts):
            if act == "wait":
                now += value
                meter = meter.advance(now)
            elif act == "load":
                meter, slow.load = meter.set_load(value, now), value
            elif act == "stuck":
                meter, slow.is_stuck = meter.stick_relay(value, now), value
            elif act == "power":
                meter = meter.restore_power(now) if value else meter.cut_power(now)
                slow.is_powered = value
            elif not slow.is_powered:
                continue
            elif act == "limit":
                meter, slow.limit = meter.enter(utility.power_limit(tid, value), now)[0], value
            elif act == "credit":
                meter = meter.enter(utility.credit(tid, value), now)[0]
                slow.balance += value * KWH // 10
            elif act == "clear":
                meter = meter.enter(utility.clear_credit(tid), now)[0]
                slow.balance = min(slow.balance, 0)
            elif act == "alarm":
                meter, slow.alarm_limit = self._set_alarm(meter, value, now), value * KWH
            slow.run(now)
            assert slow.seen_of(meter.advance(now)) == slow.seen()

    @staticmethod
    def _set_alarm(meter, kwh, now):
        state = meter.advance(now).state
        return meter._replace(state=state._replace(alarm=state.alarm._replace(limit=kwh * KWH)))

    def test_a_day_of_overload(self, utility, slow_house):
        meter = utility.meter(clock=0, credit=Credit(accepted=6 * KWH), load=1001, overload=Overload(limit=1000))
        slow = slow_house(0, balance=6 * KWH)
        slow.load, slow.limit = 1001, 1000
        for now in (1, 30, 31, 89, 90, 500, 3000, 20_000, 70_000, 200_000, 350_000):
            slow.run(now)
            assert slow.seen_of(meter.advance(now)) == slow.seen()


class TestHugeJumps:
    """Each would take an hour or an age if time were crossed second by second, or trip by trip."""

    def test_nobody_home(self, rich_meter):
        meter = rich_meter.advance(THOUSANDS_OF_YEARS)
        assert meter.state.credit == rich_meter.state.credit

    def test_until_the_credit_ends(self, rich_meter):
        meter = rich_meter.set_load(1, rich_meter.state.clock).advance(THOUSANDS_OF_YEARS)
        assert meter.state.credit.balance == 0
        assert meter.state.clock == THOUSANDS_OF_YEARS

    def test_stuck_relay(self, rich_meter):
        start = rich_meter.state.clock
        meter = rich_meter.set_load(1000, start).stick_relay(True, start).advance(start + THOUSANDS_OF_YEARS)
        assert meter.state.credit.consumed == 1000 * THOUSANDS_OF_YEARS
        assert meter.state.credit.consumed_in_debt == 1000 * THOUSANDS_OF_YEARS - 100 * KWH

    def test_overload_all_the_way(self, utility):
        """One watt over the limit of 1: 300 W s a cycle, so 100 kWh last 4 200 000 days of tripping and closing."""
        meter = utility.meter(clock=0, credit=Credit(accepted=100 * KWH), load=2, overload=Overload(limit=1))
        meter = meter.advance(THOUSANDS_OF_YEARS)
        cycles = 100 * KWH // (5 * 30 * 2)
        assert cycles * LOCK_CYCLE < THOUSANDS_OF_YEARS
        assert meter.state.overload.trips in (cycles * 5, cycles * 5 - 1)
        assert meter.state.credit.balance == 0

    def test_overload_without_end(self, utility):
        meter = utility.meter(clock=0, credit=Credit(accepted=999_999 * KWH), load=2, overload=Overload(limit=1))
        meter = meter.advance(1000 * LOCK_CYCLE)
        assert meter.state.overload.trips == 5000
        assert meter.advance(THOUSANDS_OF_YEARS).state.overload.trips > 5 * THOUSANDS_OF_YEARS // LOCK_CYCLE - 5


class TestEndOfCredit:
    @pytest.mark.parametrize(("credit", "load", "seconds"), [
        (1000, 1000, 1), (1001, 1000, 2), (999, 1000, 1), (KWH, 1000, 3600), (KWH, 7, 514_286), (1, 1_000_000, 1),
    ])  # fmt: skip
    def test_is_exactly_zero_and_opens_the_relay(self, utility, credit, load, seconds):
        meter = utility.meter(clock=0, credit=Credit(accepted=credit)).set_load(load, 0)
        before = meter.advance(seconds - 1)
        assert before.state.credit.balance == credit - load * (seconds - 1) > 0
        assert before.display(seconds - 1).is_relay_closed
        after = meter.advance(seconds)
        assert after.state.credit.balance == 0
        assert not after.display(seconds).is_relay_closed
        assert after.display(seconds).lines == ("0.00 kWh", "KREDIT HABIS")
        assert after.advance(seconds + DAY).state.credit == after.state.credit

    def test_a_token_closes_the_relay_again(self, utility):
        meter = utility.meter(clock=0, credit=Credit(accepted=1000)).set_load(1000, 0).advance(HOUR)
        meter, _ = meter.enter(utility.credit(1, 10), HOUR)
        assert meter.display(HOUR).is_relay_closed
        assert meter.advance(2 * HOUR).state.credit.balance == 0
        assert meter.advance(2 * HOUR - 1).state.credit.balance == 1000

    def test_a_new_meter_gives_no_current(self, meter):
        meter = meter.set_load(500, meter.state.clock).advance(meter.state.clock + DAY)
        assert meter.state.credit.consumed == 0
        assert not meter.display(meter.state.clock).is_relay_closed


class TestStuckRelay:
    def test_goes_into_debt_and_the_next_token_is_netted(self, utility):
        meter = utility.meter(clock=0, credit=Credit(accepted=KWH)).stick_relay(True, 0).set_load(1000, 0)
        meter = meter.advance(3 * HOUR)
        assert meter.state.credit == Credit(accepted=KWH, consumed=3 * KWH, consumed_in_debt=2 * KWH)
        assert meter.display(3 * HOUR).is_relay_closed
        meter, outcome = meter.enter(utility.credit(1, 50), 3 * HOUR)
        assert meter.lcd_texts(outcome) == ("BENAR", "5.00 kWh", "3.00 kWh")
        assert meter.state.credit.balance == 3 * KWH

    def test_a_token_too_small_for_the_debt_leaves_the_relay_open_once_repaired(self, utility):
        meter = utility.meter(clock=0).stick_relay(True, 0).set_load(1000, 0).advance(2 * HOUR)
        meter, _ = meter.enter(utility.credit(1, 10), 2 * HOUR)
        meter = meter.stick_relay(False, 2 * HOUR)
        assert meter.state.credit.balance == -KWH
        assert meter.advance(DAY).state.credit.balance == -KWH
        assert not meter.display(2 * HOUR).is_relay_closed

    def test_debt_makes_room_in_the_register(self, utility):
        meter = utility.meter(clock=0, credit=Credit(accepted=CAPACITY - KWH, consumed=CAPACITY))
        _, outcome = meter.enter(utility.credit(1, 20), 0)
        assert outcome.accepted

    def test_does_not_trip_but_is_warned_of(self, utility):
        meter = utility.meter(clock=0, credit=Credit(accepted=9 * KWH), overload=Overload(limit=900), is_relay_stuck=True)
        meter = meter.set_load(1000, 0).advance(HOUR)
        assert meter.state.overload.trips == 0
        assert meter.state.credit.consumed == KWH
        assert meter.display(HOUR).lines[1] == "AWAS BEBAN LEBIH"
        repaired = meter.stick_relay(False, HOUR)
        assert repaired.state.overload.trips == 1, "the warning ran out long ago"


class TestPower:
    def test_nothing_flows_without_it(self, rich_meter):
        start = rich_meter.state.clock
        meter = rich_meter.set_load(1000, start).cut_power(start + HOUR)
        assert meter.advance(start + DAY).state.credit.consumed == KWH
        assert meter.restore_power(start + DAY).advance(start + DAY + HOUR).state.credit.consumed == 2 * KWH

    def test_failures_are_counted_once_each(self, meter):
        now = meter.state.clock
        for _ in range(3):
            meter = meter.cut_power(now).cut_power(now + 1).restore_power(now + 2).restore_power(now + 3)
        assert meter.state.power_failures == 3

    def test_time_passes_whatever_is_cut_or_restored_twice(self, meter):
        now = meter.state.clock
        assert meter.restore_power(now + 5).state.clock == now + 5
        assert meter.cut_power(now + 5).cut_power(now + 9).state.clock == now + 9

    def test_nothing_in_the_memory_is_lost(self, utility, rich_meter):
        now = rich_meter.state.clock
        meter, _ = rich_meter.enter(utility.credit(1), now)
        meter, _ = meter.enter(utility.power_limit(2, 900), now)
        meter = meter.sense(Cause.BYPASS, True, now)
        dark = meter.cut_power(now).restore_power(now)
        assert dark.state == meter.state._replace(power_failures=1, power_failed_at=now, power_restored_at=now)

    def test_the_load_may_change_in_the_dark(self, rich_meter):
        now = rich_meter.state.clock
        meter = rich_meter.cut_power(now).set_load(500, now).restore_power(now).advance(now + HOUR)
        assert meter.state.credit.consumed == KWH // 2


class TestClock:
    def test_never_runs_back(self, utility, rich_meter, press):
        now = rich_meter.state.clock
        meter = rich_meter.set_load(1000, now)
        for act in (
            lambda m: m.advance(now - DAY),
            lambda m: m.set_load(1000, now - DAY),
            lambda m: m.sense(Cause.BYPASS, True, now - DAY),
            lambda m: m.sense_difference(1, now - DAY),
            lambda m: m.stick_relay(False, 0),
            lambda m: m.cut_power(0),
            lambda m: m.restore_power(0),
            lambda m: m.enter(utility.credit(1), 0)[0],
            lambda m: press(m, "123", 0)[0],
            lambda m: press(m, "37<E>", -5)[0],
        ):
            after = act(meter)
            assert after.state.clock == now
            assert after.state.credit.consumed == meter.state.credit.consumed

    def test_time_told_twice_counts_once(self, rich_meter):
        now = rich_meter.state.clock
        meter = rich_meter.set_load(1000, now)
        for moment in (now + HOUR, now, now + HOUR, now + HOUR // 2):
            meter = meter.advance(moment)
        assert meter.state.credit.consumed == KWH

    def test_events_after_a_step_back_use_the_meters_clock(self, rich_meter):
        now = rich_meter.state.clock
        meter = rich_meter.sense(Cause.METER_COVER, True, now - DAY)
        assert meter.state.tamper.last_at == now


def test_impulses_follow_the_energy(utility):
    meter = utility.meter(clock=0, credit=Credit(accepted=KWH)).set_load(1000, 0)
    assert [meter.advance(now).display(now).impulses for now in (0, 2, 3, HOUR // 2, HOUR)] == [0, 0, 1, 800, 1600]


@pytest.mark.parametrize("watts", [-1, 1_000_001])
def test_a_load_that_is_none_is_refused(utility, watts):
    with pytest.raises(ValueError, match="load must be"):
        utility.meter().set_load(watts, 0)
