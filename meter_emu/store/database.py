"""The file: SQLite, WAL, every commit on the disk before it returns; its version, and how an older one becomes today's."""

import os
import sqlite3
from pathlib import Path

from meter_emu.store.errors import StoreError, told

APPLICATION_ID = 0x6D746572
"""Marks a file as ours: "mter" in ASCII."""
BUSY_TIMEOUT_SECONDS = 20

MIGRATIONS = (
    """
    CREATE TABLE meter (
        drn TEXT PRIMARY KEY,
        installed_at INTEGER NOT NULL,
        state TEXT NOT NULL,
        panel TEXT NOT NULL
    );
    CREATE TABLE journal (
        id INTEGER PRIMARY KEY,
        drn TEXT NOT NULL REFERENCES meter (drn),
        at INTEGER NOT NULL,
        event TEXT NOT NULL,
        details TEXT NOT NULL
    );
    CREATE INDEX journal_of_meter ON journal (drn, id);
    """,
)
"""Each step takes a file from the version of its place in this list to the next. Steps are added, never changed."""
VERSION = len(MIGRATIONS)


def open_database(path: Path) -> sqlite3.Connection:
    """The file, made if it is not there (for its owner alone: keys lie in it), and brought up to date.

    StoreError for a damaged or foreign file, one from a newer version, or a place that cannot be written.
    """
    _make_private(path)
    connection = None
    try:
        connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_SECONDS, isolation_level=None)
        connection.execute("PRAGMA synchronous = FULL")
        _migrate(connection, path)
    except sqlite3.Error as error:
        if connection is not None:
            connection.close()
        raise told(error, path) from error
    except StoreError:
        if connection is not None:
            connection.close()
        raise
    return connection


def _make_private(path: Path) -> None:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
        try:
            if os.fstat(descriptor).st_mode & 0o077:
                os.fchmod(descriptor, 0o600)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise StoreError(f"{path} cannot be opened: {error.strerror}; check its folder, or name another --home") from error


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    if _version(connection) == VERSION:
        _require_ours(connection, path)
        return
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Asked again under the lock: another process may have been first.
        version = _version(connection)
        if version > VERSION:
            raise StoreError(f"{path} was written by a newer meter-emu (file version {version}, this one knows {VERSION})")
        if version > 0 or not _is_empty(connection):
            _require_ours(connection, path)
        for step in MIGRATIONS[version:]:
            for statement in step.split(";"):
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _is_empty(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is None


def _require_ours(connection: sqlite3.Connection, path: Path) -> None:
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise StoreError(f"{path} belongs to another program: name another --home")
