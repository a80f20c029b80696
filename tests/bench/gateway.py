"""The gateway: complete pairs of inquiry and purchase over loopback, each of the two on disk before its reply leaves.

Beside them stand bare commits of the same database in the same run, and what the specification asks of a switching: five
transactions a second, none longer than five seconds. The load comes from a process of its own (load.py).
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from comparison import line, seconds
from databases import Bare, BarePostgres, BareSqlite, postgres_server
from load import BANK, SWITCHER, meters

CONNECTIONS = (1, 8, 64)
ROUNDS = 5
SECONDS = 1.5
FLOOR, LIMIT = 5, 5.0
"""What the specification asks for: transactions a second, and seconds for the slowest."""
PROCESSES = 2
"""Gateways that share a database."""


def main() -> None:
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        bare: Bare = stack.enter_context(closing(BareSqlite(folder / "bare.db")))
        for connections in CONNECTIONS:
            with gateways(folder, str(folder / f"{connections}.db")) as addresses:
                measure("SQLite", connections, addresses, bare)
        with gateways(folder, str(folder / "shared.db"), PROCESSES) as addresses:
            measure(f"SQLite, {PROCESSES} gateways", max(CONNECTIONS), addresses, bare)
        url = stack.enter_context(postgres_server(folder))
        if url is None:
            print("PostgreSQL is not installed: no figures for it")
            return
        bare = stack.enter_context(closing(BarePostgres(url)))
        with gateways(folder, url, PROCESSES) as addresses:
            for connections in CONNECTIONS:
                measure(f"PostgreSQL, {PROCESSES} gateways", connections, addresses, bare)


def measure(name: str, connections: int, addresses: list[str], bare: Bare) -> None:
    """Print the lines of one number of connections."""
    with Load(connections, addresses) as load:
        taken, commit = seconds(load.buy, bare.commit, ROUNDS)
    pairs, slowest = 1 / taken, statistics.median(load.slowest)
    what = f"{name}, {connections} connection{'s' * (connections > 1)}"
    aim = ">= 0.5" if connections == max(CONNECTIONS) else ""
    line(what, f"{pairs:,.0f}/s", bare.name, f"{1 / commit:,.0f}/s", pairs * commit, aim)
    line("", f"{pairs:,.0f}/s", "the specification's floor", f"{FLOOR}/s", pairs / FLOOR, ">= 100")
    line(
        "    99th percentile",
        f"{slowest * 1000:.1f} ms",
        "the specification's limit",
        f"{LIMIT:.0f} s",
        slowest / LIMIT,
        "<= 1",
    )


class Load:
    """The process that buys."""

    def __init__(self, connections: int, addresses: list[str]) -> None:
        program = [sys.executable, str(Path(__file__).with_name("load.py")), str(connections), *addresses]
        self._process = subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.slowest: list[float] = []

    def __enter__(self) -> "Load":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def buy(self) -> int:
        """Buy for a while; how many pairs that were."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{SECONDS}\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        self.slowest.append(answer["slowest"])
        return int(answer["pairs"])


@contextmanager
def gateways(folder: Path, database: str, count: int = 1) -> Iterator[list[str]]:
    """So many ``pln-sim gateway`` on one database; where they listen."""
    configuration = folder / "gateway.toml"
    rows = [f'[[switching]]\nid = "{SWITCHER}"\nbank_codes = ["{BANK}"]']
    for meter in (meter for connection in range(max(CONNECTIONS)) for meter in meters(connection)):
        rows.append(f'[[customer]]\nmeter = "{meter}"\nname = "BENCH"\ntariff = "B2"\nva = 200000\nppj = "3"')
    configuration.write_text("\n".join(rows))
    command = [str(Path(sys.executable).with_name("pln-sim")), "gateway", "--listen", "127.0.0.1:0"]
    command += ["--db", database, "--config", str(configuration), "--log-level", "warning"]
    environment = os.environ | {"METER_EMU_HOME": str(folder)}
    with (folder / "gateway.log").open("ab") as log:
        processes = [
            subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=log, text=True) for _ in range(count)
        ]
    try:
        ready = [process.stdout.readline() if process.stdout else "" for process in processes]
        assert all(ready), (folder / "gateway.log").read_text()
        yield [text.removeprefix("listening on ").strip() for text in ready]
    finally:
        for process in processes:
            process.terminate()
            process.communicate()
