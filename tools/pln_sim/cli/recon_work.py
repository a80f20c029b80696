"""From the words of ``pln-sim recon`` to the steps, and from what they found to a line."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from meter_emu.shell import console
from meter_emu.shell.home import make_home
from meter_emu.shell.network_address import is_loopback
from pln_sim.reconciliation import steps
from pln_sim.reconciliation.calendar import Calendar, indonesian_calendar, read_holidays
from pln_sim.reconciliation.columns import TRANSACTIONS
from pln_sim.reconciliation.data_file import Progress, no_progress
from pln_sim.reconciliation.decisions import GatewayDecisions, SwitchingDecisions, ToldDecisions
from pln_sim.reconciliation.ftp_users import FILE_NAME, Party, passwords
from pln_sim.reconciliation.log_file import LogEntry
from pln_sim.reconciliation.names import Kind, Names
from pln_sim.reconciliation.places import FolderStation, Place, Station
from pln_sim.reconciliation.result import Result
from pln_sim.reconciliation.sources import transaction_of_answer, transaction_of_sale
from pln_sim.reconciliation.steps import Reconciliation, Settlement
from pln_sim.reconciliation.totals import Control
from pln_sim.reconciliation.verdict import Sold
from pln_sim.reconciliation.work_folder import work_folder
from pln_sim.switching.journal import FILE_NAME as JOURNAL_FILE
from pln_sim.switching.journal import Journal
from pln_sim.vending.money import decimal

if TYPE_CHECKING:
    from rich import progress

    from pln_sim.storage.contract import Depot

FOLDER = "files"


@dataclass(frozen=True, kw_only=True)
class Request:
    """What the options of every step say. ``on`` is the reconciliation date."""

    home: Path
    on: date
    switching: str
    bank: str
    folder: Path | None
    ftp: tuple[str, int] | None
    users: Path | None
    allow_remote: bool
    holidays: Path | None
    as_json: bool

    def calendar(self) -> Calendar:
        """Indonesia's working days, but for those in the file."""
        return indonesian_calendar(read_holidays(self.holidays) if self.holidays else {})


@dataclass(frozen=True)
class Work:
    """What a step works with."""

    reconciliation: Reconciliation
    station: Station
    progress: Progress


def gateway(request: Request, db: str | None, early: bool) -> None:
    """The step gateway. Failure if a settlement day is not over, unless ``early``."""
    _require_over(request, early)
    with _depot(request, db) as depot, _at_work(request, Party.PLN, "gateway") as work:
        _report_sales(request, work, Kind.TRANSACTION, partial(_rows_of_depot, depot, request.switching))


def switching(request: Request, early: bool) -> None:
    """The step switching. Failure if a settlement day is not over, unless ``early``."""
    _require_over(request, early)
    with _journal(request) as journal, _at_work(request, Party.SWITCHING, "switching") as work:
        _report_sales(request, work, Kind.SWITCHING, partial(_rows_of_journal, journal, request.switching))


def ca(request: Request) -> None:
    """The step ca. Without a journal the switching is another program's, whose log, if it has one, lies beside its .ftr."""
    with ExitStack() as stack:
        journal = _journal_if_any(request, stack, "the log of the suspects is the one beside the .ftr, if there is one")
        work = stack.enter_context(_at_work(request, Party.CA, "ca"))

        def streams_of(references: Iterable[str]) -> Iterator[LogEntry]:
            for each in journal.streams_of(references) if journal else ():
                time = f"{each.at.year:04}{each.at:%m%d%H%M%S}"
                yield LogEntry(time, each.reference, each.meter, each.amount, each.stream)

        found = steps.find_suspects(work.reconciliation, streams_of, work.station, work.progress)
    name = work.reconciliation.names.file(Kind.RECONCILIATION)
    values = {"cancels": found.cancels, "forces": found.forces, "discrepancies": found.discrepancies}
    words = f"{found.cancels} to cancel, {found.forces} to force, {_counted(found.discrepancies, 'discrepancy')}"
    _tell(request, "ca", name, values, words)


