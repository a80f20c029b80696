"""With a look into a virtual meter's memory the diagnosis is sure where it else says "unless"."""

import json
from datetime import datetime, timedelta

import pytest

from meter_emu.cli.factory import install_meter
from meter_emu.meter.clock import seconds_of
from meter_emu.meter.tamper import Cause as Tamper
from meter_emu.store import FILE_NAME, Store
from meter_emu.store.entries import token_entry
from meter_emu.sts.keys.key_store import KeyStore
from meter_emu.sts.numbers import Drn

METER = Drn("14100000018")
EARLY, NOON = datetime(2026, 11, 22, 6, 0), datetime(2026, 11, 22, 12, 0)


class Wall:
    """The meter, in a home of its own."""

    def __init__(self, home):
        home.mkdir()
        self.home = home
        self.store = Store(home / FILE_NAME)
        keys = KeyStore.empty()
        install_meter(self.store, keys, keys.card(METER), seconds_of(EARLY), None)

    def enter(self, token, at=NOON):
        def act(meter):
            after, outcome = meter.enter(token, seconds_of(at))
            return after, [token_entry(after, token, outcome)], outcome.accepted

        return self.store.change(METER, act)

    def do(self, act):
        self.store.change(METER, lambda meter: (act(meter), [], None))


@pytest.fixture
def wall(tmp_path):
    wall = Wall(tmp_path / "wall")
    yield wall
    wall.store.close()


@pytest.fixture
def look(diagnose, wall):
    """What is found with a look into the meter; the causes, and the findings themselves."""

    def run(*arguments, at="2026-11-22T12:00"):
        found = diagnose(METER, *arguments, "--meter-home", wall.home, at=at)
        return [finding["cause"] for finding in found], found

    return run


