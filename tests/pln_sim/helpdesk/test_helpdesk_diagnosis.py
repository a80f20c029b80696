"""Every diagnosis, reached through a real chain, told by the real command."""

import json
from datetime import datetime, timedelta

import pytest

from meter_emu.shell import console
from meter_emu.sts.keys.key_store import KeyStore
from meter_emu.sts.numbers import Drn
from pln_sim.helpdesk.findings import WORDS, Cause

METER, NEIGHBOUR = Drn("14100000018"), Drn("14100000026")
ADVICES = {"2220", "2221"}


def changed(token, place=7):
    """The token with one digit another one."""
    return token[:place] + str((int(token[place]) + 1) % 10) + token[place + 1 :]


# --- "I paid, and nothing came": how the chain is led there, and what is found -----------------------------------------------

PURCHASES = {
    "nothing at all": (lambda chain: None, Cause.NO_PURCHASE),
    "another meter's": (lambda chain: chain.buy(NEIGHBOUR), Cause.NO_PURCHASE),
    "sold": (lambda chain: chain.buy(), Cause.SOLD),
    "reply lost, advice tells": (lambda chain: chain.buy(lost={"2200"}), Cause.SOLD),
    "all but the last advice lost": (lambda chain: chain.buy(lost={"2200", "2220"}), Cause.SOLD),
    "below the minimum": (lambda chain: chain.buy(rupiah=1_000), Cause.NOT_SOLD),
    "inquiry lost": (lambda chain: chain.buy(lost={"2100"}), Cause.NOT_SOLD),
    "gateway away": (lambda chain: chain.buy(is_shut=True), Cause.NOT_SOLD),
    "request stuck, advice tells": (lambda chain: chain.buy(stuck={"2200"}), Cause.NOT_SOLD),
    "sold, and nobody hears": (lambda chain: chain.buy(lost={"2200", *ADVICES}), Cause.SUSPECT),
    "not sold, and nobody hears": (lambda chain: chain.buy(stuck={"2200"}, lost=ADVICES), Cause.SUSPECT),
    "nothing gets through": (lambda chain: chain.buy(stuck={"2200", *ADVICES}), Cause.SUSPECT),
    "killed behind its 2200": (lambda chain: chain.buy(killed_at="2200"), Cause.ADVICE_DUE),
    "killed behind its 2100": (lambda chain: chain.buy(killed_at="2100"), Cause.ADVICE_DUE),
}


@pytest.mark.parametrize("case", PURCHASES)
def test_paid_and_not_confirmed(chain, diagnose, case):
    act, cause = PURCHASES[case]
    act(chain)
    (finding,) = diagnose(METER)
    assert finding["cause"] == cause.value, finding
    tokens = {sale.token for sale in chain.sales()}
    assert finding["tokens"] == ([chain.token()] if cause is Cause.SOLD else [])
    if cause is not Cause.SOLD:
        assert not any(token in json.dumps(finding).replace(" ", "") for token in tokens)


def test_a_killed_purchase_is_found_once_it_is_resumed(chain, diagnose):
    chain.buy(killed_at="2200")
    with chain.client() as client:
        assert [result.sale is not None for result in client.resume()] == [True]
    (finding,) = diagnose(METER)
    assert (finding["cause"], finding["tokens"]) == ("sold", [chain.token()])


@pytest.mark.parametrize(
    ("bought_at", "decided_on"),
    [("2026-11-22T09:00", "2026-11-23"), ("2026-11-20T09:00", "2026-11-23"), ("2026-12-24T09:00", "2026-12-28")],
)
def test_a_suspect_is_decided_on_the_next_working_day(chain, diagnose, bought_at, decided_on):
    chain.now = datetime.fromisoformat(bought_at)
    chain.buy(lost={"2200", *ADVICES})
    (finding,) = diagnose(METER, at=bought_at)
    assert finding["reconciled_on"] == decided_on
    assert decided_on in finding["tell"]


