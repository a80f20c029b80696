"""Rules: what a kWh costs and what is taken off a payment, each with the days it holds on. One class for each kind.

Money is in cents, a percentage in hundredths of a percent, power in VA. Names of fields are the columns of the table.

>>> rate = Rate(first=date(2017, 1, 1), last=date(2020, 9, 30), va_from=1300, va_to=2200, tariff="R1", rupiah_per_kwh=146728)
>>> rate.holds_on(date(2018, 6, 1)), rate.holds_on(date(2020, 10, 1)), rate.covers(900)
(True, False, False)
>>> Limit(first=date(2008, 1, 1), minimum=500000, maximum=5000000000, hours=720).ceiling(1300)
9360
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from meter_emu.sts.errors import FormatError

MAXIMUM_VA = 999_999_999
"""What the 9 digits of a message and of a slip can hold."""


class Direction(StrEnum):
    """Where an amount between two steps goes."""

    DOWN = "down"
    NEAREST = "nearest"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Anything that holds from one day to another, both included."""

    first: date
    last: date | None = None
    """None while it still holds."""
    va_from: int = 0
    """The least contracted power it is for."""
    va_to: int = MAXIMUM_VA

    def __post_init__(self) -> None:
        if self.last is not None and self.last < self.first:
            raise FormatError(f"until {self.last} is before from {self.first}", field="until")
        if self.va_to < self.va_from:
            raise FormatError(f"va_to {self.va_to} is below va_from {self.va_from}", field="va_to")

    @property
    def case(self) -> object:
        """What the rule is about, where several of a kind hold on one day."""
        return None

    def holds_on(self, on: date) -> bool:
        """Whether the day is one of its days."""
        return self.first <= on and (self.last is None or on <= self.last)

    def covers(self, va: int) -> bool:
        """Whether it is for customers of this power."""
        return self.va_from <= va <= self.va_to

    def clashes_with(self, other: "Rule") -> bool:
        """Whether the two hold on one day for one customer. It is enough to look where the later one begins."""
        day, va = max(self.first, other.first), max(self.va_from, other.va_from)
        return self.case == other.case and all(rule.holds_on(day) and rule.covers(va) for rule in (self, other))


@dataclass(frozen=True, kw_only=True)
class Rate(Rule):
    """The price of a kWh in a tariff class."""

    tariff: str
    rupiah_per_kwh: int

    @property
    def case(self) -> str:
        """The tariff class."""
        return self.tariff


@dataclass(frozen=True, kw_only=True)
class Town(Rule):
    """How high the lighting tax (PPJ, PBJT-TL) of a town is."""

    name: str
    percent: int

    @property
    def case(self) -> str:
        """The town."""
        return self.name


@dataclass(frozen=True, kw_only=True)
class Vat(Rule):
    """Value added tax, for customers of more than some power."""

    percent: int
    above_va: int


@dataclass(frozen=True, kw_only=True)
class StampDuty(Rule):
    """Stamp duty on a payment above some amount."""

    above: int
    rupiah: int

    @property
    def case(self) -> int:
        """The amount."""
        return self.above


@dataclass(frozen=True, kw_only=True)
class Rounding(Rule):
    """How the price of the power is rounded: to a multiple of ``unit``.

    To the nearest one only where that is a cent: a whole rupiah rounded up could be more than was paid.
    """

    unit: int
    direction: Direction

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.unit != 1 and self.direction is not Direction.DOWN:
            raise FormatError("only cents may be rounded to the nearest", field="direction")


@dataclass(frozen=True, kw_only=True)
class Limit(Rule):
    """What one purchase may cost, and how many hours of the contracted power a month's purchases may be."""

    minimum: int
    maximum: int
    hours: int

    def ceiling(self, va: int) -> int:
        """The most that a customer may buy in a month, in tenths of a kWh."""
        return self.hours * va // 100


@dataclass(frozen=True, kw_only=True)
class LightingTax(Rule):
    """What the lighting tax is called on a slip."""

    name: str
