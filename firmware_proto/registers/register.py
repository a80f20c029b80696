"""What a register is: an OBIS code with the values that stand behind it, who may read it, and what a write to it does.

A register of several values is one line of data sets, so that they are of one moment. A log is a register that holds lines,
each with its time, and is read by a range of times.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, Protocol, Self

from firmware_proto.data_set import DataSet
from firmware_proto.error_text import ErrorText
from firmware_proto.registers.formats import TIME, Format, Value
from meter_emu.meter import Meter, State
from meter_emu.meter.access import Level
from meter_emu.meter.clock import LAST, Seconds
from meter_emu.meter.load_profile import Reading
from meter_emu.store import Entry

MOST_LINES = 250
"""Lines of a log in one answer, which so stays below 64 KiB: the earliest of the range. Who gets so many asks again and
says how many to skip."""
EARLIEST: Seconds = -LAST
_RANGE = re.compile(r"(?:([0-9]*);([0-9]*)(?:;([0-9]{0,9}))?)?")
ONE_VALUE = "1"
"""Clients that say how many values they want may say one."""


class Written(NamedTuple):
    """What a write came to: the meter after it and its journal entries, or, with an error text, the meter as it was."""

    meter: Meter
    entries: Sequence[Entry] = ()
    answer: ErrorText | None = None


class Range(NamedTuple):
    """What is asked for of a log: the entries from the second ``first`` to the second ``last``, without the first ``skip``."""

    first: Seconds = EARLIEST
    last: Seconds = LAST
    skip: int = 0

    @classmethod
    def parse(cls, argument: str) -> Self:
        """The range that ``first;last`` or ``first;last;skip`` says; each may be missing. ValueError for anything else.

        >>> Range.parse("") == Range.parse(";") == Range()
        True
        >>> Range.parse("2611220815;261122083000;250")
        Range(first=1795335300, last=1795336200, skip=250)
        """
        match = _RANGE.fullmatch(argument)
        if match is None:
            raise ValueError("a range is first;last;skip")
        first, last, skip = match.groups()
        return cls(
            TIME.parse(first) if first else EARLIEST,
            TIME.parse(last) if last else LAST,
            int(skip) if skip else 0,
        )


class Logs(Protocol):
    """What a meter remembers outside its state; the store keeps it."""

    def events(self, meter: Meter, wanted: Range, limit: int) -> Sequence[Entry]:
        """The first ``limit`` entries of the journal in a range."""

    def load_profile(self, meter: Meter, wanted: Range, limit: int) -> Sequence[Reading]:
        """The first ``limit`` readings in a range, up to the meter's clock."""

    def last_event(self, meter: Meter) -> Entry | None:
        """The latest entry of the journal."""


@dataclass(frozen=True, slots=True)
class Field(Generic[Value]):
    """One value of a register; None stands as an empty one."""

    title: str
    format: Format[Value]
    of: Callable[[State], Value | None]

    def data_set(self, address: str, state: State) -> DataSet:
        """The value as it is now."""
        value = self.of(state)
        return DataSet(address, "") if value is None else DataSet(address, self.format.write(value), self.format.unit)


@dataclass(frozen=True, slots=True)
class Setting(Generic[Value]):
    """What a write does: the value is read by the format, then acted upon. Whatever is refused changes nothing."""

    format: Format[Value]
    act: Callable[[Meter, Value, Seconds], Written]
    level: Level = Level.SERVICE

    def write(self, meter: Meter, data_set: DataSet, now: Seconds) -> Written:
        """The value of ``data_set`` is written at ``now``."""
        if data_set.unit not in ("", self.format.unit):
            return Written(meter, answer=ErrorText.MALFORMED_VALUE)
        try:
            value = self.format.parse(data_set.value)
        except ValueError:
            return Written(meter, answer=ErrorText.MALFORMED_VALUE)
        return self.act(meter, value, now)


@dataclass(frozen=True, slots=True)
class Register:
    """A line of the table."""

    address: str
    """The OBIS code, without its last group, which is always 255."""
    title: str
    fields: tuple[Field[Any], ...]
    setting: Setting[Any] | None = None
    in_readout: bool = False
    """Whether it is in the standard data readout, for which no password is needed."""
    level: Level = field(default=Level.CUSTOMER)
    """Who may read it alone."""

    def read(self, meter: Meter, address: str, argument: str, logs: Logs) -> tuple[DataSet, ...] | ErrorText:
        """Its line, under the address it was asked for by."""
        if argument not in ("", ONE_VALUE):
            return ErrorText.MALFORMED_VALUE
        return self.line(meter.state, address)

    def line(self, state: State, address: str) -> tuple[DataSet, ...]:
        """Its values: the first has the address, the others belong to it."""
        return tuple(each.data_set("" if number else address, state) for number, each in enumerate(self.fields))


@dataclass(frozen=True, slots=True)
class Log:
    """A register that is read by a range of times."""

    address: str
    title: str
    columns: tuple[str, ...]
    """For the documentation."""
    lines: Callable[[Logs, Meter, Range], Iterable[tuple[str | tuple[str, str], ...]]]
    """The values of each line, those with a unit as a pair."""
    level: Level = Level.CUSTOMER

    def read(self, meter: Meter, address: str, argument: str, logs: Logs) -> tuple[DataSet, ...] | ErrorText:
        """Its lines in a range."""
        try:
            wanted = Range.parse(argument)
        except ValueError:
            return ErrorText.MALFORMED_VALUE
        if wanted.first > wanted.last:
            return ErrorText.OUT_OF_RANGE
        data_sets = []
        for line in self.lines(logs, meter, wanted):
            for number, value in enumerate(line):
                text, unit = (value, "") if isinstance(value, str) else value
                data_sets.append(DataSet("" if number else address, text, unit))
        return tuple(data_sets) or ErrorText.NO_ENTRIES
