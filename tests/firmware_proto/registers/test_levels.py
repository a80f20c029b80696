"""Who may do what: every level at every register, and the passwords that open the levels."""

import pytest

from firmware_proto.data_set import DataSet
from firmware_proto.error_text import ErrorText
from firmware_proto.registers import REGISTERS, Log
from meter_emu.meter.access import DEFAULT_PASSWORDS, Level

WRITABLE = {
    "0-0:19.40.0": (Level.CUSTOMER, "0" * 20),
    "0-0:1.0.0": (Level.SERVICE, "301122083000"),
    "0-0:96.52.0": (Level.SERVICE, "12"),
    "0-0:96.52.1": (Level.SERVICE, "5"),
    "0-0:96.60.0": (Level.SERVICE, "450"),
    "0-0:96.60.1": (Level.SERVICE, "0"),
    "0-0:96.60.2": (Level.SERVICE, "1"),
    "0-0:96.61.0": (Level.SERVICE, "1"),
    "0-0:96.61.1": (Level.SERVICE, "1"),
    "0-0:96.61.2": (Level.SERVICE, "1"),
    "0-0:96.61.3": (Level.SERVICE, "1"),
    "0-0:96.61.4": (Level.SERVICE, "400"),
}


def test_the_cases_are_all_that_can_be_written():
    assert set(WRITABLE) == {
        address for address, register in REGISTERS.items() if not isinstance(register, Log) and register.setting
    }


@pytest.mark.parametrize("address", [*REGISTERS, "9.9.9"])
def test_without_a_password_nothing_is_read_alone_or_written(lived_meter, device, address):
    assert device.read(lived_meter, Level.PUBLIC, address) is ErrorText.NO_ACCESS
    now = lived_meter.state.clock + 60
    written = device.write(lived_meter, Level.PUBLIC, (DataSet(address, "1"),), now)
    assert written == (lived_meter, (), ErrorText.NO_ACCESS)


@pytest.mark.parametrize("level", [Level.CUSTOMER, Level.SERVICE])
@pytest.mark.parametrize("address", REGISTERS)
def test_both_passwords_open_all_reading(lived_meter, device, address, level):
    assert device.read(lived_meter, level, address) is not ErrorText.NO_ACCESS


@pytest.mark.parametrize("level", [Level.CUSTOMER, Level.SERVICE])
@pytest.mark.parametrize("address", REGISTERS)
def test_writing(lived_meter, device, address, level):
    needed, value = WRITABLE.get(address, (None, "1"))
    expected = (
        None if needed is not None and level >= needed else ErrorText.READ_ONLY if needed is None else ErrorText.NO_ACCESS
    )
    written = device.write(lived_meter, level, (DataSet(address, value),), lived_meter.state.clock + 60)
    assert written.answer is expected
    assert (written.meter is lived_meter) == (expected is not None) == (written.entries == ())


def test_one_data_set_at_a_time(lived_meter, device):
    for data_sets in ((), (DataSet("96.60.0", "1"), DataSet("96.60.1", "0"))):
        written = device.write(lived_meter, Level.SERVICE, data_sets, lived_meter.state.clock)
        assert written == (lived_meter, (), ErrorText.MALFORMED_VALUE)


@pytest.mark.parametrize("level", [Level.CUSTOMER, Level.SERVICE])
class TestPasswords:
    def test_the_right_one_opens_and_writes_nothing(self, lived_meter, device, level):
        answer = device.give_password(lived_meter, level, DEFAULT_PASSWORDS[level], lived_meter.state.clock + 5)
        assert answer == (lived_meter, (), level)
        assert answer.meter is lived_meter

    def test_wrong_ones_are_counted_journaled_and_delayed(self, lived_meter, device, level):
        meter, now = lived_meter, lived_meter.state.clock + 5
        for number in (1, 2, 3):
            answer = device.give_password(meter, level, "wrong", now)
            meter = answer.meter
            assert answer.answer is ErrorText.WRONG_PASSWORD
            assert [(entry.event, entry.details) for entry in answer.entries] == [
                ("password", {"level": int(level), "wrong": number})
            ]
        for password in ("wrong", DEFAULT_PASSWORDS[level]):
            locked = device.give_password(meter, level, password, now + 9)
            assert locked == (meter, (), ErrorText.BUSY)
        opened = device.give_password(meter, level, DEFAULT_PASSWORDS[level], now + 10)
        assert (opened.answer, opened.entries) == (level, ())
        assert opened.meter.state.access == lived_meter.state.access

    def test_no_entry_shows_a_password(self, lived_meter, device, level):
        answer = device.give_password(lived_meter, level, "my own secret", lived_meter.state.clock)
        assert "secret" not in repr(answer)


def test_the_identity_is_the_brands(new_meter, device):
    state = new_meter().state
    for profile, maker in {"pln": "PLn", "hexing": "HEx", "itron": "ITr", "conlog": "COn"}.items():
        meter = new_meter()._replace(state=state._replace(profile=profile))
        assert device.identity(meter) == (maker, "METER-EMU 1.0")
