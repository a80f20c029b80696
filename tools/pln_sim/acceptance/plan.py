"""Plan: what the acceptance test must know of a gateway: who is registered there, and which meters provoke what.

"Meter Number for testing purpose can be achieved from PLN-DJBB data center administrator" (section 6).

>>> plan = built_in_plan()
>>> plan.switcher, plan.amount, plan.meters["inquiry-0005"]
('10000D3', 2000000, '99000000051')
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from meter_emu.sts.errors import FormatError
from pln_sim.vending.toml_table import Column, amount, parse, read_file, rows, single, text

BUILT_IN = "plan.toml"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A gateway as it is known to those who test it. Amounts are in cents."""

    switcher: str
    bank: str
    second_switcher: str
    second_banks: tuple[str, ...]
    merchant: str
    meter: str
    """A customer's, who may buy for ``amount`` dozens of times."""
    other_meter: str
    """Another customer's."""
    amount: int
    unregistered_switcher: str
    unregistered_bank: str
    unregistered_product: str
    unknown_meter: str
    too_little: int
    too_much: int
    load_meters: tuple[str, ...]
    load_amount: int
    meters: Mapping[str, str]
    """The meter of each case that needs one of its own."""


def plan_from(document: Mapping[str, Any]) -> Plan:
    """The plan in a parsed TOML document. FormatError, with the table and the row, for whatever is wrong."""
    for name in document:
        if name not in ("gateway", "load", "meter"):
            raise FormatError(f"unknown table {name!r:.50}: expected gateway, load, meter", field=name)
    gateway = single(document, "gateway", _GATEWAY)
    load = single(document, "load", _LOAD)
    meters: dict[str, str] = {}
    for number, row in enumerate(rows(document, "meter", _METER) if "meter" in document else (), 1):
        if row["case"] in meters:
            raise FormatError(f"[[meter]] number {number}: {row['case']} stands there twice", field="case")
        meters[row["case"]] = row["meter"]
    return Plan(**gateway, load_meters=load["meters"], load_amount=load["amount"], meters=meters)


def built_in_text() -> str:
    """The plan that comes along, as it is written."""
    from importlib.resources import files

    return files("pln_sim.acceptance").joinpath(BUILT_IN).read_text("utf-8")


@cache
def built_in_plan() -> Plan:
    """The plan for ``pln-sim gateway`` with its built-in test meters."""
    return plan_from(parse(built_in_text().encode(), BUILT_IN))


def read_plan(path: Path) -> Plan:
    """The plan in a file. FormatError, one line that names the file, if it is wrong; FileError if unreadable."""
    return read_file(path, "acceptance plan", plan_from)


def _matching(pattern: str, what: str) -> Callable[[object], str]:
    def read(value: object) -> str:
        if not isinstance(value, str) or not re.fullmatch(pattern, value, re.ASCII):
            raise FormatError(f"must be {what} in quotes")
        return value

    return read


def _list_of(read_one: Callable[[object], str], least: int) -> Callable[[object], tuple[str, ...]]:
    def read(value: object) -> tuple[str, ...]:
        if not isinstance(value, list) or len(value) < least:
            raise FormatError(f"must be a list of at least {least}")
        return tuple(map(read_one, value))

    return read


def _case(value: object) -> str:
    from pln_sim.acceptance.cases import OWN_METERS

    if text(value) not in OWN_METERS:
        raise FormatError(f"must be one of {', '.join(OWN_METERS)}")
    return str(value)


_code = _matching("[0-9A-Za-z]{7}", "7 letters or digits")
_meter = _matching("[0-9]{11}", "11 digits")
_GATEWAY: Mapping[str, Column] = {
    "switcher": Column(_code),
    "bank": Column(_code),
    "second_switcher": Column(_code),
    "second_banks": Column(_list_of(_code, 2)),
    "merchant": Column(_matching("[0-9]{4}", "4 digits")),
    "meter": Column(_meter),
    "other_meter": Column(_meter),
    "amount": Column(amount),
    "unregistered_switcher": Column(_code),
    "unregistered_bank": Column(_code),
    "unregistered_product": Column(_matching("[0-9]{5}", "5 digits")),
    "unknown_meter": Column(_meter),
    "too_little": Column(amount),
    "too_much": Column(amount),
}
_LOAD: Mapping[str, Column] = {"meters": Column(_list_of(_meter, 1)), "amount": Column(amount)}
_METER: Mapping[str, Column] = {"case": Column(_case), "meter": Column(_meter)}
