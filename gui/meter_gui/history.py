"""History: power and credit over the meter's time, as the window saw them, for the plot.

Between two changes of the power the credit falls in a straight line, so only the corners are kept.

>>> history = History().saw(0, 1000, 50_000).saw(10, 1000, 40_000).saw(20, 0, 30_000).saw(30, 0, 30_000)
>>> history.corners
(Corner(at=0, watts=1000, balance=50000), Corner(at=20, watts=0, balance=30000), Corner(at=30, watts=0, balance=30000))
"""

from typing import NamedTuple

from meter_emu.meter.clock import Seconds
from meter_emu.meter.energy import WattSeconds

MOST_CORNERS = 1200


class Corner(NamedTuple):
    """The power from ``at`` on, and the credit at ``at``."""

    at: Seconds
    watts: int
    balance: WattSeconds


class History(NamedTuple):
    """Corners in the order of time; the last one is what was seen last."""

    corners: tuple[Corner, ...] = ()

    def saw(self, at: Seconds, watts: int, balance: WattSeconds) -> "History":
        """The history with one look more. One that says nothing new on the same second changes nothing."""
        seen = Corner(at, watts, balance)
        if not self.corners:
            return History((seen,))
        last = self.corners[-1]
        if seen == last:
            return self
        if at < last.at:
            return History((seen,))
        kept = self.corners[:-1] if self._is_on_a_line(seen) else self.corners
        return History((*kept, seen)[-MOST_CORNERS:])

    def _is_on_a_line(self, seen: Corner) -> bool:
        """Whether the last corner is none: the one before it leads straight through it to what is seen now."""
        if len(self.corners) < 2:
            return False
        before, last = self.corners[-2:]
        return (
            before.watts == last.watts
            and last.balance == before.balance - before.watts * (last.at - before.at)
            and seen.balance == last.balance - last.watts * (seen.at - last.at)
        )
