"""The store of token identifiers that makes a token work once (IEC 62055-41 7.3.4): the latest 60 used.

A TID in the store is used. Once the store is full, a TID earlier than all in it is too old to tell, and refused.

>>> store = TidStore().remember(7)
>>> store.check(7), store.check(6)
(<ValidationResult.USED_ERROR: 'UsedError'>, None)
"""

from bisect import insort
from typing import NamedTuple

from meter_emu.meter.results import ValidationResult

CAPACITY = 60
"""The standard asks for at least 50."""


class TidStore(NamedTuple):
    """The used TIDs, ascending, CAPACITY of them at most."""

    tids: tuple[int, ...] = ()

    def check(self, tid: int) -> ValidationResult | None:
        """OldError or UsedError, or None if a token of this TID may be used."""
        if len(self.tids) >= CAPACITY and tid < self.tids[0]:
            return ValidationResult.OLD_ERROR
        return ValidationResult.USED_ERROR if tid in self.tids else None

    def remember(self, tid: int) -> "TidStore":
        """The store with ``tid`` used; the earliest makes room."""
        tids = list(self.tids)
        insort(tids, tid)
        return TidStore(tuple(tids[-CAPACITY:]))
