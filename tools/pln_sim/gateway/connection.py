"""Connection: one peer of the server. It is called when bytes come, when an answer is on disk, when the peer has taken its
reply, when a time-out is over; between these it is at one stage, and costs nothing.

What was received whole is answered before the connection ends by itself, also if the peer has sent its last byte. If it has
gone, its requests are still carried out, up to its first improper message.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from enum import Enum, auto
from functools import partial, wraps
from math import inf
from typing import Protocol, TypeVarTuple, cast

from meter_emu.shell.errors import FileError
from pln_sim.gateway import log
from pln_sim.gateway.alarm import Alarm
from pln_sim.gateway.committer import Committer
from pln_sim.gateway.desk import Answer, Desk, Session
from pln_sim.gateway.fault import Fault
from pln_sim.gateway.faults import Faults
from pln_sim.gateway.framing import FrameReader
from pln_sim.gateway.messages import ImproperMessage, Message, OversizedMessage, ResponseCode, read, table, write
from pln_sim.gateway.messages.table import LAYOUT_OF_REPLY_TO
from pln_sim.gateway.metrics import Metrics
from pln_sim.gateway.outbox import Outbox
from pln_sim.gateway.patience import Patience

PIECE = 16384
"""Bytes that are received at once, and that may wait behind a message before no more are received."""
_STOPPING = "stopping"
_SUBJECTS = table.METER_NUMBER.name, table.PLN_REFERENCE.name
_Arguments = TypeVarTuple("_Arguments")
_Step = Callable[["Connection", *_Arguments], None]


class Host(Protocol):
    """What the server lends to its connections."""

    desk: Desk
    committer: Committer
    faults: Faults
    now: Callable[[], datetime]
    patience: Patience
    metrics: Metrics
    buffer: memoryview
    """Where they receive, one after the other."""

    def admit(self, connection: "Connection") -> bool:
        """Whether there is room for a connection, which has it then until it is released."""

    def release(self, connection: "Connection") -> None:
        """A connection has ended."""


class Stage(Enum):
    """What a connection does."""

    OUTSIDE = auto()
    """It was not admitted."""
    RESTING = auto()
    """It waits for the rest of a message, or the next one."""
    ANSWERING = auto()
    SENDING = auto()
    """It waits for the peer to take a reply."""
    CLOSING = auto()


def _guarded(step: _Step[*_Arguments]) -> _Step[*_Arguments]:
    """The same step; an error that nobody foresaw ends its connection, and no other one."""

    @wraps(step)
    def guarded(connection: "Connection", *arguments: *_Arguments) -> None:
        try:
            step(connection, *arguments)
        except Exception as error:
            connection.fail(error)

    return guarded


class Connection(asyncio.BufferedProtocol):
    """One peer, of a server that lends it all it needs. All connections receive into one buffer, for each takes at once what
    is for it."""

    def __init__(self, server: Host) -> None:
        self._server = server
        self._loop = asyncio.get_running_loop()
        self._buffer = server.buffer
        self._frames = FrameReader()
        self._session = Session()
        self._stage = Stage.OUTSIDE
        self._alarm = Alarm(self._run_out)
        self._behind = 0
        """Bytes received behind the message that is being answered."""
        self._why: str | None = None
        """Why it ends once all that was received is answered."""
        self._is_lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, if there is room."""
        self._transport = cast(asyncio.Transport, transport)
        address = transport.get_extra_info("peername")  # None if the peer is gone already
        self.peer = f"{address[0]}:{address[1]}" if address else "gone"
        self._outbox = Outbox(self._transport, self.peer, self._server.patience, self._go_on_if_sent)
        if not self._server.admit(self):
            self._transport.abort()
            return
        log.info("connected", peer=self.peer)
        self._rest()

    def stop(self) -> None:
        """End once all that was received is answered, and take nothing more."""
        if self._stage is not Stage.CLOSING:
            self._why = _STOPPING
        if self._stage is Stage.RESTING:
            self._close(_STOPPING)

    def fail(self, error: Exception) -> None:
        """End because of a defect of ours. Not the error's own words, which might quote a token."""
        log.warning("trouble", peer=self.peer, what="connection", error=type(error).__name__)
        self._close("trouble")

    def get_buffer(self, sizehint: int) -> memoryview:
        """Where to put what is received."""
        return self._buffer

    @_guarded
    def buffer_updated(self, nbytes: int) -> None:
        """Bytes were received."""
        if self._why:
            return
        frames = self._frames
        was_unfinished = frames.unfinished > 0
        frames.receive(self._buffer[:nbytes].tobytes())
        if self._stage is not Stage.RESTING:
            self._behind += nbytes
            if self._behind > PIECE:
                self._transport.pause_reading()
        # The clock of a message starts with its first byte, however many more pieces it comes in.
        elif frames.has_message or not was_unfinished:
            self._go_on()

    def eof_received(self) -> bool:
        """The peer has sent its last byte; it may still want to know what it is answered."""
        self._why = self._why or "closed by peer"
        if self._stage is Stage.RESTING:
            self._close(self._why)
        return True

    @_guarded
    def connection_lost(self, exc: Exception | None) -> None:
        """The peer has gone, or has taken all before we closed."""
        self._is_lost = True
        self._outbox.close()
        self._alarm.cancel()
        if self._stage is Stage.CLOSING:
            self._end()
        elif self._stage is not Stage.OUTSIDE:
            if self._why != _STOPPING:
                self._why = "connection lost" if exc else "closed by peer"
            if self._stage is not Stage.ANSWERING:
                self._go_on()

    def pause_writing(self) -> None:
        """The peer does not take a reply at once."""
        self._outbox.is_full = True
        if self._stage is Stage.SENDING:
            self._alarm.at(self._loop.time() + self._server.patience.read)

    def resume_writing(self) -> None:
        """The peer has taken it now."""
        self._outbox.is_full = False
        if self._stage is Stage.SENDING:
            self._alarm.at(inf)
        self._loop.call_soon(self._outbox.go_on)  # a transport must not be closed from in here

    @_guarded
    def _go_on_if_sent(self) -> None:
        if self._stage is Stage.SENDING and self._outbox.is_free:
            self._go_on()

    def _go_on(self) -> None:
        """Answer the next message, or rest until there is one."""
        try:
            stream = self._frames.next_message()
        except OversizedMessage:
            self._close("message too long")
            return
        if stream is None:
            self._rest()
        else:
            self._stage = Stage.ANSWERING
            self._alarm.at(inf)
            self._answer(stream)

    def _rest(self) -> None:
        if self._why:
            self._close(self._why)
            return
        self._stage = Stage.RESTING
        patience = self._server.patience
        self._alarm.at(self._loop.time() + (patience.read if self._frames.unfinished else patience.idle))
        if self._behind > PIECE:
            self._transport.resume_reading()
        self._behind = 0

    def _answer(self, stream: bytes) -> None:
        start, server = self._loop.time(), self._server
        if log.tells(logging.DEBUG):
            log.debug("received", peer=self.peer, stream=stream.decode("latin-1"))
        try:
            request = read(stream)
        except ImproperMessage as error:
            # The error's words quote the stream, and with it what may be part of a token.
            why = error.why if log.tells(logging.DEBUG) else None
            log.info("echoed", peer=self.peer, bytes=len(stream), where=str(error.place), why=why)
            self._echo(stream)
            return
        if request.mti not in LAYOUT_OF_REPLY_TO:
            log.info("echoed", peer=self.peer, mti=request.mti, why="no request")
            self._echo(stream)
            return
        fault = server.faults.of_request(request)
        if fault:
            server.metrics.count_fault(fault)
            if fault.is_before_commit:
                log.info("fault", peer=self.peer, fault=fault.value, mti=request.mti)
                self._close("fault")
                return
        now = server.now()
        job = partial(server.desk.answer, request, self._session, now)
        promise = server.committer.run(job, server.patience.work, _subjects(request))
        promise.add_done_callback(partial(self._reply, request, now, fault, start))

    def _echo(self, stream: bytes) -> None:
        """Send an improper message back. Thousands may stand behind it, which nobody waits for who has gone, or if we stop."""
        self._server.metrics.count_improper()
        if self._why and (self._is_lost or self._why == _STOPPING):
            self._close(self._why)
            return
        self._outbox.send(stream)
        self._wait_for_peer()
        self._loop.call_soon(self._go_on_if_sent)  # a segment may hold thousands of them, and others wait

    @_guarded
    def _reply(
        self, request: Message, now: datetime, fault: Fault | None, start: float, promise: "asyncio.Future[Answer]"
    ) -> None:
        server, why = self._server, None
        try:
            answer = promise.result()
        except TimeoutError:
            reply = server.desk.refuse(request, ResponseCode.TIMEOUT, now)
        except asyncio.CancelledError:
            self._close(_STOPPING)
            return
        except Exception as error:
            # The storage failed, or there is a defect of ours. Either way nothing was written, and this one reply says so.
            # Other errors' words might quote a token.
            why = str(error) if isinstance(error, FileError) else None
            log.warning("failed", peer=self.peer, mti=request.mti, error=type(error).__name__, why=why)
            server.metrics.failures += 1
            reply = server.desk.refuse(request, ResponseCode.OTHER, now)
        else:
            reply, self._session, why = answer.reply, answer.session, answer.why
        seconds = self._loop.time() - start
        server.metrics.count_answer(request.mti, reply.text(table.RESPONSE_CODE), seconds)
        if log.tells(logging.INFO):
            self._log_answer(request, reply, why, seconds, fault)
        if self._stage is Stage.ANSWERING:
            self._deliver(write(reply), fault)

    def _log_answer(self, request: Message, reply: Message, why: str | None, seconds: float, fault: Fault | None) -> None:
        said = {field: request.text(field) for field in (table.TRACE_NUMBER, table.METER_NUMBER) if field in request}
        log.info(
            "answered", peer=self.peer, mti=request.mti, code=reply.text(table.RESPONSE_CODE),
            switching=request.text(table.SWITCHER_ID), trace=said.get(table.TRACE_NUMBER), meter=said.get(table.METER_NUMBER),
            why=why, ms=f"{seconds * 1000:.1f}", fault=fault.value if fault else None,
        )  # fmt: skip

    def _deliver(self, stream: bytes, fault: Fault | None) -> None:
        """Send a reply, or what the fault makes of it."""
        if fault is None or (fault is Fault.SLOW_BYTES and self._why == _STOPPING):
            self._outbox.send(stream)
        elif fault is Fault.CUT_AFTER:
            self._close("fault")
            return
        elif fault is Fault.GARBAGE:
            self._outbox.send(self._server.faults.garbage())
        elif fault is Fault.SLOW_BYTES:
            self._outbox.send_slowly(stream)
        elif fault is Fault.LATE_REPLY:
            self._outbox.send_late(stream)
        if self._outbox.is_free:
            self._go_on()
        else:
            self._wait_for_peer()

    def _wait_for_peer(self) -> None:
        """The peer has not taken its reply yet."""
        self._stage = Stage.SENDING
        if self._outbox.is_full:
            self._alarm.at(self._loop.time() + self._server.patience.read)

    def _run_out(self) -> None:
        """A time-out is over."""
        takes_nothing = self._stage is not Stage.RESTING
        self._close("too slow")
        if takes_nothing:  # it had its time
            self._transport.abort()

    def _close(self, why: str) -> None:
        """End, with what was sent so far. The peer has its time to take it."""
        if self._stage is Stage.CLOSING:
            return
        self._stage, self._why = Stage.CLOSING, why
        self._outbox.close()
        if self._is_lost:
            self._end()
            return
        self._transport.close()
        self._alarm.at(self._loop.time() + self._server.patience.read if self._transport.get_write_buffer_size() else inf)

    def _end(self) -> None:
        log.info("disconnected", peer=self.peer, why=self._why)
        self._server.release(self)


def _subjects(request: Message) -> list[str]:
    """The meter and the reference that a request is about."""
    index = request.layout.index
    return [request.texts[index[name]] for name in _SUBJECTS if name in index]
