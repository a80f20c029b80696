"""Alarm: a deadline that may be moved on as often as one likes, as a connection does with each message.

Moving it on costs nothing: the timer is left to ring at its old time, and then looks whether the deadline is still ahead.

>>> async def wait(alarm_seconds, work_seconds):
...     alarm = Alarm(lambda: print("too late"))
...     alarm.at(asyncio.get_running_loop().time() + alarm_seconds)
...     await asyncio.sleep(work_seconds)
...     alarm.cancel()
>>> asyncio.run(wait(alarm_seconds=60, work_seconds=0))
>>> asyncio.run(wait(alarm_seconds=0, work_seconds=0.01))
too late
"""

import asyncio
from collections.abc import Callable
from math import inf


class Alarm:
    """Without a deadline at first; calls ``run_out`` in the running loop once its deadline has passed."""

    def __init__(self, run_out: Callable[[], None]) -> None:
        self._run_out = run_out
        self._loop = asyncio.get_running_loop()
        self._deadline = inf
        self._rings_at = inf
        self._timer: asyncio.TimerHandle | None = None

    def at(self, deadline: float) -> None:
        """From now on this is the deadline, in the time of the running loop; ``inf`` for none."""
        self._deadline = deadline
        if deadline < self._rings_at:
            self._set_timer()

    def cancel(self) -> None:
        """No deadline any more, and no timer either."""
        self._deadline = self._rings_at = inf
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _set_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._rings_at = self._deadline
        self._timer = self._loop.call_at(self._rings_at, self._ring)

    def _ring(self) -> None:
        self._timer, self._rings_at = None, inf
        if self._deadline <= self._loop.time():
            self._deadline = inf
            self._run_out()
        elif self._deadline < inf:
            self._set_timer()
