"""Which stream is the reply to which request, and what it decides."""

import json
from pathlib import Path

import pytest

from pln_sim.gateway.messages import Message, Mti, read, table, write
from pln_sim.switching.exchange import Event, judge

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "gateway_streams.json").read_text())["streams"]
STREAMS = {row["id"]: row["stream"].encode("ascii") for row in VECTORS}
PAIRS = [name.removesuffix(" request") for name in STREAMS if name.endswith(" request")]
OF_INQUIRY = {"trace_number": "000000000009", "meter_number": "12345678912"}
OF_PURCHASE = OF_INQUIRY | {"pln_reference": "F" * 32}
OTHERS = {
    "network management sign-on": {"local_time": "20080502072301", "action_code": "301", "switcher_id": "10000D4"},
    "inquiry ok": OF_INQUIRY,
    "purchase ok": OF_PURCHASE,
    "advise ok": OF_PURCHASE,
    "advise repeat ok": OF_PURCHASE,
}
"""What makes a reply another request's, by the document's example."""


def changed(stream, **texts):
    """The stream with other texts in some fields."""
    message = read(stream)
    kept = {field.name: text for field, text in zip(message.layout.fields, message.texts, strict=False)}
    return write(Message.of_texts(message.mti, kept | texts, message.bit_map))


@pytest.mark.parametrize("name", PAIRS)
def test_the_examples_belong_together(name):
    happened = judge(read(STREAMS[f"{name} request"]), STREAMS[f"{name} response"])
    assert (happened.event, happened.code) == (Event.ACCEPTED, "0000")


@pytest.mark.parametrize(("name", "field", "text"), [(name, *row) for name, rows in OTHERS.items() for row in rows.items()])
def test_a_reply_to_another_request_is_foreign(name, field, text):
    request, reply = read(STREAMS[f"{name} request"]), STREAMS[f"{name} response"]
    happened = judge(request, changed(reply, **{field: text}))
    assert (happened.event, happened.why) == (Event.FOREIGN, f"no reply to this request: another {field}")


@pytest.mark.parametrize("asked", OTHERS)
@pytest.mark.parametrize("answered", OTHERS)
def test_a_reply_of_another_type_is_foreign(asked, answered):
    happened = judge(read(STREAMS[f"{asked} request"]), STREAMS[f"{answered} response"])
    assert happened.event is (Event.ACCEPTED if asked == answered else Event.FOREIGN)
    assert judge(None, STREAMS[f"{answered} response"]).event is Event.FOREIGN


@pytest.mark.parametrize("name", OTHERS)
def test_only_its_own_request_is_an_echo(name):
    stream = STREAMS[f"{name} request"]
    assert judge(read(stream), stream).event is Event.ECHOED
    assert judge(None, stream).event is Event.FOREIGN
    assert judge(read(changed(stream, local_time="20091231235959")), stream).event is Event.FOREIGN


@pytest.mark.parametrize("stream", [b"", b"2210", b"\x00" * 100, b"GET / HTTP/1.1\r\n", b"2" * 4096])
def test_garbage_is_foreign(stream):
    assert judge(read(STREAMS["purchase ok request"]), stream).event is Event.FOREIGN


@pytest.mark.parametrize("code", ["9999", "ABCD", "    "])
def test_an_unknown_code_is_no_last_word(code):
    request = read(STREAMS["purchase ok request"])
    refusal = write(request.reply("0005", settlement_date=read(STREAMS["purchase ok response"])[table.SETTLEMENT_DATE]))
    happened = judge(request, changed(refusal, response_code=code))
    assert (happened.event, happened.code) == (Event.UNSURE, code)


@pytest.mark.parametrize(
    ("name", "field", "text"),
    [("inquiry ok", "pln_reference", " " * 32), ("inquiry ok", "pln_reference", "-" * 32), ("purchase ok", "token", "X" * 20)],
)
def test_success_without_what_it_promises_is_unsure(name, field, text):
    request, reply = read(STREAMS[f"{name} request"]), STREAMS[f"{name} response"]
    happened = judge(request, changed(reply, **{field: text}))
    assert happened.event is Event.UNSURE
    assert field in happened.why


def test_the_mti_of_a_repeat_is_its_own():
    request = read(STREAMS["advise repeat ok request"])
    assert request.mti is Mti.ADVICE_REPEAT_REQUEST
    assert (
        judge(request, changed(STREAMS["advise ok response"], local_time=request.text(table.LOCAL_TIME))).event is Event.FOREIGN
    )
