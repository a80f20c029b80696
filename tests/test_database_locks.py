"""Two connections of one process and one of another at the same file: whoever closes last must be the last.

POSIX drops all locks of a process on a file as soon as the process closes any descriptor of it. A program that opens and
closes a database file by itself while SQLite has it open makes other processes believe that it is free; the next one to close
then deletes the write-ahead log, and what the first one commits from then on is lost.
"""

import subprocess
import sys

from meter_emu.shell.database import Database

LOOK = """
import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as connection:
    print(connection.execute("SELECT count(*) FROM row").fetchone()[0])
connection.close()
"""


class Rows(Database):
    name, if_lost, application_id = "rows", "they are gone", 0x726F7773
    migrations = (("CREATE TABLE row (number INTEGER)",),)

    def add(self):
        with self._transaction():
            self._connection.execute("INSERT INTO row VALUES (1)")


def looked(path):
    """How many rows another process sees, which closes the file afterwards."""
    done = subprocess.run([sys.executable, "-c", LOOK, str(path)], capture_output=True, text=True, check=True)
    return int(done.stdout)


def test_a_second_connection_of_the_process_takes_no_lock_from_the_first(tmp_path):
    path = tmp_path / "rows.db"
    with Rows(path) as first, Rows(path) as second:
        first.add()
        assert looked(path) == 1
        assert path.with_name("rows.db-wal").exists()
        second.add()
        first.add()
        assert looked(path) == 3
    assert looked(path) == 3


def test_nor_does_one_that_was_opened_and_closed(tmp_path):
    path = tmp_path / "rows.db"
    with Rows(path) as first:
        first.add()
        Rows(path).close()
        assert looked(path) == 1
        first.add()
        assert looked(path) == 2
