"""A lock that one process at a time holds; it ends with its process, however that ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from meter_emu.shell.errors import FileError


@contextmanager
def alone(path: Path) -> Iterator[bool]:
    """Whether nobody else holds the lock; if so, it is held inside. FileError if the file cannot be made."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise FileError(f"lock {path}: {error.strerror}: name another --home") from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)
