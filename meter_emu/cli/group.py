"""``meter-emu``: the table of its commands."""

import click

from meter_emu.shell.lazy_group import LazyGroup

COMMANDS = {
    "enter": "meter_emu.cli.token_entry",
    "press": "meter_emu.cli.token_entry",
    "status": "meter_emu.cli.view",
    "history": "meter_emu.cli.view",
    "meters": "meter_emu.cli.view",
    "install": "meter_emu.cli.installation",
    "uninstall": "meter_emu.cli.installation",
    "load": "meter_emu.cli.surroundings",
    "tamper": "meter_emu.cli.surroundings",
    "power": "meter_emu.cli.surroundings",
    "run": "meter_emu.cli.live",
    "serve": "meter_emu.cli.serve",
    "read": "meter_emu.cli.wire",
    "send": "meter_emu.cli.wire",
    "gui": "meter_emu.cli.gui",
    "sts": "meter_emu.cli.sts",
}


@click.group(name="meter-emu", cls=LazyGroup, modules=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--home",
    metavar="FOLDER",
    help="Folder with the meters and keys.toml; else METER_EMU_HOME, else your data folder.",
)
@click.version_option(package_name="meter-emu", message="%(package)s %(version)s")
def meter_emu(home: str | None) -> None:
    """A prepaid kWh meter: key in a 20-digit STS token and watch the credit rise.

    The first command installs meter 12345678911 with the published test keys. Exit codes: 0 done, 1 refused or failed,
    2 wrong usage.
    """
