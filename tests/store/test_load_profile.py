"""The load profile in the memory: written with the change that comes after it, read without writing, bounded, forgotten."""

import sqlite3

import pytest

from meter_emu.meter import Meter
from meter_emu.meter.clock import DAY, HOUR
from meter_emu.meter.load_profile import KEPT, QUARTER, closed_quarters
from meter_emu.meter.metering import advance
from meter_emu.store import Entry, Store

FIRST, LAST = 0, 10**12


@pytest.fixture
def store(tmp_path, new_meter):
    meter = new_meter()
    with Store(tmp_path / "meters.db") as opened:
        opened.install(meter, Entry(meter.state.clock, "installed", {}))
        yield opened


def rows(store: Store) -> int:
    return store._connection.execute("SELECT count(*) FROM load_profile").fetchone()[0]


def act(store: Store, meter: Meter, at: int, watts: int = 0) -> None:
    store.change(meter.state.drn, lambda meter: (meter.set_load(watts, at), [], None))


def test_the_quarters_are_written_with_the_change_that_follows(store, new_meter):
    meter = new_meter()
    start = meter.state.clock
    act(store, meter, start + 5)
    assert rows(store) == 0
    before = store.load(meter.state.drn).state
    act(store, meter, start + 5 * QUARTER)
    assert rows(store) == 5
    written = store.load_profile(meter.state.drn, FIRST, LAST, start + 5 * QUARTER)
    assert written == closed_quarters(before, advance(before, start + 5 * QUARTER))


def test_looking_sees_what_has_closed_since_and_writes_nothing(store, new_meter):
    meter = new_meter()
    start, drn = meter.state.clock, meter.state.drn
    act(store, meter, start + 2 * QUARTER, watts=400)
    seen = store.load_profile(drn, FIRST, LAST, start + DAY)
    assert rows(store) == 2
    act(store, meter, start + DAY)
    assert store.load_profile(drn, FIRST, LAST, start + DAY) == seen
    assert len(seen) == rows(store) == DAY // QUARTER


