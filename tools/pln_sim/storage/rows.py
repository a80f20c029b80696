"""Rows: a frozen value as a row of a table, and back. The names of its fields are the columns; their types say what is read.

>>> from pln_sim.vending.rule import Direction, Rounding
>>> value = Rounding(first=date(2026, 1, 1), unit=100, direction=Direction.DOWN)
>>> row_of(value)
('2026-01-01', None, 0, 999999999, 100, 'down')
>>> value_of(Rounding, row_of(value)) == value
True
>>> insert("rounding", columns_of(Rounding))
'INSERT INTO rounding (first, last, va_from, va_to, unit, direction) VALUES (?, ?, ?, ?, ?, ?)'
"""

from collections.abc import Callable, Sequence
from dataclasses import fields
from datetime import date, datetime, time
from enum import Enum
from operator import attrgetter
from typing import Any, TypeVar, get_args, get_type_hints

T = TypeVar("T")
_READ: dict[Any, Callable[[Any], object]] = {
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
    time: time.fromisoformat,
}
"""How what a column holds is read; for all other types the type itself does."""
_AS_THEY_ARE = frozenset({str, int, type(None)})
_COLUMNS: dict[Any, tuple[str, ...]] = {}
"""The columns of each kind, once it was asked."""
_CELLS: dict[Any, Callable[[Any], tuple[object, ...]]] = {}
"""What takes the cells out of a value of each kind, once it was asked."""
_READERS: dict[Any, list[tuple[str, Callable[[Any], object]]]] = {}
"""The columns of each kind and how they are read, once it was asked."""


def row_of(value: object) -> tuple[object, ...]:
    """What its columns hold."""
    kind = type(value)
    if kind not in _CELLS:
        _CELLS[kind] = attrgetter(*columns_of(kind))
    return tuple([cell if type(cell) in _AS_THEY_ARE else written(cell) for cell in _CELLS[kind](value)])


def written(value: object) -> object:
    """What a column holds for a value."""
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    return int(value) if isinstance(value, bool) else value


def value_of(kind: type[T], row: Sequence[Any]) -> T:
    """The value whose columns hold ``row``."""
    if kind not in _READERS:
        types = get_type_hints(kind)
        _READERS[kind] = [(name, _reader(types[name])) for name in columns_of(kind)]
    cells = zip(_READERS[kind], row, strict=True)
    return kind(**{name: cell if cell is None else read(cell) for (name, read), cell in cells})


def columns_of(kind: type[Any]) -> tuple[str, ...]:
    """The columns of a kind of value."""
    if kind not in _COLUMNS:
        _COLUMNS[kind] = tuple(field.name for field in fields(kind))
    return _COLUMNS[kind]


def insert(table: str, columns: Sequence[str]) -> str:
    """The statement that adds a row. For names that stand in the program."""
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608


def select(table: str, columns: Sequence[str]) -> str:
    """The statement that reads all rows. For names that stand in the program."""
    return f"SELECT {', '.join(columns)} FROM {table}"  # noqa: S608


def _reader(kind: Any) -> Callable[[Any], object]:
    (one, *_) = [part for part in get_args(kind) if part is not type(None)] or [kind]
    read: Callable[[Any], object] = _READ.get(one, one)
    return read
