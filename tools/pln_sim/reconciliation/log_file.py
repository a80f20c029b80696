"""The log of the suspects (attachment D): the message streams the switching sent and received for them, as evidence.

One line for each stream: time, PLN reference, meter, amount, stream. "The content must be ordered by Meter Number in
ascending, then Transaction Date-Time in ascending." It has neither header nor checksum row; it is complete when the control
file of its .rcn is there. The stream is the last column, so a delimiter in it does no harm. Bytes that do not print, as
garbage from a broken line may have, are written as ``\\\\x1b``.

>>> line = log_line(LogEntry("20080725121511", "31384A17FDCF7804659E2072931F009F", "01325938973", 50_000_000, b"2100..."))
>>> line
b'20080725121511|31384A17FDCF7804659E2072931F009F|01325938973|000050000000|2100...\\n'
>>> LogEntry.of(line).stream
b'2100...'
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from meter_emu.shell.errors import FileError
from pln_sim.reconciliation.errors import BrokenFile

REFERENCE = slice(15, 47)
"""Where the PLN reference number stands in a line."""
_LINE = re.compile(rb"([0-9]{14})\|([0-9A-Za-z]{32})\|([0-9 ]{11})\|([0-9]{10}|[0-9]{12,})\|([ -~]*)\r?\n?")
_UNPRINTABLE = re.compile(rb"[^ -~]")
LONGEST_LINE = 64 * 1024
LINES_TOGETHER = 5000


class LogEntry(NamedTuple):
    """One stream of a suspect. ``time`` is CCYYMMDDhhmmss, ``amount`` cents."""

    time: str
    reference: str
    meter: str
    amount: int
    stream: bytes

    @classmethod
    def of(cls, line: bytes) -> "LogEntry":
        """What a line says. ValueError if it is none."""
        match = _LINE.fullmatch(line)
        if not match:
            raise ValueError("must be CCYYMMDDhhmmss | 32 letters or digits | meter | amount of 12 digits | stream")
        time, reference, meter, amount, stream = match.groups()
        return cls(time.decode(), reference.decode(), meter.decode().strip(), int(amount), stream)


def log_line(entry: LogEntry) -> bytes:
    """The line that says it."""
    stream = _UNPRINTABLE.sub(lambda match: b"\\x%02x" % match[0][0], entry.stream)
    head = f"{entry.time}|{entry.reference}|{entry.meter:>11}|{entry.amount:012}|"
    return head.encode("ascii") + stream + b"\n"


def read_log(path: Path) -> Iterator[list[bytes]]:
    """The lines of a log, checked, in lists. BrokenFile with the line that is none; FileError if it cannot be read."""
    lines: list[bytes] = []
    try:
        with path.open("rb") as file:
            for number, line in enumerate(iter(lambda: file.readline(LONGEST_LINE), b""), 1):
                if not _LINE.fullmatch(line):
                    raise BrokenFile(path, "must be time | reference | meter | amount | stream", line=number)
                lines.append(line)
                if len(lines) == LINES_TOGETHER:
                    yield lines
                    lines = []
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}") from error
    yield lines
