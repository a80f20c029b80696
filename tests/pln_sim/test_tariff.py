"""The tariff table that comes along, and what is wrong with other ones."""

from datetime import date
from importlib.resources import files

import pytest

from meter_emu.shell.errors import FileError
from meter_emu.sts.errors import FormatError, RangeError
from pln_sim.vending.tariff import BUILT_IN, Tariffs, built_in_tariffs, parse_tariff, read_tariffs
from pln_sim.vending.toml_table import parse

TARIFFS = built_in_tariffs()
TEXT = files("pln_sim.vending").joinpath(BUILT_IN).read_text()


@pytest.mark.parametrize(
    ("customer", "on", "rate"),
    [
        ("R1/450", "2008-05-02", 94_400),
        ("R1/450", "2010-06-30", 94_400),
        ("R1/450", "2010-07-01", 41_500),
        ("R1/450", "2026-11-22", 41_500),
        ("R1/900", "2026-11-22", 60_500),
        ("R1M/900", "2026-11-22", 135_200),
        ("R1/1300", "2017-01-01", 146_728),
        ("R1/1300", "2018-06-01", 146_728),
        ("R1/1300", "2020-09-30", 146_728),
        ("R1/1300", "2020-10-01", 144_470),
        ("R1/1300", "2026-11-22", 144_470),
        ("R1/2200", "2026-11-22", 144_470),
        ("R2/3500", "2022-06-30", 144_470),
        ("R2/5500", "2026-11-22", 169_953),
        ("R3/6600", "2026-11-22", 169_953),
        ("R3/53000", "2026-11-22", 169_953),
    ],
)
def test_rates(customer, on, rate):
    assert TARIFFS.rate(*parse_tariff(customer), date.fromisoformat(on)) == rate


@pytest.mark.parametrize(
    ("town", "va", "percent"), [("Jakarta", 1300, 240), ("JAKARTA", 3500, 300), ("jakarta", 7700, 400), ("Medan", 900, 750)]
)
def test_towns(town, va, percent):
    assert TARIFFS.ppj(town, va, date(2026, 1, 1)) == percent


@pytest.mark.parametrize(("on", "name"), [("2009-01-15", "PPJ"), ("2025-12-31", "PPJ"), ("2026-01-01", "PBJT-TL")])
def test_the_lighting_tax_changes_its_name(on, name):
    assert TARIFFS.lighting_tax(date.fromisoformat(on)) == name


@pytest.mark.parametrize(("va", "kwh"), [(450, 324), (900, 648), (1300, 936), (2200, 1584)])
def test_the_monthly_ceiling(va, kwh):
    assert TARIFFS.limit(date(2026, 1, 1)).ceiling(va) == kwh * 10


@pytest.mark.parametrize(
    "ask",
    [
        lambda on: TARIFFS.vat(450, on),
        lambda on: TARIFFS.limit(on),
        lambda on: TARIFFS.rounding(on),
        lambda on: TARIFFS.lighting_tax(on),
        lambda on: TARIFFS.rate("R1", 450, on),
        lambda on: TARIFFS.ppj("JAKARTA", 450, on),
        lambda on: TARIFFS.ppj("ATLANTIS", 450, date(2026, 1, 1)),
        lambda on: TARIFFS.ppj("JAKARTA", 2500, date(2026, 1, 1)),
    ],
)
def test_what_the_table_does_not_know(ask):
    with pytest.raises(RangeError, match="the tariff table has no "):
        ask(date(2007, 12, 31))


@pytest.mark.parametrize(
    ("text", "parsed"),
    [("R1/1300", ("R1", 1300)), ("r1m/900", ("R1M", 900)), ("R1/000001300VA", ("R1", 1300)), ("B2/1", ("B2", 1))],
)
def test_tariff_and_power(text, parsed):
    assert parse_tariff(text) == parsed


@pytest.mark.parametrize(
    "text", ["", "R1", "R1/", "/450", "R1/0", "R1/-1", "1R/450", "R1234/450", "R1/45a", "R1/1234567890", "R1/٤٥٠", "R1 / 450"]
)
def test_impossible_tariff_and_power(text):
    with pytest.raises(FormatError, match="are written like R1/1300"):
        parse_tariff(text)


def read(tmp_path, text):
    path = tmp_path / "own.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_tariffs(path)


def test_an_own_table_of_the_same_form(tmp_path):
    own = read(tmp_path, TEXT.replace('"1444.70"', '"1500.00"'))
    assert own.rate("R1", 1300, date(2026, 1, 1)) == 150_000
    assert own.rate("R1", 450, date(2026, 1, 1)) == 41_500


def test_other_tables_may_stand_beside():
    assert Tariffs.from_document(parse(TEXT.encode(), "x") | {"switching": [{"id": 1}]}) == TARIFFS


