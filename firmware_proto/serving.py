"""Serving: a bench plugged into its links until it is told to stop."""

import asyncio
import logging
import signal
from collections.abc import Callable, Sequence
from contextlib import ExitStack, nullcontext

from firmware_proto.bench import Bench
from firmware_proto.links.link import Link, Manner
from firmware_proto.timekeeping import stored_time
from meter_emu.shell.errors import AddressError

log = logging.getLogger("firmware_proto")


async def serve(
    bench: Bench, links: Sequence[Link], manner: Manner, say: Callable[[str], None], *, runs_ahead: bool = False
) -> None:
    """Serve until SIGTERM or SIGINT. ``say`` gets a line for each link when all are ready; ``runs_ahead``: the meters' time is
    another than the world's, and has to be stored. AddressError if a link cannot be had, or is lost."""
    loop = asyncio.get_running_loop()
    stopped: asyncio.Future[None] = loop.create_future()
    # A defect of ours is told without what it was about, which might be a password or a token.
    loop.set_exception_handler(lambda _, context: log.error("%s, a defect of ours", type(context.get("exception")).__name__))
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, settle, stopped, None)
    async with stored_time(bench) if runs_ahead else nullcontext():
        await serve_until(stopped, bench, links, manner, lambda name: say(f"listening on {name}"))


async def serve_until(
    stopped: "asyncio.Future[None]", bench: Bench, links: Sequence[Link], manner: Manner, ready: Callable[[str], None]
) -> None:
    """The same until ``stopped`` is settled; ``ready`` gets the name of each link."""
    with ExitStack() as stack:
        names = [stack.enter_context(link.opened(bench, manner, lambda why: settle(stopped, why))) for link in links]
        for name in names:
            ready(name)
        await stopped


def settle(stopped: "asyncio.Future[None]", why: str | None) -> None:
    """End the serving, in order or because of a fault. Only in the thread of its event loop."""
    if stopped.done():
        return
    if why is None:
        stopped.set_result(None)
    else:
        stopped.set_exception(AddressError(why))
