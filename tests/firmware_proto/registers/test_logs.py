"""The logs: read by range, bounded, and from the store as from a list."""

import pytest

from firmware_proto.data_set import DataSet
from firmware_proto.error_text import ErrorText
from firmware_proto.meter_device import MeterDevice
from firmware_proto.protocol.message_reader import LONGEST_DATA
from firmware_proto.registers import StoredLogs
from firmware_proto.registers.register import MOST_LINES
from meter_emu.meter.access import Level
from meter_emu.meter.clock import DAY, moment_of
from meter_emu.meter.credit import Credit
from meter_emu.meter.energy import KWH
from meter_emu.meter.load_profile import QUARTER, Mark, Reading
from meter_emu.meter.outcome import Outcome
from meter_emu.meter.results import ValidationResult
from meter_emu.store import Entry, Store
from meter_emu.store.entries import token_entry
from meter_emu.sts.tokens import TokenType

PROFILE, EVENTS, LATEST = "1-0:99.1.0", "0-0:99.98.0", "0-0:96.11.0"


def time(at: int) -> str:
    return f"{moment_of(at):%y%m%d%H%M%S}"


def read(device, meter, address, argument=""):
    """The lines of a log as texts, or the error."""
    answer = device.read(meter, Level.CUSTOMER, address, argument)
    if isinstance(answer, ErrorText):
        return answer
    lines = []
    for data_set in answer:
        if data_set.address:
            lines.append(str(data_set))
        else:
            lines[-1] += str(data_set)
    return lines


@pytest.fixture
def readings(new_meter):
    start = new_meter().state.clock
    return [Reading(start + number * QUARTER, number * KWH, -number * KWH // 2) for number in range(1, 2500)]


def test_a_reading_is_a_line(new_meter, device_with):
    reading = Reading(new_meter().state.clock, 12_345_678, 7 * KWH, Mark.POWER_BACK | Mark.POWER_FAILED)
    assert read(device_with(readings=[reading]), new_meter(), PROFILE) == [
        "1-0:99.1.0(261122083000)(C0)(3.4293*kWh)(7.0000*kWh)"
    ]


@pytest.mark.parametrize(("first", "last"), [(1, 3), (5, 5), (2400, 3000)])
def test_a_range(new_meter, device_with, readings, first, last):
    start = new_meter().state.clock
    argument = f"{time(start + first * QUARTER)};{time(start + last * QUARTER)}"
    lines = read(device_with(readings=readings), new_meter(), PROFILE, argument)
    expected = [reading for reading in readings if first * QUARTER <= reading.at - start <= last * QUARTER]
    assert [line[11:23] for line in lines] == [time(reading.at) for reading in expected]


def test_either_time_may_be_missing(new_meter, device_with, readings):
    device, meter = device_with(readings=readings), new_meter()
    third = time(readings[2].at)
    assert len(read(device, meter, PROFILE, f";{third}")) == 3
    assert len(read(device, meter, PROFILE, f"{time(readings[-3].at)};")) == 3


def test_an_answer_is_bounded_and_the_rest_can_be_asked_for(new_meter, device_with, readings):
    device, meter = device_with(readings=readings), new_meter()
    lines = []
    while isinstance(answer := read(device, meter, PROFILE, f";;{len(lines)}"), list):
        assert len(answer) <= MOST_LINES
        lines += answer
    assert answer is ErrorText.NO_ENTRIES
    assert len(lines) == len(readings)
    assert read(device, meter, PROFILE) == lines[:MOST_LINES]


def test_the_longest_answer_fits_what_a_client_takes(new_meter, device_with):
    meter = new_meter()
    outcome = Outcome(ValidationResult.KEY_EXPIRED_ERROR, TokenType.SET_MAXIMUM_PHASE_POWER_UNBALANCE_LIMIT, 10**13)
    rich = meter._replace(state=meter.state._replace(credit=Credit(accepted=10**13)))
    device = device_with(entries=[token_entry(rich, "1" * 20, outcome)] * 2000)
    lines = read(device, meter, EVENTS)
    assert len(lines) == MOST_LINES
    assert sum(len(line) + len("\r\n") for line in lines) < LONGEST_DATA


@pytest.mark.parametrize("address", [PROFILE, EVENTS, LATEST])
@pytest.mark.parametrize(
    "argument", ["x", "261122083000", "261122083000-261122083100", ";;x", ";;;", "26;27", ";269922083000", ";;-1", " ;"]
)
def test_malformed(new_meter, device, address, argument):
    assert read(device, new_meter(), address, argument) is ErrorText.MALFORMED_VALUE


@pytest.mark.parametrize("address", [PROFILE, EVENTS, LATEST])
def test_empty_and_backward_ranges(new_meter, device, address):
    assert read(device, new_meter(), address) is ErrorText.NO_ENTRIES
    assert read(device, new_meter(), address, "261122083001;261122083000") is ErrorText.OUT_OF_RANGE


def test_an_event_is_a_line_that_can_be_sent(new_meter, device_with):
    at = new_meter().state.clock
    entries = [
        Entry(at, "load", {"watts": 450, "nothing": None}),
        Entry(at + 1, "odd", {"text": "(a*b)/c!\r\nü" + "x" * 500}),
    ]
    device = device_with(entries=entries)
    assert read(device, new_meter(), EVENTS) == [
        "0-0:99.98.0(261122083000)(load)(watts=450)",
        f"0-0:99.98.0(261122083001)(odd)({('text=?a?b??c????' + 'x' * 500)[:128]})",
    ]
    assert read(device, new_meter(), LATEST)[0].startswith("0-0:96.11.0(261122083001)(odd)")


def test_from_the_store(tmp_path, new_meter, credit_token):
    meter = new_meter()
    drn, start = meter.state.drn, meter.state.clock
    with Store(tmp_path / "meters.db") as store:
        device = MeterDevice(StoredLogs(store))
        store.install(meter, Entry(start, "installed", {"ti": "01"}))
        store.change(drn, lambda meter: (meter.set_load(400, start), [], None))

        def enter(meter):
            written = device.write(meter, Level.CUSTOMER, (DataSet("19.40.0", credit_token(1000, 100)),), start + 2 * QUARTER)
            return written.meter, written.entries, written.answer

        assert store.change(drn, enter) is None
        looked = store.load(drn).advance(start + DAY)
        assert read(device, looked, EVENTS)[0] == "0-0:99.98.0(261122083000)(installed)(ti=01)"
        assert read(device, looked, EVENTS)[1].startswith(f"0-0:99.98.0({time(start + 2 * QUARTER)})(token)(token=")
        assert read(device, looked, LATEST)[0].startswith("0-0:96.11.0(261122090000)(token)")
        lines = read(device, looked, PROFILE)
        assert len(lines) == DAY // QUARTER
        assert lines[0] == "1-0:99.1.0(261122084500)(00)(0.0000*kWh)(0.0000*kWh)"
        assert lines[2] == "1-0:99.1.0(261122091500)(00)(0.1000*kWh)(9.9000*kWh)"
        assert read(device, looked, PROFILE, f"{time(start + DAY)};;") == lines[-1:]
        assert store.load(drn).state.clock == start + 2 * QUARTER
