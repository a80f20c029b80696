"""A device whose logs are in memory, and a meter that has lived a little."""

from collections.abc import Sequence
from typing import NamedTuple

import pytest

from firmware_proto.data_set import DataSet
from firmware_proto.meter_device import MeterDevice
from firmware_proto.registers.register import Range
from meter_emu.meter import Cause, Meter
from meter_emu.meter.access import Level
from meter_emu.meter.load_profile import Reading
from meter_emu.store import Entry
from meter_emu.sts.tokens import Token, TokenType, encode


class ListedLogs(NamedTuple):
    """Logs that are given; the store's are tested with the store."""

    entries: Sequence[Entry] = ()
    readings: Sequence[Reading] = ()

    def events(self, meter: Meter, wanted: Range, limit: int) -> Sequence[Entry]:
        return self._part(self.entries, wanted, limit)

    def load_profile(self, meter: Meter, wanted: Range, limit: int) -> Sequence[Reading]:
        return self._part(self.readings, wanted, limit)

    def last_event(self, meter: Meter) -> Entry | None:
        return self.entries[-1] if self.entries else None

    @staticmethod
    def _part(lines, wanted, limit):
        found = [line for line in lines if wanted.first <= line.at <= wanted.last]
        return found[wanted.skip : wanted.skip + limit]


@pytest.fixture(scope="session")
def device_with():
    """Makes a device: ``device_with(entries=..., readings=...)``."""
    return lambda **logs: MeterDevice(ListedLogs(**logs))


@pytest.fixture(scope="session")
def device(device_with) -> MeterDevice:
    """One without logs."""
    return device_with()


@pytest.fixture(scope="session")
def texts(device):
    """``texts(meter, address)``: what a register says to the service, as the text on the line."""

    def read(meter: Meter, address: str) -> str:
        answer = device.read(meter, Level.SERVICE, address)
        assert isinstance(answer, tuple), answer
        return "".join(map(str, answer))

    return read


@pytest.fixture(scope="session")
def write(device):
    """``write(meter, address, value)``: the service writes at the meter's own time."""

    def act(meter: Meter, address: str, value: str, *, unit: str = "", level: Level = Level.SERVICE, now: int | None = None):
        at = meter.state.clock if now is None else now
        return device.write(meter, level, (DataSet(address, value, unit),), at)

    return act


@pytest.fixture(scope="session")
def lived_meter(new_meter, credit_token) -> Meter:
    """A meter with credit, a limit, a load and a past."""
    meter = new_meter()
    now, cipher = meter.state.clock, meter.state.key.cipher
    for number in range(7):
        meter, outcome = meter.enter(credit_token(1000 + number, 100 + number), now + number)
        assert outcome.accepted
    limit = encode(Token.build(TokenType.SET_MAXIMUM_POWER_LIMIT, rnd=1, tid=2000, mpl=2200), cipher)
    meter, outcome = meter.enter(limit, now + 10)
    assert outcome.accepted
    meter = meter.sense(Cause.METER_COVER, True, now + 20).sense(Cause.METER_COVER, False, now + 21)
    meter = meter.sense(Cause.BYPASS, True, now + 22)
    meter = meter.cut_power(now + 30).restore_power(now + 40).set_load(1300, now + 50)
    meter, outcome = meter.enter("0" * 20, now + 3650)
    assert not outcome.accepted
    return meter
