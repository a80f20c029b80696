"""Registry: who may buy what through the gateway, and by which rules; from tables in TOML, and as tables in the database.

    [gateway]
    cut_off = 23:59:59              # a purchase after it is settled on the next day (section 5)
    cut_off_seconds = 0             # for how long after it inquiries and purchases are answered 0090
    reference_seconds = 900         # how long an inquiry's reference can buy
    products = ["53502"]            # PANs
    minimum = "5000.00"             # of one purchase; the tariff's own limits hold too
    maximum = "50000000.00"

    [[switching]]                   # section 6: a switching has its code from PLN, and bank codes registered with it
    id = "10000D3"
    bank_codes = ["0110000"]

    [[rate]]                        # and the other tables of pln_sim.vending.tariff; left out, all of them: the built-in ones

>>> built_in = registry_from({"switching": [{"id": "10000D3", "bank_codes": ["0110000"]}]})
>>> built_in.switchings["10000D3"].bank_codes == {"0110000"}, built_in.products == {"53502"}
(True, True)
>>> from dataclasses import replace
>>> afternoon = replace(built_in, cut_off=time(16, 0, 0), cut_off_seconds=60)
>>> [afternoon.settlement_date(datetime(2008, 5, 2, 16, 0, second)).day for second in (0, 1)]
[2, 3]
>>> [afternoon.is_cutting_off(datetime(2008, 5, 2, 16, minute, 1)) for minute in (0, 1)]
[True, False]
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from meter_emu.sts.errors import FormatError, RangeError
from pln_sim.vending import tariff
from pln_sim.vending.money import MAXIMUM_CENTS
from pln_sim.vending.tariff import Tariffs, built_in_tariffs
from pln_sim.vending.toml_table import Column, amount, rows, single, whole_number

TARIFF_TABLES = tuple(table for table, _ in tariff.TABLES.values())
TABLES = ("gateway", "switching", *TARIFF_TABLES)
"""What a document says of it; it may hold other tables too."""
_LONGEST_SECONDS = 86400
_CODE = re.compile(r"[0-9A-Za-z]{7}")
_PAN = re.compile(r"[0-9]{5}")


@dataclass(frozen=True)
class Switching:
    """A registered switching and the banks it works for."""

    id: str
    bank_codes: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Registry:
    """Everything but the customers, who are too many. RangeError for numbers that cannot be."""

    switchings: Mapping[str, Switching]
    products: frozenset[str]
    tariffs: Tariffs
    minimum: int
    """Cents."""
    maximum: int
    """Cents."""
    cut_off: time
    cut_off_seconds: int
    reference_seconds: int

    def __post_init__(self) -> None:
        if not 0 < self.minimum <= self.maximum <= MAXIMUM_CENTS:
            raise RangeError("minimum must be more than 0 and not above maximum", field="minimum")
        if not 0 <= self.cut_off_seconds < _LONGEST_SECONDS:
            raise RangeError(f"cut_off_seconds must be 0 to {_LONGEST_SECONDS - 1}", field="cut_off_seconds")
        if not 0 < self.reference_seconds <= _LONGEST_SECONDS:
            raise RangeError(f"reference_seconds must be 1 to {_LONGEST_SECONDS}", field="reference_seconds")

    def settlement_date(self, now: datetime) -> date:
        """The day a purchase is settled on: that of the purchase up to the second of cut-off, then the next one."""
        after = now.time().replace(microsecond=0) > self.cut_off
        return now.date() + timedelta(days=after)

    def is_cutting_off(self, now: datetime) -> bool:
        """Whether cut-off is in progress: from the second after it on."""
        if not self.cut_off_seconds:
            return False
        cut_off = datetime.combine(now.date(), self.cut_off)
        past = now.replace(microsecond=0) - cut_off
        if past < timedelta():
            past += timedelta(days=1)
        return timedelta() < past <= timedelta(seconds=self.cut_off_seconds)


def registry_from(document: Mapping[str, Any]) -> Registry:
    """The registry in a parsed TOML document. FormatError, with the table and the row, for whatever is wrong."""
    settings = single(document, "gateway", _SETTINGS)
    switchings: dict[str, Switching] = {}
    for number, row in enumerate(rows(document, "switching", _SWITCHING), 1):
        if row["id"] in switchings:
            raise FormatError(f"[[switching]] number {number}: {row['id']} stands there twice", field="id")
        switchings[row["id"]] = Switching(**row)
    has_tariffs = any(table in document for table in TARIFF_TABLES)
    tariffs = Tariffs.from_document(document) if has_tariffs else built_in_tariffs()
    try:
        return Registry(switchings=switchings, tariffs=tariffs, **settings)
    except RangeError as error:
        raise FormatError(str(error), field=error.field) from None


def _code(value: object) -> str:
    if not isinstance(value, str) or not _CODE.fullmatch(value):
        raise FormatError("must be 7 letters or digits in quotes")
    return value


def _codes(value: object) -> frozenset[str]:
    if not isinstance(value, list) or not value:
        raise FormatError("must be a list of codes")
    return frozenset(map(_code, value))


def _products(value: object) -> frozenset[str]:
    if not isinstance(value, list) or not value:
        raise FormatError("must be a list of PANs")
    for pan in value:
        if not isinstance(pan, str) or not _PAN.fullmatch(pan):
            raise FormatError("must be PANs of 5 digits in quotes")
    return frozenset(value)


def _time(value: object) -> time:
    if type(value) is not time or value.microsecond:
        raise FormatError("must be a time like 23:59:59, without quotes")
    return value


_SETTINGS: Mapping[str, Column] = {
    "cut_off": Column(_time, default=time(23, 59, 59)),
    "cut_off_seconds": Column(whole_number, default=0),
    "reference_seconds": Column(whole_number, default=900),
    "products": Column(_products, default=frozenset({"53502"})),
    "minimum": Column(amount, default=5_000_00),
    "maximum": Column(amount, default=50_000_000_00),
}
_SWITCHING: Mapping[str, Column] = {"id": Column(_code), "bank_codes": Column(_codes)}
