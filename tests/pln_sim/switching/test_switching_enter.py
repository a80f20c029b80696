"""``pln-sim buy --enter``: the token goes into a meter, or the sale is told all the same; killed anywhere, it is finished."""

import json
import os
import signal
import subprocess
import sys
from contextlib import closing

import pytest

from meter_emu.store import Entry, Store
from meter_emu.sts.numbers import Drn
from pln_sim.switching.journal import Journal

SHORT = "0.3"
TID = 6_900_000
LONG_AGO = 1_700_000_000
KILLED = """
import os, signal
from pln_sim.cli import buy_entry
from pln_sim.cli.main import main

key_in = buy_entry.key_in

def struck(at_meter, digits):
    {is_keyed} and key_in(at_meter, digits)
    os.kill(os.getpid(), signal.SIGKILL)

buy_entry.key_in = struck
main()
"""


@pytest.fixture
def meter_home(tmp_path):
    return tmp_path / "meter"


@pytest.fixture
def meter(meter_home, new_meter):
    """A meter in a home; call it for its credit in kWh and the tokens of its journal."""
    meter_home.mkdir()
    with Store(meter_home / "meters.db") as store:
        fresh = new_meter()
        store.install(fresh._replace(state=fresh.state._replace(clock=LONG_AGO)), entry_of_installation())

    def look():
        with Store(meter_home / "meters.db") as store:
            state = store.load(new_meter().state.drn).state
            entries = [entry.details["result"] for entry in store.journal(state.drn, 10) if entry.event == "token"]
        return state.credit.balance // 3_600_000, entries

    return look


def entry_of_installation():
    return Entry(LONG_AGO, "installed", {})


@pytest.fixture
def truth_with_tokens(truth, credit_token):
    """A gateway that sells 48.4 kWh for that meter."""
    truth.next_token = lambda: credit_token(TID + len(truth.tokens), 484)
    return truth


@pytest.fixture
def buy(pln_sim, socket_gateway, bench, meter_home, truth_with_tokens):
    words = ("buy", bench.METER, "20.000", "--gateway", socket_gateway.address, "--enter", meter_home)
    return lambda *options, wait=10: pln_sim(*words, "--wait", wait, *options)


@pytest.fixture
def resume(pln_sim, meter_home):
    return lambda *options: pln_sim("buy", "--resume", "--wait", 10, "--enter", meter_home, *options)


def grouped(token):
    return " ".join(token[start : start + 4] for start in range(0, 20, 4))


def test_sold_and_entered(buy, meter, truth):
    result = buy()
    (token,) = truth.tokens.values()
    assert (result.exit_code, result.stderr) == (0, "")
    line, digits, *answer = result.stdout.splitlines()
    assert line.startswith("sold: 48.40 kWh for meter 12345678911")
    assert digits == grouped(token)
    assert [text.split()[0] for text in answer] == ["BENAR", "48.40", "48.40"]
    assert meter() == (48, ["Accept"])


def test_json_has_both_parts(buy, meter):
    answer = json.loads(buy("--json").stdout)
    assert (answer["outcome"], answer["sale"]["energy"]) == ("sold", "48.40")
    assert (answer["entry"]["accepted"], answer["entry"]["lcd"][0], answer["entry"]["credit_kwh"]) == (True, "BENAR", "48.4")


def test_without_a_folder_it_is_this_home(pln_sim, socket_gateway, bench, new_meter, truth_with_tokens):
    pln_sim.home.mkdir()
    with Store(pln_sim.home / "meters.db") as store:
        fresh = new_meter()
        store.install(fresh._replace(state=fresh.state._replace(clock=LONG_AGO)), entry_of_installation())
    result = pln_sim("buy", bench.METER, "20.000", "--gateway", socket_gateway.address, "--enter")
    assert (result.exit_code, "BENAR" in result.stdout) == (0, True), result.output


def test_without_enter_there_is_no_entry(pln_sim, socket_gateway, bench):
    result = pln_sim("buy", bench.METER, "20000", "--gateway", socket_gateway.address, "--json")
    assert json.loads(result.stdout)["entry"] is None


@pytest.mark.parametrize("as_json", [False, True])
def test_a_meter_that_refuses_does_not_undo_the_sale(buy, meter, truth, resume, as_json):
    truth.next_token = lambda: "0" * 19 + "1"
    result = buy(*["--json"] * as_json)
    assert result.exit_code == 1
    if as_json:
        answer = json.loads(result.stdout)
        assert (answer["outcome"], answer["sale"]["token"], answer["entry"]["accepted"]) == ("sold", "0" * 19 + "1", False)
    else:
        assert result.stdout.splitlines()[1] == "0000 0000 0000 0000 0001"
        assert "refused: " in result.stdout
    assert meter()[0] == 0
    assert resume().stdout == "nothing is open\n"


