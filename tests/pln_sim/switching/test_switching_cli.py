"""``pln-sim buy`` against a gateway behind a real socket: what it prints, its exit codes, and a kill -9 in the middle."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing

import pytest

from pln_sim.gateway.messages import Mti, ResponseCode
from pln_sim.switching.journal import Journal
from pln_sim.switching.link import Address, Link, LinkError

TOKEN = "0000 0000 0000 0000 0001"
SHORT = "0.3"
"""A wait that is to end; the others never do."""


@pytest.fixture
def buy(pln_sim, socket_gateway, bench):
    def run(*options, wait=10):
        return pln_sim("buy", bench.METER, "20.000", "--gateway", socket_gateway.address, "--wait", wait, *options)

    return run


@pytest.fixture
def resume(pln_sim):
    return lambda *options, wait=10: pln_sim("buy", "--resume", "--wait", wait, *options)


def test_sold(buy):
    result = buy()
    assert (result.exit_code, result.stderr) == (0, ""), result.output
    line, token = result.stdout.splitlines()
    assert line == "sold: 48.40 kWh for meter 12345678911, Rp 20.000,00, receipt 00000001"
    assert token == TOKEN


def test_sold_as_json(buy, truth):
    answer = json.loads(buy("--json").stdout)
    (reference,) = truth.tokens
    assert (answer["outcome"], answer["open"], answer["reference"]) == ("sold", False, reference)
    assert (answer["amount"], answer["sale"]["token"], answer["sale"]["energy"]) == ("20000.00", f"{1:020}", "48.40")


@pytest.mark.parametrize("mti", [Mti.NETWORK_REQUEST, Mti.INQUIRY_REQUEST, Mti.PURCHASE_REQUEST])
def test_not_sold(buy, truth, mti):
    truth.codes[mti] = ResponseCode.UNREGISTERED_SWITCHING
    result = buy()
    assert (result.exit_code, result.stdout) == (1, "")
    (line,) = result.stderr.splitlines()
    assert line.startswith("pln-sim: not sold: Rp 20.000,00 for meter 12345678911: 0032 ERROR - Unregistered Switching")


def test_not_sold_as_json(buy, truth):
    truth.codes[Mti.INQUIRY_REQUEST] = ResponseCode.UNKNOWN_METER
    result = buy("--json")
    answer = json.loads(result.stdout)
    assert (result.exit_code, result.stderr) == (1, "")
    assert (answer["outcome"], answer["code"], answer["sale"]) == ("not sold", "0015", None)


def test_a_lost_reply_is_found_by_advice(buy, socket_gateway, truth):
    socket_gateway.silent_on = {"2200"}
    result = buy(wait=SHORT)
    assert (result.exit_code, result.stdout.splitlines()[1]) == (0, TOKEN)
    assert truth.asked == ["2800", "2100", "2200", "2220"]


def test_suspect(buy, resume, socket_gateway, truth):
    socket_gateway.silent_on = {"2200", "2220", "2221"}
    result = buy(wait=SHORT)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "reconciliation decides" in result.stderr
    assert [mti for mti in truth.asked if mti != "2800"] == ["2100", "2200", "2220", "2221", "2221"]
    # It is final, and it was told.
    assert (resume().exit_code, resume().stdout) == (0, "nothing is open\n")


def test_nothing_listens(pln_sim, bench):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    line = pln_sim.complaint("buy", bench.METER, "20000", "--gateway", f"127.0.0.1:{port}", exit_code=1)
    assert line.endswith(f"no gateway at 127.0.0.1:{port}: Connection refused")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "DRN and RUPIAH, or --resume"),
        (("12345678911",), "RUPIAH"),
        (("12345678911", "20000", "--resume"), "or --resume"),
        (("12345678911", "0"), "buy nothing"),
        (("12345678911", "-5"), "negative"),
        (("123", "20000"), "must be 11"),
        (("12345678911", "20000", "--gateway", "localhost"), "HOST:PORT"),
        (("12345678911", "20000", "--gateway", "127.0.0.1:99999"), "HOST:PORT"),
        (("12345678911", "20000", "--gateway", "192.0.2.1:63100"), "--allow-remote"),
        (("12345678911", "20000", "--gateway", "gateway.example:63100"), "--allow-remote"),
        (("12345678911", "20000", "--wait", "0"), "--wait"),
        (("12345678911", "20000", "--wait", "nan"), "--wait"),
        (("12345678911", "20000", "--wait", "3601"), "--wait"),
        (("12345678911", "20000", "--wait", "soon"), "--wait"),
        (("12345678911", "20000", "--switching", "ABC DEFGH"), "--switching: "),
        (("12345678911", "20000", "--bank", "011"), "--bank: "),
        (("12345678911", "20000", "--merchant", "7000"), "--merchant: "),
    ],
)
def test_wrong_usage(pln_sim, arguments, words):
    assert words in pln_sim.complaint("buy", *arguments)
    assert not (pln_sim.home / "switching.db").exists()


def test_a_remote_gateway_may_be_allowed(pln_sim, bench, monkeypatch):
    def nobody(address, timeout):
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(socket, "create_connection", nobody)
    options = ("--gateway", "192.0.2.1:63100", "--allow-remote")
    assert "no gateway at 192.0.2.1:63100" in pln_sim.complaint("buy", bench.METER, "20000", *options, exit_code=1)


def test_no_journal_to_resume(pln_sim):
    line = pln_sim.complaint("buy", "--resume", exit_code=1)
    assert f"there is no switching.db in {pln_sim.home}" in line
    assert not pln_sim.home.exists()
    assert "HOST:PORT" in pln_sim.complaint("buy", "--resume", "--gateway", "x")
    assert "--allow-remote" in pln_sim.complaint("buy", "--resume", "--gateway", "192.0.2.1:63100")


KILLED_AT = {
    # message type taken and not answered: what resume finds out, and asks
    "2800": ("not sold", []),
    "2100": ("not sold", []),
    "2200": ("sold", ["2800", "2220"]),
    "2220": ("sold", ["2800", "2221"]),
    "2221": ("sold", ["2800", "2221"]),
}


@pytest.mark.parametrize("mti", KILLED_AT)
def test_kill_9_and_resume(mti, bench, pln_sim, resume, socket_gateway, truth):
    outcome, asked = KILLED_AT[mti]
    socket_gateway.silent_on = {"2200", "2220", "2221"} if mti == "2221" else {"2200", mti} if mti == "2220" else {mti}
    wait = SHORT if mti in ("2220", "2221") else "30"
    command = [sys.executable, "-m", "pln_sim", "buy", bench.METER, "20000", "--gateway", str(socket_gateway.address)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen([*command, "--wait", wait], env=environment, stdout=subprocess.PIPE) as process:
        while mti not in truth.asked:
            assert process.poll() is None
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        assert process.stdout.read() == b""
    assert process.returncode == -signal.SIGKILL
    socket_gateway.silent_on = set()
    before = len(truth.asked)
    result = resume("--json")
    assert json.loads(result.stdout)["outcome"] == outcome
    assert truth.asked[before:] == asked
    assert all(count == 1 for count in truth.purchase_requests.values())
    assert result.exit_code == (0 if outcome == "sold" else 1)
    assert resume().stdout == "nothing is open\n"


def test_a_sale_that_was_never_shown_is_shown_by_resume(buy, resume, pln_sim):
    buy()
    with Journal(pln_sim.home / "switching.db") as journal:
        journal._connection.execute("UPDATE purchase SET is_told = 0")
    assert resume().stdout.splitlines()[1] == TOKEN


def test_advice_that_is_still_due_stays_due_without_a_gateway(buy, resume, pln_sim, socket_gateway, truth, bench):
    buy()
    with Journal(pln_sim.home / "switching.db") as journal:
        journal._connection.execute("UPDATE purchase SET state = 'purchasing', answer = NULL, is_told = 0")
    with socket.create_server(("127.0.0.1", 0)) as server:
        nowhere = Address(*server.getsockname())
    result = resume("--gateway", nowhere, wait=SHORT)
    assert result.exit_code == 1
    assert result.stdout.startswith("suspect: ")
    assert "advice is still due, run `pln-sim buy --resume`" in result.stdout
    # Without --gateway it goes where the purchase was begun.
    assert resume().stdout.splitlines()[1] == TOKEN


@pytest.mark.parametrize("as_json", [False, True])
def test_what_is_still_open_was_not_told(buy, resume, socket_gateway, truth, bench, as_json):
    """The gateway is gone between the commit and the reply; later it is there again, and the token is shown."""
    socket_gateway.dies_on = {"2200"}
    result = buy(*["--json"] * as_json, wait=SHORT)
    assert result.exit_code == 1
    assert "suspect" in result.stdout + result.stderr
    with closing(bench.SocketGateway(truth)) as again:
        result = resume("--gateway", again.address)
    assert (result.exit_code, result.stdout.splitlines()[1]) == (0, TOKEN)
    assert resume().stdout == "nothing is open\n"


def test_a_link_gives_up_on_too_long_a_message():
    with socket.create_server(("127.0.0.1", 0)) as server, Link(Address(*server.getsockname()), 5) as link:
        peer, _ = server.accept()
        with peer:
            peer.sendall(b"2" * 5000)
            with pytest.raises(LinkError, match="no closing one"):
                link.receive(time.monotonic() + 5)


def test_a_link_takes_slow_bytes_and_many_messages_at_once():
    with socket.create_server(("127.0.0.1", 0)) as server, Link(Address(*server.getsockname()), 5) as link:
        peer, _ = server.accept()
        with peer:
            for piece in (b"28", b"10\xff", b"2810\xff2110\xff22"):
                peer.sendall(piece)
            assert [link.receive(time.monotonic() + 5) for _ in range(3)] == [b"2810", b"2810", b"2110"]
            assert link.receive(time.monotonic()) is None
        with pytest.raises(LinkError, match="closed"):
            link.receive(time.monotonic() + 5)
