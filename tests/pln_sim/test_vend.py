"""`pln-sim vend`: the slip, the real token in it, the month's ceiling, and what is told when there is no sale."""

import json
import re
import sqlite3
import stat
from dataclasses import replace
from datetime import datetime, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meter_emu.sts.keys.key_store import KeyStore
from meter_emu.sts.numbers import BaseDate, Drn, TokenIdentifier
from meter_emu.sts.numbers.transfer_amount import format_tenths
from meter_emu.sts.tokens import TokenType, decode
from pln_sim.gateway.configuration import built_in_configuration, load_built_in
from pln_sim.storage import COUNTER, open_depot

METER, OTHER = "12345678911", "04176855916"
AT = ("--at", "2026-11-22T08:30")
CUSTOMERS = f"""
[[customer]]
meter = "{OTHER}"
idpel = "537612345678"
name = "BUDI SANTOSO"
tariff = "R1"
va = 1300
town = "Jakarta"
instalment = "5000.00"
"""


def cipher_of(meter=METER, **parameters):
    store = KeyStore.empty()
    return store.key_of(store.card(Drn(meter)).changed(**parameters)).decoder_key.cipher()


def sale(pln_sim, *arguments):
    result = pln_sim("vend", *arguments, "--json")
    assert result.exit_code == 0, result.output
    (line,) = result.stdout.splitlines()
    return json.loads(line)


def made(home):
    home.mkdir(exist_ok=True)
    return home


def tids_of(path):
    connection = sqlite3.connect(path)
    try:
        return [row[0] for row in connection.execute("SELECT tid FROM used_tid ORDER BY tid")]
    finally:
        connection.close()


def test_the_slip(pln_sim):
    result = pln_sim("vend", METER, "20000", *AT)
    lines = result.stdout.splitlines()
    assert result.exit_code == 0
    assert lines[0].strip() == "STRUK PEMBELIAN LISTRIK PRABAYAR"
    said = dict(re.fullmatch(r"(.{15}) : (.+)", line).groups() for line in lines[1:])
    said = {label.rstrip(): value for label, value in said.items()}
    assert re.fullmatch(r"[0-9A-F]{32}", said.pop("NO REF"))
    token = said.pop("STROOM/TOKEN")
    assert re.fullmatch(r"(\d{4} ){4}\d{4}", token)
    assert said == {
        "NO METER": METER,
        "IDPEL": "000000000000",
        "NAMA": "SUBSCRIBER NAME",
        "TARIF/DAYA": "R1/000000450VA",
        "RP BAYAR": "Rp 20.000,00",
        "METERAI": "Rp 0,00",
        "PPN": "Rp 0,00",
        "PBJT-TL": "Rp 583,00",
        "ANGSURAN": "Rp 0,00",
        "RP STROOM/TOKEN": "Rp 19.417,00",
        "JML KWH": "46,8",
        "ADMIN BANK": "Rp 0,00",
    }
    carried = decode(token.replace(" ", ""), cipher_of())
    assert (carried.token_type, carried["amount"]) == (TokenType.ELECTRICITY_CREDIT, 468)
    assert carried.tid == TokenIdentifier.at(datetime(2026, 11, 22, 8, 30), BaseDate.BASE_2014)
    assert result.stderr.count("note: test keys") == 1


def test_the_object(pln_sim):
    sold = sale(pln_sim, METER, "23.500", "--admin", "3.500", "--tariff", "R1/1300", "--ppj", "10", *AT)
    token, reference = sold.pop("token"), sold.pop("reference")
    assert re.fullmatch(r"[0-9A-F]{32}", reference)
    assert decode(token, cipher_of())["amount"] == 126
    assert sold == {
        "meter": METER, "idpel": "000000000000", "name": "SUBSCRIBER NAME", "tariff": "R1", "va": 1300,
        "sold_at": "2026-11-22T08:30:00", "paid": "23500.00", "admin": "3500.00", "stamp_duty": "0.00", "vat": "0.00",
        "ppj": "1819.00", "instalment": "0.00", "stroom": "18181.00", "rate": "1444.70", "kwh": "12.6",
    }  # fmt: skip