def final(request: Request, db: str | None, approve: tuple[str, ...]) -> Settlement:
    """The step final."""
    with ExitStack() as stack:
        depot = stack.enter_context(_depot(request, db))
        work = stack.enter_context(_at_work(request, Party.PLN, "final"))

        def sale_of(reference: str) -> Sold | None:
            sale = depot.run(lambda storage: storage.sale(reference))
            return Sold(sale.settled_on, transaction_of_sale(sale).row) if sale else None

        decisions = GatewayDecisions(depot)
        settlement = steps.decide_suspects(work.reconciliation, work.station, decisions, sale_of, approve)
    name = work.reconciliation.names.file(Kind.FINAL)
    _tell(request, "final", name, _values(settlement), f"{_results(settlement)}; PLN expects {settlement.transfer}")
    return settlement


def report(request: Request) -> Settlement:
    """The step report. Exit code 1 if money is held back."""
    settlement = _report(request)
    if settlement.held_back.count:
        click.get_current_context().exit(console.REFUSED)
    return settlement


def day(request: Request, db: str | None, approve: tuple[str, ...], early: bool) -> None:
    """All steps. Failure if the ledgers differ."""
    _require_over(request, early)
    _depot(request, db).close()
    _journal(request).close()  # Nothing is written unless both ledgers are there.
    gateway(request, db, early)
    switching(request, early)
    ca(request)
    expected = final(request, db, approve)
    owed = _report(request)
    if expected.transfer != owed.transfer:
        raise console.Failure(f"the ledgers differ: PLN expects {expected.transfer}, the switching owes {owed.transfer}")
    if owed.held_back.count:
        click.get_current_context().exit(console.REFUSED)


def _report(request: Request) -> Settlement:
    with ExitStack() as stack:
        journal = _journal_if_any(request, stack, "the verdicts are added up, and kept in no ledger")
        work = stack.enter_context(_at_work(request, Party.SWITCHING, "report"))
        decisions = SwitchingDecisions(journal) if journal else ToldDecisions()
        settlement = steps.report_transfer(work.reconciliation, work.station, decisions)
    words = f"{_results(settlement)}; to be transferred to PLN: {settlement.transfer}"
    _tell(request, "report", work.reconciliation.names.file(Kind.FINAL), _values(settlement), words)
    if settlement.held_back.count:
        where = f"{Place.SUSPECT.value}/{work.reconciliation.names.file(Kind.DISCREPANCIES)}"
        console.warn(f"held back: {settlement.held_back} of which the parties say different things, see {where}")
    return settlement


def _require_over(request: Request, early: bool) -> None:
    """Failure if the last settlement day is still going on: what is sold later that day would be in no file."""
    last = request.calendar().settlement_dates(request.on)[-1]
    if last < console.now().date() or early:
        return
    raise console.Failure(
        f"the settlement day {last} is not over, and what is sold later would be in no file: run this from "
        f"{last + timedelta(days=1)} on, or say --early if that is meant"
    )


def _report_sales(request: Request, work: Work, kind: Kind, rows_of: steps.RowsOf) -> None:
    control = steps.report_sales(work.reconciliation, kind, rows_of, work.station, work.progress)
    days = work.reconciliation.settled_on
    if days[-1] >= console.now().date():
        console.note(f"{days[-1]} is not over: what is sold later that day is not in {work.reconciliation.names.file(kind)}")
    settled = f"settled {days[0]}" + (f" to {days[-1]}" if len(days) > 1 else "")
    step = "gateway" if kind is Kind.TRANSACTION else "switching"
    values = _money(control) | {"settled_on": [day.isoformat() for day in days]}
    _tell(request, step, work.reconciliation.names.file(kind), values, f"{control}, {settled}")


def _rows_of_depot(depot: "Depot", switcher_id: str, settled_on: date) -> Iterator[bytes]:
    for sale in depot.sales(settled_on, switcher_id):
        yield transaction_of_sale(sale).row


def _rows_of_journal(journal: Journal, switcher_id: str, settled_on: date) -> Iterator[bytes]:
    for answer in journal.answers_of_day(switcher_id, settled_on):
        try:
            row = transaction_of_answer(answer).row
        except ValueError:
            row = b""
        if TRANSACTIONS.is_row(row, switcher_id):
            yield row
        else:
            # PLN's file has it, so it becomes a suspect, and the verdict tells what it says.
            console.warn("an answer that sold something is left out of the report, since it cannot be read; a suspect then")


