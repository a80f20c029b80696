"""``read`` and ``send`` at a meter that is served."""

import re
import threading
from pathlib import Path

import pytest

from firmware_proto.links.tcp import TcpLink
from meter_emu.shell.console import DONE, REFUSED, WRONG_USAGE
from meter_emu.testing.server_thread import ServerThread

NOW = 1_795_336_200


@pytest.fixture
def port(meter_emu, home):
    """Meter 12345678911 at a TCP port."""
    meter_emu("install", "12345678911", "--at", "2026-11-22T08:30", "--service-password", "kilowatt")
    with ServerThread(home / "meters.db", TcpLink("127.0.0.1", 0), lambda: NOW) as server:
        yield f"socket://{server.name}"


def test_the_readout_needs_no_password(meter_emu, port, monkeypatch):
    monkeypatch.setenv("METER_EMU_PASSWORD", "wrong")
    answer = meter_emu("read", "--port", port)
    assert answer.code == DONE
    assert [line.split()[0] for line in answer.out.splitlines()[:2]] == ["0-0:97.97.0", "0-0:96.1.0"]
    assert "0.0000 kWh" in answer.out


def test_registers_are_named(meter_emu, port):
    answer = meter_emu("read", "--port", port, "1.8.0")
    assert answer.out.split(maxsplit=3) == ["1.8.0", "0.0000", "kWh", "active energy\n"]
    value = {"name": "active energy", "value": "0.0000", "unit": "kWh"}
    assert meter_emu("read", "--port", port, "1.8.0", "--json").json == {
        "register": "1.8.0",
        "name": "active energy",
        "values": [value],
    }


def test_a_log_by_its_range(meter_emu, port):
    answer = meter_emu("read", "--port", port, "0-0:99.98.0(261122000000;261122235959)", "--json")
    assert [value["value"] for value in answer.json["values"][:2]] == ["261122083000", "installed"]
    assert {"name": "sgc", "value": "123457", "unit": None} in answer.json["values"]
    nothing = meter_emu("read", "--port", port, "0-0:99.98.0(261123000000;)")
    assert (nothing.code, "the range holds no entries" in nothing.err) == (REFUSED, True)


def test_a_token_and_the_same_again(meter_emu, port, credit_token):
    token = credit_token(5, amount=325)
    first, second = meter_emu("send", token, "--port", port), meter_emu("send", token, "--port", port)
    assert (first.code, first.out.split("\n")[0], "32.50 kWh" in first.out) == (DONE, "BENAR", True)
    assert (second.code, second.out.split("\n")[0], "used already" in second.out) == (REFUSED, "USED", True)


@pytest.mark.parametrize("amount", [0, 10])
def test_it_says_what_enter_says(meter_emu, port, credit_token, amount):
    """The same keys, values and words, but for the credit of another token."""
    tokens = (credit_token(7, amount=10), credit_token(8, amount=10)) if amount else ("1" * 20, "2" * 20)
    entered = meter_emu("enter", tokens[0], "--json", "--at", "2026-11-22T08:30")
    sent = meter_emu("send", tokens[1], "--port", port, "--json")
    assert sent.code == entered.code
    assert {**sent.json, "lcd": sent.json["lcd"][:2], "credit_kwh": ""} == {
        **entered.json,
        "lcd": entered.json["lcd"][:2],
        "credit_kwh": "",
    }


def test_a_lockout_holds_here_too(meter_emu, port, credit_token):
    for _ in range(3):
        assert meter_emu("send", "1" * 20, "--port", port).code == REFUSED
    locked = meter_emu("send", credit_token(9), "--port", port)
    assert (locked.code, locked.out.split("\n")[0]) == (REFUSED, "TUNGGU 10 s")


def test_the_service_password_comes_from_a_file(meter_emu, port, tmp_path):
    secret = tmp_path / "password"
    secret.write_text("kilowatt\n")
    secret.chmod(0o600)
    read = ("read", "--port", port, "0-0:96.60.0", "--service")
    assert meter_emu(*read, "--password-file", str(secret)).code == DONE
    wrong = meter_emu(*read)
    assert (wrong.code, wrong.err) == (REFUSED, "meter-emu: the meter answers ERR08: the password is wrong\n")
    secret.chmod(0o644)
    assert "can be read by others" in meter_emu(*read, "--password-file", str(secret)).err


def test_a_password_is_never_an_argument(meter_emu, port):
    assert meter_emu("read", "--port", port, "--password", "kilowatt").code == WRONG_USAGE


def test_a_meter_without_power_takes_no_token(meter_emu, port, credit_token):
    meter_emu("power", "off")
    answer = meter_emu("send", credit_token(3), "--port", port)
    assert (answer.code, "ERR07" in answer.err) == (REFUSED, True)


