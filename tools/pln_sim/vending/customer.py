"""Customer: who pays for a meter, and what that means for a bill. Customers stand in ``[[customer]]`` tables in TOML.

    [[customer]]
    meter = "04176855916"
    idpel = "537612345678"          # 12 digits; left out: all zeros, as in the gateway specification
    name = "BUDI SANTOSO"
    tariff = "R1"
    va = 1300
    ppj = "3"                       # or a town = "JAKARTA" of the tariff table
    instalment = "50000.00"         # taken off each purchase; left out: none
    instalment_until = 2026-12-31   # left out: for ever

A meter nobody knows belongs to SUBSCRIBER NAME, R1, 450 VA, the specification's example; and the example's own meter,
12345678911, pays its instalment too, in the days of the specification.

>>> customer_of(Drn("04176855916"), {}).name, customer_of(Drn("04176855916"), {}).tariff_and_power
('SUBSCRIBER NAME', 'R1/000000450VA')
>>> [customer_of(EXAMPLE.meter, {}).instalment_on(date(year, 1, 15)) for year in (2009, 2026)]
[24850000, 0]
>>> from pln_sim.vending.tariff import built_in_tariffs
>>> customer_of(Drn("04176855916"), {}).bill(2000000, date(2026, 1, 15), built_in_tariffs()).kwh
468
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from meter_emu.sts.errors import FormatError
from meter_emu.sts.numbers.digits import decimal_digits
from meter_emu.sts.numbers.drn import Drn
from pln_sim.vending.bill import Bill, Refusal, bill
from pln_sim.vending.tariff import Tariffs, power, tariff_class, town_name
from pln_sim.vending.toml_table import Column, amount, day, percentage, read_file, rows, text

_NAME = re.compile(r"[ -~]{1,25}")
NO_IDPEL = "000000000000"
Customers = Mapping[Drn, "Customer"]


@dataclass(frozen=True, kw_only=True)
class Customer:
    """One meter's customer."""

    meter: Drn
    idpel: str = NO_IDPEL
    """Customer number, 12 digits."""
    name: str
    """At most 25 characters, what a message can hold."""
    tariff: str
    """Tariff class, like R1."""
    va: int
    """Contracted power."""
    ppj: int | None = None
    """The lighting tax in hundredths of a percent, where no town says it."""
    town: str | None = None
    """The town whose lighting tax it is, in capitals."""
    instalment: int = 0
    """Cents that each purchase pays off."""
    instalment_until: date | None = None
    """The last day it is paid; None for no end."""

    def __post_init__(self) -> None:
        if (self.ppj is None) == (self.town is None):
            raise FormatError("say either ppj or town", field="ppj")

    @property
    def tariff_and_power(self) -> str:
        """As on a slip: ``R1/000001300VA``."""
        return f"{self.tariff}/{self.va:09}VA"

    def instalment_on(self, on: date) -> int:
        """Cents that a purchase of this day pays off."""
        return self.instalment if self.instalment_until is None or on <= self.instalment_until else 0

    def ppj_on(self, on: date, tariffs: Tariffs) -> int:
        """The lighting tax of a day, in hundredths of a percent. RangeError for a town the tariffs do not know."""
        return tariffs.ppj(self.town, self.va, on) if self.town else self.ppj or 0

    def bill(self, paid: int, on: date, tariffs: Tariffs, *, admin: int = 0, bought: int = 0) -> Bill | Refusal:
        """This customer's bill. Arguments and errors as for the function ``bill``."""
        return bill(
            paid,
            tariff=self.tariff,
            va=self.va,
            ppj=self.ppj_on(on, tariffs),
            on=on,
            tariffs=tariffs,
            admin=admin,
            instalment=self.instalment_on(on),
            bought=bought,
        )


EXAMPLE = Customer(
    meter=Drn("12345678911"),
    name="SUBSCRIBER NAME",
    tariff="R1",
    va=450,
    ppj=300,
    instalment=24_850_000,
    instalment_until=date(2010, 6, 30),
)
"""The customer of the gateway specification's example, whose instalment ends with the rates of its days."""


def customer_of(meter: Drn, customers: Customers) -> Customer:
    """The customer of a meter; for a meter nobody knows, the one of the example."""
    if meter in customers:
        return customers[meter]
    return EXAMPLE if meter == EXAMPLE.meter else replace(EXAMPLE, meter=meter, instalment=0)


def customers_from(document: Mapping[str, Any]) -> dict[Drn, Customer]:
    """The customers in a parsed TOML document, which may hold other tables too.

    FormatError, with the number of the row, for whatever is wrong and for a meter that stands twice.
    """
    customers: dict[Drn, Customer] = {}
    for number, row in enumerate(rows(document, "customer", COLUMNS), 1):
        where = f"[[customer]] number {number}"
        if row["meter"] in customers:
            raise FormatError(f"{where}: meter {row['meter']} stands there twice", field="meter")
        try:
            customers[row["meter"]] = Customer(**row)
        except FormatError as error:
            raise FormatError(f"{where}: {error}", field=error.field) from None
    return customers


def read_customers(path: Path) -> dict[Drn, Customer]:
    """The customers in a file. FormatError, one line that names it, if it says something wrong; FileError if unreadable."""
    return read_file(path, "customer file", customers_from)


def _meter(value: object) -> Drn:
    return Drn(decimal_digits(text(value), 11, "meter number (DRN)", "meter"))


def _idpel(value: object) -> str:
    return decimal_digits(text(value), 12, "IDPEL", "idpel")


def _name(value: object) -> str:
    if not _NAME.fullmatch(text(value)):
        raise FormatError("must be 1 to 25 characters of ASCII")
    return str(value)


def _power(value: object) -> int:
    va = power(value)
    if not va:
        raise FormatError("must be more than 0")
    return va


COLUMNS: Mapping[str, Column] = {
    "meter": Column(_meter),
    "idpel": Column(_idpel, default=NO_IDPEL),
    "name": Column(_name),
    "tariff": Column(tariff_class),
    "va": Column(_power),
    "ppj": Column(percentage, default=None),
    "town": Column(town_name, default=None),
    "instalment": Column(amount, default=0),
    "instalment_until": Column(day, default=None),
}
"""What stands in a row."""
