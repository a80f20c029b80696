"""Running `pln-sim` for real: its own main(), with its exit codes and its one line for an error, on a home of its own."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click
import pytest
from click.testing import CliRunner, Result

from pln_sim.cli.main import main


class WholeProgram(click.Command):
    """What CliRunner is given in place of the click group, so that main() and not click alone ends the process."""

    def main(self, args: Any = None, prog_name: str | None = None, **_: Any) -> Any:
        kept, sys.argv = sys.argv, ["pln-sim", *args]
        try:
            main()
        finally:
            sys.argv = kept


class PlnSim:
    """`pln-sim` with a home; call it with its arguments."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def __call__(self, *arguments: object) -> Result:
        return CliRunner().invoke(WholeProgram("pln-sim"), [str(argument) for argument in arguments])

    def tokens(self, *arguments: object) -> list[dict[str, Any]]:
        """The JSON objects that `pln-sim token ... --json` prints."""
        result = self("token", *arguments, "--json")
        assert result.exit_code == 0, result.output
        return [json.loads(line) for line in result.stdout.splitlines()]

    def complaint(self, *arguments: object, exit_code: int = 2) -> str:
        """The one line it complains with; notes and warnings beside it are fine, anything on stdout is not."""
        result = self(*arguments)
        assert (result.exit_code, result.stdout) == (exit_code, ""), result.output
        lines = [line for line in result.stderr.splitlines() if not line.startswith(("note: ", "warning: "))]
        assert len(lines) == 1, result.stderr
        assert lines[0].startswith("pln-sim"), lines
        return lines[0]


@pytest.fixture(scope="session")
def program():
    """PlnSim itself, for tests that bring a home for each example."""
    return PlnSim


@pytest.fixture
def pln_sim(tmp_path, monkeypatch):
    """`pln-sim` with METER_EMU_HOME set to a folder that does not exist yet."""
    home = tmp_path / "home"
    monkeypatch.setenv("METER_EMU_HOME", str(home))
    return PlnSim(home)


@pytest.fixture
def key_file(tmp_path):
    """Writes a key file that nobody else can read and tells its path."""

    def write(content: str, mode: int = 0o600) -> Path:
        path = tmp_path / "keys.toml"
        path.write_text(content)
        path.chmod(mode)
        return path

    return write


class PostgresServer:
    """A PostgreSQL server of the tests' own, on a Unix socket in a folder of its own."""

    PASSWORD = "p@ss/w%rd"
    NOBODY = 65534

    def __init__(self, programs: Path, folder: Path) -> None:
        self.folder = folder
        self._programs = programs
        (folder / "password").write_text(self.PASSWORD)
        if os.geteuid() == 0:  # as whom the server does not run
            for path in (folder, folder / "password"):
                os.chown(path, self.NOBODY, self.NOBODY)
        how = ("--username=pln", "--auth=scram-sha-256", f"--pwfile={folder / 'password'}", "--encoding=UTF8", "--locale=C")
        self._run("initdb", *how, "--no-sync", "--no-instructions")

    @property
    def url(self) -> str:
        return f"postgresql://pln:{quote(self.PASSWORD, safe='')}@/postgres?host={self.folder}"

    def start(self) -> None:
        options = f"-c listen_addresses='' -c unix_socket_directories={self.folder} -c fsync=off -c max_connections=50"
        self._run("pg_ctl", "start", "--wait", f"--log={self.folder / 'log'}", f"--options={options}")

    def stop(self) -> None:
        self._run("pg_ctl", "stop", "--wait", "--mode=immediate")

    def execute(self, statement: str) -> list[Any]:
        """What a statement yields, put by another program."""
        import psycopg

        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def _run(self, program: str, *arguments: str) -> None:
        identity = {"user": self.NOBODY, "group": self.NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
        command = [str(self._programs / program), f"--pgdata={self.folder / 'data'}", *arguments]
        # Not a pipe: the server inherits it and would keep it open.
        with (self.folder / f"{program}.out").open("wb") as output:
            done = subprocess.run(command, cwd=self.folder, stdout=output, stderr=output, check=False, **identity)
        assert done.returncode == 0, (self.folder / f"{program}.out").read_text()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A running server. Without the program tests are skipped, on CI they fail."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    initdb = found[-1] if found else shutil.which("initdb")
    if initdb is None:
        missing = "there is no PostgreSQL server here: no initdb in /usr/lib/postgresql/*/bin or PATH"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(missing)
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:
        server = PostgresServer(Path(initdb).parent, Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.stop()


@pytest.fixture
def postgres(postgres_server: PostgresServer) -> PostgresServer:
    """The server, without a vending database."""
    postgres_server.execute("DROP SCHEMA IF EXISTS pln_sim CASCADE")
    return postgres_server
