"""Amounts on a token (IEC 62055-41 6.3.6): 16 bits, a 2-bit exponent and a 14-bit mantissa.

The smallest unit is 0.1 kWh or 0.1 m3 for a credit and 1 W for a power limit. Each exponent covers its own range, ten
times coarser than the one below; what falls between two steps is rounded up, in the customer's favour.

>>> f"{encode_amount(256):04x} {encode_amount(20000):04x}", decode_amount(0x416A)
('0100 416a', 20004)
>>> f"{encode_amount(180215):04x}"
'8000'
>>> tenths("25.6"), format_tenths(256), format_tenths(10)
(256, '25.6', '1')
"""

import re
from bisect import bisect_right

from meter_emu.sts.errors import FormatError, RangeError

MANTISSA_BITS = 14
MANTISSAS = 1 << MANTISSA_BITS
RANGE_STARTS = (0, 16_384, 180_224, 1_818_624)
"""The first value of each exponent's range: the sum of 2^14 * 10^(n-1) over n = 1..e."""
STEPS = (1, 10, 100, 1000)
MAXIMUM_AMOUNT = RANGE_STARTS[3] + STEPS[3] * (MANTISSAS - 1)
"""18 201 624 units, the largest amount that has a coding."""

_DECIMAL = re.compile(r"([0-9]+)(?:\.([0-9]+))?", re.ASCII)


def encode_amount(units: int) -> int:
    """The 16-bit field for ``units``, rounded up to the next step. RangeError below 0 or above MAXIMUM_AMOUNT."""
    if not 0 <= units <= MAXIMUM_AMOUNT:
        raise RangeError(f"amount must be 0 to {MAXIMUM_AMOUNT} units, not {units}", field="amount")
    exponent = bisect_right(RANGE_STARTS, units) - 1
    mantissa = -((RANGE_STARTS[exponent] - units) // STEPS[exponent])
    # A mantissa rounded up to 16384 carries into the exponent and so means the start of the next range.
    return (exponent << MANTISSA_BITS) + mantissa


def decode_amount(field: int) -> int:
    """The units a 16-bit field stands for."""
    exponent = field >> MANTISSA_BITS
    return RANGE_STARTS[exponent] + STEPS[exponent] * (field & (MANTISSAS - 1))


def tenths(text: str) -> int:
    """A decimal number as whole tenths. FormatError if it is no number, RangeError if it is negative or too fine."""
    match = _DECIMAL.fullmatch(text.removeprefix("-"))
    if not match:
        raise FormatError(f"amount must be a decimal number like 32.5, not {text!r}", field="amount")
    if text.startswith("-"):
        raise RangeError(f"amount must not be negative: {text}", field="amount")
    fraction = (match[2] or "0").rstrip("0") or "0"
    if len(fraction) > 1:
        raise RangeError(f"amount {text} is finer than 0.1, the smallest step a token carries", field="amount")
    if len(match[1]) > 12:
        raise RangeError(f"amount must be at most {format_tenths(MAXIMUM_AMOUNT)}", field="amount")
    return int(match[1]) * 10 + int(fraction)


def format_tenths(units: int) -> str:
    """Tenths as the shortest decimal text: ``25.6``, ``1``."""
    whole, tenth = divmod(units, 10)
    return f"{whole}.{tenth}" if tenth else str(whole)
