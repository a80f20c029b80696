"""Wire: one line on one file descriptor. What comes goes to the line, what the line wants done is done when it is time.

All buffers are bounded: a little is read at a time, and nothing while much is still to be sent. What a client does not read
is lost after a while, as on a line at which nobody listens.
"""

import asyncio
import os
from collections import deque
from collections.abc import Callable

from firmware_proto.bench import Line
from firmware_proto.links.real_baud import Pace
from firmware_proto.protocol import INITIAL_BAUD, Send, Step

PIECE = 2048
"""Bytes read at a time."""
MOST_STEPS = 256
"""Nothing is read while so much is still to be done."""
STALL = 2.0
"""Seconds in which a client has to read something of what it is sent."""
TICK = 0.01
"""Seconds between two pieces of what is sent at a real baud rate."""


class Wire:
    """A line on a descriptor that does not block. ``ended`` is told once when the other side is gone, with the reason."""

    def __init__(
        self,
        line: Line,
        descriptor: int,
        ended: Callable[[str], None],
        *,
        baud: int = INITIAL_BAUD,
        is_real_baud: bool = False,
    ) -> None:
        self.baud = baud
        self._line = line
        self._descriptor = descriptor
        self._ended = ended
        self._is_real_baud = is_real_baud
        self._loop = asyncio.get_running_loop()
        self._steps: deque[Step] = deque()
        self._outbox = b""
        self._pace: Pace | None = None
        self._blocked_since: float | None = None
        self._line_busy_until = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._is_reading = False
        self._is_writer_set = False
        self._is_hung_up = False
        self._is_closed = False
        self._read_on()

    def close(self) -> None:
        """Let go of the descriptor, which its owner closes. Also in the middle of a message."""
        self._is_closed = True
        self._stop_reading()
        self._stop_writing()
        for handle in (self._timer, self._deadline):
            if handle is not None:
                handle.cancel()

    # What kinds of wire do in their own way.

    def _read(self) -> bytes:
        """What came; empty: the other side has hung up."""
        return os.read(self._descriptor, PIECE)

    def _write(self, data: bytes) -> int:
        """Send as much as goes; how much that was."""
        return os.write(self._descriptor, data)

    def _change_baud(self, baud: int) -> float:
        """Go on with another rate; seconds to wait before the next step, and then this is asked again, until it is 0."""
        self.baud = baud
        return 0.0

    def _begin_session(self) -> None:
        """A client signed on."""

    # In.

    def _readable(self) -> None:
        try:
            data = self._read()
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._end(error.strerror or str(error))
            return
        if not data:
            self._is_hung_up = True
            self._stop_reading()
            if not self._steps:
                self._end("closed by the client")
        elif self._is_real_baud:
            # The last bit of it comes later, and what follows after that.
            self._stop_reading()
            now = self._loop.time()
            self._line_busy_until = Pace(max(now, self._line_busy_until), self.baud, len(data)).when(len(data))
            self._loop.call_at(self._line_busy_until, self._hear_late, data)
        else:
            self._hear(data)

    def _hear_late(self, data: bytes) -> None:
        if not self._is_closed:
            self._hear(data)
            self._read_on()

    def _hear(self, data: bytes) -> None:
        steps = self._line.receive_data(data, self._loop.time())
        if self._line.has_new_session:
            self._begin_session()
        self._steps += steps
        self._work()

    def _read_on(self) -> None:
        if not (self._is_reading or self._is_hung_up or self._is_closed):
            self._is_reading = True
            self._loop.add_reader(self._descriptor, self._readable)

    def _stop_reading(self) -> None:
        if self._is_reading:
            self._is_reading = False
            self._loop.remove_reader(self._descriptor)

    # Out.

    def _work(self) -> None:
        """Do the steps whose time has come, then wait for the others."""
        while self._steps and not self._is_closed:
            step = self._steps[0]
            wait = self._say(step) if isinstance(step, Send) else self._change_baud(step.baud)
            if wait is None:
                break
            if wait:
                self._come_back(wait)
                break
            self._steps.popleft()
        if self._is_closed:
            return
        if not self._steps:
            self._watch_deadline()
            if self._is_hung_up:
                self._end("closed by the client")
                return
        if self._blocked_since is not None or len(self._steps) > MOST_STEPS:
            self._stop_reading()
        elif not self._is_real_baud:
            self._read_on()

    def _say(self, step: Send) -> float | None:
        """Seconds to wait before going on with this step; 0: it is done; None: until the descriptor takes more."""
        now = self._loop.time()
        if not self._outbox:
            if now < step.not_before:
                return step.not_before - now
            self._outbox = step.data
            self._pace = Pace(max(now, self._line_busy_until), self.baud, len(step.data)) if self._is_real_baud else None
        count = len(self._outbox)
        if self._pace is not None:
            already = self._pace.length - count
            count = self._pace.due(now) - already
            if count <= 0:
                return max(TICK, self._pace.when(already + 1) - now)
        try:
            sent = self._write(self._outbox[:count])
        except (BlockingIOError, InterruptedError):
            return self._stalled(now)
        except OSError as error:
            self._end(error.strerror or str(error))
            return None
        self._blocked_since = None
        self._outbox = self._outbox[sent:]
        if not self._outbox:
            self._stop_writing()
            return 0.0
        return TICK if self._pace is not None else self._stalled(now)

    def _stalled(self, now: float) -> float | None:
        """The client does not read: wait a while, then lose what it was to read."""
        if self._blocked_since is None:
            self._blocked_since = now
        left = self._blocked_since + STALL - now
        if left <= 0:
            self._blocked_since = None
            self._outbox = b""
            self._stop_writing()
            return 0.0
        if not self._is_writer_set:
            self._is_writer_set = True
            self._loop.add_writer(self._descriptor, self._work)
        self._come_back(left)
        return None

    def _stop_writing(self) -> None:
        if self._is_writer_set:
            self._is_writer_set = False
            self._loop.remove_writer(self._descriptor)

    def _come_back(self, wait: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(wait, self._work)

    # Time.

    def _watch_deadline(self) -> None:
        deadline = self._line.deadline
        if deadline is None:
            return
        if self._deadline is not None:
            if self._deadline.when() <= deadline:
                return  # It looks again when it comes: deadlines move on with every message.
            self._deadline.cancel()
        self._deadline = self._loop.call_at(deadline, self._pass_time)

    def _pass_time(self) -> None:
        self._deadline = None
        self._steps += self._line.advance(self._loop.time())
        self._work()

    def _end(self, reason: str) -> None:
        if not self._is_closed:
            self.close()
            self._ended(reason)
