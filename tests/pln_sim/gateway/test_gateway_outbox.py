"""What leaves for a peer: late replies are few and never break into a slow one, and a peer that takes nothing is waited for."""

import asyncio

from pln_sim.gateway.outbox import Outbox
from pln_sim.gateway.patience import Patience

PATIENCE = Patience(late=0.001, slow=0.001)


class Transport:
    """Keeps what is written."""

    def __init__(self):
        self.written = []

    def set_write_buffer_limits(self, high):
        assert high == 0

    def write(self, data):
        self.written.append(data)


def written(use, patience=PATIENCE, enough=1):
    """What has left, once it is free again that often."""

    async def run():
        transport, freed = Transport(), asyncio.Semaphore(0)
        outbox = Outbox(transport, "peer", patience, freed.release)
        await use(outbox, transport)
        for _ in range(enough):
            await asyncio.wait_for(freed.acquire(), 20)
        outbox.close()
        return transport.written

    return asyncio.run(run())


async def until(condition):
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.001)


def test_in_one_piece():
    async def use(outbox, transport):
        outbox.send(b"reply")
        assert outbox.is_free

    assert written(use, enough=0) == [b"reply\xff"]


def test_byte_by_byte():
    async def use(outbox, transport):
        outbox.send_slowly(b"reply")
        assert not outbox.is_free

    assert written(use) == [b"r", b"e", b"p", b"l", b"y", b"\xff"]


def test_late_ones_leave_behind_a_slow_one():
    async def use(outbox, transport):
        outbox.send_late(b"one")
        outbox.send_late(b"two")
        outbox.send_slowly(b"slow reply")

    assert written(use) == [*(bytes((byte,)) for byte in b"slow reply\xff"), b"one\xfftwo\xff"]


def test_so_many_late_ones_and_no_more():
    async def use(outbox, transport):
        for number in range(20):
            outbox.send_late(b"%d" % number)
        await until(lambda: len(transport.written) == 16)
        outbox.send_late(b"there is room again")
        await until(lambda: len(transport.written) > 16)

    assert written(use, enough=0) == [*(b"%d\xff" % number for number in range(16)), b"there is room again\xff"]


def test_a_slow_one_waits_for_a_peer_that_takes_nothing():
    async def use(outbox, transport):
        outbox.send_slowly(b"slow")
        outbox.is_full = True
        await asyncio.sleep(0.02)
        assert transport.written == [b"s"]
        outbox.is_full = False
        outbox.go_on()

    assert written(use) == [b"s", b"l", b"o", b"w", b"\xff"]


def test_nothing_leaves_once_it_is_closed():
    async def use(outbox, transport):
        outbox.send_late(b"late")
        outbox.send_slowly(b"slow")
        outbox.close()
        outbox.send(b"reply")
        outbox.send_late(b"late")
        await asyncio.sleep(0.02)

    assert written(use, enough=0) == [b"s"]
