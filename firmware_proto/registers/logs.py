"""The two logs: the journal's entries and the load profile, as lines of values; and where they come from."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from firmware_proto.data_set import LONGEST_VALUE
from firmware_proto.registers.formats import ENERGY, TIME
from firmware_proto.registers.register import MOST_LINES, Logs, Range
from meter_emu.meter import Meter
from meter_emu.meter.load_profile import Reading
from meter_emu.store import Entry, Store

PARTICULARS = "its particulars, each as `name=value`"
"""The last column of an event, as often as there are some."""
EVENT_COLUMNS = ("time", "event", PARTICULARS)
LOAD_PROFILE_COLUMNS = ("end of the quarter", "marks, 2 hexadecimal digits", "active energy, kWh", "credit left, kWh")
_FORBIDDEN = str.maketrans(dict.fromkeys("()*/!", "?"))


class StoredLogs(NamedTuple):
    """The logs of the meters in a store."""

    store: Store

    def events(self, meter: Meter, wanted: Range, limit: int) -> Sequence[Entry]:
        """As the protocol says."""
        return self.store.journal_between(meter.state.drn, wanted.first, wanted.last, limit, wanted.skip)

    def load_profile(self, meter: Meter, wanted: Range, limit: int) -> Sequence[Reading]:
        """As the protocol says."""
        now = meter.state.clock
        readings = self.store.load_profile(meter.state.drn, wanted.first, min(wanted.last, now), now)
        return readings[wanted.skip : wanted.skip + limit]

    def last_event(self, meter: Meter) -> Entry | None:
        """As the protocol says."""
        return next(iter(self.store.journal(meter.state.drn, 1)), None)


def event_lines(logs: Logs, meter: Meter, wanted: Range) -> Iterator[tuple[str, ...]]:
    """The event log in a range."""
    return map(event_values, logs.events(meter, wanted, MOST_LINES))


def event_values(entry: Entry) -> tuple[str, ...]:
    """One entry. A character that a value cannot hold becomes a question mark.

    >>> event_values(Entry(0, "load", {"watts": 450, "why": None}))
    ('700101000000', 'load', 'watts=450')
    """
    details = (f"{name}={value}" for name, value in entry.details.items() if value is not None)
    return TIME.write(entry.at), _sendable(entry.event), *map(_sendable, details)


def latest_event_line(logs: Logs, meter: Meter, wanted: Range) -> Iterator[tuple[str, ...]]:
    """The latest event, if it is in the range."""
    entry = logs.last_event(meter)
    if entry is not None and wanted.first <= entry.at <= wanted.last and not wanted.skip:
        yield event_values(entry)


def load_profile_lines(logs: Logs, meter: Meter, wanted: Range) -> Iterator[tuple[str, str, tuple[str, str], tuple[str, str]]]:
    """The load profile in a range."""
    for reading in logs.load_profile(meter, wanted, MOST_LINES):
        consumed, balance = ENERGY.write(reading.consumed), ENERGY.write(reading.balance)
        yield TIME.write(reading.at), f"{reading.marks:02X}", (consumed, ENERGY.unit), (balance, ENERGY.unit)


def _sendable(text: str) -> str:
    printable = "".join(character if " " <= character <= "~" else "?" for character in text)
    return printable.translate(_FORBIDDEN)[:LONGEST_VALUE]
