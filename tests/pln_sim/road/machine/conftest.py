"""A road without sockets or time.

In it the client is the real one over its real journal, and the gateway is the real desk over its real database. Between them
is a network that does what a script says. Who is killed forgets all but what is on disk.
"""

from collections import defaultdict, deque
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from types import SimpleNamespace
from typing import NamedTuple

import pytest

from meter_emu.sts.keys.key_store import KeyStore
from pln_sim.gateway.configuration import built_in_configuration, load_built_in
from pln_sim.gateway.desk import Desk, Session
from pln_sim.gateway.messages import ImproperMessage, read, table, write
from pln_sim.gateway.vending_unit import VendingUnit
from pln_sim.storage import open_depot
from pln_sim.switching import purchase
from pln_sim.switching.client import Client
from pln_sim.switching.journal import Journal
from pln_sim.switching.link import Address, LinkError
from pln_sim.switching.purchase import Switching

SWITCHING = Switching("10000D3", "0110000", "6015")
GATEWAY = Address("127.0.0.1", 9)
WAIT = 30
METERS = (
    "14100000109",
    "14100000117",
    "99000200057",  # sold, and 0005 all the same
    "99000100687",  # not sold, and 0068
    "99000100984",  # not sold, and 0098
)
AMOUNT = 2_000_000
UNIT = VendingUnit(KeyStore.empty())


class Killed(BaseException):
    """The process of whoever works just now ends here."""


class Trip(NamedTuple):
    """What a request meets. Each number is a copy of it and after how many seconds it arrives, so none is a message lost and
    two are one doubled; likewise for each reply. ``strike`` is what else happens."""

    requests: tuple[int, ...] = (0,)
    replies: tuple[int, ...] = (0,)
    strike: str = ""


STRIKES = (
    *("cut before", "cut after", "garbage", "echoed", "client dies before", "client dies after"),
    *("gateway dies before", "gateway dies amid", "gateway dies after", "resumed before", "resumed after"),
)
SMOOTH = Trip()


class Gateway:
    """The desk and its database, and nothing else that would survive."""

    def __init__(self, path):
        self.path = path
        self._numbers = count(1)
        self.told = defaultdict(set)
        self.deaths = 0
        self.dies_at = None
        self.start()

    def start(self):
        self.depot = open_depot(self.path)
        self.depot._connection.execute("PRAGMA synchronous = OFF")  # processes die here, not machines
        self.observer = open_depot(self.path)
        self.sessions = {}
        self.depot.run(lambda storage: storage.is_loaded() or load_built_in(storage))
        built_in = built_in_configuration()
        numbers = self._numbers
        self.desk = Desk(built_in.registry, built_in.test_meters, UNIT, lambda: f"{next(numbers):032X}", lambda: 5)

    def die(self):
        """All connections end and all in memory is forgotten."""
        self.close()
        self.deaths += 1
        self.dies_at = None
        self.start()

    def close(self):
        self.depot.close()
        self.observer.close()

    def answer(self, stream, link, now):
        """The reply, on disk what it says; None if it died amid."""
        try:
            request = read(stream)
        except ImproperMessage:
            return stream
        session = self.sessions.get(link, Session())

        def job(storage):
            mine = Dying(storage, self.dies_at) if self.dies_at is not None else storage
            return self.desk.answer(request, session, now, mine)

        try:
            (answer,) = self.depot.run_together([job])
        except Killed:
            self.die()
            return None
        assert not isinstance(answer, Exception), answer
        self.sessions[link] = answer.session
        self._note(answer.reply)
        return write(answer.reply)

    def _note(self, reply):
        """What is told of a sale is on disk, where another process sees it, and the same each time."""
        if table.TOKEN not in reply:
            return
        number = reply[table.PLN_REFERENCE]
        sale = self.observer.run(lambda storage: storage.sale(number))
        assert sale is not None, "told before it was on disk"
        assert sale.token == reply[table.TOKEN]
        self.told[number].add((reply[table.TOKEN], reply[table.VENDING_RECEIPT], reply.text(table.SETTLEMENT_DATE)))


class Dying:
    """A storage in whose ``n``-th call the process dies."""

    def __init__(self, storage, calls):
        self._storage = storage
        self._left = calls

    def __getattr__(self, name):
        if self._left == 0:
            raise Killed
        self._left -= 1
        return getattr(self._storage, name)