def test_the_example_of_the_gateway_specification(pln_sim):
    sold = sale(pln_sim, METER, "500.000,00", "--at", "2009-01-15T10:00", "--base-date", "1993")
    parts = [sold[name] for name in ("admin", "stamp_duty", "vat", "ppj", "instalment", "stroom")]
    assert parts == ["0.00", "3000.00", "21991.15", "6597.35", "248500.00", "219911.50"]
    assert sold["kwh"] == "233"
    assert decode(sold["token"], cipher_of(base_date="1993"))["amount"] == 2330


@pytest.mark.parametrize(
    ("arguments", "kwh", "stroom"),
    [
        (("18.400", "--tariff", "R1/900", "--ppj", "3", "--at", "2014-06-01"), "29.6", "17864.08"),
        (("20.000", "--tariff", "R1M/900", "--ppj", "9", "--at", "2018-06-01"), "13.6", "18348.00"),
        (("100.000", "--tariff", "R1/1300", "--ppj", "2.4", "--at", "2018-06-01"), "66.6", "97656.00"),
        (("20.000", "--tariff", "R1/900", "--ppj", "7,5", "--at", "2018-06-01"), "30.8", "18604.00"),
        (("20.000", "--tariff", "R1/1300", "--ppj", "3", "--at", "2018-06-01"), "13.3", "19417.00"),
        (("20.000", "--tariff", "R1/1300", "--ppj", "3", "--at", "2026-06-01"), "13.5", "19417.00"),
    ],
)
def test_each_day_has_its_rates(pln_sim, arguments, kwh, stroom):
    sold = sale(pln_sim, METER, *arguments)
    assert (sold["kwh"], sold["stroom"]) == (kwh, stroom)


def test_a_customer_of_a_file(pln_sim, tmp_path):
    path = tmp_path / "customers.toml"
    path.write_text(CUSTOMERS)
    sold = sale(pln_sim, OTHER, "50000", "--customers", path, *AT)
    assert (sold["idpel"], sold["name"], sold["tariff"], sold["va"]) == ("537612345678", "BUDI SANTOSO", "R1", 1300)
    assert (sold["instalment"], sold["ppj"], sold["kwh"]) == ("5000.00", "1055.00", "30.5")
    said = ("--tariff", "R3/7700", "--ppj", "3", "--instalment", "0")
    sold = sale(pln_sim, OTHER, "50000", "--customers", path, *said, *AT)
    assert (sold["tariff"], sold["va"], sold["instalment"], sold["vat"]) == ("R3", 7700, "0.00", "4824.00")
    assert sale(pln_sim, METER, "50000", "--customers", path, *AT)["name"] == "SUBSCRIBER NAME"


def test_own_tariffs(pln_sim, tmp_path):
    from importlib.resources import files

    path = tmp_path / "tariffs.toml"
    path.write_text(files("pln_sim.vending").joinpath("tariffs.toml").read_text().replace('"415.00"', '"500.00"'))
    assert sale(pln_sim, METER, "20000", "--tariffs", path, *AT)["rate"] == "500.00"
    path.write_text("[[rate]]")
    assert f"tariff table {path}: [[rate]] number 1: tariff is missing" in pln_sim.complaint(
        "vend", METER, "20000", "--tariffs", path
    )


def test_a_key_of_its_own(pln_sim, key_file):
    path = key_file(f'[[vending_key]]\nsgc = "600100"\nkrn = 2\nkey = "{"0123456789abcdef" * 2 + "01234567"}"\n')
    options = ("--sgc", "600100", "--krn", "2", "--ti", "07")
    result = pln_sim("vend", METER, "20000", *options, "--key-file", path, "--json", *AT)
    assert (result.exit_code, result.stderr) == (0, "")
    from meter_emu.shell.key_file import read_key_file

    store = read_key_file(path)
    cipher = store.key_of(store.card(Drn(METER)).changed(sgc="600100", krn=2, ti="07")).decoder_key.cipher()
    assert decode(json.loads(result.stdout)["token"], cipher)["amount"] == 468


def test_no_tid_is_given_twice_whoever_asks(pln_sim):
    tokens = [sale(pln_sim, METER, "20000", *AT)["token"] for _ in range(2)]
    (generated,) = pln_sim.tokens("credit", METER, "--kwh", "46.8", *AT)
    tokens += [generated["token"], sale(pln_sim, METER, "20000", *AT)["token"]]
    tids = [decode(token, cipher_of()).tid for token in tokens]
    assert tids == list(range(tids[0], tids[0] + 4))


