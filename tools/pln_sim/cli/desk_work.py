"""What the commands of ``pln-sim desk`` do with reports."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from meter_emu.shell import console
from meter_emu.shell.errors import FileError
from meter_emu.shell.home import make_home
from meter_emu.shell.input_file import read_file
from pln_sim.helpdesk.book import FILE_NAME, NoWay, ReportBook, UnknownReport
from pln_sim.helpdesk.report import FIELDS, LARGEST_PHOTO, PHOTO_TITLE, Change, Channel, Filed, Report, Status, require_photo
from pln_sim.helpdesk.services import NEW_SHOP, catalogue

_TITLE_WIDTH = 18


def file_report(
    home: Path,
    at: datetime,
    *,
    as_json: bool,
    channel: str,
    photo: Path | None,
    service: int | None,
    **said: Any,
) -> None:
    """File a report, durably, then print its number."""
    picture = read_file(photo, "photo", LARGEST_PHOTO) if photo else None
    report = Report(service=service or NEW_SHOP, channel=Channel(channel), **said)
    require_photo(report.channel, picture)
    make_home(home)
    with ReportBook(home / FILE_NAME) as book:
        try:
            itsm = book.file(report, picture, at)
        except UnknownReport as error:
            raise console.Failure(str(error)) from None
    if as_json:
        console.echo_json({"itsm": itsm, "filed_at": at.isoformat(), "status": Status.RECORDED.value})
    else:
        click.echo(f"{itsm}  {_service(report.service)}")
        click.echo(f"Sampaikan: Nomor lapor ITSM Anda {itsm}. Tindak lanjutnya kami informasikan ke {report.telephone}")
        click.echo(f"atau {report.email}. Catat juga di APKT, Issue Closed di CC123, dengan No. ITSM {itsm}.")


def show_report(home: Path, itsm: str, save_photo: Path | None, as_json: bool) -> None:
    """Print a report. Failure if there is none of the number."""
    with _book(home) as book:
        filed = book.report(itsm)
        if filed is None:
            raise console.Failure(f"there is no report {itsm}: `pln-sim desk list` shows those there are")
        if save_photo is not None:
            _save(filed, book.photo(itsm), save_photo)
    if as_json:
        console.echo_json(_json(filed))
    else:
        click.echo("\n".join(_lines(filed)))


def list_reports(home: Path, status: str | None, service: int | None, as_json: bool) -> None:
    """Print a line for each report."""
    if not (home / FILE_NAME).exists():
        return
    with _book(home) as book:
        for filed in book.reports(Status(status) if status else None, service):
            if as_json:
                console.echo_json(_json(filed))
            else:
                report = filed.report
                words = f"{report.service:>2}  {report.applicant}, {report.business}, {report.city}"
                click.echo(f"{filed.itsm}  {filed.filed_at:%Y-%m-%d}  {filed.status.value:<13}  {words}")


def change_status(home: Path, itsm: str, to: Status, agent: str, note: str, at: datetime) -> None:
    """Write a new status down. Failure if the report is not there, or its status does not lead there."""
    with _book(home) as book:
        try:
            book.change(itsm, Change(at, to, agent, note))
        except (UnknownReport, NoWay) as error:
            raise console.Failure(str(error)) from None
    click.echo(f"{itsm}  {to.value}")


def list_services(as_json: bool) -> None:
    """Print the catalogue."""
    for service in catalogue().values():
        if as_json:
            console.echo_json(service._asdict())
        else:
            click.echo(f"{service.number:>2}  {service.group:<17} {service.type}")


def _book(home: Path) -> ReportBook:
    if not (home / FILE_NAME).exists():
        raise console.Failure(f"no report was filed in {home}: `pln-sim desk file` files one")
    return ReportBook(home / FILE_NAME)


def _save(filed: Filed, photo: bytes | None, path: Path) -> None:
    if photo is None:
        raise console.Failure(f"report {filed.itsm} came by {filed.report.channel.value} and has no photo")
    try:
        path.write_bytes(photo)
    except OSError as error:
        raise FileError(f"photo {path}: {error.strerror}") from error


def _service(number: int) -> str:
    service = catalogue()[number]
    return f"{service.family} / {service.group} / {service.number} {service.type}"


def _lines(filed: Filed) -> list[str]:
    report = filed.report
    facts = {
        "No. ITSM": filed.itsm,
        "Layanan": _service(report.service),
        "Status": filed.status.value,
        "Laporan sebelumnya": report.previous,
        **{field.title: getattr(report, field.name) for field in FIELDS},
        PHOTO_TITLE: f"{filed.photo_bytes} bytes" if filed.photo_bytes else None,
        "Kanal": report.channel.value,
        "Nama User CSO": report.agent,
        "Keterangan": report.note or None,
    }
    lines = [f"{title:<{_TITLE_WIDTH}} : {value}" for title, value in facts.items() if value is not None]
    history = (f"{each.at:%Y-%m-%d %H:%M}  {each.status.value:<13}  {each.agent}  {each.note}" for each in filed.history)
    return [*lines, *(line.rstrip() for line in history)]


def _json(filed: Filed) -> dict[str, Any]:
    report = filed.report
    return {
        "itsm": filed.itsm,
        "filed_at": filed.filed_at.isoformat(),
        "status": filed.status.value,
        "service": catalogue()[report.service]._asdict(),
        **{field.name: getattr(report, field.name) for field in FIELDS},
        "channel": report.channel.value,
        "photo_bytes": filed.photo_bytes,
        "agent": report.agent,
        "note": report.note,
        "previous": report.previous,
        "history": [
            {"at": change.at.isoformat(), "status": change.status.value, "agent": change.agent, "note": change.note}
            for change in filed.history
        ],
    }
