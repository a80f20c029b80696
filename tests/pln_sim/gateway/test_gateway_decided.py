"""What reconciliation decided, at the desk: a cancelled token is never told again, a forced one is told though it was never
sold, and nothing is sold with a decided reference."""

from datetime import date, timedelta

import pytest

from pln_sim.gateway.desk import Session
from pln_sim.gateway.messages import Mti, ResponseCode, table
from pln_sim.reconciliation.columns import Transaction
from pln_sim.reconciliation.decisions import GatewayDecisions
from pln_sim.reconciliation.result import Result
from pln_sim.reconciliation.sources import transaction_of_sale
from pln_sim.reconciliation.verdict import Verdict

PURCHASE, ADVICES = Mti.PURCHASE_REQUEST, (Mti.ADVICE_REQUEST, Mti.ADVICE_REPEAT_REQUEST)
MONDAY = date(2026, 11, 23)
FORCED = Transaction(
    *("20261120110511", "10000D3", "6015", "F" * 32, "R" * 32, "12345678911"),
    *(5_000_000, 0, 0, 0, 150_000, 0, 4_850_000, 3_580, "01234567890123456789", "0110000"),
)


@pytest.fixture
def decide(depot):
    def decide(result, row):
        GatewayDecisions(depot).decide([Verdict(result, row, "it was so")], "10000D3", MONDAY)

    return decide


@pytest.fixture
def sold(counter, helpers):
    """The row of a purchase that the gateway has sold."""
    reference = counter.inquire()
    assert counter.ask(helpers.request(PURCHASE, reference=reference)).is_successful
    return transaction_of_sale(counter.depot.run(lambda storage: storage.sale(reference)))


def bought(counter, meter="12345678911", day=MONDAY):
    return counter.depot.run(lambda storage: storage.bought_in_month(meter, day))


def test_a_cancelled_token_is_never_told_again(counter, decide, sold, helpers):
    before = bought(counter)
    decide(Result.CANCELLED, sold.row)
    for mti in ADVICES * 2:
        reply = counter.ask(helpers.request(mti, reference=sold.reference))
        assert reply[table.RESPONSE_CODE] is ResponseCode.NOT_FOUND
        assert table.TOKEN not in reply
    assert counter.code(helpers.request(PURCHASE, reference=sold.reference)) is ResponseCode.INVALID_REFERENCE
    assert bought(counter) == before - sold.energy // 10 == 0


@pytest.mark.parametrize("result", [Result.NOT_CANCELLED, Result.NOT_FORCED])
def test_a_sale_that_stands_is_told_as_before(counter, decide, sold, helpers, result):
    decide(result, sold.row)
    for mti in ADVICES:
        assert counter.ask(helpers.request(mti, reference=sold.reference))[table.TOKEN] == sold.token
    assert bought(counter) == sold.energy // 10


def test_a_forced_token_is_told(counter, decide, helpers):
    decide(Result.FORCED, FORCED.row)
    for mti in ADVICES:
        reply = counter.ask(helpers.request(mti, reference=FORCED.reference))
        assert (reply[table.TOKEN], reply[table.ENERGY].in_units(2)) == (FORCED.token, FORCED.energy)
        assert (reply[table.SUBSCRIBER_NAME], reply[table.SETTLEMENT_DATE]) == ("SUBSCRIBER NAME", MONDAY)
    assert counter.code(helpers.request(PURCHASE, reference=FORCED.reference)) is ResponseCode.INVALID_REFERENCE
    assert bought(counter) == FORCED.energy // 10


def test_a_forced_token_is_told_to_nobody_else(counter, decide, helpers):
    decide(Result.FORCED, FORCED.row)
    other = helpers.request(ADVICES[0], reference=FORCED.reference, meter="14100000018")
    assert counter.code(other) is ResponseCode.INVALID_REFERENCE
    session = Session("10000D4")
    stranger = helpers.request(ADVICES[0], reference=FORCED.reference, switcher_id="10000D4", bank_code="0010000")
    assert counter.code(stranger, session) is ResponseCode.NOT_AS_INQUIRED


def test_nothing_is_sold_with_a_reference_that_was_decided(counter, decide, helpers):
    reference = counter.inquire()
    decide(Result.NOT_FORCED, FORCED._replace(reference=reference).row)
    assert counter.code(helpers.request(PURCHASE, reference=reference)) is ResponseCode.INVALID_REFERENCE
    assert counter.code(helpers.request(ADVICES[0], reference=reference)) is ResponseCode.NOT_FOUND
    assert bought(counter) == 0


def test_the_first_verdict_is_final(counter, decide, sold, helpers):
    decide(Result.CANCELLED, sold.row)
    decide(Result.NOT_CANCELLED, sold.row)
    assert counter.code(helpers.request(ADVICES[0], reference=sold.reference)) is ResponseCode.NOT_FOUND
    assert bought(counter) == 0
    verdicts = list(GatewayDecisions(counter.depot).of_day("10000D3", MONDAY))
    assert [verdict.result for verdict in verdicts] == [Result.CANCELLED]
    assert list(GatewayDecisions(counter.depot).of_day("10000D3", MONDAY + timedelta(days=1))) == []
