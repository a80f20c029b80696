"""The entry point of ``pln-sim``."""

from typing import NoReturn

from meter_emu.shell.startup import spare_the_collector


def main() -> NoReturn:
    """Run the command line and end the process with its exit code."""
    spare_the_collector()
    from meter_emu.shell.console import run
    from pln_sim.cli.group import pln_sim

    run(pln_sim, "pln-sim")
