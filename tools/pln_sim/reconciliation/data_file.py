"""Data files with their header, rows, checksum row and control file, written and read as a stream of whole rows.

What is written stands under its name only when it is complete, and its control file comes after it: "DO NOT download file
.txt if is no .txt.ctl". What is read was checked row by row when it is yielded, but only the end of the file tells whether
all of it is there: use nothing of a file before it was read to its end.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import BinaryIO

from meter_emu.shell.errors import FileError
from pln_sim.reconciliation.columns import TRANSACTIONS, Layout, Transaction, WrongColumn
from pln_sim.reconciliation.errors import BrokenFile, NotPublished
from pln_sim.reconciliation.names import control_of
from pln_sim.reconciliation.totals import Control, Totals

PIECE = 1 << 20
LONGEST_CONTROL = 100
LONGEST_LINE = 64 * 1024


class Progress:
    """Is told of bytes that are done, and of those that are to come where that is known. This one tells nobody."""

    def __call__(self, size: int) -> None:
        """So many more bytes are done."""

    def expect(self, size: int) -> None:
        """So many more bytes are to come."""


no_progress = Progress()


def private(path: str, flags: int) -> int:
    """An opener: what is made is for its owner alone, for tokens that nobody has used yet stand in it."""
    return os.open(path, flags, 0o600)


def write_whole(path: Path, pieces: Iterable[bytes]) -> None:
    """A file that is there whole, and on the disk, or not at all. FileError if it cannot be written."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with open(part, "wb", opener=private) as file:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise FileError(f"{path} cannot be written: {error.strerror}: make room, or name a folder of yours") from error
    finally:
        with suppress(OSError):
            part.unlink()


def write_data_file(
    path: Path,
    layout: Layout,
    batches: Iterable[Sequence[bytes]],
    switcher_id: str,
    first_day: date,
    bank_code: str,
    progress: Progress = no_progress,
) -> Totals:
    """Write a data file and its control file; the totals. ``first_day`` and ``bank_code`` stand in the checksum row.

    The rows must be of the layout's width: ValueError, and no file, for others.
    """
    totals = Totals()

    def pieces() -> Iterator[bytes]:
        yield layout.header
        for rows in batches:
            block = b"".join(rows)
            if len(block) != len(rows) * layout.width:
                raise ValueError("a row is not as wide as its layout")
            totals.add(rows, layout)
            progress(len(block))
            yield block
        yield totals.checksum_row(layout, first_day, switcher_id, bank_code)

    with suppress(FileNotFoundError):
        path.with_name(control_of(path.name)).unlink()  # nobody may read what is being replaced
    write_whole(path, pieces())
    write_whole(path.with_name(control_of(path.name)), [totals.control_row])
    return totals


def read_control_file(path: Path) -> Control:
    """The control file of the data file ``path``. NotPublished if there is none, BrokenFile if it says something wrong."""
    control = path.with_name(control_of(path.name))
    try:
        with control.open("rb") as file:
            return Control.parse(file.read(LONGEST_CONTROL), control.name)
    except FileNotFoundError:
        raise NotPublished(f"{path} must not be read: there is no {control.name} beside it") from None
    except OSError as error:
        raise FileError(f"{control} cannot be read: {error.strerror}") from error


class DataFile:
    """The rows of a data file, in lists of some thousands. One that was read to its end has been checked whole.

    BrokenFile, with line and column, for a row that is none, a checksum row or a control file that disagrees; NotPublished
    if there is no control file, FileError if the file cannot be read. ``without_control`` reads a file that has none.
    """

    def __init__(
        self,
        path: Path,
        layout: Layout,
        switcher_id: str,
        progress: Progress = no_progress,
        *,
        without_control: bool = False,
    ) -> None:
        self.totals = Totals()
        self.path = path
        self._layout = layout
        self._switcher_id = switcher_id
        self._progress = progress
        self._line = 1
        self._control = None if without_control else read_control_file(path)
        with suppress(OSError):  # one that cannot be read is told of when it is read
            progress.expect(path.stat().st_size)

    def __iter__(self) -> Iterator[list[bytes]]:
        try:
            with self.path.open("rb") as file:
                yield from self._batches(file)
        except OSError as error:
            raise FileError(f"{self.path} cannot be read: {error.strerror}") from error

    def _batches(self, file: BinaryIO) -> Iterator[list[bytes]]:
        self.totals, self._line = Totals(), 1
        header = file.readline(LONGEST_LINE)
        if header.rstrip(b"\r\n") != self._layout.header.rstrip():
            raise BrokenFile(self.path, "the first line must be the header row", line=1)
        self._progress(len(header))
        split = self._layout.splitter(self._switcher_id)
        held = b""
        while piece := file.read(PIECE):
            self._progress(len(piece))
            block, held = _all_but_the_last_line(held + piece)
            if len(held) > LONGEST_LINE:
                raise BrokenFile(self.path, "this line has no end", line=self._line + block.count(b"\n") + 1)
            rows = split(block)
            if len(rows) * self._layout.width != len(block):
                rows = self._read_one_by_one(block)
            self.totals.add(rows, self._layout)
            self._line += len(rows)
            yield rows
        self._finish(held)

    def _read_one_by_one(self, block: bytes) -> list[bytes]:
        rows = []
        for number, line in enumerate(block[:-1].split(b"\n"), self._line + 1):
            try:
                rows.append(self._layout.row_of(line, self._switcher_id))
            except WrongColumn as error:
                raise BrokenFile(self.path, error.reason, line=number, column=error.column) from None
        return rows

    def _finish(self, last_line: bytes) -> None:
        try:
            self.totals.check(last_line, self._layout, self._switcher_id)
        except WrongColumn as error:
            raise BrokenFile(self.path, error.reason, line=self._line + 1, column=error.column) from None
        if self._control is not None and self._control != self.totals.control:
            raise BrokenFile(self.path, f"it has {self.totals.control}, but its control file says {self._control}")


def transactions(path: Path, progress: Progress = no_progress) -> Iterator[Transaction]:
    """Every row of a .txt or .ftr, whose switcher its name tells. Errors as of DataFile; a missing control file is none."""
    for rows in DataFile(path, TRANSACTIONS, path.name[:7], progress, without_control=True):
        yield from map(Transaction.of, rows)


def _all_but_the_last_line(data: bytes) -> tuple[bytes, bytes]:
    """All lines but the last one, which may be the checksum row or not all there."""
    end = data.rfind(b"\n", 0, max(0, len(data) - 1)) + 1
    return data[:end], data[end:]