def test_the_ceiling_counts_the_calendar_month(pln_sim):
    for bought in ("117.0", "234.0"):
        sale(pln_sim, METER, "50000", "--at", "2026-11-22T08:30")
        left = pln_sim.complaint("vend", METER, "138.000", "--at", "2026-11-30T23:59", exit_code=1)
        assert f"{bought.replace('.', ',')} kWh of it are bought" in left
    assert pln_sim.complaint("vend", METER, "50000", "--at", "2026-11-30T23:59", exit_code=1) == (
        "pln-sim: not sold: Rp 50.000,00 would pass the 324,0 kWh that R1/000000450VA may buy in a calendar month; "
        "234,0 kWh of it are bought"
    )
    assert len(tids_of(pln_sim.home / "vending.db")) == 2, "a refusal takes no TID"
    sale(pln_sim, METER, "38000", "--at", "2026-11-30T23:59")
    sale(pln_sim, METER, "138000", "--at", "2026-12-01T00:00")
    sale(pln_sim, METER, "138000", "--at", "2026-10-31T23:59")
    sale(pln_sim, OTHER, "138000", "--at", "2026-11-22T08:30")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("4.999,99",), "Rp 4.999,99 is below the minimum purchase of Rp 5.000,00"),
        (("1",), "Rp 1,00 is below the minimum"),
        (("50.000.000,01",), "Rp 50.000.000,01 is above the maximum purchase of Rp 50.000.000,00"),
        (("200000",), "Rp 200.000,00 would pass the 324,0 kWh that R1/000000450VA may buy in a calendar month"),
        (("20000", "--admin", "20000"), "leave nothing of Rp 20.000,00 for power"),
        (("20000", "--admin", "1e"), "rupiah are written like"),
        (("20000", "--instalment", "30.000"), "leave nothing of Rp 20.000,00 for power"),
    ],
)
def test_a_refusal_is_one_line(pln_sim, arguments, words):
    exit_code = 2 if "1e" in arguments else 1
    assert words in pln_sim.complaint("vend", METER, *arguments, *AT, exit_code=exit_code)


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0", "0 rupiah buy nothing"),
        ("0,00", "buy nothing"),
        ("-20000", "must not be negative"),
        ("-20.000,00", "must not be negative"),
        ("Rp -5", "is negative"),
        ("20000,005", "too fine"),
        ("50,000", "two digits at most"),
        ("99999999999", "too large"),
        ("9" * 5000, "too large"),
        ("", "rupiah are written like 20000, 20.000 or 20.000,50"),
        ("abc", "rupiah are written like"),
        ("20.00", "rupiah are written like"),
        ("20000.50", "rupiah are written like"),
        ("20,000,00", "rupiah are written like"),
        ("1e5", "rupiah are written like"),
        ("nan", "rupiah are written like"),
        ("٢٠٠٠٠", "rupiah are written like"),
    ],
)
def test_an_impossible_amount(pln_sim, amount, words):
    assert words in pln_sim.complaint("vend", METER, amount, *AT)
    assert not pln_sim.home.exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "Missing argument 'RUPIAH'"),
        (("20000", "--tariff", "R1"), "written like R1/1300"),
        (("20000", "--tariff", "Z9/450"), "no rate for Z9/450 on 2026-11-22"),
        (("20000", "--tariff", "R1/1000"), "no rate for R1/1000"),
        (("20000", "--ppj", "101"), "too large"),
        (("20000", "--ppj", "-3"), "negative"),
        (("20000", "--ppj", "x"), "a percentage is written like"),
        (("20000", "--admin", "-1"), "negative"),
        (("20000", "--sgc", "12"), "SGC"),
        (("20000", "--count", "2"), "--count"),
        (("20000", "30000"), "30000"),
        (("20000", "-x"), "-x"),
    ],
)
def test_an_impossible_order(pln_sim, arguments, words):
    assert words in pln_sim.complaint("vend", METER, *arguments, *AT)
    with open_depot(made(pln_sim.home) / "vending.db") as depot:
        assert list(depot.sales()) == []
    assert tids_of(pln_sim.home / "vending.db") == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--at", "2009-01-15"), "before the base date 2014"),
        (("--at", "2007-12-31", "--base-date", "1993"), "the tariff table has no "),
        (("--at", "2026-02-30"), "must look like"),
    ],
)
def test_an_impossible_time(pln_sim, options, words):
    assert words in pln_sim.complaint("vend", METER, "20000", *options)


