"""Characters that take as long as on a real line, where the link itself knows no line time.

>>> pace = Pace(begun=10.0, baud=300, length=30)
>>> pace.due(10.0), pace.due(10.5), pace.due(11.0), round(pace.when(1), 4)
(0, 15, 30, 10.0333)
"""

from typing import NamedTuple

from firmware_proto.protocol.characters import BITS_PER_CHARACTER

ROUNDING = 1e-9


class Pace(NamedTuple):
    """``length`` characters that went off one after another from the moment ``begun`` on."""

    begun: float
    baud: int
    length: int

    def due(self, now: float) -> int:
        """How many have arrived in whole."""
        return min(self.length, int((now - self.begun) * self.baud / BITS_PER_CHARACTER + ROUNDING))

    def when(self, number: int) -> float:
        """The moment at which so many have."""
        return self.begun + number * BITS_PER_CHARACTER / self.baud
