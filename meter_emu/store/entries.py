"""The journal's entries: one function for each kind, so that every way to act on a meter writes the same words.

What is not in ``EVENTS`` does not happen to a meter.
"""

from typing import NamedTuple

from meter_emu.meter.access import Level
from meter_emu.meter.clock import Seconds, moment_of
from meter_emu.meter.meter import Meter
from meter_emu.meter.outcome import Outcome
from meter_emu.store.store import Entry

RELAY_STUCK = "relay-stuck"
"""Stands where the causes of a tamper do: a fault of the meter's own."""


class Event(NamedTuple):
    """A kind of entry: what happened, and the names of the particulars."""

    meaning: str
    details: tuple[str, ...]


EVENTS = {
    "installed": Event("the meter was installed", ("sgc", "ti", "krn", "kt", "ken", "base_date", "ea", "dkga", "test_keys")),
    "profile": Event("it became a meter of another brand", ("profile",)),
    "token": Event("a token was entered", ("token", "result_code", "result", "token_type", "credit_added_ws", "credit_ws")),
    "load": Event("the house asks for another load", ("watts",)),
    "tamper": Event("a tamper switch or the relay's fault was turned on or off", ("cause", "switch")),
    "power": Event("the supply was cut or brought back", ("switch",)),
    "clock": Event("the service set the clock", ("from", "to")),
    "alarm": Event("the service set the alarm", ("limit_ws", "interval_s")),
    "password": Event("a wrong password was given", ("level", "wrong")),
}


def token_entry(meter: Meter, digits: str, outcome: Outcome) -> Entry:
    """A token; ``meter`` is the one after it, here and in all that follow."""
    details = {
        "token": digits,
        "result_code": int(outcome.result_code),
        "result": outcome.verdict.value,
        "token_type": outcome.token_type,
        "credit_added_ws": outcome.credit_added,
        "credit_ws": meter.state.credit.balance,
    }
    return Entry(meter.state.clock, "token", details)


def load_entry(meter: Meter) -> Entry:
    """Another load."""
    return Entry(meter.state.clock, "load", {"watts": meter.state.load})


def tamper_entry(meter: Meter, cause: str, is_on: bool) -> Entry:
    """A tamper switch, or RELAY_STUCK."""
    return Entry(meter.state.clock, "tamper", {"cause": cause, "switch": "on" if is_on else "off"})


def power_entry(meter: Meter) -> Entry:
    """The supply, cut or back."""
    return Entry(meter.state.clock, "power", {"switch": "on" if meter.state.is_powered else "off"})


def clock_entry(meter: Meter, before: Seconds) -> Entry:
    """The clock, set from ``before``."""
    at = meter.state.clock
    return Entry(at, "clock", {"from": moment_of(before).isoformat(), "to": moment_of(at).isoformat()})


def alarm_entry(meter: Meter) -> Entry:
    """The low-credit alarm's limit and interval."""
    alarm = meter.state.alarm
    return Entry(meter.state.clock, "alarm", {"limit_ws": alarm.limit, "interval_s": alarm.interval})


def password_entry(meter: Meter, level: Level) -> Entry:
    """A wrong password, the how manyth since the last right one."""
    return Entry(meter.state.clock, "password", {"level": int(level), "wrong": meter.state.access.of(level).wrong})
