"""A rollover empties the TID store; no old token may count again because of it, whatever key the utility sends."""

import pytest

from meter_emu.meter.results import TokenResult
from meter_emu.sts.tokens import NewKey, encode, key_change_tokens

DKGA02 = {"dkga": "02", "ea": "07", "sgc": "123456", "base_date": "1993"}


def sections(old, new, *, rollover):
    """The tokens that change the key of ``old`` to that of ``new``, made by hand: a utility that errs."""
    card, parameters = new.card, new.card.parameters
    change = NewKey(new.decoder_key, parameters.sgc, parameters.ti, parameters.kt, parameters.krn, card.ken, rollover=rollover)
    return [encode(token, old.decoder_key.cipher()) for token in key_change_tokens(change)]


def enter_all(meter, tokens):
    for token in tokens:
        meter, outcome = meter.enter(token, meter.state.clock)
    return meter, outcome


@pytest.fixture
def old(utility):
    return utility.of(**DKGA02)


def test_a_rollover_to_the_same_key_is_refused(old):
    meter, _ = old.meter().enter(old.credit(1000, 10), 0)
    again = old.changed(base_date="2014")
    assert again.decoder_key == old.decoder_key, "DKGA02 does not know the base date"
    after, outcome = enter_all(meter, sections(old, again, rollover=True))
    assert outcome.verdict is TokenResult.RANGE_ERROR
    after, outcome = after.enter(old.credit(1000, 10), 0)
    assert not outcome.accepted
    assert after.state.credit.accepted == meter.state.credit.accepted


def test_a_key_from_before_a_rollover_never_comes_back(old):
    new = old.changed(base_date="2014", ti="02")
    meter, _ = old.meter().enter(old.credit(1000, 10), 0)
    meter, outcome = enter_all(meter, sections(old, new, rollover=True))
    assert outcome.accepted
    back = new.changed(ti="01")
    assert back.decoder_key == old.decoder_key
    meter, outcome = enter_all(meter, sections(new, back, rollover=False))
    assert outcome.verdict is TokenResult.RANGE_ERROR
    assert not meter.enter(old.credit(1000, 10), 0)[1].accepted


def test_nor_does_any_earlier_key_of_that_base_date(old):
    second, third = old.changed(ti="02"), old.changed(ti="03", base_date="2014")
    meter, _ = old.meter().enter(old.credit(1000, 10), 0)
    meter, _ = enter_all(meter, sections(old, second, rollover=False))
    meter, outcome = enter_all(meter, sections(second, third, rollover=True))
    assert outcome.accepted
    for earlier in (old, second):
        assert enter_all(meter, sections(third, earlier, rollover=False))[1].verdict is TokenResult.RANGE_ERROR


def test_within_one_base_date_a_key_may_come_back_for_its_tids_are_kept(old):
    second = old.changed(ti="02")
    meter, _ = old.meter().enter(old.credit(1000, 10), 0)
    meter, _ = enter_all(meter, sections(old, second, rollover=False))
    meter, outcome = enter_all(meter, sections(second, old, rollover=False))
    assert outcome.accepted
    assert not meter.enter(old.credit(1000, 10), 0)[1].accepted
    assert meter.enter(old.credit(1001, 10), 0)[1].accepted


def test_the_last_base_date_does_not_roll_over(utility):
    old = utility.of(base_date="2035")
    new = old.changed(krn=2)
    meter, outcome = enter_all(old.meter(), sections(old, new, rollover=True))
    assert outcome.verdict is TokenResult.RANGE_ERROR
    assert meter.state.key.base_date.value == "2035"
