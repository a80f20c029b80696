"""A token typed in any way a person or a script types it."""

import pytest

from meter_emu.cli.token_words import token_digits
from meter_emu.sts.errors import FormatError

TOKEN = "62203132897824904817"


@pytest.mark.parametrize(
    "words",
    [(TOKEN,), ("6220", "3132", "8978", "2490", "4817"), ("6220-3132-8978-2490-4817",), (" 6220 3132 8978 2490 4817\n",)],
)
def test_spaces_and_dashes_fall_away(words):
    assert token_digits(words) == TOKEN


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "no token given"),
        ((" -",), "no token given"),
        ((TOKEN, TOKEN), "these are 2 tokens"),
        (("1" * 2000,), "far too long"),
    ],
)
def test_what_is_no_token(words, said):
    with pytest.raises(FormatError, match=said):
        token_digits(words)


def test_two_tokens_never_reach_the_meter(meter_emu, credit_token):
    answer = meter_emu("enter", credit_token(1000), credit_token(1001))
    assert answer.code == 2
    assert "one at a time" in answer.err
    assert meter_emu("status", "--json").json["last_result_code"] == 0


def test_bytes_that_are_no_text(script):
    import subprocess

    done = subprocess.run([script, "enter", "-"], input=b"\xff\xfe\n", capture_output=True)
    assert done.returncode == 2
    assert len(done.stderr.decode().splitlines()) == 1


def test_closed_standard_output_loses_nothing(script, process, credit_token):
    import subprocess

    token = credit_token(1000)
    done = subprocess.run(["sh", "-c", f"{script} enter {token} >&-"], capture_output=True, text=True)
    assert done.returncode == 1
    assert "nothing was done" in done.stderr
    assert process("enter", token).code == 0


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_standard_output_is_told(script, credit_token, unbuffered):
    import subprocess

    command = f"PYTHONUNBUFFERED={unbuffered} {script} enter {credit_token(1000)} >/dev/full"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True)
    assert done.returncode == 1
    assert "may have been carried out" in done.stderr
    assert "Exception" not in done.stderr
