"""MeterView: what a virtual meter's memory says, as far as a refused token is concerned. The command line looks into it.

Nobody at a real help desk sees this; there the customer reads short codes from the display.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from meter_emu.sts.numbers.drn import Drn


@dataclass(frozen=True)
class MeterView:
    """A meter's memory."""

    ti: str
    """The tariff index of its key."""
    krn: int
    accepted_at: Mapping[str, datetime]
    """When it took which token, as far as its journal is looked through."""
    has_used: Callable[[int], bool]
    """Whether a TID is used."""
    finds_too_old: Callable[[int], bool]
    """Whether a TID is earlier than all that it remembers."""
    has_expired: Callable[[int], bool]
    """Whether a TID lies beyond the expiry of its key."""
    is_tampered: bool
    locked_seconds: int
    has_power: bool


LookIntoMeter = Callable[[Drn], MeterView | None]
"""The memory of a meter; None if there is no such meter."""
