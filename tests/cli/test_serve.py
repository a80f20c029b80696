"""``serve`` as a process: when it is ready, what it refuses, how it ends, and who else may act on the meter meanwhile."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def serving(script, *arguments, links=1) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """A ``serve`` that is ready, and the names of its links."""
    command = [script, "serve", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            lines = [process.stdout.readline() for _ in range(links)]
            assert all(line.startswith("listening on ") for line in lines), process.communicate(timeout=60)
            yield process, [line.removeprefix("listening on ").strip() for line in lines]
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_and_takes_the_link_away(script, process, tmp_path, number):
    link = tmp_path / "meter"
    process("install", "12345678911")
    with serving(script, "--pty", str(link), "--tcp", "127.0.0.1:0", links=2) as (serve, names):
        assert names[0] == str(link)
        assert link.is_symlink()
        serve.send_signal(number)
        _, words = serve.communicate(timeout=60)
    assert (serve.returncode, words, link.is_symlink()) == (0, "", False)


def test_several_links_and_meters(script, process):
    for drn in ("12345678911", "04176855916", "07022752971"):
        process("install", drn)
    chosen = ("--meter", "04176855916", "--meter", "12345678911")
    with serving(script, "--pty", "--pty", "--tcp", "127.0.0.1:0", *chosen, links=3) as (_, names):
        assert names[0].startswith("/dev/pts/")
        port = f"socket://{names[2]}"
        for drn in ("04176855916", "12345678911"):
            answer = process("read", "--port", port, "--address", drn, "0-0:96.1.0", "--json")
            assert answer.json["values"][0]["value"] == drn
        nobody = process("read", "--port", port, "--address", "07022752971", "--timeout", "0.1", "--initial-baud", "19200")
        assert (nobody.code, "did not answer" in nobody.err, "--address" in nobody.err) == (1, True, False)
        for command in (("read",), ("send", "1" * 20, "--patience", "0")):
            which = process(*command, "--port", port, "--timeout", "0.1", "--initial-baud", "19200")
            assert (which.code, "several meters are served, name one with --address" in which.err) == (1, True)


@pytest.mark.parametrize("mode", ["A", "B"])
def test_the_older_modes_give_their_readout_and_no_more(script, process, mode):
    process("install", "12345678911")
    with serving(script, "--pty", "--tcp", "127.0.0.1:0", "--mode", mode, links=2) as (_, (pty, tcp)):
        for port in (pty, f"socket://{tcp}"):
            assert "12345678911" in process("read", "--port", port).out
        refused = process("read", "--port", f"socket://{tcp}", "1.8.0")
        assert (refused.code, f"mode {mode}" in refused.err) == (1, True)


def test_commands_and_the_wire_act_on_one_meter(script, process, credit_token):
    process("install", "12345678911")
    with serving(script, "--tcp", "127.0.0.1:0") as (_, names):
        port = f"socket://{names[0]}"
        assert process("enter", credit_token(1, amount=100)).code == 0
        assert process("load", "600").code == 0
        assert process("read", "--port", port, "1.7.0", "--json").json["values"][0]["value"] == "0.600"
        sent = process("send", credit_token(2, amount=20), "--port", port, "--json")
        assert (sent.code, sent.json["lcd"][1]) == (0, "2.00 kWh")
        assert process("status", "--json").json["credit_tokens"] == 2


def test_run_shows_what_the_wire_does(script, process, credit_token):
    process("install", "12345678911")
    with (
        serving(script, "--tcp", "127.0.0.1:0") as (_, names),
        subprocess.Popen([script, "run"], stdout=subprocess.PIPE, text=True) as run,
    ):
        assert "0.00 kWh" in run.stdout.readline()
        assert process("send", credit_token(1, amount=100), "--port", f"socket://{names[0]}").code == 0
        while "BENAR" not in (line := run.stdout.readline()):
            assert line
        run.terminate()


def test_the_meters_time_can_run_faster(script, process, credit_token):
    process("install", "12345678911")
    process("enter", credit_token(1, amount=100_000))
    process("load", "1000000")
    with serving(script, "--tcp", "127.0.0.1:0", "--speed", "86400") as (_, names):
        values = []
        while len(set(values)) < 2:
            answer = process("read", "--port", f"socket://{names[0]}", "1.8.0", "--json")
            values.append(float(answer.json["values"][0]["value"]))
        assert values[-1] > values[0]


def consumed(process, port):
    return float(process("read", "--port", port, "1.8.0", "--json").json["values"][0]["value"])


@pytest.fixture
def burning(process, credit_token):
    """A meter with much credit and a load."""
    process("install", "12345678911")
    process("enter", credit_token(1, amount=100_000))
    process("load", "1000")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_time_that_ran_faster_is_kept(script, process, burning, number):
    with serving(script, "--tcp", "127.0.0.1:0", "--speed", "3600") as (serve, names):
        while not (told := consumed(process, f"socket://{names[0]}")):
            pass
        serve.send_signal(number)
        serve.communicate(timeout=60)
    with serving(script, "--tcp", "127.0.0.1:0") as (_, names):
        assert consumed(process, f"socket://{names[0]}") >= told


def test_other_commands_see_what_the_wire_told_and_a_kill_does_not_undo_it(script, process, burning):
    with serving(script, "--tcp", "127.0.0.1:0", "--speed", "3600") as (serve, names):
        while not (told := consumed(process, f"socket://{names[0]}")):
            pass
        looks = (float(process("status", "--json").json["consumed_kwh"]) for _ in range(100))
        assert any(seen >= told for seen in looks)
        serve.kill()
        serve.wait()
    with serving(script, "--tcp", "127.0.0.1:0") as (_, names):
        assert consumed(process, f"socket://{names[0]}") >= told


def test_a_file_in_the_way_stays_as_it_is(process, tmp_path):
    (tmp_path / "precious").write_text("mine")
    process("install", "12345678911")
    answer = process("serve", "--pty", str(tmp_path / "precious"))
    assert (answer.code, answer.out) == (1, "")
    assert answer.err.splitlines()[-1].startswith(f"meter-emu: {tmp_path / 'precious'} is there already")
    assert (tmp_path / "precious").read_text() == "mine"


def test_a_link_left_behind_by_a_killed_one_is_taken_over(script, process, tmp_path):
    link = tmp_path / "meter"
    process("install", "12345678911")
    with serving(script, "--pty", str(link)) as (serve, _):
        serve.kill()
        serve.wait()
    with serving(script, "--pty", str(link)):
        assert link.exists()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ([], 2, "say where"),
        (["--tcp", "0.0.0.0:0"], 2, "--allow-remote"),
        (["--tcp", "meter.example:4059"], 2, "--allow-remote"),
        (["--tcp", "4059"], 2, "is not written like"),
        (["--tcp", "127.0.0.1:0", "--meter", "04176855916"], 1, "is not installed"),
        (["--serial", "/dev/nothing-here"], 1, "cannot be used: No such file or directory"),
        (["--serial", "/dev/null"], 1, "cannot be used"),
        (["--pty", "/nowhere/meter"], 1, "cannot be made"),
        (["--tcp", "127.0.0.1:0", "--baud", "1234"], 2, "1234"),
        (["--pty", "--mode", "A", "--baud", "9600"], 2, "mode A has no 9600 baud"),
        (["--pty", "--mode", "B", "--baud", "300"], 2, "mode B has no 300 baud"),
        (["--pty", ""], 2, "say where"),
        (["--serial", "/etc/passwd"], 1, "it is no serial port"),
        (["--tcp", "127.0.0.1:0", "--reaction-time", "nan"], 2, "range"),
        (["--tcp", "127.0.0.1:0", "--reaction-time", "9"], 2, "range"),
        (["--tcp", "[::1]:99999"], 2, "out of range, 0 to 65535"),
        (["--tcp", "127.0.0.1:70000"], 2, "out of range, 0 to 65535"),
        (["--tcp", "192.0.2.7:1", "--allow-remote"], 1, "cannot be listened on"),
    ],
)
def test_what_cannot_be_is_one_line(meter_emu, arguments, code, words):
    answer = meter_emu("serve", *arguments)
    assert (answer.code, answer.out) == (code, "")
    last = [line for line in answer.err.splitlines() if not line.startswith("note: ")]
    assert len(last) == 1
    assert words in last[0]
