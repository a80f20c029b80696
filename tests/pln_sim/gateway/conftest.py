"""A desk with its depot and no socket, and a gateway as a process with peers on raw sockets."""

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from datetime import datetime
from itertools import count

import pytest

from meter_emu.sts.keys.key_store import KeyStore
from meter_emu.sts.numbers import Drn
from meter_emu.sts.tokens import decode
from pln_sim.gateway.configuration import built_in_configuration
from pln_sim.gateway.desk import Desk, Session
from pln_sim.gateway.messages import Amount, Message, Mti, ResponseCode, read, table, write
from pln_sim.gateway.vending_unit import VendingUnit
from pln_sim.storage import open_depot

SWITCHING, BANK, METER = "10000D3", "0110000", "12345678911"
PAID = 50_000
NOON = datetime(2026, 11, 22, 12, 0)
PATIENCE = 20
"""Seconds after which a test fails instead of hanging."""


def request(mti, *, reference="0" * 32, switcher_id=SWITCHING, bank_code=BANK, meter=METER, paid=PAID, **values):
    """A request with everything in it right that is not said otherwise."""
    values = {
        "amount": paid if isinstance(paid, Amount) else Amount(paid, 0),
        "trace_number": "000000000001",
        "local_time": NOON,
        "merchant_category": "6015",
        "bank_code": bank_code,
        "switcher_id": switcher_id,
        "meter_number": meter,
    } | values
    if mti != Mti.INQUIRY_REQUEST:
        values |= {"pln_reference": reference, "receipt_reference": "R" * 32}
    return Message.of(mti, **values)


def sign_on(switcher_id=SWITCHING, action="001"):
    """A network management request."""
    return Message.of(Mti.NETWORK_REQUEST, local_time=NOON, action_code=action, switcher_id=switcher_id)


def spoilt(message, **texts):
    """The same message with other texts, rules or not."""
    spoken = {field.name: message.text(field) for field in message.layout.fields if field in message}
    return Message.of_texts(message.mti, spoken | texts)


def opened(token, meter=METER):
    """The token as the meter's own key opens it."""
    keys = KeyStore.empty()
    return decode(token, keys.key_of(keys.card(Drn(meter))).decoder_key.cipher())


class Counter:
    """A desk and its depot, asked without a socket."""

    def __init__(self, depot, configuration=None, keys=None, **options):
        self.depot = depot
        self.now = NOON
        self.session = Session(SWITCHING)
        self._numbers = count(1)
        self._options = options
        self._keys = keys or KeyStore.empty()
        self.configure(configuration or built_in_configuration())

    def configure(self, configuration):
        self.registry = configuration.registry
        self.customers = configuration.customers
        self.depot.run(lambda storage: storage.load(self.registry, self.customers))
        unit, test_meters = VendingUnit(self._keys), configuration.test_meters
        numbers = self._numbers
        self.desk = Desk(self.registry, test_meters, unit, lambda: f"{next(numbers):032X}", lambda: 5, **self._options)

    def change(self, **changes):
        """Change the registry."""
        self.registry = replace(self.registry, **changes)
        self.depot.run(lambda storage: storage.load(self.registry, self.customers))

    def ask(self, message, session=None):
        """The reply to a message; the session is kept unless one is named."""
        asked = self.session if session is None else session
        (answer,) = self.depot.run_together([lambda storage: self.desk.answer(message, asked, self.now, storage)])
        if isinstance(answer, Exception):
            raise answer
        if session is None:
            self.session = answer.session
        return answer.reply

    def code(self, message, session=None):
        return self.ask(message, session)[table.RESPONSE_CODE]

    def inquire(self, session=None, **values):
        """The reference an inquiry yields."""
        reply = self.ask(request(Mti.INQUIRY_REQUEST, **values), session)
        assert reply.is_successful, reply
        return reply[table.PLN_REFERENCE]


class Peer:
    """A switching on a raw socket."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self._rest = b""

    def close(self):
        self.socket.close()

    def send(self, *messages):
        streams = (write(message) if isinstance(message, Message) else message for message in messages)
        self.socket.sendall(b"".join(stream + b"\xff" for stream in streams))

    def stream(self):
        """The next message; None at the end of the connection."""
        while b"\xff" not in self._rest:
            try:
                data = self.socket.recv(4096)
            except ConnectionError:
                return None
            if not data:
                return None
            self._rest += data
        stream, _, self._rest = self._rest.partition(b"\xff")
        return stream

    def ask(self, message):
        self.send(message)
        return read(self.stream())

    def sign_on(self, switcher_id=SWITCHING):
        assert self.ask(sign_on(switcher_id)).is_successful
        return self

    def inquire(self, **values):
        reply = self.ask(request(Mti.INQUIRY_REQUEST, **values))
        assert reply.is_successful, reply
        return reply[table.PLN_REFERENCE]


class Process:
    """`pln-sim gateway` as a process."""

    def __init__(self, home, db, *options, program=("-m", "pln_sim"), stderr=None):
        self.log_file = home / "gateway.log"
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, *program, "gateway", "--listen", "127.0.0.1:0", "--db", str(db), *options],
                env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "METER_EMU_HOME": str(home)},
                stdout=subprocess.PIPE,
                stderr=stderr or log,
                text=True,
            )
        self.said = []
        while not self.said or not self.said[-1].startswith("listening on "):
            line = self.process.stdout.readline()
            assert line, self.log
            self.said.append(line.strip())
        self.port = int(self.said[-1].rpartition(":")[2])
        self.peers = []

    @property
    def log(self):
        return self.log_file.read_text()

    def peer(self):
        peer = Peer(self.port)
        self.peers.append(peer)
        return peer

    def wait_for(self, words):
        """Until the log has them."""
        until = time.monotonic() + PATIENCE
        while words not in self.log:
            assert time.monotonic() < until, self.log
            time.sleep(0.01)

    def terminate(self):
        """Ask it to stop; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def kill(self):
        self.process.kill()
        self.process.wait(PATIENCE)

    def end(self):
        for peer in self.peers:
            peer.close()
        if self.process.poll() is None:
            self.kill()
        self.process.stdout.close()


class Helpers:
    """What tests of this folder share."""

    Mti, ResponseCode = Mti, ResponseCode
    request, sign_on, spoilt, opened = map(staticmethod, (request, sign_on, spoilt, opened))
    Counter = Counter
    SWITCHING, BANK, METER, PAID, NOON = SWITCHING, BANK, METER, PAID, NOON


@pytest.fixture(scope="session")
def helpers():
    return Helpers


@pytest.fixture
def depot(tmp_path):
    with open_depot(tmp_path / "vending.db") as depot:
        yield depot


@pytest.fixture
def counter(depot):
    return Counter(depot)


@pytest.fixture
def start(tmp_path):
    """Starts gateways on one database and ends them."""
    running = []

    def started(*options, db=tmp_path / "vending.db", **more):
        running.append(Process(tmp_path, db, *options, **more))
        return running[-1]

    yield started
    for process in running:
        process.end()


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """One gateway for the tests that only talk to it."""
    home = tmp_path_factory.mktemp("gateway")
    process = Process(home, home / "vending.db", "--late-seconds", "0.05")
    yield process
    process.end()
