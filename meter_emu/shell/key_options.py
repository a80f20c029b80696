"""The options that name a meter's key, the same on every command of both command lines."""

from typing import Any

import click

from meter_emu.shell.console import CallableT

NAMES = ("sgc", "ti", "krn", "kt", "ken", "base_date", "ea", "dkga")


def key_options(command: CallableT) -> CallableT:
    """``--sgc`` to ``--dkga`` and ``--key-file``."""
    options = (
        click.option("--sgc", metavar="DIGITS", help="Supply group code, 6 digits."),
        click.option("--ti", metavar="DIGITS", help="Tariff index, 2 digits."),
        click.option("--krn", type=int, metavar="N", help="Key revision number, 1 to 9."),
        click.option("--kt", type=int, metavar="N", help="Key type: 0 initial, 1 default, 2 unique, 3 common."),
        click.option("--ken", type=int, metavar="N", help="Key expiry number, 0 to 255; 255 never expires."),
        click.option("--base-date", metavar="YEAR", help="1993, 2014 or 2035."),
        click.option("--ea", metavar="CODE", help="Encryption algorithm: 07 (STA), 09 (DES), 11 (MISTY1)."),
        click.option("--dkga", metavar="CODE", help="Decoder key generation algorithm: 02, 03, 04."),
        click.option("--key-file", metavar="FILE", help="Vending keys and meters (TOML, mode 0600), else keys.toml at home."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def changes_of(options: dict[str, Any]) -> dict[str, Any]:
    """Take the key parameters out of a command's options, as MeterCard.changed wants them."""
    return {name: options.pop(name, None) for name in NAMES}