@pytest.mark.parametrize(
    ("faults", "cause"),
    [
        ({"lost": {"2200", *ADVICES}}, Cause.CANCELLED),
        ({"stuck": {"2200", *ADVICES}}, Cause.NOT_SOLD),
        ({}, Cause.SOLD),
    ],
)
def test_after_the_reconciliation(chain, diagnose, pln_sim, monkeypatch, faults, cause):
    chain.now = datetime(2026, 11, 20, 9, 0)
    monkeypatch.setattr(console, "now", lambda: datetime(2026, 11, 23, 8, 0))
    chain.buy(**faults)
    result = pln_sim("recon", "day", "--date", "2026-11-23")
    assert result.exit_code == 0, result.output
    (finding,) = diagnose(METER, at="2026-11-24T12:00")
    assert finding["cause"] == cause.value, finding
    if cause is Cause.CANCELLED:
        (refused,) = diagnose(METER, chain.token(), at="2026-11-23T12:00")
        assert (refused["cause"], refused["tokens"]) == ("cancelled", [])


def test_a_reconciliation_that_was_not_made_is_overdue(chain, diagnose):
    chain.now = datetime(2026, 11, 20, 9, 0)
    chain.buy(lost={"2200", *ADVICES})
    assert "2026-11-23 decides" in diagnose(METER, at="2026-11-23T12:00")[0]["what"]
    (finding,) = diagnose(METER, at="2026-11-24T12:00")
    assert finding["cause"] == "suspect"
    assert "2026-11-23, which is overdue, decides" in finding["what"]
    assert finding["tokens"] == []


def test_what_only_one_side_has(chain, diagnose, pln_sim):
    """A sale through a switching whose journal does not have it is a suspect; one over the counter, or without any journal at
    hand, is sold."""
    chain.buy(NEIGHBOUR)
    sold = json.loads(pln_sim("vend", METER, "20000", "--at", "2026-11-22T10:00", "--json").stdout)
    (finding,) = diagnose(METER)
    assert (finding["cause"], finding["tokens"]) == ("sold", [sold["token"]])
    chain.buy()
    chain.journal.close()
    journal = pln_sim.home / "switching.db"
    for path in pln_sim.home.glob("switching.db*"):
        path.unlink()
    assert diagnose(METER)[0]["cause"] == "sold"
    chain.journal = type(chain.journal)(journal)
    chain.buy(NEIGHBOUR)
    assert [finding["cause"] for finding in diagnose(METER)] == ["sold", "suspect"]


def test_without_a_vending_database_the_switching_is_believed(chain, diagnose, pln_sim):
    chain.buy()
    token = chain.token()
    for path in pln_sim.home.glob("vending.db*"):
        path.unlink()
    (finding,) = diagnose(METER)
    assert (finding["cause"], finding["tokens"]) == ("sold", [token])
    assert not (pln_sim.home / "vending.db").exists()


def test_the_purchases_of_a_day_and_every_suspect(chain, diagnose):
    chain.now -= timedelta(days=3)
    chain.buy(lost={"2200", *ADVICES})
    chain.buy()
    chain.now += timedelta(days=3)
    chain.buy()
    chain.buy(is_shut=True)
    assert [finding["cause"] for finding in diagnose(METER)] == ["not sold", "sold", "suspect"]


# --- "the meter refuses it" --------------------------------------------------------------------------------------------------


def neighbours_token(chain):
    chain.buy(NEIGHBOUR)
    return chain.token()


def suspects_token(chain):
    chain.buy(lost={"2200", *ADVICES})
    return chain.token()


def own_token(chain, change=lambda token: token):
    chain.buy()
    return change(chain.token())


