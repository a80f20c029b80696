"""Lockout: guessing is made slow. The 3rd wrong token locks for 10 s, each further one twice as long, up to 1 280 s.

Wrong is a token with a FormatError or a CRCError, not a used or old one. An accepted token of the meter's own, or a power
cycle, clears the count.

>>> lockout = Lockout()
>>> for _ in range(4):
...     lockout = lockout.after_wrong_token(now=100)
>>> lockout.seconds_left(now=100), lockout.seconds_left(now=121)
(20, 0)
"""

from typing import NamedTuple

from meter_emu.meter.clock import Seconds

FREE_TRIES = 2
FIRST_LOCK: Seconds = 10
LONGEST_LOCK: Seconds = 1280
_MOST_DOUBLINGS = (LONGEST_LOCK // FIRST_LOCK).bit_length() - 1


class Lockout(NamedTuple):
    """How many wrong tokens in a row, and until when the meter refuses."""

    wrong_tokens: int = 0
    until: Seconds = 0

    def after_wrong_token(self, now: Seconds) -> "Lockout":
        """One more wrong token at ``now``."""
        wrong = self.wrong_tokens + 1
        if wrong <= FREE_TRIES:
            return Lockout(wrong, self.until)
        return Lockout(wrong, now + lock_time(wrong))

    def seconds_left(self, now: Seconds) -> Seconds:
        """How long the meter still refuses; 0 when it does not."""
        return max(0, self.until - now)


def lock_time(wrong: int) -> Seconds:
    """How long the ``wrong``-th wrong try in a row locks, from the first that does."""
    return FIRST_LOCK << min(wrong - FREE_TRIES - 1, _MOST_DOUBLINGS)
