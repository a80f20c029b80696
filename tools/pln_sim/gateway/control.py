"""Control: faults switched while the gateway runs, over a socket file that only its owner can open.

A line with rates, like ``lost-reply=0.1 garbage=0``, sets those; an empty one sets none. The answer is a line with all rates
as they are then, or ``error`` and what was wrong with the line, and then nothing was set.
"""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

from meter_emu.shell.errors import AddressError
from meter_emu.sts.errors import FormatError, StsError
from pln_sim.gateway import log
from pln_sim.gateway.fault import Fault
from pln_sim.gateway.faults import Faults, rate, together

_LONGEST_LINE = 4096
_SECONDS = 5
_ERROR = "error "


@asynccontextmanager
async def serve_control(path: Path, faults: Faults) -> AsyncIterator[None]:
    """Answer on the socket file ``path``, which is gone afterwards. AddressError if it cannot be had."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, EOFError, TimeoutError, ValueError):
            async with asyncio.timeout(_SECONDS):
                line = (await reader.readline()).decode("ascii")
                writer.write(f"{switch(faults, line)}\n".encode())
                await writer.drain()
        writer.close()

    try:
        if _is_answered(path):
            raise AddressError(f"another gateway answers at {path}: name another --control")
        with _for_the_owner_alone():
            server = await asyncio.start_unix_server(answer, path, limit=_LONGEST_LINE)
        own = _identity(path)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise AddressError(f"control socket {path} cannot be made: {reason}; name another --control") from error
    try:
        yield
    finally:
        server.close()
        with suppress(OSError):  # Another gateway's may stand there by now, or nothing.
            if _identity(path) == own:
                path.unlink()


def switch(faults: Faults, line: str) -> str:
    """Set the rates in a line; the answer.

    >>> faults = Faults({}, {})
    >>> switch(faults, "lost-reply=0.1 garbage=0")
    'lost-reply=0.1 late-reply=0 cut-before=0 cut-after=0 slow-bytes=0 garbage=0'
    >>> switch(faults, "lost-reply=0 garbage=2"), faults.rates[Fault.LOST_REPLY]
    ('error the rate of garbage must be 0 to 1, not 2', 0.1)
    """
    try:
        rates = dict(map(rate, line.split()))
        together(faults.rates | rates)
    except StsError as error:
        return f"{_ERROR}{error}"
    faults.rates |= rates
    if rates:
        log.info("switched", **{fault.value.replace("-", "_"): f"{likely:g}" for fault, likely in rates.items()})
    return " ".join(f"{fault.value}={faults.rates.get(fault, 0):g}" for fault in Fault)


def _is_answered(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(_SECONDS)
        try:
            connection.connect(str(path))
        except (FileNotFoundError, ConnectionRefusedError):
            return False
    return True


def _identity(path: Path) -> tuple[int, int]:
    found = path.lstat()
    return found.st_dev, found.st_ino


def ask_to_switch(path: Path, line: str) -> str:
    """What the gateway behind a socket file answers. FormatError if it refuses, OSError if there is none."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(_SECONDS)
        connection.connect(str(path))
        connection.sendall(f"{line}\n".encode("ascii", "replace"))
        answer = b"".join(iter(lambda: connection.recv(_LONGEST_LINE), b"")).decode("ascii", "replace").strip()
    if not answer or answer.startswith(_ERROR):
        raise FormatError(answer.removeprefix(_ERROR) or "the gateway did not answer", field="fault")
    return answer


@contextmanager
def _for_the_owner_alone() -> Iterator[None]:
    kept = os.umask(0o177)
    try:
        yield
    finally:
        os.umask(kept)
