"""WallMeter, the meter as the window reaches it. Whoever opens the window hands one in; the window's own code never knows
where the meter is kept."""

from collections.abc import Sequence
from typing import Protocol

from meter_emu.meter import Cause, Key, Meter
from meter_emu.meter.clock import Seconds


class WallMeter(Protocol):
    """A meter that others may reach too. Every act is durable when it returns, with the meter as it is then.

    ``now`` is the world's time; the meter's own may be ahead of it. All methods raise FileError, one line, when the memory
    cannot be used.
    """

    def version(self) -> int:
        """Another number once somebody else has changed something; cheap to ask."""

    def load(self) -> Meter:
        """The meter as it was last left."""

    def let_pass(self, now: Seconds) -> Meter:
        """Time passes up to ``now``."""

    def press(self, keys: Sequence[Key], now: Seconds) -> Meter:
        """Keys are pressed one after the other."""

    def set_load(self, watts: int, now: Seconds) -> Meter:
        """The house asks for ``watts``."""

    def switch_power(self, now: Seconds, *, is_on: bool) -> Meter:
        """The supply fails or comes back."""

    def sense(self, cause: Cause, now: Seconds, *, is_present: bool) -> Meter:
        """A tamper sensor reports."""

    def stick_relay(self, now: Seconds, *, is_stuck: bool) -> Meter:
        """The relay sticks, or is repaired."""
