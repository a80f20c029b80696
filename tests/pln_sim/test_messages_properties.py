"""Every message that can be built is read back the same; no byte, mutated or random, gets out of the family of errors."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pln_sim.gateway.messages import (
    ActionCode,
    Amount,
    ImproperMessage,
    InvalidValue,
    MerchantCategory,
    Message,
    MessageError,
    Mti,
    build,
    parse,
    read,
    table,
    write,
)
from pln_sim.gateway.messages.explain import explain
from pln_sim.gateway.messages.field import AMOUNT, DAY, MOMENT, NUMBER, PADDED, Kind
from pln_sim.gateway.messages.json_form import from_json, to_json

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "gateway_streams.json").read_text())["streams"]
STREAMS = {row["id"]: row["stream"].encode("ascii") for row in VECTORS}
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
ALPHABETS = {
    Kind.N: "0123456789",
    Kind.AN: f"{LETTERS}0123456789 ",
    Kind.ANS: "".join(map(chr, range(0x20, 0x7F))),
}
CODES = {"merchant_category": MerchantCategory, "action_code": ActionCode}
EVERY_FIELD = (
    "network management sign-on request",
    "network management sign-on response",
    "inquiry ok request",
    "inquiry ok response",
    "purchase ok response",
)
TELLING = b"09Aa +-_~\x00\x7f\xff"
"""Bytes for the other streams, whose every field is tried with every byte already."""


def values_of(field):
    """What may stand in a field."""
    if field.default is not None:
        return st.just(field.default)
    if field.name in CODES:
        return st.sampled_from(CODES[field.name])
    if field.coding is AMOUNT:
        return st.builds(Amount, st.integers(0, 10**field.length - 1), st.integers(0, 9))
    if field.coding is NUMBER:
        return st.integers(0, 10**field.length - 1)
    if field.coding is MOMENT:
        return st.datetimes().map(lambda moment: moment.replace(microsecond=0))
    if field.coding is DAY:
        return st.dates()
    if field.coding is PADDED:
        return st.text(ALPHABETS[field.kind], max_size=field.length).map(lambda text: text.rstrip(" "))
    return st.text(ALPHABETS[field.kind], min_size=field.length, max_size=field.length)


@st.composite
def values_of_message(draw, layout):
    """Values by name, for a success or a refusal as it comes."""
    names = {}
    code = draw(st.sampled_from(layout.codes)) if layout.codes else None
    for field in layout.fields_if(code == "0000"):
        if field not in table.MINOR_UNITS:
            names[field.name] = code if field is table.RESPONSE_CODE else draw(values_of(field))
    return names


@pytest.mark.parametrize("mti", Mti)
@given(data=st.data())
@settings(max_examples=25)
def test_what_is_built_is_read_back(mti, data):
    values = data.draw(values_of_message(table.LAYOUTS[mti]))
    message = Message.of(mti, **values)
    stream = build(message)
    assert parse(stream) == message
    assert build(parse(stream)) == stream
    assert {name: message[table.FIELDS[name]] for name in values} == values
    assert len(stream) == explain(message).length


@given(data=st.data())
@settings(max_examples=50)
def test_whatever_the_texts_say_they_are_read_back(data):
    layout = table.LAYOUTS[data.draw(st.sampled_from(Mti))]
    is_successful = bool(layout.codes) and data.draw(st.booleans())
    texts = {
        field.name: data.draw(st.text(ALPHABETS[Kind.ANS], min_size=field.length, max_size=field.length))
        for field in layout.fields_if(is_successful)
    }
    if layout.codes:
        texts["response_code"] = "0000" if is_successful else data.draw(st.sampled_from(["0030", "00 0", "XXXX"]))
    bit_map = data.draw(st.sampled_from(layout.bit_maps))
    message = Message.of_texts(layout.mti, texts, bit_map)
    assert read(write(message)) == message
    assert from_json(json.loads(json.dumps(to_json(explain(message))))) == message


@given(stream=st.one_of(st.binary(max_size=400), st.text(ALPHABETS[Kind.N], max_size=400).map(str.encode)))
def test_garbage_is_improper(stream):
    with pytest.raises(ImproperMessage):
        parse(stream)


@given(stream=st.sampled_from(list(STREAMS.values())), data=st.data())
def test_a_stream_with_a_piece_cut_out_or_put_in(stream, data):
    start = data.draw(st.integers(0, len(stream)))
    end = data.draw(st.integers(start, min(len(stream), start + 20)))
    mutated = stream[:start] + data.draw(st.binary(max_size=20)) + stream[end:]
    try:
        message = parse(mutated)
    except MessageError:
        return
    assert build(message) == mutated


@pytest.mark.parametrize("name", STREAMS)
def test_every_mutation_of_one_byte_parses_or_is_refused(name):
    stream = STREAMS[name]
    for position in range(len(stream)):
        for byte in range(256) if name in EVERY_FIELD else TELLING:
            mutated = b"%b%c%b" % (stream[:position], byte, stream[position + 1 :])
            try:
                message = parse(mutated)
            except ImproperMessage:
                continue
            except InvalidValue as fault:
                place = fault.position
            else:
                assert byte not in TELLING or build(message) == mutated
                continue
            # The fault is where the byte is, or at the start of the value that the byte spoils.
            assert place is not None
            assert place <= position
            assert byte not in TELLING or write(read(mutated)) == mutated
