"""Groups: several streams of rows, however long, brought together by reference, in the order of the references.

The rows of a file stand in the order of the sales, those of another file in another one, and sorting them all would cost
more than the matching. So rows are dealt out to files by the first character of their reference, which is a random digit,
and a group that is still too large by the next one. In the end each group fits into memory, all rows of a reference are in
the same group, and the groups come in order. Small streams never touch the disk.

>>> streams = [[[b"B1", b"A1"]], [[b"A2"]]]
>>> list(in_groups(streams, [slice(0, 1)] * 2, Path(".")))
[[[b'B1', b'A1'], [b'A2']]]
"""

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from meter_emu.shell.errors import FileError

GROUP_BYTES = 32 << 20
"""What a group holds at most, all its streams together. In memory it takes about three times as much."""
PREFIX = ".groups-"
"""What the names of temporary folders begin with."""
_PIECE = 1 << 20
Stream = Iterable[Sequence[bytes]]
"""Lists of lines, each with its line end."""
Group = list[list[bytes]]
"""The lines of each stream."""


def in_groups(streams: Sequence[Stream], keys: Sequence[slice], folder: Path, most: int = GROUP_BYTES) -> Iterator[Group]:
    """The lines of all streams in groups. ``keys`` tell where the reference stands in a line of each stream.

    Every stream is read to its end before the first group is there. Large ones go to temporary files in ``folder``:
    FileError if there is no room. The references of all streams are equally long.
    """
    try:
        yield from _split(streams, keys, 0, folder, most)
    except OSError as error:
        raise FileError(f"{folder}: {error.strerror}: sorting large files needs room there") from error


def _split(streams: Sequence[Stream], keys: Sequence[slice], place: int, folder: Path, most: int) -> Iterator[Group]:
    """Groups of lines that have the characters in front of ``place`` in common."""
    is_at_the_end = keys[0].start + place >= keys[0].stop
    group: Group = [[] for _ in streams]
    dealer: _Dealer | None = None
    held = 0
    with ExitStack() as stack:
        for number, stream in enumerate(streams):
            for batch in stream:
                group[number] += batch
                held += sum(map(len, batch))
                if held > most and not is_at_the_end:
                    if dealer is None:
                        dealer = stack.enter_context(_Dealer(group, keys, place, folder))
                    dealer.deal(group)
                    held = 0
        if dealer is None:
            yield group
            return
        dealer.deal(group)
        for text in sorted(dealer.texts):
            paths = [dealer.path(text, number) for number in range(len(streams))]
            yield from _split([_lines(path) for path in paths], keys, dealer.end, folder, most)
            for path in paths:
                path.unlink(missing_ok=True)


class _Dealer:
    """Deals lines out to files, by the first character in which the first of them differ and what stands in front of it."""

    def __init__(self, first: Group, keys: Sequence[slice], place: int, folder: Path) -> None:
        references = [line[key.start + place : key.stop] for lines, key in zip(first, keys, strict=True) for line in lines]
        pairs = enumerate(zip(min(references), max(references), strict=True))
        shared = next((length for length, (low, high) in pairs if low != high), len(references[0]))
        self.end = min(place + shared + 1, keys[0].stop - keys[0].start)
        self.texts: set[bytes] = set()
        self._cuts = [slice(key.start + place, key.start + self.end) for key in keys]
        self._folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=folder))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def path(self, text: bytes, number: int) -> Path:
        """Where the lines of a stream with a text lie."""
        return self._folder / f"{text.hex()}.{number}"

    def deal(self, group: Group) -> None:
        """Deal the lines out, and forget them."""
        for number, (lines, cut) in enumerate(zip(group, self._cuts, strict=True)):
            dealt: dict[bytes, list[bytes]] = {}
            for line in lines:
                text = line[cut]
                if text in dealt:
                    dealt[text].append(line)
                else:
                    dealt[text] = [line]
            for text, some in dealt.items():
                with self.path(text, number).open("ab", buffering=0) as file:
                    file.write(b"".join(some))
            self.texts.update(dealt)
            lines.clear()


def _lines(path: Path) -> Iterator[list[bytes]]:
    """The lines of a file, if there is one."""
    rest = b""
    with suppress(FileNotFoundError), path.open("rb") as file:
        while piece := file.read(_PIECE):
            whole, end, rest = (rest + piece).rpartition(b"\n")
            yield (whole + end).splitlines(keepends=True)
