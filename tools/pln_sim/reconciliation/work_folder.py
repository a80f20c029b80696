"""The work folder of a party: files being made and copies that were fetched. One process at a time uses it.

What a killed process left half made is cleared away by the next one; downloads stay, to be resumed.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from meter_emu.shell.errors import FileError
from pln_sim.reconciliation.groups import PREFIX

NAME = "reconciliation"
_LOCK = ".lock"
_LEFT_OVERS = (f"{PREFIX}*", ".*.part")


@contextmanager
def work_folder(home: Path, party: str) -> Iterator[Path]:
    """The folder of a party, for this process alone. FileError if another one is at work or it cannot be made."""
    folder = home / NAME / party
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise FileError(f"{folder} cannot be used: {error.strerror}; name another --home") from error
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise FileError(f"another reconciliation is at work in {folder}: wait until it is done") from None
        for pattern in _LEFT_OVERS:
            for path in folder.glob(pattern):
                if path.is_dir():
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    with suppress(OSError):
                        path.unlink()
        yield folder
    finally:
        os.close(lock)
