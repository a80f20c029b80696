"""Matching (section 5, step 3): the collecting agent compares .txt and .ftr by PLN reference. Pure.

Only in .txt, the gateway sold and the switching does not know of it: result 2, cancel. Only in .ftr: result 1, force. In both
but with another amount, meter or token: a discrepancy, for people to settle. The document speaks of the "intersection" of the
two files where it means their difference.

>>> here = b"20080725110511|10000D3|6015|" + b"A" * 32 + b"|" + b"R" * 32 + b"|04176855916|000050000000|" + b"0" * 104 + b"\\n"
>>> there = here.replace(b"50000000", b"50000001")
>>> [match([here], [here]), match([here], []).suspects[0][:2], match([], [here]).suspects[0][:2]]
[Matched(suspects=[], discrepancies=[]), b'2|', b'1|']
>>> different_columns(*match([here], [there]).discrepancies[0])
('TRAN_AMOUNT',)
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from pln_sim.reconciliation.columns import TRANSACTIONS
from pln_sim.reconciliation.groups import Stream, in_groups
from pln_sim.reconciliation.result import Result

_REFERENCE = TRANSACTIONS.reference
_COMPARED = {column.name: TRANSACTIONS.slices[column.name] for column in TRANSACTIONS.columns if column.is_compared}


class Matched(NamedTuple):
    """What is not alike in two files, or in a group of their rows, by reference."""

    suspects: list[bytes]
    """Rows of .rcn."""
    discrepancies: list[tuple[bytes, bytes]]
    """The gateway's row and the switching's."""


class Duplicate(ValueError):
    """A reference stands twice in one file: ``side`` 0 is .txt, 1 is .ftr."""

    def __init__(self, side: int, reference: str) -> None:
        super().__init__(f"the PLN reference {reference} stands there twice")
        self.side, self.reference = side, reference


def match(gateway: Sequence[bytes], switching: Sequence[bytes]) -> Matched:
    """Compare all rows there are of some references. Duplicate if one has two rows on the same side."""
    for side, rows in enumerate((gateway, switching)):
        require_unique(rows, side)
    ours, theirs = set(gateway), set(switching)
    # Nearly all rows are equal to the last byte; only the others are looked at.
    left = {row[_REFERENCE]: row for row in ours - theirs}
    right = {row[_REFERENCE]: row for row in theirs - ours}
    matched = Matched([], [])
    for reference in sorted(left.keys() | right.keys()):
        if reference not in right:
            matched.suspects.append(Result.CANCEL.prefix + left[reference])
        elif reference not in left:
            matched.suspects.append(Result.FORCE.prefix + right[reference])
        elif different_columns(left[reference], right[reference]):
            matched.discrepancies.append((left[reference], right[reference]))
    return matched


def match_streams(gateway: Stream, switching: Stream, folder: Path) -> Iterator[Matched]:
    """Compare two files of any length, a group of references after the other. Errors as of ``match`` and ``in_groups``."""
    for ours, theirs in in_groups([gateway, switching], [_REFERENCE] * 2, folder):
        yield match(ours, theirs)


def require_unique(rows: Sequence[bytes], side: int = 0, reference: slice = _REFERENCE) -> None:
    """Duplicate if a reference stands in two of the rows."""
    references = {row[reference] for row in rows}
    if len(references) < len(rows):
        for row in rows:
            if row[reference] not in references:
                raise Duplicate(side, row[reference].decode("ascii"))
            references.remove(row[reference])


def different_columns(gateway: bytes, switching: bytes) -> tuple[str, ...]:
    """The columns in which two rows of one reference must not differ, and do."""
    return tuple(name for name, place in _COMPARED.items() if gateway[place] != switching[place])
