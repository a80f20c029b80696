"""``pln-sim reseller``: the kiosk's side of a sale. Only options are declared here; the work is in ``reseller_work``."""

from typing import Any

import click

from meter_emu.shell import console
from meter_emu.shell.duration import Duration
from meter_emu.shell.network_address import listen_option, require_loopback
from pln_sim.cli.gateway import LOG_LEVELS
from pln_sim.cli.token_request import home_folder, home_option
from pln_sim.cli.vend import Written
from pln_sim.vending.money import payment

DEFAULT_RESELLER = "127.0.0.1:63200"
DEFAULT_SENDER = "081234567890"
SECONDS = Duration(longest=3600)


class Sender(click.ParamType[str]):
    """A kiosk's telephone number."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The number as it is kept; a usage error for anything else."""
        from pln_sim.reseller.request import parse_sender

        sender = parse_sender(str(value))
        if sender is None:
            self.fail(f"{str(value)[:40]!r} is no telephone number like {DEFAULT_SENDER}", param, ctx)
        return sender


def buying_options(command: Any) -> Any:
    """Where and as whom power is bought."""
    for option in reversed(
        (
            click.option("--gateway", metavar="HOST:PORT", help="Where the gateway listens."),
            click.option("--switching", default="10000D3", metavar="ID", show_default=True, help="The switching's code."),
            click.option("--bank", default="0110000", metavar="CODE", show_default=True, help="The bank's code."),
            click.option("--merchant", default="6015", metavar="CODE", show_default=True, help="Where the customer stands."),
            click.option("--wait", type=SECONDS, default=30, show_default=True, help="For each reply."),
            click.option("--allow-remote", is_flag=True, help="Allow addresses on other machines."),
        )
    ):
        command = option(command)
    return command


@click.group()
def reseller() -> None:
    """Sell tokens to kiosks that send text messages like PLN20.12345678911.1234.

    Money is paid in beforehand and taken before anything is sent; the ledger always balances. An order that comes again within
    five minutes gets the first one's answer. What is suspect stays held until advice or reconciliation decides.
    """


@reseller.command()
@listen_option(DEFAULT_RESELLER)
@buying_options
@click.option("--buyers", type=click.IntRange(1, 100), default=4, show_default=True, metavar="N", help="Purchases at once.")
@click.option("--prices", type=console.PATH, metavar="FILE", help="Other price lists (TOML).")
@click.option("--log-level", type=click.Choice(LOG_LEVELS[1:]), default="info", show_default=True)
@home_option
def serve(listen: tuple[str, int], allow_remote: bool, home: str | None, **options: Any) -> None:
    """Answer lines `NUMBER MESSAGE`, as SMS gateways send them, each with one line.

    Prints `listening on HOST:PORT` when ready, after finishing what a killed one left open. SIGTERM decides and answers what
    was taken. Messages: KODE.NoKartuKWH.PIN, BALANCE.PIN, PRICES, REPEAT.PIN, PIN.OLD.NEW, HELP.
    """
    require_loopback([listen[0]], allow_remote)
    from pln_sim.cli.reseller_work import run

    run(home_folder(home), listen, allow_remote=allow_remote, **options)


@reseller.command()
@click.argument("text", required=False)
@click.option(
    "--reseller", "address", default=DEFAULT_RESELLER, metavar="HOST:PORT", show_default=True, help="Where it listens."
)
@click.option(
    "--from", "sender", type=Sender(), default=DEFAULT_SENDER, metavar="NUMBER", show_default=True, help="The sender."
)
@click.option("--wait", type=SECONDS, default=300, show_default=True, help="For the answer.")
@click.option("--allow-remote", is_flag=True, help="Let the reseller be on another machine.")
def send(text: str | None, address: str, sender: str, wait: float, allow_remote: bool) -> None:
    """Send a text message, as a kiosk's telephone does, and print the answer; without TEXT, the first line of stdin.

    Exit 0 unless the answer says GAGAL or PENDING.
    """
    from pln_sim.cli.reseller_work import exchange

    if not exchange(address, sender, text, wait, allow_remote):
        click.get_current_context().exit(console.REFUSED)


@reseller.command("open")
@click.argument("sender", type=Sender(), metavar="NUMBER")
@home_option
def open_one(sender: str, home: str | None) -> None:
    """Open an account for a kiosk. Its PIN is asked for, or read from stdin."""
    from pln_sim.cli.reseller_work import open_account

    open_account(home_folder(home), sender)


@reseller.command()
@click.argument("sender", type=Sender(), metavar="NUMBER")
@click.argument("amount", type=Written("rupiah", payment), metavar="RUPIAH")
@home_option
def deposit(sender: str, amount: int, home: str | None) -> None:
    """Write down that a kiosk paid in RUPIAH."""
    from pln_sim.cli.reseller_work import deposit

    deposit(home_folder(home), sender, amount)


@reseller.command()
@click.argument("sender", type=Sender(), metavar="NUMBER")
@click.option("--new-pin", is_flag=True, help="Another PIN too: asked for, or read from stdin.")
@home_option
def unlock(sender: str, new_pin: bool, home: str | None) -> None:
    """Let a kiosk try its PIN again."""
    from pln_sim.cli.reseller_work import unlock

    unlock(home_folder(home), sender, new_pin)


@reseller.command()
@console.json_option
@home_option
def accounts(as_json: bool, home: str | None) -> None:
    """List the kiosks: number, money left, money held, locked or not."""
    from pln_sim.cli.reseller_work import list_accounts

    list_accounts(home_folder(home), as_json)


@reseller.command()
@console.json_option
@home_option
def ledger(as_json: bool, home: str | None) -> None:
    """Print the ledger's accounts and their sum, which is 0, after adding up every entry. Exit 1 if something is wrong."""
    from pln_sim.cli.reseller_work import print_ledger

    print_ledger(home_folder(home), as_json)


@reseller.command()
@buying_options
@console.json_option
@home_option
def resume(allow_remote: bool, as_json: bool, home: str | None, **options: Any) -> None:
    """Finish what is not decided: ask for the advice that is due, settle what is known by now, and show it.

    Each is asked for where it was begun, or at --gateway if that has moved. Exit 0 if nothing is undecided any more.
    """
    from pln_sim.cli.reseller_work import resume_all

    resume_all(home_folder(home), allow_remote=allow_remote, as_json=as_json, **options)
