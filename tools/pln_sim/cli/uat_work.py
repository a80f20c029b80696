"""What ``pln-sim uat`` does with what it was told."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from meter_emu import __version__
from meter_emu.shell import console
from meter_emu.shell.errors import FileError
from pln_sim.acceptance.cases import CASES
from pln_sim.acceptance.examiner import Examiner
from pln_sim.acceptance.line import LineError
from pln_sim.acceptance.page import as_page
from pln_sim.acceptance.plan import built_in_plan, read_plan
from pln_sim.acceptance.report import Report, as_json, as_text
from pln_sim.acceptance.session import Session
from pln_sim.cli.buy_order import gateway_at


def run(
    *,
    gateway: str,
    plan: Path | None,
    wait: float,
    transactions: int,
    connections: int,
    reports: tuple[Path, ...],
    allow_remote: bool,
    as_json: bool,
) -> bool:
    """Test, print, write; whether everything passed."""
    address = gateway_at(gateway, allow_remote)
    examiner = Examiner(address, read_plan(plan) if plan else built_in_plan(), wait, now=console.now)
    for path in reports:
        _write(path, "")  # Where it cannot be written is said now, not after the test.
    session = Session(examiner, __version__, connections, transactions)
    try:
        with _progress(len(CASES) + transactions) as told:
            report = session.run(told)
    except LineError as error:
        raise console.Failure(str(error)) from None
    for path in reports:
        _write(path, as_page(report) if path.suffix == ".html" else _json(report))
    if as_json:
        click.echo(_json(report), nl=False)
    else:
        for line in as_text(report):
            click.echo(line)
        for path in reports:
            console.note(f"the report is in {path}")
    return report.has_passed


@contextmanager
def _progress(total: int) -> Iterator[Any]:
    """Something to look at meanwhile, on a terminal."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("testing", total=total)
        yield lambda: bar.advance(task)


def _json(report: Report) -> str:
    return json.dumps(as_json(report), ensure_ascii=False, indent=2) + "\n"


def _write(path: Path, content: str) -> None:
    try:
        path.write_text(content, "utf-8")
    except OSError as error:
        raise FileError(f"report {path}: {error.strerror}") from error
