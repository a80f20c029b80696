"""Voucher: what a customer gets for a purchase in the marketplace, and pays less with, once.

Its code is 16 letters and digits nobody can guess, without those that look alike (Crockford's alphabet). It is for the meter
it was issued for, and one order in the marketplace yields one voucher however often it is asked for.

>>> code = code_of(bytes(range(10)))
>>> code, written("000G-40R4-0M30-E209"), written("ooog 4or4 omeo e2o9")
('000G40R40M30E209', '000G-40R4-0M30-E209', '000G-40R4-0ME0-E209')
>>> read_code("0000-0000-0000")
Traceback (most recent call last):
    ...
meter_emu.sts.errors.FormatError: a voucher code is 16 letters and digits like 7K3M-9QXA-01BT-C4VN, not '0000-0000-0000'
"""

import re
from dataclasses import dataclass
from datetime import date, datetime

from meter_emu.sts.errors import FormatError
from meter_emu.sts.numbers.digits import grouped
from meter_emu.sts.numbers.drn import Drn

RANDOM_BYTES = 10
LENGTH = 16
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_BITS = 5
_LOOK_ALIKE = str.maketrans({"I": "1", "L": "1", "O": "0", " ": None, "-": None})
_CODE = re.compile(f"[{_ALPHABET}]{{{LENGTH}}}")
_ORDER = re.compile(r"[0-9A-Za-z][0-9A-Za-z/._-]{0,39}")


@dataclass(frozen=True, kw_only=True)
class Voucher:
    """A voucher. What it promises is kept as it was when it was issued."""

    code: str
    meter: Drn
    purchase: str
    """The number of the order in the marketplace."""
    promotion: str
    price: int
    """Cents to pay for the connection fee."""
    va_to: int
    """The highest power it can be used for."""
    issued_at: datetime
    valid_until: date
    """The last day it can be used."""


def code_of(random: bytes) -> str:
    """The code in RANDOM_BYTES bytes."""
    number = int.from_bytes(random, "big")
    return "".join(_ALPHABET[number >> shift & (1 << _BITS) - 1] for shift in reversed(range(0, LENGTH * _BITS, _BITS)))


def read_code(text: str) -> str:
    """A code as a person types it: capitals or not, with blanks and dashes. FormatError if it is none."""
    code = text.upper().translate(_LOOK_ALIKE)
    if not _CODE.fullmatch(code):
        raise FormatError(
            f"a voucher code is 16 letters and digits like 7K3M-9QXA-01BT-C4VN, not {text[:40]!r}", field="voucher"
        )
    return code


def written(code: str) -> str:
    """A code as it is printed, in groups of four."""
    return grouped(read_code(code), "-")


def read_purchase(text: str) -> str:
    """The number of an order in the marketplace. FormatError for a strange one."""
    if not _ORDER.fullmatch(text):
        raise FormatError(f"an order number is up to 40 letters, digits and / . _ -, not {text[:40]!r}", field="order")
    return text
