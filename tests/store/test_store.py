"""The memory: what is committed is there, for this process and the next; what is wrong with the file is told in one line."""

import json
import resource
import sqlite3
import stat
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from meter_emu.meter import Meter
from meter_emu.shell.errors import FileError
from meter_emu.store import AlreadyInstalled, Entry, Store, UnknownMeter
from meter_emu.sts.numbers import Drn

NOW = 1_795_336_300
OTHER = Drn("04176855916")
VERSION = len(Store.migrations)


def entry(meter: Meter, event: str = "test") -> Entry:
    return Entry(meter.state.clock, event, {})


def enter(store: Store, drn: Drn, token: str) -> bool:
    def act(meter: Meter) -> tuple[Meter, list[Entry], bool]:
        after, outcome = meter.enter(token, NOW)
        return after, [Entry(NOW, "token", {"token": token, "accepted": outcome.accepted})], outcome.accepted

    return store.change(drn, act)


def enter_many(store: Store, drn: Drn, tokens: list[str]) -> int:
    return sum(enter(store, drn, token) for token in tokens)


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "meters.db"


@pytest.fixture
def installed(path, new_meter) -> Path:
    with Store(path) as store:
        store.install(new_meter(), entry(new_meter(), "installed"))
    return path


def test_a_meter_is_there_after_the_file_was_closed(installed, new_meter, credit_token):
    drn = new_meter().state.drn
    with Store(installed) as store:
        assert enter(store, drn, credit_token(1000, 325))
    with Store(installed) as store:
        assert store.load(drn).state.credit.accepted == 325 * 360_000
        assert [entry.event for entry in store.journal(drn, 10)] == ["installed", "token"]
        assert [entry.event for entry in store.journal(drn, 1)] == ["token"]


def test_the_file_is_for_its_owner_alone(installed):
    with Store(installed):
        for file in installed.parent.iterdir():
            assert stat.S_IMODE(file.stat().st_mode) == 0o600, file


def test_a_file_open_to_others_is_closed_to_them(installed):
    installed.chmod(0o644)
    with Store(installed):
        assert stat.S_IMODE(installed.stat().st_mode) == 0o600


def test_every_commit_is_on_the_disk(installed):
    with Store(installed) as store:
        connection = store._connection
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)


def test_many_meters_share_a_file(installed, new_meter):

    other = new_meter()._replace(state=new_meter().state._replace(drn=OTHER, clock=NOW))
    with Store(installed) as store:
        store.install(other, entry(other))
        store.change(OTHER, lambda meter: (meter.set_load(700, NOW), [], None))
        assert store.drns() == (new_meter().state.drn, OTHER)
        assert (store.load(OTHER).state.load, store.load(new_meter().state.drn).state.load) == (700, 0)


def test_an_unknown_meter(installed):
    with Store(installed) as store, pytest.raises(UnknownMeter, match="04176855916"):
        store.load(OTHER)


def test_a_meter_is_installed_once_unless_it_is_replaced(installed, new_meter, credit_token):
    meter = new_meter()
    with Store(installed) as store:
        enter(store, meter.state.drn, credit_token(1000))
        with pytest.raises(AlreadyInstalled):
            store.install(meter, entry(meter))
        assert store.load(meter.state.drn).state.credit.accepted
        store.install(meter, entry(meter), replace=True)
        assert store.load(meter.state.drn) == meter
        assert len(store.journal(meter.state.drn, 10)) == 1


def test_what_raises_changes_nothing(installed, new_meter):
    drn = new_meter().state.drn

    def act(meter: Meter) -> tuple[Meter, list[Entry], None]:
        return meter.set_load(1, NOW), [Entry(NOW, "impossible", {"value": object()})], None

    with Store(installed) as store:
        with pytest.raises(TypeError):
            store.change(drn, act)
        assert store.load(drn) == new_meter()
        store.change(drn, lambda meter: (meter.set_load(2, NOW), [], None))
        assert store.load(drn).state.load == 2


def enter_in_another_process(arguments: tuple[Path, str, list[str]]) -> int:
    path, drn, tokens = arguments
    with Store(path) as store:
        return enter_many(store, Drn(drn), tokens)


