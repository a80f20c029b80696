"""Customers: the table, what is wrong with one, and who belongs to a meter that nobody knows."""

from datetime import date

import pytest

from meter_emu.sts.errors import FormatError, RangeError
from meter_emu.sts.numbers.drn import Drn
from pln_sim.vending.bill import Bill
from pln_sim.vending.customer import EXAMPLE, Customer, customer_of, customers_from, read_customers
from pln_sim.vending.tariff import built_in_tariffs
from pln_sim.vending.toml_table import parse

TARIFFS = built_in_tariffs()
TODAY = date(2026, 11, 22)
TEXT = """
[[customer]]
meter = "04176855916"
idpel = "537612345678"
name = "BUDI SANTOSO"
tariff = "R1"
va = 1300
town = "Jakarta"
instalment = "5000.00"
instalment_until = 2026-12-31

[[customer]]
meter = "07022752971"
name = "SITI"
tariff = "R3"
va = 7700
ppj = "2.4"
"""


def customers(text=TEXT):
    return customers_from(parse(text.encode(), "x"))


def test_a_table_of_customers():
    assert customers() == {
        Drn("04176855916"): Customer(
            meter=Drn("04176855916"),
            idpel="537612345678",
            name="BUDI SANTOSO",
            tariff="R1",
            va=1300,
            town="JAKARTA",
            instalment=500_000,
            instalment_until=date(2026, 12, 31),
        ),
        Drn("07022752971"): Customer(meter=Drn("07022752971"), name="SITI", tariff="R3", va=7700, ppj=240),
    }


def test_a_customer_pays_the_tax_of_the_town_and_the_instalment_while_it_lasts():
    budi = customers()[Drn("04176855916")]
    assert budi.ppj_on(TODAY, TARIFFS) == 240
    assert [budi.instalment_on(date(year, 12, 31)) for year in (2026, 2027)] == [500_000, 0]
    made = budi.bill(2_000_000, TODAY, TARIFFS, admin=100_000)
    assert (made.instalment, made.admin, made.stroom) == (500_000, 100_000, 1_367_100)


def test_a_town_the_tariffs_do_not_know():
    (nobody,) = customers(
        '[[customer]]\nmeter = "04176855916"\nname = "X"\ntariff = "R1"\nva = 450\ntown = "Atlantis"'
    ).values()
    with pytest.raises(RangeError, match="no lighting tax for ATLANTIS, 450 VA, on 2026-11-22"):
        nobody.bill(2_000_000, TODAY, TARIFFS)


def test_a_meter_nobody_knows():
    stranger = customer_of(Drn("01325938973"), customers())
    assert (stranger.meter, stranger.name, stranger.tariff, stranger.va) == ("01325938973", "SUBSCRIBER NAME", "R1", 450)
    assert (stranger.idpel, stranger.ppj, stranger.instalment) == ("000000000000", 300, 0)
    assert customer_of(Drn("04176855916"), customers()).name == "BUDI SANTOSO"


def test_the_meter_of_the_example():
    assert customer_of(Drn("12345678911"), {}) is EXAMPLE
    made = EXAMPLE.bill(50_000_000, date(2009, 1, 15), TARIFFS)
    assert (made.stroom, made.kwh) == (21_991_150, 2330)
    assert isinstance(EXAMPLE.bill(2_000_000, TODAY, TARIFFS), Bill)


def test_a_file_may_hold_other_tables_too(tmp_path):
    path = tmp_path / "customers.toml"
    path.write_text(TEXT + '\n[[switching]]\nid = "10000D3"\n')
    assert read_customers(path) == customers()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"04176855916"', '"0417685591"', "[[customer]] number 1: meter: meter number (DRN) must be 11 digits"),
        ('"04176855916"', '"0100000000008"', "must be 11 digits, not 13"),
        ('"04176855916"', "4176855916", "meter: must be text in quotes"),
        ('"07022752971"', '"04176855916"', "[[customer]] number 2: meter 04176855916 stands there twice"),
        ('"537612345678"', '"53761234567"', "IDPEL must be 12 digits, not 11"),
        ('"537612345678"', '"53761234567x"', "IDPEL: character 12 is not a digit"),
        ('"SITI"', '"%s"' % ("M" * 26), "[[customer]] number 2: name: must be 1 to 25 characters of ASCII"),
        ('"SITI"', '"Sítí"', "must be 1 to 25 characters of ASCII"),
        ('"SITI"', r'"A\nB"', "must be 1 to 25 characters of ASCII"),
        ('"SITI"', '""', "must be text in quotes"),
        ('tariff = "R3"', 'tariff = "R3/7700"', "like R1M, not 'R3/7700'"),
        ("va = 7700", "va = 0", "va: must be more than 0"),
        ("va = 7700", 'va = "7700"', "va: must be a whole number"),
        ('ppj = "2.4"', 'ppj = "2.4"\ntown = "Jakarta"', "[[customer]] number 2: say either ppj or town"),
        ('ppj = "2.4"', "", "say either ppj or town"),
        ('ppj = "2.4"', "ppj = 2.4", "ppj: must be text in quotes"),
        ('instalment = "5000.00"', 'instalment = "-5"', "instalment: -5 is negative"),
        ("[[customer]]", "[[custmer]]", "customer file"),
        ("[[customer]]\nmeter", "[customer]\nmeter", "customer file"),
    ],
)
def test_a_wrong_table_is_one_line(tmp_path, old, new, words):
    assert old in TEXT
    path = tmp_path / "customers.toml"
    path.write_text(TEXT.replace(old, new) if "cust" in old else TEXT.replace(old, new, 1))
    with pytest.raises(FormatError) as caught:
        read_customers(path)
    assert words in str(caught.value)
    assert str(path) in str(caught.value)
