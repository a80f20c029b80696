"""File descriptors: each connection needs one, and a process has so many and no more."""

import resource

from meter_emu.shell.console import Failure

_OTHERS = 24
"""Descriptors for all else: database, log, sockets that listen, the event loop."""


def allow_connections(count: int) -> None:
    """Let this process have as many connections at once. Failure if the system does not allow it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = count + _OTHERS
    if hard != resource.RLIM_INFINITY and needed > hard:
        most = max(hard - _OTHERS, 0)
        raise Failure(f"this process may open {hard} files (ulimit -Hn), so --connections can be {most} at most, not {count}")
    if soft != resource.RLIM_INFINITY and soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, needed) if hard == resource.RLIM_INFINITY else hard, hard))
