"""What a bare commit costs: one row, one transaction, on the disk; on SQLite and on a PostgreSQL server started for it."""

import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

SECONDS = 0.5
"""How long commits follow each other, so that a round meets the checkpoints and the disk's good and bad moments."""


class Bare(Protocol):
    """A yardstick."""

    name: str

    def commit(self) -> int:
        """Some commits, one after the other; how many."""


class BareSqlite:
    """As durable as the gateway's own file, whose longer log would only slow it down."""

    name = "bare SQLite commit"

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("CREATE TABLE row (value INTEGER)")
        self.close = self._connection.close

    def commit(self) -> int:
        return _for_a_while(self.commit_one)

    def commit_one(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.execute("INSERT INTO row VALUES (1)")
        self._connection.execute("COMMIT")


class BarePostgres:
    """On one connection."""

    name = "bare PostgreSQL commit"

    def __init__(self, url: str) -> None:
        import psycopg

        self._connection: Any = psycopg.connect(url, autocommit=True)
        self._connection.execute("CREATE TABLE bare (value INTEGER)")
        self.close = self._connection.close

    def commit(self) -> int:
        return _for_a_while(self.commit_one)

    def commit_one(self) -> None:
        self._connection.execute("INSERT INTO bare VALUES (1)")


def _for_a_while(commit: Callable[[], None]) -> int:
    """Commits, one after the other; how many there were."""
    commits, stop = 0, time.perf_counter() + SECONDS
    while time.perf_counter() < stop:
        commit()
        commits += 1
    return commits


@contextmanager
def postgres_server(folder: Path) -> Iterator[str | None]:
    """The URL of a server that is there until the end, with fsync on as it is by default; None where none is installed."""
    programs = _programs()
    if programs is None:
        yield None
        return
    data, sockets = folder / "postgres", folder / "sockets"
    for made in (data, sockets):
        made.mkdir(mode=0o700)
    options: dict[str, Any] = {"check": True, "stdout": subprocess.DEVNULL}
    if os.geteuid() == 0:  # which PostgreSQL refuses to run as
        options["user"] = "nobody"
        for made in (data, sockets):
            shutil.chown(made, "nobody")
        folder.chmod(0o755)
    subprocess.run([programs / "initdb", "-D", data, "-U", "bench", "-A", "trust", "-E", "UTF8"], **options)
    settings = f"-c listen_addresses='' -c unix_socket_directories='{sockets}'"
    control = [programs / "pg_ctl", "-D", data, "-l", data / "log", "-w"]
    subprocess.run([*control, "-o", settings, "start"], **options)
    try:
        yield f"postgresql:///postgres?user=bench&host={sockets}"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], **options)


def _programs() -> Path | None:
    """Where initdb and pg_ctl are; Debian keeps them out of the path."""
    found = shutil.which("initdb")
    places = [Path(found).parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return next((place for place in reversed(places) if (place / "initdb").exists()), None)
