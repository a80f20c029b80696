"""A real gateway as a process, and one that is wrong in one thing: the real one behind somebody who changes its replies."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading

import pytest

from pln_sim.acceptance.examiner import Examiner
from pln_sim.acceptance.plan import built_in_text, plan_from
from pln_sim.gateway.framing import FrameReader, frame
from pln_sim.switching.link import Address
from pln_sim.vending.toml_table import parse

PATIENCE = 20
SLOW = re.compile(r'\[\[meter\]\]\ncase = "slow-bytes"\nmeter = "[0-9]+"\n')
OWN_METERS = re.compile(r'\[\[meter\]\]\ncase = "[^"]+"\nmeter = "[0-9]+"\n')


def start_gateway(folder, *options):
    """`pln-sim gateway` as a process, and its address."""
    with (folder / "gateway.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "pln_sim", "gateway", "--listen", "127.0.0.1:0", *options],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "METER_EMU_HOME": str(folder)},
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    line = process.stdout.readline()
    assert line.startswith("listening on "), (folder / "gateway.log").read_text()
    return process, line.strip().removeprefix("listening on ")


def end_gateway(process):
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 0
    process.stdout.close()


@pytest.fixture(scope="module")
def gateway(tmp_path_factory):
    """The address of a gateway as it comes, with its built-in test meters."""
    process, address = start_gateway(tmp_path_factory.mktemp("gateway"))
    yield address
    end_gateway(process)


@pytest.fixture
def another_gateway(tmp_path):
    """Starts a gateway with some options; its address."""
    running = []

    def start(*options):
        process, address = start_gateway(tmp_path, *options)
        running.append(process)
        return address

    yield start
    for process in running:
        end_gateway(process)


@pytest.fixture(scope="session")
def plan_without():
    """The built-in plan without some of its meters: those of the slow one, or all."""
    return lambda pattern: pattern.sub("", built_in_text())


@pytest.fixture(scope="session")
def quick_plan(plan_without):
    """All cases but the one that takes twenty seconds."""
    return plan_without(SLOW)


@pytest.fixture(scope="session")
def short_plan(plan_without):
    """The cases that need no meter of their own, and so no waiting."""
    return plan_without(OWN_METERS)


class Meddler:
    """A gateway that is wrong: each reply of the real one goes through ``change``; None is never sent."""

    def __init__(self, real, change):
        self._real = Address.parse(real)
        self._change = change
        self._server = socket.create_server(("127.0.0.1", 0))
        self.address = Address(*self._server.getsockname())
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()

    def _accept(self):
        while True:
            try:
                ours, _ = self._server.accept()
            except OSError:
                return
            theirs = socket.create_connection((self._real.host, self._real.port))
            threading.Thread(target=self._pass_on, args=(ours, theirs), daemon=True).start()

    def _pass_on(self, ours, theirs):
        back = threading.Thread(target=self._bring_back, args=(theirs, ours), daemon=True)
        back.start()
        with ours, theirs:
            while data := _received(ours):
                theirs.sendall(data)
            theirs.shutdown(socket.SHUT_WR)
            back.join(PATIENCE)

    def _bring_back(self, theirs, ours):
        reader = FrameReader()
        while data := _received(theirs):
            reader.receive(data)
            while (stream := reader.next_message()) is not None:
                changed = self._change(stream)
                if changed is not None:
                    ours.sendall(frame(changed))


def _received(connection):
    try:
        return connection.recv(4096)
    except OSError:
        return b""


@pytest.fixture
def meddler(gateway):
    """``meddler(change)``: the address of a gateway that is wrong."""
    running = []

    def start(change):
        running.append(Meddler(gateway, change))
        return running[-1].address

    yield start
    for each in running:
        each.close()


@pytest.fixture(scope="session")
def examiner():
    """An examiner for an address and a plan's text."""
    return lambda address, plan, wait: Examiner(address, plan_from(parse(plan.encode(), "plan")), wait)
