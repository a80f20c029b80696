"""``meter-emu sts`` as a user meets it: what it prints, where, and with which exit code."""

import io
import json
import re
import sys
from pathlib import Path

import pytest

from meter_emu.cli.sts import sts
from meter_emu.cli.sts_encode import VALUES
from meter_emu.shell import console
from meter_emu.sts.ciphers import SAMPLE_TABLES
from meter_emu.sts.rows import answer
from meter_emu.sts.tokens.layout import LAYOUTS, TokenType

VECTORS = Path(__file__).parents[1] / "vectors" / "sts.json"
ROWS = [row for row in json.loads(VECTORS.read_text())["rows"] if "expected_token" in row]
VK_04 = "abababababababab949494949494949401234567"
DECODER_KEY = "f94b6ed353c3bfdb113e2d3a7ea3c41d"
EXAMPLE_C = ("--pan", "600727000000000009", "--base-date", "1993")
TOKEN_C = "59386323472137426967"
KEY_CHANGE_D = ["34812744915211133004", "46903925208523674737", "71464563847088610152", "67904239402617643990"]
NEW_KEY_PARTS = ["b2088343", "593090d4", "72ef892e", "f6e04c28"]
DERIVED = {
    "rnd",
    "tid",
    "kenho",
    "kenlo",
    "krn",
    "ro",
    "three_kct",
    "kt",
    "ti",
    "sgclo",
    "sgcho",
    "nkho",
    "nklo",
    "nkmo1",
    "nkmo2",
}


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    """Run ``meter-emu sts`` in this process: exit code, standard output, standard error."""
    monkeypatch.setenv("METER_EMU_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("METER_EMU_VENDING_KEY", raising=False)

    def run(*arguments, stdin=b""):
        monkeypatch.setattr(sys, "argv", ["meter-emu", *arguments])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as end:
            console.run(sts, "meter-emu sts")
        return end.value.code, *capsys.readouterr()

    return run


def key_arguments(row):
    names = [name for name in ("sgc", "ti", "kt", "krn", "ken", "base_date", "ea", "dkga") if name in row]
    arguments = [text for name in names for text in (f"--{name.replace('_', '-')}", str(row[name]))]
    return ["--pan", row["pan"], "--vending-key", row["vending_key_hex"], *arguments]


def one_line(text):
    return [line for line in text.splitlines() if not line.startswith("note:")]


# --- key


def test_key_shows_the_parameters_and_a_check_value_but_no_key(run):
    code, out, err = run("key", "600727000000000009", "--base-date", "1993")
    lines = dict(line.split(None, 1) for line in out.splitlines())
    assert code == 0
    assert lines["pan"] == "600727000000000009"
    assert lines["kt"] == "2 (unique)"
    assert len(lines["key_check_value"]) == 6
    assert "test keys" in err
    assert DECODER_KEY not in out + err
    assert DECODER_KEY in run("key", "600727000000000009", "--base-date", "1993", "--show-keys")[1]


def test_key_as_json(run):
    shown = json.loads(run("key", "12345678911", "--json", "--show-keys")[1])
    assert shown["meter"] == "12345678911"
    assert shown["test_keys"] is True
    assert len(bytes.fromhex(shown["decoder_key_hex"])) == 16


def test_key_of_a_13_digit_meter(run):
    assert json.loads(run("key", "0100000000008", "--json")[1])["pan"] == "000001000000000082"


def test_a_vending_key_from_the_environment_is_used_and_is_no_test_key(run, monkeypatch):
    monkeypatch.setenv("METER_EMU_VENDING_KEY", "00" * 20)
    _, out, err = run("key", "12345678911")
    assert err == ""
    monkeypatch.setenv("METER_EMU_VENDING_KEY", VK_04)
    assert "test keys" in run("key", "12345678911")[2]
    assert run("key", "12345678911")[1] != out


def test_a_key_file_names_meters_and_keys(run, tmp_path):
    file = tmp_path / "keys.toml"
    vending_key = f'[[vending_key]]\nsgc = "654321"\nkrn = 3\nkey = "{"07" * 20}"\n'
    file.write_text(vending_key + '[[meter]]\ndrn = "04176855916"\nsgc = "654321"\nkrn = 3\n')
    file.chmod(0o600)
    code, out, err = run("key", "04176855916", "--key-file", str(file), "--json")
    assert (code, err) == (0, "")
    assert (json.loads(out)["sgc"], json.loads(out)["krn"]) == ("654321", 3)
    file.chmod(0o644)
    code, out, err = run("key", "04176855916", "--key-file", str(file))
    assert (code, out) == (2, "")
    assert "can be read by others" in err


def test_a_wrong_check_digit_is_a_warning(run):
    code, _, err = run("key", "01105574222")
    assert code == 0
    assert "warning: meter number 01105574222 has a wrong check digit" in err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["1234567891"], 2, "must be 11 or 13 digits, not 10"),
        (["600727000000000008"], 2, "Luhn digit would be 9"),
        (["12345678911", "--dkga", "01"], 2, "DKGA01 is not offered"),
        (["12345678911", "--dkga", "01", "--vending-key", "ab" * 8], 2, "DKGA01 is not offered"),
        (["12345678911", "--dkga", "02"], 2, "DKGA02 makes no key for EA11"),
        (["12345678911", "--ea", "12"], 2, "EA must be 07"),
        (["12345678911", "--krn", "0"], 2, "is not in the range 1 to 9"),
        (["12345678911", "--krn", "x"], 2, "--krn"),
        (["12345678911", "--base-date", "1999"], 2, "base date must be"),
        (["12345678911", "--vending-key", "secret"], 2, "hexadecimal"),
        (["12345678911", "--key-file", "/nowhere/keys.toml"], 1, "No such file"),
        (["12345678911", "--tables", "/nowhere/tables.json"], 1, "No such file"),
        ([], 2, "Missing argument"),
    ],
)
def test_a_key_that_cannot_be_made_is_one_line(run, arguments, code, said):
    ended, out, err = run("key", *arguments)
    assert (ended, out) == (code, "")
    assert said in err
    assert len(err.splitlines()) == 1
    assert "secret" not in err


