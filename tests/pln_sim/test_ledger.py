"""The ledger: no meter ever gets a TID twice, and a file that cannot be used is told in one line."""

import os
import sqlite3
import stat
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meter_emu.shell.errors import FileError
from meter_emu.shell.home import make_home
from meter_emu.sts.errors import KeyExpired, RangeError
from meter_emu.sts.keys import default_parameters
from meter_emu.sts.keys.key_store import MeterCard
from meter_emu.sts.numbers import Drn, TokenIdentifier
from meter_emu.sts.numbers.token_identifier import LAST_TID, MINUTES_A_DAY
from pln_sim.storage.sqlite import SqliteDepot
from pln_sim.vending.ledger import free_identifiers
from pln_sim.vending.ledger import reserve as reserve_in

METER = "12345678911"
CARD = MeterCard(default_parameters(Drn(METER)))
OTHER_CARD = MeterCard(default_parameters(Drn("04176855916")))
PRAGMAS = ("journal_mode", "synchronous", "user_version")
MIDNIGHT = 4000 * MINUTES_A_DAY


@pytest.fixture
def path(tmp_path):
    make_home(tmp_path / "home")
    return tmp_path / "home" / "vending.db"


def reserve(path, wanted, count=1, card=CARD, **options):
    with SqliteDepot(path, **options) as depot:
        return reserved(depot, wanted, count, card)


def reserved(depot, wanted, count=1, card=CARD):
    return depot.run(lambda storage: reserve_in(storage, card, TokenIdentifier(wanted), count))


requests = st.lists(
    st.tuples(st.integers(MIDNIGHT - 5, MIDNIGHT + 5), st.integers(1, 4), st.sampled_from([CARD, OTHER_CARD])), max_size=25
)


@settings(max_examples=20, deadline=None)
@given(requests)
def test_no_tid_is_given_twice_and_each_is_the_first_free_one(tmp_path_factory, requests):
    path = tmp_path_factory.mktemp("ledger") / "vending.db"
    given_out = {CARD: set(), OTHER_CARD: set()}
    with SqliteDepot(path) as depot:
        for wanted, count, card in requests:
            taken = given_out[card]
            free = (tid for tid in range(wanted, LAST_TID) if tid % MINUTES_A_DAY != 1 and tid not in taken)
            expected = list(islice(free, count))
            assert reserved(depot, wanted, count, card) == expected
            taken.update(expected)


@given(st.integers(0, LAST_TID), st.sets(st.integers(0, 3000)), st.integers(1, 20))
def test_free_identifiers_are_free(wanted, offsets, count):
    taken = sorted(wanted + offset for offset in offsets)
    free = list(islice(free_identifiers(TokenIdentifier(wanted), taken), count))
    assert free == sorted(set(free))
    assert not set(free) & set(taken)
    assert all(wanted <= tid <= LAST_TID and tid % MINUTES_A_DAY != 1 for tid in free)


def test_a_reservation_outlives_the_process_that_made_it(path):
    assert reserve(path, MIDNIGHT, 3) == [MIDNIGHT, MIDNIGHT + 2, MIDNIGHT + 3]
    assert reserve(path, MIDNIGHT) == [MIDNIGHT + 4]
    assert reserve(path, MIDNIGHT - 1, 2) == [MIDNIGHT - 1, MIDNIGHT + 5]


def test_meters_and_base_dates_have_tids_of_their_own(path):
    new_base_date, other_key = CARD.changed(base_date="2035"), CARD.changed(krn=2, ti="09")
    assert [reserve(path, MIDNIGHT, card=card) for card in (CARD, OTHER_CARD, new_base_date)] == [[MIDNIGHT]] * 3
    assert reserve(path, MIDNIGHT, card=other_key) == [MIDNIGHT + 2]


def test_the_last_tid(path):
    assert reserve(path, LAST_TID - 1, 2) == [LAST_TID - 1, LAST_TID]
    with pytest.raises(RangeError, match=r"0, and 1 are wanted; the last TID of base date 2014 is 2045-11-24T20:15"):
        reserve(path, LAST_TID - 1)


def test_all_or_none(path):
    with pytest.raises(RangeError):
        reserve(path, LAST_TID - 1, 3)
    with pytest.raises(KeyExpired):
        reserve(path, 65534, 3, card=CARD.changed(ken=0))
    assert reserve(path, 65534, 2, card=CARD.changed(ken=0)) == [65534, 65535]
    assert reserve(path, LAST_TID - 1, 2) == [LAST_TID - 1, LAST_TID]


