"""Reconciliation of a million rows: both sides written, matched, judged, with all control files, beside `sort | comm` on the
same two files. The work is done in a process of its own, whose peak memory is its own.

The sales have a few hundred different bills, as nominals and tariffs make them, and random references. One in a thousand is
a suspect. The rows come from a file, line by line: the ledgers' databases are not what is
measured here.
"""

import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from comparison import line

if TYPE_CHECKING:
    from pln_sim.reconciliation.verdict import Sold

ROWS = 1_000_000
SUSPECTS_IN = 1000
SWITCHER, BANK = "10000D3", "0110000"
DAY = date(2008, 5, 2)
ROUNDS = 3


def main() -> None:
    rows = int(os.environ.get("RECONCILIATION_ROWS", ROWS))
    results, yardsticks = [], []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            for side in (0, 1):
                with rows_file(Path(folder), side).open("wb") as file:
                    file.writelines(sales(rows, side))
            child = subprocess.run([sys.executable, __file__, folder], capture_output=True, text=True, check=True)
            results.append(json.loads(child.stdout))
            yardsticks.append(sort_and_comm(Path(folder)))
    result = min(results, key=lambda each: sum(each["seconds"].values()))
    seconds, yardstick = sum(result["seconds"].values()), min(yardsticks)
    line(
        f"reconciliation of {rows:,} rows, {result['megabytes']:.0f} MB at most",
        f"{rows / seconds:,.0f}/s", "LC_ALL=C sort | comm", f"{rows / yardstick:,.0f}/s", yardstick / seconds, "(bounded)",
    )  # fmt: skip
    for step, taken in result["seconds"].items():
        line(f"  {step}", f"{taken:.2f} s", "", f"{yardstick:.2f} s", taken / yardstick, "")


def sort_and_comm(folder: Path) -> float:
    """How long it takes to find the rows that only one of the two files has."""
    txt = next(folder.rglob("process/*.txt"))
    ftr = next(folder.rglob("switching/*.ftr"))
    began = time.perf_counter()
    command = 'comm -3 <(sort "$1") <(sort "$2") | wc -l'
    subprocess.run(
        ["bash", "-c", command, "comm", txt, ftr], env=os.environ | {"LC_ALL": "C"}, check=True, stdout=subprocess.DEVNULL
    )
    return time.perf_counter() - began


def rows_file(folder: Path, side: int) -> Path:
    """Where the rows of a side lie, as a ledger would yield them."""
    return folder / f"{side}.rows"


def work(folder: Path) -> None:
    """All five steps; prints the seconds of each and the peak memory."""
    from pln_sim.reconciliation import steps
    from pln_sim.reconciliation.decisions import GatewayDecisions, SwitchingDecisions
    from pln_sim.reconciliation.names import Kind, Names
    from pln_sim.reconciliation.places import FolderStation
    from pln_sim.reconciliation.steps import Reconciliation
    from pln_sim.storage import open_depot
    from pln_sim.switching.journal import Journal

    (folder / "work").mkdir()
    station = FolderStation(folder / "files")
    reconciliation = Reconciliation(Names(SWITCHER, DAY + timedelta(days=3)), [DAY], BANK, folder / "work")
    seconds = {}

    def timed(name: str, step: object, *arguments: object) -> object:
        began = time.perf_counter()
        result = step(*arguments)  # type: ignore[operator]
        seconds[name] = time.perf_counter() - began
        return result

    timed("gateway", steps.report_sales, reconciliation, Kind.TRANSACTION, lambda _: rows_file(folder, 0).open("rb"), station)
    timed("switching", steps.report_sales, reconciliation, Kind.SWITCHING, lambda _: rows_file(folder, 1).open("rb"), station)
    timed("ca", steps.find_suspects, reconciliation, lambda _: iter(()), station)
    with open_depot(folder / "vending.db") as depot:
        decisions = GatewayDecisions(depot)
        expected = timed("final", steps.decide_suspects, reconciliation, station, decisions, gateway_sales(folder).get)
    with Journal(folder / "switching.db") as journal:
        owed = timed("report", steps.report_transfer, reconciliation, station, SwitchingDecisions(journal))
    assert expected.transfer == owed.transfer  # type: ignore[attr-defined]
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "megabytes": megabytes}))


def gateway_sales(folder: Path) -> "dict[str, Sold]":
    """The suspects among the gateway's sales, which it would look up in its database."""
    from pln_sim.reconciliation.verdict import Sold

    with next(folder.rglob("suspect/*.rcn")).open("rb") as file:
        return {row[30:62].decode(): Sold(DAY, row[2:]) for row in file if row.startswith(b"2|")}


def sales(rows: int, side: int) -> Iterator[bytes]:
    """The rows of a side: those of the other one, but for one in a thousand, and in nearly the same order."""
    from pln_sim.reconciliation.columns import Transaction

    draw = random.Random(7)
    bills = []
    for paid in (2_000_000, 5_000_000, 10_000_000, 20_000_000, 50_000_000):
        for _ in range(60):
            vat, tax = draw.randrange(10**6), draw.randrange(10**5)
            bills.append((paid, 0, 300_000, vat, tax, 0, paid - 300_000 - vat - tax, paid // 1500))
    held = None
    for number in range(rows):
        moment = f"20080502{number // 3600 % 24:02}{number // 60 % 60:02}{number % 60:02}"
        reference, receipt, token = (
            f"{draw.getrandbits(128):032X}",
            f"{draw.getrandbits(128):032X}",
            f"{draw.getrandbits(66):020}",
        )
        head = (moment, SWITCHER, "6015", reference, receipt, f"{draw.getrandbits(33):011}"[:11])
        row = Transaction._make((*head, *draw.choice(bills), token, BANK)).row
        if number % SUSPECTS_IN == 500 + side:
            continue
        if side and number % 10 == 0:
            held, row = row, held
        if row:
            yield row
    if held:
        yield held


if __name__ == "__main__":
    with suppress(BrokenPipeError):
        work(Path(sys.argv[1]))
