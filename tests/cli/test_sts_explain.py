"""``meter-emu sts explain``: a token step by step, what it hides, and what it says of a token that is wrong."""

import json
import re
import sys


def test_explain_tells_worked_example_c(sts, worked):
    code, out, err = sts("explain", worked.TOKEN, *worked.KEY)
    assert code == 0
    for fact in (
        "5938 6323 4721 3742 6967   electricity_credit  0.1 kWh",
        "338269a8e41319817",
        "11 0011 1000 0010 0110 1001 1010 1000 1110 0100 0001 0011 0001 1001 1000 0001 0111",
        "bits 28 and 27  00  the class: 0, credit",
        "bits 65 and 64  11  belong at 28 and 27",
        "decrypted with EA11 (MISTY1)",
        "encrypted  38269a8e59319817",
        "plain      0559982c00012831",
        "2004-03-01 13:00, base date 1993",
        "covers     00 05 59 98 2c 00 01",
        "computed   2831  the register 3128",
        "shown      2831  right",
        "6.3.5",
    ):
        assert fact in out
    assert "test keys" in err


def test_explain_shows_a_token_whose_crc_is_wrong_and_ends_with_1(sts, worked, error_lines):
    code, out, err = sts("explain", "59386323472137426968", *worked.KEY)
    assert code == 1
    assert "shown      fc23  WRONG" in out
    assert "computed   44fd" in out
    assert "the fields" not in out.lower()
    assert error_lines(err) == ["meter-emu sts: the CRC is wrong: mistyped digits, another meter's token, or other STA tables"]


def test_explain_stars_out_a_new_key_unless_asked_not_to(sts, worked):
    for digits, part in zip(worked.KEY_CHANGE, worked.NEW_KEY_PARTS, strict=True):
        for form in ([], ["--json"]):
            assert part not in sts("explain", digits, *worked.KEY, *form)[1]
            assert part in sts("explain", digits, *worked.KEY, *form, "--show-keys")[1]
            assert worked.DECODER_KEY not in sts("explain", digits, *worked.KEY, *form, "--show-keys")[1]


def test_explain_marks_what_is_unproven(sts):
    digits = sts("encode", "time_credit", "--amount", "3")[1].strip()
    out = sts("explain", digits)[1]
    assert "amount ?" in out
    assert "unproven: no published vector pins this layout" in out
    assert json.loads(sts("explain", digits, "--json")[1])["proven"] is False


def test_explain_is_coloured_on_a_terminal_and_says_the_same(sts, monkeypatch, worked):
    plain = sts("explain", worked.TOKEN, *worked.KEY)[1]
    monkeypatch.setattr(type(sys.stdout), "isatty", lambda self: True, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    coloured = sts("explain", worked.TOKEN, *worked.KEY)[1]
    assert "\x1b[" in coloured
    stripped = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    assert [line.rstrip() for line in stripped.splitlines()] == plain.splitlines()
