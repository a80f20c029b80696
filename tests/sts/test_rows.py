"""Rows: whatever stands in one, the answer is an answer; and what the vectors do not show."""

import json
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from meter_emu.sts.ciphers import SAMPLE_TABLES, StaTables
from meter_emu.sts.rows import LONGEST_MESSAGE, answer

ROWS = json.loads((Path(__file__).parents[1] / "vectors" / "sts.json").read_text())["rows"]
CREDIT = next(row for row in ROWS if row["id"] == "STS531-1-0-04/CTSA01/step1")
SECTION = next(row for row in ROWS if row["id"] == "STS531-1-0-04/CTSA05/step1/kct1")
NAMES = sorted({name for row in ROWS for name in (*row, *row["inputs"], *row.get("new_key", {}))} | {"op", "token"})
TEXTS = st.text(max_size=12) | st.sampled_from(["04", "11", "07", "decode"])
KEYS = st.sampled_from(NAMES) | st.text(max_size=5)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=12,
)


def is_answer(answered):
    return len(answered.keys() & {"token", "decoded", "error"}) == 1 and "id" in answered and json.dumps(answered)


@given(JSON)
@example([[[]]])
@example({"op": "decode", "ea": []})
def test_any_json_value_has_an_answer(value):
    assert is_answer(answer(value))


@settings(max_examples=200)
@given(
    st.sampled_from([CREDIT, SECTION, CREDIT | {"op": "decode", "token": CREDIT["expected_token"]}]),
    st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(["row", "inputs", "new_key"]), JSON), max_size=2),
)
def test_a_good_row_with_anything_in_it_has_an_answer(row, changes):
    row = json.loads(json.dumps(row))
    for name, where, value in changes:
        place = row if where == "row" else row.get(where)
        if isinstance(place, dict):
            place[name] = value
    assert is_answer(answer(row))


@pytest.mark.parametrize("name", ["krn", "kt", "ken", "base_date", "id"])
def test_a_number_of_any_length_has_an_answer(name):
    answered = answer(CREDIT | {name: 10**5000})
    assert "token" in answered if name == "id" else answered["error"]["code"] == "RangeError"


@pytest.mark.parametrize(
    "amount",
    [10**5000, -(10**5000), "9" * 50_000, "0.0000000001", "-1", -1, 0, "0.0", "1e3", " 1", "1.", ".5", 0.5],
    ids=range(13),
)
def test_amounts_that_are_none_are_refused(amount):
    row = CREDIT | {"inputs": CREDIT["inputs"] | {"amount": amount}}
    error = answer(row)["error"]
    assert error["code"] in ("RangeError", "FormatError")
    assert len(error["message"]) <= LONGEST_MESSAGE


@pytest.mark.parametrize(
    ("amount", "decoded"), [("1820162.4", "1820162.4"), (25, "25"), ("25.60", "25.6"), ("0.1", "0.1"), ("18021.5", "18022.4")]
)
def test_amounts_that_are_some(amount, decoded):
    token = answer(CREDIT | {"inputs": CREDIT["inputs"] | {"amount": amount}})["token"]
    assert answer(CREDIT | {"op": "decode", "token": token})["decoded"]["amount"] == decoded


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        ({"op": "sing"}, "FormatError", "op must be encode or decode"),
        ({"ea": "12"}, "FunctionError", "EA must be"),
        ({"dkga": "01"}, "FunctionError", "DKGA01 is not offered"),
        ({"krn": True}, "FormatError", "krn must be text"),
        ({"kt": 4}, "RangeError", "KT must be"),
        ({"pan": "600727000000000008"}, "FormatError", "Luhn"),
        ({"sgc": "12345"}, "FormatError", "6 digits"),
        ({"ti": 1}, "FormatError", "ti must be text in quotes"),
        ({"vending_key_hex": "ab"}, "FormatError", "vending key must be"),
        ({"token_type": "free_energy"}, "FormatError", "is none of"),
        ({"inputs": None}, "FormatError", "inputs is missing"),
        ({"ken": 3}, "KeyExpired", "lies beyond key expiry number 3"),
        ({"op": "decode", "token": "59386323472137426968"}, "CRCError", "the CRC is wrong"),
        ({"op": "decode", "token": 59386323472137426967}, "FormatError", "token must be text in quotes"),
        ({"op": "decode"}, "FormatError", "token is missing"),
    ],
)
def test_what_is_wrong_is_named(change, code, said):
    error = answer(CREDIT | change)["error"]
    assert error["code"] == code
    assert said in error["message"]


def test_a_decoder_key_serves_in_place_of_a_vending_key():
    row = {name: CREDIT[name] for name in ("token_type", "inputs", "base_date")}
    row |= {"ea": "11", "decoder_key_hex": "f94b6ed353c3bfdb113e2d3a7ea3c41d"}
    assert answer(row) == {"id": None, "token": CREDIT["expected_token"]}
    assert answer(row | {"decoder_key_hex": "f94b"})["error"]["message"] == "decoder key for EA11 must be 16 bytes, not 2"


def test_a_class_1_token_needs_no_key_even_if_the_row_half_names_one():
    assert answer({"op": "decode", "ea": "11", "token": "56493153725450313471"})["decoded"]["control"] == 2**36 - 1


def test_rows_of_other_tables_do_not_decode_with_the_sample_set():
    other = StaTables(SAMPLE_TABLES.permutation, SAMPLE_TABLES.substitution[::-1])
    row = {"ea": "07", "decoder_key_hex": "e653341f9d5bf36f", "token_type": "clear_credit", "inputs": {"tid": 9, "register": 1}}
    token = answer(row, tables=other)["token"]
    back = row | {"op": "decode", "token": token}
    assert answer(back)["error"]["code"] == "CRCError"
    assert answer(back, tables=other)["decoded"]["register"] == 1


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_no_answer_shows_a_key_unless_it_is_asked_to(row):
    plain = json.dumps([answer(row), answer(row | {"op": "decode", "token": row.get("expected_token", "")})])
    secrets = [row.get("vending_key_hex"), answer(row, show_keys=True).get("decoder_key_hex")]
    if "new_key" in row:
        new = answer(row["new_key"] | {"token_type": "clear_credit", "inputs": {"tid": 9, "register": 0}}, show_keys=True)
        secrets += [new["decoder_key_hex"][start : start + 8] for start in range(0, len(new["decoder_key_hex"]), 8)]
    for secret in filter(None, secrets):
        assert secret not in plain


def test_a_base_date_that_a_key_depends_on_is_never_guessed():
    row = {
        "dkga": "04", "ea": "11", "pan": "600727000000000009", "sgc": "123457", "ti": "01", "kt": 2, "krn": 1,
        "vending_key_hex": "abababababababab949494949494949401234567", "token_type": "electricity_credit",
        "inputs": {"issue": "2020-03-01T13:00:00", "base_date": "2014", "amount": "0.1"},
    }  # fmt: skip
    assert answer(row)["token"] == answer(row | {"base_date": "2014"})["token"]
    del row["inputs"]["base_date"]
    row["inputs"] |= {"tid": 5}
    assert answer(row)["error"] == {"code": "FormatError", "message": "base_date is missing"}


def test_the_crc_of_a_key_section_is_hidden_with_the_key():
    row = {"ea": "07", "decoder_key_hex": "060b8643c59a27f1", "op": "decode", "token": "47489130193182329593"}
    assert answer(row)["decoded"]["crc"] is None
    assert len(answer(row, show_keys=True)["decoded"]["crc"]) == 4
