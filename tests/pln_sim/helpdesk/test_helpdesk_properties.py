"""Whatever is lost: nobody is handed a token that is not sold on both sides. Whatever the finger slips on: it is found."""

import tempfile
from datetime import date
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meter_emu.sts.keys.key_store import KeyStore
from meter_emu.sts.numbers import Drn
from pln_sim.helpdesk.attempts import Bought, Fate, attempts_of
from pln_sim.helpdesk.diagnosis import Evidence, diagnose_purchase, diagnose_token
from pln_sim.helpdesk.findings import Cause
from pln_sim.helpdesk.slips import slip_between
from pln_sim.helpdesk.token_keys import TokenKeys
from pln_sim.switching.purchase import Outcome

METER = Drn("14100000018")
TOKENS = st.text("0123456789", min_size=20, max_size=20)
MESSAGES = st.sets(st.sampled_from(["2100", "2200", "2220", "2221"]))
KILLED_AT = st.sampled_from([None, "2100", "2200", "2220"])
FAULTS = st.fixed_dictionaries({"lost": MESSAGES, "stuck": MESSAGES, "killed_at": KILLED_AT})
FEW = st.text("01", min_size=4, max_size=4)
"""Digits of which many are near each other."""


@given(TOKENS, st.integers(0, 19), st.integers(1, 9))
def test_a_wrong_digit_is_found(token, place, more):
    keyed = token[:place] + str((int(token[place]) + more) % 10) + token[place + 1 :]
    assert slip_between(keyed, token) == f"digit {place + 1} is {keyed[place]} and should be {token[place]}"


@given(TOKENS, st.integers(0, 18))
def test_a_swap_is_found(token, place):
    keyed = token[:place] + token[place + 1] + token[place] + token[place + 2 :]
    slip = slip_between(keyed, token)
    assert (slip is None) if keyed == token else slip == f"digits {place + 1} and {place + 2} are swapped"


@given(TOKENS, st.integers(0, 19), st.sampled_from("0123456789"))
def test_a_digit_too_few_or_too_many_is_found(token, place, digit):
    assert "missing" in slip_between(token[:place] + token[place + 1 :], token)
    assert "one too many" in slip_between(token[:place] + digit + token[place:], token)


@given(FEW, FEW)
def test_nothing_else_is_a_slip(keyed, token):
    wrong = {token[:place] + digit + token[place + 1 :] for place in range(4) for digit in "01"}
    swapped = {token[:place] + token[place + 1] + token[place] + token[place + 2 :] for place in range(3)}
    assert (slip_between(keyed, token) is not None) is (keyed in wrong | swapped and keyed != token)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(FAULTS, min_size=1, max_size=4))
def test_no_token_is_handed_out_that_is_not_sold_on_both_sides(bench, purchases):
    with tempfile.TemporaryDirectory() as folder:
        chain = bench.Chain(Path(folder) / "home")
        try:
            for faults in purchases:
                chain.buy(**faults)
            bought = [Bought(purchase, at or chain.now) for purchase, at in chain.journal.purchases_of(METER, 10)]
            sales = chain.sales()
            switchings = chain.journal.switchings()
        finally:
            chain.close()
    attempts = attempts_of(sales, bought, {}, switchings, knows_sales=True)
    sold = {each.purchase.pln_reference for each in bought if each.purchase.result.outcome is Outcome.SOLD}
    good = {sale.token for sale in sales if sale.reference in sold}
    evidence = Evidence(
        meter=METER,
        attempts=attempts,
        upgrades=(),
        view=None,
        keys=TokenKeys(KeyStore.empty()),
        token_of=None,
        opened_by=lambda digits: None,
        reconciled_on=lambda day: date(2026, 11, 23),
        today=date(2026, 11, 22),
    )
    told = {token for finding in diagnose_purchase(evidence) for token in finding.tokens}
    assert told <= good
    for sale in sales:
        (finding,) = diagnose_token(sale.token, evidence)
        assert (finding.cause is Cause.SOLD) is (sale.token in good)
        assert finding.tokens == ((sale.token,) if sale.token in good else ())
        assert finding.what
        assert finding.tell
    # Every purchase is one attempt, and a sale nobody heard of is suspect or still to be asked for.
    assert len(attempts) == len(purchases)
    unheard = {attempt.fate for attempt in attempts if attempt.sale and attempt.sale.token not in good}
    assert unheard <= {Fate.SUSPECT, Fate.OPEN}
