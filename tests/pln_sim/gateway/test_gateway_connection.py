"""One connection at a time, with a committer that answers when the test says so."""

import asyncio
import socket
import struct
from contextlib import asynccontextmanager

import pytest

from meter_emu.sts.keys.key_store import KeyStore
from pln_sim.gateway import log
from pln_sim.gateway.configuration import built_in_configuration, load_built_in
from pln_sim.gateway.connection import PIECE
from pln_sim.gateway.desk import Desk
from pln_sim.gateway.fault import Fault
from pln_sim.gateway.faults import Faults
from pln_sim.gateway.messages import Mti, read, table, write
from pln_sim.gateway.patience import Patience
from pln_sim.gateway.server import Server
from pln_sim.gateway.vending_unit import VendingUnit

PATIENCE = 20
SECRET = "01234567890123456789"


class HeldCommitter:
    """Keeps what it is asked until told to answer."""

    def __init__(self, depot):
        self._depot = depot
        self.asked = []

    def run(self, job, patience_seconds, about=()):
        promise = asyncio.get_running_loop().create_future()
        self.asked.append((job, promise))
        return promise

    def answer(self):
        job, promise = self.asked.pop(0)
        promise.set_result(self._depot.run_together([job])[0])


class TroubledFaults(Faults):
    """Fails for each request about a meter."""

    def of_request(self, request):
        if table.METER_NUMBER in request:
            raise RuntimeError(SECRET)


class Place:
    """A server and its peers, all in one loop."""

    def __init__(self, committer, server, address):
        self.committer = committer
        self.server = server
        self.address = address

    async def peer(self):
        return await asyncio.open_connection(*self.address)

    async def asked(self, count=1):
        await until(lambda: len(self.committer.asked) >= count)


async def until(condition):
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.001)


async def reply(reader):
    async with asyncio.timeout(PATIENCE):
        return read((await reader.readuntil(b"\xff"))[:-1])


async def fill(peer):
    """Have improper messages sent back until nothing goes any more."""
    improper = (b"A" * 4000 + b"\xff") * 10
    sent = refused = 0
    peer.setblocking(False)
    while refused < 1000:
        try:
            sent += peer.send(improper[sent % len(improper) :])
            refused = 0
        except BlockingIOError:
            refused += 1
            await asyncio.sleep(0)


async def rest(reader):
    """All that still comes before the connection ends."""
    async with asyncio.timeout(PATIENCE):
        try:
            return await reader.read()
        except ConnectionError:
            return b""


@pytest.fixture
def place(depot, helpers, caplog):
    """Opens a place."""
    depot.run(load_built_in)
    caplog.set_level("INFO", log.LOGGER.name)

    @asynccontextmanager
    async def opened(faults=None, **patience):
        desk = Desk(built_in_configuration().registry, {}, VendingUnit(KeyStore.empty()), lambda: "A" * 32, lambda below: 0)
        committer = HeldCommitter(depot)
        server = Server(
            desk, committer, faults or Faults({}, {}), lambda: helpers.NOON, Patience(**{"read": PATIENCE} | patience)
        )
        place = Place(committer, server, await server.listen("127.0.0.1", 0))
        try:
            yield place
        finally:
            stopping = asyncio.create_task(server.stop())
            while not stopping.done():
                while committer.asked:
                    committer.answer()
                await asyncio.sleep(0.001)
            await stopping

    return opened


@pytest.fixture
def echo(helpers):
    return write(helpers.sign_on(action="301")) + b"\xff"


def events(caplog, name):
    return [record.message for record in caplog.records if record.message.startswith(f"event={name}")]


def test_the_next_message_is_begun_when_the_reply_has_left(place, echo):
    async def use():
        async with place() as at:
            reader, writer = await at.peer()
            writer.write(echo * 2)
            await at.asked()
            writer.write(echo[:10])
            await asyncio.sleep(0.02)
            writer.write(echo[10:])
            await asyncio.sleep(0.02)
            asked = []
            for _ in range(3):
                await at.asked()
                asked.append(len(at.committer.asked))
                at.committer.answer()
                assert (await reply(reader)).is_successful
            writer.close()
            return asked

    assert asyncio.run(use()) == [1, 1, 1]


