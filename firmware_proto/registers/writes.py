"""What the writable registers do. Each function has a value of the right form and answers with the meter after it, or with an
error text and the meter as it was.
"""

from collections.abc import Callable

from firmware_proto.error_text import ErrorText
from firmware_proto.registers.register import Written
from meter_emu.meter import Cause, Meter
from meter_emu.meter.clock import MINUTE, Seconds
from meter_emu.meter.energy import KWH
from meter_emu.meter.meter import LARGEST_LOAD
from meter_emu.store.entries import (
    RELAY_STUCK,
    alarm_entry,
    clock_entry,
    load_entry,
    power_entry,
    tamper_entry,
    token_entry,
)

LARGEST_ALARM_LIMIT = 99
"""kWh, as at the keypad."""
LONGEST_ALARM_INTERVAL = 999
"""Minutes, as at the keypad."""
LARGEST_SENSED_DIFFERENCE = 100_000
"""mA"""


def enter_token(meter: Meter, digits: str, now: Seconds) -> Written:
    """A token, as if keyed: an acknowledgement says that the meter has dealt with it, the result registers say how.

    A meter without power takes none and stays as it was.
    """
    if not meter.state.is_powered:
        return Written(meter, answer=ErrorText.BUSY)
    after, outcome = meter.enter(digits, now)
    return Written(after, (token_entry(after, digits, outcome),))


def set_clock(meter: Meter, to: Seconds, now: Seconds) -> Written:
    """Forward only: a clock that ran back would bring deadlines back, close quarters twice and disorder the journal."""
    before = meter.advance(now).state.clock
    if to < before:
        return Written(meter, answer=ErrorText.OUT_OF_RANGE)
    after = meter.set_clock(to, now)
    return Written(after, (clock_entry(after, before),))


def set_alarm_limit(meter: Meter, kilowatt_hours: int, now: Seconds) -> Written:
    """The credit from which the alarm sounds."""
    if not 0 <= kilowatt_hours <= LARGEST_ALARM_LIMIT:
        return Written(meter, answer=ErrorText.OUT_OF_RANGE)
    return _alarm(meter.advance(now), limit=kilowatt_hours * KWH)


def set_alarm_interval(meter: Meter, minutes: int, now: Seconds) -> Written:
    """How often it sounds; 0 is never."""
    if not 0 <= minutes <= LONGEST_ALARM_INTERVAL:
        return Written(meter, answer=ErrorText.OUT_OF_RANGE)
    return _alarm(meter.advance(now), interval=minutes * MINUTE)


def _alarm(meter: Meter, **changes: int) -> Written:
    alarm = meter.state.alarm._replace(**changes)
    after = meter._replace(state=meter.state._replace(alarm=alarm)).advance(meter.state.clock)
    return Written(after, (alarm_entry(after),))


def set_load(meter: Meter, watts: int, now: Seconds) -> Written:
    """What the house asks for."""
    if not 0 <= watts <= LARGEST_LOAD:
        return Written(meter, answer=ErrorText.OUT_OF_RANGE)
    after = meter.set_load(watts, now)
    return Written(after, (load_entry(after),))


def set_supply(meter: Meter, is_on: bool, now: Seconds) -> Written:
    """Cut the supply or bring it back. The port has a supply of its own, so it goes on answering."""
    after = meter.restore_power(now) if is_on else meter.cut_power(now)
    return Written(after, (power_entry(after),))


def stick_relay(meter: Meter, is_stuck: bool, now: Seconds) -> Written:
    """The fault of a relay that no longer opens."""
    after = meter.stick_relay(is_stuck, now)
    return Written(after, (tamper_entry(after, RELAY_STUCK, is_stuck),))


def sense(cause: Cause) -> Callable[[Meter, bool, Seconds], Written]:
    """The function that turns one tamper switch."""

    def act(meter: Meter, is_on: bool, now: Seconds) -> Written:
        after = meter.sense(cause, is_on, now)
        return Written(after, (tamper_entry(after, cause, is_on),))

    return act


def sense_difference(meter: Meter, milliamps: int, now: Seconds) -> Written:
    """What the neutral carries more than the phase."""
    if abs(milliamps) > LARGEST_SENSED_DIFFERENCE:
        return Written(meter, answer=ErrorText.OUT_OF_RANGE)
    after = meter.sense_difference(milliamps, now)
    return Written(
        after, (tamper_entry(after, Cause.CURRENT_DIFFERENCE, Cause.CURRENT_DIFFERENCE in after.state.tamper.causes),)
    )
