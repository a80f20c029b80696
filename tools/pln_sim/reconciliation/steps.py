"""The steps of a reconciliation (section 5), one for each party and hour of the day. Each can be run again: what is done is
left as it is, what was not finished is finished.

    gateway    00-08 h  PLN's transactions, .txt                     -> pre/transaction
    switching  00-08 h  the switching's, .ftr                        -> its own folder
    ca         08-10 h  the suspects, .rcn, with their log           -> pre/suspect; .txt -> pre/transaction/process
    final      10-12 h  PLN's verdict, .fcn; its ledger follows it   -> pre/final
    report     12-13 h  the switching's ledger follows it too; the sum that is transferred to PLN
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, islice
from pathlib import Path
from typing import Protocol

from meter_emu.shell.errors import FileError
from pln_sim.reconciliation import log_file
from pln_sim.reconciliation.columns import RESULT_WIDTH, SUSPECTS, TRANSACTIONS, Layout
from pln_sim.reconciliation.data_file import DataFile, Progress, no_progress, write_data_file, write_whole
from pln_sim.reconciliation.decisions import Decisions
from pln_sim.reconciliation.discrepancies import DiscrepancyReport, Side, read_discrepancies
from pln_sim.reconciliation.errors import BrokenFile
from pln_sim.reconciliation.groups import in_groups
from pln_sim.reconciliation.log_file import LogEntry
from pln_sim.reconciliation.matching import Duplicate, Matched, match_streams, require_unique
from pln_sim.reconciliation.names import Kind, Names
from pln_sim.reconciliation.places import Place, Station, not_published
from pln_sim.reconciliation.result import Result
from pln_sim.reconciliation.totals import Control, Totals
from pln_sim.reconciliation.verdict import ForeignSuspect, SaleOf, Verdict, judge

_AMOUNT = TRANSACTIONS.slices["TRAN_AMOUNT"]
_SUSPECT_REFERENCE = SUSPECTS.reference
ROWS_TOGETHER = 5000
StreamsOf = Callable[[Iterable[str]], Iterator[LogEntry]]
"""The logged streams of some references, by meter and time."""


class RowsOf(Protocol):
    """A ledger: the rows of what was sold, settled on a day."""

    def __call__(self, settled_on: date) -> Iterator[bytes]:
        """The rows, in the order of the sales."""


@dataclass(frozen=True)
class Reconciliation:
    """What every step is told. ``settled_on`` are the settlement days it covers, ``work`` a folder of its own."""

    names: Names
    settled_on: Sequence[date]
    bank_code: str
    work: Path

    def path(self, kind: Kind) -> Path:
        """A file in the folder of its own."""
        return self.work / self.names.file(kind)


@dataclass(frozen=True)
class Suspected:
    """What the collecting agent found."""

    cancels: int
    forces: int
    discrepancies: int


@dataclass(frozen=True)
class Settlement:
    """What a party's ledger comes to after the verdict. ``transfer`` is what goes to PLN; discrepancies are held back."""

    transfer: Control
    reported: Control
    results: Counter[Result]
    held_back: Control


def report_sales(
    reconciliation: Reconciliation, kind: Kind, rows_of: RowsOf, station: Station, progress: Progress = no_progress
) -> Control:
    """The steps gateway (.txt) and switching (.ftr): write what was sold on the settlement days, and publish it.

    A file that nobody has taken yet is brought up to date. FileError if one that was taken says something else.
    """
    path = reconciliation.path(kind)
    rows = chain.from_iterable(map(rows_of, reconciliation.settled_on))
    control = _write(reconciliation, path, TRANSACTIONS, _in_batches(rows), progress)
    place, taken = _PUBLISHED_IN[kind]
    if station.control(taken, reconciliation.names.file(_TAKEN_AS[kind])) is not None:
        # What it says now must be what was taken.
        before = station.control(taken if kind is Kind.TRANSACTION else place, path.name)
        _require_unchanged(path.name, before, control)
    elif station.control(place, path.name) != control:
        station.publish(path, place)
    return control


