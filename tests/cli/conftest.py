"""Running the commands: in this process for speed, as the installed script where the process itself is the point."""

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
