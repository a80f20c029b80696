"""``pln-sim faults``: switch the faults of a running gateway."""

from pathlib import Path

import click

from meter_emu.shell import console


@click.command()
@click.argument("rates", nargs=-1, metavar="[FAULT=RATE]...")
@click.option("--control", type=console.PATH, required=True, metavar="FILE", help="What the gateway was told as --control.")
def faults(rates: tuple[str, ...], control: Path) -> None:
    """Switch faults of a running gateway, like lost-reply=0.1 or lost-reply=0, and print all rates.

    The gateway must have been started with --control FILE. Exit 1 if it does not run.
    """
    from pln_sim.gateway.control import ask_to_switch

    try:
        answer = ask_to_switch(control, " ".join(rates))
    except OSError as error:
        raise console.Failure(f"no gateway answers at {control}: {error.strerror or error}") from None
    click.echo(answer)
