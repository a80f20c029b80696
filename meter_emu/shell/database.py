"""Database: one SQLite file, open. It outlives crashes, serves many processes, and is for its owner alone.

A kind of file is a subclass that says what the file is called, its mark, and the statements that make it. Every commit is
on the disk before it returns. Whatever is wrong with the file is a FileError, one line that names it and says what to do;
a file of another kind, or from a newer version, is left as it was.
"""

import os
import sqlite3
import stat
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

from meter_emu.shell.errors import BusyError, FileError
from meter_emu.shell.input_file import OTHERS

PATIENCE_SECONDS = 30
"""How long a process waits for the others' transactions, each of which takes milliseconds."""
_WAL_ATTEMPTS = 100
_HALF_WRITTEN = ("SQLITE_CORRUPT", "SQLITE_IOERR")
"""How a file looks, without a lock, that another process is writing."""
_SMALLEST = 512
"""Bytes of the smallest page. A file below that is text, say, which SQLite takes for nothing and writes over."""
_opening = threading.Lock()
"""Held while a file is made, so that no other thread has it open already when it is closed again."""


class Database:
    """An SQLite file, open. A context manager; one object serves one thread."""

    name: ClassVar[str]
    """What the file is called in a message."""
    if_lost: ClassVar[str]
    """What happens to someone who goes on without the file."""
    application_id: ClassVar[int]
    """The mark in its header that tells it from other programs' files."""
    migrations: ClassVar[tuple[tuple[str, ...], ...]]
    """Each step's statements lead from the version of the step's place to the next. Steps are added, never changed."""

    def __init__(self, path: str | os.PathLike[str], patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._path = path
        with self._errors_in_one_line():
            with _opening:
                self._make_private()
            self._connection = sqlite3.connect(path, timeout=patience_seconds, isolation_level=None)
            try:
                self._prepare()
            except BaseException:
                self._connection.close()
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the file. What was committed is on disk already."""
        self._connection.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Holds the write lock from the first read to the commit: all that is done inside is on disk when this ends, or
        none of it is."""
        with self._errors_in_one_line():
            self._begin()
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):  # SQLite may have rolled back by itself, as on a full disk.
                    self._connection.execute("ROLLBACK")
                raise

    def _begin(self) -> None:
        """Take the write lock."""
        self._connection.execute("BEGIN IMMEDIATE")

    @contextmanager
    def _errors_in_one_line(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            name = getattr(error, "sqlite_errorname", "")
            if name == "SQLITE_MISUSE":  # a defect of ours, not of the file
                raise
            damaged = f"it is damaged: put a copy back, or move it away ({self.if_lost})"
            if name == "SQLITE_NOTADB":
                damaged = f"it is no {self.name} of this program, or {damaged}"
            advice = next((advice for prefix, advice in _ADVICE.items() if name.startswith(prefix)), damaged)
            kind = BusyError if advice is _BUSY else FileError
            raise kind(f"{self.name} {self._path}: {error}: {advice}") from error
        except OSError as error:
            raise FileError(f"{self.name} {self._path}: {error.strerror}: {_NOT_WRITABLE}") from error

    def _make_private(self) -> None:
        """The file, made if it is not there, which only its owner can read. SQLite gives its log files the same mode.

        Nothing happens to a file that is not ours. One that is there is looked at by SQLite and not opened here: POSIX drops
        all locks of a process on a file as soon as the process closes any descriptor of it, also those that SQLite holds for
        another connection. Then another process that closes the file takes itself for the last one and deletes the
        write-ahead log, with all that is still to be written to it.
        """
        try:
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0), 0o600))
        except FileExistsError:
            found = os.stat(self._path)
            if not stat.S_ISREG(found.st_mode):
                raise FileError(f"{self.name} {self._path} cannot be written: it is no file; name another one") from None
            if found.st_size and (found.st_size < _SMALLEST or not self._is_ours()):
                raise self._foreign() from None
            if found.st_mode & OTHERS:
                os.chmod(self._path, 0o600)

    def _is_ours(self) -> bool:
        """Whether the file has our mark, or nothing in it yet. It is left as it is, and no other file is made beside it."""
        log = f"{os.path.realpath(self._path)}-wal"
        # What others wrote may still be in the log, our mark too; only then is the log looked into.
        ways = ("&immutable=1", "") if os.path.exists(log) and os.path.getsize(log) else ("&immutable=1",)
        for way in ways:
            address = f"{Path(self._path).absolute().as_uri()}?mode=ro{way}"
            with closing(sqlite3.connect(address, uri=True, timeout=PATIENCE_SECONDS)) as connection:
                try:
                    (version,) = connection.execute("PRAGMA user_version").fetchone()
                    is_new = not version and not connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
                    # The mark comes last: if another process made the tables this moment, it is there by now.
                    (mark,) = connection.execute("PRAGMA application_id").fetchone()
                except sqlite3.DatabaseError as error:
                    if not getattr(error, "sqlite_errorname", "").startswith(_HALF_WRITTEN):
                        raise
                    is_new, mark = True, 0  # What it is comes out under the lock.
                if mark:
                    return bool(mark == self.application_id)
        return is_new

    def _foreign(self) -> FileError:
        whose = "belongs to another program, or is another kind of file of ours"
        return FileError(f"{self.name} {self._path} {whose}: name another one, or move it away")

    def _prepare(self) -> None:
        self._connection.execute("PRAGMA synchronous = FULL")
        version, newest = self._version(), len(self.migrations)
        if version > newest:
            newer = f"was written by a newer version of this program (schema {version}, not {newest})"
            raise FileError(f"{self.name} {self._path} {newer}: update it, or name another --home")
        if version < newest:
            self._write_ahead()
            self._migrate()
        self._require_our_mark()

    def _migrate(self) -> None:
        with self._transaction():
            # Asked again under the lock: another process may have been faster.
            version = self._version()
            if version or self._connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
                self._require_our_mark()
            for statements in self.migrations[version:]:
                for statement in statements:
                    self._connection.execute(statement)
            self._connection.execute(f"PRAGMA application_id = {self.application_id:d}")
            self._connection.execute(f"PRAGMA user_version = {len(self.migrations):d}")

    def _write_ahead(self) -> None:
        """Turn the write-ahead log on; the file remembers it.

        Two processes that do it to a new file in the same moment make SQLite give up at once instead of waiting; an empty
        transaction waits the other one out.
        """
        for attempts_left in reversed(range(_WAL_ATTEMPTS)):
            try:
                self._connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if getattr(error, "sqlite_errorname", "") != "SQLITE_BUSY" or not attempts_left:
                    raise
                with self._transaction():
                    pass
            else:
                return

    def _version(self) -> int:
        return int(self._connection.execute("PRAGMA user_version").fetchone()[0])

    def _require_our_mark(self) -> None:
        if self._connection.execute("PRAGMA application_id").fetchone()[0] != self.application_id:
            raise self._foreign()


_NOT_WRITABLE = "it cannot be written: make the file and its folder yours to write, or name another --home"
_BUSY = "other processes keep it busy: try again; nothing was changed"
_ADVICE = {
    "SQLITE_BUSY": _BUSY,
    "SQLITE_LOCKED": _BUSY,
    "SQLITE_CANTOPEN": _NOT_WRITABLE,
    "SQLITE_PERM": _NOT_WRITABLE,
    "SQLITE_READONLY": _NOT_WRITABLE,
    "SQLITE_FULL": "the disk is full: make room and try again; nothing was changed",
    "SQLITE_IOERR": "the disk cannot be read or written, or is full: check it; nothing was changed",
}
"""What to do, by the error's name; any other one means that the content is not as it should be."""
