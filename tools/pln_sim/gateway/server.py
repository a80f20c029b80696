"""Server: the desk behind TCP (gateway specification 1.0.1, section 2), for many connections at once.

Requests and replies alternate on a connection; each has a session of its own. What one peer does wrong ends at most its own
connection: a message that never ends, one that takes longer than the read time-out from its first byte to its last, replies
it does not read. Between messages a connection may rest for as long as the idle time-out.

A reply leaves only when what it says is on disk. Stopping means: no new connections, resting ones are closed, and those
with a message under way get its reply first.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from math import inf

from meter_emu.shell.errors import FileError
from pln_sim.gateway import log
from pln_sim.gateway.alarm import Alarm
from pln_sim.gateway.committer import Committer
from pln_sim.gateway.desk import Answer, Desk, Session
from pln_sim.gateway.fault import Fault
from pln_sim.gateway.faults import Faults
from pln_sim.gateway.framing import END, FrameReader
from pln_sim.gateway.listening import listen
from pln_sim.gateway.messages import ImproperMessage, Message, OversizedMessage, ResponseCode, read, table, write
from pln_sim.gateway.messages.table import LAYOUT_OF_REPLY_TO
from pln_sim.gateway.metrics import Metrics

_PIECE = 16384
_MOST_LATE = 16


@dataclass(frozen=True)
class Patience:
    """How long the server waits, in seconds, and for how many."""

    read: float = 30
    """From a message's first byte to its last, and for a peer to take a reply."""
    idle: float = 3600
    """Between two messages."""
    work: float = 20
    """Until a request is on disk; then it is answered 0068."""
    late: float = 45
    """How late a late reply is."""
    slow: float = 0.05
    """Between two bytes of a slow reply."""
    connections: int = 1000
    """How many may be open at once."""


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
        self._connections: dict[asyncio.Task[None], _Connection] = {}
        self._server: asyncio.Server | None = None

    async def listen(self, host: str, port: int) -> tuple[str, int]:
        """Take connections from now on; where, since port 0 means any free one."""
        self._server = await listen(self._serve, host, port, _PIECE)
        address = self._server.sockets[0].getsockname()
        return str(address[0]), int(address[1])

    async def stop(self) -> None:
        """Finish what is under way and close all connections."""
        self.is_stopping = True
        if self._server:
            self._server.close()
        tasks = list(self._connections)
        for task, connection in list(self._connections.items()):
            if connection.is_resting:
                task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connection = _Connection(self, reader, writer)
        if self.is_stopping or len(self._connections) >= self.patience.connections:
            log.warning("refused", peer=connection.peer, open=len(self._connections))
            writer.transport.abort()
            return
        self._connections[task] = connection
        self.metrics.connections = len(self._connections)
        try:
            await connection.serve()
        finally:
            del self._connections[task]
            self.metrics.connections = len(self._connections)