REFUSED = {
    "good": (own_token, Cause.SOLD),
    "another's": (neighbours_token, Cause.ANOTHER_METER),
    "suspect": (suspects_token, Cause.SUSPECT),
    "one digit": (lambda chain: own_token(chain, changed), Cause.MISTYPED),
    "swapped": (lambda chain: own_token(chain, swapped), Cause.MISTYPED),
    "one too few": (lambda chain: own_token(chain, lambda token: token[:5] + token[6:]), Cause.MISTYPED),
    "one too many": (lambda chain: own_token(chain, lambda token: token[:5] + "7" + token[5:]), Cause.MISTYPED),
    "two digits": (lambda chain: own_token(chain, lambda token: changed(changed(token, 2), 9)), Cause.UNKNOWN_TOKEN),
    "a suspect, mistyped": (lambda chain: changed(suspects_token(chain)), Cause.SUSPECT),
    "another's, mistyped": (lambda chain: changed(neighbours_token(chain)), Cause.UNKNOWN_TOKEN),
    "too few": (lambda chain: "12345", Cause.NOT_A_TOKEN),
    "too large": (lambda chain: "9" * 20, Cause.NOT_A_TOKEN),
    "class 3": (lambda chain: f"{3 << 27:020}", Cause.NOT_A_TOKEN),
    "a test token": (lambda chain: "00000000000150997584", Cause.TEST_TOKEN),
}


def swapped(token):
    place = next(place for place in range(19) if token[place] != token[place + 1])
    return token[:place] + token[place + 1] + token[place] + token[place + 2 :]


@pytest.mark.parametrize("case", REFUSED)
def test_the_meter_refuses_it(chain, diagnose, case):
    make, cause = REFUSED[case]
    token = make(chain)
    (finding,) = diagnose(METER, token)
    if cause is Cause.UNKNOWN_TOKEN and finding["cause"] == Cause.NOT_A_TOKEN.value:
        assert int(token) >= 1 << 66 or int(token) >> 27 & 3 == 3  # what a changed digit can do
        return
    assert finding["cause"] == cause.value, finding
    may_be_told = [chain.token()] if cause in (Cause.SOLD, Cause.MISTYPED) else []
    assert finding["tokens"] == may_be_told
    secret = {sale.token for sale in chain.sales()} - {*may_be_told, token}
    assert not any(each in json.dumps(finding).replace(" ", "") for each in secret)
    if cause is Cause.ANOTHER_METER:
        assert finding["other"] == NEIGHBOUR


def test_a_token_with_blanks_and_dashes(chain, diagnose):
    token = own_token(chain)
    assert diagnose(METER, f"{token[:4]}-{token[4:8]}", token[8:])[0]["cause"] == "sold"


def test_genuine_but_no_sale(chain, diagnose, pln_sim):
    made = pln_sim.tokens("credit", METER, "--kwh", "12.5", "--at", "2026-11-22T08:00")[0]
    (finding,) = diagnose(METER, made["token"])
    assert finding["cause"] == "issued elsewhere"
    assert "issued for 2026-11-22 08:00" in finding["what"]
    # The neighbour's key opens it not, but the ledger says who got it.
    (finding,) = diagnose(NEIGHBOUR, made["token"])
    assert (finding["cause"], finding["other"]) == ("another meter's", METER)


def test_a_key_that_seems_to_fit_is_not_enough(chain, diagnose, pln_sim, tmp_path):
    """Only what the ledger knows is said to belong to another meter: this was made somewhere else."""
    made = pln_sim.tokens("credit", METER, "--kwh", "12.5", "--at", "2026-11-22T08:00", "--db", tmp_path / "elsewhere.db")[0]
    (finding,) = diagnose(NEIGHBOUR, made["token"])
    assert finding["cause"] == "unknown token"


def test_the_key_has_expired(chain, diagnose, pln_sim):
    chain.buy()
    token = chain.token()
    path = pln_sim.home / "keys.toml"
    path.write_text(f'[[meter]]\ndrn = "{METER}"\nken = 100\n')
    path.chmod(0o600)
    (finding,) = diagnose(METER, token)
    assert (finding["cause"], finding["tokens"]) == ("expired", [])
    assert "KEN 100" in finding["what"]


