"""Tokens taken apart, against the worked examples; what stays hidden; how far a token that is wrong is shown."""

import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meter_emu.sts.ciphers import EncryptionAlgorithm
from meter_emu.sts.errors import CRCError, FormatError, KeyExpired
from meter_emu.sts.explain import explain, to_hexadecimal
from meter_emu.sts.keys import DecoderKey
from meter_emu.sts.numbers import BaseDate, KeyExpiryNumber
from meter_emu.sts.rows import decoder_key_of
from meter_emu.sts.tokens import Token, TokenType, encode
from meter_emu.sts.tokens.codec import join, split
from meter_emu.sts.tokens.crc import crc_field
from meter_emu.sts.tokens.layout import LAYOUTS, Coding

ROWS = json.loads((Path(__file__).parents[1] / "vectors" / "sts.json").read_text())["rows"]
KEY_A = DecoderKey.from_hex(EncryptionAlgorithm.STA, "e653341f9d5bf36f")
KEY_C = DecoderKey.from_hex(EncryptionAlgorithm.MISTY1, "f94b6ed353c3bfdb113e2d3a7ea3c41d")
SECTIONS = {
    "34812744915211133004": ("3f12************", "02 3f 12 ** ** ** **", "nkho", "b2088343", "03b7"),
    "46903925208523674737": ("4f02************", "02 4f 02 ** ** ** **", "nklo", "593090d4", "31f3"),
    "71464563847088610152": ("8241************", "02 82 41 ** ** ** **", "nkmo2", "72ef892e", "d7ec"),
    "67904239402617643990": ("901e************", "02 90 1e ** ** ** **", "nkmo1", "f6e04c28", "8b32"),
}
"""Worked example D: a section's digits, its plain block and CRC input as they may be shown, its secret, its CRC."""


def fields_of(explanation):
    return {field.name: (field.high, field.low, field.value, field.unit) for field in explanation.fields}


def test_worked_example_a():
    seen = explain("67540125520408448957", KEY_A, base_date=BaseDate.BASE_1993)
    assert to_hexadecimal(seen.token_bits) == "3a94eba51613d8fbd"
    assert to_hexadecimal(seen.encrypted_block) == "a94eba51793d8fbd"
    assert to_hexadecimal(seen.block) == "05599863000119e6"
    assert (seen.crc.covered, seen.crc.computed, seen.crc.shown, seen.crc.matches) == ("00055998630001", "19e6", "19e6", True)
    assert (seen.class_bits.bits, seen.class_bits.displaced) == ("00", "11")
    assert seen.refusal is None
    assert fields_of(seen) == {
        "subclass": (63, 60, "0", ""),
        "rnd": (59, 56, "5", ""),
        "tid": (55, 32, "5871715", ""),
        "amount": (31, 16, "0.1", "kWh"),
        "crc": (15, 0, "19e6", ""),
    }
    notes = {field.name: field.note for field in seen.fields}
    assert notes["tid"] == "2004-03-01 13:55, base date 1993"
    assert notes["amount"] == "exponent 0, mantissa 1"


def test_worked_example_c():
    seen = explain("59386323472137426967", KEY_C)
    assert to_hexadecimal(seen.token_bits) == "338269a8e41319817"
    assert to_hexadecimal(seen.encrypted_block) == "38269a8e59319817"
    assert to_hexadecimal(seen.block) == "0559982c00012831"
    assert (seen.crc.covered, seen.crc.computed, seen.class_bits.displaced) == ("000559982c0001", "2831", "11")
    assert seen.algorithm is EncryptionAlgorithm.MISTY1


@pytest.mark.parametrize("digits", SECTIONS)
def test_worked_example_d_shows_no_part_of_the_new_key(digits):
    block, covered, name, secret, crc = SECTIONS[digits]
    seen = explain(digits, KEY_C)
    assert to_hexadecimal(seen.block) == block
    assert (seen.crc.covered, seen.crc.shown, seen.crc.computed) == (covered.replace(" ", ""), "****", "****")
    assert seen.crc.matches
    assert fields_of(seen)[name] == (47, 16, "********", "")
    shown = json.dumps(seen.to_json()) + repr(seen)
    for hidden in (secret, f"{int(secret, 16):032b}", str(int(secret, 16)), crc, f"{int(crc, 16):016b}"):
        assert hidden not in shown


