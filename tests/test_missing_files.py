"""A file or folder that a user names and that is not there, or cannot be read, is a failure of both command lines: exit code 1,
one line that names it, nothing on stdout."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from meter_emu.shell.console import PATH, open_input

PROGRAMS = Path(sys.executable).parent
METER = "12345678911"
TOKEN = "20463697703669088711"
DAY = ("--date", "2026-11-23", "--early")
REPORT = [f"--{name}=x" for name in ("applicant", "business", "product", "city", "province", "agent")]
WITH_A_FILE = [
    ("meter-emu", "install", METER, "--key-file"),
    ("meter-emu", "install", METER, "--tables"),
    ("meter-emu", "sts", "key", METER, "--key-file"),
    ("meter-emu", "sts", "decode", TOKEN, "--tables"),
    ("meter-emu", "sts", "batch"),
    ("meter-emu", "sts", "batch", "--tables"),
    ("pln-sim", "buy", METER, "20000", "--enter"),
    ("pln-sim", "day", "--ledgers"),
    ("pln-sim", "desk", "diagnose", METER, "--db"),
    ("pln-sim", "desk", "diagnose", METER, "--key-file"),
    ("pln-sim", "desk", "diagnose", METER, "--meter-home"),
    ("pln-sim", "desk", "diagnose", METER, "--tables"),
    ("pln-sim", "desk", "file", *REPORT, "--telephone=0812345678", "--email=a@contoh.id", "--channel=social-media", "--photo"),
    ("pln-sim", "faults", "--control"),
    ("pln-sim", "gateway", "--listen=127.0.0.1:0", "--config"),
    ("pln-sim", "gateway", "--listen=127.0.0.1:0", "--key-file"),
    ("pln-sim", "gateway", "--listen=127.0.0.1:0", "--tariffs"),
    ("pln-sim", "message", "build"),
    ("pln-sim", "message", "explain"),
    ("pln-sim", "recon", "audit"),
    ("pln-sim", "recon", "audit", "a.txt", "--db"),
    ("pln-sim", "recon", "gateway", *DAY, "--db"),
    ("pln-sim", "recon", "gateway", *DAY, "--holidays"),
    ("pln-sim", "reseller", "serve", "--listen=127.0.0.1:0", "--prices"),
    ("pln-sim", "sales", "--db"),
    ("pln-sim", "token", "credit", METER, "--kwh=1", "--key-file"),
    ("pln-sim", "token", "credit", METER, "--kwh=1", "--tables"),
    ("pln-sim", "uat", "--plan"),
    ("pln-sim", "upgrade", METER, "--va=900", "--rules"),
    ("pln-sim", "vend", METER, "20000", "--customers"),
    ("pln-sim", "vend", METER, "20000", "--tariffs"),
]


def complaint_of(folder, program, *arguments):
    """The one line that a command complains with, and its exit code."""
    environment = os.environ | {"METER_EMU_HOME": str(folder / "home")}
    command = [PROGRAMS / program, *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60)
    assert done.stdout == ""
    lines = [line for line in done.stderr.splitlines() if not line.startswith("note: ")]
    assert len(lines) == 1, done.stderr
    return lines[0], done.returncode


@pytest.mark.parametrize("command", WITH_A_FILE, ids=" ".join)
def test_a_file_that_is_not_there(tmp_path, command):
    line, exit_code = complaint_of(tmp_path, *command, "nowhere")
    assert line.startswith(f"{command[0]}: ")
    assert "nowhere" in line
    assert exit_code == 1
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("command", [command for command in WITH_A_FILE if command[1] != "faults"], ids=" ".join)
def test_a_folder_in_the_place_of_a_file(tmp_path, command):
    (tmp_path / "somewhere").mkdir()
    line, exit_code = complaint_of(tmp_path, *command, "somewhere")
    assert "somewhere" in line
    assert exit_code == 1


@pytest.mark.parametrize("command", [("meter-emu", "status"), ("pln-sim", "desk", "list"), ("pln-sim", "sales")], ids=" ".join)
def test_a_home_that_is_a_file(tmp_path, command):
    (tmp_path / "something").touch()
    line, exit_code = complaint_of(tmp_path, *command, "--home", "something")
    assert "the home something" in line
    assert exit_code == 1


def test_a_file_that_may_not_be_read(tmp_path, in_a_child):
    file = tmp_path / "secret"
    file.touch(mode=0o000)

    def read():
        path = PATH.convert(str(file), None, None)  # It is no wrong usage to name it.
        with open_input(path) as opened:
            return opened.read().decode()

    assert in_a_child(read).startswith("PermissionError: ")


@pytest.mark.parametrize(
    "command",
    [("meter-emu", "sts", "batch"), ("pln-sim", "message", "explain", "-"), ("pln-sim", "message", "build", "-")],
    ids=" ".join,
)
def test_standard_input_that_is_closed(command):
    shell = ["sh", "-c", '"$0" "$@" <&-', PROGRAMS / command[0], *command[1:]]
    done = subprocess.run(shell, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"{command[0]}: standard input is closed: name a file\n"