def test_what_waits_behind_a_message_is_bounded_and_answered(place, echo):
    async def use():
        async with place() as at:
            with socket.socket() as peer:
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, PIECE)
                peer.connect(at.address)
                peer.setblocking(False)
                sent, asking = 0, echo * 400
                for _ in range(2000):
                    try:
                        sent += peer.send(asking[sent % len(echo) :])
                    except BlockingIOError:
                        await asyncio.sleep(0)
                    if sent > 200 * PIECE:
                        break
                assert PIECE < sent < 200 * PIECE
                replies = 0
                while replies < 4 * PIECE // len(echo):
                    await at.asked()
                    at.committer.answer()
                    replies += (await asyncio.get_running_loop().sock_recv(peer, PIECE)).count(b"\xff")

    asyncio.run(use())


def test_the_peer_s_last_byte_while_its_message_is_answered(place, echo, caplog):
    async def use():
        async with place() as at:
            reader, writer = await at.peer()
            writer.write(echo * 2)
            writer.write_eof()
            for _ in range(2):
                await at.asked()
                await asyncio.sleep(0.02)
                at.committer.answer()
                assert (await reply(reader)).is_successful
            assert await rest(reader) == b""
            writer.close()

    asyncio.run(use())
    assert 'why="closed by peer"' in events(caplog, "disconnected")[0]


def test_what_a_peer_asked_is_carried_out_although_it_has_gone(place, echo, caplog):
    async def use():
        async with place() as at:
            _, writer = await at.peer()
            writer.write(echo * 3)
            await at.asked()
            writer.transport.abort()
            await asyncio.sleep(0.02)
            for _ in range(3):
                await at.asked()
                at.committer.answer()
            await until(lambda: events(caplog, "disconnected"))

    asyncio.run(use())
    assert len(events(caplog, "answered")) == 3


def test_thousands_of_improper_messages_hold_nobody_up(place, echo, caplog):
    async def use():
        async with place() as at:
            (noisy, to_noisy), (reader, writer) = await at.peer(), await at.peer()
            to_noisy.write(b"x\xff" * 5000)
            await until(lambda: events(caplog, "echoed"))
            writer.write(echo)
            while not at.committer.asked:
                await asyncio.sleep(0)
            at.committer.answer()
            assert (await reply(reader)).is_successful
            async with asyncio.timeout(PATIENCE):
                assert await noisy.readexactly(10000) == b"x\xff" * 5000
            to_noisy.close()
            writer.close()

    asyncio.run(use())
    order = [record.message.split()[0] for record in caplog.records]
    assert order.count("event=echoed") == 5000
    assert order.index("event=answered") < len(order) - order[::-1].index("event=echoed") - 1


@pytest.mark.parametrize("faults", [None, Faults({}, {Fault.SLOW_BYTES: 1})])
def test_stopping_answers_what_is_under_way(place, helpers, echo, caplog, faults):
    request = write(helpers.request(Mti.INQUIRY_REQUEST)) + b"\xff"

    async def use():
        async with place(faults, slow=0) as at:
            (resting, to_resting), (begun, to_begun), (busy, to_busy) = [await at.peer() for _ in range(3)]
            to_busy.write(request)
            await at.asked()
            to_begun.write(echo[:5])
            await asyncio.sleep(0.02)
            stopping = asyncio.create_task(at.server.stop())
            assert [await rest(resting), await rest(begun)] == [b"", b""]
            to_busy.write(echo)  # too late
            await asyncio.sleep(0.02)
            assert not stopping.done()
            at.committer.answer()
            assert (await reply(busy)).mti == Mti.INQUIRY_RESPONSE
            assert await rest(busy) == b""
            await asyncio.wait_for(stopping, PATIENCE)
            for writer in (to_resting, to_begun, to_busy):
                writer.close()

    asyncio.run(use())
    assert [line.partition("why=")[2] for line in events(caplog, "disconnected")] == ["stopping"] * 3


