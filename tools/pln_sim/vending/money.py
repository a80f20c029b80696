"""Money is an int of cents, energy an int of 0.1 kWh, a percentage an int of 0.01 %. This is how people write them.

People write the Indonesian way, with a dot for the thousands and a comma for the cents; tables and JSON write a plain
decimal number.

>>> rupiah("20000") == rupiah("20.000") == rupiah("20.000,00") == rupiah("Rp 20.000") == 2_000_000
True
>>> format_rupiah(2_350_050), format_kwh(126), format_kwh(23300)
('Rp 23.500,50', '12,6', '2.330,0')
>>> cents("1444.70"), decimal(144470), percent("2.4"), percent("7,5")
(144470, '1444.70', 240, 750)
>>> rupiah("20.00")
Traceback (most recent call last):
    ...
meter_emu.sts.errors.FormatError: rupiah are written like 20000, 20.000 or 20.000,50, not '20.00'
"""

import re

from meter_emu.sts.errors import FormatError, RangeError

CENTS = 100
"""Cents in a rupiah."""
CENT_DIGITS = 2
PERCENT = 100
"""What 1 % is counted as."""
WHOLE = 100 * PERCENT
"""What 100 % is counted as."""
MAXIMUM_CENTS = 10**12 - 1
"""The largest amount that the 12 digits of a message can hold."""

_RUPIAH = re.compile(r"(?:Rp ?)?(-?)([0-9]+|[0-9]{1,3}(?:\.[0-9]{3})+)(?:,([0-9]+))?")
_DECIMAL = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?")
_MOST_DIGITS = 20
"""A longer number is too large for anything here; it is not even converted, which takes time and from 4300 digits on fails."""


def rupiah(text: str) -> int:
    """Cents, from rupiah as a person writes them.

    FormatError if they are written otherwise, RangeError if they are negative, finer than a cent or too large.
    """
    match = _RUPIAH.fullmatch(text)
    if not match:
        raise FormatError(f"rupiah are written like 20000, 20.000 or 20.000,50, not {text[:40]!r}", field="rupiah")
    if match[3] and len(match[3]) > CENT_DIGITS:
        # 50,000 are not fifty rupiah: who writes so means fifty thousand.
        raise RangeError(f"{text[:40]} is too fine: behind the comma stand the cents, two digits at most", field="rupiah")
    return _hundredths(text, bool(match[1]), match[2].replace(".", ""), match[3] or "", MAXIMUM_CENTS)


def payment(text: str) -> int:
    """Cents of a payment, as for ``rupiah``; 0 is a RangeError too."""
    amount = rupiah(text)
    if not amount:
        raise RangeError(f"{text[:40]} rupiah buy nothing", field="rupiah")
    return amount


def cents(text: str) -> int:
    """Cents, from rupiah as a table writes them: ``1444.70``. Errors as for ``rupiah``."""
    match = _DECIMAL.fullmatch(text)
    if not match:
        raise FormatError(f"rupiah in a table are written like 1444.70, not {text[:40]!r}", field="rupiah")
    return _hundredths(text, bool(match[1]), match[2], match[3] or "", MAXIMUM_CENTS)


def percent(text: str) -> int:
    """Hundredths of a percent, from 0 % to 100 %: ``3``, ``2.4``, ``2,4``. Errors as for ``rupiah``."""
    match = _DECIMAL.fullmatch(text.replace(",", "."))
    if not match:
        raise FormatError(f"a percentage is written like 3 or 2.4, not {text[:40]!r}", field="percent")
    return _hundredths(text, bool(match[1]), match[2], match[3] or "", WHOLE)


def format_rupiah(amount: int) -> str:
    """Cents as on a slip: ``Rp 23.500,00``."""
    return f"Rp {_grouped(amount // CENTS)},{amount % CENTS:02}"


def format_kwh(tenths: int) -> str:
    """Tenths of a kWh as on a slip: ``12,6``."""
    return f"{_grouped(tenths // 10)},{tenths % 10}"


def decimal(amount: int) -> str:
    """Cents as a plain decimal number: ``23500.00``."""
    return f"{amount // CENTS}.{amount % CENTS:02}"


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", ".")


def _hundredths(text: str, is_negative: bool, whole: str, fraction: str, maximum: int) -> int:
    shown = text[:40]
    if is_negative:
        raise RangeError(f"{shown} is negative")
    fraction = fraction.rstrip("0")
    if len(fraction) > CENT_DIGITS:
        raise RangeError(f"{shown} is too fine: two decimals at most")
    if len(whole) > _MOST_DIGITS or (number := int(whole) * 100 + int(fraction.ljust(CENT_DIGITS, "0"))) > maximum:
        raise RangeError(f"{shown} is too large: {decimal(maximum)} at most")
    return number
