"""A TCP port. Every connection is an optical head of its own: a line to the same meters, with sessions of its own.

So clients do not disturb each other, and one that vanished without a word keeps nobody out. What two of them write at once
is done one after the other, as the store has it.
"""

import asyncio
import errno
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from firmware_proto.bench import Bench, Line
from firmware_proto.errors import reason_of
from firmware_proto.links.link import Link, Lost, Manner
from firmware_proto.links.wire import PIECE, Wire
from firmware_proto.protocol import Timing
from meter_emu.shell.errors import AddressError

MOST_CONNECTIONS = 64
"""Open at once on one port; one more is closed as it comes."""
BACKLOG = 64
NO_LINE_TIME = Timing(reaction_minimum=0.0)
WAIT_FOR_DESCRIPTORS = 0.5


@dataclass(frozen=True)
class TcpLink(Link):
    """``host`` and ``port``; port 0 is any free one."""

    host: str
    port: int

    @contextmanager
    def opened(self, bench: Bench, manner: Manner, lost: Lost) -> Iterator[str]:
        """Take connections; HOST:PORT."""
        with self._listening() as listener:
            reception = _Reception(listener, bench, manner)
            try:
                yield _written(*listener.getsockname()[:2])
            finally:
                reception.close()

    def _listening(self) -> socket.socket:
        try:
            family = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)[0][0]
            listener = socket.create_server((self.host, self.port), family=family, backlog=BACKLOG)
        except OSError as error:
            where = _written(self.host, self.port)
            raise AddressError(
                f"{where} cannot be listened on: {reason_of(error)}; name another address, port 0 is any free one"
            ) from error
        listener.setblocking(False)
        return listener


class _Reception:
    """Takes connections, and lets go of them."""

    def __init__(self, listener: socket.socket, bench: Bench, manner: Manner) -> None:
        self._listener, self._bench, self._manner = listener, bench, manner
        self._wires: dict[socket.socket, Wire] = {}
        self._loop = asyncio.get_running_loop()
        self._is_closed = False
        self._listen()

    def close(self) -> None:
        self._is_closed = True
        self._loop.remove_reader(self._listener)
        for connection in list(self._wires):
            self._wires.pop(connection).close()
            connection.close()

    def _listen(self) -> None:
        if not self._is_closed:
            self._loop.add_reader(self._listener, self._accept)

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError as error:
            if error.errno in (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM):
                # It would come again at once.
                self._loop.remove_reader(self._listener)
                self._loop.call_later(WAIT_FOR_DESCRIPTORS, self._listen)
            return
        if len(self._wires) >= MOST_CONNECTIONS:
            connection.close()
            return
        connection.setblocking(False)
        with suppress(OSError):  # The client may be gone already.
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        line = self._manner.line(self._bench, NO_LINE_TIME, in_software=True)
        self._wires[connection] = _SocketWire(line, connection, lambda _: self._forget(connection), manner=self._manner)

    def _forget(self, connection: socket.socket) -> None:
        del self._wires[connection]
        connection.close()


class _SocketWire(Wire):
    """A wire on a socket, whose own calls raise no signal when the client is gone."""

    def __init__(self, line: Line, connection: socket.socket, ended: Callable[[str], None], *, manner: Manner) -> None:
        self._socket = connection
        super().__init__(line, connection.fileno(), ended, baud=manner.initial_baud, is_real_baud=manner.is_real_baud)

    def _read(self) -> bytes:
        return self._socket.recv(PIECE)

    def _write(self, data: bytes) -> int:
        return self._socket.send(data)


def _written(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
