"""The low-credit alarm: a beep each time an interval has passed since the credit fell to the limit.

>>> alarm = Alarm(low_since=1000)
>>> alarm.is_sounding(now=1000), alarm.is_sounding(now=1010), alarm.is_sounding(now=1000 + 30 * MINUTE)
(True, False, True)
"""

from typing import NamedTuple

from meter_emu.meter.clock import MINUTE, Seconds
from meter_emu.meter.energy import KWH, WattSeconds

BEEP: Seconds = 5
MUTE: Seconds = 30 * MINUTE


class Alarm(NamedTuple):
    """The limit, the interval (0: off), since when the credit is at or below the limit, until when it was muted."""

    limit: WattSeconds = 5 * KWH
    interval: Seconds = 30 * MINUTE
    low_since: Seconds | None = None
    muted_until: Seconds = 0

    def watch(self, balance: WattSeconds, now: Seconds) -> "Alarm":
        """What the meter sees at ``now``: credit has become low, or is no longer."""
        is_low = balance <= self.limit
        if is_low == (self.low_since is not None):
            return self
        return self._replace(low_since=now if is_low else None)

    def mute(self, now: Seconds) -> "Alarm":
        """No beep for the next 30 minutes."""
        return self._replace(muted_until=now + MUTE)

    def is_sounding(self, now: Seconds) -> bool:
        """Whether the buzzer beeps at ``now``."""
        if self.low_since is None or self.interval == 0 or now < self.muted_until:
            return False
        return (now - self.low_since) % self.interval < BEEP
