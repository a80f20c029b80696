"""Totals: what the checksum row and the control file say of a data file (attachments B and C).

A sum that needs more digits than its column has gets them, for a column that is cut is worse than one that is wide: a million
purchases of Rp 500 000 already overflow the 12 digits of Transaction Amount.

>>> totals = Totals()
>>> totals.control_row
b'00000000000000000000000000000000|000000000000\\n'
>>> str(Control.parse(b"00000000000000000000000000000002|000100000000", "x.ctl"))
'2 transactions, Rp 1.000.000,00'
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from pln_sim.reconciliation.columns import DELIMITER, TRANSACTIONS, InChecksumRow, Layout, WrongColumn
from pln_sim.reconciliation.errors import BrokenFile
from pln_sim.vending.money import format_rupiah

_CONTROL = re.compile(rb"([0-9]{32,40})\|([0-9]{10,32})\r?\n?")
_FIRST_DAY = re.compile(rb"[0-9]{8}000000")
_ZEROS = re.compile(rb"0+")
_BANK_CODE = re.compile(rb"[0-9A-Za-z]{7}")
_SUMMED = tuple(column.name for column in TRANSACTIONS.columns if column.last is InChecksumRow.SUM)


@dataclass(frozen=True)
class Control:
    """The content of a control file: ``amount`` is the sum of Transaction Amount in cents."""

    count: int
    amount: int

    @property
    def row(self) -> bytes:
        """The one line of the control file: 32 digits and 12, as the document's table has it."""
        return b"%032d|%012d\n" % (self.count, self.amount)

    @classmethod
    def parse(cls, content: bytes, name: str) -> "Control":
        """The control in a file's content. BrokenFile if it is none."""
        match = _CONTROL.fullmatch(content)
        if not match:
            raise BrokenFile(name, "a control file is one line, 32 digits | 12 digits")
        return cls(int(match[1]), int(match[2]))

    def __str__(self) -> str:
        return f"{self.count} transaction{'s' * (self.count != 1)}, {format_rupiah(self.amount)}"


@dataclass
class Totals:
    """The number of rows and the sum of each column that is added up, as they grow."""

    count: int = 0

    def __post_init__(self) -> None:
        self._sums = [0] * len(_SUMMED)

    def add(self, rows: Sequence[bytes], layout: Layout) -> None:
        """Count rows of a layout."""
        self.count += len(rows)
        amounts = layout.amounts
        # Few nominals and tariffs make few different bills: each is read once.
        for texts, times in Counter([row[amounts] for row in rows]).items():
            for place, text in enumerate(texts.split(DELIMITER)):
                self._sums[place] += int(text) * times

    @property
    def amount(self) -> int:
        """The sum of Transaction Amount, in cents."""
        return self._sums[0]

    @property
    def control(self) -> Control:
        """What the control file says."""
        return Control(self.count, self.amount)

    @property
    def control_row(self) -> bytes:
        """The control file."""
        return self.control.row

    def checksum_row(self, layout: Layout, first_day: date, switcher_id: str, bank_code: str) -> bytes:
        """The last row of the data file."""
        sums = dict(zip(_SUMMED, self._sums, strict=True))
        same = {"SWITCHERID": switcher_id, "BANKCODE": bank_code}
        texts = []
        for column in layout.columns:
            said = {
                InChecksumRow.FIRST_DAY: f"{first_day.year:04}{first_day:%m%d}000000",
                InChecksumRow.SAME: same.get(column.name, ""),
                InChecksumRow.COUNT: f"{self.count:0{column.length}}",
                InChecksumRow.SUM: f"{sums.get(column.name, 0):0{column.length}}",
                InChecksumRow.ZEROS: "0" * column.length,
            }
            texts.append(said[column.last])
        return "|".join(texts).encode("ascii") + b"\n"

    def check(self, row: bytes, layout: Layout, switcher_id: str) -> None:
        """Compare with the checksum row of a file. WrongColumn if it says something else."""
        texts = row.rstrip(b"\r\n").split(DELIMITER)
        if len(texts) != len(layout.columns):
            raise WrongColumn("", "the last line must be the checksum row; is the file cut off?")
        sums = dict(zip(_SUMMED, self._sums, strict=True))
        for column, text in zip(layout.columns, texts, strict=True):
            if column.last is InChecksumRow.SUM:
                _same_number(column.name, text, sums[column.name], "the rows add up to")
            elif column.last is InChecksumRow.COUNT:
                _same_number(column.name, text, self.count, "the number of transactions is")
            elif column.last is InChecksumRow.FIRST_DAY and not _FIRST_DAY.fullmatch(text):
                raise WrongColumn(column.name, "the checksum row must say CCYYMMDD000000; is the file cut off?")
            elif column.last is InChecksumRow.ZEROS and not _ZEROS.fullmatch(text):
                raise WrongColumn(column.name, "the checksum row must say zeros; is the file cut off?")
        if texts[_place(layout, "SWITCHERID")] != switcher_id.encode():
            raise WrongColumn("SWITCHERID", f"the checksum row must say {switcher_id}")
        if not _BANK_CODE.fullmatch(texts[_place(layout, "BANKCODE")]):
            raise WrongColumn("BANKCODE", "the checksum row must say a bank code of 7 letters or digits")


def _same_number(column: str, text: bytes, number: int, what: str) -> None:
    if not text.isdigit() or len(text) > 40 or int(text) != number:
        said = text[:40].decode("ascii", "replace")
        raise WrongColumn(column, f"{what} {number}, the checksum row says {said!r}")


def _place(layout: Layout, name: str) -> int:
    return [column.name for column in layout.columns].index(name)
