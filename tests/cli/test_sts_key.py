"""``meter-emu sts key``, and whose keys and tables the other commands take: options, a key file, the environment."""

import json

import pytest

from meter_emu.sts.ciphers import SAMPLE_TABLES

VK_04 = "abababababababab949494949494949401234567"


def test_key_shows_the_parameters_and_a_check_value_but_no_key(sts, worked):
    code, out, err = sts("key", "600727000000000009", "--base-date", "1993")
    lines = dict(line.split(None, 1) for line in out.splitlines())
    assert code == 0
    assert lines["pan"] == "600727000000000009"
    assert lines["kt"] == "2 (unique)"
    assert len(lines["key_check_value"]) == 6
    assert "test keys" in err
    assert worked.DECODER_KEY not in out + err
    assert worked.DECODER_KEY in sts("key", "600727000000000009", "--base-date", "1993", "--show-keys")[1]


def test_key_as_json(sts):
    shown = json.loads(sts("key", "12345678911", "--json", "--show-keys")[1])
    assert shown["meter"] == "12345678911"
    assert shown["test_keys"] is True
    assert len(bytes.fromhex(shown["decoder_key_hex"])) == 16


def test_key_of_a_13_digit_meter(sts):
    assert json.loads(sts("key", "0100000000008", "--json")[1])["pan"] == "000001000000000082"


def test_a_vending_key_from_the_environment_is_used_and_is_no_test_key(sts, monkeypatch):
    monkeypatch.setenv("METER_EMU_VENDING_KEY", "00" * 20)
    _, out, err = sts("key", "12345678911")
    assert err == ""
    monkeypatch.setenv("METER_EMU_VENDING_KEY", VK_04)
    assert "test keys" in sts("key", "12345678911")[2]
    assert sts("key", "12345678911")[1] != out


def test_a_key_file_names_meters_and_keys(sts, tmp_path):
    file = tmp_path / "keys.toml"
    vending_key = f'[[vending_key]]\nsgc = "654321"\nkrn = 3\nkey = "{"07" * 20}"\n'
    file.write_text(vending_key + '[[meter]]\ndrn = "04176855916"\nsgc = "654321"\nkrn = 3\n')
    file.chmod(0o600)
    code, out, err = sts("key", "04176855916", "--key-file", str(file), "--json")
    assert (code, err) == (0, "")
    assert (json.loads(out)["sgc"], json.loads(out)["krn"]) == ("654321", 3)
    file.chmod(0o644)
    code, out, err = sts("key", "04176855916", "--key-file", str(file))
    assert (code, out) == (2, "")
    assert "can be read by others" in err


def test_a_wrong_check_digit_is_a_warning(sts):
    code, _, err = sts("key", "01105574222")
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
def test_a_key_that_cannot_be_made_is_one_line(sts, arguments, code, said):
    ended, out, err = sts("key", *arguments)
    assert (ended, out) == (code, "")
    assert said in err
    assert len(err.splitlines()) == 1
    assert "secret" not in err


@pytest.mark.parametrize("option", ["--decoder-key", "--vending-key"])
@pytest.mark.parametrize("secret", ["0badc0de", "0badc0de" * 3, "0badc0dezz"])
def test_a_key_that_is_none_is_not_shown(sts, option, secret, worked):
    for command in (["decode", worked.TOKEN], ["encode", "clear_tamper_condition"], ["explain", worked.TOKEN]):
        code, out, err = sts(*command, option, secret)
        assert code == 2
        assert "0badc0de" not in out + err


def test_tables_from_a_file(sts, tmp_path, worked, error_lines):
    file = tmp_path / "tables.json"
    boxes = [list(box) for box in SAMPLE_TABLES.substitution]
    key = ("--decoder-key", "e653341f9d5bf36f", "--base-date", "1993")
    file.write_text(json.dumps({"permutation": SAMPLE_TABLES.permutation, "substitution": boxes}))
    assert sts("decode", "67540125520408448957", *key, "--tables", str(file))[0] == 0
    file.write_text(json.dumps({"permutation": SAMPLE_TABLES.permutation, "substitution": boxes[::-1]}))
    assert sts("decode", "67540125520408448957", *key, "--tables", str(file))[0] == 1
    assert sts("explain", "67540125520408448957", *key, "--tables", str(file))[0] == 1
    file.write_text("{}")
    for command in (
        ["decode", worked.TOKEN],
        ["explain", worked.TOKEN],
        ["encode", "clear_tamper_condition"],
        ["key", "12345678911"],
        ["batch"],
    ):
        code, out, err = sts(*command, "--tables", str(file))
        assert (code, out) == (2, "")
        assert str(file) in error_lines(err)[0]
