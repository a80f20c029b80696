"""Serving: a bench plugged into its links until it is told to stop."""

import asyncio
import signal
from collections.abc import Callable, Sequence
from contextlib import ExitStack

from firmware_proto.bench import Bench
from firmware_proto.links.link import Link, Manner
from meter_emu.shell.errors import AddressError


async def serve(bench: Bench, links: Sequence[Link], manner: Manner, say: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT. ``say`` gets a line for each link that is ready. AddressError if one cannot be had, or
    is lost."""
    loop = asyncio.get_running_loop()
    stopped: asyncio.Future[None] = loop.create_future()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _settle, stopped, None)
    with ExitStack() as stack:
        names = [stack.enter_context(link.opened(bench, manner, lambda why: _settle(stopped, why))) for link in links]
        for name in names:
            say(f"listening on {name}")
        await stopped


def _settle(future: "asyncio.Future[None]", why: str | None) -> None:
    if future.done():
        return
    if why is None:
        future.set_result(None)
    else:
        future.set_exception(AddressError(why))
