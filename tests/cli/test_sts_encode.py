"""``meter-emu sts encode``: tokens and key changes out of options, and one line for what cannot be made."""

import json

import pytest

from meter_emu.cli.sts_encode import VALUES
from meter_emu.sts.tokens.layout import LAYOUTS, TokenType

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


def test_encode_takes_now_and_a_random_number_and_the_default_meter(sts):
    tokens = set()
    for _ in range(20):
        code, out, err = sts("encode", "electricity-credit", "--amount", "25.6")
        assert code == 0
        assert "meter 12345678911" in err
        assert "test keys" in err
        tokens.add(out.strip())
    assert len(tokens) > 1
    code, out, _ = sts("decode", "-", stdin=next(iter(tokens)).encode() + b"\n")
    assert code == 0
    assert "amount      25.6 kWh\n" in out


def test_encode_as_json(sts, worked):
    arguments = ("electricity_credit", "--amount", "0.1", "--issue", "2004-03-01T13:00", "--rnd", "5", *worked.KEY)
    shown = json.loads(sts("encode", *arguments, "--json")[1])
    assert shown["token"] == worked.TOKEN
    assert (shown["tid"], shown["issue"], shown["amount"], shown["crc"]) == (5871660, "2004-03-01T13:00:00", "0.1", "2831")


def test_encode_a_key_change_whole_or_by_section(sts, worked):
    change = (*worked.KEY, "--new-ti", "02")
    code, out, err = sts("encode", "key_change", *change)
    assert (code, out.split()) == (0, worked.KEY_CHANGE)
    sections = ["1st", "2nd", "3rd", "4th"]
    by_section = [sts("encode", f"set_{section}_section_decoder_key", *change)[1].strip() for section in sections]
    assert by_section == worked.KEY_CHANGE
    _, as_json, _ = sts("encode", "key_change", *change, "--json")
    for part in worked.NEW_KEY_PARTS:
        assert part not in out + err + as_json


def test_encode_a_rollover_and_a_given_new_key(sts):
    key = ("--decoder-key", "e653341f9d5bf36f", "--base-date", "1993")
    _, out, _ = sts("encode", "key_change", *key, "--new-base-date", "2014", "--new-decoder-key", "0123456789abcdef")
    first, second = out.split()
    decoded = json.loads(sts("decode", first, *key, "--json", "--show-keys")[1])
    assert (decoded["ro"], decoded["nkho"]) == (1, "01234567")
    assert json.loads(sts("decode", second, *key, "--json")[1]).get("nklo") is None
    code, _, err = sts("encode", "set_3rd_section_decoder_key", *key, "--new-decoder-key", "0123456789abcdef")
    assert code == 2
    assert "a 64-bit key has no 3rd and 4th section" in err


def test_the_value_options_are_the_fields_of_the_layout_table():
    fields = {field.name for layout in LAYOUTS for field in layout.fields}
    assert {name for name, _, _ in VALUES} == fields - DERIVED


def test_the_help_of_encode_names_every_token_type(sts):
    code, out, _ = sts("encode", "--help")
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
def test_a_token_that_cannot_be_made_is_one_line(sts, arguments, said, error_lines):
    code, out, err = sts("encode", *arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert len(error_lines(err)) == 1
