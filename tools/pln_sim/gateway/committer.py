"""Committer: one thread that owns the depot and carries out what the connections ask, all that waits in one transaction.

While one transaction waits for the disk, or for other processes to end theirs, the next requests gather; so the more
connections there are, the more requests share a commit. A request that waited beyond its patience is not begun any more: it
gets TimeoutError and did nothing.
"""

import asyncio
import queue
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import Any, TypeVar

from pln_sim.storage import Depot, Storage

T = TypeVar("T")
MOST_TOGETHER = 256
"""Requests in one transaction."""


@dataclass(frozen=True)
class _Task:
    job: Callable[[Storage], Any]
    promise: "asyncio.Future[Any]"
    deadline: float
    about: Collection[str]


class Committer:
    """A context manager for use inside a running event loop; ``open_depot`` is called in the thread that will use it.

    Entering raises whatever ``open_depot`` does. Leaving finishes all that was asked.
    """

    def __init__(self, open_depot: Callable[[], Depot], clock: Callable[[], float] = monotonic) -> None:
        self._open_depot = open_depot
        self._clock = clock
        self._tasks: queue.SimpleQueue[_Task | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self.commits = 0
        """How many transactions there were."""

    async def __aenter__(self) -> "Committer":
        self._loop = asyncio.get_running_loop()
        opened: asyncio.Future[None] = self._loop.create_future()
        self._thread = threading.Thread(target=self._work, args=(opened,), name="committer", daemon=True)
        self._thread.start()
        await opened
        return self

    async def __aexit__(self, *_: object) -> None:
        self._tasks.put(None)
        if self._thread:
            await asyncio.to_thread(self._thread.join)

    async def run(self, job: Callable[[Storage], T], patience_seconds: float, about: Collection[str] = ()) -> T:
        """What ``job`` returns, once it is on disk. TimeoutError if it was not begun in time; any error of the job, or of
        the transaction as a whole, and then nothing was done. ``about`` are the meters and references it will ask about."""
        promise: asyncio.Future[T] = self._loop.create_future()
        self._tasks.put(_Task(job, promise, self._clock() + patience_seconds, about))
        return await promise

    def _work(self, opened: "asyncio.Future[None]") -> None:
        try:
            depot = self._open_depot()
        except Exception as error:
            self._loop.call_soon_threadsafe(_settle, [(opened, error)])
            return
        self._loop.call_soon_threadsafe(_settle, [(opened, None)])
        try:
            while task := self._tasks.get():
                results = self._carry_out(depot, task)
                self._loop.call_soon_threadsafe(_settle, results)
        finally:
            depot.close()

    def _carry_out(self, depot: Depot, task: _Task) -> list[tuple["asyncio.Future[Any]", Any]]:
        tasks, results = [task], []
        try:
            depot.take_turn()
            tasks += self._waiting()
            about = [subject for task in tasks for subject in task.about]
            results = depot.run_together([partial(self._begin, task) for task in tasks], about)
        except Exception as error:
            results = [error] * len(tasks)
        self.commits += 1
        return [(task.promise, result) for task, result in zip(tasks, results, strict=True)]

    def _waiting(self) -> Iterator[_Task]:
        """All that waits and still fits into the transaction."""
        for _ in range(MOST_TOGETHER - 1):
            try:
                task = self._tasks.get_nowait()
            except queue.Empty:
                return
            if task is None:  # it is time to stop, when these are done
                self._tasks.put(None)
                return
            yield task

    def _begin(self, task: _Task, storage: Storage) -> Any:
        if self._clock() > task.deadline:
            return TimeoutError()  # not raised: there is nothing to undo, and no reason to
        return task.job(storage)


def _settle(results: Sequence[tuple["asyncio.Future[Any]", Any]]) -> None:
    for promise, result in results:
        if promise.done():  # its connection is gone
            continue
        if isinstance(result, Exception):
            promise.set_exception(result)
        else:
            promise.set_result(result)
