"""Server: the desk behind TCP (gateway specification 1.0.1, section 2), for many connections at once.

Requests and replies alternate on a connection; each has a session of its own. What one peer does wrong ends at most its own
connection: a message that never ends, one that takes longer than the read time-out from its first byte to its last, replies
it does not read. Between messages a connection may rest for as long as the idle time-out.

A reply leaves only when what it says is on disk. Stopping means: no new connections, resting ones are closed, and those
with a message under way get its reply first.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime

from pln_sim.gateway import log
from pln_sim.gateway.committer import Committer
from pln_sim.gateway.connection import PIECE, Connection
from pln_sim.gateway.desk import Desk
from pln_sim.gateway.faults import Faults
from pln_sim.gateway.listening import listen_with
from pln_sim.gateway.metrics import Metrics
from pln_sim.gateway.patience import Patience


class Server:
    """A gateway on a socket."""

    def __init__(
        self,
        desk: Desk,
        committer: Committer,
        faults: Faults,
        now: Callable[[], datetime],
        patience: Patience | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        self.desk = desk
        self.committer = committer
        self.faults = faults
        self.now = now
        self.patience = patience or Patience()
        self.metrics = metrics or Metrics()
        self.is_stopping = False
        self.buffer = memoryview(bytearray(PIECE))
        """Where the connections receive, one after the other."""
        self._connections: set[Connection] = set()
        self._all_ended = asyncio.Event()
        self._server: asyncio.Server | None = None

    async def listen(self, host: str, port: int) -> tuple[str, int]:
        """Take connections from now on; where, since port 0 means any free one."""
        self._server = await listen_with(lambda: Connection(self), host, port)
        address = self._server.sockets[0].getsockname()
        return str(address[0]), int(address[1])

    async def stop(self) -> None:
        """Finish what is under way and close all connections."""
        self.is_stopping = True
        if self._server:
            self._server.close()
        for connection in list(self._connections):
            connection.stop()
        if self._connections:
            await self._all_ended.wait()

    def admit(self, connection: Connection) -> bool:
        """Whether there is room for a connection, which has it then until it is released."""
        if self.is_stopping or len(self._connections) >= self.patience.connections:
            log.warning("refused", peer=connection.peer, open=len(self._connections))
            return False
        self._connections.add(connection)
        self.metrics.connections = len(self._connections)
        return True

    def release(self, connection: Connection) -> None:
        """A connection has ended."""
        self._connections.remove(connection)
        self.metrics.connections = len(self._connections)
        if self.is_stopping and not self._connections:
            self._all_ended.set()
