"""Committer: one thread that owns the depot and carries out what the connections ask, all that waits in one transaction.

While one transaction waits for the disk, or for other processes to end theirs, the next requests gather; so the more
connections there are, the more requests share a commit. A request that waited beyond its patience gets TimeoutError there and
then, whatever the thread waits for, and is not begun any more. If it had begun by then, it ends as it ends: who wants to know
asks again, and is served behind it.
"""

import asyncio
import queue
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from math import inf
from time import monotonic, sleep
from typing import Any, TypeVar

from meter_emu.shell.errors import BusyError
from pln_sim.storage import Depot, Storage

T = TypeVar("T")
MOST_TOGETHER = 256
"""Requests in one transaction."""


_PAUSE_SECONDS = 0.05
"""Between two tries at a depot that others keep busy; the depot itself has its patience, too."""


@dataclass(frozen=True, eq=False)
class _Task:
    job: Callable[[Storage], Any]
    promise: "asyncio.Future[Any]"
    """Done before the job has ended when nobody waits for it any more."""
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
        self._asked: set[_Task] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._rings_at = inf
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
        if self._timer:
            self._timer.cancel()

    async def run(self, job: Callable[[Storage], T], patience_seconds: float, about: Collection[str] = ()) -> T:
        """What ``job`` returns, once it is on disk. TimeoutError when ``patience_seconds`` are over: it will not be begun any
        more, but may have been. Any error of the job, or of the transaction as a whole, and then nothing was done. ``about``
        are the meters and references it will ask about."""
        promise: asyncio.Future[T] = self._loop.create_future()
        task = _Task(job, promise, self._clock() + patience_seconds, about)
        self._asked.add(task)
        self._watch(task.deadline)
        self._tasks.put(task)
        try:
            return await promise
        finally:
            self._asked.discard(task)

    def _watch(self, deadline: float) -> None:
        """One timer serves all: it rings for the first deadline, and most of those that come later are met by then."""
        if deadline < self._rings_at:
            if self._timer:
                self._timer.cancel()
            self._rings_at = deadline
            self._timer = self._loop.call_later(deadline - self._clock(), self._ring)

    def _ring(self) -> None:
        self._timer, self._rings_at = None, inf
        now = self._clock()
        waiting = [task for task in self._asked if not task.promise.done()]
        for task in waiting:
            if task.deadline <= now:
                task.promise.set_exception(TimeoutError())
        self._watch(min((task.deadline for task in waiting if task.deadline > now), default=inf))

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
        if self._is_over(task):  # not worth the wait for a depot that may be busy
            return [(task.promise, TimeoutError())]
        tasks, results = [task], None
        while results is None:
            try:
                depot.take_turn()
                tasks += self._waiting(MOST_TOGETHER - len(tasks))
                about = [subject for task in tasks for subject in task.about]
                results = depot.run_together([partial(self._begin, task) for task in tasks], about)
            except BusyError:
                # Nothing was done, and as long as somebody waits for it, it may still be.
                if all(map(self._is_over, tasks)):
                    results = [TimeoutError()] * len(tasks)
                else:
                    sleep(_PAUSE_SECONDS)
            except Exception as error:
                results = [error] * len(tasks)
        self.commits += 1
        return [(task.promise, result) for task, result in zip(tasks, results, strict=True)]

    def _waiting(self, most: int) -> Iterator[_Task]:
        """All that waits, but not more than still fits into the transaction."""
        for _ in range(most):
            try:
                task = self._tasks.get_nowait()
            except queue.Empty:
                return
            if task is None:  # it is time to stop, when these are done
                self._tasks.put(None)
                return
            yield task

    def _begin(self, task: _Task, storage: Storage) -> Any:
        if self._is_over(task):
            return TimeoutError()  # not raised: there is nothing to undo, and no reason to
        return task.job(storage)

    def _is_over(self, task: _Task) -> bool:
        return task.promise.done() or self._clock() > task.deadline


def _settle(results: Sequence[tuple["asyncio.Future[Any]", Any]]) -> None:
    for promise, result in results:
        if promise.done():  # nobody waits for it any more
            continue
        if isinstance(result, Exception):
            promise.set_exception(result)
        else:
            promise.set_result(result)
