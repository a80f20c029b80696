"""Server: the desk behind TCP, as SMS gateways speak to such services: one line in, one line out, on as many connections as
there are telephones talking. ASCII, ended by a line feed; nothing else is understood, and nothing is kept that is longer.

Stopping means: no new connections, resting ones are closed, and every order that was taken is decided and answered first.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from pln_sim.gateway.listening import listen
from pln_sim.reseller import log, reply
from pln_sim.reseller.desk import Desk
from pln_sim.reseller.trade import Reason, Refused

LONGEST_LINE = 512


@dataclass(frozen=True)
class Patience:
    """How long the server waits, in seconds, and for how many."""

    idle: float = 300
    """For the next line."""
    write: float = 30
    """For a peer to take an answer."""
    connections: int = 200
    """How many may be open at once."""


class Server:
    """A reseller on a socket."""

    def __init__(self, desk: Desk, patience: Patience | None = None) -> None:
        self._desk = desk
        self._patience = patience or Patience()
        self._is_stopping = False
        self._resting: set[asyncio.Task[None]] = set()
        self._open: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def listen(self, host: str, port: int) -> tuple[str, int]:
        """Take connections from now on; where, since port 0 means any free one."""
        self._server = await listen(self._serve, host, port, LONGEST_LINE)
        address = self._server.sockets[0].getsockname()
        return str(address[0]), int(address[1])

    async def stop(self) -> None:
        """Decide and answer what was taken, and close all connections."""
        self._is_stopping = True
        if self._server:
            self._server.close()
        for task in list(self._resting):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        await self._desk.finish()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        if self._is_stopping or len(self._open) >= self._patience.connections:
            log.warning("no room", open=len(self._open))
            writer.transport.abort()
            return
        self._open.add(task)
        try:
            with suppress(OSError, EOFError, TimeoutError, asyncio.CancelledError):
                await self._answer_all(task, reader, writer)
        finally:
            self._open.discard(task)
            await self._close(writer)

    async def _answer_all(self, task: asyncio.Task[None], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not self._is_stopping:
            self._resting.add(task)
            try:
                async with asyncio.timeout(self._patience.idle):
                    line = await reader.readuntil(b"\n")
            except asyncio.LimitOverrunError:
                await self._send(writer, reply.of_malformed("pesan terlalu panjang"))
                return
            finally:
                self._resting.discard(task)
            await self._send(writer, await self._answer(line))

    async def _answer(self, line: bytes) -> str:
        try:
            return await self._desk.answer(line.decode("ascii"))
        except UnicodeDecodeError:
            return reply.of_malformed("hanya huruf dan angka biasa")
        except Exception as error:
            # A defect of ours, and this one answer says so. Its own words might quote a PIN.
            log.warning("failed", error=type(error).__name__)
            return reply.of_refusal(Refused(Reason.FAILED))

    async def _send(self, writer: asyncio.StreamWriter, answer: str) -> None:
        writer.write(f"{answer}\n".encode("ascii", "replace"))
        async with asyncio.timeout(self._patience.write):
            await writer.drain()

    async def _close(self, writer: asyncio.StreamWriter) -> None:
        try:
            writer.close()
            async with asyncio.timeout(self._patience.write):
                await writer.wait_closed()
        except (OSError, TimeoutError):
            writer.transport.abort()
