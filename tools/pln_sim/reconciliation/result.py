"""Reconciliation Result Type (attachment B): what the collecting agent asks for, and what PLN decides."""

from enum import Enum


class Result(Enum):
    """Reconciliation Result Type: what the collecting agent asks for in .rcn, and what PLN answers in .fcn."""

    FORCE = 1
    CANCEL = 2
    FORCED = 3
    NOT_FORCED = 4
    CANCELLED = 5
    NOT_CANCELLED = 6

    @property
    def prefix(self) -> bytes:
        """What a row of .rcn or .fcn begins with."""
        return b"%d|" % self.value

    @property
    def is_sold(self) -> bool:
        """Of a verdict: whether the transaction counts as sold from now on, in both ledgers."""
        return self in (Result.FORCED, Result.NOT_CANCELLED)

    @property
    def words(self) -> str:
        """As people say it.

        >>> Result.NOT_CANCELLED.words
        'not cancelled'
        """
        return self.name.lower().replace("_", " ")
