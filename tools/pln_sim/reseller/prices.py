"""Prices: what a product code of the guide stands for and costs, and the fee that is taken off, each with its days.

"Harga token listrik PLN pra-bayar di atas sewaktu-waktu dapat berubah": so every row has the days it holds on. The table that
comes along is ``prices.toml``.

>>> from datetime import date
>>> offer = built_in_prices().offer("PLN20", date(2026, 11, 22))
>>> offer.price, offer.amount
(1912000, 1840000)
>>> built_in_prices().offer("PL21", date(2026, 11, 22)) is None
True
>>> [offer.code for offer in built_in_prices().offers(date(2026, 11, 22), "PLA")][:3]
['PLA20', 'PLA25', 'PLA30']
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from meter_emu.sts.errors import FormatError
from pln_sim.vending.rule import Rule
from pln_sim.vending.toml_table import Column, amount, day, parse, read_file, rows, text

BUILT_IN = "prices.toml"
_LIST = re.compile(r"[A-Z]{2,8}")
_CODE = re.compile(r"[A-Z]{2,8}[0-9]{1,5}")
RuleT = TypeVar("RuleT", bound=Rule)


@dataclass(frozen=True, kw_only=True)
class Price(Rule):
    """What a product costs the kiosk. ``list`` is the list it stands in, ``nominal`` what is printed on the voucher."""

    list: str
    code: str
    nominal: int
    """Cents."""
    rupiah: int
    """Cents."""

    @property
    def case(self) -> str:
        """The product."""
        return self.code


@dataclass(frozen=True, kw_only=True)
class Fee(Rule):
    """What is taken off the nominal."""

    rupiah: int
    """Cents."""


class Offer(NamedTuple):
    """A product as it is sold on one day. All amounts in cents."""

    code: str
    price: int
    """What the kiosk pays."""
    amount: int
    """What goes to the switching: the nominal minus the fee."""


@dataclass(frozen=True)
class Prices:
    """All rows of a table. FormatError for rows that hold on the same day, and for a sale at a loss."""

    prices: tuple[Price, ...]
    fees: tuple[Fee, ...]

    def __post_init__(self) -> None:
        for price in self.prices:
            for fee in self.fees:
                day = max(price.first, fee.first)
                if price.holds_on(day) and fee.holds_on(day) and not 0 < price.nominal - fee.rupiah <= price.rupiah:
                    raise FormatError(f"{price.code} is sold at a loss, or its nominal is not above the fee", field="rupiah")

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Prices":
        """The prices in a parsed TOML document. FormatError, with the table and the row, for whatever is wrong."""
        for name in document:
            if name not in COLUMNS:
                raise FormatError(f"unknown table {name!r:.50}: expected {', '.join(COLUMNS)}", field=name)
        return cls(_rules(document, "price", Price), _rules(document, "fee", Fee))

    def offers(self, on: date, list_name: str | None = None) -> tuple[Offer, ...]:
        """What is sold on a day, of one list or of all, in the order of the table; what no fee is known for is not sold."""
        fee = next((fee.rupiah for fee in self.fees if fee.holds_on(on)), None)
        if fee is None:
            return ()
        held = (price for price in self.prices if price.holds_on(on) and list_name in (None, price.list))
        return tuple(Offer(price.code, price.rupiah, price.nominal - fee) for price in held)

    def offer(self, code: str, on: date) -> Offer | None:
        """The product with a code; None if there is none on that day."""
        return next((offer for offer in self.offers(on) if offer.code == code), None)

    def lists(self, on: date) -> tuple[str, ...]:
        """The names of the lists that hold on a day."""
        return tuple(dict.fromkeys(price.list for price in self.prices if price.holds_on(on)))


@cache
def built_in_prices() -> Prices:
    """The table that comes with this package."""
    from importlib.resources import files

    return Prices.from_document(parse(files("pln_sim.reseller").joinpath(BUILT_IN).read_bytes(), BUILT_IN))


def read_prices(path: Path) -> Prices:
    """The table in a file. FormatError, one line that names the file, if it says something wrong; FileError if unreadable."""
    return read_file(path, "price table", Prices.from_document)


def _matching(pattern: re.Pattern[str], example: str) -> Column:
    def read(value: object) -> str:
        name = text(value)
        if not pattern.fullmatch(name):
            raise FormatError(f"must be written like {example}, not {name[:40]!r}")
        return name

    return Column(read)


_DAYS = {"from": Column(day), "until": Column(day, default=None)}
COLUMNS: Mapping[str, Mapping[str, Column]] = {
    "price": {
        "list": _matching(_LIST, "PLA"),
        "code": _matching(_CODE, "PLA20"),
        "nominal": Column(amount),
        "rupiah": Column(amount),
        **_DAYS,
    },
    "fee": {"rupiah": Column(amount), **_DAYS},
}
"""What stands in a row of each table."""


def _rules(document: Mapping[str, Any], table: str, kind: type[RuleT]) -> tuple[RuleT, ...]:
    found: list[RuleT] = []
    for number, row in enumerate(rows(document, table, COLUMNS[table]), 1):
        first, last = row.pop("from"), row.pop("until")
        try:
            found.append(kind(first=first, last=last, **row))
        except FormatError as error:
            raise FormatError(f"[[{table}]] number {number}: {error}", field=error.field) from None
    for (number, rule), (other_number, other) in combinations(enumerate(found, 1), 2):
        if rule.clashes_with(other):
            raise FormatError(f"[[{table}]] numbers {number} and {other_number} hold on the same day", field="from")
    return tuple(found)
