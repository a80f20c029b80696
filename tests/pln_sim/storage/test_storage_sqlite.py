"""What only a file has: a write-ahead log beside it."""

import sqlite3
from contextlib import closing

from pln_sim.storage import sqlite
from pln_sim.storage.sqlite import SqliteDepot


def test_a_log_that_grew_behind_a_long_reader_shrinks_again(tmp_path, some, monkeypatch):
    monkeypatch.setattr(sqlite, "_LOG_PAGES", 10)
    monkeypatch.setattr(sqlite, "_LOG_BYTES", 200_000)
    log = tmp_path / "vending.db-wal"
    with SqliteDepot(tmp_path / "vending.db") as depot:

        def write(times):
            for _ in range(times):
                depot.run(lambda storage: storage.count_in_month(some.METER, some.NOON, 1))

        write(1)
        with closing(sqlite3.connect(tmp_path / "vending.db", isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM sale").fetchone()
            write(200)
            assert log.stat().st_size > 500_000
        write(30)
        assert log.stat().st_size <= 200_000
        assert depot.run(lambda storage: storage.bought_in_month(some.METER, some.NOON)) == 231
