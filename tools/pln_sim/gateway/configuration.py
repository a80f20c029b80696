"""Configuration: all that the gateway is told before the first message, from one TOML document; ``gateway.toml`` comes along.

    [gateway], [[switching]], [[rate]] and the other tables of a tariff     as in pln_sim.storage.registry
    [[customer]]                    # as in pln_sim.vending.customer; a meter that has none is unknown: 0015
    [[test_meter]]                  # as in pln_sim.gateway.sandbox_meter

Registry and customers are put into the database, where every process finds them. The test meters are the process's own.

>>> built_in = built_in_configuration()
>>> built_in.registry.switchings["10000D3"].bank_codes == {"0110000"}
True
>>> built_in.customers[Drn("12345678911")].tariff_and_power
'R1/000000450VA'
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from meter_emu.sts.errors import FormatError, RangeError
from meter_emu.sts.numbers.drn import Drn
from pln_sim.gateway.sandbox_meter import TestMeter, test_meters_from
from pln_sim.storage import Storage
from pln_sim.storage.registry import TABLES as REGISTRY_TABLES
from pln_sim.storage.registry import Registry, registry_from
from pln_sim.vending.customer import Customers, customers_from
from pln_sim.vending.tariff import Tariffs
from pln_sim.vending.toml_table import parse, read_file

BUILT_IN = "gateway.toml"
TABLES = (*REGISTRY_TABLES, "customer", "test_meter")


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """What stands in one document."""

    registry: Registry
    customers: Customers
    test_meters: Mapping[Drn, TestMeter]


def configuration_from(document: Mapping[str, Any], tariffs: Tariffs | None = None) -> Configuration:
    """The configuration in a parsed TOML document. FormatError, with the table and the row, for whatever is wrong, and for
    customers who can never buy: by ``tariffs`` if these are to be used, else by the document's own."""
    for name in document:
        if name not in TABLES:
            raise FormatError(f"unknown table {name!r:.50}: expected {', '.join(TABLES)}", field=name)
    customers = customers_from(document) if "customer" in document else {}
    test_meters = test_meters_from(document) if "test_meter" in document else {}
    for meter in test_meters:
        if meter in customers:
            raise FormatError(f"meter {meter} is both a customer's and a test meter", field="meter")
    registry = registry_from(document)
    for number, customer in enumerate(customers.values(), 1):
        try:
            (tariffs or registry.tariffs).require(customer.tariff, customer.va, customer.town)
        except RangeError as error:
            raise FormatError(f"[[customer]] number {number}: {error}", field=error.field) from None
    return Configuration(registry=registry, customers=customers, test_meters=test_meters)


def load_built_in(storage: Storage) -> None:
    """Put what is built in into a new database, or in the place of what is there."""
    built_in = built_in_configuration()
    storage.load(built_in.registry, built_in.customers)


def built_in_text() -> str:
    """The configuration that comes along, as it is written."""
    from importlib.resources import files

    return files("pln_sim.gateway").joinpath(BUILT_IN).read_text("utf-8")


@cache
def built_in_configuration() -> Configuration:
    """The specification's examples, fourteen customers more, and the test meters."""
    return configuration_from(parse(built_in_text().encode(), BUILT_IN))


def read_configuration(path: Path, tariffs: Tariffs | None = None) -> Configuration:
    """The configuration in a file. FormatError, one line that names the file, if it is wrong; FileError if unreadable."""
    return read_file(path, "gateway configuration", lambda document: configuration_from(document, tariffs))
