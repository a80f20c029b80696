"""What can go wrong with the memory, each told in one line that names the file and says what to do."""

import sqlite3
from pathlib import Path


class StoreError(Exception):
    """The memory cannot be used as it is."""


class UnknownMeter(StoreError):
    """No meter of that number is installed."""


class AlreadyInstalled(StoreError):
    """A meter of that number is there already."""


def told(error: sqlite3.Error, path: Path) -> StoreError:
    """The one line for an error of the database."""
    name = getattr(error, "sqlite_errorname", "")
    for prefix, advice in _ADVICE.items():
        if name.startswith(prefix):
            return StoreError(f"{path} {advice}")
    return StoreError(f"{path}: {error} ({name or type(error).__name__})")


_ADVICE = {
    "SQLITE_NOTADB": "is not a meter file: name another --home, or move the file away to start anew",
    "SQLITE_CORRUPT": "is damaged: put a copy back, or move it away to start anew; nothing was changed",
    "SQLITE_READONLY": "cannot be written: check the rights of the file and its folder, or name another --home",
    "SQLITE_CANTOPEN": "cannot be opened: check that its folder exists and can be written, or name another --home",
    "SQLITE_PERM": "cannot be written: check the rights of the file and its folder, or name another --home",
    "SQLITE_FULL": "cannot grow, the disk is full: make room and try again; nothing was changed",
    "SQLITE_IOERR": "cannot be read or written (disk error, or no room left); nothing was changed",
    "SQLITE_BUSY": "is in use by another process for too long: try again when it is done; nothing was changed",
}
