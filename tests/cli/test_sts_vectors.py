"""Every published vector through ``meter-emu sts``: encoded, decoded and explained."""

import json
from pathlib import Path

import pytest

from meter_emu.sts.rows import answer

VECTORS = Path(__file__).parents[1] / "vectors" / "sts.json"
ROWS = [row for row in json.loads(VECTORS.read_text())["rows"] if "expected_token" in row]
"""The rows with a token. Those of class 1 name no meter: they are under no key."""


def key_arguments(row):
    """The options that give a row its key."""
    names = [name for name in ("sgc", "ti", "kt", "krn", "ken", "base_date", "ea", "dkga") if name in row]
    arguments = [text for name in names for text in (f"--{name.replace('_', '-')}", str(row[name]))]
    return ["--pan", row["pan"], "--vending-key", row["vending_key_hex"], *arguments]


@pytest.mark.parametrize("row", [row for row in ROWS if "new_key" not in row and "pan" in row], ids=lambda row: row["id"])
def test_encode_and_decode_every_published_row(sts, row):
    """A key change is encoded as a whole: see test_sts_encode.py."""
    inputs = {name: value for name, value in row["inputs"].items() if name not in ("base_date", "ken")}
    values = [text for name, value in inputs.items() for text in (f"--{name.replace('_', '-')}", str(value))]
    code, out, _ = sts("encode", row["token_type"], *values, *key_arguments(row))
    assert (code, out) == (0, row["expected_token"] + "\n")
    _, out, _ = sts("decode", row["expected_token"], *key_arguments(row), "--json")
    decoded = answer(row | {"op": "decode", "token": row["expected_token"]})["decoded"]
    assert json.loads(out) == {"token": row["expected_token"], **decoded}


@pytest.mark.parametrize("row", [row for row in ROWS if "pan" not in row], ids=lambda row: row["id"])
def test_class_1_needs_no_key_and_says_nothing_of_keys(sts, row):
    values = ["--control", hex(row["inputs"]["control"]), "--mfr-code", row["inputs"]["mfr_code"]]
    assert sts("encode", row["token_type"], *values) == (0, row["expected_token"] + "\n", "")
    code, out, err = sts("decode", row["expected_token"])
    assert (code, err) == (0, "")
    assert f"control     {row['inputs']['control']}" in out


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_explain_fits_a_hundred_columns_of_ascii_and_hides_keys(sts, row, worked):
    code, out, _ = sts("explain", row["expected_token"], *(key_arguments(row) if "pan" in row else []))
    assert code == 0
    assert out.isascii()
    assert max(len(line) for line in out.splitlines()) <= 100
    for part in worked.NEW_KEY_PARTS:
        assert part not in out
