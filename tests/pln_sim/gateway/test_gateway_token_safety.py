"""Token safety: one reference buys at most one token, whatever comes in whatever order from whomever."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pln_sim.gateway.configuration import built_in_configuration
from pln_sim.gateway.desk import Session
from pln_sim.gateway.messages import Mti, table
from pln_sim.storage import open_depot

INQUIRY, PURCHASE = Mti.INQUIRY_REQUEST, Mti.PURCHASE_REQUEST
ADVICE, REPEAT = Mti.ADVICE_REQUEST, Mti.ADVICE_REPEAT_REQUEST
PARTIES = (("10000D3", "0110000"), ("10000D4", "0010000"), ("10000D4", "0020000"))
METERS = ("14100000109", "14100000117")


@pytest.fixture
def ask(counter, helpers):
    def code(mti, reference, **values):
        session = Session(values.get("switcher_id", helpers.SWITCHING))
        return counter.code(helpers.request(mti, reference=reference, **values), session)

    return code


def test_used_reference(counter, ask):
    reference = counter.inquire()
    assert ask(PURCHASE, reference) == "0000"
    assert [ask(PURCHASE, reference) for _ in range(2)] == ["0098", "0098"]
    assert ask(ADVICE, reference) == "0000"


@pytest.mark.parametrize("mti", [ADVICE, REPEAT])
def test_advice_on_what_was_never_bought_kills_the_reference(counter, ask, mti):
    reference = counter.inquire()
    assert [ask(mti, reference), ask(PURCHASE, reference), ask(ADVICE, reference)] == ["0096", "0098", "0096"]


def test_reference_nobody_was_given(ask):
    assert [ask(PURCHASE, "A" * 32), ask(ADVICE, "A" * 32), ask(REPEAT, "A" * 32)] == ["0098", "0096", "0096"]


@pytest.mark.parametrize("mti", [PURCHASE, ADVICE, REPEAT])
@pytest.mark.parametrize("party", PARTIES[1:])
def test_reference_of_another_party_is_neither_used_nor_killed(counter, ask, helpers, mti, party):
    reference = counter.inquire()
    switcher_id, bank_code = party
    assert ask(mti, reference, switcher_id=switcher_id, bank_code=bank_code) == "0097"
    assert ask(PURCHASE, reference) == "0000"
    assert ask(mti, reference, switcher_id=switcher_id, bank_code=bank_code) == "0097"


def test_reference_of_another_bank_of_the_same_switching(counter, ask):
    reference = counter.inquire(session=Session("10000D4"), switcher_id="10000D4", bank_code="0010000")
    assert ask(PURCHASE, reference, switcher_id="10000D4", bank_code="0020000") == "0097"


@pytest.mark.parametrize("mti", [PURCHASE, ADVICE])
@pytest.mark.parametrize("change", [{"paid": 50_001}, {"meter": METERS[0]}])
def test_another_order_is_refused_and_the_reference_stays(counter, ask, mti, change):
    reference = counter.inquire()
    assert ask(mti, reference, **change) == "0098"
    assert ask(PURCHASE, reference) == "0000"
    assert ask(mti, reference, **change) == "0098"


def test_the_same_worth_with_other_decimals_is_the_same_order(counter, ask):
    from pln_sim.gateway.messages import Amount

    reference = counter.inquire(paid=50_000)
    assert ask(PURCHASE, reference, paid=Amount(5_000_000, 2)) == "0000"


def test_expired_reference(counter, ask):
    late, sold = counter.inquire(), counter.inquire()
    counter.now += timedelta(seconds=counter.registry.reference_seconds)
    assert ask(PURCHASE, sold) == "0000"
    counter.now += timedelta(seconds=1)
    assert [ask(PURCHASE, late), ask(ADVICE, late), ask(ADVICE, sold)] == ["0098", "0096", "0000"]


@pytest.fixture(scope="module")
def long_lived(tmp_path_factory, helpers):
    """One depot for all examples, which meet references of their own."""
    with open_depot(tmp_path_factory.mktemp("depot") / "vending.db") as depot:
        yield helpers.Counter(depot, built_in_configuration())


STEPS = st.tuples(
    st.sampled_from([PURCHASE, PURCHASE, ADVICE, REPEAT]),
    st.integers(0, 2),  # which reference
    st.integers(0, 5),  # 0 to 2: another party; else the right one
    st.integers(0, 6),  # 0: another meter, 1: another amount
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(owners=st.lists(st.integers(0, 2), min_size=3, max_size=3), steps=st.lists(STEPS, max_size=14))
def test_any_order_of_requests_of_two_switchings(long_lived, helpers, owners, steps):
    counter = long_lived
    counter.now += timedelta(days=31)  # a month of its own, so that no ceiling is met
    orders = []
    for owner, meter in zip(owners, (*METERS, METERS[0]), strict=True):
        switcher_id, bank_code = PARTIES[owner]
        values = {"switcher_id": switcher_id, "bank_code": bank_code, "meter": meter, "paid": 20_000}
        orders.append(values | {"reference": counter.inquire(session=Session(switcher_id), **values)})
    tokens = [set() for _ in orders]
    dead = set()
    for mti, index, party, spoil in steps:
        order = orders[index]
        switcher_id, bank_code = PARTIES[party] if party < len(PARTIES) else (order["switcher_id"], order["bank_code"])
        values = order | {"switcher_id": switcher_id, "bank_code": bank_code}
        values |= {0: {"meter": helpers.METER}, 1: {"paid": 20_001}}.get(spoil, {})
        reply = counter.ask(helpers.request(mti, **values), Session(switcher_id))
        code = reply[table.RESPONSE_CODE]
        if values != order:
            assert code == ("0097" if (switcher_id, bank_code) != (order["switcher_id"], order["bank_code"]) else "0098")
        elif mti is PURCHASE:
            assert code == ("0098" if tokens[index] or index in dead else "0000")
        else:
            assert code == ("0000" if tokens[index] else "0096")
            if code == "0096":
                dead.add(index)
        if reply.is_successful:
            tokens[index].add((reply[table.TOKEN], reply[table.VENDING_RECEIPT], reply.text(table.ENERGY)))
    assert all(len(sold) <= 1 for sold in tokens)
    everything = [token for sold in tokens for token in sold]
    assert len({token for token, *_ in everything}) == len({receipt for _, receipt, _ in everything}) == len(everything)
