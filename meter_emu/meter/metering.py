"""Metering: what happens while time passes. Load times time is consumed, exactly, and what falls due happens on its second.

Between two events nothing but the energy changes, so time is crossed from event to event: an overload trips the relay, a
pause ends, the credit falls to the alarm limit, the credit ends. A meter left alone for a year takes as long as one left
alone for a minute.
"""

from meter_emu.meter.clock import Seconds
from meter_emu.meter.overload import LOCK, PAUSE, TRIPS_TO_LOCK
from meter_emu.meter.profiles import PROFILES
from meter_emu.meter.relay import flowing, opened_by
from meter_emu.meter.state import State


def advance(state: State, now: Seconds) -> State:
    """The meter at ``now``. Its clock never runs back: an earlier ``now`` changes nothing."""
    state = _settle(state)
    while state.clock < now:
        state = _skip_lock_cycles(state, now)
        state = _settle(_flow(state, min(now, _next_event(state, now))))
    return state


def _flow(state: State, until: Seconds) -> State:
    """Energy flows until the next event, or until the credit ends within its last second."""
    energy = flowing(state) * (until - state.clock)
    if not state.is_relay_stuck:
        energy = min(energy, max(0, state.credit.balance))
    return state._replace(clock=until, credit=state.credit.consume(energy) if energy else state.credit)


def _settle(state: State) -> State:
    """All that is due at the clock's very second."""
    now, overload = state.clock, state.overload
    if overload.open_until is not None and overload.open_until <= now:
        state = state._replace(overload=overload.close())
    overload = state.overload.watch(flowing(state), now)
    due = overload.trip_due(_warning_time(state))
    if due is not None and due <= now and not state.is_relay_stuck:
        overload = overload.trip(now)
    alarm = state.alarm.watch(state.credit.balance, now)
    if overload is state.overload and alarm is state.alarm:
        return state
    return state._replace(overload=overload, alarm=alarm)


def _next_event(state: State, now: Seconds) -> Seconds:
    """The second of the next event, or ``now`` if none comes before."""
    power, balance = flowing(state), state.credit.balance
    events = [now]
    if state.overload.open_until is not None:
        events.append(state.overload.open_until)
    due = state.overload.trip_due(_warning_time(state))
    if due is not None:
        events.append(due)
    if power and balance > 0:
        events.append(state.clock - -balance // power)
    if power and balance > state.alarm.limit:
        events.append(state.clock - -(balance - state.alarm.limit) // power)
    return min(event for event in events if event > state.clock)


def _skip_lock_cycles(state: State, now: Seconds) -> State:
    """Whole turns of "five trips, then locked" at once: they repeat exactly for as long as the credit lasts."""
    overload = state.overload
    just_locked = overload.is_locked and overload.open_until == state.clock + LOCK
    is_over = overload.limit is not None and state.load > overload.limit
    if not (just_locked and is_over and opened_by(state) and state.is_powered and state.credit.balance > 0):
        return state
    warning = _warning_time(state)
    length = LOCK + TRIPS_TO_LOCK * warning + (TRIPS_TO_LOCK - 1) * PAUSE
    energy = TRIPS_TO_LOCK * warning * state.load
    floor = state.alarm.limit if state.credit.balance > state.alarm.limit else 0
    turns = min((now - state.clock) // length, max(0, state.credit.balance - floor - 1) // energy)
    if turns == 0:
        return state
    later = state.clock + turns * length
    return state._replace(
        clock=later,
        credit=state.credit.consume(turns * energy),
        overload=overload._replace(open_until=later + LOCK, trips=overload.trips + turns * TRIPS_TO_LOCK),
    )


def _warning_time(state: State) -> Seconds:
    return PROFILES[state.profile].overload_warning