FIRST_RATE = (
    '[[rate]]\ntariff = "R1"\nva_from = 450\nva_to = 450\nrupiah_per_kwh = "944.00"\nfrom = 2008-01-01\nuntil = 2010-06-30\n'
)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('rupiah_per_kwh = "944.00"', "rupiah_per_kwh = 944.00", "[[rate]] number 1: rupiah_per_kwh: must be text in quotes"),
        ('rupiah_per_kwh = "944.00"', 'rupiah_per_kwh = "944,00"', "[[rate]] number 1: rupiah_per_kwh: rupiah in a table"),
        ('rupiah_per_kwh = "944.00"', 'rupiah_per_kwh = "0"', "must be more than 0"),
        ('rupiah_per_kwh = "944.00"', 'rupiah_per_kwh = "-1"', "negative"),
        ('rupiah_per_kwh = "944.00"', 'rupiah_per_kwh = "944.005"', "too fine"),
        ('rupiah_per_kwh = "944.00"\n', "", "[[rate]] number 1: rupiah_per_kwh is missing"),
        ('rupiah_per_kwh = "944.00"', 'rupiah = "944.00"', "[[rate]] number 1: unknown field 'rupiah'"),
        ("from = 2008-01-01\nuntil = 2010-06-30", 'from = "2008-01-01"', "[[rate]] number 1: from: must be a date"),
        ("from = 2008-01-01\nuntil = 2010-06-30", "from = 2008-01-01T00:00:00", "must be a date"),
        ("until = 2010-06-30", "until = 2007-06-30", "[[rate]] number 1: until 2007-06-30 is before from 2008-01-01"),
        ("until = 2010-06-30", "until = 2010-07-01", "[[rate]] numbers 1 and 2 hold on the same day"),
        ("until = 2010-06-30\n", "", "[[rate]] numbers 1 and 2 hold on the same day"),
        ("va_to = 450", "va_to = 449", "va_to 449 is below va_from 450"),
        ("va_to = 450", "va_to = -1", "va_to: must be a whole number"),
        ("va_to = 450", "va_to = true", "va_to: must be a whole number"),
        ("va_to = 450", "va_to = 1000000000", "at most 999999999"),
        ('tariff = "R1"', 'tariff = "r1"', "like R1M, not 'r1'"),
        ('tariff = "R1"', "tariff = 1", "tariff: must be text in quotes"),
        ("[[rate]]", "[[rate]]\nx", "not TOML"),
        ('unit = "0.01"', 'unit = "0.02"', "[[rounding]] number 1: unit: must be 0.01 or 1.00"),
        ('unit = "0.01"', 'unit = "1.00"', "only cents may be rounded to the nearest"),
        ('direction = "nearest"', 'direction = "up"', "must be one of 'down', 'nearest'"),
        ('percent = "10"', "percent = 10", "[[vat]] number 1: percent: must be text"),
        ('percent = "10"', 'percent = "101"', "too large: 100.00 at most"),
        ("hours = 720", 'hours = "720"', "[[limit]] number 1: hours: must be a whole number"),
        ('name = "PADANG"', 'name = "medan"', "[[town]] numbers 4 and 5 hold on the same day"),
        ('name = "PADANG"', 'name = ""', "must be text in quotes"),
    ],
)  # fmt: skip
def test_a_wrong_table_is_one_line(tmp_path, old, new, words):
    assert old in TEXT
    with pytest.raises(FormatError) as caught:
        read(tmp_path, TEXT.replace(old, new, 1))
    message = str(caught.value)
    assert words in message
    assert message.startswith(f"tariff table {tmp_path / 'own.toml'}")
    assert "\n" not in message


def test_two_rules_of_different_power_may_hold_on_the_same_day(tmp_path):
    assert FIRST_RATE in TEXT
    read(tmp_path, TEXT + FIRST_RATE.replace("= 450", "= 451"))
    with pytest.raises(FormatError, match="hold on the same day"):
        read(tmp_path, TEXT + FIRST_RATE.replace("va_from = 450", "va_from = 0"))


@pytest.mark.parametrize("table", ["rate", "vat", "stamp_duty", "rounding", "limit", "lighting_tax", "town"])
def test_every_table_is_there_if_only_empty(table):
    document = parse(TEXT.encode(), "x")
    assert Tariffs.from_document(document | {table: []})
    with pytest.raises(FormatError, match=f"{table} must be written as"):
        Tariffs.from_document(document | {table: {"a": 1}})
    with pytest.raises(FormatError, match=f"{table} must be written as"):
        Tariffs.from_document(document | {table: [1]})
    del document[table]
    with pytest.raises(FormatError, match=rf"there is no \[\[{table}\]\]"):
        Tariffs.from_document(document)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff", "is not UTF-8"),
        (b"[[rate", "is not TOML"),
        (b"x = " + b"[" * 5000, "is not TOML"),
        (b"#" * (16 * 1024 * 1024 + 1), "is larger than"),
        (b"", "there is no [[rate]]"),
    ],
)
def test_what_is_no_table_at_all(tmp_path, content, words):
    with pytest.raises(FormatError) as caught:
        read(tmp_path, content)
    assert words in str(caught.value)


def test_a_missing_file(tmp_path):
    with pytest.raises(FileError, match=r"tariff table .*none.toml cannot be read"):
        read_tariffs(tmp_path / "none.toml")
