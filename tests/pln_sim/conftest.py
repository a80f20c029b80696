"""Running `pln-sim` for real: its own main(), with its exit codes and its one line for an error, on a home of its own."""

import json
import sys
from pathlib import Path
from typing import Any

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