@pytest.fixture
def upgrade(pln_sim):
    def run(va, at="2026-11-22T08:00"):
        result = pln_sim("upgrade", METER, "--va", va, "--at", at, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    return run


def test_not_entered_yet(chain, look):
    chain.buy()
    causes, found = look(chain.token())
    assert causes == ["sold"]
    assert found[0]["tokens"] == [chain.token()]


def test_entered_already(chain, look, wall):
    chain.buy()
    assert wall.enter(chain.token())
    causes, (finding,) = look(chain.token())
    assert causes == ["already used"]
    assert "on 2026-11-22 12:00" in finding["what"]
    assert finding["tokens"] == []


def test_its_tid_is_used_though_the_journal_does_not_show_it(chain, look, wall):
    chain.buy()
    wall.store.change(METER, lambda meter: (meter.enter(chain.token(), seconds_of(NOON))[0], [], None))
    assert look(chain.token())[0] == ["already used"]


def test_too_old(chain, look, wall, pln_sim):
    chain.buy()
    later = pln_sim.tokens("credit", METER, "--kwh", "0.1", "--count", "60", "--at", "2026-11-22T10:00")
    assert all(wall.enter(each["token"]) for each in later)
    causes, (finding,) = look(chain.token())
    assert causes == ["too old"]
    assert finding["tokens"] == []
    assert not wall.enter(chain.token())


def test_the_key_change_comes_first_and_then_no_more(chain, look, wall, upgrade):
    made = upgrade("900")
    chain.buy()
    assert look()[0] == ["key change first", "sold"]
    causes, found = look(chain.token())
    assert causes == ["key change first", "sold"]
    assert "unless" not in found[0]["what"]
    assert not wall.enter(chain.token())
    # One is told the tokens, keys them in as told, and all is well.
    assert all(wall.enter(token) for token in found[0]["tokens"])
    assert look(chain.token())[0] == ["sold"]
    assert wall.enter(chain.token())
    assert look(made["key_change"][0])[0] == ["already used"]


def test_two_key_changes_come_one_after_the_other(chain, look, wall, upgrade):
    first, second = upgrade("900"), upgrade("3500", "2026-11-22T08:30")
    chain.buy()
    causes, found = look(chain.token())
    assert causes == ["key change first", "key change first", "sold"]
    assert [finding["tokens"] for finding in found[:2]] == [first["tokens"], second["tokens"]]
    assert all(wall.enter(token) for finding in found for token in finding["tokens"])


@pytest.mark.parametrize("place", [0, -1])
def test_the_tokens_of_a_second_upgrade_come_behind_those_of_the_first(look, wall, upgrade, place):
    """Whoever keys in what is told, in its order, has the new contract; nothing that is told is refused."""
    first, second = upgrade("900"), upgrade("3500", "2026-11-22T08:30")
    causes, found = look(second["tokens"][place])
    assert causes == ["key change first", "key change token" if place == 0 else "power limit token"]
    assert [finding["tokens"] for finding in found] == [first["tokens"], second["tokens"]]
    assert all(wall.enter(token) for token in first["tokens"])
    causes, found = look(second["tokens"][place])
    assert causes == ["key change token" if place == 0 else "power limit token"]
    assert all(wall.enter(token) for token in found[0]["tokens"])


def test_a_section_that_the_meter_has_left_behind(look, wall, upgrade):
    first, second = upgrade("900"), upgrade("3500", "2026-11-22T08:30")
    assert all(wall.enter(token) for token in (*first["key_change"], *second["tokens"]))
    causes, (finding,) = look(first["power_limit"])
    assert (causes, finding["tokens"]) == (["key changed since"], [])
    assert not wall.enter(first["power_limit"])


def test_an_upgrade_is_told_though_nothing_was_bought(look, wall, upgrade):
    first, second = upgrade("900"), upgrade("3500", "2026-11-22T08:30")
    causes, found = look()
    assert causes == ["no purchase", "upgrade due", "upgrade due"]
    assert all(wall.enter(token) for finding in found[1:] for token in finding["tokens"][:-1])
    causes, found = look()
    assert (causes, found[1]["tokens"]) == (["no purchase", "upgrade due"], [second["power_limit"]])
    assert wall.enter(second["power_limit"])
    assert look()[0] == ["no purchase"]
    assert first["tokens"]


def test_a_key_that_came_back_opens_at_once(chain, look, wall, upgrade):
    """From 450 to 900 VA and on to 1300 the index goes from 01 to 02 and back: the meter that heard of neither takes it."""
    upgrade("900")
    upgrade("1300", "2026-11-22T08:30")
    chain.buy()
    assert look(chain.token())[0] == ["sold"]
    assert wall.enter(chain.token())


def test_an_old_token_behind_a_key_change(chain, look, wall, upgrade):
    chain.buy()
    made = upgrade("900", "2026-11-22T11:00")
    assert look(chain.token())[0] == ["sold"]
    assert all(wall.enter(token) for token in made["key_change"])
    causes, (finding,) = look(chain.token())
    assert causes == ["key changed since"]
    assert "only if" not in finding["what"]
    assert not wall.enter(chain.token())


STATES = {
    "tampered": (lambda meter: meter.sense(next(iter(Tamper)), True, seconds_of(NOON)), "tampered"),
    "no power": (lambda meter: meter.cut_power(seconds_of(NOON)), "no power"),
}


@pytest.mark.parametrize("case", STATES)
def test_the_matter_is_the_meter_itself(chain, look, wall, case):
    act, cause = STATES[case]
    chain.buy()
    wall.do(act)
    assert look(chain.token())[0] == [cause, "sold"]


def test_locked_out(chain, look, wall):
    chain.buy()
    for _ in range(3):
        assert not wall.enter("12345678901234567899")
    causes, found = look(chain.token())
    assert causes == ["locked out", "sold"]
    assert "10 s" in found[0]["what"]
    later = (NOON + timedelta(seconds=11)).isoformat()
    assert look(chain.token(), at=later)[0] == ["sold"]


def test_the_meter_is_only_looked_at(chain, look, wall):
    chain.buy()
    before = wall.store.load(METER)
    look(chain.token(), at="2026-11-23T12:00")
    assert wall.store.load(METER) == before


@pytest.mark.parametrize(
    ("meter", "words"), [("14100000026", "is not installed in"), ("14100000018", "no meter is installed in")]
)
def test_no_such_meter(pln_sim, wall, tmp_path, meter, words):
    home = wall.home if "not installed" in words else tmp_path
    complaint = pln_sim.complaint("desk", "diagnose", meter, "--meter-home", home, exit_code=1)
    assert words in complaint
