"""The guide's price lists as data: its numbers to the letter, days, and what a table of one's own may not say."""

from datetime import date

import pytest

from meter_emu.sts.errors import FormatError
from pln_sim.reseller.prices import Prices, built_in_prices, read_prices
from pln_sim.vending.toml_table import parse

TODAY = date(2026, 11, 22)
NOMINALS = (20, 25, 30, 40, 50, 75, 100, 150, 200, 250, 300, 350, 400, 500, 1000)
# The guide's two columns of prices, in thousands of rupiah of the nominal.
PL = (
    18_550,
    23_550,
    28_550,
    38_550,
    48_550,
    73_550,
    98_550,
    148_550,
    198_550,
    248_550,
    298_550,
    348_550,
    398_550,
    498_550,
    998_550,
)
PLA = (
    18_425,
    23_425,
    28_425,
    38_425,
    48_425,
    73_425,
    98_425,
    148_425,
    198_425,
    248_425,
    298_425,
    348_425,
    398_425,
    498_425,
    998_425,
)


@pytest.mark.parametrize(("name", "column"), [("PL", PL), ("PLA", PLA)])
def test_the_guide_s_lists(name, column):
    offers = built_in_prices().offers(TODAY, name)
    assert [offer.code for offer in offers] == [f"{name}{nominal}" for nominal in NOMINALS]
    assert [offer.price for offer in offers] == [rupiah * 100 for rupiah in column]
    # The nominal minus the fee, and never at a loss.
    assert [offer.amount for offer in offers] == [nominal * 100_000 - 160_000 for nominal in NOMINALS]
    assert all(offer.price > offer.amount for offer in offers)


def test_the_guide_s_example_has_the_code_pln():
    assert built_in_prices().offer("PLN20", TODAY).price == 1_912_000
    assert built_in_prices().lists(TODAY) == ("PLN", "PL", "PLA")


TABLE = """
[[fee]]
rupiah = "1600.00"
from = 2020-01-01
[[price]]
list = "PL"
code = "PL20"
nominal = "20000.00"
rupiah = "18550.00"
from = 2020-01-01
until = 2020-12-31
[[price]]
list = "PL"
code = "PL20"
nominal = "20000.00"
rupiah = "19000.00"
from = 2021-01-01
"""


def test_a_price_has_its_days():
    prices = Prices.from_document(parse(TABLE.encode(), "table"))
    days = (date(2019, 12, 31), date(2020, 12, 31), date(2021, 1, 1))
    assert [offer and offer.price for offer in (prices.offer("PL20", day) for day in days)] == [None, 1_855_000, 1_900_000]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("until = 2020-12-31", "", "numbers 1 and 2 hold on the same day"),
        ('"18550.00"', '"18000.00"', "PL20 is sold at a loss"),
        ('"1600.00"', '"20000.00"', "at a loss, or its nominal is not above the fee"),
        ('"18550.00"', "18550.00", "[[price]] number 1: rupiah: must be text in quotes"),
        ('code = "PL20"', 'code = "pl20"', "[[price]] number 1: code: must be written like PLA20"),
        ("[[fee]]", "[[fees]]", "unknown table 'fees'"),
    ],
)
def test_a_wrong_table_is_told_in_one_line(tmp_path, old, new, words):
    path = tmp_path / "prices.toml"
    path.write_text(TABLE.replace(old, new, 1))
    with pytest.raises(FormatError, match="price table") as error:
        read_prices(path)
    assert words in str(error.value)
