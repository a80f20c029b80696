"""Link, one TCP connection to the gateway: whole messages out, whole messages in, each wait with an end.

Memory is bounded by the frame reader; a gateway that sends more than a message can be is cut off.
"""

import ipaddress
import socket
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from meter_emu.sts.errors import FormatError
from pln_sim.gateway.framing import FrameReader, frame
from pln_sim.gateway.messages import OversizedMessage

PIECE = 4096


class LinkError(Exception):
    """The connection cannot be had, or is gone. One line that says why."""


@dataclass(frozen=True)
class Address:
    """Where a gateway listens.

    >>> str(Address.parse("127.0.0.1:63100")), str(Address.parse("[::1]:63100"))
    ('127.0.0.1:63100', '[::1]:63100')
    >>> Address.parse("127.0.0.1:63100").is_loopback, Address.parse("192.0.2.1:63100").is_loopback
    (True, False)
    """

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> "Address":
        """The address in ``HOST:PORT``. FormatError for anything else."""
        host, _, digits = text.rpartition(":")
        host = host.removeprefix("[").removesuffix("]")
        if not host or not digits.isascii() or not digits.isdigit() or not 1 <= int(digits[:6]) <= 65535:
            raise FormatError(f"a gateway is HOST:PORT, like 127.0.0.1:63100, not {text[:40]!r}", field="gateway")
        return cls(host, int(digits))

    @property
    def is_loopback(self) -> bool:
        """Whether it is on this machine. Names but localhost are not asked for: they can change between asking and use."""
        try:
            return self.host == "localhost" or ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Link:
    """A connection. A context manager; LinkError from everything once the connection is of no use any more."""

    def __init__(self, address: Address, patience: float) -> None:
        self._reader = FrameReader()
        try:
            self._socket = socket.create_connection((address.host, address.port), timeout=patience)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            raise LinkError(f"no gateway at {address}: {error.strerror or error}") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def send(self, message: bytes, patience: float) -> None:
        """Send a message. After an error it may or may not have arrived."""
        try:
            self._socket.settimeout(patience)
            self._socket.sendall(frame(message))
        except OSError as error:
            raise LinkError(f"the connection is lost: {error.strerror or error}") from None

    def receive(self, until: float) -> bytes | None:
        """The next message; None if none is complete by ``until``, a time of time.monotonic."""
        while True:
            try:
                message = self._reader.next_message()
            except OversizedMessage as error:
                raise LinkError(f"no message: {error}") from None
            if message is not None:
                return message
            # A time-out of 0 takes what has come already.
            self._socket.settimeout(max(0.0, until - time.monotonic()))
            try:
                data = self._socket.recv(PIECE)
            except (TimeoutError, BlockingIOError):
                return None
            except OSError as error:
                raise LinkError(f"the connection is lost: {error.strerror or error}") from None
            if not data:
                raise LinkError("the gateway closed the connection")
            self._reader.receive(data)
