"""A real chain in one process: the switching's client, a link that loses what it is told to, the gateway's desk, its database.

It lies in the home that `pln-sim desk diagnose` then looks into.
"""

import json
import secrets
from collections import deque
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest

from meter_emu.sts.keys.key_store import KeyStore
from meter_emu.sts.numbers import Drn
from pln_sim.gateway.configuration import built_in_configuration
from pln_sim.gateway.desk import Desk, Session
from pln_sim.gateway.messages import read, write
from pln_sim.gateway.vending_unit import VendingUnit
from pln_sim.storage import FILE_NAME, open_depot
from pln_sim.switching.client import Client
from pln_sim.switching.journal import FILE_NAME as JOURNAL
from pln_sim.switching.journal import Journal
from pln_sim.switching.link import Address, LinkError
from pln_sim.switching.purchase import Switching
from pln_sim.upgrade.tariff_indexes import TariffIndexes

METER, NEIGHBOUR = Drn("14100000018"), Drn("14100000026")
SUNDAY = datetime(2026, 11, 22, 9, 0)
SWITCHING = Switching("10000D3", "0110000", "6015")


class Killed(BaseException):
    """The client's process ends here."""


class Chain:
    """Gateway and switching. ``lost`` are the types of the messages whose replies do not arrive, ``stuck`` of those that do not
    arrive themselves; at one of type ``killed_at`` the client is killed once it is sent."""

    def __init__(self, home):
        home.mkdir()
        self.now = SUNDAY
        self.lost, self.stuck, self.killed_at, self.is_shut = set(), set(), None, False
        self._seconds = 0.0
        self.depot = open_depot(home / FILE_NAME)
        self.journal = Journal(home / JOURNAL)
        self.use(KeyStore.empty())

    def use(self, keys):
        """The gateway begins with these keys."""
        built_in = built_in_configuration()
        if not self.depot.run(lambda storage: storage.is_loaded()):
            self.depot.run(lambda storage: storage.load(built_in.registry, built_in.customers))
        self.desk = Desk(
            built_in.registry,
            {},
            VendingUnit(keys),
            lambda: secrets.token_hex(16).upper(),
            lambda: secrets.randbits(4),
            tariff_index=TariffIndexes().of,
        )

    def buy(self, meter=METER, rupiah=20_000, **faults):
        """What the switching thinks of a purchase. ``faults`` are those above, for this one."""
        for name, value in faults.items():
            setattr(self, name, value)
        try:
            with self.client() as client:
                return client.buy(meter, rupiah * 100)
        except Killed:
            return None
        finally:
            self.lost, self.stuck, self.killed_at, self.is_shut = set(), set(), None, False
            self.now += timedelta(minutes=1)

    def client(self):
        return Client(
            self.journal,
            Address("127.0.0.1", 9),
            SWITCHING,
            30,
            clock=lambda: self.now,
            connect=lambda address, patience: Wire(self),
            monotonic=lambda: self._seconds,
            sleep=self.sleep,
        )

    def sleep(self, seconds):
        self._seconds += seconds

    def sales(self):
        return list(self.depot.sales())

    def token(self):
        """The newest one."""
        return self.sales()[-1].token

    def close(self):
        self.journal.close()
        self.depot.close()


class Wire:
    """A connection, as Client uses one."""

    def __init__(self, chain):
        if chain.is_shut:
            raise LinkError("shut")
        self._chain, self._session, self._inbox = chain, Session(), deque()

    def close(self):
        pass

    def send(self, message, patience):
        chain, request = self._chain, read(message)
        mti = str(request.mti)
        if mti in chain.stuck:
            return
        answer = chain.depot.run(lambda storage: chain.desk.answer(request, self._session, chain.now, storage))
        self._session = answer.session
        if mti == chain.killed_at:
            raise Killed
        if mti not in chain.lost:
            self._inbox.append(write(answer.reply))

    def receive(self, until):
        if self._inbox:
            return self._inbox.popleft()
        self._chain.sleep(max(0.0, until - self._chain._seconds))
        return None


@pytest.fixture
def chain(pln_sim):
    chain = Chain(pln_sim.home)
    yield chain
    chain.close()


@pytest.fixture
def diagnose(pln_sim):
    """Runs `pln-sim desk diagnose`; the JSON objects it prints."""

    def run(*arguments, at="2026-11-22T12:00"):
        result = pln_sim("desk", "diagnose", *arguments, "--at", at, "--json")
        assert result.exit_code == 0, result.output
        return [json.loads(line) for line in result.stdout.splitlines()]

    return run


@pytest.fixture(scope="session")
def bench():
    """The chain itself, for tests that make their own."""
    return SimpleNamespace(Chain=Chain)
