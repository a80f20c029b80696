"""A meter survives being written down: whatever its state, what comes back is equal to it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meter_emu.meter import Cause, KeyRegister, Meter, State, parse_keys
from meter_emu.store.snapshot import panel_from_text, panel_to_text, state_from_text, state_to_text
from meter_emu.sts.ciphers import EncryptionAlgorithm, StaTables
from meter_emu.sts.keys.key_store import KeyStore
from meter_emu.sts.numbers import Drn
from meter_emu.sts.tokens import Token, TokenType, encode

EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("load"), st.integers(0, 5000)),
        st.tuples(st.just("wait"), st.integers(0, 100_000)),
        st.tuples(st.just("sense"), st.sampled_from(list(Cause))),
        st.tuples(st.just("unsense"), st.sampled_from(list(Cause))),
        st.tuples(st.just("credit"), st.integers(1, 30)),
        st.tuples(st.just("limit"), st.integers(0, 3000)),
        st.tuples(st.just("section"), st.integers(1, 2)),
        st.tuples(st.just("keys"), st.sampled_from(["12", "37<E>", "45610<E>", "123005<E>", "812<E>", "1234567<E>", "<B>"])),
        st.tuples(st.just("cut"), st.just(0)),
        st.tuples(st.just("restore"), st.just(0)),
    ),
    max_size=30,
)


def live(meter: Meter, events: list[tuple[str, object]]) -> Meter:
    cipher, now, tid = meter.state.key.cipher, meter.state.clock, 1000
    for event, value in events:
        now, tid = now + 7, tid + 1
        if event == "load":
            meter = meter.set_load(value, now)
        elif event == "wait":
            now += value
            meter = meter.advance(now)
        elif event in ("sense", "unsense"):
            meter = meter.sense(value, event == "sense", now)
        elif event == "credit":
            token = Token.build(TokenType.ELECTRICITY_CREDIT, rnd=0, tid=tid, amount=value)
            meter, _ = meter.enter(encode(token, cipher), now)
        elif event == "limit":
            token = Token.build(TokenType.SET_MAXIMUM_POWER_LIMIT, rnd=0, tid=tid, mpl=value)
            meter, _ = meter.enter(encode(token, cipher), now)
        elif event == "section":
            token = Token.build(TokenType.SET_2ND_SECTION_DECODER_KEY, kenlo=value, ti=2, nklo=0xFFFFFFFF)
            meter, _ = meter.enter(encode(token, cipher), now)
        elif event == "keys":
            for key in parse_keys(value):
                meter, _ = meter.press(key, now)
        else:
            meter = meter.cut_power(now) if event == "cut" else meter.restore_power(now)
    return meter


@given(events=EVENTS)
def test_comes_back_equal(new_meter, events):
    meter = live(new_meter(), events)
    assert state_from_text(state_to_text(meter.state)) == meter.state
    assert panel_from_text(panel_to_text(meter.panel)) == meter.panel


def test_keeps_the_makers_own_tables():
    tables = StaTables(tuple(reversed(range(64))), (tuple(range(16)), tuple(reversed(range(16)))))
    keys = KeyStore.empty()
    card = keys.card(Drn("12345678911")).changed(ea="07")
    key = KeyRegister.install(card, keys.key_of(card).decoder_key, tables)
    back = state_from_text(state_to_text(State(drn=card.drn, clock=0, key=key)))
    assert back.key.tables == tables
    assert back.key.decoder_key.algorithm is EncryptionAlgorithm.STA


@pytest.mark.parametrize(("part", "field"), [(None, "clock"), (None, "load"), ("credit", "accepted"), ("overload", "limit")])
def test_a_number_that_is_none_is_an_error(new_meter, part, field):
    plain = json.loads(state_to_text(new_meter().state))
    (plain if part is None else plain[part])[field] = "x"
    with pytest.raises(TypeError):
        state_from_text(json.dumps(plain))


@pytest.mark.parametrize("field", ["drn", "clock", "key", "credit", "tids", "pending", "tamper", "last_result"])
def test_a_missing_field_is_an_error_not_a_guess(new_meter, field):
    plain = json.loads(state_to_text(new_meter().state))
    del plain[field]
    with pytest.raises((LookupError, TypeError)):
        state_from_text(json.dumps(plain))