def test_a_home_without_the_meter_is_told_before_anything_is_bought(buy, pln_sim, meter_home, truth, bench, new_meter):
    def complaint(words):
        result = buy()
        assert (result.exit_code, result.stdout) == (1, "")
        (line,) = result.stderr.splitlines()
        assert words in line
        assert str(meter_home) in line
        assert truth.asked == []
        assert not (pln_sim.home / "switching.db").exists()

    complaint("no meter is installed")
    assert not meter_home.exists()
    meter_home.mkdir()
    complaint("no meter is installed")
    assert list(meter_home.iterdir()) == []
    other = new_meter()
    other = other._replace(state=other.state._replace(drn=Drn("14100000109")))
    with Store(meter_home / "meters.db") as store:
        store.install(other, entry_of_installation())
    complaint(f"meter {bench.METER} is not installed")
    (meter_home / "meters.db").write_bytes(b"no database, but long enough to be looked at" * 20)
    complaint("meter file")


@pytest.mark.parametrize("as_json", [False, True])
def test_nothing_is_entered_while_it_is_suspect(buy, resume, meter, socket_gateway, pln_sim, as_json):
    socket_gateway.silent_on = {"2200", "2220", "2221"}
    result = buy(*["--json"] * as_json, wait=SHORT)
    assert result.exit_code == 1
    assert "suspect" in result.stdout + result.stderr
    assert meter() == (0, [])
    # The last advice is still due, as if the client had been killed: what it brings is entered.
    with Journal(pln_sim.home / "switching.db") as journal:
        journal._connection.execute("UPDATE purchase SET state = 'last repeat due', is_told = 0")
    socket_gateway.silent_on = set()
    result = resume(*["--json"] * as_json)
    assert (result.exit_code, result.stderr) == (0, "")
    assert "BENAR" in result.stdout
    assert meter() == (48, ["Accept"])


@pytest.mark.parametrize("is_keyed", [False, True])
def test_killed_between_sold_and_entered(buy, resume, meter, meter_home, bench, socket_gateway, truth_with_tokens, is_keyed):
    options = ["--gateway", str(socket_gateway.address), "--enter", str(meter_home)]
    done = subprocess.run(
        [sys.executable, "-c", KILLED.format(is_keyed=is_keyed), "buy", bench.METER, "20000", *options],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    (token,) = truth_with_tokens.tokens.values()
    result = resume()
    assert result.stdout.splitlines()[1] == grouped(token)
    if is_keyed:
        assert result.exit_code == 1
        assert "used already" in result.stdout
        assert "the credit is on the meter already" in result.stdout.splitlines()[-1]
    else:
        assert result.exit_code == 0
        assert "BENAR" in result.stdout
    assert meter()[0] == 48
    assert resume().stdout == "nothing is open\n"


def test_what_the_gateway_sold_as_it_died_is_entered_later(buy, resume, meter, socket_gateway, bench, truth):
    socket_gateway.dies_on = {"2200"}
    assert buy(wait=SHORT).exit_code == 1
    assert meter() == (0, [])
    with closing(bench.SocketGateway(truth)) as again:
        result = resume("--gateway", again.address)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines()[1] == grouped(*truth.tokens.values())
    assert meter() == (48, ["Accept"])


def test_resume_goes_on_where_a_meter_is_elsewhere(buy, pln_sim, resume, meter, meter_home, socket_gateway, truth):
    elsewhere = "14100000109"
    for number in (elsewhere, "12345678911"):
        assert pln_sim("buy", number, "20000", "--gateway", socket_gateway.address).exit_code == 0
    with Journal(pln_sim.home / "switching.db") as journal:
        journal._connection.execute("UPDATE purchase SET is_told = 0")
    result = resume()
    assert result.exit_code == 1
    assert f"warning: the token of meter {elsewhere} was not keyed in: meter {elsewhere} is not installed" in result.stderr
    assert all(grouped(token) in result.stdout for token in truth.tokens.values())
    assert meter() == (48, ["Accept"])
    # The one that is in no meter yet is shown again; without --enter that is all.
    again = pln_sim("buy", "--resume")
    assert (again.exit_code, len(again.stdout.splitlines())) == (0, 2)
    assert resume().stdout == "nothing is open\n"


def test_resume_wants_a_home_with_meters(resume, meter_home):
    result = resume()
    assert (result.exit_code, result.stdout) == (1, "")
    assert f"no meter is installed in {meter_home}" in result.stderr