@pytest.mark.parametrize("digits", SECTIONS)
def test_worked_example_d_shows_the_new_key_on_request(digits):
    block, _, name, secret, crc = SECTIONS[digits]
    seen = explain(digits, KEY_C, show_keys=True)
    assert to_hexadecimal(seen.block) == block[:4] + secret + crc
    assert fields_of(seen)[name] == (47, 16, secret, "")
    assert (seen.crc.shown, seen.crc.computed) == (crc, crc)


@pytest.mark.parametrize("token_class", [0, 2])
@pytest.mark.parametrize("digits", SECTIONS)
def test_a_section_under_another_class_shows_no_part_of_the_new_key_either(digits, token_class):
    _, _, _, secret, _ = SECTIONS[digits]
    seen = explain(join(token_class, split(digits)[1]), KEY_C)
    assert seen.crc.matches == (token_class == 2)
    assert secret not in json.dumps(seen.to_json())
    assert to_hexadecimal(seen.block).endswith("************")


def test_a_class_1_token_needs_no_key():
    seen = explain("56493153725450313471", None)
    assert (seen.algorithm, seen.encrypted_block) == (None, None)
    assert to_hexadecimal(seen.token_bits) == "30fffffffef005eff"
    assert to_hexadecimal(seen.block) == "0fffffffff005eff"
    assert fields_of(seen)["control"] == (59, 24, str(2**36 - 1), "")


def test_a_wrong_crc_is_shown_as_far_as_it_goes():
    seen = explain("59386323472137426968", KEY_C)
    assert isinstance(seen.refusal, CRCError)
    assert (seen.layout, seen.fields, seen.crc.matches) == (None, (), False)
    assert seen.crc.shown != seen.crc.computed
    assert set(seen.block) == {"0", "1"}
    assert seen.to_json()["error"]["code"] == "CRCError"


def test_a_token_of_no_known_subclass_is_shown_as_far_as_it_goes():
    front = 0xF << 44
    seen = explain(join(1, front << 16 | crc_field(1, front)), None)
    assert isinstance(seen.refusal, FormatError)
    assert [field.name for field in seen.fields] == ["subclass", "crc"]
    assert seen.crc.matches


def test_an_expired_key_is_told():
    seen = explain("59386323472137426967", KEY_C, ken=KeyExpiryNumber(3))
    assert isinstance(seen.refusal, KeyExpired)
    assert len(seen.fields) == 5


@pytest.mark.parametrize("digits", ["", "1" * 19, "a" * 20, "73786976294838206464", "00000000000402653184"])
def test_what_is_no_token_is_refused(digits):
    with pytest.raises(FormatError):
        explain(digits, KEY_A)


def test_a_token_that_needs_a_key_is_refused_without_one():
    with pytest.raises(FormatError, match="needs a decoder key"):
        explain("59386323472137426967", None)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.token_type)
@given(st.data())
def test_every_layout_is_walked_whole(layout, data):
    values = {field.name: data.draw(st.integers(0, min(field.mask, 18201624))) for field in layout.fields}
    token = Token.build(layout.token_type, **values)
    seen = explain(encode(token, KEY_A.cipher()), KEY_A, base_date=BaseDate.BASE_2014, show_keys=True)
    assert "".join(field.bits for field in seen.fields) == seen.block == f"{token.block:064b}"
    assert [field.name for field in seen.fields] == ["subclass", *(field.name for field in layout.fields), "crc"]
    assert all(field.clause and field.meaning for field in seen.fields)
    assert {field.is_proven for field in seen.fields[1:-1]} == {layout.proven}
    hidden = explain(encode(token, KEY_A.cipher()), KEY_A)
    secret = any(field.coding is Coding.SECRET for field in layout.fields)
    assert ("*" in hidden.block) == secret
    assert json.loads(json.dumps(hidden.to_json())) == hidden.to_json()


@given(st.text("0123456789", min_size=20, max_size=20) | st.text(max_size=25))
def test_any_text_is_explained_or_a_format_error(text):
    with contextlib.suppress(FormatError):
        assert explain(text, KEY_A).digits == text


@pytest.mark.parametrize("row", [row for row in ROWS if "expected_token" in row], ids=lambda row: row["id"])
def test_every_published_token_is_right(row):
    seen = explain(row["expected_token"], decoder_key_of(row) if "ea" in row else None)
    assert seen.crc.matches
    assert seen.layout.token_type is TokenType(row["token_type"])