# --- encode and decode


@pytest.mark.parametrize("row", [row for row in ROWS if "new_key" not in row and "pan" in row], ids=lambda row: row["id"])
def test_encode_and_decode_every_published_row(run, row):
    inputs = {name: value for name, value in row["inputs"].items() if name not in ("base_date", "ken")}
    values = [text for name, value in inputs.items() for text in (f"--{name.replace('_', '-')}", str(value))]
    code, out, _ = run("encode", row["token_type"], *values, *key_arguments(row))
    assert (code, out) == (0, row["expected_token"] + "\n")
    _, out, _ = run("decode", row["expected_token"], *key_arguments(row), "--json")
    decoded = answer(row | {"op": "decode", "token": row["expected_token"]})["decoded"]
    assert json.loads(out) == {"token": row["expected_token"], **decoded}


@pytest.mark.parametrize("row", [row for row in ROWS if "pan" not in row], ids=lambda row: row["id"])
def test_class_1_needs_no_key_and_says_nothing_of_keys(run, row):
    values = ["--control", hex(row["inputs"]["control"]), "--mfr-code", row["inputs"]["mfr_code"]]
    assert run("encode", row["token_type"], *values) == (0, row["expected_token"] + "\n", "")
    code, out, err = run("decode", row["expected_token"])
    assert (code, err) == (0, "")
    assert f"control     {row['inputs']['control']}" in out


def test_encode_takes_now_and_a_random_number_and_the_default_meter(run):
    tokens = set()
    for _ in range(20):
        code, out, err = run("encode", "electricity-credit", "--amount", "25.6")
        assert code == 0
        assert "meter 12345678911" in err
        assert "test keys" in err
        tokens.add(out.strip())
    assert len(tokens) > 1
    code, out, _ = run("decode", "-", stdin=next(iter(tokens)).encode() + b"\n")
    assert code == 0
    assert "amount      25.6 kWh\n" in out


def test_encode_as_json(run):
    arguments = ("electricity_credit", "--amount", "0.1", "--issue", "2004-03-01T13:00", "--rnd", "5", *EXAMPLE_C)
    shown = json.loads(run("encode", *arguments, "--json")[1])
    assert shown["token"] == TOKEN_C
    assert (shown["tid"], shown["issue"], shown["amount"], shown["crc"]) == (5871660, "2004-03-01T13:00:00", "0.1", "2831")


def test_encode_a_key_change_whole_or_by_section(run):
    change = (*EXAMPLE_C, "--new-ti", "02")
    code, out, err = run("encode", "key_change", *change)
    assert (code, out.split()) == (0, KEY_CHANGE_D)
    sections = ["1st", "2nd", "3rd", "4th"]
    assert [run("encode", f"set_{section}_section_decoder_key", *change)[1].strip() for section in sections] == KEY_CHANGE_D
    _, as_json, _ = run("encode", "key_change", *change, "--json")
    for part in NEW_KEY_PARTS:
        assert part not in out + err + as_json


