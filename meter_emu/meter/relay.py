"""The relay: whether the house has current, and if not, why."""

from enum import StrEnum

from meter_emu.meter.state import State


class RelayOpen(StrEnum):
    """Why no current flows, the strongest reason first."""

    NO_POWER = "no power"
    NO_CREDIT = "no credit"
    OVERLOAD_LOCKED = "overload, locked"
    OVERLOAD = "overload"


def opened_by(state: State) -> RelayOpen | None:
    """The reason for an open relay; None while it is closed."""
    if not state.is_powered:
        return RelayOpen.NO_POWER
    if state.is_relay_stuck:
        return None
    if state.credit.balance <= 0:
        return RelayOpen.NO_CREDIT
    if state.overload.open_until is not None:
        return RelayOpen.OVERLOAD_LOCKED if state.overload.is_locked else RelayOpen.OVERLOAD
    return None


def flowing(state: State) -> int:
    """The watts that run through the meter now."""
    return state.load if opened_by(state) is None else 0
