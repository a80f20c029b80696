"""Upgrades that are killed, and two at once: one contract, one voucher, one set of tokens."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

AT = ("--at", "2026-11-22T08:30")
KILLED = """
import os, signal, sys
from meter_emu.shell.database import Database
from pln_sim.cli.main import main

prepare = Database._prepare

def watched(database):
    prepare(database)
    if database._path.name == "vending.db":
        database._connection.set_trace_callback(strike)

def strike(statement):
    if statement.strip().startswith(os.environ["STRIKE_AT"]):
        os.kill(os.getpid(), signal.SIGKILL)

Database._prepare = watched
main()
"""
KILLED_BEFORE_THE_PRINT = """
import os, signal
from pln_sim.cli import upgrade_work
from pln_sim.cli.main import main

upgrade_work.upgrade_json = lambda made: os.kill(os.getpid(), signal.SIGKILL)
main()
"""


@pytest.fixture
def started(pln_sim):
    """Starts `pln-sim upgrade` as a process."""

    def start(*arguments, program=("-m", "pln_sim"), **environment):
        return subprocess.Popen(
            [sys.executable, *program, "upgrade", *arguments, *AT, "--json"],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)} | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start


@pytest.fixture
def rows(pln_sim):
    """What a query of the database yields."""

    def read(query):
        with closing(sqlite3.connect(pln_sim.home / "vending.db")) as connection:
            return connection.execute(query).fetchall()

    return read


@pytest.fixture
def voucher(run, some):
    return run("voucher", some.METER, "A1", *AT)["voucher"]


STATEMENTS = ("BEGIN", "INSERT INTO upgrade", "DELETE FROM customer", "INSERT INTO customer", "UPDATE revision", "COMMIT")


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_killed_upgrade_is_none(started, rows, run, some, voucher, statement):
    arguments = (some.METER, "--va", "900", "--voucher", voucher)
    killed = started(*arguments, program=("-c", KILLED), STRIKE_AT=statement)
    output, errors = killed.communicate(timeout=some.PATIENCE)
    assert (killed.returncode, output) == (-signal.SIGKILL, ""), errors
    assert rows("SELECT * FROM upgrade") == rows("SELECT * FROM used_tid") == []
    assert rows(f"SELECT tariff, va FROM customer WHERE meter = '{some.METER}'") == [("R1", 450)]  # noqa: S608
    made = run(*arguments, *AT)
    assert made["paid"] == "150000.00"
    assert len(rows("SELECT * FROM used_tid")) == 1


def test_killed_between_commit_and_print_it_tells_the_same_tokens_when_run_again(started, rows, run, some, voucher):
    arguments = (some.METER, "--va", "900", "--voucher", voucher)
    killed = started(*arguments, program=("-c", KILLED_BEFORE_THE_PRINT))
    output, _ = killed.communicate(timeout=some.PATIENCE)
    assert (killed.returncode, output) == (-signal.SIGKILL, "")
    ((digits, used, paid),) = rows("SELECT digits, voucher, paid FROM upgrade")
    made = run(*arguments)
    assert (made["repeated"], " ".join(made["tokens"]), made["voucher"]) == (True, digits, used)
    assert rows("SELECT digits, voucher, paid FROM upgrade") == [(digits, used, paid)]
    assert len(rows("SELECT * FROM used_tid")) == 1


def test_two_upgrades_with_one_voucher(started, rows, some, voucher):
    powers = ("900", "1300", "2200", "3500")
    running = [started(some.METER, "--va", va, "--voucher", voucher) for va in powers]
    answers = [process.communicate(timeout=some.PATIENCE) for process in running]
    codes = sorted(process.returncode for process in running)
    assert codes == [0, 1, 1, 1], answers
    assert all("voucher" in errors or "upgrade is to more" in errors for output, errors in answers if not output)
    assert len(rows("SELECT * FROM upgrade")) == 1


def test_one_upgrade_asked_for_many_times_at_once(started, rows, some, voucher):
    running = [started(some.METER, "--va", "900", "--voucher", voucher) for _ in range(4)]
    answers = [process.communicate(timeout=some.PATIENCE) for process in running]
    made = [json.loads(output) for output, _ in answers]
    assert {tuple(each["tokens"]) for each in made} == {tuple(made[0]["tokens"])}
    assert sorted(each["repeated"] for each in made) == [False, True, True, True]
    assert len(rows("SELECT * FROM used_tid")) == len(rows("SELECT * FROM upgrade")) == 1


def test_vouchers_for_one_order_at_once(started, rows, some, pln_sim):
    running = [started("voucher", some.METER, "A7") for _ in range(4)]
    codes = {json.loads(process.communicate(timeout=some.PATIENCE)[0])["voucher"] for process in running}
    assert len(codes) == len(rows("SELECT * FROM voucher")) == 1
