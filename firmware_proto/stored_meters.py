"""StoredMeters: the meters of a store as they are now, read from it once for each time that someone has changed them.

Whoever changes them: the store tells when another process has committed, and what this one commits it knows.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from meter_emu.meter import Meter
from meter_emu.meter.clock import Seconds
from meter_emu.store import Entry, Store, UnknownMeter
from meter_emu.sts.numbers import Drn

Result = TypeVar("Result")


class StoredMeters:
    """``world`` is the civil time; a meter whose clock was set ahead counts its own. FileError is the only error."""

    def __init__(self, store: Store, world: Callable[[], Seconds]) -> None:
        self._store = store
        self._world = world
        self._version: int | None = None
        self._read: dict[Drn, Meter] = {}
        self._told: set[Drn] = set()

    def version(self) -> int:
        """Another number than before once another process has changed something."""
        return self._store.version()

    def drns(self) -> tuple[Drn, ...]:
        """All that are installed, in the order of their installation."""
        return self._store.drns()

    def look(self, drn: Drn) -> Meter:
        """A meter as it is now. Nothing is written."""
        meter = self.stored(drn)
        self._told.add(drn)
        return meter.advance(meter.time_at(self._world()))

    def stored(self, drn: Drn) -> Meter:
        """A meter as it was last committed."""
        version = self._store.version()
        if version != self._version:
            self._version = version
            self._read.clear()
        meter = self._read.get(drn)
        if meter is None:
            meter = self._read[drn] = self._store.load(drn)
        return meter

    def told(self) -> frozenset[Drn]:
        """Those that were looked at since they were last committed: someone knows more of them than the store."""
        return frozenset(self._told)

    def let_pass(self, drn: Drn) -> None:
        """Commit the time that has passed for a meter. One that was taken away meanwhile is forgotten."""
        try:
            self.change(drn, lambda meter, now: (meter.advance(now), (), None))
        except UnknownMeter:
            return

    def change(self, drn: Drn, act: Callable[[Meter, Seconds], tuple[Meter, Sequence[Entry], Result]]) -> Result:
        """Act on a meter, durably. ``act`` gets the meter and the time as the meter counts it."""

        def acted(meter: Meter) -> tuple[Meter, Sequence[Entry], tuple[Meter, Result]]:
            after, entries, result = act(meter, meter.time_at(self._world()))
            return after, entries, (after, result)

        self._told.discard(drn)
        self._read.pop(drn, None)
        after, result = self._store.change(drn, acted)
        self._read[drn] = after
        return result
