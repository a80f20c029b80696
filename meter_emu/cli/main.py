"""The entry point of ``meter-emu``."""

from typing import NoReturn

from meter_emu.shell.startup import spare_the_collector


def main() -> NoReturn:
    """Run the command line and end the process with its exit code."""
    spare_the_collector()
    from meter_emu.cli.group import meter_emu
    from meter_emu.shell.console import run

    run(meter_emu, "meter-emu")
