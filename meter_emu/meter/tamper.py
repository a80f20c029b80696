"""Tamper: what makes a meter show PERIKSA and refuse credit until a clear-tamper token.

A sensor that fires latches the condition; the token clears the latch, but not a cause that is still there.

>>> tamper = Tamper().sense(Cause.METER_COVER, True, now=100).sense(Cause.METER_COVER, False, now=200)
>>> tamper.is_latched, tamper.events, tamper.clear().is_tampered
(True, 1, False)
"""

from enum import StrEnum
from typing import NamedTuple

from meter_emu.meter.clock import Seconds

LARGEST_DIFFERENCE = 300
"""mA between phase and neutral that still counts as none."""


class Cause(StrEnum):
    """What the meter's sensors tell apart."""

    TERMINAL_COVER = "terminal-cover"
    METER_COVER = "meter-cover"
    REVERSED = "reversed"
    BYPASS = "bypass"
    CURRENT_DIFFERENCE = "current-difference"


class Tamper(NamedTuple):
    """The latch, the causes there now, and the counters."""

    is_latched: bool = False
    causes: tuple[Cause, ...] = ()
    events: int = 0
    terminal_cover_openings: int = 0
    meter_cover_openings: int = 0
    last_cause: Cause | None = None
    last_at: Seconds = 0
    current_difference: int = 0
    """mA that the neutral carries more than the phase."""

    @property
    def is_tampered(self) -> bool:
        """Whether credit tokens are refused."""
        return self.is_latched or bool(self.causes)

    def sense(self, cause: Cause, present: bool, now: Seconds) -> "Tamper":
        """A sensor's report; one that says nothing new changes nothing."""
        if present == (cause in self.causes):
            return self
        if not present:
            return self._replace(causes=tuple(other for other in self.causes if other is not cause))
        return self._replace(
            is_latched=True,
            causes=(*self.causes, cause),
            events=self.events + 1,
            terminal_cover_openings=self.terminal_cover_openings + (cause is Cause.TERMINAL_COVER),
            meter_cover_openings=self.meter_cover_openings + (cause is Cause.METER_COVER),
            last_cause=cause,
            last_at=now,
        )

    def sense_difference(self, milliamps: int, now: Seconds) -> "Tamper":
        """Phase and neutral are measured: above 300 mA apart, current leaves the meter another way."""
        measured = self._replace(current_difference=milliamps)
        return measured.sense(Cause.CURRENT_DIFFERENCE, abs(milliamps) > LARGEST_DIFFERENCE, now)

    def clear(self) -> "Tamper":
        """After a clear-tamper token."""
        return self._replace(is_latched=False)
