"""What the links have in common: how a line is spoken on one, and how one is opened."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from firmware_proto.bench import Bench, Line
from firmware_proto.protocol import EIGHT_NONE, INITIAL_BAUD, SEVEN_EVEN, Timing

REOPENING_TIME = 0.3
"""Seconds a meter on a port waits after an option select, in which a client opens its port anew at the other rate."""

TIMING_OF_A_PORT = Timing(reopening=REOPENING_TIME)


class Parity(Enum):
    """How characters stand on the line."""

    SEVEN_EVEN = "7E1"
    EIGHT_NONE = "8N1"


@dataclass(frozen=True, slots=True)
class Manner:
    """How a line is spoken. None: as the kind of link has it."""

    reaction_time: float | None = None
    """Seconds between a message and its answer, whichever that is."""
    parity: Parity | None = None
    is_real_baud: bool = False
    initial_baud: int = INITIAL_BAUD

    def line(self, bench: Bench, timing: Timing, *, in_software: bool) -> Line:
        """A new line on a link whose own timing this is. ``in_software``: the link carries eight bits whatever they mean, so a
        parity bit has to be put among them."""
        if self.reaction_time is not None:
            timing = Timing(reaction_minimum=self.reaction_time)
        has_parity = in_software and self.parity is Parity.SEVEN_EVEN
        return bench.new_line(timing, SEVEN_EVEN if has_parity else EIGHT_NONE, self.initial_baud)


Lost = Callable[[str], None]
"""Told, in one line, when a link can go on no more."""


class Link(Protocol):
    """A kind of link, with all that it has to know."""

    def opened(self, bench: Bench, manner: Manner, lost: Lost) -> AbstractContextManager[str]:
        """Plug the bench in, inside a running event loop; the name by which clients open the link. AddressError or OSError
        if it cannot be had."""
