"""Committer: one thread that owns the depot and carries out what the connections ask, all that waits in one transaction.

While one transaction waits for the disk, or for other processes to end theirs, the next requests gather; so the more
connections there are, the more requests share a commit. A request that waited beyond its patience gets TimeoutError there and
then, whatever the thread waits for, and is not begun any more. If it had begun by then, it ends as it ends: who wants to know
asks again, and is served behind it.
"""

import asyncio
import queue
import threading
from collections import deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
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


@dataclass(slots=True, eq=False)
class _Task:
    job: Callable[[Storage], Any]
    promise: "asyncio.Future[Any]"
    """Done before the job has ended when nobody waits for it any more."""
    deadline: float
    about: Collection[str]
    clock: Callable[[], float]

    def __call__(self, storage: Storage) -> Any:
        """What the job returns; a TimeoutError, which is not raised since there is nothing to undo, if it is too late."""
        return TimeoutError() if self.is_over() else self.job(storage)

    def is_over(self) -> bool:
        """Whether it is not to begin any more."""
        return self.promise.done() or self.clock() > self.deadline


class Committer:
    """A context manager for use inside a running event loop; ``open_depot`` is called in the thread that will use it.

    Entering raises whatever ``open_depot`` does. Leaving finishes all that was asked.
    """

    def __init__(self, open_depot: Callable[[], Depot], clock: Callable[[], float] = monotonic) -> None:
        self._open_depot = open_depot
        self._clock = clock
        self._tasks: deque[_Task] = deque()
        """What is asked, for the thread, which alone takes from it."""
        self._calls: queue.SimpleQueue[bool] = queue.SimpleQueue()
        """For the thread: there are tasks, or (False) there will be no more of them."""
        self._is_calling = False
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
        self._calls.put(False)
        if self._thread:
            await asyncio.to_thread(self._thread.join)
        if self._timer:
            self._timer.cancel()

    def run(self, job: Callable[[Storage], T], patience_seconds: float, about: Collection[str] = ()) -> "asyncio.Future[T]":
        """What ``job`` returns, once it is on disk. TimeoutError when ``patience_seconds`` are over: it will not be begun any
        more, but may have been. Any error of the job, or of the transaction as a whole, and then nothing was done. ``about``
        are the meters and references it will ask about."""
        promise: asyncio.Future[T] = self._loop.create_future()
        deadline = self._clock() + patience_seconds
        task = _Task(job, promise, deadline, about, self._clock)
        self._asked.add(task)
        if deadline < self._rings_at:
            self._watch(deadline)
        self._tasks.append(task)
        if not self._is_calling:
            # One call for all that is asked in this turn of the loop.
            self._is_calling = True
            self._loop.call_soon(self._call)
        return promise

    def _call(self) -> None:
        self._is_calling = False
        self._calls.put(True)

    def _watch(self, deadline: float) -> None:
        """One timer serves all: it rings for the first deadline, and most of those that come later are met by then."""
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
        deadlines = [task.deadline for task in waiting if task.deadline > now]
        if deadlines:
            self._watch(min(deadlines))

    def _work(self, opened: "asyncio.Future[None]") -> None:
        try:
            depot = self._open_depot()
        except Exception as error:
            self._loop.call_soon_threadsafe(_settle, opened, error)
            return
        self._loop.call_soon_threadsafe(_settle, opened, None)
        try:
            is_open = True
            while is_open:
                is_open = self._calls.get()
                while self._tasks:
                    results = self._carry_out(depot, self._tasks.popleft())
                    self._loop.call_soon_threadsafe(self._settle_all, results)
        finally:
            depot.close()

    def _carry_out(self, depot: Depot, task: _Task) -> list[tuple[_Task, Any]]:
        if task.is_over():  # not worth the wait for a depot that may be busy
            return [(task, TimeoutError())]
        tasks, results = [task], None
        while results is None:
            try:
                depot.take_turn()
                while self._tasks and len(tasks) < MOST_TOGETHER:
                    tasks.append(self._tasks.popleft())
                results = depot.run_together(tasks, [subject for task in tasks for subject in task.about])
            except BusyError:
                # Nothing was done, and as long as somebody waits for it, it may still be.
                if all(task.is_over() for task in tasks):
                    results = [TimeoutError()] * len(tasks)
                else:
                    sleep(_PAUSE_SECONDS)
            except Exception as error:
                results = [error] * len(tasks)
        self.commits += 1
        return list(zip(tasks, results, strict=True))

    def _settle_all(self, results: Sequence[tuple[_Task, Any]]) -> None:
        for task, result in results:
            self._asked.discard(task)
            _settle(task.promise, result)


def _settle(promise: "asyncio.Future[Any]", result: Any) -> None:
    if promise.done():  # nobody waits for it any more
        return
    if isinstance(result, Exception):
        promise.set_exception(result)
    else:
        promise.set_result(result)
