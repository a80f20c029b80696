"""MeterDevice, the meter as its port sees it: what it says, takes and refuses, at each level of access.

Pure over a meter and the time (the meter's own: ``Meter.time_at``), so that a shell can run what writes inside a transaction
of the store; what only looks gives no new meter. The protocol that carries it knows nothing of meters, and this nothing of
bytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from firmware_proto.data_set import DataSet
from firmware_proto.error_text import ErrorText
from firmware_proto.registers import READOUT_REGISTERS, Log, Logs, Written, find
from meter_emu.meter import Meter
from meter_emu.meter.access import Level
from meter_emu.meter.clock import Seconds
from meter_emu.store import Entry
from meter_emu.store.entries import password_entry

LETTERS_OF_MAKER = 3


class PasswordAnswer(NamedTuple):
    """What a password came to: the meter after it, its journal entries, and the level it opened or an error text."""

    meter: Meter
    entries: Sequence[Entry]
    answer: Level | ErrorText


@dataclass(frozen=True, slots=True)
class MeterDevice:
    """The registers of a meter behind its levels of access. ``logs`` is where event log and load profile are read."""

    logs: Logs

    def identity(self, meter: Meter) -> tuple[str, str]:
        """Three letters of the maker, and the identity behind them.

        The letters are those of the brand profile, not ones of the register of makers' identifiers. The third is small: the
        meter takes a command 20 ms after its answer, where it is else 200 ms.
        """
        profile = meter.profile
        letters = profile.name[:LETTERS_OF_MAKER]
        return letters[:-1].upper() + letters[-1], f"METER-EMU {profile.software_version}"

    def readout(self, meter: Meter) -> tuple[DataSet, ...]:
        """The standard data readout."""
        return tuple(data_set for register in READOUT_REGISTERS for data_set in register.line(meter.state, register.address))

    def read(self, meter: Meter, level: Level, address: str, argument: str = "") -> tuple[DataSet, ...] | ErrorText:
        """A register's values; of a log the lines in the range that ``argument`` says. ``meter`` has been advanced to now."""
        if level < Level.CUSTOMER:
            return ErrorText.NO_ACCESS
        register = find(address)
        if register is None:
            return ErrorText.UNKNOWN_REGISTER
        if level < register.level:
            return ErrorText.NO_ACCESS
        return register.read(meter, address, argument, self.logs)

    def write(self, meter: Meter, level: Level, data_sets: Sequence[DataSet], now: Seconds) -> Written:
        """A value for a register, one at a time. Where the answer is an error text the meter is the one that was given."""
        if level < Level.CUSTOMER:
            return Written(meter, answer=ErrorText.NO_ACCESS)
        if len(data_sets) != 1:
            return Written(meter, answer=ErrorText.MALFORMED_VALUE)
        data_set = data_sets[0]
        register = find(data_set.address)
        if register is None:
            return Written(meter, answer=ErrorText.UNKNOWN_REGISTER)
        if isinstance(register, Log) or register.setting is None:
            return Written(meter, answer=ErrorText.READ_ONLY)
        if level < register.setting.level:
            return Written(meter, answer=ErrorText.NO_ACCESS)
        return register.setting.write(meter, data_set, now)

    def give_password(self, meter: Meter, level: Level, password: str, now: Seconds) -> PasswordAnswer:
        """Someone asks for a level with a password. While the level is locked, not even the right one is looked at."""
        at = meter.advance(now)
        access = at.state.access
        if access.of(level).seconds_left(at.state.clock):
            return PasswordAnswer(meter, (), ErrorText.BUSY)
        after_access, is_right = access.give(level, password, at.state.clock)
        if after_access is access:
            return PasswordAnswer(meter, (), level)
        after = at._replace(state=at.state._replace(access=after_access))
        if is_right:
            return PasswordAnswer(after, (), level)
        return PasswordAnswer(after, (password_entry(after, level),), ErrorText.WRONG_PASSWORD)
