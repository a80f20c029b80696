"""Duration: a length of time on the command line."""

from math import isnan
from typing import Any

import click


class Duration(click.FloatRange):
    """A length of time in seconds, within bounds; unless told otherwise from a millisecond to a day."""

    name = "seconds"

    def __init__(self, shortest: float = 0.001, longest: float = 86_400) -> None:
        super().__init__(min=shortest, max=longest)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number; a usage error for anything else, and for what is no number and so neither too small nor too large."""
        seconds = float(super().convert(value, param, ctx))
        if isnan(seconds):
            self.fail(f"{value!r} is not a time in the range {self.min} to {self.max}", param, ctx)
        return seconds
