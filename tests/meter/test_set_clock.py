"""The service sets the clock: forward, without energy for the time left out, and every later moment is told in the new time."""

import pytest

from meter_emu.meter.clock import DAY, HOUR
from meter_emu.meter.energy import KWH


def test_forward_without_energy(rich_meter):
    now = rich_meter.state.clock
    meter = rich_meter.set_load(1000, now).set_clock(now + DAY, now + HOUR)
    assert meter.state.clock == now + DAY
    assert meter.state.credit.consumed == KWH
    assert meter.time_at(now + 2 * HOUR) == now + DAY + HOUR
    assert meter.advance(meter.time_at(now + 2 * HOUR)).state.credit.consumed == 2 * KWH


def test_twice_adds_up(rich_meter):
    now = rich_meter.state.clock
    meter = rich_meter.set_clock(now + 100, now)
    meter = meter.set_clock(meter.time_at(now + 50) + 1000, meter.time_at(now + 50))
    assert meter.time_at(now + 60) == now + 60 + 1100
    assert meter.state.clock_set_at == now + 50 + 1100


def test_never_back(rich_meter):
    now = rich_meter.state.clock
    with pytest.raises(ValueError, match="never runs back"):
        rich_meter.set_clock(now + HOUR - 1, now + HOUR)


def test_to_the_time_it_has_changes_nothing(rich_meter):
    now = rich_meter.state.clock + HOUR
    assert rich_meter.set_clock(now, now) == rich_meter.advance(now)


def test_what_waits_for_a_moment_waits_no_longer(utility, rich_meter):
    now = rich_meter.state.clock
    meter = rich_meter
    for _ in range(3):
        meter, _ = meter.enter("0" * 20, now)
    assert meter.state.lockout.seconds_left(meter.state.clock) == 10
    meter = meter.set_clock(now + 60, now)
    assert meter.state.lockout.seconds_left(meter.state.clock) == 0
    assert meter.enter(utility.credit(1), meter.state.clock)[1].accepted