@contextmanager
def _at_work(request: Request, party: Party, step: str) -> Iterator[Work]:
    """What a step of a party needs, open."""
    names = Names(request.switching, request.on)
    days = request.calendar().settlement_dates(request.on)
    make_home(request.home)
    with ExitStack() as stack:
        work = stack.enter_context(work_folder(request.home, party.value))
        progress = stack.enter_context(_progress_bar(step)) if _is_watched(request) else no_progress
        station = stack.enter_context(_ftp(request, party, work, progress)) if request.ftp else _folder(request)
        yield Work(Reconciliation(names, days, request.bank, work), station, progress)


def _folder(request: Request) -> Station:
    return FolderStation(request.folder or request.home / FOLDER)


def _ftp(request: Request, party: Party, work: Path, progress: Progress) -> Any:
    from pln_sim.reconciliation.ftp_station import FtpStation

    assert request.ftp is not None
    if not is_loopback(request.ftp[0]) and not request.allow_remote:
        raise click.UsageError(f"{request.ftp[0]} is not on this machine: say --allow-remote if that is meant")
    users = request.users or request.home / FILE_NAME
    return FtpStation(request.ftp, party.value, passwords(users)[party], work, progress)


def _depot(request: Request, db: str | None) -> "Depot":
    from pln_sim.cli.database import found

    depot = found(db, request.home)
    if depot is None:
        raise console.Failure(f"nothing was ever sold here: there is no vending database in {request.home}; name it with --db")
    return depot


def _journal(request: Request) -> Journal:
    """The switching's journal. Failure if there is none: an empty .ftr would take back all that was sold."""
    path = request.home / JOURNAL_FILE
    if not path.exists():
        raise console.Failure(f"nothing was ever bought here: there is no {JOURNAL_FILE} in {request.home}, see `pln-sim buy`")
    return Journal(path)


def _journal_if_any(request: Request, stack: ExitStack, instead: str) -> Journal | None:
    """The switching's journal; without one the switching is another program, and a note says what is done instead. Failure for
    a home that is not there."""
    if (request.home / JOURNAL_FILE).exists() or not request.home.exists():
        return stack.enter_context(_journal(request))
    console.note(f"there is no {JOURNAL_FILE} in {request.home}: {instead}")
    return None


def _is_watched(request: Request) -> bool:
    return not request.as_json and sys.stderr.isatty()


class _Bar(Progress):
    """A bar on stderr. What is written from a ledger has no total; what is read or sent has one."""

    def __init__(self, bar: "progress.Progress", step: str) -> None:
        self._bar = bar
        self._task = bar.add_task(step, total=None)

    def __call__(self, size: int) -> None:
        self._bar.advance(self._task, size)

    def expect(self, size: int) -> None:
        """So many more bytes are to come."""
        task = next(task for task in self._bar.tasks if task.id == self._task)
        self._bar.update(self._task, total=max(task.total or 0, task.completed) + size)


@contextmanager
def _progress_bar(step: str) -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeElapsedColumn, TransferSpeedColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeElapsedColumn())
    with Bars(*columns, console=Console(stderr=True), transient=True) as bar:
        yield _Bar(bar, step)


def _tell(request: Request, step: str, file: str, values: dict[str, Any], words: str) -> None:
    if request.as_json:
        console.echo_json({"step": step, "file": file} | values)
    else:
        click.echo(f"{step:<10}{file}: {words}")


def _values(settlement: Settlement) -> dict[str, Any]:
    decided = {result.name.lower(): settlement.results[result] for result in _DECIDED}
    return decided | {"transfer": _money(settlement.transfer), "held_back": _money(settlement.held_back)}


def _results(settlement: Settlement) -> str:
    return ", ".join(f"{settlement.results[result]} {words}" for result, words in _DECIDED.items())


def _money(control: Control) -> dict[str, Any]:
    return {"transactions": control.count, "amount": decimal(control.amount)}


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what.removesuffix('y')}ies"


_DECIDED = {
    Result.FORCED: "forced",
    Result.NOT_FORCED: "not forced",
    Result.CANCELLED: "cancelled",
    Result.NOT_CANCELLED: "not cancelled",
}
"""The verdicts, in words."""
