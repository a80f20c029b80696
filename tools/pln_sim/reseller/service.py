"""Service: the reseller as a process, from its options to the last answer, and the finishing of what a killed one left open.

Whoever serves first finishes: trades without an outcome are looked up in the switching's journal, and advice that is due is
asked for. SIGTERM and SIGINT let it decide and answer what it has taken.
"""

import asyncio
import secrets
import signal
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from meter_emu.shell.errors import FileError
from meter_emu.shell.lock import alone
from pln_sim.gateway.service import address
from pln_sim.reseller import log
from pln_sim.reseller.book import FILE_NAME, Book
from pln_sim.reseller.buyers import Buyers
from pln_sim.reseller.counter import Terms, counter, finish
from pln_sim.reseller.desk import Desk
from pln_sim.reseller.pin import SALT_BYTES, hash_pin
from pln_sim.reseller.prices import Prices
from pln_sim.reseller.server import Patience, Server
from pln_sim.reseller.trade import Trade
from pln_sim.switching.client import new_reference
from pln_sim.switching.journal import Journal
from pln_sim.switching.link import Address

LOCK_FILE_NAME = "reseller.lock"


def new_pin(pin: str) -> str:
    """What is kept of a new PIN."""
    return hash_pin(pin, secrets.token_bytes(SALT_BYTES))


def resume(
    home: Path,
    terms: Terms,
    gateway_of: Callable[[str], Address | None],
    now: Callable[[], datetime],
    *,
    is_alone: bool,
) -> list[Trade]:
    """Settle what can be settled by now; the trades as they are then, decided or not. See ``counter.finish``."""
    with Book(home / FILE_NAME) as book:
        undecided = book.undecided()
        if undecided:
            for trade, outcome in finish(undecided, terms, gateway_of, is_alone=is_alone):
                book.settle(trade.receipt_reference, outcome, now())
        return [book.trade(trade.receipt_reference) or trade for trade in undecided]


@dataclass(frozen=True, kw_only=True)
class Service:
    """All that a reseller is told."""

    host: str
    port: int
    home: Path
    prices: Prices
    terms: Terms
    gateway_of: Callable[[str], Address | None]
    """Where to ask for advice that is due, by where the purchase was begun."""
    buyers: int
    now: Callable[[], datetime]
    patience: Patience | None = None

    async def run(self, say: Callable[[str], None]) -> None:
        """Serve until a signal comes. ``say`` gets ``listening on HOST:PORT`` when it is ready. FileError or AddressError if it
        cannot begin."""
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        with alone(self.home / LOCK_FILE_NAME) as is_alone:
            if not is_alone:
                raise FileError(f"another reseller serves {self.home}: stop it, or name another --home")
            for trade in await asyncio.to_thread(resume, self.home, self.terms, self.gateway_of, self.now, is_alone=True):
                log.info("resumed", sender=trade.sender, reference=trade.receipt_reference, state=trade.state.value)
            with (
                Journal(self.terms.journal),  # made before the first trade: one that is missing later was lost
                Book(self.home / FILE_NAME) as book,
                Buyers(lambda: counter(self.terms), self.buyers) as buyers,
            ):
                desk = Desk(
                    book,
                    self.prices,
                    lambda trade: asyncio.wrap_future(buyers.buy(trade)),
                    now=self.now,
                    new_reference=new_reference,
                    new_pin=new_pin,
                )
                server = Server(desk, self.patience)
                host, port = await server.listen(self.host, self.port)
                say(f"listening on {address(host, port)}")
                await stop.wait()
                log.info("stopping")
                await server.stop()
        log.info("stopped")
