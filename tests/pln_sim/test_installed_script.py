"""The installed script as a whole process: pipes, exit codes, help, the home, and what start-up imports."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

METER = "12345678911"
SCRIPT = Path(sys.executable).with_name("pln-sim")
CREDIT = ("token", "credit", METER, "--kwh", "32.5", "--at", "2026-11-22T08:30")


@pytest.fixture
def script(tmp_path):
    def run(*arguments, command=(SCRIPT,), home=tmp_path / "home"):
        environment = os.environ | {"METER_EMU_HOME": str(home)}
        return subprocess.run([*command, *arguments], capture_output=True, text=True, env=environment, cwd=tmp_path)

    return run


def test_a_token_in_a_pipe_is_plain(script, tmp_path):
    result = script(*CREDIT)
    assert result.returncode == 0
    assert result.stdout.isascii()
    assert "\x1b" not in result.stdout + result.stderr
    assert result.stdout.splitlines()[0].replace(" ", "").isdigit()
    assert result.stderr.startswith("note: test keys")
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["vending.db"]


def test_as_a_module(script):
    result = script(*CREDIT, "--json", command=(sys.executable, "-m", "pln_sim"))
    assert json.loads(result.stdout)["kwh"] == "32.5"


@pytest.mark.parametrize("place", ["group", "command", "both"])
def test_the_home_may_be_said_in_two_places(script, tmp_path, place):
    other = tmp_path / "other"
    in_front = [] if place == "command" else ["--home", other if place == "group" else tmp_path / "unused"]
    behind = [] if place == "group" else ["--home", other]
    assert script(*in_front, *CREDIT, *behind).returncode == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other"]


@pytest.mark.parametrize(
    ("arguments", "exit_code", "words"),
    [
        (("token", "credit", "1234567891", "--kwh", "1"), 2, "must be 11"),
        (("token", "credit", METER, "--kwh", "0"), 2, "0.1 to 1820162.4"),
        (("token", "credit", METER, "--kwh", "1", "--key-file", "none.toml"), 1, "none.toml"),
        (("token", "credit", METER, "--kwh", "1", "--home", "/dev/null/home"), 1, "/dev/null/home"),
        (("vendor",), 2, "vendor"),
    ],
)
def test_an_error_is_one_line(script, arguments, exit_code, words):
    result = script(*arguments)
    assert (result.returncode, result.stdout) == (exit_code, "")
    assert words in result.stderr
    assert [line[:7] for line in result.stderr.splitlines() if not line.startswith("note: ")] == ["pln-sim"]


def test_a_reader_that_goes_away_is_no_drama(script, tmp_path):
    command = f"'{SCRIPT}' {' '.join(CREDIT)} --count 2000 --json | head -1"
    result = script(command=("/bin/sh", "-c", command))
    assert result.stdout.count("\n") == 1
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("arguments", [(), ("token",)])
def test_help(script, arguments):
    result = script(*arguments, "--help")
    assert (result.returncode, result.stderr) == (0, "")
    assert "token" in result.stdout


def test_the_version(script):
    from meter_emu import __version__

    assert script("--version").stdout == f"pln-sim {__version__}\n"


def test_start_up_imports_nothing_heavy(script):
    probe = (
        "import sys; sys.argv = ['pln-sim', 'token', 'credit', '--help']\n"
        "from pln_sim.cli.main import main\n"
        "heavy = {'sqlite3', 'rich', 'Crypto', 'tomllib', 'meter_emu.sts.ciphers'}\n"
        "try: main()\n"
        "finally: print('heavy:', sorted(heavy & sys.modules.keys()))"
    )
    result = script("-c", probe, command=(sys.executable,))
    assert result.stdout.splitlines()[-1] == "heavy: []"
