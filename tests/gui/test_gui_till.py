"""The till behind the window's shop: its prices are the price list's, and kill -9 at any moment costs nobody money."""

import json
import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from meter_emu.cli.gui_gateway import gateway_of_our_own
from meter_emu.cli.gui_shop import shop_at
from meter_gui.shop import NothingDue, Refusal, Slip

DRN = "04176855916"
PATIENCE = 30
KILLED = """
import os, signal, sys
from meter_emu.cli.gui_shop import shop_at
from pln_sim.switching.link import Link

home, moment, drn, gateway = sys.argv[1:]
begin, receive, send = Link.__init__, Link.receive, Link.send

def die(now):
    if now == moment:
        os.kill(os.getpid(), signal.SIGKILL)

def tell(link, address, patience):
    print(address.port, flush=True)
    begin(link, address, patience)

def receive_or_die(link, deadline):
    stream = receive(link, deadline)
    die("received " + (stream or b"")[:4].decode())
    return stream

def send_or_die(link, stream, patience):
    send(link, stream, patience)
    die("sent " + stream[:4].decode())

Link.__init__, Link.receive, Link.send = tell, receive_or_die, send_or_die
shop_at(home, gateway or None).buy(drn, 20_000_00)
die("sold")
"""


@pytest.fixture(autouse=True)
def sources(monkeypatch):
    """Processes of our own find the packages where this one does."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path for path in sys.path if path))


@pytest.fixture
def shop(home):
    home.mkdir(mode=0o700)
    return shop_at(str(home), None)


def buy_and_die(home, moment: str, drn: str = DRN, gateway: str = "") -> int:
    """Where the gateway of a window listened that was killed at that moment of its purchase."""
    command = [sys.executable, "-c", KILLED, str(home), moment, drn, gateway]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == -signal.SIGKILL, done.stderr
    return int(done.stdout)


def is_gone(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def test_the_prices_are_those_of_the_guide_and_what_pln_gets_is_less_its_fee(shop):
    offers = {offer.code: (offer.price, offer.amount) for offer in shop.offers}
    assert list(offers)[:3] == ["PL20", "PL25", "PL30"]
    assert len(offers) == 15
    assert offers["PL20"] == (18_550_00, 18_400_00)
    assert offers["PL1000"] == (998_550_00, 998_400_00)


@pytest.mark.parametrize(
    ("moment", "kinds"),
    [
        ("received 2110", (Refusal,)),
        ("sent 2200", (Slip, Refusal)),
        ("received 2210", (Slip,)),
        ("sold", (Slip,)),
    ],
)
def test_a_window_killed_in_mid_purchase_leaves_no_gateway_and_loses_no_sale(home, shop, moment, kinds):
    port = buy_and_die(home, moment)
    deadline = time.monotonic() + PATIENCE
    while not is_gone(port):
        assert time.monotonic() < deadline, "the gateway goes on alone"
        time.sleep(0.05)
    due = shop.due(DRN)
    assert type(due) in kinds, due
    if isinstance(due, Slip):
        assert ("RP BAYAR", "Rp 20.000,00") in due.lines
        assert shop.due(DRN) == due
        assert shop.due("12345678911") == NothingDue()
        shop.keyed_in(due)
    else:
        assert due.text.startswith("not sold")
    assert shop.due(DRN) == NothingDue()


def test_what_is_not_keyed_in_is_due_in_the_next_window(home, shop):
    slip = shop.buy(DRN, 20_000_00)
    assert isinstance(slip, Slip)
    assert shop_at(str(home), None).due(DRN) == slip


def test_what_was_begun_at_a_gateway_that_runs_is_finished_there_and_nowhere_else(home, shop):
    drn = "12345678911"
    with gateway_of_our_own(str(home)) as gateway:
        buy_and_die(home, "received 2210", drn, str(gateway))
    refusal = shop.due(drn)
    assert isinstance(refusal, Refusal)
    assert refusal.text == "suspect: the gateway is asked again when a window opens"
    command = [sys.executable, "-m", "pln_sim", "--home", str(home), "gateway", "--listen", str(gateway)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as running:
        try:
            assert running.stdout is not None
            assert str(gateway) in running.stdout.readline()
            assert isinstance(shop.due(drn), Slip)
        finally:
            running.terminate()


def test_a_refusal_is_told_once(shop):
    assert isinstance(shop.buy("12345678911", 1_000_000_00), Refusal)
    assert shop.due("12345678911") == NothingDue()


def test_another_window_at_the_till_is_waited_for_and_not_robbed(home, shop):
    from meter_emu.cli.gui_till import LOCK_NAME
    from meter_emu.shell.lock import alone

    buy_and_die(home, "received 2210")
    with alone(home / LOCK_NAME):
        assert shop.due(DRN) == NothingDue()
        busy = shop.buy(DRN, 20_000_00)
        assert isinstance(busy, Refusal)
        assert "another window" in busy.text
    assert isinstance(shop.due(DRN), Slip)


def test_a_gateway_that_cannot_begin_says_why(home, shop):
    (home / "vending.db").write_text("no database")
    refusal = shop.buy(DRN, 20_000_00)
    assert isinstance(refusal, Refusal)
    assert "vending.db" in refusal.text
    assert "Traceback" not in json.dumps(refusal)
