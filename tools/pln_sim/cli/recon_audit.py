"""``pln-sim recon audit``: every token of a reconciliation file decoded and held against its row."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from meter_emu.shell import console
from meter_emu.shell.network_address import is_loopback
from pln_sim.cli.database import db_option, found
from pln_sim.cli.token_request import home_folder, home_option, tables_option

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from meter_emu.sts.keys.key_store import KeyStore
    from meter_emu.sts.numbers.drn import Drn
    from pln_sim.audit.checks import Job, PieceReport
    from pln_sim.audit.lines import AuditedLines
    from pln_sim.audit.report import Report
    from pln_sim.upgrade.key_history import Held

LOCALHOST = "localhost"
LONGEST_TOLERANCE = 7 * 24 * 60


@click.command()
@click.argument("file", type=console.PATH, metavar="FILE")
@click.option("--key-file", metavar="FILE", help="Vending keys and meters (TOML, mode 0600); default: keys.toml in the home.")
@tables_option
@click.option(
    "--tolerance",
    type=click.IntRange(0, LONGEST_TOLERANCE),
    default=5,
    show_default=True,
    metavar="MINUTES",
    help="How far the time of a token may be from that of its row.",
)
@click.option("--workers", type=click.IntRange(1, 1024), metavar="N", help="Processes; default: one for each core.")
@click.option("--scheduler", metavar="ADDRESS", help="Work on the Dask cluster of this scheduler, like tcp://127.0.0.1:8786.")
@click.option(
    "--allow-remote", is_flag=True, help="Allow a tcp:// scheduler on another machine: the keys go there in the clear."
)
@click.option(
    "--examples", type=click.IntRange(0, 1000), default=10, show_default=True, metavar="N", help="Of each kind, at most."
)
@db_option
@home_option
@console.json_option
def audit(file: Path, workers: int | None, scheduler: str | None, allow_remote: bool, **options: Any) -> None:
    """Check every token of a .txt or .ftr: meter, kWh and time.

    Each token is decoded with the key of its row's meter. Exit 1 if anything does not agree; wrong rows never stop the
    audit. The report names line, meter and PLN reference, never a token.

    \b
    meter  the meter's key opens the token
    kWh    as the row says, rounded up to the next step that a token can carry
    time   TID and row are at most --tolerance minutes apart: two clocks, and the
           TIDs of tokens bought in one minute, which move on by a minute each

    A meter that the key file does not name is tried with the published test keys, as the gateway does. Where an upgrade
    has changed a meter's key, as the vending database knows, the time of the row says which key it is.
    """
    if scheduler is not None:
        _require_safe(scheduler, allow_remote)
        if workers is not None:
            raise click.UsageError("say --workers or --scheduler, not both")
    try:
        report = _audited(file, workers, scheduler, options)
    except ModuleNotFoundError as error:
        extra = {"numpy": "audit", "distributed": "cluster", "dask": "cluster"}.get(error.name or "")
        if extra is None:
            raise
        raise console.Failure(f"this needs {error.name}: pip install 'meter-emu[{extra}]'") from None
    if options["as_json"]:
        console.echo_json({"file": str(file), **report.json_object()})
    else:
        for line in _text(file, report):
            click.echo(line)
    if report.mismatches:
        raise console.Failure(f"{file}: {report.mismatches:,} mismatches in {report.rows:,} rows")


def _require_safe(scheduler: str, allow_remote: bool) -> None:
    """A usage error for what is no scheduler, and for one that would get the keys over a network in the clear."""
    try:
        address = urlsplit(scheduler)
        host, port = address.hostname, address.port
    except ValueError:
        host = port = None
    if not host or not port or address.scheme not in ("tcp", "tls"):
        raise click.UsageError(f"{scheduler[:60]!r} is not written like tcp://127.0.0.1:8786 or tls://host:8786")
    is_here = host == LOCALHOST or is_loopback(host)
    if address.scheme == "tcp" and not is_here and not allow_remote:
        raise click.UsageError(f"the keys would go to {host} in the clear: use tls://, or say --allow-remote if that is meant")


def _audited(file: Path, workers: int | None, scheduler: str | None, options: dict[str, Any]) -> Report:
    from meter_emu.shell.key_file import key_store
    from meter_emu.shell.tables_file import read_tables_file
    from meter_emu.sts.ciphers import SAMPLE_TABLES
    from pln_sim.audit.checks import Job
    from pln_sim.audit.errors import AuditStopped
    from pln_sim.audit.key_ring import KeyRing
    from pln_sim.audit.lines import AuditedLines
    from pln_sim.audit.report import compile_report
    from pln_sim.audit.source import Source

    keys = key_store(options["key_file"], home_folder(options["home"]))
    if not keys.vending_keys:
        console.note("test keys: tokens are decoded with the published keys of the compliance tests")
    tables = read_tables_file(options["tables"]) if options["tables"] else SAMPLE_TABLES
    ring = KeyRing.of(keys, _histories(keys, options["db"], home_folder(options["home"])))
    job = Job(ring, tables, options["tolerance"], options["examples"])
    with file.open("rb") as opened:
        size = os.fstat(opened.fileno()).st_size
        with _progress(size, file.name) as progress:
            lines = AuditedLines(opened, progress, source=Source.of(file, opened))
            try:
                return compile_report(lines, _executed(lines, job, workers, scheduler, size), options["examples"])
            except AuditStopped as stopped:
                raise console.Failure(str(stopped)) from None


def _histories(keys: KeyStore, db: str | None, home: Path) -> dict[Drn, list[Held]]:
    """The keys that meters have had, as far as upgrades have changed them."""
    from pln_sim.upgrade.key_history import histories

    depot = found(db, home)
    if depot is None:
        return {}
    with depot:
        return histories(keys, depot.upgrades())


def _executed(lines: AuditedLines, job: Job, workers: int | None, scheduler: str | None, size: int) -> Iterator[PieceReport]:
    from pln_sim.audit.execution import audit_here, audit_in_processes, audit_on_cluster
    from pln_sim.audit.lines import PIECE_BYTES

    if scheduler is not None:
        return audit_on_cluster(lines, job, scheduler)
    # More processes than pieces have nothing to do, and starting one takes longer than auditing a small file.
    useful = min(workers or os.cpu_count() or 1, -(-size // PIECE_BYTES))
    return audit_in_processes(lines, job, useful) if useful > 1 else audit_here(lines, job)


@contextmanager
def _progress(size: int, label: str) -> Iterator[Callable[[int], None]]:
    """What is to be told of bytes that are done: a bar on a terminal, nothing elsewhere."""
    with click.progressbar(length=size, label=label, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        yield bar.update


def _text(file: Path, report: Report) -> Iterator[str]:
    from pln_sim.audit.mismatch import Mismatch

    if not report.mismatches:
        yield f"{file}: {report.rows:,} rows, every token agrees with its row"
        return
    yield f"{file}: {report.rows:,} rows"
    for mismatch in Mismatch:
        if count := report.counts[mismatch]:
            yield ""
            yield f"{count:>9,}  {mismatch.words}"
            examples = report.of(mismatch)
            for example in examples:
                yield f"           {example}"
            if 0 < len(examples) < count:
                yield f"           and {count - len(examples):,} more"
