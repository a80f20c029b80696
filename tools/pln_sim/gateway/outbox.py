"""Outbox: what leaves for one peer, each reply in one piece, or, as a fault has it, byte by byte or late.

A late reply never breaks into a slow one; it leaves behind it.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable

from pln_sim.gateway import log
from pln_sim.gateway.framing import END
from pln_sim.gateway.patience import Patience

_MOST_LATE = 16


class Outbox:
    """Writes to a transport, whose owner tells by ``is_full`` whether the peer has yet to take something. ``freed`` is called
    when it is free again after it was not."""

    def __init__(self, transport: asyncio.WriteTransport, peer: str, patience: Patience, freed: Callable[[], None]) -> None:
        transport.set_write_buffer_limits(high=0)  # so that the owner is told of any byte that was not taken at once
        self._transport = transport
        self._peer = peer
        self._patience = patience
        self._freed = freed
        self._loop = asyncio.get_running_loop()
        self.is_full = False
        """The peer has not taken all that was sent."""
        self._is_closed = False
        self._slow = b""
        """What is left of a slow reply."""
        self._pause: asyncio.TimerHandle | None = None
        """Between two bytes of it."""
        self._behind = b""
        """Late replies that have to wait for its end."""
        self._late: deque[tuple[bytes, asyncio.TimerHandle]] = deque()

    @property
    def is_free(self) -> bool:
        """Whether the peer has taken all that was sent."""
        return not (self.is_full or self._slow or self._pause)

    def send(self, stream: bytes) -> None:
        """Send a message in one piece."""
        if log.tells(logging.DEBUG):
            log.debug("sent", peer=self._peer, stream=stream.decode("latin-1"))
        if self._slow or self._pause:
            self._behind += stream + END
        else:
            self._write(stream + END)

    def send_slowly(self, stream: bytes) -> None:
        """Send a message byte by byte."""
        if not self._is_closed:
            self._slow = stream + END
            self.go_on()

    def send_late(self, stream: bytes) -> None:
        """Send a message later; never if too many wait already."""
        if len(self._late) < _MOST_LATE and not self._is_closed:
            self._late.append((stream, self._loop.call_later(self._patience.late, self._send_oldest)))

    def go_on(self) -> None:
        """Send the next byte of a slow reply, if it is time for one."""
        if self.is_full or self._pause:
            return
        if self._slow:
            self._write(self._slow[:1])
            self._slow = self._slow[1:]
            self._pause = self._loop.call_later(self._patience.slow, self._end_pause)
            return
        if self._behind:
            behind, self._behind = self._behind, b""
            self._write(behind)
        if not self.is_full:
            self._freed()

    def close(self) -> None:
        """Send nothing any more, and wait for nothing."""
        self._is_closed, self.is_full = True, False
        self._slow = self._behind = b""
        if self._pause:
            self._pause.cancel()
            self._pause = None
        for _, timer in self._late:
            timer.cancel()
        self._late.clear()

    def _end_pause(self) -> None:
        self._pause = None
        self.go_on()

    def _send_oldest(self) -> None:
        stream, _ = self._late.popleft()  # all are equally late, so the timers ring in order
        self.send(stream)

    def _write(self, data: bytes) -> None:
        if not self._is_closed:
            self._transport.write(data)
