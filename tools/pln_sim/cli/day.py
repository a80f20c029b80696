"""``pln-sim day``: a whole business day, played. Only options are declared here; the work is in ``day_work``."""

from pathlib import Path
from typing import Any

import click

from meter_emu.shell import console
from meter_emu.shell.duration import Duration
from pln_sim.cli.recon_steps import Day

DEFAULT_SEED = 2026
DEFAULT_WAIT = 0.8


@click.command()
@click.option("--output", type=console.PATH, metavar="FILE", help="Write the story there, as HTML.")
@click.option("--date", "on", type=Day(), metavar="DAY", help="Which day is played; default: today.")
@click.option("--seed", type=int, default=DEFAULT_SEED, show_default=True, metavar="N", help="Who buys what, and the faults.")
@click.option("--wait", type=Duration(0.05, 60), default=DEFAULT_WAIT, show_default=True, help="For each reply.")
@click.option("--keep", type=console.PATH, metavar="FOLDER", help="Keep the day's files there.")
@click.option("--ledgers", type=console.PATH, metavar="FOLDER",
              help="Play nothing: compare the ledgers of a day that was kept.")  # fmt: skip
@click.option("--quiet", is_flag=True, help="Tell the end alone.")
def day(ledgers: Path | None, **options: Any) -> None:
    """Play a business day with faults, from the kiosks to PLN's account.

    A real gateway, reseller and FTP server run in a folder of their own, on free ports, by a clock of their own; replies are
    lost, connections break, the gateway is killed. Tokens go into meters. Then the day is reconciled, and the ledgers of
    gateway, switching and reseller are compared row by row. It takes a quarter of a minute.

    Exit 0 if all three are equal; 1 if anything is not, and what.
    """
    from pln_sim.cli import day_work

    are_equal = day_work.compare(ledgers) if ledgers is not None else day_work.play(**options)
    if not are_equal:
        click.get_current_context().exit(console.REFUSED)
