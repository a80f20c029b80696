"""Rules of power upgrades: contracts, connection fees and promotions, each with the days it holds on, from a table in TOML.

The table that comes along is ``upgrades.toml``. Money is in cents, power in VA.

>>> rules = built_in_rules()
>>> today = date(2026, 11, 22)
>>> rules.contract("R1", 900, today)
Contract(tariff='R1M', va=900, ti='02')
>>> rules.fee(450, 900, today), rules.fee(1300, 2200, today), rules.fee(2200, 3500, today)
(42165000, 84330000, 125970000)
>>> rules.powers_above("R1", 3500, today)[:3], rules.powers_above("B2", 450, today)[:2], rules.powers_above("X", 450, today)
([4400, 5500, 6600], [6600, 7700], [])
>>> promotion = rules.promotion(date(2022, 5, 20))
>>> promotion.name, promotion.valid_until(date(2022, 5, 20)).isoformat(), rules.promotion(date(2022, 6, 1))
('LEBARAN CERIA', '2022-05-31', None)
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from meter_emu.sts.errors import FormatError, RangeError, StsError
from meter_emu.sts.numbers.key_parameters import TariffIndex
from pln_sim.vending.rule import MAXIMUM_VA, Rule
from pln_sim.vending.tariff import power, rules_of, tariff_class
from pln_sim.vending.toml_table import Column, amount, day, parse, read_file, text, whole_number

BUILT_IN = "upgrades.toml"
_LONGEST_DAYS = 3660
_LONGEST_NAME = 40


class Contract(NamedTuple):
    """What a customer has."""

    tariff: str
    """Tariff class, like R1."""
    va: int
    ti: str
    """The tariff index of the meter's key, 2 digits."""


@dataclass(frozen=True, kw_only=True)
class ContractRule(Rule):
    """Powers of one kind of customer, with their tariff class and tariff index."""

    group: str
    """The first letter of the tariff class."""
    tariff: str
    ti: str
    va: tuple[int, ...]

    def clashes_with(self, other: Rule) -> bool:
        """Whether one power of one kind of customer has two contracts on one day."""
        is_same = isinstance(other, ContractRule) and self.group == other.group and bool({*self.va} & {*other.va})
        return is_same and super().clashes_with(other)


@dataclass(frozen=True, kw_only=True)
class Fee(Rule):
    """The connection fee for each VA that is added, by the power that is reached."""

    rupiah_per_va: int


@dataclass(frozen=True, kw_only=True)
class Promotion(Rule):
    """A special price for the connection fee of an upgrade to ``va_to`` at most, with a voucher."""

    name: str
    rupiah: int
    days: int
    """How long a voucher is valid, its first day included."""

    def valid_until(self, issued_on: date) -> date:
        """The last day of a voucher."""
        last = issued_on + timedelta(days=self.days - 1)
        return last if self.last is None else min(last, self.last)


@dataclass(frozen=True)
class Rules:
    """All rules of a table."""

    contracts: tuple[ContractRule, ...]
    fees: tuple[Fee, ...]
    promotions: tuple[Promotion, ...]

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Rules":
        """The rules in a parsed TOML document. FormatError, with the table and the row, for whatever is wrong or said twice."""
        for name in document:
            if name not in TABLES:
                raise FormatError(f"unknown table {name!r:.50}: expected {', '.join(TABLES)}", field=name)
        return cls(*(rules_of(document, table, kind, columns) for table, (kind, columns) in TABLES.items()))

    def contract(self, tariff: str, va: int, on: date) -> Contract | None:
        """The contract of a power for a customer of the kind of ``tariff``; None if there is none."""
        for rule in self._contracts(tariff, on):
            if va in rule.va:
                return Contract(rule.tariff, va, rule.ti)
        return None

    def powers_above(self, tariff: str, va: int, on: date) -> list[int]:
        """The powers that a customer of the kind of ``tariff`` may rise to."""
        return sorted(step for rule in self._contracts(tariff, on) for step in rule.va if step > va)

    def fee(self, old_va: int, new_va: int, on: date) -> int:
        """The connection fee. RangeError if the table has none."""
        for rule in self.fees:
            if rule.holds_on(on) and rule.covers(new_va):
                return (new_va - old_va) * rule.rupiah_per_va
        raise RangeError(f"the table has no connection fee for {new_va} VA on {on}", field="at")

    def promotion(self, on: date) -> Promotion | None:
        """The promotion of a day."""
        return next((promotion for promotion in self.promotions if promotion.holds_on(on)), None)

    def _contracts(self, tariff: str, on: date) -> list[ContractRule]:
        return [rule for rule in self.contracts if tariff.startswith(rule.group) and rule.holds_on(on)]


@cache
def built_in_rules() -> Rules:
    """The table that comes with this package."""
    from importlib.resources import files

    return Rules.from_document(parse(files("pln_sim.upgrade").joinpath(BUILT_IN).read_bytes(), BUILT_IN))


def read_rules(path: Path) -> Rules:
    """The table in a file. FormatError, one line that names the file, if it says something wrong; FileError if unreadable."""
    return read_file(path, "upgrade table", Rules.from_document)


def _group(value: object) -> str:
    letter = tariff_class(value)
    if len(letter) != 1:
        raise FormatError("must be one capital")
    return letter


def _index(value: object) -> str:
    try:
        return str(TariffIndex(text(value)))
    except StsError as error:
        raise FormatError(str(error)) from None


def _powers(value: object) -> tuple[int, ...]:
    if not isinstance(value, list) or not value:
        raise FormatError("must be a list of powers in VA")
    powers = tuple(power(va) for va in value)
    if 0 in powers or len({*powers}) < len(powers):
        raise FormatError("must be powers above 0, each once")
    return powers


def _price(value: object) -> int:
    price = amount(value)
    if not price:
        raise FormatError("must be more than 0")
    return price


def _name(value: object) -> str:
    name = text(value)
    if len(name) > _LONGEST_NAME or not name.isascii() or not name.isprintable():
        raise FormatError(f"must be at most {_LONGEST_NAME} plain characters")
    return name


def _days(value: object) -> int:
    days = whole_number(value)
    if not 0 < days <= _LONGEST_DAYS:
        raise FormatError(f"must be 1 to {_LONGEST_DAYS}")
    return days


_DATES = {"from": Column(day), "until": Column(day, default=None)}
_VA_TO = {"va_to": Column(power, default=MAXIMUM_VA)}
TABLES: Mapping[str, tuple[type[Any], Mapping[str, Column]]] = {
    "contract": (
        ContractRule,
        {"group": Column(_group), "tariff": Column(tariff_class), "ti": Column(_index), "va": Column(_powers), **_DATES},
    ),
    "fee": (Fee, {"rupiah_per_va": Column(_price), "va_from": Column(power, default=0), **_VA_TO, **_DATES}),
    "promotion": (
        Promotion,
        {"name": Column(_name), "rupiah": Column(_price), "days": Column(_days), **_VA_TO, **_DATES},
    ),
}
"""Each table of a document: what its rows become, and what stands in them. In the order of the fields of Rules."""
