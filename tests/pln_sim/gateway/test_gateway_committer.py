"""The committer: what waits together is committed together, and what waited too long is not begun."""

import asyncio
import threading

import pytest

from meter_emu.shell.errors import FileError
from pln_sim.gateway.committer import Committer
from pln_sim.storage.sqlite import SqliteDepot


class Trouble(Exception):
    """Any."""


def test_what_waits_shares_a_commit(tmp_path):
    held = threading.Event()

    async def ask():
        async with Committer(lambda: SqliteDepot(tmp_path / "x.db")) as committer:
            first = asyncio.create_task(committer.run(lambda storage: held.wait(20), 20))
            others = [asyncio.create_task(committer.run(lambda storage, n=n: n, 20)) for n in range(50)]
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
            promises = [asyncio.create_task(committer.run(*job)) for job in jobs]
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
