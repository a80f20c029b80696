"""What the meter remembers of the tokens it took, for the short codes: credit tokens, engineering tokens.

>>> history = History().add_credit("12345678901234567890", 360_000)
>>> history.credit_tokens, history.last_credits
(1, (('12345678901234567890', 360000),))
"""

from typing import NamedTuple

from meter_emu.meter.energy import WattSeconds

CREDITS_KEPT = 5
ENGINEERING_KEPT = 3


class History(NamedTuple):
    """Counts over the meter's life, and the last few tokens with the latest first."""

    credit_tokens: int = 0
    last_credits: tuple[tuple[str, WattSeconds], ...] = ()
    engineering_tokens: int = 0
    last_engineering: tuple[str, ...] = ()

    def add_credit(self, digits: str, amount: WattSeconds) -> "History":
        """One more credit token."""
        last = ((digits, amount), *self.last_credits)[:CREDITS_KEPT]
        return self._replace(credit_tokens=self.credit_tokens + 1, last_credits=last)

    def add_engineering(self, digits: str) -> "History":
        """One more token of class 2."""
        last = (digits, *self.last_engineering)[:ENGINEERING_KEPT]
        return self._replace(engineering_tokens=self.engineering_tokens + 1, last_engineering=last)