class Network:
    """Carries messages by script: ``script`` has the trips of the next messages of each type."""

    def __init__(self, gateway, journal_path):
        self.gateway = gateway
        self.journal_path = journal_path
        self.script = {}
        self.doors = deque()
        self.seconds = 0.0
        self.began = datetime(2026, 11, 1, 8, 0)
        self.resume = lambda: None
        self._under_way = []
        self._order = count()
        self.observer = Journal(journal_path)

    @property
    def now(self):
        return self.began + timedelta(seconds=self.seconds)

    def client(self, journal):
        return Client(
            journal, GATEWAY, SWITCHING, WAIT, clock=lambda: self.now, connect=self.connect,
            monotonic=lambda: self.seconds, sleep=lambda seconds: self.wait(self.seconds + seconds),
        )  # fmt: skip

    def connect(self, address, patience):
        door = self.doors.popleft() if self.doors else "open"
        if door == "client dies":
            raise Killed
        if door == "shut":
            raise LinkError("shut")
        return MemoryLink(self)

    def later(self, seconds, act):
        heappush(self._under_way, (self.seconds + seconds, next(self._order), act))

    def wait(self, until, is_enough=lambda: False):
        """Let time pass, and what is under way arrive, until then or until it is enough."""
        while not is_enough() and self._under_way and self._under_way[0][0] <= until:
            at, _, act = heappop(self._under_way)
            self.seconds = max(self.seconds, at)
            act()
        if not is_enough():
            self.seconds = max(self.seconds, until)

    def settle(self):
        """All that is still under way arrives."""
        while self._under_way:
            self.wait(self._under_way[0][0])

    def require_journalled(self, message):
        """What leaves is on disk as another process sees it, with its purchase in the state that sends it."""
        last = self.observer.messages()[-1]
        assert (last.stream, last.is_sent) == (message, True), "sent before it was on disk"
        request = read(message)
        if table.TRACE_NUMBER in request:
            serial = int(request[table.TRACE_NUMBER]) // purchase.MESSAGES_EACH
            (mine,) = [each for each in self.observer.purchases() if each.serial == serial] or [None]
            assert mine is not None, "its purchase is not on disk"
            assert purchase.TABLE[mine.state].mti is request.mti, "sent in another state than on disk"
            if table.PLN_REFERENCE in request:
                assert mine.pln_reference == request[table.PLN_REFERENCE], "its reference is not on disk"


class MemoryLink:
    """A connection without a socket, as Client uses one."""

    def __init__(self, network):
        self.network = network
        self.inbox = deque()
        self.is_cut = False
        self.deaths = network.gateway.deaths

    def close(self):
        self.is_cut = True

    @property
    def is_dead(self):
        return self.is_cut or self.deaths != self.network.gateway.deaths

    def send(self, message, patience):
        network, gateway = self.network, self.network.gateway
        network.require_journalled(message)
        trips = network.script.get(message[:4].decode())
        trip = trips.popleft() if trips else SMOOTH
        if trip.strike == "client dies before":
            raise Killed
        if trip.strike == "gateway dies before":
            gateway.die()
        if trip.strike == "cut before":
            self.is_cut = True
        if trip.strike == "resumed before":
            network.resume()
        if self.is_dead:
            raise LinkError("cut")
        if trip.strike == "garbage":
            self.inbox.extend((b"GARBAGE", b"", message[:-1]))
        if trip.strike == "gateway dies amid":
            gateway.dies_at = sum(trip.replies) % 5
        if trip.strike == "echoed":
            self.inbox.append(message)
        for seconds in trip.requests if trip.strike != "echoed" else ():
            network.later(seconds, lambda: self._arrive(message, trip))
        network.wait(network.seconds)
        gateway.dies_at = None
        if trip.strike == "gateway dies after":
            gateway.die()
        if trip.strike == "client dies after":
            raise Killed
        if trip.strike == "cut after":
            self.is_cut = True
        if trip.strike == "resumed after":
            network.resume()

    def _arrive(self, message, trip):
        """A request reaches the gateway, though the client may have hung up meanwhile."""
        if self.deaths != self.network.gateway.deaths:
            return
        reply = self.network.gateway.answer(message, self, self.network.now)
        if reply is not None:
            for seconds in trip.replies:
                self.network.later(seconds, lambda: self.inbox.append(reply))

    def receive(self, until):
        self.network.wait(until, lambda: bool(self.inbox) or self.is_dead)
        if self.is_dead:
            raise LinkError("cut")
        return self.inbox.popleft() if self.inbox else None


@pytest.fixture(scope="session")
def road(road):
    """All of the above, beside what the other tests of the road share."""
    mine = {name: value for name, value in globals().items() if not name.startswith("_")}
    return SimpleNamespace(**(vars(road) | mine))


@pytest.fixture(scope="session")
def empty(tmp_path_factory):
    """The bytes of both files before the first purchase: copied, they are there sooner than made."""
    folder = tmp_path_factory.mktemp("empty")
    Journal(folder / "switching.db").close()
    with open_depot(folder / "gateway.db") as depot:
        depot.run(load_built_in)
    return {path.name: path.read_bytes() for path in folder.iterdir()}
