"""A reseller's desk over a switching that is played, and the whole of it as processes over a real gateway."""

import os
import signal
import socket
import subprocess
import sys
from datetime import datetime
from itertools import count

import pytest

from pln_sim.reseller.book import Book
from pln_sim.reseller.desk import Desk
from pln_sim.reseller.pin import hash_pin, is_right
from pln_sim.reseller.prices import built_in_prices

NOW = datetime(2026, 11, 22, 8, 30)
SENDER, PIN = "081234567890", "1234"
GUIDE_METER = "01105574222"
RUPIAH = 100
PATIENCE = 20
"""Seconds after which a test fails instead of hanging."""


def cheap_pin(pin):
    """What is kept of a PIN, at a price that tests can pay."""
    return hash_pin(pin, b"salt of 16 bytes", cost=1)


def open_account(book, sender=SENDER, rupiah=511_295, pin=PIN):
    assert book.open_account(sender, cheap_pin(pin), NOW)
    book.deposit(sender, rupiah * RUPIAH, NOW)


class Process:
    """`pln-sim gateway` or `pln-sim reseller serve` as a process."""

    def __init__(self, home, *command):
        self.log_file = home.parent / f"{command[0]}.log"
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "pln_sim", *command, "--listen", "127.0.0.1:0"],
                env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "METER_EMU_HOME": str(home)},
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        line = self.process.stdout.readline()
        assert line.startswith("listening on "), self.log_file.read_text()
        self.address = line.strip().removeprefix("listening on ")

    @property
    def port(self):
        return int(self.address.rpartition(":")[2])

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)

    def ask(self, *lines):
        """The answers to some lines, over one connection."""
        with self.connect() as connection, connection.makefile("rw", newline="\n") as stream:
            answers = []
            for line in lines:
                stream.write(f"{line}\n")
                stream.flush()
                answers.append(stream.readline().rstrip("\n"))
            return answers

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def kill(self):
        self.process.kill()
        self.process.wait(PATIENCE)

    def end(self):
        if self.process.poll() is None:
            self.kill()
        self.process.stdout.close()


class Helpers:
    """What tests of this folder share."""

    NOW, SENDER, PIN, GUIDE_METER, RUPIAH, PATIENCE = NOW, SENDER, PIN, GUIDE_METER, RUPIAH, PATIENCE
    open_account, cheap_pin, is_right = map(staticmethod, (open_account, cheap_pin, is_right))


@pytest.fixture(scope="session")
def helpers():
    return Helpers


@pytest.fixture
def book(tmp_path):
    with Book(tmp_path / "reseller.db") as book:
        yield book


@pytest.fixture
def new_desk(book):
    """Makes desks with a way to buy and a clock that can be moved: ``desk, clock = new_desk(buy)``."""

    class Clock:
        now = NOW

    def make(buy):
        references = count(1)
        return (
            Desk(
                book,
                built_in_prices(),
                buy,
                now=lambda: Clock.now,
                new_reference=lambda: f"{next(references):032}",
                new_pin=cheap_pin,
            ),
            Clock,
        )

    return make


@pytest.fixture
def start(tmp_path):
    """Starts processes that share a home, and ends them."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    running = []

    def started(*command):
        running.append(Process(home, *command))
        return running[-1]

    started.home = home
    yield started
    for process in running:
        process.end()
