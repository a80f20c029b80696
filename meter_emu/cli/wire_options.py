"""What the options of ``serve``, ``read`` and ``send`` take."""

import os
import re
from typing import Any

import click

BAUD_RATES = ("300", "600", "1200", "2400", "4800", "9600", "19200")
_OVER_TCP = ("socket://", "rfc2217://")
_BARE_ADDRESS = re.compile(r"[^/]+:[0-9]+")


class Port(click.ParamType[str]):
    """A port as pyserial names it."""

    name = "port"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The name; a usage error for none, and for an address over TCP that is none."""
        name = str(value)
        if not name:
            self.fail("no port is named", param, ctx)
        for scheme in _OVER_TCP:
            if name.startswith(scheme) and not _has_host_and_port(name):
                self.fail(f"{name!r} is not written like {scheme}127.0.0.1:4059", param, ctx)
        if _BARE_ADDRESS.fullmatch(name) and not os.path.exists(name):
            self.fail(f"{name!r} is no serial port: an address over TCP is written socket://{name}", param, ctx)
        return name


class DeviceAddress(click.ParamType[str]):
    """What a meter is called by on its line; empty for the only one there is."""

    name = "address"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The address; a usage error for what no meter can have."""
        if value:
            from firmware_proto.errors import LocalProtocolError
            from firmware_proto.protocol.messages import Request

            try:
                Request(value)
            except LocalProtocolError as error:
                self.fail(str(error), param, ctx)
        return str(value)


def _has_host_and_port(url: str) -> bool:
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        return bool(parts.hostname and parts.port)
    except ValueError:
        return False
