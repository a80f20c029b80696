"""``pln-sim desk``: the service agent's place. Only options are declared here; the work is in ``desk_work`` and
``desk_diagnosis``."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from meter_emu.shell import console
from meter_emu.shell.key_options import WholeNumber, decorated
from meter_emu.sts.numbers.drn import Drn
from pln_sim.cli.database import db_option
from pln_sim.cli.token_request import home_folder, home_option, tables_option
from pln_sim.cli.vend import Written
from pln_sim.helpdesk.report import FIELDS, PHOTO_TITLE, Channel, Status, read_itsm

Command = Callable[..., Any]
LAST_SERVICE = 40


def _service(command: Command) -> Command:
    kind = WholeNumber(1, LAST_SERVICE)
    return click.option("--service", type=kind, metavar="N", help="The service type; `pln-sim desk services` lists them.")(
        command
    )


def _applicant(command: Command) -> Command:
    """An option for each field of the SOP."""
    asked = (click.option(f"--{field.name}", required=True, metavar="TEXT", help=f"{field.title}.") for field in FIELDS)
    return decorated(command, *asked)


_itsm = click.argument("itsm", type=Written("itsm", read_itsm), metavar="ITSM")
_agent = click.option("--agent", required=True, metavar="NAME", help="Nama User CSO.")


@click.group()
def desk() -> None:
    """Be a service agent: reports about the marketplace of PLN Mobile, and what has become of a customer's token."""


@desk.command("file")
@_applicant
@click.option(
    "--channel",
    type=click.Choice([channel.value for channel in Channel]),
    default=Channel.TELEPHONE.value,
    show_default=True,
    help="How the applicant came.",
)
@click.option("--photo", type=console.PATH, metavar="FILE", help=f"{PHOTO_TITLE}; for social media alone.")
@_agent
@_service
@click.option("--note", default="", metavar="TEXT", help="What else there is to say.")
@click.option("--previous", type=Written("itsm", read_itsm), metavar="ITSM", help="The report before, of one who calls again.")
@console.at_option
@console.json_option
@home_option
def file_report(home: str | None, at: datetime | None, **options: Any) -> None:
    """File a report: a merchant's application, or with --service a complaint. Prints the ITSM number for the applicant."""
    from pln_sim.cli.desk_work import file_report

    file_report(home_folder(home), at or console.now(), **options)


@desk.command()
@_itsm
@click.option("--save-photo", type=console.PATH, metavar="FILE", help="Write the photo there.")
@console.json_option
@home_option
def show(itsm: str, save_photo: Path | None, as_json: bool, home: str | None) -> None:
    """Show a report and what became of it: the answer to one who calls again."""
    from pln_sim.cli.desk_work import show_report

    show_report(home_folder(home), itsm, save_photo, as_json)


@desk.command("list")
@click.option("--status", type=click.Choice([status.value for status in Status]), help="Only those.")
@_service
@console.json_option
@home_option
def list_all(status: str | None, service: int | None, as_json: bool, home: str | None) -> None:
    """List the reports, the oldest first."""
    from pln_sim.cli.desk_work import list_reports

    list_reports(home_folder(home), status, service, as_json)


@desk.command("status")
@_itsm
@click.argument("to", type=click.Choice([status.value for status in Status]), metavar="STATUS")
@_agent
@click.option("--note", default="", metavar="TEXT", help="The answer of Tim Support Marketplace, or what else was said.")
@console.at_option
@home_option
def change_status(itsm: str, to: str, agent: str, note: str, at: datetime | None, home: str | None) -> None:
    """Say that a report has become STATUS.

    recorded -> with-support -> qualified, not-qualified or answered -> closed
    """
    from pln_sim.cli.desk_work import change_status

    change_status(home_folder(home), itsm, Status(to), agent, note, at or console.now())


@desk.command()
@console.json_option
def services(as_json: bool) -> None:
    """List the service types of the ITSM application: number, group, type."""
    from pln_sim.cli.desk_work import list_services

    list_services(as_json)


@desk.command()
@click.argument("drn", type=console.MeterNumber(), metavar="DRN")
@click.argument("token", nargs=-1, metavar="[TOKEN]")
@click.option("--meter-home", metavar="FOLDER", help="Look into the virtual meter's memory too.")
@click.option("--key-file", metavar="FILE", help="Vending keys and meters (TOML, mode 0600); default: keys.toml in the home.")
@tables_option
@db_option
@console.at_option
@console.json_option
@home_option
def diagnose(drn: Drn, token: tuple[str, ...], at: datetime | None, home: str | None, **options: Any) -> None:
    """Say what has become of a purchase for meter DRN, or why it refuses TOKEN, and what to tell the customer.

    It looks through the vending database, the switching's journal, what reconciliation decided, and the token itself. What
    only the meter knows is told as such, unless --meter-home shows it.
    """
    from pln_sim.cli.desk_diagnosis import print_diagnosis

    print_diagnosis(home_folder(home), drn, "".join(token), at or console.now(), **options)