def test_an_expired_key_refuses(pln_sim):
    assert "expired" in pln_sim.complaint("vend", METER, "20000", "--ken", "0", *AT, exit_code=1)


@pytest.mark.parametrize("meter", ["1234567891", "0100000000008", "1234567891x"])
def test_an_impossible_meter_number(pln_sim, meter):
    assert "meter number" in pln_sim.complaint("vend", meter, "20000")


def test_a_missing_file(pln_sim, tmp_path):
    for option in ("--customers", "--tariffs", "--key-file", "--tables"):
        path = tmp_path / "none"
        assert str(path) in pln_sim.complaint("vend", METER, "20000", option, path, exit_code=1)
    assert not pln_sim.home.exists()


def test_a_sale_stands_in_the_database_of_its_owner_alone(pln_sim):
    sold = sale(pln_sim, METER, "20000", *AT)
    path = pln_sim.home / "vending.db"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with open_depot(path) as depot:
        (written,) = depot.sales(switcher_id=COUNTER)
        assert list(depot.sales(switcher_id="10000D3")) == []
    assert (written.reference, written.meter, written.token) == (sold["reference"], METER, sold["token"])
    assert (written.paid, written.kwh, written.settled_on.isoformat()) == (2_000_000, 468, "2026-11-22")


def test_a_database_that_cannot_be_used_is_one_line(pln_sim):
    path = made(pln_sim.home) / "vending.db"
    path.write_bytes(b"no database at all " * 500)
    complaint = pln_sim.complaint("vend", METER, "20000", exit_code=1)
    assert f"vending database {path}" in complaint
    assert "it is damaged" in complaint


def test_customers_of_the_database_are_known(pln_sim):
    """A new database has those of the gateway's default."""
    sold = sale(pln_sim, "14100000042", "50000", *AT)
    assert (sold["name"], sold["tariff"], sold["va"]) == ("DEWI LESTARI", "R1", 1300)
    with open_depot(pln_sim.home / "vending.db") as depot:
        customer = depot.run(lambda storage: storage.customer(Drn("14100000042")))
        depot.run(lambda storage: storage.change_customer(replace(customer, va=2200)))
    assert sale(pln_sim, "14100000042", "50000", *AT)["va"] == 2200


def test_a_test_meter_is_the_gateway_s_test_meter(pln_sim):
    sold = sale(pln_sim, "99000200057", "50000", *AT)
    assert (sold["name"], sold["tariff"], sold["va"]) == ("TEST METER", "B2", 200_000)


def test_a_sale_after_the_cut_off_is_settled_on_the_next_day(pln_sim):
    with open_depot(made(pln_sim.home) / "vending.db") as depot:
        depot.run(load_built_in)
        registry = replace(built_in_configuration().registry, cut_off=time(16, 0))
        depot.run(lambda storage: storage.load(registry, built_in_configuration().customers))
        for moment in ("2026-11-22T16:00", "2026-11-22T16:01"):
            sale(pln_sim, METER, "20000", "--at", moment)
        assert [str(sold.settled_on) for sold in depot.sales()] == ["2026-11-22", "2026-11-23"]


def test_another_database(pln_sim, tmp_path):
    path = tmp_path / "other.db"
    sale(pln_sim, METER, "20000", "--db", path, *AT)
    (generated,) = pln_sim.tokens("credit", METER, "--kwh", "1", "--db", path, *AT)
    assert generated["tid"] == min(tids_of(path)) + 1
    assert not pln_sim.home.exists()


@settings(max_examples=10)
@given(st.integers(5_000, 100_000_000).map(lambda rupiah: rupiah * 100), st.sampled_from(["B2/200000", "R3/99000", "R2/5500"]))
def test_the_token_carries_what_the_slip_says(program, tmp_path_factory, paid, tariff):
    home = tmp_path_factory.mktemp("vend")
    result = program(home)("vend", METER, f"{paid // 100}", "--tariff", tariff, "--home", home, "--json", *AT)
    if result.exit_code == 1:
        assert "not sold" in result.stderr
        return
    sold = json.loads(result.stdout)
    assert format_tenths(decode(sold["token"], cipher_of())["amount"]) == sold["kwh"]
