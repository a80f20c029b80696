"""Tariffs: the rules of a table in TOML, asked with a day, so that a purchase of 2018 is billed as in 2018.

The table that comes along is ``tariffs.toml``; where its numbers come from stands in it. Any other one has the same form.
A customer and a day that no rule covers are a RangeError.

>>> tariffs = built_in_tariffs()
>>> [tariffs.rate("R1", 1300, date(year, 1, 1)) for year in (2018, 2026)]
[146728, 144470]
>>> [tariffs.vat(va, date(2026, 1, 1)) for va in (6600, 7700)], tariffs.vat(450, date(2009, 1, 15))
([0, 1100], 1000)
>>> tariffs.ppj("Jakarta", 1300, date(2026, 1, 1)), tariffs.lighting_tax(date(2025, 12, 31))
(240, 'PPJ')
>>> tariffs.rate("R1", 1300, date(2013, 1, 1))
Traceback (most recent call last):
    ...
meter_emu.sts.errors.RangeError: the tariff table has no rate for R1/1300 on 2013-01-01
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from meter_emu.sts.errors import FormatError, RangeError
from pln_sim.vending.money import CENTS
from pln_sim.vending.rule import MAXIMUM_VA, Direction, LightingTax, Limit, Rate, Rounding, Rule, StampDuty, Town, Vat
from pln_sim.vending.toml_table import Column, amount, day, one_of, parse, percentage, read_file, rows, text, whole_number

BUILT_IN = "tariffs.toml"
_TARIFF_CLASS = re.compile(r"[A-Z][A-Z0-9]{0,3}")
_TARIFF_AND_POWER = re.compile(r"([A-Za-z][A-Za-z0-9]{0,3})/([0-9]{1,9})(?:VA)?")
_MOST_TERMS = 1024
RuleT = TypeVar("RuleT", bound=Rule)


class Terms(NamedTuple):
    """What holds for a customer on a day, whatever is paid."""

    rate: int
    vat: int
    rounding: Rounding
    limit: Limit
    stamp_duties: tuple[tuple[int, int], ...]
    """Above which payment there is how much stamp duty, both in cents; the highest step first."""

    def stamp_duty(self, paid: int) -> int:
        """Stamp duty on a payment, both in cents: that of the highest step the payment is above."""
        for above, stamp_duty in self.stamp_duties:
            if paid > above:
                return stamp_duty
        return 0


@dataclass(frozen=True)
class Tariffs:
    """All rules of a table."""

    rates: tuple[Rate, ...]
    vats: tuple[Vat, ...]
    stamp_duties: tuple[StampDuty, ...]
    roundings: tuple[Rounding, ...]
    limits: tuple[Limit, ...]
    lighting_taxes: tuple[LightingTax, ...]
    towns: tuple[Town, ...]

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Tariffs":
        """The tariffs in a parsed TOML document, which may hold other tables too.

        FormatError, with the table and the row, for whatever is wrong, missing or said twice.
        """
        found: dict[str, Any] = {
            field: rules_of(document, table, kind, COLUMNS[kind]) for field, (table, kind) in TABLES.items()
        }
        return cls(**found)

    def terms(self, tariff: str, va: int, on: date) -> Terms:
        """All that a bill asks for each time; looked up once for each kind of customer and day."""
        key = tariff, va, on
        if key not in self._terms:
            if len(self._terms) >= _MOST_TERMS:
                self._terms.clear()
            self._terms[key] = Terms(
                rate=self.rate(tariff, va, on),
                vat=self.vat(va, on),
                rounding=self.rounding(on),
                limit=self.limit(on),
                stamp_duties=self._stamp_duties(on),
            )
        return self._terms[key]

    @cached_property
    def _terms(self) -> dict[tuple[str, int, date], Terms]:
        return {}

    def rate(self, tariff: str, va: int, on: date) -> int:
        """Cents for a kWh."""
        rates = (rate for rate in self.rates if rate.tariff == tariff and rate.covers(va))
        return _on(on, rates, f"rate for {tariff}/{va}").rupiah_per_kwh

    def require(self, tariff: str, va: int, town: str | None) -> None:
        """Nothing, if there ever was a rate for such customers and a lighting tax for their town; else RangeError."""
        if not any(rate.tariff == tariff and rate.covers(va) for rate in self.rates):
            raise RangeError(f"the tariff table has no rate for {tariff}/{va}", field="tariff")
        if town and not any(row.name == town.upper() and row.covers(va) for row in self.towns):
            raise RangeError(f"the tariff table has no lighting tax for {town.upper()}, {va} VA", field="town")

    def ppj(self, town: str, va: int, on: date) -> int:
        """The lighting tax in a town, in hundredths of a percent. Capitals or not is the same."""
        name = town.upper()
        towns = (row for row in self.towns if row.name == name and row.covers(va))
        return _on(on, towns, f"lighting tax for {name}, {va} VA,").percent

    def vat(self, va: int, on: date) -> int:
        """Value added tax in hundredths of a percent; 0 for a power it does not concern."""
        rule = _on(on, self.vats, "value added tax")
        return rule.percent if va > rule.above_va else 0

    def _stamp_duties(self, on: date) -> tuple[tuple[int, int], ...]:
        steps = [(step.above, step.rupiah) for step in self.stamp_duties if step.holds_on(on)]
        return tuple(sorted(steps, reverse=True))

    def rounding(self, on: date) -> Rounding:
        """How the price of the power is rounded."""
        return _on(on, self.roundings, "rounding")

    def limit(self, on: date) -> Limit:
        """What may be bought."""
        return _on(on, self.limits, "limit")

    def lighting_tax(self, on: date) -> str:
        """What the lighting tax is called on a slip."""
        return _on(on, self.lighting_taxes, "name of the lighting tax").name


TABLES: Mapping[str, tuple[str, type[Rule]]] = {
    "rates": ("rate", Rate),
    "vats": ("vat", Vat),
    "stamp_duties": ("stamp_duty", StampDuty),
    "roundings": ("rounding", Rounding),
    "limits": ("limit", Limit),
    "lighting_taxes": ("lighting_tax", LightingTax),
    "towns": ("town", Town),
}
"""Each part of the tariffs: its table in a document, and the rules in it."""


@cache
def built_in_tariffs() -> Tariffs:
    """The table that comes with this package."""
    from importlib.resources import files

    return Tariffs.from_document(parse(files("pln_sim.vending").joinpath(BUILT_IN).read_bytes(), BUILT_IN))


def read_tariffs(path: Path) -> Tariffs:
    """The table in a file. FormatError, one line that names the file, if it says something wrong; FileError if unreadable."""
    return read_file(path, "tariff table", Tariffs.from_document)


def parse_tariff(written: str) -> tuple[str, int]:
    """Tariff class and contracted power in VA. FormatError if they are not written as here.

    >>> parse_tariff("R1/1300"), parse_tariff("R1M/000000900VA")
    (('R1', 1300), ('R1M', 900))
    """
    match = _TARIFF_AND_POWER.fullmatch(written)
    if not match or not int(match[2]):
        raise FormatError(f"tariff and power are written like R1/1300, not {written[:40]!r}", field="tariff")
    return match[1].upper(), int(match[2])


def tariff_class(value: object) -> str:
    """A tariff class that fits the 4 characters of a message: ``R1``, ``R1M``. FormatError for anything else."""
    name = text(value)
    if not _TARIFF_CLASS.fullmatch(name):
        raise FormatError(f"must be a capital and at most 3 capitals or digits, like R1M, not {name[:40]!r}")
    return name


def power(value: object) -> int:
    """A contracted power in VA, 0 to MAXIMUM_VA. FormatError for anything else."""
    va = whole_number(value)
    if va > MAXIMUM_VA:
        raise FormatError(f"must be at most {MAXIMUM_VA}")
    return va


def town_name(value: object) -> str:
    """The name of a town in capitals. FormatError for no text."""
    return text(value).upper()


def _price(value: object) -> int:
    price = amount(value)
    if not price:
        raise FormatError("must be more than 0")
    return price


def _unit(value: object) -> int:
    unit = amount(value)
    if unit not in (1, CENTS):
        raise FormatError("must be 0.01 or 1.00")
    return unit


_DAYS = {"from": Column(day), "until": Column(day, default=None)}
_POWER = {"va_from": Column(power, default=0), "va_to": Column(power, default=MAXIMUM_VA)}
COLUMNS: Mapping[type[Rule], Mapping[str, Column]] = {
    Rate: {"tariff": Column(tariff_class), "rupiah_per_kwh": Column(_price), **_POWER, **_DAYS},
    Vat: {"percent": Column(percentage), "above_va": Column(power), **_DAYS},
    StampDuty: {"above": Column(amount), "rupiah": Column(amount), **_DAYS},
    Rounding: {"unit": Column(_unit), "direction": Column(one_of(Direction)), **_DAYS},
    Limit: {"minimum": Column(amount), "maximum": Column(amount), "hours": Column(whole_number), **_DAYS},
    LightingTax: {"name": Column(text), **_DAYS},
    Town: {"name": Column(town_name), "percent": Column(percentage), **_POWER, **_DAYS},
}
"""What stands in a row of each kind."""


def rules_of(document: Mapping[str, Any], table: str, kind: type[RuleT], columns: Mapping[str, Column]) -> tuple[RuleT, ...]:
    """The rules in a table of a document, whose days stand in the columns ``from`` and ``until``.

    FormatError, with the table and the row, for whatever is wrong, missing or said twice.
    """
    found: list[RuleT] = []
    for number, row in enumerate(rows(document, table, columns), 1):
        first, last = row.pop("from"), row.pop("until")
        try:
            found.append(kind(first=first, last=last, **row))
        except FormatError as error:
            raise FormatError(f"[[{table}]] number {number}: {error}", field=error.field) from None
    for (number, rule), (other_number, other) in combinations(enumerate(found, 1), 2):
        if rule.clashes_with(other):
            raise FormatError(f"[[{table}]] numbers {number} and {other_number} hold on the same day", field="from")
    return tuple(found)


def _on(on: date, rules: Iterable[RuleT], what: str) -> RuleT:
    for rule in rules:
        if rule.holds_on(on):
            return rule
    raise RangeError(f"the tariff table has no {what} on {on}", field="at")