@pytest.mark.parametrize("goes", [True, False])
def test_what_is_improper_is_not_sent_back_to_a_peer_that_has_gone_nor_when_stopping(place, echo, caplog, goes):
    async def use():
        async with place() as at:
            _, writer = await at.peer()
            writer.write(echo + b"x\xff" * 5000)
            await at.asked()
            if goes:
                writer.transport.abort()
            else:
                stopping = asyncio.create_task(at.server.stop())
            await asyncio.sleep(0.02)
            at.committer.answer()
            await until(lambda: events(caplog, "disconnected"))
            if not goes:
                await stopping
                writer.close()

    asyncio.run(use())
    assert len(events(caplog, "echoed")) < 1000


def test_stopping_does_not_take_its_time_over_a_slow_reply(place, helpers):
    async def use():
        async with place(Faults({}, {Fault.SLOW_BYTES: 1}), slow=3600) as at:
            reader, writer = await at.peer()
            writer.write((write(helpers.request(Mti.INQUIRY_REQUEST)) + b"\xff") * 2)
            await at.asked()
            stopping = asyncio.create_task(at.server.stop())
            await asyncio.sleep(0.02)
            for _ in range(2):
                await at.asked()
                at.committer.answer()
                assert (await reply(reader)).mti == Mti.INQUIRY_RESPONSE
            await asyncio.wait_for(stopping, PATIENCE)
            writer.close()

    asyncio.run(use())


def test_stopping_does_not_wait_for_a_peer_that_takes_nothing(place, caplog):
    async def use():
        async with place(read=0.1) as at:
            with socket.create_connection(at.address) as peer:
                await fill(peer)
                await at.server.stop()

    asyncio.run(use())
    assert 'why="too slow"' in events(caplog, "disconnected")[0]


def test_a_peer_that_takes_nothing_has_its_time_once(place, caplog):
    async def use():
        async with place(read=0.5) as at:
            with socket.create_connection(at.address) as peer:
                await fill(peer)
                at.server.patience = Patience(read=3600)  # from now on
                await until(lambda: events(caplog, "disconnected"))

    asyncio.run(use())
    assert 'why="too slow"' in events(caplog, "disconnected")[0]


def test_a_peer_that_goes_with_its_window_full(place, caplog):
    async def use():
        async with place(read=3600) as at:
            with socket.create_connection(at.address) as peer:
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                await fill(peer)
            await until(lambda: events(caplog, "disconnected"))

    asyncio.run(use())
    assert 'why="connection lost"' in events(caplog, "disconnected")[0]


def test_a_defect_ends_its_connection_alone_and_tells_no_secret(place, helpers, echo, caplog):
    async def use():
        async with place(TroubledFaults({}, {})) as at:
            (reader, writer), (other, to_other) = await at.peer(), await at.peer()
            writer.write(write(helpers.request(Mti.INQUIRY_REQUEST)) + b"\xff" + echo)
            assert await rest(reader) == b""
            to_other.write(echo)
            await at.asked()
            at.committer.answer()
            assert (await reply(other)).is_successful
            writer.close()
            to_other.close()

    asyncio.run(use())
    assert [line.partition("what=")[2] for line in events(caplog, "trouble")] == ["connection error=RuntimeError"]
    assert "why=trouble" in events(caplog, "disconnected")[0]
    assert SECRET not in caplog.text


def test_a_reply_that_cannot_be_written_ends_the_connection(place, echo, caplog):
    async def use():
        async with place() as at:
            reader, writer = await at.peer()
            writer.write(echo)
            await at.asked()
            at.committer.asked.pop()[1].set_result(SECRET)  # no answer at all
            assert await rest(reader) == b""
            writer.close()

    asyncio.run(use())
    assert len(events(caplog, "trouble")) == 1
    assert SECRET not in caplog.text


@pytest.mark.parametrize("begun", [b"", b"28"])
def test_a_peer_that_says_nothing_more(place, echo, caplog, begun):
    async def use():
        async with place(read=0.05 if begun else PATIENCE, idle=PATIENCE if begun else 0.05) as at:
            reader, writer = await at.peer()
            writer.write(echo)
            await at.asked()
            writer.write(begun)
            await asyncio.sleep(0.1)  # an answer takes as long as it takes
            at.committer.answer()
            assert (await reply(reader)).is_successful
            assert await rest(reader) == b""
            writer.close()

    asyncio.run(use())
    assert 'why="too slow"' in events(caplog, "disconnected")[0]