def test_watching_goes_on_until_it_is_told_to_stop(script, port):
    import subprocess

    command = [script, "read", "--port", port, "1.8.0", "--watch", "0.1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as watch:
        lines = [watch.stdout.readline() for _ in range(3)]
        watch.send_signal(2)
        _, words = watch.communicate(timeout=60)
    assert lines == [lines[0]] * 3
    assert (watch.returncode, words) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--port", "/dev/nothing-here"], REFUSED, "cannot be opened: No such file or directory"),
        (["--port", "socket://127.0.0.1:1"], REFUSED, "cannot be opened: Connection refused"),
        (["--port", "nonsense://x"], REFUSED, "cannot be opened"),
        (["--port", "socket://"], WRONG_USAGE, "is not written like socket://127.0.0.1:4059"),
        (["--port", "socket://127.0.0.1:abc"], WRONG_USAGE, "is not written like"),
        (["--port", "rfc2217://host"], WRONG_USAGE, "is not written like"),
        (["--port", "127.0.0.1:4059"], WRONG_USAGE, "an address over TCP is written socket://127.0.0.1:4059"),
        (["--port", "/etc/passwd"], REFUSED, "it is no serial port"),
        (["--port", ""], WRONG_USAGE, "no port"),
        (["--port", "x", ""], WRONG_USAGE, "names no register"),
        (["--port", "x", "--address", "/!"], WRONG_USAGE, "device address"),
        (["--port", "x", "--timeout", "nan"], WRONG_USAGE, "range"),
        (["--port", "x", "--watch", "nan"], WRONG_USAGE, "range"),
        (["--port", "x", "--password-file", "/nothing-here", "1.8.0"], REFUSED, "password file"),
        ([], WRONG_USAGE, "--port"),
        (["--port", "x", "1.8.0(("], WRONG_USAGE, "address"),
        (["--port", "x", "1.8.0)"], WRONG_USAGE, "is not a data set"),
    ],
)
def test_what_cannot_be_is_one_line(meter_emu, arguments, code, words):
    answer = meter_emu("read", *arguments)
    assert (answer.code, answer.out) == (code, "")
    assert len(answer.err.splitlines()) == 1
    assert words in answer.err


def test_other_refusals(meter_emu, port):
    assert "the meter has no such register" in meter_emu("read", "--port", port, "9.9.9").err
    assert "offers 9600 baud" in meter_emu("read", "--port", port, "--baud", "4800").err


def test_the_registers_are_listed_without_a_meter(meter_emu):
    from firmware_proto.registers.table import GROUPS

    answer = meter_emu("read", "--list")
    lines = [line.split(maxsplit=3) for line in answer.out.splitlines()[1:]]
    assert answer.code == DONE
    assert [line[0] for line in lines] == [register.address for group in GROUPS.values() for register in group]
    assert ["1-0:1.8.0", "public", "-", "active energy (kWh)"] in lines
    assert ["0-0:1.0.0", "public", "service", "clock"] in lines
    assert "docs/" not in meter_emu("read", "--help").out


def test_who_did_not_answer_is_named(meter_emu, port):
    answer = meter_emu("read", "--port", port, "--address", "07022752971", "--timeout", "0.1")
    assert (answer.code, answer.err.startswith("meter-emu: meter 07022752971 did not answer")) == (REFUSED, True)


def test_what_was_read_before_a_refusal_is_shown(meter_emu, port):
    answer = meter_emu("read", "--port", port, "0-0:96.1.0", "9.9.9")
    assert (answer.code, answer.out.split()[1]) == (REFUSED, "12345678911")


def test_a_port_at_which_nobody_speaks(meter_emu):
    import socket

    with socket.create_server(("127.0.0.1", 0)) as deaf:
        accepting = threading.Thread(target=lambda: deaf.accept()[0].close())
        accepting.start()
        answer = meter_emu("send", "1" * 20, "--port", f"socket://127.0.0.1:{deaf.getsockname()[1]}", "--patience", "0")
        accepting.join()
    assert (answer.code, "is lost" in answer.err) == (REFUSED, True)


def test_the_session_on_the_page_is_real(meter_emu, port):
    """Every `read` and `send` in docs/hil.md, at a meter that is new on the day of the page."""
    page = (Path(__file__).parents[2] / "docs" / "hil.md").read_text()
    block = next(
        block for block in re.findall(r"^```text\n(.*?)^```$", page, re.MULTILINE | re.DOTALL) if "meter-emu read" in block
    )
    asked = re.split(r"^\$ meter-emu ", block, flags=re.MULTILINE)[1:]
    for command, _, answer in (part.partition("\n") for part in asked):
        said = meter_emu(*command.replace("/tmp/meter", port).split())
        assert said.out + said.err == answer, command
    assert len(asked) == 5
