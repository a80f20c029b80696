"""How long the ends of a line wait (IEC 62056-21, 6.3.14 and annex A). Seconds, all of them.

Between a message and its answer lie at least 200 ms, or 20 ms where the third letter of the maker's name is small, and at most
1.5 s; as much may lie between two characters of a message. A meter that is not spoken to for a while (60 to 120 s) gives up.
Where the rate changes, a client may need longer than that before it hears again.
"""

from dataclasses import dataclass
from enum import Enum

SHORT_REACTION = 0.020
LONG_REACTION = 0.200


class Wait(Enum):
    """What an end waits for in a state, and so which of the times below it is."""

    REACTION = "reaction_maximum"
    INACTIVITY = "inactivity"


@dataclass(frozen=True, slots=True)
class Timing:
    """The waiting times of one end."""

    reaction_minimum: float | None = None
    """Before an answer is sent; None: as the maker's third letter says. 0 suits a line without line time, such as TCP."""
    reopening: float = 0.0
    """Before a meter speaks at a rate that was just agreed on: clients open their port anew for it, and throw away what came
    before that."""
    reaction_maximum: float = 1.5
    """For an answer to begin."""
    character_gap: float = 1.5
    """Between two characters of one message."""
    inactivity: float = 60.0
    """For a meter's next command."""
    repeats: int = 3
    """How often, one after another, a message is sent again before the session is given up."""
    has_line_time: bool = True
    """Whether a call takes its time on the line, and may be lost there. Else its answer is due at once, and it is repeated
    once: a line behind a TCP port may have swallowed it all the same."""

    @property
    def calls_repeated(self) -> int:
        """How often a meter that does not answer is called again."""
        return self.repeats if self.has_line_time else min(self.repeats, 1)

    def seconds(self, wait: Wait) -> float:
        """How long that is."""
        return self.reaction_maximum if wait is Wait.REACTION else self.inactivity

    def reaction(self, maker: str) -> float:
        """How long to wait before answering a meter of this maker, or as this meter.

        >>> Timing().reaction("ABC"), Timing().reaction("ABc"), Timing(reaction_minimum=0).reaction("ABC")
        (0.2, 0.02, 0)
        """
        if self.reaction_minimum is not None:
            return self.reaction_minimum
        return SHORT_REACTION if maker[2:].islower() else LONG_REACTION


STANDARD_TIMING = Timing()
