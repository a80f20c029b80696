"""The table: every register says what the state holds, and stands in the table once."""

import re

import pytest

from firmware_proto.data_set import LONGEST_READOUT_VALUE, DataSet, format_block, parse_block
from firmware_proto.error_text import ErrorText
from firmware_proto.registers import READOUT_REGISTERS, REGISTERS, find
from firmware_proto.registers.table import GROUPS
from meter_emu.meter import Cause
from meter_emu.meter.access import Level
from meter_emu.meter.energy import KWH

OBIS = re.compile(r"[01]-0:\d{1,3}\.\d{1,3}\.\d{1,3}")

SAID = {
    "0-0:97.97.0": "(00000010)",
    "0-0:96.1.0": "(12345678911)",
    "1-0:0.2.0": "(1.0)",
    "0-0:1.0.0": "(261122093050)",
    "1-0:1.8.0": "(1.3000*kWh)",
    "0-0:19.10.0": "(70.8000*kWh)",
    "1-0:1.7.0": "(1.300*kW)",
    "1-0:32.7.0": "(230*V)",
    "1-0:31.7.0": "(5.652*A)",
    "1-0:33.7.0": "(1.00)",
    "0-0:96.3.10": "(1)()",
    "0-0:96.7.21": "(1)",
    "0-0:19.0.0": "(70.8000*kWh)(0.0000*kWh)",
    "0-0:19.20.0": "(1.3000*kWh)()",
    "0-0:19.40.0": "(00000000000000000000)(9)(261122093050)()(0.0000*kWh)(5)(13)(CRCError)",
    "0-0:96.50.0": "(13)",
    "0-0:96.50.1": "(CRCError)",
    "0-0:96.50.2": "()",
    "0-0:96.50.3": "()",
    "0-0:96.50.4": "(0*s)(1)",
    "0-0:96.51.0": "(72.1000*kWh)",
    "0-0:96.51.1": "(0.0000*kWh)",
    "0-0:96.51.2": "(0.0000*kWh)",
    "0-0:96.54.0": "(7)",
    "0-0:96.55.0": "(1)",
    "0-0:96.55.2": "()",
    "0-0:96.55.3": "()",
    "0-0:96.1.1": "(600727123456789113)",
    "0-0:96.1.2": "(pln)",
    "0-0:96.1.3": "(1.0)",
    "1-0:9.7.0": "(1.300*kVA)",
    "1-0:91.7.0": "(5.652*A)",
    "0-0:17.0.0": "(2200*W)",
    "0-0:96.52.0": "(5*kWh)",
    "0-0:96.52.1": "(30*min)",
    "0-0:96.52.2": "()",
    "0-0:96.52.3": "(0)",
    "0-0:96.53.0": "(123457)",
    "0-0:96.53.1": "(01)",
    "0-0:96.53.2": "(1)",
    "0-0:96.53.3": "(2)",
    "0-0:96.53.4": "(255)",
    "0-0:96.53.5": "(11)",
    "0-0:96.53.6": "(2014)",
    "0-0:96.56.0": "(1)(bypass)(bypass)(261122083022)",
    "0-0:96.56.1": "(2)",
    "0-0:96.20.0": "(1)",
    "0-0:96.20.5": "(0)",
    "0-0:96.57.0": "(0)(0)",
    "0-0:96.60.0": "(1300*W)",
    "0-0:96.60.1": "(1)",
    "0-0:96.60.2": "(0)",
    "0-0:96.61.0": "(0)",
    "0-0:96.61.1": "(0)",
    "0-0:96.61.2": "(0)",
    "0-0:96.61.3": "(1)",
    "0-0:96.61.4": "(0*mA)",
}
OF_THE_PAST = (*(f"0-0:96.54.{number}" for number in range(1, 6)), "0-0:96.55.1")
LOGS = ("0-0:96.11.0", "0-0:99.98.0", "1-0:99.1.0")


@pytest.mark.parametrize("address", SAID)
def test_a_register_says_what_the_state_holds(lived_meter, texts, address):
    assert texts(lived_meter, address) == address + SAID[address]


def test_the_last_tokens_with_their_amounts(lived_meter, texts, credit_token):
    for back in range(5):
        energy = 100 + 6 - back
        expected = f"({credit_token(1006 - back, energy)})({energy // 10}.{energy % 10}000*kWh)"
        assert texts(lived_meter, f"0-0:96.54.{back + 1}") == f"0-0:96.54.{back + 1}{expected}"
    assert texts(lived_meter, "0-0:96.55.1") == f"0-0:96.55.1({lived_meter.state.history.last_engineering[0]})"


def test_the_cases_are_all_registers():
    assert {*SAID, *OF_THE_PAST, *LOGS} == set(REGISTERS)


def test_every_address_is_an_obis_code_and_stands_once():
    addresses = [register.address for group in GROUPS.values() for register in group]
    assert len(set(addresses)) == len(addresses) == len(REGISTERS)
    assert all(OBIS.fullmatch(address) for address in addresses)