def find_suspects(
    reconciliation: Reconciliation, streams_of: StreamsOf, station: Station, progress: Progress = no_progress
) -> Suspected:
    """The step ca: compare .txt and .ftr, publish .rcn with the log of its suspects and the discrepancies.

    A log that lies beside the .ftr is taken as it is; else it is made of ``streams_of``. BrokenFile or NotPublished if there is
    not yet something to compare.
    """
    names, work = reconciliation.names, reconciliation.work
    txt, ftr = _fetch_sold(names, station), station.fetch(Place.SWITCHING, names.file(Kind.SWITCHING))
    files = [DataFile(path, TRANSACTIONS, names.switcher_id, progress) for path in (txt, ftr)]
    asked: Counter[bytes] = Counter()
    rcn, log, other = (reconciliation.path(kind) for kind in (Kind.RECONCILIATION, Kind.LOG, Kind.DISCREPANCIES))
    with DiscrepancyReport(other) as report:

        def suspects() -> Iterator[list[bytes]]:
            for matched in _matched(files, work):
                asked.update(row[:1] for row in matched.suspects)
                report.add(matched.discrepancies)
                yield matched.suspects

        control = _write(reconciliation, rcn, SUSPECTS, suspects(), no_progress)
    batches = DataFile(rcn, SUSPECTS, names.switcher_id)
    references = (row[_SUSPECT_REFERENCE].decode("ascii") for rows in batches for row in rows)
    own = station.fetch_beside(Place.SWITCHING, log.name)
    write_whole(log, chain.from_iterable(log_file.read_log(own)) if own else map(log_file.log_line, streams_of(references)))
    published = station.control(Place.SUSPECT, rcn.name)
    if station.control(Place.FINAL, names.file(Kind.FINAL)) is not None:
        _require_unchanged(rcn.name, published, control)
    elif published != control:
        station.publish(rcn, Place.SUSPECT, [log, other])
    return Suspected(asked[b"2"], asked[b"1"], report.count)


def decide_suspects(
    reconciliation: Reconciliation,
    station: Station,
    decisions: Decisions,
    sale_of: SaleOf,
    approved: Collection[str] = (),
) -> Settlement:
    """The step final: PLN judges every suspect, its ledger obeys, and .fcn is published."""
    names = reconciliation.names
    txt = names.file(Kind.TRANSACTION)
    sold = station.control(Place.PROCESS, txt) or station.control(Place.TRANSACTION, txt)
    if sold is None:
        raise not_published(Place.PROCESS, txt)
    rcn = station.fetch(Place.SUSPECT, names.file(Kind.RECONCILIATION))
    log = station.fetch_beside(Place.SUSPECT, names.file(Kind.LOG))
    streams = [DataFile(rcn, SUSPECTS, names.switcher_id), log_file.read_log(log) if log else ()]
    for suspects, lines in in_groups(streams, [_SUSPECT_REFERENCE, log_file.REFERENCE], reconciliation.work):
        _require_unique(rcn, suspects)
        # All of them before the first is written: one that is foreign decides nothing of the group.
        verdicts = list(_judged(reconciliation, suspects, lines, sale_of, approved))
        decisions.decide(verdicts, names.switcher_id, names.reconciled_on)
    fcn = reconciliation.path(Kind.FINAL)
    rows = (verdict.final_row for verdict in decisions.of_day(names.switcher_id, names.reconciled_on))
    control = _write(reconciliation, fcn, SUSPECTS, _in_batches(rows), no_progress)
    published = station.control(Place.FINAL, fcn.name)
    if published is None:
        station.publish(fcn, Place.FINAL)
    else:
        _require_unchanged(fcn.name, published, control)
    return _settlement(reconciliation, station, decisions, sold, Side.GATEWAY)


def report_transfer(reconciliation: Reconciliation, station: Station, decisions: Decisions) -> Settlement:
    """The step report: the switching's ledger obeys PLN's verdict, and what it owes is added up."""
    names = reconciliation.names
    fcn = station.fetch(Place.FINAL, names.file(Kind.FINAL))
    rcn = station.fetch(Place.SUSPECT, names.file(Kind.RECONCILIATION))
    files = [DataFile(path, SUSPECTS, names.switcher_id) for path in (fcn, rcn)]
    for rows, suspects in in_groups(files, [_SUSPECT_REFERENCE] * 2, reconciliation.work):
        verdicts = [Verdict(Result(int(row[:1])), row[RESULT_WIDTH:], f"PLN's verdict in {fcn.name}") for row in rows]
        if sorted(verdict.suspect for verdict in verdicts) != sorted(suspects):
            raise BrokenFile(fcn, f"it does not answer {rcn.name} row by row: nothing was decided; ask PLN for another one")
        decisions.decide(verdicts, names.switcher_id, names.reconciled_on)
    sold = station.control(Place.SWITCHING, names.file(Kind.SWITCHING))
    if sold is None:
        raise not_published(Place.SWITCHING, names.file(Kind.SWITCHING))
    return _settlement(reconciliation, station, decisions, sold, Side.SWITCHING)


