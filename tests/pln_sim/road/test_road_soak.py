"""Thousands of purchases over many connections, with faults of all kinds, while the gateway is killed again and again.

The gateway is a real process, the connections are real, each from a switching with a journal of its own. Afterwards all
ledgers are compared row by row: nothing is lost and nothing is double. What is left open is finished as ``pln-sim buy
--resume`` finishes it.
"""

import signal
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from pln_sim.storage import open_depot
from pln_sim.switching.client import Client
from pln_sim.switching.journal import Journal
from pln_sim.switching.link import Address, Link
from pln_sim.switching.purchase import Outcome, Switching

RATES = {"lost-reply": 0.01, "late-reply": 0.01, "cut-before": 0.01, "cut-after": 0.01, "slow-bytes": 0.005, "garbage": 0.005}
"""Five requests in a hundred meet a fault."""
METERS_EACH = 8
MOST_RESUMES = 20
GATEWAY = Address("127.0.0.1", 1)
"""What the journals call the gateway, wherever it listens now."""


class Gateway:
    """``pln-sim gateway`` as a process that is killed and started again, each time at another port."""

    def __init__(self, road, folder, db, switchings, late):
        self._road = road
        self._folder = folder
        self._db = db
        self._configuration = folder / "gateway.toml"
        self._configuration.write_text(configuration(switchings))
        self._late = late
        self._runs = 0
        self._is_up = False
        self._waiting = 0
        self._changed = threading.Condition()
        self.start()

    def start(self):
        self._runs += 1
        faults = [word for name, rate in RATES.items() for word in ("--fault", f"{name}={rate}")]
        options = ("--config", self._configuration, "--seed", self._runs, "--late-seconds", self._late)
        self._process = self._road.GatewayProcess(self._folder, *options, *faults, db=self._db)
        with self._changed:
            self._is_up = True
            self._changed.notify_all()

    def connect(self, address, patience):
        """A connection to wherever it listens now."""
        return Link(self._process.address, patience)

    def end(self, number=signal.SIGTERM):
        return self._process.end(number)

    def wait_until_up(self):
        with self._changed:
            self._waiting += 1
            self._changed.notify_all()
            assert self._changed.wait_for(lambda: self._is_up, self._road.PATIENCE)
            self._waiting -= 1

    def kill_and_start(self, at_work=None):
        """Start again at once; or only when all who are ``at_work`` have given up on what was under way, and wait."""
        self._is_up = False
        self.end(signal.SIGKILL)
        if at_work is not None:
            with self._changed:
                while self._waiting < at_work():
                    self._changed.wait(0.05)
        self.start()


def configuration(switchings):
    """A gateway where each of so many switchings has meters of its own."""
    lines = []
    for number in range(switchings):
        lines += ["[[switching]]", f'id = "{switching(number).switcher_id}"', 'bank_codes = ["0110000"]']
        for meter in meters(number):
            lines += ["[[customer]]", f'meter = "{meter}"', 'name = "SOAK"', 'tariff = "B2"', "va = 200000", 'ppj = "3"']
    return "\n".join(lines)


def switching(number):
    return Switching(f"SOAK{number:03}", "0110000", "6015")


def meters(number):
    return [f"55{number:03}{place:06}" for place in range(METERS_EACH)]


class Till:
    """One switching at work on one connection."""

    def __init__(self, number, folder, gateway, wait):
        self.number = number
        self.path = folder / f"till{number}.db"
        self.gateway = gateway
        self.wait = wait

    def client(self, journal):
        return Client(journal, GATEWAY, switching(self.number), self.wait, connect=self.gateway.connect)

    def buy(self, count, done):
        """Buy until ``count`` purchases had a reference; ``done`` is called behind each."""
        mine = meters(self.number)
        with Journal(self.path) as journal, self.client(journal) as client:
            for place in range(count):
                is_begun = False
                while not is_begun:
                    self.gateway.wait_until_up()
                    result = client.buy(mine[place % METERS_EACH], 2_000_000 + 100 * place)
                    is_begun = result.pln_reference is not None
                    if not result.is_open:
                        client.told(result)
                done()

    def resume(self):
        with Journal(self.path) as journal, self.client(journal) as client:
            for result in client.resume():
                if not result.is_open:
                    client.told(result)

    def open_count(self):
        with Journal(self.path) as journal:
            return len(journal.open_purchases())

    def purchases(self):
        with Journal(self.path) as journal:
            assert journal.untold() == []
            return journal.purchases()


def at_work(work):
    return sum(not till.done() for till in work)


class Progress:
    """How many purchases there were; others wait for it."""

    def __init__(self):
        self.count = 0
        self._changed = threading.Condition()

    def add(self):
        with self._changed:
            self.count += 1
            self._changed.notify_all()

    def wait_for(self, count, is_over):
        with self._changed:
            while self.count < count and not is_over():
                self._changed.wait(0.1)


@pytest.fixture(params=["sqlite", "postgres"])
def db(request, tmp_path):
    """What the gateway is told as --db."""
    return tmp_path / "gateway.db" if request.param == "sqlite" else request.getfixturevalue("postgres").url


@pytest.mark.parametrize(
    ("purchases", "connections", "kills", "wait"),
    [
        pytest.param(240, 8, 3, 0.3, id="short"),
        pytest.param(20_000, 32, 20, 1.0, id="long", marks=pytest.mark.soak),
    ],
)
def test_ledgers_agree_after_kills(tmp_path, road, tell, db, purchases, connections, kills, wait):
    gateway = Gateway(road, tmp_path, db, connections, late=wait * 1.5)
    tills = [Till(number, tmp_path, gateway, wait) for number in range(connections)]
    progress = Progress()
    try:
        with ThreadPoolExecutor(connections) as pool:
            work = [pool.submit(till.buy, purchases // connections, progress.add) for till in tills]
            for number in range(1, kills + 1):
                progress.wait_for(purchases * number // (kills + 1), lambda: not at_work(work))
                gateway.kill_and_start(None if number % 2 else lambda: at_work(work))
            for till in work:
                till.result()
        left_open = sum(till.open_count() for till in tills)
        # Advice meets faults too: a purchase whose gateway could not be reached stays open for the next resume.
        for _ in range(MOST_RESUMES):
            for till in tills:
                till.resume()
            if not any(till.open_count() for till in tills):
                break
    finally:
        code = gateway.end()
    assert code == 0
    bought = [till.purchases() for till in tills]
    with open_depot(db) as depot:
        sales = list(depot.sales())
    of_switching = {till.number: switching(till.number).switcher_id for till in tills}
    for till, mine in zip(tills, bought, strict=True):
        assert road.differences(mine, [sale for sale in sales if sale.switcher_id == of_switching[till.number]]) == []
    everything = [purchase for mine in bought for purchase in mine]
    outcomes = Counter(purchase.result.outcome for purchase in everything if purchase.pln_reference)
    assert not any(purchase.result.is_open for purchase in everything)
    assert outcomes.total() == purchases
    # On a machine that is slow beyond the short waits more are suspect; but with nothing sold the test would prove nothing.
    assert outcomes[Outcome.SOLD] >= purchases // 2
    assert len({sale.token for sale in sales}) == len({sale.reference for sale in sales}) == len(sales)
    assert "event=failed" not in (tmp_path / "gateway.log").read_text()
    told = ", ".join(f"{count} {outcome.value}" for outcome, count in outcomes.items())
    tell(f"{purchases} purchases, {kills} kills: {told}; {len(sales)} sales; {left_open} were left to resume")