@dataclass
class _Connection:
    """One peer."""

    server: Server
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    session: Session = field(default_factory=Session)
    is_resting: bool = True
    """Waiting for bytes, with no message to answer."""
    _late: set["asyncio.Task[None]"] = field(default_factory=set)
    _sending: asyncio.Lock = field(default_factory=asyncio.Lock)
    """A late reply must not break into another one."""

    def __post_init__(self) -> None:
        address = self.writer.get_extra_info("peername")  # None if the peer is gone already
        self.peer = f"{address[0]}:{address[1]}" if address else "gone"

    async def serve(self) -> None:
        """Answer message after message until the connection ends."""
        log.info("connected", peer=self.peer)
        reason = "closed by peer"
        try:
            reason = await self._answer_all()
        except OversizedMessage:
            reason = "message too long"
        except TimeoutError:
            reason = "too slow"
        except (ConnectionError, OSError):
            reason = "connection lost"
        except asyncio.CancelledError:
            reason = "stopping"
        finally:
            for task in self._late:
                task.cancel()
            await self._close()
            log.info("disconnected", peer=self.peer, why=reason)

    async def _close(self) -> None:
        try:
            self.writer.close()
            async with asyncio.timeout(self.server.patience.read):
                await self.writer.wait_closed()
        except (OSError, TimeoutError):
            self.writer.transport.abort()

    async def _answer_all(self) -> str:
        """Why it ended."""
        frames = FrameReader()
        loop = asyncio.get_running_loop()
        begun: float | None = None
        async with Alarm() as alarm:
            while not self.server.is_stopping:
                alarm.at(loop.time() + self.server.patience.idle if begun is None else begun + self.server.patience.read)
                self.is_resting = True
                data = await self.reader.read(_PIECE)
                self.is_resting = False
                alarm.at(inf)
                if not data:
                    return "closed by peer"
                was_unfinished = frames.unfinished > 0
                frames.receive(data)
                has_message = False
                while (stream := frames.next_message()) is not None:
                    has_message = True
                    if not await self._answer(stream):
                        return "fault"
                # The clock of a message starts with its first byte, however many more pieces it comes in.
                if not frames.unfinished:
                    begun = None
                elif has_message or not was_unfinished:
                    begun = loop.time()
        return "stopping"

    async def _answer(self, stream: bytes) -> bool:
        """Answer one message. False: the connection is to end."""
        server = self.server
        start = asyncio.get_running_loop().time()
        self._log_stream("received", stream)
        try:
            request = read(stream)
        except ImproperMessage as error:
            server.metrics.count_improper()
            # The error's words quote the stream, and with it what may be part of a token.
            why = error.why if log.tells(logging.DEBUG) else None
            log.info("echoed", peer=self.peer, bytes=len(stream), where=str(error.place), why=why)
            return await self._echo(stream)
        if request.mti not in LAYOUT_OF_REPLY_TO:
            server.metrics.count_improper()
            log.info("echoed", peer=self.peer, mti=request.mti, why="no request")
            return await self._echo(stream)
        fault = server.faults.of_request(request)
        if fault:
            server.metrics.count_fault(fault)
        if fault and fault.is_before_commit:
            log.info("fault", peer=self.peer, fault=fault.value, mti=request.mti)
            return False
        reply = await self._decide(request)
        seconds = asyncio.get_running_loop().time() - start
        server.metrics.count_answer(request.mti, reply.text(table.RESPONSE_CODE), seconds)
        if log.tells(logging.INFO):
            self._log_answer(request, reply, seconds, fault)
        return await self._deliver(write(reply), fault)

    def _log_stream(self, event: str, stream: bytes) -> None:
        if log.tells(logging.DEBUG):
            log.debug(event, peer=self.peer, stream=stream.decode("latin-1"))

    def _log_answer(self, request: Message, reply: Message, seconds: float, fault: Fault | None) -> None:
        said = {field: request.text(field) for field in (table.TRACE_NUMBER, table.METER_NUMBER) if field in request}
        log.info(
            "answered", peer=self.peer, mti=request.mti, code=reply.text(table.RESPONSE_CODE),
            switching=request.text(table.SWITCHER_ID), trace=said.get(table.TRACE_NUMBER), meter=said.get(table.METER_NUMBER),
            ms=f"{seconds * 1000:.1f}", fault=fault.value if fault else None,
        )  # fmt: skip

    async def _echo(self, stream: bytes) -> bool:
        """Send an improper message back. True: the connection goes on."""
        await self._send(stream)
        await asyncio.sleep(0)  # a segment may hold thousands of them, and others wait
        return True

    async def _decide(self, request: Message) -> Message:
        server, session, now = self.server, self.session, self.server.now()
        try:
            answer: Answer = await server.committer.run(
                lambda storage: server.desk.answer(request, session, now, storage), server.patience.work, _subjects(request)
            )
        except TimeoutError:
            return server.desk.refuse(request, ResponseCode.TIMEOUT, now)
        except Exception as error:
            # The storage failed, or there is a defect of ours. Either way nothing was written, and this one reply says so.
            # Other errors' words might quote a token.
            why = str(error) if isinstance(error, FileError) else None
            log.warning("failed", peer=self.peer, mti=request.mti, error=type(error).__name__, why=why)
            server.metrics.failures += 1
            return server.desk.refuse(request, ResponseCode.OTHER, now)
        self.session = answer.session
        return answer.reply

    async def _deliver(self, reply: bytes, fault: Fault | None) -> bool:
        """Send a reply, or what the fault makes of it. False: the connection is to end."""
        if fault is None:
            await self._send(reply)
        elif fault is Fault.CUT_AFTER:
            return False
        elif fault is Fault.GARBAGE:
            await self._send(self.server.faults.garbage())
        elif fault is Fault.SLOW_BYTES:
            await self._trickle(reply)
        elif fault is Fault.LATE_REPLY and len(self._late) < _MOST_LATE:
            task = asyncio.create_task(self._send_late(reply))
            self._late.add(task)
            task.add_done_callback(self._late.discard)
        return True

    async def _send(self, stream: bytes) -> None:
        self._log_stream("sent", stream)
        async with self._sending:
            await self._write(stream + END)

    async def _write(self, data: bytes) -> None:
        self.writer.write(data)
        if self.writer.transport.get_write_buffer_size():  # else the peer has it already
            async with asyncio.timeout(self.server.patience.read):
                await self.writer.drain()

    async def _trickle(self, stream: bytes) -> None:
        async with self._sending:
            for byte in stream + END:
                await self._write(bytes((byte,)))
                await asyncio.sleep(self.server.patience.slow)

    async def _send_late(self, stream: bytes) -> None:
        await asyncio.sleep(self.server.patience.late)
        with suppress(OSError, TimeoutError):
            await self._send(stream)


def _subjects(request: Message) -> list[str]:
    """The meter and the reference that a request is about."""
    return [request.text(field) for field in (table.METER_NUMBER, table.PLN_REFERENCE) if field in request]
