"""The status word: what is wrong with the meter, or at least worth a look, as bits. All zeros: all is well."""

from enum import IntFlag

from meter_emu.meter import State
from meter_emu.meter.relay import opened_by


class Status(IntFlag):
    """The bits. Each name in words is what the documentation says."""

    SUPPLY_OFF = 0x01
    RELAY_OPEN = 0x02
    CREDIT_ENDED = 0x04
    CREDIT_LOW = 0x08
    TAMPERED = 0x10
    OVERLOAD = 0x20
    TOKENS_LOCKED_OUT = 0x40
    RELAY_STUCK = 0x80
    PASSWORD_LOCKED_OUT = 0x100


def status_word(state: State) -> Status:
    """The bits that are set now."""
    balance, overload, now = state.credit.balance, state.overload, state.clock
    found = {
        Status.SUPPLY_OFF: not state.is_powered,
        Status.RELAY_OPEN: opened_by(state) is not None,
        Status.CREDIT_ENDED: balance <= 0,
        Status.CREDIT_LOW: balance <= state.alarm.limit,
        Status.TAMPERED: state.tamper.is_tampered,
        Status.OVERLOAD: overload.since is not None or overload.open_until is not None,
        Status.TOKENS_LOCKED_OUT: bool(state.lockout.seconds_left(now)),
        Status.RELAY_STUCK: state.is_relay_stuck,
        Status.PASSWORD_LOCKED_OUT: any(password.seconds_left(now) for password in state.access),
    }
    return Status(sum(bit for bit, is_set in found.items() if is_set))
