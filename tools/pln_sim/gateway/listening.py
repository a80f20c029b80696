"""A TCP address to listen on; what is wrong with it is one line that names it and says what to do."""

import asyncio
import os
from collections.abc import Awaitable, Callable

from meter_emu.shell.errors import AddressError

_BACKLOG = 1024
"""Connections that the system takes before the server gets to them, as when all come back at once."""
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def listen(serve: Serve, host: str, port: int, limit: int) -> asyncio.Server:
    """A server at the address, ``limit`` bytes of buffer to a connection. AddressError if it cannot be had."""
    try:
        return await asyncio.start_server(serve, host, port, limit=limit, backlog=_BACKLOG)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
        raise AddressError(
            f"{host}:{port} cannot be listened on: {reason}; name another address, port 0 is any free one"
        ) from error
