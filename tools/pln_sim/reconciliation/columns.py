"""The columns of the reconciliation files (gateway specification 1.0.1, attachment B): one table that is written and read.

``.txt`` and ``.ftr`` have the sixteen columns; ``.rcn`` and ``.fcn`` have the reconciliation result in front of them. A row
is a line of bytes in the document's form, with 12 digits of Transaction Amount where the document says 10 as well. All rows
of a kind are equally long, so that a column is a slice.

>>> TRANSACTIONS.header
b'DT|SWITCHERID|MERCHANT|REFNUM|SREFNUM|METERNUM|TRAN_AMOUNT|ADMIN|RP_STAMPDUTY|RP_VAT|RP_PLT|RP_CPI|PP|PU|TOKEN|BANKCODE\\n'
>>> TRANSACTIONS.width, SUSPECTS.width
(227, 229)
>>> paid = (50_000_000, 0, 300_000, 659_735, 2_199_115, 24_850_000, 21_991_150)
>>> transaction = Transaction("20080725110511", "10000D3", "6015", "42F92924B6274C2588F2985DF0B780B4",
...                           "5BB033B188CD4274A89CF6F9B14FE88D", "04176855916", *paid, 23_300, "0" * 20, "0110000")
>>> row = transaction.row
>>> row[TRANSACTIONS.slices["TRAN_AMOUNT"]], row[TRANSACTIONS.slices["PU"]], Transaction.of(row) == transaction
(b'000050000000', b'0000023300', True)
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from typing import NamedTuple

DELIMITER = b"|"
ENERGY_DECIMALS = 2


class InChecksumRow(Enum):
    """What stands in a column of the last row."""

    FIRST_DAY = "CCYYMMDD000000"
    SAME = "as in every row"
    COUNT = "the number of transactions"
    SUM = "the sum"
    ZEROS = "zeros"


@dataclass(frozen=True)
class Column:
    """One column. ``is_compared``: two rows with one reference that differ in it are a discrepancy."""

    name: str
    """What the header row says."""
    title: str
    length: int
    pattern: bytes
    """What it may hold, as a regular expression without groups."""
    meaning: str
    """The rule in words, for whoever broke it."""
    form: str
    """How a value is written, for the % operator."""
    last: InChecksumRow
    is_compared: bool = False
    also_read: int = 0
    """Another length that is read."""


def _text(name: str, title: str, length: int, last: InChecksumRow) -> Column:
    meaning = f"must be {length} letters or digits"
    return Column(name, title, length, rb"[0-9A-Za-z]{%d}" % length, meaning, f"%{length}s", last)


def _number(name: str, title: str, length: int, last: InChecksumRow, is_compared: bool = False) -> Column:
    pattern, meaning = rb"[0-9]{%d}" % length, f"must be {length} digits"
    return Column(name, title, length, pattern, meaning, f"%0{length}s", last, is_compared)


def _amount(name: str, title: str, length: int, also_read: int = 0) -> Column:
    lengths = f"{also_read} or {length}" if also_read else f"{length}"
    meaning = f"must be {lengths} digits, the last two of them decimals"
    pattern = rb"[0-9]{%d}" % length
    return Column(name, title, length, pattern, meaning, f"%0{length}d", InChecksumRow.SUM, True, also_read)


_MOMENT = rb"[0-9]{4}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])(?:[01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]"
_COLUMNS = (
    Column("DT", "Date & Time, Local Transaction", 14, _MOMENT, "must be a moment, CCYYMMDDhhmmss", "%14s",
           InChecksumRow.FIRST_DAY),
    _text("SWITCHERID", "Switcher ID", 7, InChecksumRow.SAME),
    _number("MERCHANT", "Merchant Category Code", 4, InChecksumRow.ZEROS),
    _text("REFNUM", "PLN Reference Number", 32, InChecksumRow.COUNT),
    Column("SREFNUM", "Switcher Receipt Reference Number", 32, rb"[0-9A-Za-z ]{32}",
           "must be letters or digits, padded with blanks to 32", "%-32s", InChecksumRow.ZEROS),
    Column("METERNUM", "Meter Number", 11, rb"[0-9 ]{11}", "must be digits, blanks in front of them up to 11", "%11s",
           InChecksumRow.ZEROS, is_compared=True),
    _amount("TRAN_AMOUNT", "Transaction Amount", 12, also_read=10),
    _amount("ADMIN", "Admin Charge (AC)", 10),
    _amount("RP_STAMPDUTY", "Stamp Duty (SD)", 10),
    _amount("RP_VAT", "Value Added Tax (VTx)", 10),
    _amount("RP_PLT", "Public Lighting Tax (PTx)", 10),
    _amount("RP_CPI", "Customer Payable Installment (PI)", 10),
    _amount("PP", "Power Purchase (PP)", 12),
    _amount("PU", "Purchased kWH unit (PU)", 10),
    _number("TOKEN", "Token", 20, InChecksumRow.ZEROS, is_compared=True),
    _text("BANKCODE", "Bank Code", 7, InChecksumRow.SAME),
)  # fmt: skip
_RESULT = Column("RC", "Reconciliation Result Type", 1, b"[1-6]", "must be a digit from 1 to 6", "%1s", InChecksumRow.ZEROS)


class WrongColumn(ValueError):
    """A line that is no row: the column that is wrong, and the reason."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column, self.reason = column, reason


