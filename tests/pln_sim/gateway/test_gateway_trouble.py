"""What a switching is told when the gateway itself is in trouble, and gateways that share a database."""

import asyncio
import signal
import sqlite3

import pytest

from meter_emu.shell.errors import FileError
from meter_emu.sts.keys.key_store import KeyStore
from pln_sim.gateway.committer import Committer
from pln_sim.gateway.configuration import built_in_configuration, load_built_in
from pln_sim.gateway.desk import Desk
from pln_sim.gateway.faults import Faults
from pln_sim.gateway.messages import Mti, read, table, write
from pln_sim.gateway.patience import Patience
from pln_sim.gateway.server import Server
from pln_sim.gateway.vending_unit import VendingUnit
from pln_sim.storage import open_depot

METER = "14100000109"


class TroubledCommitter:
    """Carries nothing out."""

    def __init__(self, error):
        self._error = error

    def run(self, job, patience_seconds, about=()):
        promise = asyncio.get_running_loop().create_future()
        promise.set_exception(self._error)
        return promise


@pytest.mark.parametrize(
    ("error", "code"),
    [(FileError("the disk is full"), "0005"), (RuntimeError("01234567890123456789"), "0005"), (TimeoutError(), "0068")],
)
@pytest.mark.parametrize("mti", [Mti.NETWORK_REQUEST, Mti.INQUIRY_REQUEST, Mti.PURCHASE_REQUEST, Mti.ADVICE_REQUEST])
def test_trouble_is_a_response_code_and_the_connection_stays(helpers, caplog, mti, error, code):
    request = helpers.sign_on() if mti is Mti.NETWORK_REQUEST else helpers.request(mti)

    async def ask():
        built_in = built_in_configuration()
        unit = VendingUnit(KeyStore.empty())
        desk = Desk(built_in.registry, built_in.test_meters, unit, lambda: "A" * 32, lambda: 0)
        server = Server(desk, TroubledCommitter(error), Faults({}, {}), lambda: helpers.NOON, Patience(read=20))
        reader, writer = await asyncio.open_connection(*await server.listen("127.0.0.1", 0))
        replies = []
        for _ in range(2):
            writer.write(write(request) + b"\xff")
            replies.append(read((await reader.readuntil(b"\xff"))[:-1]))
        writer.close()
        await writer.wait_closed()
        await server.stop()
        return replies

    for reply in asyncio.run(ask()):
        assert reply[table.RESPONSE_CODE] == code
        assert reply.fault is None
    assert "01234567890123456789" not in caplog.text


def test_a_busy_database_is_0068_in_time_and_nothing_is_sold_later(helpers, depot, tmp_path):
    """The order: an inquiry, others lock the file, a purchase is answered 0068, they let it go, advice says 0096."""
    depot.run(load_built_in)

    async def ask():
        built_in = built_in_configuration()
        desk = Desk(built_in.registry, {}, VendingUnit(KeyStore.empty()), lambda: "A" * 32, lambda: 0)
        async with Committer(lambda: open_depot(tmp_path / "vending.db", 0.05)) as committer:
            server = Server(desk, committer, Faults({}, {}), lambda: helpers.NOON, Patience(read=20, work=0.3))
            reader, writer = await asyncio.open_connection(*await server.listen("127.0.0.1", 0))

            async def reply_to(message):
                writer.write(write(message) + b"\xff")
                return read((await reader.readuntil(b"\xff"))[:-1])

            assert (await reply_to(helpers.sign_on())).is_successful
            order = {"reference": (await reply_to(helpers.request(Mti.INQUIRY_REQUEST)))[table.PLN_REFERENCE]}
            with sqlite3.connect(tmp_path / "vending.db", isolation_level=None) as other:
                other.execute("BEGIN IMMEDIATE")
                held = await reply_to(helpers.request(Mti.PURCHASE_REQUEST, **order))
                other.execute("ROLLBACK")
            other.close()
            told = await reply_to(helpers.request(Mti.ADVICE_REQUEST, **order))
            writer.close()
            await writer.wait_closed()
            await server.stop()
        return held[table.RESPONSE_CODE], told[table.RESPONSE_CODE]

    assert asyncio.run(ask()) == ("0068", "0096")
    assert list(depot.sales()) == []


def test_a_second_signal_ends_it_at_once(start, helpers, tmp_path):
    gateway = start()
    peer = gateway.peer().sign_on()
    with sqlite3.connect(tmp_path / "vending.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        peer.send(helpers.request(Mti.INQUIRY_REQUEST))
        gateway.process.send_signal(signal.SIGINT)
        gateway.wait_for("event=stopping")
        assert gateway.process.poll() is None
        assert gateway.terminate() == -signal.SIGTERM
    other.close()


def test_a_database_that_is_busy_from_the_start_is_named(pln_sim, depot, tmp_path, monkeypatch):
    monkeypatch.setattr("pln_sim.cli.gateway.DEPOT_SECONDS", 0.05)
    with sqlite3.connect(tmp_path / "vending.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        line = pln_sim.complaint("gateway", "--listen", "127.0.0.1:0", "--db", tmp_path / "vending.db", exit_code=1)
    other.close()
    assert f"vending database {tmp_path / 'vending.db'}: database is locked: other processes keep it busy: try again" in line


def test_gateways_share_a_database(start, helpers):
    peers = [start().peer().sign_on() for _ in range(2)]
    order = {"meter": METER, "reference": peers[0].inquire(meter=METER)}
    for peer in peers:
        peer.send(*[helpers.request(Mti.PURCHASE_REQUEST, **order)] * 5)
    codes = [read(peer.stream())[table.RESPONSE_CODE] for peer in peers for _ in range(5)]
    assert sorted(codes) == ["0000"] + ["0098"] * 9
    told = [peer.ask(helpers.request(Mti.ADVICE_REQUEST, **order)) for peer in peers]
    assert told[0].texts == told[1].texts


def test_purchase_and_advice_at_once_agree(shared, helpers):
    """Whichever comes first decides, and the other one says the same."""
    buyer, asker = shared.peer().sign_on(), shared.peer().sign_on()
    for _ in range(20):
        order = {"meter": METER, "reference": buyer.inquire(meter=METER, paid=5000), "paid": 5000}
        buyer.send(helpers.request(Mti.PURCHASE_REQUEST, **order))
        asker.send(helpers.request(Mti.ADVICE_REQUEST, **order))
        bought, told = read(buyer.stream()), read(asker.stream())
        codes = bought[table.RESPONSE_CODE], told[table.RESPONSE_CODE]
        assert codes in {("0000", "0000"), ("0098", "0096")}
        if bought.is_successful:
            assert bought[table.TOKEN] == told[table.TOKEN]
