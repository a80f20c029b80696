"""The ledger: which token identifiers are free for a meter.

Two tokens of one meter with one TID would be one purchase lost, since the meter takes a TID once. So a TID is reserved,
durably, before its token is shown to anyone; one that is taken moves on to the next free minute, as the standard asks
(6.3.5). TIDs count from a base date, so a meter with a new base date starts over. Those that are taken stand in the vending
database; a reservation that was never used, as after a crash, costs a minute and nothing else.

>>> from itertools import islice
>>> list(islice(free_identifiers(TokenIdentifier(1439), taken=[1439, 1440, 1443]), 3))
[1442, 1444, 1445]
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from meter_emu.sts.errors import RangeError
from meter_emu.sts.keys.key_store import MeterCard
from meter_emu.sts.numbers.drn import Drn
from meter_emu.sts.numbers.token_identifier import LAST_TID, TokenIdentifier
from pln_sim.vending.generator import require_unexpired


class Ledger(Protocol):
    """Which TIDs are taken, as pln_sim.storage keeps them."""

    def free_tids(self, meter: Drn, base_date: str, wanted: TokenIdentifier, count: int = 1) -> list[TokenIdentifier]:
        """The first TIDs from ``wanted`` on that no token of the meter has; fewer than ``count`` if no more are left."""

    def take_tids(self, meter: Drn, base_date: str, tids: Sequence[TokenIdentifier]) -> None:
        """From now on tokens have them."""


def free(ledger: Ledger, card: MeterCard, wanted: TokenIdentifier, count: int = 1) -> list[TokenIdentifier]:
    """The first ``count`` free TIDs of a meter from ``wanted`` on, ascending.

    RangeError if the TIDs of the base date run out, KeyExpired beyond the card's KEN.
    """
    base_date = card.parameters.base_date
    tids = ledger.free_tids(card.drn, base_date.value, wanted, count)
    if len(tids) < count:
        last = TokenIdentifier(LAST_TID).issued(base_date).isoformat(timespec="minutes")
        message = f"too few TIDs are free for meter {card.drn}: {len(tids)}, and {count} are wanted"
        raise RangeError(f"{message}; the last TID of base date {base_date.value} is {last}", field="tid")
    require_unexpired(card, tids[-1])
    return tids


def reserve(ledger: Ledger, card: MeterCard, wanted: TokenIdentifier, count: int = 1) -> list[TokenIdentifier]:
    """The same TIDs, from now on taken. All or none."""
    tids = free(ledger, card, wanted, count)
    ledger.take_tids(card.drn, card.parameters.base_date.value, tids)
    return tids


def free_identifiers(wanted: TokenIdentifier, taken: Iterable[int]) -> Iterator[TokenIdentifier]:
    """The TIDs from ``wanted`` on that are neither in ``taken`` (ascending, none below ``wanted``) nor in the minute 00:01."""
    taken = iter(taken)
    next_taken = next(taken, None)
    for minutes in range(wanted, LAST_TID + 1):
        if minutes == next_taken:
            next_taken = next(taken, None)
        elif (tid := TokenIdentifier(minutes)) == tid.unreserved:
            yield tid
