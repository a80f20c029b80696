"""The metrics over HTTP, for a Prometheus on the same machine: whatever is asked for, the answer is the text of now."""

import asyncio
from collections.abc import Callable

from pln_sim.gateway.listening import listen

_LONGEST_REQUEST = 8192
_SECONDS = 5
_HEAD = "HTTP/1.0 200 OK\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Length: {}\r\n\r\n"


async def serve_metrics(host: str, port: int, text: Callable[[], str]) -> tuple[asyncio.Server, int]:
    """Answer from now on; the server, to be closed, and its port."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_SECONDS):
                await reader.readuntil(b"\r\n\r\n")
                body = text().encode()
                writer.write(_HEAD.format(len(body)).encode() + body)
                await writer.drain()
                writer.close()
                await writer.wait_closed()
        except (OSError, EOFError, asyncio.LimitOverrunError, TimeoutError):
            writer.transport.abort()

    server = await listen(answer, host, port, _LONGEST_REQUEST)
    return server, int(server.sockets[0].getsockname()[1])
