"""MeterClock, the meter's time in the window: so many meter seconds to a second, and for a while after a key one, or nobody
could key a token or read its answer. Real time comes in as nanoseconds of any steady clock.

>>> clock = MeterClock(start=1000, real=0)
>>> clock.set_speed(60, real=0)
>>> clock.now(real=2 * SECOND), clock.slow_down(real=2 * SECOND), clock.now(real=5 * SECOND)
(1120, None, 1123)
"""

from meter_emu.meter.clock import LAST, Seconds

SECOND = 1_000_000_000
KEYING_TIME = 20 * SECOND


class MeterClock:
    """Runs forward only."""

    def __init__(self, start: Seconds, real: int) -> None:
        self.speed = 1
        self._now = start * SECOND
        self._looked = real
        self._slow_until = real

    def now(self, real: int) -> Seconds:
        """The meter's time at ``real``."""
        if real > self._looked:
            slow = max(0, min(real, self._slow_until) - self._looked)
            fast = real - self._looked - slow
            self._now = min(LAST * SECOND, self._now + slow + fast * self.speed)
            self._looked = real
        return self._now // SECOND

    def set_speed(self, speed: int, real: int) -> None:
        """Another pace from now on, at once."""
        self.now(real)
        self.speed = speed
        self._slow_until = real

    def slow_down(self, real: int) -> None:
        """A key was pressed."""
        self.now(real)
        self._slow_until = real + KEYING_TIME

    def is_slowed(self, real: int) -> bool:
        """Whether time runs at its own pace because of a key."""
        return self.speed > 1 and real < self._slow_until

    def follow(self, at: Seconds) -> None:
        """Somebody else has let the meter's time pass further."""
        self._now = max(self._now, at * SECOND)
