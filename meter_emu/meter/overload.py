"""The power limit: load above it is warned of, then trips the relay; too many trips lock it.

After the warning time the relay opens for a minute. The fifth trip within 30 minutes opens it for 30 minutes instead.

>>> overload = Overload(limit=900)
>>> overload = overload.watch(1000, now=0)
>>> overload.trip_due(warning=30), overload.trip(now=30).open_until
(30, 90)
"""

from typing import NamedTuple

from meter_emu.meter.clock import MINUTE, Seconds

PAUSE: Seconds = MINUTE
TRIPS_TO_LOCK = 5
TRIP_WINDOW: Seconds = 30 * MINUTE
LOCK: Seconds = 30 * MINUTE


class Overload(NamedTuple):
    """The limit in W (None: none was ever set), and what became of loads above it."""

    limit: int | None = None
    since: Seconds | None = None
    """When the present overload began; None while there is none."""
    open_until: Seconds | None = None
    """When a tripped relay closes again; None while it is not tripped."""
    recent_trips: tuple[Seconds, ...] = ()
    trips: int = 0
    """All trips ever (short code 68)."""

    def watch(self, flowing: int, now: Seconds) -> "Overload":
        """What the meter sees at ``now`` when ``flowing`` watts run through it: an overload begins, goes on or is over."""
        is_over = self.limit is not None and flowing > self.limit
        if is_over == (self.since is not None):
            return self
        return self._replace(since=now if is_over else None)

    def trip_due(self, warning: Seconds) -> Seconds | None:
        """When the present overload trips the relay; None without one."""
        return None if self.since is None else self.since + warning

    def trip(self, now: Seconds) -> "Overload":
        """The relay opens, for a minute or, the fifth time in 30 minutes, for 30."""
        recent = (*(trip for trip in self.recent_trips if now - trip < TRIP_WINDOW), now)
        locks = len(recent) >= TRIPS_TO_LOCK
        return self._replace(
            since=None,
            open_until=now + (LOCK if locks else PAUSE),
            recent_trips=() if locks else recent,
            trips=self.trips + 1,
        )

    def close(self) -> "Overload":
        """The pause is over."""
        return self._replace(open_until=None)

    @property
    def is_locked(self) -> bool:
        """Whether the relay is open for the long time. Only the fifth trip empties the list of recent ones."""
        return self.open_until is not None and not self.recent_trips
