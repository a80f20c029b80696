"""The discrepancy report: transactions that both parties sold, but with another amount, meter or token. Ours, for people.

The document has no file for them. This one is like the others, with the side in front, G for the gateway's row and S for the
switching's, the two of a transaction one below the other. Their money is held back until people have settled it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from types import TracebackType
from typing import Self

from meter_emu.shell.errors import FileError
from pln_sim.reconciliation.columns import TRANSACTIONS
from pln_sim.reconciliation.data_file import private
from pln_sim.reconciliation.errors import BrokenFile
from pln_sim.reconciliation.result import Result

_HEADER = b"SIDE|" + TRANSACTIONS.header
_WIDTH = 2 + TRANSACTIONS.width


class Side(Enum):
    """Whose ledger, by the letter in front of its rows."""

    GATEWAY = b"G|"
    SWITCHING = b"S|"

    def change(self, result: Result) -> int:
        """How many transactions a verdict adds to what this side reported: 1, 0 or -1.

        >>> [Side.GATEWAY.change(result) for result in (Result.FORCED, Result.CANCELLED, Result.NOT_CANCELLED)]
        [1, -1, 0]
        """
        adds, takes = _CHANGES[self]
        return (result is adds) - (result is takes)


_CHANGES = {
    Side.GATEWAY: (Result.FORCED, Result.CANCELLED),
    Side.SWITCHING: (Result.NOT_CANCELLED, Result.NOT_FORCED),
}


class DiscrepancyReport:
    """The report as it is written. A context manager; the file is there whole when it ends without an error."""

    def __init__(self, path: Path) -> None:
        self.count = 0
        self._path = path
        self._part = path.with_name(f".{path.name}.part")

    def __enter__(self) -> Self:
        with self._errors_in_one_line():
            self._file = open(self._part, "wb", opener=private)
            self._file.write(_HEADER)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with self._errors_in_one_line():
            self._file.close()
            if kind is None:
                self._part.replace(self._path)

    def add(self, discrepancies: Sequence[tuple[bytes, bytes]]) -> None:
        """Write pairs of rows, the gateway's and the switching's."""
        self.count += len(discrepancies)
        with self._errors_in_one_line():
            for ours, theirs in discrepancies:
                self._file.write(Side.GATEWAY.value + ours + Side.SWITCHING.value + theirs)

    @contextmanager
    def _errors_in_one_line(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise FileError(f"{self._path} cannot be written: {error.strerror}: make room") from error


def read_discrepancies(path: Path, side: Side) -> Iterator[bytes]:
    """The rows of one side. BrokenFile with the line that is none."""
    try:
        with path.open("rb") as file:
            if file.readline(len(_HEADER)) != _HEADER:
                raise BrokenFile(path, "the first line must be the header row", line=1)
            for number, line in enumerate(iter(lambda: file.readline(_WIDTH + 1), b""), 2):
                if len(line) != _WIDTH or line[:2] not in (Side.GATEWAY.value, Side.SWITCHING.value):
                    raise BrokenFile(path, "must be G or S and a row", line=number)
                if line[:2] == side.value:
                    yield line[2:]
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}") from error
