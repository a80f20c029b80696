"""A gateway that keeps the truth, in memory and behind a socket, with faults by script; and a client that needs no time."""

import socket
import threading
from collections import Counter, deque
from contextlib import closing, suppress
from datetime import date, datetime, timedelta
from types import SimpleNamespace

import pytest

from pln_sim.gateway.framing import FrameReader, frame
from pln_sim.gateway.messages import Amount, Mti, ResponseCode, read, table, write
from pln_sim.switching.client import Client
from pln_sim.switching.journal import Journal
from pln_sim.switching.link import Address, LinkError
from pln_sim.switching.purchase import Switching

SWITCHING = Switching("10000D3", "0110000", "6015")
METER = "12345678911"
RUPIAH_20000 = 2_000_000
NOWHERE = Address("127.0.0.1", 9)


def sold_values(token, receipt=1):
    nothing = Amount(0, 2)
    names = ("admin_charge", "stamp_duty", "value_added_tax", "lighting_tax", "instalment")
    return {
        **dict.fromkeys(names, nothing),
        "power_purchase": Amount(2_000_000, 2),
        "energy": Amount(4840, 2),
        "vending_receipt": f"{receipt:08}",
        "subscriber_name": "SUBSCRIBER NAME",
        "segmentation": "R1",
        "power_category": 450,
        "token": token,
    }


class Truth:
    """What a gateway does, as the contract says: one token for a reference at most, the same one on advice, and a reference
    that advice did not find is dead. ``codes`` are refusals by message type."""

    def __init__(self):
        self.tokens = {}
        self.references = set()
        self.dead = set()
        self.requests = []
        self.codes = {}
        self.next_reference = lambda: f"{len(self.references) + 1:032X}"
        self.next_token = lambda: f"{len(self.tokens) + 1:020}"

    def answer(self, stream):
        request = read(stream)
        self.requests.append(request)
        reply = self._reply(request)
        return write(reply)

    def _reply(self, request):
        if request.mti in self.codes:
            day = {} if request.mti in (Mti.NETWORK_REQUEST, Mti.INQUIRY_REQUEST) else {"settlement_date": date(2008, 5, 2)}
            return request.reply(self.codes[request.mti], **day)
        if request.mti is Mti.NETWORK_REQUEST:
            return request.reply(ResponseCode.SUCCESSFUL)
        if request.mti is Mti.INQUIRY_REQUEST:
            reference = self.next_reference()
            self.references.add(reference)
            return request.reply(ResponseCode.SUCCESSFUL, pln_reference=reference)
        reference, day = request[table.PLN_REFERENCE], {"settlement_date": date(2008, 5, 2)}
        if request.mti is Mti.PURCHASE_REQUEST:
            if reference in self.tokens or reference in self.dead or reference not in self.references:
                return request.reply(ResponseCode.INVALID_REFERENCE, **day)
            self.tokens[reference] = self.next_token()
        if reference not in self.tokens:
            self.dead.add(reference)
            return request.reply(ResponseCode.NOT_FOUND, **day)
        token = self.tokens[reference]
        return request.reply(ResponseCode.SUCCESSFUL, **day, **sold_values(token, list(self.tokens.values()).index(token) + 1))

    @property
    def asked(self):
        """The message types that came, in order."""
        return [str(request.mti) for request in self.requests]

    @property
    def purchase_requests(self):
        """How many 2200 came for each reference."""
        return Counter(r[table.PLN_REFERENCE] for r in self.requests if r.mti is Mti.PURCHASE_REQUEST)


class Killed(BaseException):
    """The client's process ends here."""


GARBAGE = b"GARBAGE"
FAULTS = (
    *("ok", "lost", "late", "double", "garbage", "echo", "stuck", "cut before", "cut after", "kill before", "kill after"),
    *("0005", "0068", "0090"),
)
"""What can happen to a message: to its reply, or to itself (stuck: it arrives after the next one)."""


