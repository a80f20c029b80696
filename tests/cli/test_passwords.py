"""The passwords of the meter's port, set by ``install``; and a clock that the service has set ahead."""

import pytest

from meter_emu.meter.access import DEFAULT_PASSWORDS, Level
from meter_emu.meter.clock import DAY
from meter_emu.store import FILE_NAME, Store
from meter_emu.sts.numbers import Drn

DRN = Drn("04176855916")


@pytest.fixture
def state(home):
    """The meter's state as it is in the memory."""

    def load():
        with Store(home / FILE_NAME) as store:
            return store.load(DRN).state

    return load


def test_set_by_install(meter_emu, state, home):
    answer = meter_emu("install", DRN, "--customer-password", "kilo watt", "--service-password", "~volt~")
    assert answer.code == 0
    access = state().access
    assert access.give(Level.CUSTOMER, "kilo watt", 0)[1]
    assert access.give(Level.SERVICE, "~volt~", 0)[1]
    assert not access.give(Level.SERVICE, DEFAULT_PASSWORDS[Level.SERVICE], 0)[1]
    assert not any(b"kilo watt" in file.read_bytes() or b"~volt~" in file.read_bytes() for file in home.iterdir())
    shown = answer.out + answer.err + meter_emu("history", "--json").out + meter_emu("status", "--json").out
    assert "kilo watt" not in shown
    assert access.customer.digest not in shown


def test_two_meters_of_one_password_have_other_hashes(meter_emu, state):
    hashes = set()
    for _ in range(2):
        assert meter_emu("install", DRN, "--replace", "--customer-password", "kilowatt").code == 0
        hashes.add(state().access.customer.digest)
    assert len(hashes) == 2


def test_the_defaults_are_in_the_help(meter_emu, state):
    told = " ".join(meter_emu("install", "--help").out.split())
    assert all(password in told for password in DEFAULT_PASSWORDS.values())
    assert meter_emu("install", DRN).code == 0
    assert state().access.customer.is_default
    assert state().access.service.is_default


@pytest.mark.parametrize("password", ["", "abc", "x" * 33, "pass(word)", "pässword"])
@pytest.mark.parametrize("option", ["--customer-password", "--service-password"])
def test_one_that_no_wire_takes(meter_emu, home, option, password):
    answer = meter_emu("install", DRN, option, password)
    assert answer.code == 2
    assert len(answer.err.splitlines()) == 1
    assert "password" in answer.err
    assert not password or password not in answer.err
    assert not (home / FILE_NAME).exists()


def test_commands_go_on_in_the_time_that_the_service_has_set(meter_emu, home):
    assert meter_emu("install", DRN, "--at", "2026-11-22T08:00").code == 0
    assert meter_emu("load", "1000", "--at", "2026-11-22T08:00").code == 0
    with Store(home / FILE_NAME) as store:
        store.change(DRN, lambda meter: (meter.set_clock(meter.state.clock + DAY, meter.state.clock), [], None))
    answer = meter_emu("status", "--json", "--at", "2026-11-22T09:30")
    assert answer.json["clock"] == "2026-11-23T09:30:00"
    assert answer.err == ""
    assert meter_emu("load", "0", "--at", "2026-11-22T10:00").err == ""
    assert meter_emu("status", "--json", "--at", "2026-11-22T10:00").json["clock"] == "2026-11-23T10:00:00"
    early = meter_emu("status", "--at", "2026-11-22T09:00")
    assert "never runs back" in early.err
    ran = meter_emu("run", "--speed", "86400", "--for", "60", "--json", "--at", "2026-11-22T10:00")
    assert ran.code == 0
    assert meter_emu("status", "--json", "--at", "2026-11-22T10:01").json["clock"] == "2026-11-23T10:01:00"
