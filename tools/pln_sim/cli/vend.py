"""``pln-sim vend``: rupiah in, a slip with a real token out. Only options are declared here; the work is in ``vend_sale``."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from meter_emu.shell import console
from meter_emu.shell.key_options import given, key_options
from meter_emu.sts.errors import StsError
from meter_emu.sts.numbers.drn import Drn
from pln_sim.cli.database import db_option
from pln_sim.cli.token_request import TokenRequest, home_folder, home_option, tables_option
from pln_sim.vending.money import payment, percent, rupiah
from pln_sim.vending.tariff import parse_tariff

ValueT = TypeVar("ValueT")


class Written(click.ParamType[ValueT]):
    """A value as a person writes it, read by a function that raises StsError for a wrong one."""

    def __init__(self, name: str, read: Callable[[str], ValueT]) -> None:
        self.name = name
        self._read = read

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> ValueT:
        """The value; a usage error for anything else."""
        try:
            return self._read(value)
        except StsError as error:
            self.fail(str(error), param, ctx)


class VendCommand(click.Command):
    """A command whose argument may look like an option: ``-20000`` is a wrong amount, not an unknown option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As ever, but for the message."""
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            if error.option_name[1:2].isdigit():
                raise click.UsageError("rupiah must not be negative", ctx) from None
            raise


@click.command(cls=VendCommand)
@click.argument("drn", type=console.MeterNumber(), metavar="DRN")
@click.argument("paid", type=Written("rupiah", payment), metavar="RUPIAH")
@click.option("--admin", type=Written("rupiah", rupiah), default="0", metavar="RUPIAH", help="Admin charge in the payment.")
@click.option("--instalment", type=Written("rupiah", rupiah), metavar="RUPIAH", help="Instalment in it; else the customer's.")
@click.option(
    "--tariff", type=Written("tariff", parse_tariff), metavar="TARIFF", help="Class and VA, like R1/1300; else the customer's."
)
@click.option(
    "--ppj", type=Written("percent", percent), metavar="PERCENT", help="Lighting tax in percent; else the customer's."
)
@click.option("--customers", type=console.PATH, metavar="FILE", help="Other customers (TOML, [[customer]]).")
@click.option("--tariffs", type=console.PATH, metavar="FILE", help="Other rates and rules (TOML).")
@console.at_option
@console.json_option
@home_option
@key_options
@tables_option
@db_option
def vend(
    drn: Drn,
    at: datetime | None,
    as_json: bool,
    home: str | None,
    key_file: str | None,
    tables: Path | None,
    db: str | None,
    **options: Any,
) -> None:
    """Sell a token for RUPIAH and print the slip.

    RUPIAH includes all charges and is written 20000, 20.000 or 20.000,00. Customers and tariffs are those in the database,
    rates and rules those of the day; a meter nobody knows is R1 with 450 VA, PPJ 3 %. Exit 1 for a payment below the minimum
    or above the maximum, one that leaves nothing for power, and one that buys more than 720 hours of the contracted power in
    a calendar month, with what gateways sold.

    Keys are found as in `pln-sim token`. Times are the utility's local time, without a zone.
    """
    from pln_sim.cli.vend_sale import Order, print_sale

    parameters = given(options)
    request = TokenRequest(home_folder(home), at or console.now(), 1, as_json, parameters, key_file, tables, db=db)
    print_sale(request, Order(drn, **options))
