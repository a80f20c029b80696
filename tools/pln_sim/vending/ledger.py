"""The ledger: which token identifiers each meter has been given, in a file of its own.

Two tokens of one meter with one TID would be one purchase lost, since the meter takes a TID once. So a TID is reserved
here, durably, before its token is shown to anyone; one that is taken moves on to the next free minute, as the standard asks
(6.3.5). TIDs count from a base date, so a meter with a new base date starts over. A reservation that was never used, as
after a crash, costs a minute and nothing else.

>>> from itertools import islice
>>> list(islice(free_identifiers(TokenIdentifier(1439), taken=[1439, 1440, 1443]), 3))
[1442, 1444, 1445]
"""

from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import islice

from meter_emu.shell.database import Database
from meter_emu.sts.errors import RangeError
from meter_emu.sts.keys.key_store import MeterCard
from meter_emu.sts.numbers.token_identifier import LAST_TID, TokenIdentifier
from pln_sim.vending.generator import require_unexpired

FILE_NAME = "tids.db"


class Ledger(Database):
    """The ledger in one file, open. A context manager; one object serves one thread.

    FileError, one line that names the file and what to do, whenever the file cannot be used.
    """

    name = "token ledger"
    if_lost = "TIDs in it may then be given out again"
    application_id = 0x74696473
    migrations = (
        (
            """CREATE TABLE used_tid (
                   drn TEXT NOT NULL,
                   base_date TEXT NOT NULL,
                   tid INTEGER NOT NULL CHECK (tid BETWEEN 0 AND 16777215),
                   PRIMARY KEY (drn, base_date, tid)
               ) WITHOUT ROWID""",
        ),
    )

    def reserve(self, card: MeterCard, wanted: TokenIdentifier, count: int = 1) -> list[TokenIdentifier]:
        """The first ``count`` free TIDs of a meter from ``wanted`` on, ascending, from now on taken.

        All or none: RangeError if the TIDs of the base date run out, KeyExpired beyond the card's KEN.
        """
        meter = card.drn, card.parameters.base_date.value
        with self._transaction():
            rows = self._connection.execute(
                "SELECT tid FROM used_tid WHERE drn = ? AND base_date = ? AND tid >= ? ORDER BY tid", (*meter, wanted)
            )
            with closing(rows):
                tids = list(islice(free_identifiers(wanted, (tid for (tid,) in rows)), count))
            if len(tids) < count:
                base_date = card.parameters.base_date
                last = TokenIdentifier(LAST_TID).issued(base_date).isoformat(timespec="minutes")
                message = f"too few TIDs are free for meter {card.drn}: {len(tids)}, and {count} are wanted"
                raise RangeError(f"{message}; the last TID of base date {base_date.value} is {last}", field="tid")
            require_unexpired(card, tids[-1])
            self._connection.executemany(
                "INSERT INTO used_tid (drn, base_date, tid) VALUES (?, ?, ?)", ((*meter, int(tid)) for tid in tids)
            )
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
