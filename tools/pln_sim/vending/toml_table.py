"""Tables in TOML, checked: each row of ``[[name]]`` becomes a dict with the columns asked for, of the right types.

A column says how its value is read and what it is when left out. Whatever is wrong is told with the table, the number of the
row and the column. Money and percentages are text in quotes, since a bare TOML number with a point is a float.

>>> columns = {"tariff": Column(text), "va": Column(whole_number), "rupiah": Column(amount, default=0)}
>>> rows({"rate": [{"tariff": "R1", "va": 450, "rupiah": "415.00"}, {"tariff": "R2", "va": 3500}]}, "rate", columns)
[{'tariff': 'R1', 'va': 450, 'rupiah': 41500}, {'tariff': 'R2', 'va': 3500, 'rupiah': 0}]
>>> rows({"rate": [{"tariff": "R1"}]}, "rate", columns)
Traceback (most recent call last):
    ...
meter_emu.sts.errors.FormatError: [[rate]] number 1: va is missing
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

from meter_emu.shell import input_file
from meter_emu.sts.errors import FormatError, StsError
from pln_sim.vending import money

MAXIMUM_BYTES = 16 * 1024 * 1024
_REQUIRED = object()
MadeT = TypeVar("MadeT")


@dataclass(frozen=True)
class Column:
    """One column: how its value is read, and what it is when left out."""

    read: Callable[[object], Any]
    """Takes what TOML made of the value; StsError for a wrong one."""
    default: Any = _REQUIRED

    @property
    def is_required(self) -> bool:
        """Whether a row must have it."""
        return self.default is _REQUIRED


def read_file(path: Path, what: str, make: Callable[[Mapping[str, Any]], MadeT]) -> MadeT:
    """What ``make`` makes of the document in a file, which messages call ``what``.

    FormatError, one line that names the file, if it is not TOML or says something wrong; FileError if it cannot be read.
    """
    document = parse(input_file.read_file(path, what, MAXIMUM_BYTES), f"{what} {path}")
    try:
        return make(document)
    except FormatError as error:
        raise FormatError(f"{what} {path}: {error}", field=error.field) from None


def parse(content: bytes, where: str) -> dict[str, Any]:
    """The document in some bytes. FormatError, one line that begins with ``where``, if they are not TOML."""
    import tomllib

    try:
        return tomllib.loads(content.decode("utf-8"))
    except UnicodeDecodeError:
        raise FormatError(f"{where} is not UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise FormatError(f"{where} is not TOML: {error}") from None


def rows(document: Mapping[str, Any], table: str, columns: Mapping[str, Column]) -> list[dict[str, Any]]:
    """The rows of ``[[table]]``, each with all the columns. FormatError for whatever is wrong or missing, and for no table."""
    if table not in document:
        raise FormatError(f"there is no [[{table}]]", field=table)
    entries = document[table]
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise FormatError(f"{table} must be written as [[{table}]]", field=table)
    return [_row(entry, columns, f"[[{table}]] number {number}") for number, entry in enumerate(entries, 1)]


def single(document: Mapping[str, Any], table: str, columns: Mapping[str, Column]) -> dict[str, Any]:
    """The one ``[table]``, with all the columns; left out, it is an empty one. FormatError for whatever is wrong or missing.

    >>> single({"load": [{"connections": 8}]}, "load", {"connections": Column(whole_number, default=1)})
    Traceback (most recent call last):
        ...
    meter_emu.sts.errors.FormatError: load must be written as [load], once
    """
    entry = document.get(table, {})
    if not isinstance(entry, dict):
        raise FormatError(f"{table} must be written as [{table}], once", field=table)
    return _row(entry, columns, f"[{table}]")


def _row(entry: Mapping[str, Any], columns: Mapping[str, Column], where: str) -> dict[str, Any]:
    for name in entry:
        if name not in columns:
            raise FormatError(f"{where}: unknown field {name[:40]!r}", field=name)
    row = {}
    for name, column in columns.items():
        if name not in entry and column.is_required:
            raise FormatError(f"{where}: {name} is missing", field=name)
        try:
            row[name] = column.read(entry[name]) if name in entry else column.default
        except StsError as error:
            raise FormatError(f"{where}: {name}: {error}", field=name) from None
    return row


def text(value: object) -> str:
    """Any text but an empty one."""
    if not isinstance(value, str) or not value:
        raise FormatError("must be text in quotes")
    return value


def whole_number(value: object) -> int:
    """A whole number from 0 on."""
    if type(value) is not int or value < 0:
        raise FormatError("must be a whole number, 0 or more")
    return value


def day(value: object) -> date:
    """A date, written without quotes."""
    if type(value) is not date:
        raise FormatError("must be a date like 2026-01-31, without quotes")
    return value


def amount(value: object) -> int:
    """Cents, from rupiah in quotes."""
    return money.cents(text(value))


def percentage(value: object) -> int:
    """Hundredths of a percent, from a percentage in quotes."""
    return money.percent(text(value))


def one_of(kind: type[Enum]) -> Callable[[object], Enum]:
    """Reads the value of an enumeration's member."""

    def read(value: object) -> Enum:
        try:
            return kind(value)
        except ValueError:
            raise FormatError(f"must be one of {', '.join(repr(member.value) for member in kind)}") from None

    return read
