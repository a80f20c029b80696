"""``pln-sim``: the group every command of the supply side hangs on.

Start-up is felt at each call, so a command's module is imported when that command is asked for, not before.
"""

from importlib import import_module
from typing import NoReturn

import click

from meter_emu import __version__, console

COMMANDS = {"token": "pln_sim.cli.token:token"}
"""Each command and where it lives, as ``module:name``."""


class LateGroup(click.Group):
    """A group whose commands are imported late, from the table COMMANDS."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names in the table."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command called ``cmd_name``, or None if the table has none."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command


@click.group(name="pln-sim", cls=LateGroup)
@click.option("--home", metavar="DIR", help="Keep files in DIR (default: METER_EMU_HOME, else the user's data folder).")
@click.version_option(__version__, message="pln-sim %(version)s")
def group(home: str | None) -> None:
    """The supply side of a prepaid meter: makes the tokens that meter-emu takes."""


def main() -> NoReturn:
    """Run the command line and end the process with its exit code."""
    console.run(group, "pln-sim")
