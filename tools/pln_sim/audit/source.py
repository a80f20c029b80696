"""Source, the file that is audited, as it was when the audit began; Range, a part of it for whoever can read the file.

What is read elsewhere or later counts only if the file is still the same one: by its place on the disk, its length and when it
was changed last. A reader on another machine, who finds another file there or none, says so and gets the bytes instead.
"""

import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import BinaryIO, Self

_SIGNATURE = ("st_dev", "st_ino", "st_size", "st_mtime_ns")


@dataclass(frozen=True)
class Source:
    """A file, and what it is recognized by."""

    path: str
    signature: tuple[int, ...]

    @classmethod
    def of(cls, path: Path, file: BinaryIO) -> Self | None:
        """The file that is open under a path; None for what is no file or has no path, as a pipe, so that nobody else can
        open it."""
        status, place = os.fstat(file.fileno()), os.path.realpath(path)
        with suppress(OSError):
            if stat.S_ISREG(status.st_mode) and _signature(os.stat(place)) == _signature(status):
                return cls(place, _signature(status))
        return None

    def is_in(self, file: BinaryIO | FileIO) -> bool:
        """Whether this open file is the one, and has not changed."""
        return _signature(os.fstat(file.fileno())) == self.signature


@dataclass(frozen=True)
class Range:
    """Some lines of a source, and the number of the first one."""

    first_line: int
    source: Source
    offset: int
    length: int

    def read(self) -> bytes | None:
        """Its bytes; None if the file is not there, or is not the same any more."""
        try:
            with open(self.source.path, "rb", buffering=0) as file:
                octets = os.pread(file.fileno(), self.length, self.offset)
                # Looked at after the reading, so that what is changed in between is found out too.
                is_same = len(octets) == self.length and self.source.is_in(file)
        except OSError:
            return None
        return octets if is_same else None


def changed(path: str) -> str:
    """What to say of a file that is not the one it was."""
    return f"{path} was changed while it was audited: audit it again when it is complete"


def _signature(status: os.stat_result) -> tuple[int, ...]:
    return tuple(getattr(status, name) for name in _SIGNATURE)
