"""The configuration: what the built-in one holds, and what a file may not say."""

import tomllib
from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest

from meter_emu.sts.errors import FormatError
from meter_emu.sts.numbers import Drn
from pln_sim.gateway.configuration import built_in_configuration, configuration_from, read_configuration
from pln_sim.gateway.fault import Fault
from pln_sim.gateway.messages import ResponseCode
from pln_sim.gateway.vending_unit import VendingUnit
from pln_sim.vending.tariff import built_in_tariffs

SWITCHING = '[[switching]]\nid = "10000D3"\nbank_codes = ["0110000"]\n'
CUSTOMER = '[[customer]]\nmeter = "12345678911"\nname = "A"\ntariff = "R1"\nva = 450\nppj = "3"\n'
TEST_METER = '[[test_meter]]\nmeter = "99000300014"\n'


def test_built_in_holds_the_specification_s_examples_and_a_dozen_more():
    built_in = built_in_configuration()
    example = built_in.customers[Drn("12345678911")]
    assert (example.name, example.tariff_and_power) == ("SUBSCRIBER NAME", "R1/000000450VA")
    assert len(built_in.customers) > 12
    assert len({customer.tariff_and_power for customer in built_in.customers.values()}) >= 10
    assert all(meter.has_right_check_digit for meter in (*built_in.customers, *built_in.test_meters))


def test_built_in_provokes_every_response_code_and_every_fault():
    test_meters = built_in_configuration().test_meters.values()
    assert {test_meter.answer for test_meter in test_meters} - {None} == set(ResponseCode) - {ResponseCode.SUCCESSFUL}
    assert {test_meter.fault for test_meter in test_meters} - {None} == set(Fault)
    assert all(test_meter.description for test_meter in test_meters)


def test_every_built_in_customer_can_buy():
    from meter_emu.sts.keys.key_store import KeyStore
    from pln_sim.vending.bill import Bill

    unit, built_in = VendingUnit(KeyStore.empty()), built_in_configuration()
    today = datetime(2026, 11, 22).date()
    bills = [unit.bill(customer, 10_000_000, today, built_in.registry.tariffs, 0) for customer in built_in.customers.values()]
    assert all(isinstance(bill, Bill) for bill in bills), bills


def test_what_is_left_out():
    configuration = configuration_from(tomllib.loads(SWITCHING))
    assert configuration.registry.cut_off == time(23, 59, 59)
    assert configuration.registry.minimum == 500_000
    assert configuration.registry.tariffs == built_in_configuration().registry.tariffs
    assert (configuration.customers, configuration.test_meters) == ({}, {})


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        ("", "switching"),
        (SWITCHING + SWITCHING, "twice"),
        ('[[switching]]\nid = "10000D"\nbank_codes = ["0110000"]', "7 letters or digits"),
        ('[[switching]]\nid = "10000D3"\nbank_codes = []', "list of codes"),
        ('[[switching]]\nid = "10000D3"\nbank_codes = ["011"]', "7 letters or digits"),
        (SWITCHING + "[other]", "unknown table 'other'"),
        (SWITCHING + "[gateway]\nother = 1", "unknown field 'other'"),
        (SWITCHING + '[gateway]\ncut_off = "16:00"', "cut_off: must be a time"),
        (SWITCHING + "[gateway]\ncut_off_seconds = 86400", "cut_off_seconds"),
        (SWITCHING + "[gateway]\nreference_seconds = 0", "reference_seconds"),
        (SWITCHING + '[gateway]\nminimum = "2.00"\nmaximum = "1.00"', "minimum"),
        (SWITCHING + "[gateway]\nminimum = 5000.0", "minimum: must be text in quotes"),
        (SWITCHING + '[gateway]\nproducts = ["502"]', "PANs"),
        (SWITCHING + TEST_METER, "either answer or fault"),
        (SWITCHING + TEST_METER + 'answer = "0005"\nfault = "garbage"', "either answer or fault"),
        (SWITCHING + TEST_METER + 'answer = "0000"', "0000"),
        (SWITCHING + TEST_METER + 'answer = "0096"', "no inquiry"),
        (SWITCHING + TEST_METER + 'answer = "9999"', "answer"),
        (SWITCHING + TEST_METER + 'fault = "gone"', "fault"),
        (SWITCHING + TEST_METER + 'fault = "garbage"\non = ["2800"]', "must be a list of"),
        (SWITCHING + TEST_METER + 'fault = "garbage"\non = [["a"]]', "must be a list of"),
        (SWITCHING + TEST_METER + 'fault = "garbage"\nat = "sold"', "at says nothing beside fault"),
        (SWITCHING + TEST_METER + 'answer = "0005"\non = ["2200"]', "on says nothing beside answer"),
        (SWITCHING + CUSTOMER.replace('"R1"', '"X9"'), "[[customer]] number 1: the tariff table has no rate for X9/450"),
        (SWITCHING + CUSTOMER.replace("450", "451"), "no rate for R1/451"),
        (SWITCHING + CUSTOMER.replace('ppj = "3"', 'town = "Atlantis"'), "no lighting tax for ATLANTIS"),
        (SWITCHING + "[[gateway]]", "gateway must be written as [gateway], once"),
        ("gateway = 1\n" + SWITCHING, "gateway must be written as [gateway], once"),
        (SWITCHING + (TEST_METER + 'fault = "garbage"\n') * 2, "twice"),
        (SWITCHING + CUSTOMER + '[[test_meter]]\nmeter = "12345678911"\nfault = "garbage"', "both"),
    ],
)
def test_what_a_file_may_not_say(tmp_path, document, complaint):
    path = tmp_path / "gateway.toml"
    path.write_text(document)
    with pytest.raises(FormatError, match="gateway configuration") as caught:
        read_configuration(path)
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)


def test_customers_are_measured_by_the_tariffs_that_will_hold(tmp_path):
    path = tmp_path / "gateway.toml"
    path.write_text(SWITCHING + CUSTOMER.replace('"R1"', '"X9"'))
    built_in = built_in_tariffs()
    rates = tuple(replace(rate, tariff="X9") for rate in built_in.rates if rate.tariff == "R1")
    assert len(read_configuration(path, replace(built_in, rates=rates)).customers) == 1


@pytest.mark.parametrize("cut_off", [time(23, 59, 59), time(0, 0), time(16, 0)])
def test_cut_off_window_begins_a_second_after_cut_off_even_over_midnight(cut_off):
    configuration = replace(built_in_configuration().registry, cut_off=cut_off, cut_off_seconds=60)
    moment = datetime.combine(datetime(2026, 11, 22), cut_off)
    seconds = (0, 1, 60, 61)
    assert [configuration.is_cutting_off(moment + timedelta(seconds=s)) for s in seconds] == [False, True, True, False]
    assert not replace(configuration, cut_off_seconds=0).is_cutting_off(moment + timedelta(seconds=1))


def test_what_is_built_in_is_a_file_to_start_from(pln_sim, tmp_path):
    shown = pln_sim("gateway", "--show-config")
    assert (shown.exit_code, shown.stderr) == (0, "")
    path = tmp_path / "own.toml"
    path.write_text(shown.stdout)
    assert read_configuration(path) == built_in_configuration()
