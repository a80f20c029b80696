"""The power limit: warning, trip, closing again, the lock after five trips, and what happens in between."""

import pytest

from meter_emu.meter.credit import Credit
from meter_emu.meter.energy import KWH
from meter_emu.meter.overload import Overload

WARNING, PAUSE, LOCK = 30, 60, 1800
TRIP_TO_TRIP = PAUSE + WARNING


@pytest.fixture
def overloaded(utility):
    """100 kWh, 1300 W allowed, 1500 W asked for since second 0."""
    meter = utility.meter(clock=0, credit=Credit(accepted=100 * KWH), overload=Overload(limit=1300))
    return meter.set_load(1500, 0)


def is_closed(meter, now):
    return meter.advance(now).display(now).is_relay_closed


def status(meter, now):
    return meter.advance(now).display(now).lines[1]


class TestTrip:
    def test_after_a_warning(self, overloaded):
        assert status(overloaded, 0) == "AWAS BEBAN LEBIH"
        assert is_closed(overloaded, WARNING - 1)
        assert not is_closed(overloaded, WARNING)
        assert status(overloaded, WARNING) == "BEBAN LEBIH"
        assert overloaded.advance(WARNING).state.credit.consumed == 1500 * WARNING

    def test_closes_again_after_a_minute(self, overloaded):
        assert not is_closed(overloaded, WARNING + PAUSE - 1)
        assert is_closed(overloaded, WARNING + PAUSE)
        assert status(overloaded, WARNING + PAUSE) == "AWAS BEBAN LEBIH"
        assert overloaded.advance(WARNING + PAUSE).state.credit.consumed == 1500 * WARNING

    @pytest.mark.parametrize(("load", "trips"), [(1299, 0), (1300, 0), (1301, 1)])
    def test_the_limit_itself_is_allowed(self, overloaded, load, trips):
        assert overloaded.set_load(load, 0).advance(WARNING).state.overload.trips == trips

    def test_without_a_limit_there_is_none(self, utility):
        meter = utility.meter(clock=0, credit=Credit(accepted=100 * KWH)).set_load(1_000_000, 0)
        assert meter.advance(60).state.overload.trips == 0

    def test_a_limit_of_0_allows_nothing(self, utility):
        meter = utility.meter(clock=0, credit=Credit(accepted=100 * KWH), overload=Overload(limit=0))
        assert meter.set_load(0, 0).advance(100).state.overload.trips == 0
        assert meter.set_load(1, 0).advance(30).state.overload.trips == 1

    def test_no_credit_no_overload(self, utility):
        meter = utility.meter(clock=0, overload=Overload(limit=1)).set_load(1500, 0)
        assert meter.advance(10_000).state.overload.trips == 0

    def test_credit_that_ends_on_the_second_of_the_trip_ends_the_overload(self, utility):
        meter = utility.meter(clock=0, credit=Credit(accepted=1500 * WARNING), overload=Overload(limit=1300))
        meter = meter.set_load(1500, 0).advance(WARNING)
        assert meter.state.overload.trips == 0
        assert meter.display(WARNING).lines[1] == "KREDIT HABIS"


