"""Service: the gateway as a process, from its options to the last reply. SIGTERM and SIGINT let it finish its work, and end it
at once when they come again."""

import asyncio
import signal
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from time import time
from typing import Any

from meter_emu.sts.ciphers import StaTables
from meter_emu.sts.keys.key_store import KeyStore
from meter_emu.sts.tokens.layout import RANDOM_NUMBERS
from pln_sim.gateway import log
from pln_sim.gateway.committer import Committer
from pln_sim.gateway.configuration import Configuration, load_built_in
from pln_sim.gateway.control import serve_control
from pln_sim.gateway.desk import Desk
from pln_sim.gateway.fault import Fault
from pln_sim.gateway.faults import Faults
from pln_sim.gateway.metrics import Metrics
from pln_sim.gateway.metrics_page import serve_metrics
from pln_sim.gateway.patience import Patience
from pln_sim.gateway.random_bytes import RandomBytes
from pln_sim.gateway.server import Server
from pln_sim.gateway.sweeper import sweep
from pln_sim.gateway.vending_unit import VendingUnit
from pln_sim.storage import SECRET_BYTES, Depot, Registry, Storage, reference_number
from pln_sim.upgrade.tariff_indexes import TariffIndexes
from pln_sim.vending.tariff import Tariffs

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


@dataclass(frozen=True, kw_only=True)
class Service:
    """All that a gateway is told."""

    host: str
    port: int
    open_depot: Callable[[], Depot]
    configuration: Configuration
    """Its test meters are this process's own; registry and customers go into the database if ``replaces`` says so."""
    replaces: bool
    tariffs: Tariffs | None
    """Put in the place of those in the database; None leaves them."""
    keys: KeyStore
    sta_tables: StaTables
    now: Callable[[], datetime]
    honest_bit_map: bool = False
    rates: Mapping[Fault, float] = field(default_factory=dict)
    seed: int | None = None
    patience: Patience = field(default_factory=Patience)
    metrics: tuple[str, int] | None = None
    """Where to serve metrics."""
    control: Path | None = None
    """The socket file through which faults are switched."""

    async def run(self, say: Callable[[str], None]) -> None:
        """Serve until a signal comes. ``say`` gets ``listening on HOST:PORT`` when it is ready. FileError or OSError if it
        cannot begin."""
        stop = _at_a_signal()
        asyncio.get_running_loop().set_exception_handler(_log_trouble)
        metrics = Metrics()
        faults = Faults(self.configuration.test_meters, self.rates, self.seed)
        async with AsyncExitStack() as stack:
            committer = await stack.enter_async_context(Committer(self._open))
            desk = self._desk(await committer.run(lambda storage: storage.registry(), self.patience.work))
            sweeping = asyncio.create_task(sweep(committer, self.now))
            stack.callback(sweeping.cancel)
            if self.control:
                await stack.enter_async_context(serve_control(self.control, faults))
            if self.metrics:
                page, port = await serve_metrics(*self.metrics, lambda: metrics.text(committer.commits))
                stack.callback(page.close)
                say(f"metrics on {address(self.metrics[0], port)}")
            server = Server(desk, committer, faults, self.now, self.patience, metrics)
            host, port = await server.listen(self.host, self.port)
            say(f"listening on {address(host, port)}")
            await stop.wait()
            log.info("stopping")
            await server.stop()
        log.info("stopped")

    def _open(self) -> Depot:
        """The depot, with all that the gateway is told of. FileError, which names it, also if others keep it busy."""
        depot = self.open_depot()
        try:
            depot.run(self._load)
        except BaseException:
            depot.close()
            raise
        return depot

    def _load(self, storage: Storage) -> None:
        if self.replaces:
            storage.load(self.configuration.registry, self.configuration.customers)
        elif not storage.is_loaded():
            load_built_in(storage)
        if self.tariffs:
            storage.change_tariffs(self.tariffs)

    def _desk(self, registry: Registry) -> Desk:
        random_bytes = RandomBytes()
        return Desk(
            registry,
            self.configuration.test_meters,
            VendingUnit(self.keys, self.sta_tables),
            new_reference=lambda: reference_number(int(time()), random_bytes.take(SECRET_BYTES)),
            new_rnd=lambda: random_bytes.take(1)[0] % RANDOM_NUMBERS,
            honest_bit_map=self.honest_bit_map,
            tariff_index=TariffIndexes().of,
        )


def _at_a_signal() -> asyncio.Event:
    """Set by SIGTERM or SIGINT. A second one of them ends the process there and then: what was answered is on disk."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()

    def begin_to_stop() -> None:
        stop.set()
        for number in _SIGNALS:
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_DFL)

    for number in _SIGNALS:
        loop.add_signal_handler(number, begin_to_stop)
    return stop


def _log_trouble(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """One line, where asyncio would write a traceback: a program that connects too often must not fill the log. Not the error's
    own words, which might quote a token."""
    error = context.get("exception")
    log.warning("trouble", what=context.get("message"), error=type(error).__name__ if error else None)


def address(host: str, port: int) -> str:
    """A host and a port as people write them.

    >>> address("127.0.0.1", 63100), address("::1", 63100)
    ('127.0.0.1:63100', '[::1]:63100')
    """
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
