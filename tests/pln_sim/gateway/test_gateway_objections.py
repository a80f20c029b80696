"""Why a request was refused stands in the gateway's log, for whoever develops a switching; and no reference stands there."""

from datetime import datetime

import pytest

from pln_sim.gateway.messages import Mti, table

INQUIRY, PURCHASE, ADVICE = Mti.INQUIRY_REQUEST, Mti.PURCHASE_REQUEST, Mti.ADVICE_REQUEST
UNKNOWN = "F" * 32


@pytest.fixture
def gateway(start):
    return start("--log-level", "info")


@pytest.fixture
def peer(gateway):
    return gateway.peer().sign_on()


def reason(gateway, code):
    """The words of the last refusal with a code."""
    (*_, line) = [line for line in gateway.log.splitlines() if f"code={code} " in line]
    return line.partition("why=")[2].partition(" ms=")[0].strip('"')


def test_what_breaks_the_table_is_named_with_its_place(gateway, peer, helpers):
    spoilt = helpers.spoilt(helpers.request(INQUIRY), merchant_category="6020")
    assert peer.ask(spoilt)[table.RESPONSE_CODE] == "0030"
    gateway.wait_for("6020 is none of 6010")
    assert reason(gateway, "0030").startswith("2100 field 26 merchant_category at byte 69: 6020 is none of")


@pytest.mark.parametrize(
    ("mti", "values", "code", "why"),
    [
        (INQUIRY, {"meter": "00000000000"}, "0015", "nobody's meter"),
        (INQUIRY, {"paid": 4_000}, "0041", "below the gateway's minimum"),
        (INQUIRY, {"paid": 60_000_000}, "0042", "above the gateway's maximum"),
        (INQUIRY, {"paid": 1_000_000}, "0042", "above ceiling for R1/000000450VA, 0,0 kWh are bought"),
        (INQUIRY, {"bank_code": "0330000"}, "0031", "the bank code is not registered with this switching"),
        (INQUIRY, {"switcher_id": "20000D3"}, "0032", "no such switching"),
        (INQUIRY, {"meter": "99000000150"}, "0015", "a test meter"),
        (PURCHASE, {"reference": UNKNOWN}, "0098", "no inquiry was given this reference"),
        (ADVICE, {"reference": UNKNOWN}, "0096", "no inquiry was given this reference"),
    ],
)
def test_refusals(gateway, peer, helpers, mti, values, code, why):
    assert peer.ask(helpers.request(mti, **values))[table.RESPONSE_CODE] == code
    gateway.wait_for("why=")
    assert reason(gateway, code) == why
    assert UNKNOWN not in gateway.log


def test_a_reference_is_refused_for_a_reason_of_its_own(gateway, peer, helpers):
    references = [peer.inquire(paid=20_000) for _ in range(2)]
    used, dead = ({"paid": 20_000, "reference": reference} for reference in references)
    peer.ask(helpers.request(PURCHASE, **used))
    peer.ask(helpers.request(ADVICE, **dead))
    other = gateway.peer()
    for order, why in [
        (used, "the reference is used"),
        (dead, "the reference is dead: an advice was told that nothing was bought"),
        (used | {"paid": 21_000}, "the inquiry was for another meter or amount"),
    ]:
        assert peer.ask(helpers.request(PURCHASE, **order))[table.RESPONSE_CODE] == "0098"
        gateway.wait_for(f'why="{why}"')
    assert other.ask(helpers.request(INQUIRY))[table.RESPONSE_CODE] == "0011"
    gateway.wait_for('why="the connection is not signed on as this switching"')
    assert not any(reference in gateway.log for reference in references)


def test_an_expired_reference(counter, helpers):
    reference = counter.inquire()
    counter.now = datetime(2030, 1, 1)
    message = helpers.request(PURCHASE, reference=reference)
    answer = counter.depot.run(lambda storage: counter.desk.answer(message, counter.session, counter.now, storage))
    assert (answer.reply[table.RESPONSE_CODE], answer.why) == ("0098", "the reference has expired")
