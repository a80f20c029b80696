"""Alarm: a deadline for a task that may be moved on as often as one likes, as a connection does with each message.

Moving it on costs nothing: the timer is left to ring at its old time, and then looks whether the deadline is still ahead.

>>> async def wait(alarm_seconds, work_seconds):
...     async with Alarm() as alarm:
...         alarm.at(asyncio.get_running_loop().time() + alarm_seconds)
...         await asyncio.sleep(work_seconds)
>>> asyncio.run(wait(alarm_seconds=60, work_seconds=0))
>>> asyncio.run(wait(alarm_seconds=0, work_seconds=60))
Traceback (most recent call last):
    ...
TimeoutError
"""

import asyncio
from math import inf
from types import TracebackType


class Alarm:
    """A context manager, without a deadline at first; TimeoutError in the task inside it once its deadline has passed."""

    def __init__(self) -> None:
        self._deadline = inf
        self._rings_at = inf
        self._timer: asyncio.TimerHandle | None = None
        self._timeout = asyncio.timeout(None)

    async def __aenter__(self) -> "Alarm":
        await self._timeout.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._timer:
            self._timer.cancel()
        await self._timeout.__aexit__(kind, error, trace)

    def at(self, deadline: float) -> None:
        """From now on this is the deadline, in the time of the running loop; ``inf`` for none."""
        self._deadline = deadline
        if deadline < self._rings_at:
            self._set_timer()

    def _set_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._rings_at = self._deadline
        self._timer = asyncio.get_running_loop().call_at(self._rings_at, self._ring)

    def _ring(self) -> None:
        self._timer, self._rings_at = None, inf
        if self._deadline <= asyncio.get_running_loop().time():
            self._timeout.reschedule(self._deadline)
        elif self._deadline < inf:
            self._set_timer()