def _settlement(
    reconciliation: Reconciliation, station: Station, decisions: Decisions, sold: Control, side: Side
) -> Settlement:
    names = reconciliation.names
    results: Counter[Result] = Counter()
    count, amount = sold.count, sold.amount
    for verdict in decisions.of_day(names.switcher_id, names.reconciled_on):
        results[verdict.result] += 1
        change = side.change(verdict.result)
        count += change
        amount += change * int(verdict.row[_AMOUNT])
    path = station.fetch_beside(Place.SUSPECT, names.file(Kind.DISCREPANCIES))
    held_back = Totals()
    if path is not None:
        for rows in _in_batches(read_discrepancies(path, side)):
            held_back.add(rows, TRANSACTIONS)
    transfer = Control(count - held_back.count, amount - held_back.amount)
    return Settlement(transfer, sold, results, held_back.control)


def _write(
    reconciliation: Reconciliation, path: Path, layout: Layout, batches: Iterable[Sequence[bytes]], progress: Progress
) -> Control:
    names, first_day = reconciliation.names, reconciliation.settled_on[0]
    return write_data_file(path, layout, batches, names.switcher_id, first_day, reconciliation.bank_code, progress).control


def _fetch_sold(names: Names, station: Station) -> Path:
    """The .txt, which is moved as soon as it is here: "after SWITCHING download .txt, move these files"."""
    name = names.file(Kind.TRANSACTION)
    if station.control(Place.TRANSACTION, name) is not None:
        station.fetch(Place.TRANSACTION, name)
    elif station.control(Place.PROCESS, name) is None and station.fetch_beside(Place.PROCESS, name) is None:
        station.fetch(Place.TRANSACTION, name)  # which says what is missing
    station.take(name)
    return station.fetch(Place.PROCESS, name)


def _matched(files: Sequence[DataFile], work: Path) -> Iterator[Matched]:
    try:
        yield from match_streams(files[0], files[1], work)
    except Duplicate as error:
        raise BrokenFile(files[error.side].path, str(error), column="REFNUM") from None


def _judged(
    reconciliation: Reconciliation,
    suspects: Sequence[bytes],
    lines: Sequence[bytes],
    sale_of: SaleOf,
    approved: Collection[str],
) -> Iterator[Verdict]:
    log: dict[bytes, list[bytes]] = {}
    for line in lines:
        log.setdefault(line[log_file.REFERENCE], []).append(line)
    for suspect in suspects:
        reference = suspect[_SUSPECT_REFERENCE]
        sale = sale_of(reference.decode("ascii"))
        try:
            yield judge(suspect, log.get(reference, []), sale, reconciliation.settled_on, approved)
        except ForeignSuspect as error:
            raise BrokenFile(reconciliation.names.file(Kind.RECONCILIATION), str(error), column="RC") from None


def _require_unique(path: Path, rows: Sequence[bytes]) -> None:
    try:
        require_unique(rows, reference=_SUSPECT_REFERENCE)
    except Duplicate as error:
        raise BrokenFile(path, str(error), column="REFNUM") from None


def _require_unchanged(name: str, before: Control | None, now: Control) -> None:
    if before != now:
        raise FileError(f"{name} was taken already, with {before}; now it would have {now}: nothing was changed")


def _in_batches(rows: Iterator[bytes]) -> Iterator[list[bytes]]:
    while batch := list(islice(rows, ROWS_TOGETHER)):
        yield batch


_PUBLISHED_IN = {
    Kind.TRANSACTION: (Place.TRANSACTION, Place.PROCESS),
    Kind.SWITCHING: (Place.SWITCHING, Place.SUSPECT),
}
"""Where a file is published, and where one stands that shows that it was taken."""
_TAKEN_AS = {Kind.TRANSACTION: Kind.TRANSACTION, Kind.SWITCHING: Kind.RECONCILIATION}
"""The file that stands there."""
