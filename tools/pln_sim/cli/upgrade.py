"""``pln-sim upgrade``: tambah daya. Only options are declared here; the work is in ``upgrade_work``."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import click

from meter_emu.shell import console
from meter_emu.shell.key_options import WholeNumber, decorated
from meter_emu.sts.numbers.drn import Drn
from pln_sim.cli.database import db_option
from pln_sim.cli.token_request import home_folder, home_option, tables_option
from pln_sim.cli.vend import Written
from pln_sim.upgrade.voucher import read_code, read_purchase
from pln_sim.vending.rule import MAXIMUM_VA

Command = Callable[..., Any]
_ORDER = "order"


class WithDefault(click.Group):
    """A group whose first command needs not be named: what is no other command's name is its first argument."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As ever, with the name put in."""
        first = args[0] if args else ""
        if first and first not in (*self.commands, *ctx.help_option_names):
            if not first.startswith("-") and not any(character.isdigit() for character in first):
                names = ", ".join(self.list_commands(ctx))
                ctx.fail(f"{first[:40]!r} is neither a meter number nor a command: expected DRN --va VA, or {names}")
            args = [_ORDER, *args]
        return super().parse_args(ctx, args)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The options of the first command, and the other commands."""
        order = self.commands[_ORDER]
        with formatter.section("Options for DRN"):
            options = (param for param in order.get_params(ctx) if isinstance(param, click.Option))
            formatter.write_dl([record for option in options if (record := option.get_help_record(ctx))])
        self.format_commands(ctx, formatter)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The others."""
        return [name for name in self.commands if name != _ORDER]


def _options(command: Command) -> Command:
    """What all of them are told."""
    rules = click.option("--rules", type=console.PATH, metavar="FILE", help="Other contracts and prices (TOML).")
    return decorated(command, rules, console.at_option, console.json_option, home_option)


@click.group(cls=WithDefault, subcommand_metavar="DRN --va VA [--voucher CODE] | COMMAND")
def upgrade() -> None:
    """Give a customer more power (tambah daya), or an e-voucher for it.

    `pln-sim upgrade DRN --va 900` changes the contract in the vending database and prints what the customer keys in, in
    this order: the sections of a key change if the tariff index changes, then the new power limit. A gateway that is running
    sells by the new contract from its next request on. Run again, it prints the same tokens.
    """


@upgrade.command(_ORDER)
@click.argument("drn", type=console.MeterNumber(), metavar="DRN")
@click.option("--va", type=WholeNumber(1, MAXIMUM_VA), required=True, metavar="VA", help="The power the contract is to have.")
@click.option("--voucher", type=Written("voucher", read_code), metavar="CODE", help="Pay the promotion's price, once.")
@_options
@click.option("--key-file", metavar="FILE", help="Vending keys and meters (TOML, mode 0600); default: keys.toml in the home.")
@tables_option
@db_option
def order(drn: Drn, at: datetime | None, home: str | None, **options: Any) -> None:
    """Upgrade the contract of meter DRN."""
    from pln_sim.cli.upgrade_work import print_upgrade

    print_upgrade(home_folder(home), drn, at or console.now(), **options)


@upgrade.command()
@click.argument("drn", type=console.MeterNumber(), metavar="DRN")
@click.argument("purchase", type=Written("order", read_purchase), metavar="ORDER")
@_options
@db_option
def voucher(drn: Drn, at: datetime | None, home: str | None, **options: Any) -> None:
    """Issue the e-voucher for ORDER, a purchase in the marketplace, to the customer of meter DRN.

    An order yields one voucher: asked again, it is the same one.
    """
    from pln_sim.cli.upgrade_work import print_voucher

    print_voucher(home_folder(home), drn, at=at or console.now(), **options)


@upgrade.command()
@click.argument("drn", type=console.MeterNumber(), metavar="DRN")
@_options
@db_option
def prices(drn: Drn, at: datetime | None, home: str | None, **options: Any) -> None:
    """List what meter DRN can have, and what it costs without and with a voucher."""
    from pln_sim.cli.upgrade_work import print_prices

    print_prices(home_folder(home), drn, at or console.now(), **options)
