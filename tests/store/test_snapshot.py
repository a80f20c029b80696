"""A meter survives being written down: whatever its state, what comes back is equal to it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meter_emu.meter import Cause, KeyRegister, Meter, Outcome, Panel, State, parse_keys
from meter_emu.meter.access import Access, Level
from meter_emu.meter.last_token import LastToken
from meter_emu.meter.results import AuthenticationResult, Refusal, ResultCode, TokenResult, ValidationResult
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
        st.tuples(st.just("clock"), st.integers(0, 100_000)),
        st.tuples(st.just("password"), st.sampled_from(["00000000", "wrong"])),
        st.tuples(st.just("token"), st.sampled_from(["0" * 20, "1", "x", "9" * 20])),
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
        elif event == "clock":
            now = max(now, meter.state.clock) + value
            meter = meter.set_clock(now, now - value)
        elif event == "password":
            access, _ = meter.state.access.give(Level.CUSTOMER, value, now)
            meter = meter._replace(state=meter.state._replace(access=access))
        elif event == "token":
            meter, _ = meter.enter(value, now)
        else:
            meter = meter.cut_power(now) if event == "cut" else meter.restore_power(now)
    return meter


@given(events=EVENTS)
def test_comes_back_equal(new_meter, events):
    meter = live(new_meter(), events)
    assert state_from_text(state_to_text(meter.state)) == meter.state
    assert panel_from_text(panel_to_text(meter.panel)) == meter.panel


def test_every_verdict_comes_back(new_meter):
    for verdict in (*TokenResult, *AuthenticationResult, *ValidationResult, *Refusal):
        state = new_meter().state
        state = state._replace(last_token=state.last_token.followed_by("1" * 20, Outcome(verdict), 7))
        back = state_from_text(state_to_text(state)).last_token
        assert (back.verdict, type(back.verdict)) == (verdict, type(verdict))


def test_own_passwords_come_back(new_meter):
    state = new_meter().state
    access = state.access.with_password(Level.CUSTOMER, "kilowatt", b"a").with_password(Level.SERVICE, "kilovolt", b"b")
    assert state_from_text(state_to_text(state._replace(access=access))).access == access


def test_a_row_of_the_first_version(row_of_version_1):
    state = state_from_text(row_of_version_1["state"])
    assert (state.credit.accepted, state.credit.consumed, state.load) == (117_000_000, 77_000, 1000)
    assert (state.overload.trips, state.last_result, state.is_powered) == (2, ResultCode.CRC_ERROR, False)
    assert (state.last_token, state.access, state.clock_offset) == (LastToken(), Access(), 0)
    assert state_from_text(state_to_text(state)) == state
    assert panel_from_text(row_of_version_1["panel"]) == Panel()


@pytest.mark.parametrize(
    "missing",
    ["access", "last_token", "clock_offset", "clock_set_at", "power_failed_at", "power_restored_at", "profile",
     "key.retired_keys", "key.keys_since_rollover", "last_token.verdict", "access.service", "access.service.locked"],
)  # fmt: skip
def test_a_row_that_lacks_a_later_field(new_meter, missing):
    state = new_meter().state
    plain = json.loads(state_to_text(state))
    part, _, field = missing.partition(".")
    if field == "service.locked":
        plain["access"]["service"].pop()
    elif field:
        del plain[part][field]
    else:
        del plain[part]
    assert state_from_text(json.dumps(plain)) == state


def test_keeps_the_makers_own_tables():
    tables = StaTables(tuple(reversed(range(64))), (tuple(range(16)), tuple(reversed(range(16)))))
    keys = KeyStore.empty()
    card = keys.card(Drn("12345678911")).changed(ea="07")
    key = KeyRegister.install(card, keys.key_of(card).decoder_key, tables)
    back = state_from_text(state_to_text(State(drn=card.drn, clock=0, key=key)))
    assert back.key.tables == tables
    assert back.key.decoder_key.algorithm is EncryptionAlgorithm.STA


@pytest.mark.parametrize(
    ("part", "field"),
    [
        (None, "clock"),
        (None, "load"),
        (None, "clock_offset"),
        (None, "power_failed_at"),
        ("credit", "accepted"),
        ("overload", "limit"),
        ("last_token", "number"),
    ],
)
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