@dataclass(frozen=True)
class Layout:
    """The rows of a kind of file, from its columns."""

    columns: tuple[Column, ...]
    slices: Mapping[str, slice] = field(init=False, compare=False)
    """Where each column stands in a row."""
    width: int = field(init=False)
    """Bytes of a row, its line end included."""

    def __post_init__(self) -> None:
        slices, start = {}, 0
        for column in self.columns:
            slices[column.name] = slice(start, start + column.length)
            start += column.length + 1
        object.__setattr__(self, "slices", slices)
        object.__setattr__(self, "width", start)

    @property
    def header(self) -> bytes:
        """The first line."""
        return DELIMITER.join(column.name.encode() for column in self.columns) + b"\n"

    @property
    def reference(self) -> slice:
        """Where the PLN reference number stands."""
        return self.slices["REFNUM"]

    @property
    def amounts(self) -> slice:
        """Where all columns that are added up stand, side by side."""
        summed = [column.name for column in self.columns if column.last is InChecksumRow.SUM]
        return slice(self.slices[summed[0]].start, self.slices[summed[-1]].stop)

    def splitter(self, switcher_id: str) -> Callable[[bytes], list[bytes]]:
        """Finds the rows of a switcher in some lines. What is no row is left out."""
        return _row_pattern(self, switcher_id).findall

    def is_row(self, row: bytes, switcher_id: str) -> bool:
        """Whether this is a row of a switcher, to the letter."""
        return _row_pattern(self, switcher_id).fullmatch(row) is not None

    def row_of(self, line: bytes, switcher_id: str) -> bytes:
        """The row that a line stands for, if not to the letter: another line end, an amount of 10 digits. WrongColumn."""
        texts = line.rstrip(b"\r\n").split(DELIMITER)
        if len(texts) != len(self.columns):
            raise WrongColumn("", f"there are {len(texts)} columns, not {len(self.columns)}")
        for place, column in enumerate(self.columns):
            if column.also_read and len(texts[place]) == column.also_read:
                texts[place] = texts[place].rjust(column.length, b"0")
            if not re.fullmatch(column.pattern, texts[place]):
                raise WrongColumn(column.name, f"{column.meaning}, not {texts[place][:40].decode('ascii', 'replace')!r}")
            if column.name == "SWITCHERID" and texts[place] != switcher_id.encode():
                raise WrongColumn(column.name, f"must be {switcher_id}, as in the file's name, not {texts[place].decode()}")
        return DELIMITER.join(texts) + b"\n"


@cache
def _row_pattern(layout: Layout, switcher_id: str) -> re.Pattern[bytes]:
    patterns = [switcher_id.encode() if column.name == "SWITCHERID" else column.pattern for column in layout.columns]
    return re.compile(rb"\|".join(patterns) + rb"\n")


class Transaction(NamedTuple):
    """One row of a .txt or .ftr, read. Money in cents."""

    local_time: str
    """CCYYMMDDhhmmss."""
    switcher_id: str
    merchant_category: str
    reference: str
    receipt_reference: str
    meter: str
    amount: int
    admin_charge: int
    stamp_duty: int
    value_added_tax: int
    lighting_tax: int
    instalment: int
    power_purchase: int
    energy: int
    """Hundredths of a kWh."""
    token: str
    bank_code: str

    @property
    def parts(self) -> dict[str, int]:
        """What the payment fell into and bought, all in hundredths, by the names of the message table."""
        names = self._fields[_FIRST_AMOUNT + 1 : _LAST_AMOUNT + 1]
        return {name: getattr(self, name) for name in names}

    @property
    def row(self) -> bytes:
        """The line that says it."""
        return (_FORM % self).encode("ascii")

    @classmethod
    def of(cls, row: bytes) -> "Transaction":
        """What a row, as the readers yield it, says."""
        texts = row.decode("ascii").rstrip("\n").split("|")
        *head, receipt, meter = texts[:_FIRST_AMOUNT]
        amounts = map(int, texts[_FIRST_AMOUNT : _LAST_AMOUNT + 1])
        return cls._make((*head, receipt.rstrip(), meter.strip(), *amounts, *texts[_LAST_AMOUNT + 1 :]))


TRANSACTIONS = Layout(_COLUMNS)
"""The rows of .txt and .ftr."""
SUSPECTS = Layout((_RESULT, *_COLUMNS))
"""The rows of .rcn and .fcn."""
RESULT_WIDTH = SUSPECTS.width - TRANSACTIONS.width
"""Bytes of the result and its delimiter, which stand before the transaction."""
_FORM = "|".join(column.form for column in _COLUMNS) + "\n"
_FIRST_AMOUNT, _LAST_AMOUNT = (
    next(place for place, column in places if column.last is InChecksumRow.SUM)
    for places in (list(enumerate(_COLUMNS)), list(enumerate(_COLUMNS))[::-1])
)
