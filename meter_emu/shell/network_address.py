"""A TCP address on a command line, ``HOST:PORT``, and whether other machines can reach it."""

import re
from collections.abc import Callable, Iterable
from ipaddress import ip_address
from typing import Any, TypeVar

import click

_ADDRESS = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([^\[\]:]+)):([0-9]{1,9})")
_LOCALHOST = "127.0.0.1"
_HIGHEST_PORT = 65535
Decorated = TypeVar("Decorated", bound=Callable[..., Any])


class Address(click.ParamType[tuple[str, int]]):
    """``HOST:PORT``; IPv6 in brackets; port 0 is any free one."""

    name = "address"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, int]:
        """Host and port; a usage error for anything else."""
        if isinstance(value, tuple):
            return value
        match = _ADDRESS.fullmatch(value)
        if not match:
            self.fail(f"{value[:60]!r} is not written like 127.0.0.1:63100", param, ctx)
        if int(match[3]) > _HIGHEST_PORT:
            self.fail(f"{value[:60]!r}: the port is out of range, 0 to {_HIGHEST_PORT}", param, ctx)
        host = match[1] or match[2]
        return (_LOCALHOST if host == "localhost" else host), int(match[3])


def listen_option(default: str) -> Callable[[Decorated], Decorated]:
    """``--listen``, where a server takes connections."""
    return click.option(
        "--listen", type=Address(), default=default, metavar="HOST:PORT", show_default=True, help="Where; port 0: any free one."
    )


def require_loopback(hosts: Iterable[str], allow_remote: bool) -> None:
    """A usage error that names the first address which other machines can reach, unless ``allow_remote``."""
    remote = [host for host in hosts if not is_loopback(host)]
    if remote and not allow_remote:
        raise click.UsageError(f"{remote[0]} can be reached by other machines: say --allow-remote if that is meant")


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address. A name other than localhost may be anyone's.

    >>> [is_loopback(host) for host in ("127.0.0.1", "::1", "0.0.0.0", "192.0.2.1", "gateway.example")]
    [True, True, False, False, False]
    """
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
