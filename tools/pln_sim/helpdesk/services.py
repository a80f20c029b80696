"""Services: the catalogue of the ITSM application, from a table: service family, service group, number, service type.

>>> services = catalogue()
>>> len(services), services[31].type
(40, 'Pembayaran telah dilakukan, namun tidak terkonfirmasi')
>>> sorted({service.family for service in services.values()})
['PLN Mobile - Marketplace']
>>> list(dict.fromkeys(service.group for service in services.values()))
['Registrasi', 'Manajemen User', 'Keamanan Akun', 'Manajemen Produk', 'Transaksi', 'Aplikasi']
"""

from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from pln_sim.vending.toml_table import Column, parse, rows, text, whole_number

BUILT_IN = "services.toml"
NEW_SHOP = 7
"""A merchant's application. The SOP shows its choice in a picture that is lost; this type fits it by its words."""


class Service(NamedTuple):
    """One service type."""

    number: int
    family: str
    group: str
    type: str


@cache
def catalogue() -> Mapping[int, Service]:
    """All service types by their numbers."""
    from importlib.resources import files

    document = parse(files("pln_sim.helpdesk").joinpath(BUILT_IN).read_bytes(), BUILT_IN)
    services = (Service(**row) for row in rows(document, "service", _COLUMNS))
    return {service.number: service for service in services}


_COLUMNS = {"number": Column(whole_number), "family": Column(text), "group": Column(text), "type": Column(text)}
