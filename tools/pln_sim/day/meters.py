"""What customers have on the wall. The supply side knows no meter: the command line hands one in."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple, Protocol


class Keyed(NamedTuple):
    """What a meter said to a token."""

    is_accepted: bool
    lcd: tuple[str, ...]
    """The texts it showed, one after the other."""


class Meters(Protocol):
    """Meters, by their numbers."""

    def install(self, meters: Iterable[str], at: datetime) -> None:
        """Hang them on the walls."""

    def enter(self, meter: str, token: str, at: datetime) -> Keyed:
        """Key a token in."""
