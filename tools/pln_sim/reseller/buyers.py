"""Buyers: threads that stand at the counter, each with a connection to the gateway of its own. A purchase blocks its buyer for
as long as the gateway and its advice take; the others go on."""

from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager, ExitStack
from queue import SimpleQueue
from threading import Thread
from types import TracebackType
from typing import Self

from meter_emu.shell.errors import FileError
from pln_sim.reseller import log
from pln_sim.reseller.counter import Buy
from pln_sim.reseller.trade import NotSold, Outcome, Reason, Trade

_Work = tuple[Trade, "Future[Outcome]"]


class Buyers:
    """Some threads that buy. A context manager; leaving it waits for the purchases that are under way."""

    def __init__(self, open_counter: Callable[[], AbstractContextManager[Buy]], number: int) -> None:
        self._open_counter = open_counter
        self._work: SimpleQueue[_Work | None] = SimpleQueue()
        self._threads = [Thread(target=self._stand, name=f"buyer {place}") for place in range(number)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for _ in self._threads:
            self._work.put(None)
        for thread in self._threads:
            thread.join()

    def buy(self, trade: Trade) -> "Future[Outcome]":
        """Have a trade bought; what becomes of it. The queue is as long as those who wait for it are many."""
        future: Future[Outcome] = Future()
        self._work.put((trade, future))
        return future

    def _stand(self) -> None:
        with ExitStack() as stack:
            buy: Buy | None = None
            while (work := self._work.get()) is not None:
                trade, future = work
                try:
                    buy = buy or stack.enter_context(self._open_counter())
                except Exception as error:
                    log.warning("no counter", error=type(error).__name__, why=error if isinstance(error, FileError) else None)
                    future.set_result(NotSold(Reason.FAILED.value))
                    continue
                try:
                    future.set_result(buy(trade))
                except Exception as error:
                    future.set_exception(error)
