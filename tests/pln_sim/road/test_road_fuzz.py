"""Random and mutated streams: they never stop the gateway, grow its memory, or reach another connection.

A witness is signed on all the while and has half a message on the wire; its other half is answered as if nothing had been.
"""

import random
import re
import socket
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import pytest

from pln_sim.gateway.framing import FrameReader, frame
from pln_sim.gateway.messages import Amount, Message, Mti, read, table, write

METER = "14100000109"
NOON = datetime(2026, 11, 22, 12, 0)
MEGABYTE = 1 << 20
MOST_GROWTH = 16 * MEGABYTE
SIGN_ON = Message.of(Mti.NETWORK_REQUEST, local_time=NOON, action_code="001", switcher_id="10000D3")


def order(mti, trace, **values):
    values |= {"amount": Amount(50_000, 0), "trace_number": f"{trace:012}", "local_time": NOON, "merchant_category": "6015"}
    return Message.of(mti, **values, bank_code="0110000", switcher_id="10000D3", meter_number=METER)


INQUIRY = order(Mti.INQUIRY_REQUEST, 1)
PURCHASE = order(Mti.PURCHASE_REQUEST, 2, pln_reference="A" * 32, receipt_reference="R" * 32)
STREAMS = tuple(map(write, (SIGN_ON, INQUIRY, PURCHASE)))


def mutated(rnd):
    """A message with some bytes changed, dropped or put in."""
    stream = bytearray(rnd.choice(STREAMS))
    for _ in range(rnd.randint(1, 6)):
        place = rnd.randrange(len(stream))
        stream[place : place + rnd.randint(0, 3)] = rnd.randbytes(rnd.randint(0, 3))
    return bytes(stream) + b"\xff"


def digits(rnd):
    """What looks like a message, and is longer than one may be."""
    return b"2200" + bytes(rnd.choices(b"0123456789", k=9000))


LONG = b"x" * 4000 + b"\xff"
"""Improper, and as long as a message may be."""
KINDS = {
    "noise": lambda rnd: rnd.randbytes(6000),
    "mutated": lambda rnd: b"".join(mutated(rnd) for _ in range(30)),
    "never closed": digits,
    "empty messages": lambda rnd: b"\xff" * 2000,
    "half a message": lambda rnd: STREAMS[2][:100],
}


class Witness:
    """A connection that does everything right."""

    def __init__(self, connection):
        self.socket = connection
        self._reader = FrameReader()

    def ask(self, data):
        self.socket.sendall(data)
        return self.reply()

    def reply(self):
        while (stream := self._reader.next_message()) is None:
            data = self.socket.recv(4096)
            assert data, "the gateway closed the witness's connection"
            self._reader.receive(data)
        return read(stream)

    def is_silent(self):
        """Whether nothing came that was not asked for."""
        self.socket.setblocking(False)
        try:
            self.socket.recv(1)
        except BlockingIOError:
            return self._reader.next_message() is None
        finally:
            self.socket.settimeout(60)
        return False


@pytest.fixture
def witness(gateway):
    with gateway.connect() as connection:
        witness = Witness(connection)
        assert witness.ask(frame(write(SIGN_ON))).is_successful
        yield witness


def poured(gateway, data):
    """Send all of it to a connection of its own and read what comes, until either side has enough."""
    with gateway.connect() as connection, suppress(ConnectionError):
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            pass


@pytest.mark.parametrize("kind", KINDS)
def test_others_are_not_reached(gateway, witness, kind):
    rnd = random.Random(kind)
    for number in range(12):
        message = frame(write(order(Mti.INQUIRY_REQUEST, number)))
        place = rnd.randrange(1, len(message))
        witness.socket.sendall(message[:place])
        poured(gateway, KINDS[kind](rnd))
        reply = witness.ask(message[place:])
        assert (reply.mti, reply[table.TRACE_NUMBER], reply.is_successful) == ("2110", f"{number:012}", True)
    assert witness.is_silent()


def memory_of(pid):
    """Bytes that the process has in memory, now."""
    (kilobytes,) = re.findall(r"^VmRSS:\s+(\d+) kB$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return int(kilobytes) * 1024


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_memory_does_not_grow(gateway, witness):
    rnd = random.Random(1)
    blocks = [KINDS["noise"](rnd) * 10, KINDS["mutated"](rnd) * 5, b"\xff" * 2000, LONG * 1000]
    for block in blocks:
        poured(gateway, block)
    before = memory_of(gateway.pid)
    # None of these reads a reply: the gateway must stop reading too, and not keep what it cannot send.
    deaf = [gateway.connect() for _ in range(8)]
    try:
        for connection in deaf:
            connection.settimeout(0.1)
            with suppress(TimeoutError, ConnectionError):
                for _ in range(16):
                    connection.sendall(LONG * (MEGABYTE // len(LONG)))
        assert witness.ask(frame(write(INQUIRY))).is_successful
        assert memory_of(gateway.pid) - before < MOST_GROWTH
    finally:
        for connection in deaf:
            connection.close()
    assert witness.ask(frame(write(INQUIRY))).is_successful
    assert witness.is_silent()
