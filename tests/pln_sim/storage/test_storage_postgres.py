"""What only a server can do: be away, end connections, refuse, be shared; and what is told of it, never the password."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import pytest

from meter_emu.shell.errors import BusyError, FileError
from pln_sim.storage import open_depot
from pln_sim.storage.schema import migrations

psycopg = pytest.importorskip("psycopg")
NEWEST = len(migrations())


def terminate(postgres):
    """End all connections of this program, as a server that is started anew does."""
    postgres.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'pln-sim'")


def told(act):
    """The one line of the FileError that comes."""
    with pytest.raises(FileError) as caught:
        act()
    assert "\n" not in str(caught.value)
    return str(caught.value)


def once(trouble):
    """A job that meets trouble at its first run, and counts its runs."""
    runs = []

    def job(storage):
        runs.append(storage)
        if len(runs) == 1:
            trouble()
        storage.reference("F" * 32)  # asks the server, even for what is known
        return storage.next_serial()

    job.runs = runs
    return job


def test_a_connection_lost_between_transactions_is_made_anew(opened_server, postgres, some):
    depot = opened_server()
    depot.run(lambda storage: storage.add_sale(some.SALE))
    terminate(postgres)
    assert depot.run(lambda storage: storage.next_serial()) == 2
    terminate(postgres)
    assert list(depot.sales()) == [some.SALE]


def test_a_connection_lost_before_the_commit_is_tried_again(opened_server, postgres, some):
    depot = opened_server()
    job = once(lambda: terminate(postgres))
    results = depot.run_together([lambda storage: storage.add_sale(some.SALE), job, lambda storage: storage.next_serial()])
    assert results == [None, 2, 2]
    assert list(depot.sales()) == [some.SALE]


@pytest.mark.parametrize("trouble", [psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected])
def test_a_transaction_that_the_server_gives_up_is_tried_again(opened_server, some, trouble):
    depot = opened_server()

    def fail():
        raise trouble("as a server says")

    job = once(fail)
    assert depot.run_together([lambda storage: storage.add_sale(some.SALE), job]) == [None, 2]
    assert len(job.runs) == 2
    assert list(depot.sales()) == [some.SALE]


def test_a_server_that_always_gives_up_is_an_error_in_the_end(opened_server, some):
    depot = opened_server()

    def fail(storage):
        storage.add_sale(some.SALE)
        raise psycopg.errors.SerializationFailure("as a server says")

    assert "try again; nothing was changed" in told(lambda: depot.run(fail))
    assert list(depot.sales()) == []


def test_a_connection_lost_in_the_commit_is_not_tried_again(opened_server, postgres, some):
    """Whether it is written nobody can tell, so the line says that, and the next transaction works."""
    depot = opened_server()
    postgres.execute(
        "CREATE FUNCTION pln_sim.strike() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END'"
    )
    postgres.execute(
        "CREATE CONSTRAINT TRIGGER strike AFTER INSERT ON pln_sim.sale DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION pln_sim.strike()"
    )
    assert "in the moment of the commit" in told(lambda: depot.run(lambda storage: storage.add_sale(some.SALE)))
    postgres.execute("DROP TRIGGER strike ON pln_sim.sale")
    assert list(depot.sales()) == []
    depot.run(lambda storage: storage.add_sale(some.SALE))
    assert list(depot.sales()) == [some.SALE]


def test_a_commit_whose_answer_is_lost_is_not_made_twice(opened_server, postgres, some, monkeypatch):
    """The server goes when it has written, and psycopg does not see at once that the connection is lost."""
    depot = opened_server()
    pipeline = depot._pipeline

    @contextmanager
    def lose():
        with pipeline():
            yield
        terminate(postgres)
        raise psycopg.OperationalError("as psycopg says")

    monkeypatch.setattr(depot, "_pipeline", lose)
    runs = []
    assert "in the moment of the commit" in told(
        lambda: depot.run(lambda storage: (runs.append(1), storage.count_in_month(some.METER, some.NOON, 5)))
    )
    monkeypatch.undo()
    assert len(runs) == 1
    assert depot.run(lambda storage: storage.bought_in_month(some.METER, some.NOON)) == 5


def test_a_server_that_is_away_is_one_line_until_it_is_back(opened_server, postgres, some):
    depot = opened_server()
    depot.run(lambda storage: storage.add_sale(some.SALE))
    postgres.stop()
    try:
        for act in (lambda: depot.run(lambda storage: 1), lambda: list(depot.sales()), lambda: open_depot(postgres.url)):
            line = told(act)
            assert "see that the server runs and lets you in; nothing was changed" in line
            assert postgres.PASSWORD not in line
    finally:
        postgres.start()
    assert list(depot.sales()) == [some.SALE]
    assert depot.run(lambda storage: storage.next_serial()) == 2


def test_a_database_that_many_make_at_once_is_made_once(postgres, some):
    def make(number):
        with open_depot(postgres.url) as depot:
            serial = depot.run(lambda storage: storage.next_serial())
            depot.run(lambda storage: storage.add_reference(replace(some.REFERENCE, number=f"{number:032}")))
            return serial

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(make, range(8))) == [1] * 8
    assert postgres.execute("SELECT count(*) FROM pln_sim.reference") == [(8,)]
    assert postgres.execute("SELECT * FROM pln_sim.schema_version") == [(NEWEST,)]
    assert postgres.execute("SELECT count(*) FROM pln_sim.revision") == [(1,)]


def test_a_newer_schema_is_refused_and_left_as_it_was(opened_server, postgres):
    opened_server()
    postgres.execute("UPDATE pln_sim.schema_version SET version = version + 1")
    assert f"newer version of this program (schema {NEWEST + 1}, not {NEWEST}): update it" in told(
        lambda: open_depot(postgres.url)
    )
    assert postgres.execute("SELECT * FROM pln_sim.schema_version") == [(NEWEST + 1,)]


def test_a_schema_of_another_program_is_one_line(postgres):
    postgres.execute("CREATE SCHEMA pln_sim")
    postgres.execute("CREATE TABLE pln_sim.sale (what TEXT)")
    assert "not as this program made them" in told(lambda: open_depot(postgres.url))
    assert postgres.execute("SELECT count(*) FROM pln_sim.sale") == [(0,)]


def test_tables_that_were_spoilt_are_one_line(opened_server, postgres, some):
    depot = opened_server()
    postgres.execute("DROP TABLE pln_sim.month")
    results = [told(lambda: depot.run(lambda storage: storage.add_sale(some.SALE))) for _ in range(2)]
    assert all("not as this program made them" in line for line in results)
    assert list(depot.sales()) == []


def test_a_role_that_may_not_make_the_schema_is_one_line(postgres):
    postgres.execute("DROP ROLE IF EXISTS guest")
    postgres.execute("CREATE ROLE guest LOGIN PASSWORD 'secret'")
    line = told(lambda: open_depot(postgres.url.replace("pln:", "guest:").replace("p%40ss%2Fw%25rd", "secret")))
    assert "give this role the right to make and write the schema pln_sim" in line
    assert "secret" not in line


def test_a_commit_is_durable_even_where_the_server_thinks_otherwise(postgres):
    postgres.execute("ALTER ROLE pln SET synchronous_commit = 'off'")
    try:
        with open_depot(postgres.url) as depot:
            (row,) = depot.run(lambda storage: storage._connection.execute("SHOW synchronous_commit").fetchall())
    finally:
        postgres.execute("ALTER ROLE pln RESET synchronous_commit")
    assert row == ("on",)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://pln:pala%40pinang@/postgres?host={folder}",  # a wrong password
        "postgresql://pln:pala%40pinang@/none?host={folder}",
        "postgresql://pln:pala%40pinang@127.0.0.1:port/x",
        "postgresql://pln:pala%40pinang@127.0.0.1:1/x",  # nobody there
        "postgresql://pala.invalid/x?user=pln&password=pinang",
    ],
)
def test_a_server_that_lets_nobody_in_is_one_line_without_the_password(pln_sim, postgres_server, url):
    line = pln_sim.complaint("vend", "12345678911", "20000", "--db", url.format(folder=postgres_server.folder), exit_code=1)
    assert "postgresql://" in line
    assert "pinang" not in line
    if "invalid" not in url:
        assert "pala" not in line


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://pln:pala@pinang@127.0.0.1:1/x",
        "postgresql://pln:pala/pinang@127.0.0.1:1/x",
        "postgresql://pln:pala:pinang@[::1/x",
        "postgresql:pala",
        "postgres://pln@127.0.0.1:1/x?passwort=pinang",
        "mysql://pln:pinang@127.0.0.1/x",
        "postgresql+psycopg://pln:pinang@127.0.0.1/x",
        "host=127.0.0.1 dbname=x password=pinang",
        "password = pinang",
        "",
    ],
)
@pytest.mark.parametrize("command", [("vend", "12345678911", "20000"), ("gateway",), ("recon", "gateway")])
def test_what_is_no_address_is_wrong_usage_and_not_quoted(pln_sim, tmp_path, monkeypatch, command, url):
    monkeypatch.chdir(tmp_path)
    line = pln_sim.complaint(*command, "--db", url)
    assert "'--db'" in line
    assert "postgresql://USER@HOST:PORT/DATABASE" in line
    assert "pinang" not in line
    assert "pala" not in line
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_stands_still_is_given_up(opened_server, postgres, some, monkeypatch):
    """Its kernel still takes what is sent, so only a clock of our own can tell."""
    from pln_sim.storage import postgres as module

    depot = opened_server()
    depot.run(lambda storage: storage.add_sale(some.SALE))
    ((pid,),) = postgres.execute("SELECT pid FROM pg_stat_activity WHERE application_name = 'pln-sim'")
    monkeypatch.setattr(module, "_SILENT_SECONDS", 0.3)
    monkeypatch.setattr(module.psycopg.Connection, "connect", refuse)
    os.kill(pid, signal.SIGSTOP)
    try:
        assert "nothing was changed" in told(lambda: depot.run(lambda storage: storage.next_serial()))
    finally:
        os.kill(pid, signal.SIGCONT)
    monkeypatch.undo()
    assert depot.run(lambda storage: storage.next_serial()) == 2


def refuse(*_, **__):
    raise psycopg.OperationalError("not now")


def test_a_row_that_others_keep_is_busy(opened_server, postgres):
    depot = opened_server(patience_seconds=0.1)
    with psycopg.connect(postgres.url) as other:
        other.execute("SELECT registry FROM pln_sim.revision FOR UPDATE")
        with pytest.raises(BusyError, match="other processes keep it busy"):
            depot.run(lambda storage: 1)
    assert depot.run(lambda storage: 1) == 1


def test_without_psycopg_the_extra_is_named(tmp_path):
    code = "import sys; sys.modules['psycopg'] = None; from pln_sim.cli.main import main; main()"
    command = [sys.executable, "-c", code, "token", "credit", "12345678911", "--kwh", "1", "--db", "postgresql://127.0.0.1/x"]
    done = subprocess.run(command, capture_output=True, text=True, env={"PYTHONPATH": ":".join(sys.path)}, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "meter-emu[postgres]" in done.stderr.splitlines()[-1]


def test_vend_and_token_use_it_too(pln_sim, postgres):
    sold = pln_sim("vend", "12345678911", "20000", "--db", postgres.url, "--at", "2026-11-22T08:30")
    assert sold.exit_code == 0, sold.output
    (token,) = pln_sim.tokens("credit", "12345678911", "--kwh", "1", "--db", postgres.url, "--at", "2026-11-22T08:30")
    with open_depot(postgres.url) as depot:
        (sale,) = depot.sales()
    assert token["tid"] == sale.tid + 1
    assert not pln_sim.home.exists()


def test_a_turn_that_does_not_come_is_given_up_and_taken_later(postgres, some):
    from pln_sim.storage.postgres import PostgresDepot

    with PostgresDepot(postgres.url) as holder, PostgresDepot(postgres.url, some.SHORT_SECONDS) as waiting:
        holder.take_turn()
        assert "busy: try again" in told(waiting.take_turn)
        holder.run(lambda storage: storage.add_sale(some.SALE))
        waiting.take_turn()
        assert waiting.run_together([lambda storage: storage.next_serial()] * 2) == [2, 2]


def test_a_turn_whose_connection_is_lost_is_taken_anew(opened_server, postgres, some):
    depot = opened_server()
    depot.take_turn()
    terminate(postgres)
    depot.run(lambda storage: (storage.sale(some.SALE.reference), storage.add_sale(some.SALE)))
    assert list(depot.sales()) == [some.SALE]


def test_a_job_that_reads_nothing_learns_of_a_lost_connection_when_it_may_be_written(opened_server, postgres, some):
    depot = opened_server()
    depot.take_turn()
    terminate(postgres)
    with pytest.raises(FileError, match="must be looked up"):
        depot.run(lambda storage: storage.add_sale(some.SALE))
    assert list(depot.sales()) == []
    depot.run(lambda storage: storage.add_sale(some.SALE))
    assert list(depot.sales()) == [some.SALE]
