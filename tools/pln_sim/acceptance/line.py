"""Line: one connection to the gateway under test. Messages out, whole or in pieces, and whole messages in."""

import socket
import time
from types import TracebackType
from typing import Self

from pln_sim.gateway.framing import FrameReader, frame
from pln_sim.gateway.messages import OversizedMessage
from pln_sim.switching.link import PIECE, Address

BETWEEN_PIECES = 0.02
"""Seconds between two segments, so that they travel as two."""
LONGEST_REPLY = 60.0
"""Seconds for a reply that comes byte by byte."""


class LineError(Exception):
    """The gateway cannot be reached."""


class Cut(Exception):
    """The gateway ended the connection, or sent more than a message can be."""


class Line:
    """A connection. A context manager."""

    def __init__(self, address: Address, patience: float) -> None:
        self._patience = patience
        self._reader = FrameReader()
        self.is_open = True
        self.switcher = ""
        """What it is signed on as."""
        try:
            self._socket = socket.create_connection((address.host, address.port), timeout=patience)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            raise LineError(f"no gateway at {address}: {error.strerror or error}") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Hang up."""
        self.is_open = False
        self._socket.close()

    def send(self, message: bytes, *, is_split: bool = False) -> None:
        """Send a message, in two segments if so wanted. Cut if the connection is gone."""
        data = frame(message)
        middle = len(data) // 2 if is_split else len(data)
        try:
            self._socket.settimeout(self._patience)
            self._socket.sendall(data[:middle])
            if is_split:
                time.sleep(BETWEEN_PIECES)
                self._socket.sendall(data[middle:])
        except OSError:
            raise self._cut() from None

    def receive(self, wait: float) -> bytes | None:
        """The next message; None if no byte comes for ``wait`` seconds, or no whole message in a minute. Cut if the connection
        ends."""
        limit = time.monotonic() + LONGEST_REPLY
        until = time.monotonic() + wait
        while True:
            try:
                message = self._reader.next_message()
                if message is not None:
                    return message
                left = min(until, limit) - time.monotonic()
                if left <= 0:
                    return None
                self._socket.settimeout(left)
                data = self._socket.recv(PIECE)
            except TimeoutError:
                return None
            except (OSError, OversizedMessage):
                raise self._cut() from None
            if not data:
                raise self._cut()
            self._reader.receive(data)
            until = time.monotonic() + wait

    def _cut(self) -> Cut:
        self.close()
        return Cut()
