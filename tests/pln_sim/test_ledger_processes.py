"""The ledger among processes: many at once, and some killed in the middle."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from meter_emu.sts.keys import default_parameters
from meter_emu.sts.keys.key_store import MeterCard
from meter_emu.sts.numbers import Drn, TokenIdentifier
from pln_sim.storage import open_depot
from pln_sim.vending.ledger import reserve

METER = "12345678911"
AT = "2026-11-22T23:50"
PROCESSES, EACH = 4, 25
CARD = MeterCard(default_parameters(Drn(METER)))
SCRIPT = Path(sys.executable).with_name("pln-sim")

ONE_BY_ONE = f"""
import sys
from meter_emu.sts.keys import default_parameters
from meter_emu.sts.keys.key_store import MeterCard
from meter_emu.sts.numbers import Drn, TokenIdentifier
from pln_sim.storage import open_depot
from pln_sim.vending.ledger import reserve

card = MeterCard(default_parameters(Drn("{METER}")))
for _ in range(int(sys.argv[2])):
    with open_depot(sys.argv[1]) as depot:
        print(*depot.run(lambda storage: reserve(storage, card, TokenIdentifier(7))), flush=True)
"""
KILLED = f"""
import os, signal, sys
from meter_emu.sts.keys import default_parameters
from meter_emu.sts.keys.key_store import MeterCard
from meter_emu.sts.numbers import Drn, TokenIdentifier
from pln_sim.storage import open_depot
from pln_sim.vending.ledger import reserve

def strike(statement):
    if statement.startswith(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)

card = MeterCard(default_parameters(Drn("{METER}")))
depot = open_depot(sys.argv[1])
depot._connection.set_trace_callback(strike)
print(*depot.run(lambda storage: reserve(storage, card, TokenIdentifier(7), 3)), flush=True)
strike("AFTER")
"""


def started(*command):
    return subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_processes_at_once_get_different_tids(tmp_path):
    arguments = ["--home", tmp_path, "token", "credit", METER, "--kwh", "1", "--at", AT, "--count", EACH, "--json"]
    running = [started(SCRIPT, *arguments) for _ in range(PROCESSES)]
    answers = [process.communicate() for process in running]
    assert [process.returncode for process in running] == [0] * PROCESSES, answers
    tids = [json.loads(line)["tid"] for stdout, _ in answers for line in stdout.splitlines()]
    assert len(tids) == PROCESSES * EACH
    first = min(tids)
    # 23:50 and 99 minutes more, with one minute 00:01 among them.
    assert sorted(tids) == [tid for tid in range(first, first + 101) if tid != first + 11]


def test_processes_that_open_a_new_ledger_again_and_again(tmp_path):
    running = [started(sys.executable, "-c", ONE_BY_ONE, tmp_path / "vending.db", EACH) for _ in range(PROCESSES)]
    answers = [process.communicate() for process in running]
    assert [process.returncode for process in running] == [0] * PROCESSES, answers
    tids = [int(line) for stdout, _ in answers for line in stdout.split()]
    assert sorted(tids) == list(range(7, 7 + PROCESSES * EACH))


@pytest.mark.parametrize(("moment", "next_tid"), [("BEGIN", 7), ("SELECT", 7), ("INSERT", 7), ("COMMIT", 7), ("AFTER", 10)])
def test_killed_in_the_middle_of_a_reservation(tmp_path, moment, next_tid):
    path = tmp_path / "vending.db"
    process = started(sys.executable, "-c", KILLED, path, moment)
    stdout, stderr = process.communicate()
    assert (process.returncode, stderr) == (-signal.SIGKILL, "")
    assert stdout == ("7 8 9\n" if moment == "AFTER" else "")
    with open_depot(path) as depot:
        assert depot.run(lambda storage: reserve(storage, CARD, TokenIdentifier(7))) == [next_tid]


def test_killed_while_it_prints(tmp_path):
    arguments = ["token", "credit", METER, "--kwh", "1", "--at", AT, "--count", "3000", "--json", "--home", tmp_path]
    seen = []
    for lines_before_the_blow in (1, 2, 20):
        with started(SCRIPT, *arguments) as process:
            lines = [process.stdout.readline() for _ in range(lines_before_the_blow)]
            process.kill()
            whole_lines = ("".join(lines) + process.stdout.read()).rpartition("\n")[0].splitlines()
        seen += [json.loads(line)["tid"] for line in whole_lines]
    assert len(seen) == len(set(seen))
    with open_depot(tmp_path / "vending.db") as depot:
        (tid,) = depot.run(lambda storage: reserve(storage, CARD, TokenIdentifier(min(seen))))
    assert tid > max(seen)
