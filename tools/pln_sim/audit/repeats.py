"""Repeats, what stands in a file twice, however long the file is.

Every entry is two numbers that must not come again, a third that tells apart what came with them, and its line. Entries are
gathered in memory, and dealt out to the parts of one temporary file by their first number when they become many; in the
end each part is sorted by itself, so that only a part of them is ever held. The temporary file has no name, and nobody else
can open it.

>>> repeats = Repeats()
>>> repeats.add(np.array([7, 8, 7, 7]), np.array([1, 1, 1, 2]), np.array([50, 50, 60, 50]), np.array([2, 3, 4, 5]))
>>> [(found.first.tolist(), found.line.tolist(), found.earlier.tolist()) for found in repeats.found()]
[([7], [4], [2])]
>>> repeats.close()
"""

import os
import tempfile
from collections.abc import Iterator
from itertools import pairwise
from types import TracebackType
from typing import IO, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from meter_emu.shell.errors import FileError
from pln_sim.audit.rows import Numbers

HELD = 1 << 19
"""Entries in memory before they are dealt out: 16 MB."""
PARTS = 64
_COLUMNS = 4
_ENTRY_BYTES = 8 * _COLUMNS
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
"""2^64 over the golden ratio: neighbours go to different parts."""
_PART_BITS = 6


class Found(NamedTuple):
    """Entries that came again with another third number: their first number, their lines, the earliest line of the same two."""

    first: Numbers
    line: Numbers
    earlier: Numbers


class Repeats:
    """A context manager; it holds a temporary file as soon as there is much."""

    def __init__(self, held: int = HELD) -> None:
        self._most = held
        self._held: list[NDArray[np.uint64]] = []
        self._count = 0
        self._file: IO[bytes] | None = None
        self._stored: list[list[tuple[int, int]]] = [[] for _ in range(PARTS)]
        """For each part, where its entries are in the file: offset and length in bytes."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Drop the temporary file."""
        if self._file is not None:
            self._file.close()

    def add(self, first: NDArray[np.generic], second: NDArray[np.generic], third: NDArray[np.generic], line: Numbers) -> None:
        """Entries, in the order of their lines. FileError if there is no room for the temporary file."""
        entries = np.stack([column.astype(np.uint64) for column in (first, second, third, line)], axis=1)
        self._held.append(entries)
        self._count += len(entries)
        if self._count >= self._most:
            self._deal_out()

    def found(self) -> Iterator[Found]:
        """All that came again: in no order, a part after the other. FileError as for ``add``."""
        if self._file is None:
            yield _found(self._take())
            return
        self._deal_out()
        for places in self._stored:
            pieces = []
            for offset, length in places:
                self._file.seek(offset)
                pieces.append(np.frombuffer(self._file.read(length), dtype=np.uint64).reshape(-1, _COLUMNS))
            if pieces:
                yield _found(np.concatenate(pieces))

    def _take(self) -> NDArray[np.uint64]:
        """The entries that are held; they are held no more."""
        entries = np.concatenate([np.empty((0, _COLUMNS), dtype=np.uint64), *self._held])
        self._held, self._count = [], 0
        return entries

    def _deal_out(self) -> None:
        entries = self._take()
        part = (entries[:, 0] * _SPREAD) >> np.uint64(64 - _PART_BITS)
        entries = entries[np.argsort(part, kind="stable")]
        ends = np.cumsum(np.bincount(part.astype(np.intp), minlength=PARTS)).tolist()
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile(prefix="pln-sim-audit-")  # noqa: SIM115 - closed by close()
            offset = self._file.seek(0, os.SEEK_END)
            self._file.write(entries.tobytes())
            self._file.flush()
        except OSError as error:
            reason = f"{error.strerror}: looking for repeated tokens in a large file needs room there"
            raise FileError(f"{tempfile.gettempdir()}: {reason}, or name another TMPDIR") from error
        for number, (start, end) in enumerate(pairwise([0, *ends])):
            if end > start:
                self._stored[number].append((offset + start * _ENTRY_BYTES, (end - start) * _ENTRY_BYTES))


def _found(entries: NDArray[np.uint64]) -> Found:
    first, second, third, line = entries[np.lexsort(entries.T[::-1])].T
    is_new_pair = np.concatenate([[True], (first[1:] != first[:-1]) | (second[1:] != second[:-1])])[: len(first)]
    is_new_third = is_new_pair | np.concatenate([[True], third[1:] != third[:-1]])[: len(first)]
    # Of entries alike in all three, the one with the first line stands for all: the others are no news here.
    first, line = first[is_new_third], line[is_new_third].astype(np.int64)
    pair = np.cumsum(is_new_pair[is_new_third]) - 1
    earliest = np.full(int(pair[-1]) + 1 if len(pair) else 0, np.iinfo(np.int64).max)
    np.minimum.at(earliest, pair, line)
    earlier = earliest.take(pair)
    is_again = line > earlier
    return Found(first[is_again].astype(np.int64), line[is_again], earlier[is_again])