# --- Power upgrades ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def upgrade(pln_sim):
    def run(va, at):
        result = pln_sim("upgrade", METER, "--va", va, "--at", at, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    return run


def test_a_token_of_the_new_contract_wants_its_key_change_first(chain, diagnose, upgrade):
    made = upgrade("900", "2026-11-22T08:00")
    chain.buy()
    first, then = diagnose(METER, chain.token())
    assert (first["cause"], first["tokens"]) == ("key change first", made["tokens"])
    assert "unless it is keyed in already" in first["what"]
    assert (then["cause"], then["tokens"]) == ("sold", [chain.token()])
    assert [finding["cause"] for finding in diagnose(METER)] == ["sold", "key change first"]


def test_a_token_of_the_old_contract(chain, diagnose, upgrade):
    chain.buy()
    upgrade("900", "2026-11-22T11:00")
    (finding,) = diagnose(METER, chain.token())
    assert (finding["cause"], finding["tokens"]) == ("key changed since", [])
    # Who asks before keying it in hears the right order, which is not that of the next token.
    old, before, due = diagnose(METER)
    assert due["cause"] == "upgrade due"
    assert (old["cause"], old["tokens"]) == ("sold", [chain.token()])
    assert before["cause"] == "before the key change"
    assert "Masukkan token itu sebelum token tambah daya" in before["tell"]
    chain.now = datetime(2026, 11, 22, 11, 30)
    chain.buy()
    causes = [finding["cause"] for finding in diagnose(METER)]
    assert causes == ["sold", "sold", "before the key change", "key change first"]


def test_a_token_of_the_contract_before_the_last(chain, diagnose, upgrade):
    chain.buy()
    upgrade("900", "2026-11-22T10:00")
    upgrade("3500", "2026-11-22T10:30")
    (finding,) = diagnose(METER, chain.token())
    assert finding["cause"] == "key changed since"
    assert "(TI 01, now " in finding["what"]


def test_a_suspect_is_a_suspect_whatever_else_there_is(chain, diagnose, upgrade):
    upgrade("900", "2026-11-22T08:00")
    (finding,) = diagnose(METER, suspects_token(chain))
    assert finding["cause"] == "suspect"
    assert [finding["cause"] for finding in diagnose(METER)] == ["suspect", "upgrade due"]


def test_the_tokens_of_an_upgrade(chain, diagnose, upgrade):
    made = upgrade("900", "2026-11-22T08:00")
    for place, section in enumerate(made["key_change"], 1):
        (finding,) = diagnose(METER, section)
        assert (finding["cause"], finding["tokens"]) == ("key change token", made["tokens"])
        assert f"section {place} of 4" in finding["what"]
    assert diagnose(METER, made["power_limit"])[0]["cause"] == "power limit token"
    assert diagnose(METER, changed(made["power_limit"]))[0]["tokens"] == [made["power_limit"]]
    assert diagnose(NEIGHBOUR, made["power_limit"])[0]["other"] == METER


# --- The words ---------------------------------------------------------------------------------------------------------------


def test_every_cause_has_words():
    assert {*WORDS} == {*Cause}


def test_as_text(chain, pln_sim):
    chain.buy()
    lines = pln_sim("desk", "diagnose", METER, "--at", "2026-11-22T12:00").stdout.splitlines()
    assert lines[0].startswith("sold: 46.8 kWh were sold for Rp 20.000,00 on 2026-11-22 09:00, the newest token of this meter")
    assert lines[1].startswith("Sampaikan: Pembelian Rp 20.000,00 pada 2026-11-22 09:00 berhasil. Token Anda ")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("123",), "must be 11 digits"),
        ((METER, "1234x"), "character 5 is not a digit"),
        ((METER, "1" * 41), "token has 41 digits"),
    ],
)
def test_one_line_for_a_wrong_command(pln_sim, arguments, words):
    assert words in pln_sim.complaint("desk", "diagnose", *arguments)


def test_an_empty_home_is_left_empty(pln_sim, diagnose):
    assert diagnose(METER)[0]["cause"] == "no purchase"
    assert not pln_sim.home.exists()


def test_keys_are_not_needed_for_what_is_written_down(chain, diagnose, pln_sim):
    token = own_token(chain)
    path = pln_sim.home / "keys.toml"
    path.write_text(f'[[meter]]\ndrn = "{METER}"\nsgc = "654321"\n')
    path.chmod(0o600)
    assert diagnose(METER, token)[0]["cause"] == "sold"
    assert KeyStore.empty().card(METER).parameters.sgc == "123457"
