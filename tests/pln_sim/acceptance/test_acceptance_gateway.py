"""Our own gateway passes; one that is wrong in one thing fails in exactly the rows that are about it."""

from dataclasses import replace

import pytest

from pln_sim.acceptance.cases import CASES
from pln_sim.acceptance.judge import judge
from pln_sim.acceptance.session import Session
from pln_sim.gateway.messages import ImproperMessage, Message, ResponseCode, read, table, write
from pln_sim.switching.link import Address

WAIT = 20
"""Seconds for a reply, where each must come."""
SILENCE = 1
"""Seconds after which it is silence, where some never come."""


def changed(stream, **texts):
    """The stream with other texts in some fields."""
    message = read(stream)
    kept = {field.name: text for field, text in zip(message.layout.fields, message.texts, strict=False)}
    return write(Message.of_texts(message.mti, kept | texts, message.bit_map))


def of_replies(change):
    """A change of the replies alone: ``change(message, stream)``."""

    def of_stream(stream):
        try:
            message = read(stream)
        except ImproperMessage:
            return stream
        return change(message, stream) if table.RESPONSE_CODE in message else stream

    return of_stream


def answers(message, mti, code):
    return (message.mti, message.text(table.RESPONSE_CODE)) == (mti, code)


WRONG = {
    # what is wrong: (change of the replies, the rows that fail, a word of what is said)
    "a wrong code": (
        of_replies(lambda m, s: changed(s, response_code="0005") if answers(m, "2110", "0031") else s),
        {"inquiry-0031"},
        "got 0005 ERROR - Other",
    ),
    "a code that is none": (
        of_replies(lambda m, s: changed(s, response_code="7777") if answers(m, "2230", "0097") else s),
        {"advice-0097"},
        "7777",
    ),
    "silence": (
        of_replies(lambda m, s: None if answers(m, "2231", "0098") else s),
        {"repeat-0098"},
        "no reply",
    ),
    "a second token": (
        of_replies(lambda m, s: changed(s, token="0" * 20) if answers(m, "2231", "0000") else s),
        {"repeat-sold", "repeat-0097", "repeat-0098"},
        "a second token for the same reference",
    ),
    "the same token for another sale": (
        of_replies(lambda m, s: changed(s, vending_receipt="99999999") if answers(m, "2231", "0000") else s),
        {"repeat-sold", "repeat-0097", "repeat-0098"},
        "the same token, but not the same sale",
    ),
    "improper bytes that do not come back": (
        lambda stream: stream + b"!" if stream.startswith((b"HELLO", b"2900")) else stream,
        {"improper-text", "improper-type"},
        "bytes that are no message",
    ),
    "a field that is not given back": (
        of_replies(lambda m, s: changed(s, merchant_category="6010") if answers(m, "2110", "0015") else s),
        {"inquiry-0015"},
        "merchant_category is 6010, not 6015 as in the request",
    ),
    "a sign-off that is refused": (
        of_replies(lambda m, s: changed(s, response_code="0005") if m.texts[-2:] == ("002", "10000D3") else s),
        {"sign-off", "signed-off-0011", "network-0011"},
        "got 0005",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_gateway_fails_in_exactly_those_rows(what, examiner, meddler, short_plan):
    change, rows, words = WRONG[what]
    wait = SILENCE if what == "silence" else WAIT
    report = Session(examiner(meddler(change), short_plan, wait), "0", connections=8, transactions=0).run()
    failed = {result.case.name: result.failed.fault for result in report.results if result.failed}
    assert set(failed) == rows
    assert any(words in fault for fault in failed.values())
    assert report.verdict == "FAILED"
    assert report.counts["left out"] == sum(case.own_meter for case in CASES)


CHARGES = "the charges add up to"


def test_charges_that_do_not_add_up_fail_every_sale(examiner, meddler, short_plan):
    wrong = of_replies(lambda m, s: changed(s, stamp_duty="0000000001") if answers(m, "2210", "0000") else s)
    report = Session(examiner(meddler(wrong), short_plan, WAIT), "0", connections=8, transactions=0).run()
    failed = {result.case.name: result.failed.fault for result in report.results if result.failed}
    assert {"normal-flow", "advice-sold", "used-at-once"} <= set(failed)
    assert all(CHARGES in fault for fault in failed.values())


def test_our_own_gateway_passes_on_one_connection_after_another(examiner, gateway, short_plan):
    """A gateway that serves one at a time can be tested too; with all its meters ours is in test_acceptance_report.py."""
    report = Session(examiner(Address.parse(gateway), short_plan, WAIT), "0", connections=1, transactions=30).run()
    assert [(result.case.name, result.failed) for result in report.results if result.failed] == []
    assert (report.load.failed, len(report.load.replies), report.has_passed) == (0, 60, True)


def test_the_honest_bit_map_is_as_right(examiner, short_plan, another_gateway):
    address = another_gateway("--honest-bit-map")
    report = Session(examiner(Address.parse(address), short_plan, WAIT), "0", connections=8, transactions=5).run()
    assert report.has_passed


def test_a_load_with_faults_does_not_pass(examiner, meddler, short_plan):
    numbers = iter(range(10_000))
    # Every fifth purchase is never answered, and one is refused.
    change = of_replies(lambda m, s: None if m.mti == "2210" and next(numbers) % 5 == 4 else s)
    session = Session(examiner(meddler(change), short_plan, SILENCE), "0", 4, transactions=20, cases=CASES[:1])
    load = session.run().load
    assert load.faults == {"2200: no reply": 4}
    assert [is_met for *_, is_met in load.criteria] == [False, True, True]
    assert not load.has_passed


def test_every_code_of_every_message_is_expected_somewhere():
    """But those that nothing over the wire can provoke: a cut-off or a time-out of the sign-on."""
    expected = {(step.mti, step.expect) for case in CASES for step in case.steps if step.mti}
    for mti, layout in table.LAYOUT_OF_REPLY_TO.items():
        provoked = {code for code in layout.codes if (mti, code.value) in expected}
        missing = {code.value for code in set(layout.codes) - provoked}
        assert missing <= UNPROVOKED[mti.value], mti
    assert {code for _, code in expected if code in set(ResponseCode)} == {code.value for code in ResponseCode}


UNPROVOKED = {
    "2800": {"0005", "0068", "0090"},
    "2100": set(),
    "2200": {"0015", "0041", "0042"},  # a reference is bound to meter and amount, so 0098 would be as right
    "2220": {"0005", "0015", "0034", "0041", "0042", "0068", "0090"},
    "2221": {"0005", "0015", "0034", "0041", "0042", "0068", "0090"},
}


@pytest.mark.parametrize("name", ["inquiry", "purchase"])
def test_the_document_s_own_examples_are_judged(name):
    """The purchase's example reply gives back another amount than its request: the text forbids it, and so does the judge."""
    import json
    from pathlib import Path

    rows = json.loads((Path(__file__).parents[2] / "vectors" / "gateway_streams.json").read_text())["streams"]
    streams = {row["id"]: row["stream"].encode() for row in rows}
    code, fault = judge(read(streams[f"{name} ok request"]), streams[f"{name} ok response"], "0000")
    assert code == "0000"
    assert bool(fault) == (name == "purchase")


def test_a_case_without_a_meter_is_left_out(examiner, short_plan):
    case = next(case for case in CASES if case.own_meter)
    result = examiner(Address("127.0.0.1", 9), short_plan, WAIT).examine(case)
    assert (result.verdict, result.steps) == ("left out", ())
    assert replace(result, left_out="").has_passed