def test_two_processes_at_one_meter_take_turns(installed, new_meter, credit_token):
    drn = new_meter().state.drn
    tokens = [credit_token(1000 + number) for number in range(20)]
    # Every process enters every token, each in another order: each token may count once in all.
    work = [(installed, str(drn), tokens[start:] + tokens[:start]) for start in (0, 5, 10, 15)]
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        accepted = list(pool.map(enter_in_another_process, work))
    with Store(installed) as store:
        state = store.load(drn).state
        assert sum(accepted) == 20
        assert state.credit.accepted == 20 * 10 * 360_000
        assert state.history.credit_tokens == 20
        assert sum(entry.details.get("accepted", False) for entry in store.journal(drn, 1000)) == 20


def what_is_told(path: Path) -> str:
    try:
        with Store(path) as store:
            for drn in store.drns():
                store.change(drn, lambda meter: (meter.set_load(9, NOW), [], None))
    except FileError as error:
        return str(error)
    return "nothing"


def told(path: Path) -> str:
    """What is said of a file that cannot be used: always one line, always with its name."""
    message = what_is_told(path)
    assert str(path) in message
    assert "\n" not in message
    return message


def test_a_file_from_a_newer_version(installed):
    with sqlite3.connect(installed) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.close()
    before = installed.read_bytes()
    assert "newer version" in told(installed)
    assert installed.read_bytes() == before


def test_a_file_that_is_no_database(path):
    path.write_bytes(b"these are not the pages of a database" * 100)
    assert "is not a database" in told(path)


def test_a_database_of_another_program(path):
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE music (title)")
    connection.close()
    assert "another program" in told(path)


@pytest.mark.parametrize("version", [VERSION])
def test_a_database_of_another_program_with_our_version(path, version):
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE music (title)")
    connection.execute(f"PRAGMA user_version = {version}")
    connection.close()
    assert "another program" in told(path)


def test_a_file_cut_short(installed, new_meter):
    content = installed.read_bytes()
    installed.write_bytes(content[: len(content) // 2])
    assert "damaged" in told(installed)


@pytest.mark.parametrize("text", ["{", "[]", "null", "{}", '{"drn": "12345678911"}', "[" * 100_000])
def test_a_row_that_is_damaged_shows_no_key(installed, text):
    with sqlite3.connect(installed) as connection:
        connection.execute("UPDATE meter SET state = ?", (text,))
    connection.close()
    assert "row of meter 12345678911" in told(installed)


def test_a_damaged_key_is_not_shown(installed, new_meter):
    secret = new_meter().state.key.decoder_key.octets.hex()
    with sqlite3.connect(installed) as connection:
        connection.execute("UPDATE meter SET state = replace(state, ?, ?)", (secret, secret[:-2] + "zz"))
    connection.close()
    assert secret[:8] not in told(installed)


def test_a_folder_in_the_place_of_the_file(path):
    path.mkdir()
    assert "cannot be written" in told(path)


def test_a_missing_folder(tmp_path):
    assert "cannot be written" in told(tmp_path / "nowhere" / "meters.db")


def test_a_read_only_folder(installed, new_meter, in_a_child):
    installed.parent.chmod(0o555)
    try:
        message = in_a_child(lambda: what_is_told(installed), files=(installed,))
    finally:
        installed.parent.chmod(0o755)
    assert str(installed) in message
    assert "\n" not in message
    assert "cannot be" in message
    with Store(installed) as store:
        assert store.load(new_meter().state.drn).state.load == 0


def test_a_full_disk(installed, new_meter, credit_token, in_a_child):
    drn = new_meter().state.drn

    def fill() -> str:
        # The kernel refuses to let any file of this process grow beyond the limit, as a full disk would.
        resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))
        accepted = 0
        try:
            with Store(installed) as store:
                for number in range(1000):
                    accepted += enter(store, drn, credit_token(1000 + number))
        except FileError as error:
            return json.dumps([accepted, str(error)])
        return "the disk never filled"

    accepted, message = json.loads(in_a_child(fill, is_root_too=True))
    assert str(installed) in message
    assert "nothing was changed" in message
    with Store(installed) as store:
        state = store.load(drn).state
        assert 0 < state.history.credit_tokens == accepted
        assert enter(store, drn, credit_token(9999))


def test_a_disk_with_no_room_for_one_page(installed, new_meter, credit_token):
    drn = new_meter().state.drn
    with Store(installed) as store:
        pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
        store._connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(FileError, match="disk is full"):
            enter_many(store, drn, [credit_token(1000 + number) for number in range(1000)])
        store._connection.execute("PRAGMA max_page_count = 1000000")
        before = store.load(drn).state.history.credit_tokens
        assert enter(store, drn, credit_token(9999))
        assert store.load(drn).state.history.credit_tokens == before + 1
