"""Rows, a piece of a file as columns of numbers, and the lines in it that are no rows.

A piece in which every line is a row to the letter is read as one matrix of characters. In any other one each line is looked
at for itself, as the readers of the reconciliation do, and what is no row is put aside with the reason.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meter_emu.sts.bulk.arrays import Flags, Octets
from pln_sim.audit.lines import Piece
from pln_sim.audit.mismatch import Example, Mismatch
from pln_sim.reconciliation.columns import TRANSACTIONS, WrongColumn

Numbers = NDArray[np.int64]
_SWITCHER = TRANSACTIONS.slices["SWITCHERID"]
_MINUTES_A_DAY = 1440
_DAYS_BEFORE_MONTH = np.array([0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334], dtype=np.int64)
_DAYS_IN_MONTH = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], dtype=np.int64)


@dataclass(frozen=True)
class Rows:
    """The rows of a piece, in their order."""

    lines: Numbers
    """The line number of each."""
    meters: Numbers
    """The meter number; -1 where it is no 11 digits."""
    drns: Octets
    """The 11 characters of the meter number."""
    minutes: Numbers
    """The time of the row, in whole minutes from 0001-01-01 00:00."""
    energy: Numbers
    """Hundredths of a kWh."""
    tokens: Octets
    """The 20 characters of the token."""
    characters: Octets
    """The whole rows."""

    def __len__(self) -> int:
        return len(self.lines)

    def text(self, index: int, column: str) -> str:
        """What stands in a column of one row."""
        return self.characters[index, TRANSACTIONS.slices[column]].tobytes().decode("ascii").strip()


def read_rows(piece: Piece) -> tuple[Rows, list[Example]]:
    """The rows in a piece, and its lines that are none."""
    octets = piece.octets
    switcher_id = octets[_SWITCHER].decode("latin-1")
    count = octets.count(b"\n")
    lines = np.arange(piece.first_line, piece.first_line + count)
    wrong: list[Example] = []
    is_to_the_letter = len(octets) == count * TRANSACTIONS.width and switcher_id.isalnum() and switcher_id.isascii()
    if not is_to_the_letter or len(TRANSACTIONS.splitter(switcher_id)(octets)) < count:
        kept, wrong = _line_by_line(piece)
        octets = b"".join(kept.values())
        lines = np.array(list(kept), dtype=np.int64)
    rows = _rows(np.frombuffer(octets, dtype=np.uint8).reshape(-1, TRANSACTIONS.width), lines)
    is_day = _is_day(rows.characters)
    if not is_day.all():
        for index in np.flatnonzero(~is_day).tolist():
            wrong.append(_malformed(int(rows.lines[index]), f"DT: there is no such day: {rows.text(index, 'DT')[:8]}"))
        rows = _rows(rows.characters[is_day], rows.lines[is_day])
        wrong.sort(key=lambda example: example.line)
    return rows, wrong


def _line_by_line(piece: Piece) -> tuple[dict[int, bytes], list[Example]]:
    """The rows by their line numbers."""
    kept, wrong = {}, []
    for number, line in enumerate(piece.octets[:-1].split(b"\n"), piece.first_line):
        # Which switcher sold it is no matter of the audit.
        switcher_id = line[_SWITCHER].decode("latin-1")
        try:
            kept[number] = TRANSACTIONS.row_of(line, switcher_id)
        except WrongColumn as error:
            wrong.append(_malformed(number, f"{error.column}: {error.reason}" if error.column else error.reason))
    return kept, wrong


def _malformed(line: int, text: str) -> Example:
    return Example(line, Mismatch.MALFORMED_ROW, "", "", text)


def _rows(characters: Octets, lines: Numbers) -> Rows:
    drns = characters[:, TRANSACTIONS.slices["METERNUM"]]
    return Rows(
        lines=lines,
        meters=np.where((drns == ord(" ")).any(axis=1), -1, _number(drns)),
        drns=drns,
        minutes=_minutes(characters[:, TRANSACTIONS.slices["DT"]]),
        energy=_number(characters[:, TRANSACTIONS.slices["PU"]]),
        tokens=characters[:, TRANSACTIONS.slices["TOKEN"]],
        characters=characters,
    )


def _number(digits: Octets) -> Numbers:
    number = np.zeros(len(digits), dtype=np.int64)
    for digit in digits.T:
        number = number * 10 + (digit.astype(np.int64) - ord("0"))
    return number


def _minutes(moments: Octets) -> Numbers:
    """Minutes from 0001-01-01 00:00 to CCYYMMDDhhmmss, in the calendar that datetime counts in."""
    year, month, day = _number(moments[:, :4]), _number(moments[:, 4:6]), _number(moments[:, 6:8])
    before = year - 1
    days = 365 * before + before // 4 - before // 100 + before // 400
    days += _DAYS_BEFORE_MONTH.take(month) + (_is_leap(year) & (month > 2)) + day - 1
    return days * _MINUTES_A_DAY + _number(moments[:, 8:10]) * 60 + _number(moments[:, 10:12])


def _is_day(characters: Octets) -> Flags:
    """Whether the day is in the calendar; the column's own rule lets 30 February pass, and the year 0."""
    moments = characters[:, TRANSACTIONS.slices["DT"]]
    year, month, day = _number(moments[:, :4]), _number(moments[:, 4:6]), _number(moments[:, 6:8])
    is_day: Flags = (day <= _DAYS_IN_MONTH.take(month) + (_is_leap(year) & (month == 2))) & (year > 0)
    return is_day


def _is_leap(year: Numbers) -> Flags:
    is_leap: Flags = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    return is_leap
