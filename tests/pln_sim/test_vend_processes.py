"""Sales at once: together they never pass a month's ceiling and never share a TID; a killed one leaves nothing half done."""

import json
import os
import signal
import sqlite3
import subprocess
import sys

import pytest

METER = "12345678911"
PAID, KWH = "30000", "70.2"
ARGUMENTS = ("vend", METER, PAID, "--at", "2026-11-22T08:30", "--json")
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
    if statement.startswith(os.environ["STRIKE_AT"]):
        os.kill(os.getpid(), signal.SIGKILL)

Database._prepare = watched
main()
"""


def started(home, *command, **environment):
    return subprocess.Popen(
        [sys.executable, *command, *ARGUMENTS],
        env=os.environ | {"METER_EMU_HOME": str(home), "PYTHONPATH": os.pathsep.join(sys.path)} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def count(path, table):
    connection = sqlite3.connect(path)
    try:
        return connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
    finally:
        connection.close()


def test_sales_at_once_stay_below_the_ceiling(tmp_path):
    running = [started(tmp_path, "-m", "pln_sim") for _ in range(8)]
    answers = [process.communicate() for process in running]
    codes = sorted(process.returncode for process in running)
    assert codes == [0, 0, 0, 0, 1, 1, 1, 1], answers
    sold = [json.loads(output) for output, _ in answers if output]
    assert len({sale["token"] for sale in sold}) == len({sale["reference"] for sale in sold}) == 4
    assert count(tmp_path / "vending.db", "used_tid") == count(tmp_path / "vending.db", "sale") == 4


@pytest.mark.parametrize("statement", ["BEGIN", "SELECT kwh", "INSERT INTO used_tid", "INSERT INTO sale", "COMMIT"])
def test_a_killed_sale_is_no_sale(tmp_path, statement):
    killed = started(tmp_path, "-c", KILLED, STRIKE_AT=statement)
    output, _ = killed.communicate()
    assert (killed.returncode, output) == (-signal.SIGKILL, "")
    assert count(tmp_path / "vending.db", "sale") == 0
    again = started(tmp_path, "-m", "pln_sim")
    output, errors = again.communicate()
    assert again.returncode == 0, errors
    assert json.loads(output)["kwh"] == KWH
    assert count(tmp_path / "vending.db", "used_tid") == 1
    assert count(tmp_path / "vending.db", "sale") == 1
