"""Timekeeping: where the meters' time runs ahead of the world's, nothing but the store knows afterwards how far it came.

So it is committed once a second of real time, and when the serving ends: what the wire has told, other commands see, and no
register runs back at the next start. At the world's own pace there is nothing to keep, since anybody can compute it.
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from firmware_proto.bench import Bench
from meter_emu.shell.errors import FileError
from meter_emu.sts.numbers import Drn

PERIOD = 1.0
"""Seconds of real time between two commits of a meter's time."""
MOST_UNASKED = 64
"""Meters nobody asked for whose time is committed in one period; with more of them they take turns."""
log = logging.getLogger("firmware_proto")


@asynccontextmanager
async def stored_time(bench: Bench) -> AsyncIterator[None]:
    """The time of the meters is stored while the context lasts, and at its end. FileError if it cannot be stored then."""
    keeping = asyncio.create_task(_keep(bench))
    try:
        yield
    finally:
        keeping.cancel()
        for drn in bench.drns():
            bench.meters.let_pass(drn)


async def _keep(bench: Bench) -> None:
    turns: deque[Drn] = deque()
    while True:
        await asyncio.sleep(PERIOD)
        try:
            for drn in _due(bench, turns):
                bench.meters.let_pass(drn)
                await asyncio.sleep(0)  # A line that waits to be answered comes first.
        except FileError as error:
            log.warning("the meters' time is not stored: %s", error)


def _due(bench: Bench, turns: deque[Drn]) -> list[Drn]:
    """Those that were looked at, then some of the others: those that waited longest."""
    told = bench.meters.told()
    if len(turns) < MOST_UNASKED:
        turns.extend(drn for drn in bench.drns() if drn not in turns)
    others = [turns.popleft() for _ in range(min(MOST_UNASKED, len(turns)))]
    return [*told, *(drn for drn in others if drn not in told)]