class TestLock:
    fifth = WARNING + 4 * TRIP_TO_TRIP

    def test_is_the_fifth_trip_in_30_minutes(self, overloaded):
        assert overloaded.advance(self.fifth - 1).state.overload.trips == 4
        locked = overloaded.advance(self.fifth)
        assert locked.state.overload.trips == 5
        assert locked.state.overload.is_locked
        assert not is_closed(overloaded, self.fifth + PAUSE)
        assert not is_closed(overloaded, self.fifth + LOCK - 1)
        assert is_closed(overloaded, self.fifth + LOCK)

    def test_begins_anew_after_it(self, overloaded):
        again = self.fifth + LOCK
        assert overloaded.advance(again + self.fifth).state.overload.trips == 10
        assert not is_closed(overloaded, again + self.fifth + LOCK - 1)
        assert is_closed(overloaded, again + WARNING + PAUSE), "one more trip is one, not a sixth"

    @pytest.mark.parametrize(("fifth_at", "is_locked"), [(WARNING + LOCK - 1, True), (WARNING + LOCK, False)])
    def test_the_30_minutes_count_from_the_first_of_five(self, overloaded, fifth_at, is_locked):
        meter = overloaded.advance(WARNING + 3 * TRIP_TO_TRIP).set_load(0, WARNING + 3 * TRIP_TO_TRIP)
        assert meter.state.overload.trips == 4
        meter = meter.set_load(1500, fifth_at - WARNING).advance(fifth_at)
        assert meter.state.overload.trips == 5
        assert meter.state.overload.is_locked == is_locked

    @pytest.mark.parametrize("load", [100, 1300])
    def test_ends_no_sooner_with_a_lower_load(self, overloaded, load):
        meter = overloaded.set_load(load, self.fifth)
        assert not is_closed(meter, self.fifth + LOCK - 1)
        assert is_closed(meter, self.fifth + LOCK)
        assert meter.advance(self.fifth + 3 * LOCK).state.overload.trips == 5

    def test_runs_on_without_power(self, overloaded):
        meter = overloaded.cut_power(self.fifth + 10)
        assert not is_closed(meter.restore_power(self.fifth + LOCK - 1), self.fifth + LOCK - 1)
        assert is_closed(meter.restore_power(self.fifth + LOCK), self.fifth + LOCK)

    def test_a_power_cycle_does_not_end_it(self, overloaded):
        meter = overloaded.cut_power(self.fifth).restore_power(self.fifth + 1)
        assert not is_closed(meter, self.fifth + LOCK - 1)

    def test_takes_tokens(self, utility, overloaded):
        meter, outcome = overloaded.enter(utility.credit(1, 10), self.fifth + 5)
        assert outcome.accepted
        assert not is_closed(meter, self.fifth + 5)


class TestInBetween:
    @pytest.mark.parametrize("seconds", [1, 29])
    def test_a_lower_load_ends_the_warning(self, overloaded, seconds):
        meter = overloaded.set_load(1300, seconds)
        assert status(meter, seconds) == ""
        assert meter.advance(10_000).state.overload.trips == 0

    def test_the_warning_begins_anew(self, overloaded):
        meter = overloaded.set_load(0, 29).set_load(1500, 40)
        assert is_closed(meter, 69)
        assert not is_closed(meter, 70)

    def test_another_load_above_the_limit_does_not_begin_it_anew(self, overloaded):
        assert not is_closed(overloaded.set_load(2000, 29), 30)

    def test_a_raised_limit_ends_the_warning(self, utility, overloaded):
        meter, _ = overloaded.enter(utility.power_limit(1, 2200), 29)
        assert status(meter.advance(32), 32) == ""
        assert meter.advance(10_000).state.overload.trips == 0

    def test_a_raised_limit_does_not_shorten_the_pause(self, utility, overloaded):
        meter, _ = overloaded.enter(utility.power_limit(1, 2200), 31)
        assert not is_closed(meter, WARNING + PAUSE - 1)
        assert meter.advance(10_000).state.overload.trips == 1

    def test_a_lowered_limit_begins_one(self, utility, overloaded):
        meter = overloaded.set_load(1000, 0)
        meter, _ = meter.enter(utility.power_limit(1, 900), 100)
        assert is_closed(meter, 129)
        assert not is_closed(meter, 130)

    def test_a_power_cut_ends_the_warning(self, overloaded):
        meter = overloaded.cut_power(29).restore_power(29)
        assert is_closed(meter, 58)
        assert not is_closed(meter, 59)

    def test_a_pause_runs_on_without_power(self, overloaded):
        meter = overloaded.cut_power(40)
        assert not is_closed(meter.restore_power(89), 89)
        assert is_closed(meter.restore_power(90), 90)

    def test_trips_are_remembered_over_a_power_cut(self, overloaded):
        """Four trips, a cut, and the fifth within the half hour locks."""
        fourth = WARNING + 3 * TRIP_TO_TRIP
        meter = overloaded.cut_power(fourth).restore_power(fourth + PAUSE)
        meter = meter.advance(fourth + PAUSE + WARNING)
        assert meter.state.overload.is_locked

    def test_trips_are_shown_by_short_code_68(self, overloaded, press):
        meter, _ = press(overloaded, "68<E>", 1000)
        assert meter.display(1000).lines[0] == "5"
