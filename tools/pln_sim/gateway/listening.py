"""A TCP address to listen on; what is wrong with it is one line that names it and says what to do."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from meter_emu.shell.errors import AddressError

_BACKLOG = 1024
"""Connections that the system takes before the server gets to them, as when all come back at once."""
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def listen(serve: Serve, host: str, port: int, limit: int) -> asyncio.Server:
    """A server at the address, ``limit`` bytes of buffer to a connection. AddressError if it cannot be had."""
    with _errors_in_one_line(host, port):
        return await asyncio.start_server(serve, host, port, limit=limit, backlog=_BACKLOG)


async def listen_with(protocol: Callable[[], asyncio.BaseProtocol], host: str, port: int) -> asyncio.Server:
    """A server at the address, with a protocol of its own for each connection. AddressError if it cannot be had."""
    with _errors_in_one_line(host, port):
        return await asyncio.get_running_loop().create_server(protocol, host, port, backlog=_BACKLOG)


@contextmanager
def _errors_in_one_line(host: str, port: int) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
        raise AddressError(
            f"{host}:{port} cannot be listened on: {reason}; name another address, port 0 is any free one"
        ) from error
