"""The load profile: the energy registers at every quarter hour, for as far back as the meter keeps them.

Nothing happens to a meter between two acts but what its state before says, so the quarters that have closed since are worked
out from that state when the next act comes; no one has to wake up for them. A quarter that ends without power has no reading:
the gap shows, and the reading after it is marked. So is a quarter in which the power failed or came back, or the clock was set.
"""

from enum import IntFlag
from typing import NamedTuple

from meter_emu.meter.clock import DAY, MINUTE, Seconds
from meter_emu.meter.energy import WattSeconds
from meter_emu.meter.metering import advance
from meter_emu.meter.state import State

QUARTER: Seconds = 15 * MINUTE
KEPT: Seconds = 35 * DAY
"""How far back the readings go."""


class Mark(IntFlag):
    """Why a reading should be read with care: bits of the status byte that load profiles on an IEC 62056-21 line carry."""

    NONE = 0
    CLOCK_SET = 0x20
    POWER_BACK = 0x40
    POWER_FAILED = 0x80


class Reading(NamedTuple):
    """The registers at the end of a quarter, ``at``: the cumulative energy and the credit left."""

    at: Seconds
    consumed: WattSeconds
    balance: WattSeconds
    marks: Mark = Mark.NONE


def closed_quarters(before: State, after: State) -> tuple[Reading, ...]:
    """The readings of the quarters that closed between two states of one meter, the earlier ones first.

    ``after`` is what one act, at one moment, made of ``before``. The time over which its clock was set did not pass: no quarter
    closed in it. Of a long absence only the quarters that are kept are gone through.
    """
    until = after.clock - (after.clock_offset - before.clock_offset)
    first = before.clock // QUARTER + 1
    last = until // QUARTER
    if last < first:
        return ()
    readings = []
    state = before
    for number in range(max(first, last - KEPT // QUARTER + 1), last + 1):
        state = advance(state, number * QUARTER)
        if state.is_powered:
            readings.append(Reading(state.clock, state.credit.consumed, state.credit.balance, _marks(state)))
    return tuple(readings)


def _marks(state: State) -> Mark:
    """The marks of the quarter that ends now. What happens on the second of an end belongs to the quarter that begins there."""
    began = state.clock - QUARTER
    happened = (
        (state.power_failed_at, Mark.POWER_FAILED),
        (state.power_restored_at, Mark.POWER_BACK),
        (state.clock_set_at, Mark.CLOCK_SET),
    )
    marks = Mark.NONE
    for at, mark in happened:
        if at is not None and began <= at < state.clock:
            marks |= mark
    return marks
