"""Committer: one thread that owns the depot and carries out what the connections ask, all that waits in one transaction.

While one transaction waits for the disk the next requests gather, so the more connections there are, the more requests
share a commit. A request that waited beyond its patience is not begun any more: it gets TimeoutError and did nothing.
"""

import asyncio
import queue
import threading
from collections.abc import Callable, Sequence
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

    async def run(self, job: Callable[[Storage], T], patience_seconds: float) -> T:
        """What ``job`` returns, once it is on disk. TimeoutError if it was not begun in time; any error of the job, or of
        the transaction as a whole, and then nothing was done."""
        promise: asyncio.Future[T] = self._loop.create_future()
        self._tasks.put(_Task(job, promise, self._clock() + patience_seconds))
        return await promise

    def _work(self, opened: "asyncio.Future[None]") -> None:
        try:
            depot = self._open_depot()
        except Exception as error:
            self._loop.call_soon_threadsafe(_settle, [(opened, error)])
            return
        self._loop.call_soon_threadsafe(_settle, [(opened, None)])
        try:
            while tasks := self._gather():
                results = self._carry_out(depot, tasks)
                self._loop.call_soon_threadsafe(_settle, [(task.promise, result) for task, result in results])
        finally:
            depot.close()

    def _gather(self) -> list[_Task]:
        """All that waits, at least one; empty when it is time to stop."""
        tasks: list[_Task] = []
        while len(tasks) < MOST_TOGETHER and (not tasks or not self._tasks.empty()):
            task = self._tasks.get()
            if task is None:
                if tasks:
                    self._tasks.put(None)
                break
            tasks.append(task)
        return tasks

    def _carry_out(self, depot: Depot, tasks: Sequence[_Task]) -> list[tuple[_Task, Any]]:
        results: Sequence[Any]
        try:
            results = depot.run_together([partial(self._begin, task) for task in tasks])
        except Exception as error:
            results = [error] * len(tasks)
        self.commits += 1
        return list(zip(tasks, results, strict=True))

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
