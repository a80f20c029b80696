"""The options that name a meter's key, the same on every command of both command lines.

The parameters stand in one table; ``--sgc`` and its like say what a meter has, ``--new-sgc`` and its like what a key change
gives it.
"""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import click

from meter_emu.shell.console import CallableT

_NUMBER = re.compile(r"-?[0-9]{1,20}|0[xX][0-9a-fA-F]{1,16}")


class WholeNumber(click.ParamType[int]):
    """A whole number, in a range if one is given: ASCII digits, or hexadecimal ones behind 0x."""

    name = "number"

    def __init__(self, lowest: int | None = None, highest: int | None = None) -> None:
        self._lowest, self._highest = lowest, highest

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number; a usage error for anything else and for one out of range."""
        if isinstance(value, int):
            return value
        if not _NUMBER.fullmatch(value):
            self.fail(f"{value[:40]!r} is not a whole number", param, ctx)
        number = int(value, 16 if value[:2] in ("0x", "0X") else 10)
        if (self._lowest is not None and number < self._lowest) or (self._highest is not None and number > self._highest):
            self.fail(f"{value} is not in the range {self._lowest} to {self._highest}", param, ctx)
        return number


class KeyParameter(NamedTuple):
    """One key parameter as an option."""

    name: str
    kind: click.ParamType[Any]
    metavar: str
    help: str
    can_change: bool = True
    """Whether a key change can give a meter another one."""


KEY_PARAMETERS = (
    KeyParameter("sgc", click.STRING, "SGC", "supply group code, 6 digits"),
    KeyParameter("ti", click.STRING, "TI", "tariff index, 2 digits"),
    KeyParameter("krn", WholeNumber(1, 9), "KRN", "key revision number, 1 to 9"),
    KeyParameter("kt", WholeNumber(0, 3), "KT", "key type: 0 initial, 1 default, 2 unique, 3 common"),
    KeyParameter("ken", WholeNumber(0, 255), "KEN", "key expiry number, 0 to 255; 255 never expires"),
    KeyParameter("base_date", click.STRING, "YEAR", "base date: 1993, 2014 or 2035"),
    KeyParameter("ea", click.STRING, "EA", "encryption algorithm: 07 (STA), 09 (DES) or 11 (MISTY1)", can_change=False),
    KeyParameter("dkga", click.STRING, "DKGA", "decoder key generation algorithm: 02, 03 or 04"),
)
NEW = "new_"


def decorated(command: CallableT, *decorators: Callable[[CallableT], CallableT]) -> CallableT:
    """The command with all decorators; the help shows their options in the order they stand here."""
    for decorator in reversed(decorators):
        command = decorator(command)
    return command


def key_options(command: CallableT) -> CallableT:
    """``--sgc`` to ``--dkga`` and ``--key-file``."""
    key_file = click.option(
        "--key-file",
        metavar="FILE",
        help="Vending keys and meters (TOML, mode 0600); default: keys.toml in the home folder.",
    )
    return decorated(command, *(_option("", "Meter's ", parameter) for parameter in KEY_PARAMETERS), key_file)


def new_key_options(command: CallableT) -> CallableT:
    """``--new-sgc`` to ``--new-dkga``: what a key change changes."""
    changing = (parameter for parameter in KEY_PARAMETERS if parameter.can_change)
    return decorated(command, *(_option(NEW, "New ", parameter) for parameter in changing))


def given(options: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Take the key parameters with ``prefix`` out of ``options``; those that were said, by their plain names.

    >>> options = {"new_ti": "02", "new_krn": None, "rollover": False}
    >>> given(options, "new_"), options
    ({'ti': '02'}, {'rollover': False})
    """
    taken = {parameter.name: options.pop(prefix + parameter.name, None) for parameter in KEY_PARAMETERS}
    return {name: value for name, value in taken.items() if value is not None}


def _option(prefix: str, whose: str, parameter: KeyParameter) -> Callable[[CallableT], CallableT]:
    name = f"--{prefix}{parameter.name}".replace("_", "-")
    return click.option(name, type=parameter.kind, metavar=parameter.metavar, help=f"{whose}{parameter.help}.")