class Network:
    """Between client and truth. ``faults`` are those of the next messages, then all is well; ``doors`` those of the next
    connections: open, shut, kill. ``script`` has faults by message type, and ``fault_of`` one for every message of a type."""

    def __init__(self, truth):
        self.truth = truth
        self.faults = deque()
        self.doors = deque()
        self.stuck = deque()
        self.fault_of = {}
        self.script = {}
        self.now = datetime(2008, 5, 2, 7, 23)
        self.seconds = 0.0
        self.connections = 0

    def connect(self, address, patience):
        door = self.doors.popleft() if self.doors else "open"
        if door == "kill":
            raise Killed
        if door == "shut":
            raise LinkError("shut")
        self.connections += 1
        return MemoryLink(self)

    def sleep(self, seconds):
        self.seconds += seconds
        self.now += timedelta(seconds=seconds)

    def settle(self):
        """What is still under way arrives."""
        while self.stuck:
            self.truth.answer(self.stuck.popleft())

    def client(self, journal, **options):
        return Client(
            journal,
            NOWHERE,
            SWITCHING,
            30,
            clock=lambda: self.now,
            connect=self.connect,
            monotonic=lambda: self.seconds,
            sleep=self.sleep,
            **options,
        )


class MemoryLink:
    """A connection without a socket, as Client uses one."""

    def __init__(self, network):
        self.network = network
        self.inbox = deque()
        self.late = deque()
        self.is_cut = False

    def close(self):
        self.is_cut = True

    def send(self, message, patience):
        network = self.network
        self.inbox.extend(self.late)
        self.late.clear()
        mti = message[:4].decode()
        faults = network.script.get(mti) or network.faults
        fault = network.fault_of.get(mti) or (faults.popleft() if faults else "ok")
        if fault == "kill before":
            raise Killed
        if fault == "cut before":
            self.is_cut = True
            raise LinkError("cut")
        if fault == "echo":
            self.inbox.append(message)
            return
        if fault == "stuck":
            network.stuck.append(message)
            return
        if fault.isdigit():
            self.inbox.append(self._refusal(message, ResponseCode(fault)))
            return
        reply = network.truth.answer(message)
        network.settle()
        if fault == "kill after":
            raise Killed
        self.is_cut = fault == "cut after"
        delivered = {"ok": [reply], "double": [reply, reply], "garbage": [GARBAGE, b"", reply]}
        self.inbox.extend(delivered.get(fault, []))
        if fault == "late":
            self.late.append(reply)

    def receive(self, until):
        if self.inbox:
            return self.inbox.popleft()
        if self.is_cut:
            raise LinkError("cut")
        self.network.sleep(max(0.0, until - self.network.seconds))
        return None

    @staticmethod
    def _refusal(message, code):
        request = read(message)
        has_day = request.mti not in (Mti.NETWORK_REQUEST, Mti.INQUIRY_REQUEST)
        return write(request.reply(code, **({"settlement_date": date(2008, 5, 2)} if has_day else {})))


class SocketGateway:
    """The truth behind a real socket. ``silent_on`` are message types it takes and does not answer, ``dies_on`` those it takes
    and is gone for good."""

    def __init__(self, truth):
        self.truth = truth
        self.silent_on = set()
        self.dies_on = set()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.address = Address(*self._server.getsockname())
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        # Wakes the thread that waits in accept.
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        reader = FrameReader()
        with connection:
            while data := self._data(connection):
                reader.receive(data)
                while message := reader.next_message():
                    with self._lock:
                        reply = self.truth.answer(message)
                    if message[:4].decode() in self.dies_on:
                        self.close()
                        return
                    if message[:4].decode() not in self.silent_on:
                        connection.sendall(frame(reply))

    @staticmethod
    def _data(connection):
        try:
            return connection.recv(4096)
        except OSError:
            return b""


@pytest.fixture(scope="session")
def bench():
    """The classes and constants above, for tests that make their own."""
    return SimpleNamespace(**{name: value for name, value in globals().items() if not name.startswith("_")})


@pytest.fixture
def truth():
    return Truth()


@pytest.fixture
def network(truth):
    return Network(truth)


@pytest.fixture(scope="session")
def empty_journal(tmp_path_factory):
    """The content of a journal's file before the first purchase: copied, it is there sooner than made."""
    path = tmp_path_factory.mktemp("journal") / "switching.db"
    Journal(path).close()
    return path.read_bytes()


@pytest.fixture
def journal(tmp_path, empty_journal):
    (tmp_path / "switching.db").write_bytes(empty_journal)
    with Journal(tmp_path / "switching.db") as journal:
        # Power cuts are the database's own tests; waiting for the disk proves nothing here.
        journal._connection.execute("PRAGMA synchronous = OFF")
        yield journal


@pytest.fixture
def client(network, journal):
    with network.client(journal) as client:
        yield client


@pytest.fixture
def socket_gateway(truth):
    with closing(SocketGateway(truth)) as gateway:
        yield gateway
