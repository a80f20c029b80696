"""PlnGateway: ``pln-sim gateway`` as a process, at which a test buys power and whose sales it can see.

The process ends with the test run, however that ends: it reads a pipe that the run holds, and stops when nobody holds it.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pln_sim.storage import Sale

CENTS = 100
WAIT_SECONDS = 20.0
STOP_SECONDS = 30
READY = "listening on "
SWITCHING = ("10000D3", "0110000", "6015")
"""Switching, bank and merchant as which a test buys: those that a new gateway knows."""


class NotSold(Exception):
    """The gateway sold nothing; its words say why. ``code`` is its response code, None if it gave none."""

    def __init__(self, words: str, code: str | None = None) -> None:
        super().__init__(words)
        self.code = code


class Suspect(Exception):
    """Nobody knows yet whether it was sold: the gateway kept silent to the last advice. It may have been."""


class PlnGateway:
    """A gateway that listens at ``host`` and ``port``, with a new database."""

    __slots__ = ("_home", "host", "port")

    def __init__(self, home: Path, host: str, port: int) -> None:
        self.host, self.port = host, port
        self._home = home

    def __repr__(self) -> str:
        return f"<PlnGateway at {self.host}:{self.port}>"

    def buy(self, meter: str, rupiah: int, *, wait: float = WAIT_SECONDS) -> "Sale":
        """Buy power as a switching does, with inquiry, purchase and, if need be, advice; the sale, with its token. NotSold if
        the gateway refuses; Suspect if it says nothing in ``wait`` seconds each time. ``meter`` may be one of its test
        meters.
        """
        if isinstance(rupiah, bool) or not isinstance(rupiah, int):
            raise TypeError(f"rupiah is a whole number like 50_000, not {rupiah!r}")
        from pln_sim.switching.client import Client
        from pln_sim.switching.journal import FILE_NAME, Journal
        from pln_sim.switching.link import Address
        from pln_sim.switching.purchase import Outcome, Switching

        address, switching = Address(self.host, self.port), Switching(*SWITCHING)
        with Journal(self._home / FILE_NAME) as journal, Client(journal, address, switching, wait) as client:
            result = client.buy(meter, rupiah * CENTS)
            if not result.is_open:
                client.told(result)
        if result.outcome is Outcome.SUSPECT:
            raise Suspect(f"suspect, {result.why}")
        if result.sale is None:
            raise NotSold(", ".join(filter(None, (result.outcome.value, _meaning(result.code), result.why))), result.code)
        return next(sale for sale in reversed(self.sales) if sale.token == result.sale.token)

    @property
    def sales(self) -> "list[Sale]":
        """All that was sold, in its order."""
        from pln_sim.storage import FILE_NAME, open_depot

        with open_depot(self._home / FILE_NAME) as depot:
            return list(depot.sales())

    def add_customer(self, meter: str) -> None:
        """From now on this meter can buy: R1, 450 VA."""
        from meter_emu.sts.numbers import Drn
        from pln_sim.storage import FILE_NAME, open_depot
        from pln_sim.vending.customer import customer_of

        with open_depot(self._home / FILE_NAME) as depot:
            depot.run(lambda storage: storage.change_customer(customer_of(Drn(meter), {})))


def _meaning(code: str | None) -> str:
    from pln_sim.gateway.messages import ResponseCode

    return next((f"{known} {known.meaning}" for known in ResponseCode if known == code), code or "")


@contextmanager
def running_gateway(home: Path) -> Iterator[PlnGateway]:
    """A gateway whose files are in ``home``, on a port that is free. RuntimeError, with its words, if it does not begin."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    command = [
        sys.executable,
        "-m",
        "pln_sim.cli.held",
        "--home",
        str(home),
        "gateway",
        "--listen",
        "127.0.0.1:0",
    ]
    with (home / "gateway.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--log-level", "warning"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
        )
    with process:
        try:
            assert process.stdout is not None
            ready = process.stdout.readline()
            if not ready.startswith(READY):
                raise RuntimeError(f"pln-sim gateway did not begin: {(home / 'gateway.log').read_text().strip()}")
            host, _, port = ready.removeprefix(READY).strip().rpartition(":")
            yield PlnGateway(home, host, int(port))
        finally:
            process.terminate()
            try:
                process.wait(timeout=STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
