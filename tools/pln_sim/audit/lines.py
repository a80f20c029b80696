"""A reconciliation file in pieces of whole lines, without its header and checksum row, which are checked here.

Nothing in a file stops an audit: a header that is not there, a file that is cut off and a line without an end are mismatches
like others. Only one that changes meanwhile does. No more than two pieces are held.

>>> from io import BytesIO
>>> lines = AuditedLines(BytesIO(TRANSACTIONS.header + b"some row\\n"))
>>> [(piece.first_line, len(piece.octets)) for piece in lines]
[(2, 9)]
>>> [str(example) for example in lines.examples]
['line 2: there is no checksum row: is the file cut off?']
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from meter_emu.sts.bulk.arrays import SLICE
from pln_sim.audit.errors import AuditStopped
from pln_sim.audit.mismatch import Example, Mismatch
from pln_sim.audit.source import Range, Source, changed
from pln_sim.reconciliation.columns import DELIMITER, TRANSACTIONS

PIECE_BYTES = SLICE * TRANSACTIONS.width
LONGEST_LINE = 64 * 1024
_PLACE = {column.name: place for place, column in enumerate(TRANSACTIONS.columns)}


@dataclass(frozen=True)
class Piece:
    """Some lines, each with its line end, and the number of the first one. Its repr shows none of them: tokens are inside."""

    first_line: int
    octets: bytes = field(repr=False)
    range: Range | None = field(default=None, repr=False)
    """Where in the file they are, to the letter; None if nobody else can read it."""


class AuditedLines:
    """The pieces of a file. ``examples`` and ``rows`` are right when the last one was taken.

    ``source`` says which file on the disk it is, if it is one: then the pieces tell where they are in it, and AuditStopped ends
    them if it is not the same file in the end.
    """

    def __init__(
        self,
        file: BinaryIO,
        progress: Callable[[int], None] = lambda _: None,
        piece_bytes: int = PIECE_BYTES,
        source: Source | None = None,
    ) -> None:
        self.examples: list[Example] = []
        self.rows = 0
        """Lines between header and checksum row."""
        self._file = file
        self._progress = progress
        self._piece_bytes = piece_bytes
        self._read_from = self._source = source
        self._line = 1
        self._offset = 0

    def __iter__(self) -> Iterator[Piece]:
        held, is_ended = self._after_the_header(), False
        while not is_ended:
            octets = self._read()
            is_ended = not octets
            octets = held + octets
            # The last line may be the checksum row, or not be all there.
            end = octets.rfind(b"\n", 0, max(0, len(octets) - 1)) + 1
            if end:
                yield self._piece(octets[:end])
            held = octets[end:]
            if len(held) > LONGEST_LINE:
                # No row is that long, so nothing is lost with its middle; but where things are in the file is.
                held, self._source = held[:LONGEST_LINE] + held[-1:], None
        if not self._is_checksum_row(held) and held:
            yield self._piece(held if held.endswith(b"\n") else held + b"\n")
        if self._read_from is not None and not self._read_from.is_in(self._file):
            raise AuditStopped(changed(self._read_from.path))

    def _after_the_header(self) -> bytes:
        first = self._file.readline(LONGEST_LINE)
        self._progress(len(first))
        if first.rstrip(b"\r\n") == TRANSACTIONS.header.rstrip():
            self._line = 2
            self._offset = len(first)
            return b""
        self._complain("the first line must be the header row")
        return first

    def _read(self) -> bytes:
        octets = self._file.read(self._piece_bytes)
        self._progress(len(octets))
        return octets

    def _piece(self, octets: bytes) -> Piece:
        place = Range(self._line, self._source, self._offset, len(octets)) if self._source else None
        piece = Piece(self._line, octets, place)
        self._offset += len(octets)
        lines = octets.count(b"\n")
        self._line += lines
        self.rows += lines
        return piece

    def _is_checksum_row(self, line: bytes) -> bool:
        texts = line.rstrip(b"\r\n").split(DELIMITER)
        meter, count = (texts[_PLACE[name]] if len(texts) == len(_PLACE) else b"" for name in ("METERNUM", "REFNUM"))
        if not meter or meter.strip(b"0") or not count.isdigit():
            self._complain("there is no checksum row: is the file cut off?")
            return False
        if len(count) > 40 or int(count) != self.rows:
            self._complain(f"the checksum row counts {int(count[:40])} transactions, the file has {self.rows}")
        return True

    def _complain(self, text: str) -> None:
        self.examples.append(Example(self._line, Mismatch.INCOMPLETE_FILE, "", "", text))
