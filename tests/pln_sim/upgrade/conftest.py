"""A running gateway, its database, and a meter on the wall that obeys what is keyed in."""

import json
import os
import signal
import subprocess
import sys
from types import SimpleNamespace

import pytest

from meter_emu.cli.factory import install_meter
from meter_emu.meter.clock import seconds_of
from meter_emu.store import FILE_NAME as METERS
from meter_emu.store import Store
from meter_emu.store.entries import token_entry
from meter_emu.sts.keys.key_store import KeyStore
from meter_emu.sts.numbers import Drn
from pln_sim.gateway.configuration import load_built_in
from pln_sim.storage import FILE_NAME, open_depot

METER = Drn("14100000018")  # R1, 450 VA, in the gateway's own configuration
OTHER = Drn("14100000026")  # R1, 900 VA
PATIENCE = 20


class Wall:
    """Meters in a home of their own."""

    def __init__(self, home):
        home.mkdir()
        self.home = home
        self.store = Store(home / METERS)

    def install(self, drn, at, keys=None):
        keys = keys or KeyStore.empty()
        install_meter(self.store, keys, keys.card(drn), seconds_of(at), None)

    def enter(self, drn, token, at):
        """Key a token in; whether the meter took it."""
        return self.store.change(drn, lambda meter: self._entered(meter, token, at))

    def state(self, drn):
        return self.store.load(drn).state

    @staticmethod
    def _entered(meter, token, at):
        after, outcome = meter.enter(token, seconds_of(at))
        return after, [token_entry(after, token, outcome)], outcome.accepted


@pytest.fixture
def wall(tmp_path):
    wall = Wall(tmp_path / "wall")
    yield wall
    wall.store.close()


@pytest.fixture
def depot(tmp_path):
    """The vending database of the home, loaded."""
    (tmp_path / "home").mkdir()
    with open_depot(tmp_path / "home" / FILE_NAME) as depot:
        depot.run(load_built_in)
        yield depot


class Gateway:
    """`pln-sim gateway` as a process, on a home."""

    def __init__(self, home):
        self.home = home
        self.process = subprocess.Popen(
            [sys.executable, "-m", "pln_sim", "gateway", "--listen", "127.0.0.1:0", "--log-level", "warning"],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "METER_EMU_HOME": str(home)},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        line = self.process.stdout.readline()
        assert line.startswith("listening on "), line
        self.address = line.split()[-1]

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(PATIENCE)
        self.process.stdout.close()


@pytest.fixture
def gateway(tmp_path):
    home = tmp_path / "home"
    home.mkdir(exist_ok=True)
    gateway = Gateway(home)
    yield gateway
    gateway.end()


@pytest.fixture
def run(pln_sim):
    """Runs `pln-sim upgrade` in the home; the JSON it prints."""

    def told(*arguments):
        result = pln_sim("upgrade", *arguments, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    return told


@pytest.fixture(scope="session")
def some():
    return SimpleNamespace(METER=METER, OTHER=OTHER, PATIENCE=PATIENCE)