def test_an_error_leaves_the_ledger_usable(path):
    with SqliteDepot(path) as depot:
        with pytest.raises(RangeError):
            reserved(depot, LAST_TID, 2)
        assert reserved(depot, 5) == [5]


def test_it_is_durable_and_its_owners_alone(path):
    before = os.umask(0)
    try:
        with SqliteDepot(path) as depot:
            reserved(depot, 5)
            files = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
            pragmas = {name: depot._connection.execute(f"PRAGMA {name}").fetchone()[0] for name in PRAGMAS}
    finally:
        os.umask(before)
    assert files == {"vending.db": 0o600, "vending.db-wal": 0o600, "vending.db-shm": 0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert (pragmas["journal_mode"], pragmas["synchronous"]) == ("wal", 2)
    assert pragmas["user_version"] == len(SqliteDepot.migrations)


def test_an_empty_file_becomes_a_ledger(path):
    path.touch()
    assert reserve(path, 5) == [5]


def spoil_with(statement):
    def spoil(path):
        reserve(path, 5)
        connection = sqlite3.connect(path)
        connection.execute(statement)
        connection.commit()
        connection.close()

    return spoil


def garbage(path):
    path.write_bytes(b"no database at all " * 500)


def half(path):
    reserve(path, 5, 3000)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def torn(path):
    reserve(path, 5, 3000)
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xa5" * (len(content) - 4096))


def folder(path):
    path.mkdir()


def other_database(path):
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE customers (name TEXT)")
    connection.close()


@pytest.mark.parametrize(
    ("spoil", "advice"),
    [
        (garbage, "it is damaged: put a copy back"),
        (half, "it is damaged"),
        (torn, "it is damaged"),
        (spoil_with("DROP TABLE used_tid"), "it is damaged"),
        (spoil_with("PRAGMA user_version = 99"), "newer version of this program (schema 99, not "),
        (other_database, "belongs to another program"),
        (folder, "cannot be written"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_ledger_that_cannot_be_used_is_one_line(pln_sim, path, spoil, advice):
    spoil(path)
    complaint = pln_sim.complaint("token", "credit", METER, "--kwh", "1", exit_code=1)
    assert f"vending database {path}" in complaint
    assert advice in complaint


def test_a_home_that_is_a_file_is_one_line(pln_sim):
    pln_sim.home.write_text("")
    assert str(pln_sim.home) in pln_sim.complaint("token", "credit", METER, "--kwh", "1", exit_code=1)


def test_a_ledger_that_only_can_be_read(path, monkeypatch):
    reserve(path, 5)
    connect = sqlite3.connect

    def read_only(name, uri=False, **options):
        return connect(name if uri else f"file:{name}?mode=ro", uri=True, **options)

    monkeypatch.setattr(sqlite3, "connect", read_only)
    with pytest.raises(FileError, match="cannot be written: make the file and its folder yours"):
        reserve(path, 5)


@pytest.mark.parametrize("mode", [0o500, 0o000])
def test_a_home_that_only_can_be_read(tmp_path, in_a_child, mode):
    home = tmp_path / "read-only"
    home.mkdir(mode=mode)

    def told() -> str:
        try:
            with SqliteDepot(home / "vending.db"):
                return "it opened"
        except FileError as error:
            return str(error)

    message = in_a_child(told)
    assert "cannot be written" in message
    assert str(home) in message


def test_a_full_disk_loses_nothing(path):
    with SqliteDepot(path) as depot:
        reserved(depot, 5)
        (pages,) = depot._connection.execute("PRAGMA page_count").fetchone()
        depot._connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(FileError, match=r"vending\.db: .*the disk is full: make room"):
            reserved(depot, 5, 5000)
    assert reserve(path, 5) == [6]


def test_a_busy_ledger(path):
    reserve(path, 5)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(FileError, match="busy: try again"):
        reserve(path, 5, patience_seconds=0)
    holder.execute("ROLLBACK")
    holder.close()
    assert reserve(path, 5) == [6]


def test_opening_waits_for_a_process_that_is_just_making_the_ledger(path, monkeypatch):
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    transaction = SqliteDepot._transaction

    def waited_out(depot):
        if holder.in_transaction:
            holder.execute("COMMIT")
        return transaction(depot)

    monkeypatch.setattr(SqliteDepot, "_transaction", waited_out)
    with SqliteDepot(path) as depot:
        assert not holder.in_transaction
        assert depot._connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    holder.close()


def test_opening_gives_up_when_the_others_never_end(path):
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(FileError, match="busy: try again"):
        SqliteDepot(path, patience_seconds=0)
    holder.close()
