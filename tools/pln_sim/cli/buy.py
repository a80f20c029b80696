"""``pln-sim buy``: power bought through a gateway, as a switching does. Only options are declared here; the work is in
``buy_order``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from meter_emu.shell import console
from meter_emu.shell.duration import Duration
from pln_sim import DEFAULT_GATEWAY
from pln_sim.cli.token_request import home_folder, home_option
from pln_sim.cli.vend import VendCommand, Written
from pln_sim.vending.money import payment

if TYPE_CHECKING:
    from meter_emu.sts.numbers.drn import Drn

LONGEST_WAIT = 3600
THIS_HOME = "\0"
"""What --enter says without a folder, and no argument can."""


@click.command(cls=VendCommand)
@click.argument("drn", type=console.MeterNumber(), metavar="DRN", required=False)
@click.argument("amount", type=Written("rupiah", payment), metavar="RUPIAH", required=False)
@click.option("--resume", is_flag=True, help="Buy nothing: finish what a killed client left open, and show it.")
@click.option("--gateway", metavar="HOST:PORT", help=f"Where the gateway listens; {DEFAULT_GATEWAY} if not said.")
@click.option("--switching", default="10000D3", metavar="ID", show_default=True, help="The switching's code, 7 characters.")
@click.option("--bank", default="0110000", metavar="CODE", show_default=True, help="The bank's code, 7 characters.")
@click.option("--merchant", default="6015", metavar="CODE", show_default=True, help="Where the customer stands, 6010 to 6018.")
@click.option(
    "--wait",
    type=Duration(longest=LONGEST_WAIT),
    default=30,
    show_default=True,
    help="For each reply; the document wants 20 to 40.",
)
@click.option(
    "--enter",
    is_flag=False,
    flag_value=THIS_HOME,
    metavar="[FOLDER]",
    help="Key the token into the meter in that home, else in this one, at once, and show its answer. Say it last.",
)
@click.option("--allow-remote", is_flag=True, help="Let the gateway be on another machine.")
@console.json_option
@home_option
def buy(
    drn: Drn | None,
    amount: int | None,
    resume: bool,
    gateway: str | None,
    switching: str,
    bank: str,
    merchant: str,
    wait: float,
    enter: str | None,
    allow_remote: bool,
    as_json: bool,
    home: str | None,
) -> None:
    """Buy power for RUPIAH through a gateway and print the token.

    When the reply stays away, advice is asked for, three times at most. What was sold for certain is sold, what was not for
    certain is not, and the rest is suspect. Everything is on disk (switching.db) before it is sent; after a crash, --resume
    finishes it by advice at the gateway where it was begun, or at --gateway if that has moved. Resume when no other buy runs.

    With --enter the meter must be installed in that home, or nothing is bought. A buy that was killed before the token was
    in the meter is finished by --resume --enter.

    Exit 0 if sold and, with --enter, taken by the meter; 1 if not sold, suspect, or refused by the meter.
    """
    from pln_sim.cli.buy_order import Terms, buy_one, gateway_at, resume_all
    from pln_sim.switching.purchase import Switching

    if resume == (drn is not None):
        raise click.UsageError("say DRN and RUPIAH, or --resume")
    if drn is not None and amount is None:
        raise click.UsageError("Missing argument 'RUPIAH'")
    keypad = None
    if enter is not None:
        from pln_sim.cli.buy_entry import keypad_in

        keypad = keypad_in(str(home_folder(home)) if enter == THIS_HOME else enter, drn)
    terms = Terms(home_folder(home), Switching(switching, bank, merchant), wait, allow_remote, as_json, keypad)
    if drn is None or amount is None:
        results = resume_all(terms, gateway)
    else:
        results = [buy_one(terms, gateway_at(gateway or DEFAULT_GATEWAY, allow_remote), drn, amount)]
    if not all(results):
        click.get_current_context().exit(console.REFUSED)
