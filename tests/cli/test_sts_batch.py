"""``meter-emu sts batch`` in processes of its own: rows in, answers out, whatever comes; and how little a start loads."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

VECTORS = Path(__file__).parents[1] / "vectors" / "sts.json"
ROWS = json.loads(VECTORS.read_text())["rows"]
RUN = "from meter_emu.cli.sts import sts; from meter_emu.shell.console import run; run(sts, 'meter-emu sts')"
GOOD = b'{"id": 1, "op": "decode", "token": "00000000000150997584"}\n'


def batch(*arguments, stdin=None, **options):
    command = [sys.executable, "-c", RUN, "batch", *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, timeout=60, check=False, **options)


def test_batch_answers_every_published_row_in_order():
    done = batch(stdin="".join(json.dumps(row) + "\n" for row in ROWS).encode())
    assert (done.returncode, done.stderr) == (0, b"")
    for row, line in zip(ROWS, done.stdout.splitlines(), strict=True):
        got = json.loads(line)
        assert got["id"] == row["id"]
        assert got.get("token") == row.get("expected_token")
        assert got.get("error", {}).get("code") == row.get("expected_error")


def test_batch_lives_through_garbage_and_says_which_line(tmp_path):
    huge = b"x" * 3_000_000 + b"\n"
    file = tmp_path / "rows"
    file.write_bytes(GOOD + b"\n\r\n" + b"nonsense\n" + b"\xff\n" + b"[" * 60_000 + b"\n" + huge + b"\x00\n" + GOOD.rstrip())
    done = batch(str(file))
    assert (done.returncode, done.stderr) == (0, b"")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert ["decoded" in got for got in answers] == [True, False, False, False, False, False, True]
    lines = [got["error"]["message"].split()[1] for got in answers[1:-1]]
    assert lines == ["4", "5", "6", "7", "8"]


def test_batch_answers_a_row_before_the_next_one_is_written():
    command = [sys.executable, "-c", RUN, "batch", "-"]
    # With PYTHONUNBUFFERED an answer would come even if the command forgot to flush.
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=buffered) as process:
        # A command that keeps its answers back would wait for ever, and so would this test.
        end = threading.Timer(30, process.kill)
        end.start()
        for number in range(3):
            process.stdin.write(b'{"id": %d, "op": "decode", "token": "00000000000150997584"}\n' % number)
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["id"] == number
        process.stdin.close()
        assert process.stdout.read() == b""
        assert process.wait(30) == 0
        end.cancel()


def test_batch_without_a_reader_ends_quietly(tmp_path):
    file = tmp_path / "rows"
    file.write_bytes(GOOD * 5000)
    with subprocess.Popen(
        [sys.executable, "-c", RUN, "batch", str(file)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(30) == 1


def test_batch_shows_keys_on_request_only():
    row = next(row for row in ROWS if row.get("ea") == "11")
    stdin = json.dumps(row).encode()
    assert "decoder_key_hex" not in json.loads(batch(stdin=stdin).stdout)
    assert json.loads(batch("--show-keys", stdin=stdin).stdout)["decoder_key_hex"] == "f94b6ed353c3bfdb113e2d3a7ea3c41d"


def test_batch_of_a_file_that_is_not_there():
    done = batch("/nowhere/rows")
    assert (done.returncode, done.stdout) == (1, b"")
    assert len(done.stderr.splitlines()) == 1


def test_nothing_heavy_is_loaded_before_it_is_needed():
    heavy = "('rich', 'Crypto', 'tomllib', 'meter_emu.sts.tokens', 'meter_emu.sts.keys', 'meter_emu.meter')"
    source = f"import sys; from meter_emu.cli.sts import sts; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "[]\n"


def test_rich_is_not_loaded_in_a_pipe():
    source = f"import atexit, sys; atexit.register(lambda: print('rich' in sys.modules)); {RUN}"
    command = [sys.executable, "-c", source, "explain", "56493153725450313471"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True, env=os.environ | {"TERM": "xterm"})
    assert done.stdout.splitlines()[-1] == "False"
    assert "\x1b" not in done.stdout
