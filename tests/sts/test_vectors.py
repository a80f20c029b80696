"""Every published row, in both directions where it has two."""

import json
from pathlib import Path

import pytest

from meter_emu.sts.ciphers.misty1 import Misty1
from meter_emu.sts.numbers.transfer_amount import decode_amount, encode_amount
from meter_emu.sts.rows import answer

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "sts.json").read_text())
ROWS = VECTORS["rows"]
TOKENS = [row for row in ROWS if "expected_token" in row]
ERRORS = [row for row in ROWS if "expected_error" in row]
NOT_IN_A_TOKEN = {"ken", "sgc", "issue", "amount", "mpl"}
"""What a token does not give back as it went in: halves of numbers, seconds, amounts rounded up. Checked on their own."""


def identifiers(rows: list[dict[str, object]]) -> list[str]:
    return [str(row["id"]) for row in rows]


@pytest.mark.parametrize("row", TOKENS, ids=identifiers(TOKENS))
def test_encodes(row):
    assert answer(row) == {"id": row["id"], "token": row["expected_token"]}


@pytest.mark.parametrize("row", TOKENS, ids=identifiers(TOKENS))
def test_decodes(row):
    decoded = answer(row | {"op": "decode", "token": row["expected_token"]})["decoded"]
    assert decoded["token_type"] == row["token_type"]
    for name in row["inputs"].keys() - NOT_IN_A_TOKEN:
        assert decoded[name] == row["inputs"][name], name
    if "issue" in row["inputs"]:
        assert decoded["issue"] == row["inputs"]["issue"]
    if "amount" in row["inputs"]:
        assert decoded["amount"] == {"18022.3": "18022.4"}.get(row["inputs"]["amount"], row["inputs"]["amount"])
    if "mpl" in row["inputs"]:
        assert decoded["mpl"] == {180223: 180224}.get(row["inputs"]["mpl"], row["inputs"]["mpl"])


@pytest.mark.parametrize("row", ERRORS, ids=identifiers(ERRORS))
def test_refuses(row):
    assert answer(row)["error"]["code"] == row["expected_error"]


@pytest.mark.parametrize("row", [row for row in TOKENS if "decoder_key_hex" in row], ids=lambda row: row["id"])
def test_derives_the_decoder_key(row):
    derived = {name: value for name, value in row.items() if name != "decoder_key_hex"}
    assert answer(derived, show_keys=True)["decoder_key_hex"] == row["decoder_key_hex"]


def test_a_key_change_section_carries_the_new_key():
    kct = [row for row in TOKENS if row["id"].startswith("STS531-1-0-04/CTSA05/step1")]
    parts = {}
    for row in kct:
        parts |= answer(row | {"op": "decode", "token": row["expected_token"]}, show_keys=True)["decoded"]
    assert [parts[name] for name in ("nkho", "nkmo2", "nkmo1", "nklo")] == ["b2088343", "72ef892e", "f6e04c28", "593090d4"]
    assert (parts["sgcho"], parts["sgclo"]) == (0x01E, 0x241)


@pytest.mark.parametrize("row", VECTORS["misty1"], ids=lambda row: row["id"])
def test_misty1(row):
    cipher = Misty1(bytes.fromhex(row["inputs"]["key_hex"]))
    plain, secret = int(row["inputs"]["plain_hex"], 16), int(row["expected"]["cipher_hex"], 16)
    assert cipher.encrypt(plain) == secret
    assert cipher.decrypt(secret) == plain


@pytest.mark.parametrize(("units", "field"), VECTORS["amount_units_to_field"].items())
def test_amounts(units, field):
    assert encode_amount(int(units)) == int(field, 16)
    assert decode_amount(int(field, 16)) >= int(units)
