"""The gateway that the window runs for itself when it is told of none: a process that ends with the window, however that ends.

The window holds one end of a pipe. When it closes that, or is killed, the gateway finishes what is under way and stops.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pln_sim.switching.link import Address

STOP_SECONDS = 30
READY = "listening on "


class NoGateway(Exception):
    """The gateway did not begin; its last words."""


@contextmanager
def gateway_of_our_own(home: str) -> "Iterator[Address]":
    """A gateway with the database in ``home``, on a port that is free, for as long as the context lasts. NoGateway if it does
    not begin."""
    from pln_sim.switching.link import Address

    options = ["--home", home, "gateway", "--listen", "127.0.0.1:0", "--log-level", "warning"]
    with subprocess.Popen(
        [sys.executable, "-m", "pln_sim.cli.held", *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C is for the window, which then ends the gateway.
    ) as process:
        try:
            assert process.stdout is not None
            ready = process.stdout.readline()
            if not ready.startswith(READY):
                _, words = process.communicate(timeout=STOP_SECONDS)
                raise NoGateway(words.strip().splitlines()[-1] if words.strip() else "the gateway did not begin")
            yield Address.parse(ready.removeprefix(READY).strip())
        finally:
            try:
                process.communicate(timeout=STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
