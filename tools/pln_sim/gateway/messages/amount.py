"""Amount: a whole number and the digit that tells how many of its last digits are decimals (the document's minor unit).

>>> stamp_duty = Amount(300000, 2)
>>> str(stamp_duty), str(Amount(500000, 0)), str(Amount(5, 2))
('3000.00', '500000', '0.05')
>>> Amount(500000, 0).in_units(2), stamp_duty.in_units(0)
(50000000, 3000)
>>> Amount(123450, 2).in_units(0)
Traceback (most recent call last):
    ...
ValueError: 1234.50 is finer than 0 decimals
"""

from dataclasses import dataclass

MOST_DECIMALS = 9
"""The minor unit is one digit."""


@dataclass(frozen=True, slots=True)
class Amount:
    """Rupiah or kWh. Two amounts are equal when they are written alike; compare worth with ``in_units``.

    ValueError for a negative value or other than 0 to 9 decimals.
    """

    value: int
    decimals: int

    def __post_init__(self) -> None:
        if self.value < 0 or not 0 <= self.decimals <= MOST_DECIMALS:
            raise ValueError(f"an amount is 0 or more with 0 to {MOST_DECIMALS} decimals, not {self.value}, {self.decimals}")

    def in_units(self, decimals: int) -> int:
        """The worth as a whole number of units with ``decimals`` decimals (2: cents). ValueError if that loses digits."""
        scaled, rest = divmod(self.value * int(10**decimals), int(10**self.decimals))
        if rest:
            raise ValueError(f"{self} is finer than {decimals} decimals")
        return scaled

    def __str__(self) -> str:
        if not self.decimals:
            return str(self.value)
        digits = f"{self.value:0{self.decimals + 1}}"
        return f"{digits[: -self.decimals]}.{digits[-self.decimals :]}"