def test_encode_a_rollover_and_a_given_new_key(run):
    key = ("--decoder-key", "e653341f9d5bf36f", "--base-date", "1993")
    _, out, _ = run("encode", "key_change", *key, "--new-base-date", "2014", "--new-decoder-key", "0123456789abcdef")
    first, second = out.split()
    decoded = json.loads(run("decode", first, *key, "--json", "--show-keys")[1])
    assert (decoded["ro"], decoded["nkho"]) == (1, "01234567")
    assert json.loads(run("decode", second, *key, "--json")[1]).get("nklo") is None
    code, _, err = run("encode", "set_3rd_section_decoder_key", *key, "--new-decoder-key", "0123456789abcdef")
    assert code == 2
    assert "a 64-bit key has no 3rd and 4th section" in err


def test_the_value_options_are_the_fields_of_the_layout_table():
    fields = {field.name for layout in LAYOUTS for field in layout.fields}
    assert {name for name, _, _ in VALUES} == fields - DERIVED


def test_the_help_of_encode_names_every_token_type(run):
    code, out, _ = run("encode", "--help")
    assert code == 0
    for token_type in TokenType:
        assert token_type in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["electricity_credit"], "electricity_credit needs --amount"),
        (["electricity_credit", "--amount", "0"], "amount must be 0.1 to 1820162.4, not 0"),
        (["electricity_credit", "--amount", "-1"], "must not be negative"),
        (["electricity_credit", "--amount", "0.05"], "finer than 0.1"),
        (["electricity_credit", "--amount", "1820162.5"], "amount must be 0.1 to 1820162.4, not 1820162.5"),
        (["electricity_credit", "--amount", "x"], "must be a decimal number"),
        (["electricity_credit", "--amount", "1", "--issue", "2013-12-31T23:59"], "before the base date 2014"),
        (["electricity_credit", "--amount", "1", "--issue", "2045-11-24T20:16"], "the last TID of base date 2014"),
        (["electricity_credit", "--amount", "1", "--rnd", "16"], "rnd must be 0 to 15"),
        (["electricity_credit", "--amount", "1", "--register", "1"], "electricity_credit takes no --register"),
        (["electricity_credit", "--amount", "1", "--new-ti", "02"], "electricity_credit takes no --new-ti"),
        (["clear_credit", "--register", "65536"], "register must be 0 to 65535"),
        (["clear_credit", "--register", "1" * 5000], "register"),
        (["meter_test_mfr2", "--control", "1", "--mfr-code", "0"], "mfr_code must be 2 digits"),
        (["meter_test_mfr2", "--control", "1", "--mfr-code", "00", "--issue", "2020-01-01"], "takes no --issue"),
        (["key_change"], "key_change needs what is new"),
        (["key_change", "--new-ti", "02", "--amount", "1"], "key_change takes no --amount"),
        (["free_energy"], "is none of: electricity_credit"),
        (["set_5th_section_decoder_key", "--new-ti", "02"], "is none of"),
    ],
)
def test_a_token_that_cannot_be_made_is_one_line(run, arguments, said):
    code, out, err = run("encode", *arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert len(one_line(err)) == 1


@pytest.mark.parametrize(
    "words", [["5938 6323 4721 3742 6967"], ["5938-6323-4721-3742-6967"], ["5938", "6323", "4721", "3742", "6967"]]
)
@pytest.mark.parametrize("command", ["decode", "explain"])
def test_tokens_are_taken_as_they_are_printed(run, command, words):
    code, out, _ = run(command, *words, *EXAMPLE_C)
    assert code == 0
    assert "0.1 kWh" in out


@pytest.mark.parametrize(
    ("token", "code", "said"),
    [
        ("1234567890123456789", 2, "token must be 20 digits, not 19"),
        ("123456789012345678901", 2, "token must be 20 digits, not 21"),
        ("1234567890123456789a", 2, "character 20 is not a digit"),
        ("٠١٢٣٤٥٦٧٨٩٠١٢٣٤٥٦٧٨٩", 2, "character 1 is not a digit"),
        ("73786976294838206464", 2, "below 2^66"),
        ("00000000000402653184", 2, "class 3, which is reserved"),
        ("59386323472137426968", 1, "the CRC is wrong"),
        ("00000000000150997585", 1, "the CRC is wrong"),
        ("-", 2, "no token on standard input"),
    ],
)
@pytest.mark.parametrize("command", ["decode", "explain"])
def test_a_token_that_is_refused_is_one_line(run, command, token, code, said):
    ended, out, err = run(command, token)
    assert ended == code
    assert said in err
    assert len(one_line(err)) == 1
    assert out == "" or (command, code) == ("explain", 1)


@pytest.mark.parametrize("command", ["decode", "explain"])
def test_octets_on_standard_input_that_are_no_text(run, command):
    code, out, err = run(command, "-", stdin=b"\xff" * 5000)
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1


def test_an_expired_key_is_a_refusal(run):
    for command in (["decode", TOKEN_C], ["encode", "electricity_credit", "--amount", "1", "--tid", "5871660"]):
        code, out, err = run(*command, *EXAMPLE_C, "--ken", "88")
        assert (code, out) == (1, "")
        assert "lies beyond key expiry number 88" in err
        assert run(*command, *EXAMPLE_C, "--ken", "89")[0] == 0
    assert run("explain", TOKEN_C, *EXAMPLE_C, "--ken", "88")[0] == 1


@pytest.mark.parametrize("option", ["--decoder-key", "--vending-key"])
@pytest.mark.parametrize("secret", ["0badc0de", "0badc0de" * 3, "0badc0dezz"])
def test_a_key_that_is_none_is_not_shown(run, option, secret):
    for command in (["decode", TOKEN_C], ["encode", "clear_tamper_condition"], ["explain", TOKEN_C]):
        code, out, err = run(*command, option, secret)
        assert code == 2
        assert "0badc0de" not in out + err


def test_tables_from_a_file(run, tmp_path):
    file = tmp_path / "tables.json"
    boxes = [list(box) for box in SAMPLE_TABLES.substitution]
    key = ("--decoder-key", "e653341f9d5bf36f", "--base-date", "1993")
    file.write_text(json.dumps({"permutation": SAMPLE_TABLES.permutation, "substitution": boxes}))
    assert run("decode", "67540125520408448957", *key, "--tables", str(file))[0] == 0
    file.write_text(json.dumps({"permutation": SAMPLE_TABLES.permutation, "substitution": boxes[::-1]}))
    assert run("decode", "67540125520408448957", *key, "--tables", str(file))[0] == 1
    assert run("explain", "67540125520408448957", *key, "--tables", str(file))[0] == 1
    file.write_text("{}")
    for command in (
        ["decode", TOKEN_C],
        ["explain", TOKEN_C],
        ["encode", "clear_tamper_condition"],
        ["key", "12345678911"],
        ["batch"],
    ):
        code, out, err = run(*command, "--tables", str(file))
        assert (code, out) == (2, "")
        assert str(file) in one_line(err)[0]


# --- explain


def test_explain_tells_worked_example_c(run):
    code, out, err = run("explain", TOKEN_C, *EXAMPLE_C)
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


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_explain_fits_a_hundred_columns_of_ascii_and_hides_keys(run, row):
    code, out, _ = run("explain", row["expected_token"], *(key_arguments(row) if "pan" in row else []))
    assert code == 0
    assert out.isascii()
    assert max(len(line) for line in out.splitlines()) <= 100
    for part in NEW_KEY_PARTS:
        assert part not in out


def test_explain_shows_a_token_whose_crc_is_wrong_and_ends_with_1(run):
    code, out, err = run("explain", "59386323472137426968", *EXAMPLE_C)
    assert code == 1
    assert "shown      fc23  WRONG" in out
    assert "computed   44fd" in out
    assert "the fields" not in out.lower()
    assert one_line(err) == ["meter-emu sts: the CRC is wrong: mistyped digits, another meter's token, or other STA tables"]


def test_explain_stars_out_a_new_key_unless_asked_not_to(run):
    for digits, part in zip(KEY_CHANGE_D, NEW_KEY_PARTS, strict=True):
        for form in ([], ["--json"]):
            assert part not in run("explain", digits, *EXAMPLE_C, *form)[1]
            assert part in run("explain", digits, *EXAMPLE_C, *form, "--show-keys")[1]
            assert DECODER_KEY not in run("explain", digits, *EXAMPLE_C, *form, "--show-keys")[1]


def test_explain_marks_what_is_unproven(run):
    digits = run("encode", "time_credit", "--amount", "3")[1].strip()
    out = run("explain", digits)[1]
    assert "amount ?" in out
    assert "unproven: no published vector pins this layout" in out
    assert json.loads(run("explain", digits, "--json")[1])["proven"] is False


def test_explain_is_coloured_on_a_terminal_and_says_the_same(run, monkeypatch):
    plain = run("explain", TOKEN_C, *EXAMPLE_C)[1]
    monkeypatch.setattr(type(sys.stdout), "isatty", lambda self: True, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    coloured = run("explain", TOKEN_C, *EXAMPLE_C)[1]
    assert "\x1b[" in coloured
    stripped = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    assert [line.rstrip() for line in stripped.splitlines()] == plain.splitlines()
