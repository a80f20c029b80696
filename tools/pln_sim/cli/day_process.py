"""``pln-sim`` by the day's clock: what `pln-sim day` starts. The first argument is the clock's file, then as ever."""

import sys
from pathlib import Path
from typing import NoReturn

from meter_emu.shell import console
from pln_sim.day.clock import DayClock


def main() -> NoReturn:
    """Run the command line; its only wall clock is another one here."""
    vars(console)["now"] = DayClock(Path(sys.argv.pop(1))).now
    from pln_sim.cli.group import pln_sim

    console.run(pln_sim, "pln-sim")


if __name__ == "__main__":
    main()