@pytest.mark.parametrize("address", [*SAID, *OF_THE_PAST])
@pytest.mark.parametrize("state", ["new", "lived", "dark"])
def test_the_line_can_be_sent_and_read_again(new_meter, lived_meter, device, address, state):
    meter = {"new": new_meter(), "lived": lived_meter, "dark": lived_meter.cut_power(lived_meter.state.clock)}[state]
    answer = device.read(meter, Level.CUSTOMER, address)
    assert parse_block("".join(map(str, answer))) == answer
    register = find(address)
    for data_set, field in zip(answer, register.fields, strict=True):
        if data_set.value:
            value = field.format.parse(data_set.value)
            assert field.format.write(value) == data_set.value


def test_the_readout_is_the_list_in_its_order(lived_meter, device):
    readout = device.readout(lived_meter)
    assert [data_set.address for data_set in readout if data_set.address] == [
        register.address for register in READOUT_REGISTERS
    ]
    assert parse_block(format_block(readout)) == readout
    assert max(len(data_set.value) for data_set in readout) <= LONGEST_READOUT_VALUE
    assert format_block(readout).splitlines()[4:6] == ["1-0:1.8.0(1.3000*kWh)", "0-0:19.10.0(70.8000*kWh)"]


@pytest.mark.parametrize("address", REGISTERS)
def test_a_register_answers_under_the_name_it_was_asked_by(lived_meter, device, address):
    short = address.partition(":")[2]
    assert find(short) is find(address)
    answer = device.read(lived_meter, Level.CUSTOMER, short)
    if answer is not ErrorText.NO_ENTRIES:
        assert answer[0].address == short


@pytest.mark.parametrize("address", ["", "1.8", "1-0:1.8.0*255", "1-1:1.8.0", "9.9.9", "1-0:1.8.0 ", "é"])
def test_no_such_register(lived_meter, device, address):
    assert device.read(lived_meter, Level.SERVICE, address) is ErrorText.UNKNOWN_REGISTER


@pytest.mark.parametrize("argument", ["1", ""])
def test_one_value_may_be_asked_for(lived_meter, device, argument):
    assert device.read(lived_meter, Level.CUSTOMER, "1.8.0", argument) == (DataSet("1.8.0", "1.3000", "kWh"),)


@pytest.mark.parametrize("argument", ["2", "0", ";", "x"])
def test_a_register_has_no_range(lived_meter, device, argument):
    assert device.read(lived_meter, Level.CUSTOMER, "1.8.0", argument) is ErrorText.MALFORMED_VALUE


def test_without_power_nothing_is_measured(lived_meter, texts):
    dark = lived_meter.cut_power(lived_meter.state.clock)
    for address, said in {
        "1.7.0": "(0.000*kW)",
        "32.7.0": "(0*V)",
        "31.7.0": "(0.000*A)",
        "96.3.10": "(0)(no power)",
        "1.8.0": "(1.3000*kWh)",
        "97.97.0": "(00000013)",
    }.items():
        assert texts(dark, address) == address + said


def test_a_debt(new_meter, texts):
    now = new_meter().state.clock
    meter = new_meter().stick_relay(True, now).set_load(1000, now).advance(now + 3600)
    assert texts(meter, "19.10.0") == "19.10.0(-1.0000*kWh)"
    assert texts(meter, "19.0.0") == "19.0.0(0.0000*kWh)(1.0000*kWh)"
    assert texts(meter, "97.97.0") == "97.97.0(0000008C)"


def test_the_status_word_of_an_overload(lived_meter, texts):
    now = lived_meter.state.clock
    meter = lived_meter.set_load(3000, now)
    assert texts(meter, "97.97.0") == "97.97.0(00000030)"
    assert texts(meter.advance(now + 31), "97.97.0") == "97.97.0(00000032)"


def test_the_status_word_of_a_new_meter(new_meter, texts):
    assert texts(new_meter(), "97.97.0") == "97.97.0(0000000E)"


def test_the_status_word_of_lockouts(lived_meter, texts):
    meter, now = lived_meter, lived_meter.state.clock
    for _ in range(2):
        meter, _ = meter.enter("0" * 20, now)
    access = meter.state.access
    for _ in range(3):
        access, _ = access.give(Level.SERVICE, "wrong", now)
    meter = meter._replace(state=meter.state._replace(access=access))
    assert texts(meter, "97.97.0") == "97.97.0(00000150)"
    assert texts(meter, "96.57.0") == "96.57.0(0)(3)"
    assert texts(meter, "96.50.4") == "96.50.4(10*s)(3)"


def test_neutral_current_shows_the_difference(lived_meter, texts):
    meter = lived_meter.sense_difference(500, lived_meter.state.clock)
    assert texts(meter, "91.7.0") == "91.7.0(6.152*A)"
    assert texts(meter, "96.61.4") == "96.61.4(500*mA)"
    assert Cause.CURRENT_DIFFERENCE in meter.state.tamper.causes


def test_the_readout_shows_no_secret(lived_meter, device):
    key = lived_meter.state.key.decoder_key.octets.hex()
    for address in REGISTERS:
        said = str(device.read(lived_meter, Level.SERVICE, address)).lower()
        assert key not in said
    assert lived_meter.state.credit.balance // KWH == 70
