"""Rows as lines: however the octets are cut, whatever they are."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meter_emu.sts.batch import MAXIMUM_LINE, Batch

GOOD = b'{"id": "\xc3\xa9", "op": "decode", "token": "00000000000150997584"}'


def answers(octets: bytes, **options: object) -> list[dict]:
    batch = Batch(**options)
    return [json.loads(line) for line in (batch.feed(octets) + batch.close()).splitlines()]


def messages(octets: bytes) -> list[str]:
    return [answer["error"]["message"] for answer in answers(octets)]


@given(st.lists(st.binary(max_size=30) | st.just(GOOD) | st.just(b"\n")), st.data())
def test_it_does_not_matter_how_the_octets_are_cut(parts, data):
    octets = b"\n".join(parts)
    batch, cut, out = Batch(), 0, b""
    while cut < len(octets):
        size = data.draw(st.integers(1, 40))
        out += batch.feed(octets[cut : cut + size])
        cut += size
    whole = Batch()
    assert out + batch.close() == whole.feed(octets) + whole.close()


@given(st.lists(st.binary(max_size=30).map(lambda octets: octets.replace(b"\n", b"")) | st.just(GOOD)))
def test_every_line_that_is_not_blank_has_one_answer(lines):
    answered = answers(b"\n".join(lines))
    assert len(answered) == sum(1 for line in lines if line.strip())
    for answer in answered:
        assert len(answer.keys() & {"token", "decoded", "error"}) == 1


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"nonsense", "line 2 is not JSON: Expecting value at character 1"),
        (b"\xff\xfe", "line 2 is not UTF-8: byte 1"),
        (b"[1]", "line 2 is not a JSON object"),
        (b"[" * 60_000, "line 2 is nested too deeply"),
        (b'{"id": ' + b'{"id": ' * 7_000 + b"1" + b"}" * 7_001, "line 2 is nested too deeply"),
        (b'{"id": NaN}', "line 2 holds a number that is none, or one with too many digits"),
        (b'{"id": ' + b"9" * 50_000 + b"}", "line 2 holds a number that is none, or one with too many digits"),
        (b"x" * (MAXIMUM_LINE + 1), f"line 2 is longer than {MAXIMUM_LINE} bytes"),
        (b"\x00", "line 2 is not JSON: Expecting value at character 1"),
    ],
    ids=range(9),
)
def test_a_line_that_is_no_row_is_answered_with_its_number_and_the_next_one_is_well(line, said):
    first, second, third = answers(b"\n".join([GOOD, line, GOOD]))
    assert second == {"id": None, "error": {"code": "FormatError", "message": said}}
    assert first == third
    assert first["id"] == "é"
    assert first["decoded"]["control"] == 1


@pytest.mark.parametrize("depth", [*range(100, 1200, 50), 985, 990, 995])
def test_an_id_of_any_depth_has_an_answer(depth):
    nested = b"[" * depth + b"]" * depth
    (line,) = Batch().feed(b'{"op": "decode", "token": "1", "id": ' + nested + b"}\n").splitlines()
    assert b'"FormatError"' in line


def test_a_line_of_the_greatest_length_is_a_row_and_a_longer_one_is_not_held():
    padded = GOOD + b" " * (MAXIMUM_LINE - len(GOOD))
    assert answers(padded)[0]["decoded"]["control"] == 1
    assert messages(padded + b" \n") == [f"line 1 is longer than {MAXIMUM_LINE} bytes"]
    batch = Batch()
    for _ in range(200):
        assert batch.feed(b"x" * MAXIMUM_LINE) == b""
        assert len(batch._lines._held) <= MAXIMUM_LINE
    assert b"line 1 is longer" in batch.feed(b"\n" + GOOD + b"\n")


def test_blank_lines_and_line_ends_of_any_kind_and_a_byte_order_mark():
    octets = b"\xef\xbb\xbf" + GOOD + b"\r\n\r\n  \n\n" + GOOD
    assert [answer["decoded"]["control"] for answer in answers(octets)] == [1, 1]


def test_numbers_with_a_fraction_never_become_floats():
    row = {"id": 1, "ea": "07", "decoder_key_hex": "e653341f9d5bf36f", "token_type": "electricity_credit"}
    line = json.dumps(row)[:-1] + ', "inputs": {"tid": 9, "amount": %s}}'
    tokens = [answers((line % amount).encode())[0].get("token") for amount in ("25.6", '"25.6"', "25.600000000000000")]
    assert tokens[0]
    assert len(set(tokens)) == 1
    assert "finer than 0.1" in messages((line % "25.6000000000000001").encode())[0]


def test_an_id_that_no_encoding_can_hold_still_comes_back():
    assert answers(b'{"id": "\\ud800"}')[0]["id"] == "\ud800"


def test_keys_are_shown_on_request_only():
    key = {"ea": "07", "decoder_key_hex": "e653341f9d5bf36f"}
    row = json.dumps(key | {"token_type": "clear_credit", "inputs": {"tid": 9, "register": 0}}).encode()
    assert "decoder_key_hex" not in answers(row)[0]
    assert answers(row, show_keys=True)[0]["decoder_key_hex"] == "e653341f9d5bf36f"
