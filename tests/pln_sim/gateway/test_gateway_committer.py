"""The committer: what waits together is committed together, and what waited too long is not begun."""

import asyncio
import threading

import pytest

from meter_emu.shell.errors import BusyError, FileError
from pln_sim.gateway.committer import Committer
from pln_sim.storage.sqlite import SqliteDepot


class Trouble(Exception):
    """Any."""


def test_what_waits_shares_a_commit(tmp_path):
    held = threading.Event()

    async def ask():
        async with Committer(lambda: SqliteDepot(tmp_path / "x.db")) as committer:
            first = committer.run(lambda storage: held.wait(20), 20)
            others = [committer.run(lambda storage, n=n: n, 20) for n in range(50)]
            await asyncio.sleep(0)
            held.set()
            return [await first, *(await asyncio.gather(*others))], committer.commits

    results, commits = asyncio.run(ask())
    assert results == [True, *range(50)]
    assert commits <= 2


def test_an_error_is_its_own_job_s(tmp_path):
    def fail(storage):
        raise Trouble

    async def ask():
        async with Committer(lambda: SqliteDepot(tmp_path / "x.db")) as committer:
            jobs = [committer.run(job, 20) for job in (lambda storage: 1, fail, lambda storage: 2)]
            return await asyncio.gather(*jobs, return_exceptions=True)

    first, error, last = asyncio.run(ask())
    assert (first, type(error), last) == (1, Trouble, 2)


def test_what_waited_too_long_is_not_begun(tmp_path):
    begun = []

    async def ask():
        time = 0.0
        running, held = threading.Event(), threading.Event()

        def hold(storage):
            running.set()
            return held.wait(20)

        async with Committer(lambda: SqliteDepot(tmp_path / "x.db"), clock=lambda: time) as committer:
            jobs = (hold, 5), (begun.append, 5), (lambda storage: "done", 15)
            promises = [committer.run(*job) for job in jobs]
            await asyncio.to_thread(running.wait)
            time = 10.0
            held.set()
            return await asyncio.gather(*promises, return_exceptions=True)

    first, late, timely = asyncio.run(ask())
    assert (first, type(late), timely, begun) == (True, TimeoutError, "done", [])


def test_a_depot_that_fails_fails_all_and_the_next_are_served(tmp_path):
    class Failing(SqliteDepot):
        failures = 1

        def run_together(self, jobs, about=()):
            if self.failures:
                self.failures -= 1
                raise FileError("the disk is full")
            return super().run_together(jobs, about)

    async def ask():
        async with Committer(lambda: Failing(tmp_path / "x.db")) as committer:
            with pytest.raises(FileError):
                await committer.run(lambda storage: 1, 20)
            return await committer.run(lambda storage: 2, 20)

    assert asyncio.run(ask()) == 2


def test_a_depot_that_does_not_open(tmp_path):
    async def ask():
        async with Committer(lambda: SqliteDepot(tmp_path / "none" / "x.db")):
            pass

    with pytest.raises(FileError):
        asyncio.run(ask())


def test_a_timer_tells_while_the_thread_is_held_and_the_job_is_never_begun(tmp_path):
    begun, running, held = [], threading.Event(), threading.Event()

    def hold(storage):
        running.set()
        return held.wait(20)

    async def ask():
        async with Committer(lambda: SqliteDepot(tmp_path / "x.db")) as committer:
            first = committer.run(hold, 20)
            await asyncio.to_thread(running.wait)
            with pytest.raises(TimeoutError):
                await committer.run(begun.append, 0.01)
            is_held = not held.is_set()
            held.set()
            return await first, is_held, await committer.run(lambda storage: "next", 20)

    assert asyncio.run(ask()) == (True, True, "next")
    assert begun == []


def test_what_had_begun_ends_although_nobody_waits_any_more(tmp_path):
    running, held, ended = threading.Event(), threading.Event(), []

    def hold(storage):
        running.set()
        held.wait(20)
        ended.append(True)

    async def ask():
        async with Committer(lambda: SqliteDepot(tmp_path / "x.db")) as committer:
            with pytest.raises(TimeoutError):
                await committer.run(hold, 0.01)
            await asyncio.to_thread(running.wait)
            held.set()
            return await committer.run(lambda storage: list(ended), 20)

    assert asyncio.run(ask()) == [True]


class Busy(SqliteDepot):
    """Others keep it busy the first ``times``."""

    def __init__(self, path, times):
        super().__init__(path)
        self.times = times

    def run_together(self, jobs, about=()):
        if self.times:
            self.times -= 1
            raise BusyError("others keep it busy")
        return super().run_together(jobs, about)


def test_a_busy_depot_is_tried_again_while_somebody_waits(tmp_path):
    begun = []

    async def ask(times, patience):
        async with Committer(lambda: Busy(tmp_path / "x.db", times)) as committer:
            return await committer.run(lambda storage: begun.append(1), patience)

    asyncio.run(ask(3, 20))
    assert begun == [1]
    with pytest.raises(TimeoutError):
        asyncio.run(ask(10**9, 0.1))
    assert begun == [1]