@pytest.mark.parametrize("acted", [0, 3, 8])
@pytest.mark.parametrize(("first", "last"), [(1, 4), (2, 2), (0, 0), (7, 9), (5, 3), (-10, 100)])
def test_a_range(store, new_meter, acted, first, last):
    meter = new_meter()
    start = meter.state.clock // QUARTER * QUARTER
    act(store, meter, start + acted * QUARTER + 1)
    readings = store.load_profile(meter.state.drn, start + first * QUARTER, start + last * QUARTER, start + 8 * QUARTER)
    assert [(reading.at - start) // QUARTER for reading in readings] == list(range(max(1, first), min(8, last) + 1))


def test_what_raises_writes_no_quarter(store, new_meter):
    meter = new_meter()

    def fail(meter: Meter) -> tuple[Meter, list[Entry], None]:
        after = meter.advance(meter.state.clock + DAY)
        return after, [Entry(after.state.clock, "impossible", {"value": object()})], None

    with pytest.raises(TypeError):
        store.change(meter.state.drn, fail)
    assert rows(store) == 0


def test_only_the_last_days_are_kept(store, new_meter):
    meter = new_meter()
    start, drn = meter.state.clock, meter.state.drn
    for day in range(1, 60, 7):
        act(store, meter, start + day * DAY)
        assert rows(store) <= KEPT // QUARTER
    act(store, meter, start + 1000 * DAY)
    assert rows(store) == KEPT // QUARTER
    readings = store.load_profile(drn, FIRST, LAST, start + 1010 * DAY)
    assert len(readings) == KEPT // QUARTER
    assert readings[-1].at - readings[0].at == KEPT - QUARTER


def test_a_replaced_or_uninstalled_meter_leaves_none(store, new_meter):
    meter = new_meter()
    act(store, meter, meter.state.clock + HOUR)
    store.install(meter, Entry(meter.state.clock, "installed", {}), replace=True)
    assert rows(store) == 0
    act(store, meter, meter.state.clock + HOUR)
    assert rows(store) == 4
    store.uninstall(meter.state.drn)
    assert rows(store) == 0


def test_each_meter_has_its_own(store, new_meter):
    meter = new_meter()
    other = meter._replace(state=meter.state._replace(drn=type(meter.state.drn)("04176855916")))
    store.install(other, Entry(meter.state.clock, "installed", {}))
    act(store, other, meter.state.clock + HOUR, watts=7)
    act(store, meter, meter.state.clock + DAY)
    assert len(store.load_profile(other.state.drn, FIRST, LAST, meter.state.clock + HOUR)) == 4
    store.uninstall(other.state.drn)
    assert rows(store) == DAY // QUARTER


def test_the_journal_by_time(store, new_meter):
    drn, start = new_meter().state.drn, new_meter().state.clock

    def note(at: int) -> None:
        store.change(drn, lambda meter: (meter, [Entry(at, "test", {"number": number}) for number in range(3)], None))

    for at in (start + 10, start + 20, start + 30):
        note(at)
    told = [(entry.at - start, entry.details["number"]) for entry in store.journal_between(drn, start + 10, start + 20, 100)]
    assert told == [(10, 0), (10, 1), (10, 2), (20, 0), (20, 1), (20, 2)]
    assert len(store.journal_between(drn, FIRST, LAST, 100)) == 10
    assert store.journal_between(drn, start + 10, LAST, 2, skip=3) == store.journal_between(drn, start + 20, LAST, 2)
    assert store.journal_between(drn, start + 31, LAST, 100) == ()
    assert store.journal(drn, 10) == store.journal_between(drn, FIRST, LAST, 100)


def test_both_are_found_without_a_scan(store, new_meter):
    plans = [
        "SELECT at, event, details FROM journal WHERE drn = ? AND at BETWEEN ? AND ? ORDER BY at, id LIMIT 1 OFFSET 1",
        "SELECT at, event, details FROM journal WHERE drn = ? ORDER BY at DESC, id DESC LIMIT 1",
        "SELECT at, consumed, balance, marks FROM load_profile WHERE drn = ? AND at BETWEEN ? AND ? ORDER BY at",
    ]
    for query in plans:
        plan = store._connection.execute(f"EXPLAIN QUERY PLAN {query}", (1,) * query.count("?")).fetchall()
        assert len(plan) == 1
        assert plan[0][3].startswith("SEARCH")


class TestAFileOfTheFirstVersion:
    @pytest.fixture
    def path(self, tmp_path, row_of_version_1):
        path = tmp_path / "old.db"
        connection = sqlite3.connect(path)
        for statement in Store.migrations[0]:
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {Store.application_id}")
        connection.execute("PRAGMA user_version = 1")
        row = ("12345678911", 1_795_336_200, row_of_version_1["state"], row_of_version_1["panel"])
        connection.execute("INSERT INTO meter VALUES (?, ?, ?, ?)", row)
        connection.execute("INSERT INTO journal VALUES (1, '12345678911', 1795336200, 'installed', '{}')")
        connection.commit()
        connection.close()
        return path

    def test_is_read_and_goes_on(self, path, new_meter, credit_token):
        drn = new_meter().state.drn
        with Store(path) as store:
            state = store.load(drn).state
            assert state.credit.accepted == 325 * 360_000
            assert state.last_token.number == 0
            store.change(drn, lambda meter: (meter.restore_power(state.clock + HOUR), [], None))
            store.change(drn, lambda meter: (meter.advance(state.clock + 2 * HOUR), [], None))
            assert len(store.load_profile(drn, FIRST, LAST, state.clock + 2 * HOUR)) == 4
            assert [entry.event for entry in store.journal(drn, 5)] == ["installed"]
        with Store(path) as store:
            assert store.load(drn).state.power_restored_at == state.clock + HOUR
