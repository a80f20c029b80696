"""Running the commands: in this process for speed, as the installed script where the process itself is the point."""

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest


class Answer(NamedTuple):
    """What a command said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        """Its one JSON object."""
        return json.loads(self.out)


class WorkedExamples:
    """Examples C and D of the published vectors: a token, its key by options, and the tokens of a change to another key."""

    KEY = ("--pan", "600727000000000009", "--base-date", "1993")
    DECODER_KEY = "f94b6ed353c3bfdb113e2d3a7ea3c41d"
    TOKEN = "59386323472137426967"
    KEY_CHANGE = ["34812744915211133004", "46903925208523674737", "71464563847088610152", "67904239402617643990"]
    NEW_KEY_PARTS = ["b2088343", "593090d4", "72ef892e", "f6e04c28"]


@pytest.fixture(scope="session")
def script() -> Path:
    """The installed meter-emu of this environment."""
    return Path(sys.executable).with_name("meter-emu")


@pytest.fixture
def meter_emu(monkeypatch, capsys) -> Callable[..., Answer]:
    """``meter_emu("enter", token)``: the command line in this process, errors and exit codes as a user gets them."""
    from meter_emu.cli.group import meter_emu as group
    from meter_emu.shell.console import run

    def call(*arguments: str) -> Answer:
        monkeypatch.setattr(sys, "argv", ["meter-emu", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            run(group, "meter-emu")
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return Answer(int(ended.value.code or 0), out, err)

    return call


@pytest.fixture
def process(script) -> Callable[..., Answer]:
    """The same as a process of its own."""

    def call(*arguments: str, stdin: str = "") -> Answer:
        done = subprocess.run([script, *arguments], input=stdin, capture_output=True, text=True, timeout=60)
        assert "Traceback" not in done.stdout + done.stderr
        return Answer(done.returncode, done.stdout, done.stderr)

    return call


@pytest.fixture
def sts(monkeypatch, capsys) -> Callable[..., tuple[int, str, str]]:
    """``sts("decode", token, stdin=)``: ``meter-emu sts`` in this process: exit code, standard output, standard error."""
    from meter_emu.cli.sts import sts as group
    from meter_emu.shell import console

    monkeypatch.delenv("METER_EMU_VENDING_KEY", raising=False)

    def call(*arguments: str, stdin: bytes = b"") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["meter-emu", *arguments])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as ended:
            console.run(group, "meter-emu sts")
        return ended.value.code, *capsys.readouterr()

    return call


@pytest.fixture(scope="session")
def worked() -> type[WorkedExamples]:
    return WorkedExamples


@pytest.fixture(scope="session")
def error_lines() -> Callable[[str], list[str]]:
    """The lines of standard error that are no notes: an error is one."""
    return lambda text: [line for line in text.splitlines() if not line.startswith("note:")]
