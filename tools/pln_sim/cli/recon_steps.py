"""``pln-sim recon gateway|switching|ca|final|report|day``. Only options are declared here; the work is in ``recon_work``."""

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from meter_emu.shell import console
from meter_emu.shell.key_options import decorated
from meter_emu.shell.network_address import Address
from pln_sim.cli.database import DatabaseName
from pln_sim.cli.token_request import home_folder, home_option

if TYPE_CHECKING:
    from pln_sim.cli.recon_work import Request

Command = Callable[..., Any]


class Day(click.ParamType[date]):
    """A calendar day."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The day; a usage error for anything else."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value[:40]!r} is no day like 2026-11-23", param, ctx)


def _step(command: Command) -> click.Command:
    """A command with the options of every step."""
    return click.command()(
        decorated(
            command,
            click.option(
                "--date", "on", type=Day(), metavar="DAY", help="The reconciliation date, a working day; default: today."
            ),
            click.option("--switching", default="10000D3", metavar="ID", show_default=True, help="The switching's code."),
            click.option("--bank", default="0110000", metavar="CODE", show_default=True, help="For the checksum rows."),
            click.option("--folder", type=console.PATH, metavar="FOLDER", help="Files; default: files in the home."),
            click.option("--ftp", type=Address(), metavar="HOST:PORT", help="Files on an FTP server instead."),
            click.option("--users", type=console.PATH, metavar="FILE", help="FTP passwords; default: ftp.toml."),
            click.option("--allow-remote", is_flag=True, help="Let the FTP server be on another machine; FTP hides nothing."),
            click.option("--holidays", type=console.PATH, metavar="FILE", help="More days off, one on a line."),
            home_option,
            console.json_option,
        )
    )


_database = click.option(
    "--db", type=DatabaseName(), metavar="FILE|URL", help="The gateway's database; default: as for `pln-sim gateway`."
)
_early = click.option(
    "--early", is_flag=True, help="Though a settlement day is not over: what is sold later that day is in no file."
)
_approve = click.option("--approve", multiple=True, metavar="REFERENCE", help="A suspect checked by hand; repeatable.")


def _request(options: dict[str, Any]) -> "Request":
    from pln_sim.cli.recon_work import Request

    if options["folder"] and options["ftp"]:
        raise click.UsageError("say --folder or --ftp, not both")
    home = home_folder(options.pop("home"))
    on = options.pop("on") or console.now().date()
    return Request(home=home, on=on, **options)


@_step
@_database
@_early
def gateway(db: str | None, early: bool, **options: Any) -> None:
    """PLN writes .txt: what the gateway sold on the settlement days, once they are over."""
    from pln_sim.cli import recon_work

    recon_work.gateway(_request(options), db, early)


@_step
@_early
def switching(early: bool, **options: Any) -> None:
    """The switching writes .ftr: what it sold on the settlement days, once they are over."""
    from pln_sim.cli import recon_work

    recon_work.switching(_request(options), early)


@_step
def ca(**options: Any) -> None:
    """The collecting agent compares .txt and .ftr and writes .rcn, the suspects, with their log."""
    from pln_sim.cli import recon_work

    recon_work.ca(_request(options))


@_step
@_database
@_approve
def final(db: str | None, approve: tuple[str, ...], **options: Any) -> None:
    """PLN decides the suspects and writes .fcn; the gateway's ledger follows.

    A cancel is approved when the log shows the advice and both its repeats unanswered, a force when it shows the gateway's
    own answer. The first verdict on a suspect is final.
    """
    from pln_sim.cli import recon_work

    recon_work.final(_request(options), db, approve)


@_step
def report(**options: Any) -> None:
    """The switching's ledger follows PLN's verdict, and the sum to be transferred is printed.

    Exit 1 if there are discrepancies, whose money is held back.
    """
    from pln_sim.cli import recon_work

    recon_work.report(_request(options))


@_step
@_database
@_approve
@_early
def day(db: str | None, approve: tuple[str, ...], early: bool, **options: Any) -> None:
    """All five steps in order. Exit 1 if the two ledgers are not equal in the end."""
    from pln_sim.cli import recon_work

    recon_work.day(_request(options), db, approve, early)
