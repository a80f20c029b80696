"""What a killed buyer left: the switching's journal says what became of it, and silence is never taken for a no."""

import socket
from dataclasses import replace
from datetime import date

import pytest

from pln_sim.reconciliation.columns import Transaction
from pln_sim.reconciliation.decision import Decision
from pln_sim.reconciliation.result import Result
from pln_sim.reseller.counter import Terms, finish
from pln_sim.reseller.trade import NotSold, Sold, State, Suspect, Trade
from pln_sim.switching.journal import Journal
from pln_sim.switching.link import Address
from pln_sim.switching.purchase import Order, Switching

SWITCHING = Switching("10000D3", "0110000", "6015")
REFERENCE = "0" * 31 + "1"


@pytest.fixture
def nowhere():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return Address(*server.getsockname())


@pytest.fixture
def terms(tmp_path, nowhere):
    return Terms(tmp_path / "switching.db", nowhere, SWITCHING, 0.05)


@pytest.fixture
def trade(helpers):
    names = helpers.SENDER, "PLN20", helpers.GUIDE_METER, 1_912_000, 1_840_000, REFERENCE
    return Trade(*names, helpers.NOW, State.UNDER_WAY, 0)


def begin(terms, **changes):
    """A purchase in the journal, as a killed client left it."""
    with Journal(terms.journal) as journal:
        serial = journal.begin(Order("01105574222", 1_840_000, REFERENCE, SWITCHING), str(terms.gateway), "killed")
        for name, value in changes.items():
            assert name in ("state", "code", "answer", "pln_reference")
            journal._connection.execute(f"UPDATE purchase SET {name} = ? WHERE serial = ?", (value, serial))  # noqa: S608


def outcomes(trades, terms, is_alone=True, gateway_of=Address.parse):
    return [outcome for _, outcome in finish(trades, terms, gateway_of, is_alone=is_alone)]


def test_what_is_not_in_the_journal_was_never_begun(terms, trade):
    Journal(terms.journal).close()
    assert outcomes([trade], terms) == [NotSold("transaksi tidak sempat dikirim")]


def test_unless_somebody_else_may_be_about_to_begin_it(terms, trade):
    Journal(terms.journal).close()
    assert outcomes([trade], terms, is_alone=False) == []


def test_a_suspect_that_is_not_in_the_journal_stays_one(terms, trade):
    Journal(terms.journal).close()
    assert outcomes([replace(trade, state=State.SUSPECT)], terms) == []


def test_a_lost_journal_makes_everything_suspect(terms, trade):
    assert outcomes([trade], terms) == [Suspect("the switching's journal is gone")]
    assert not terms.journal.exists()


def test_killed_before_the_2200_nothing_was_sold(terms, trade):
    begin(terms, state="inquiring")
    (outcome,) = outcomes([trade], terms)
    assert isinstance(outcome, NotSold)


@pytest.mark.parametrize("is_allowed", [True, False])
def test_without_a_gateway_to_ask_it_stays_suspect(terms, trade, is_allowed):
    begin(terms, state="purchasing")
    (outcome,) = outcomes([trade], terms, gateway_of=Address.parse if is_allowed else lambda begun_at: None)
    assert isinstance(outcome, Suspect)


def test_a_refusal_in_the_journal_is_told_in_the_kiosk_s_words(terms, trade):
    begin(terms, state="not sold", code="0015")
    assert outcomes([trade], terms) == [NotSold("nomor meter tidak dikenal")]
    with Journal(terms.journal) as journal:
        assert journal.untold() == []


def test_a_sale_in_the_journal_is_a_sale(terms, trade):
    begin(terms, state="sold", answer=SOLD)
    assert outcomes([trade], terms) == [Sold("01234567890123456789")]


@pytest.mark.parametrize(("result", "outcome"), [
    (Result.NOT_CANCELLED, Sold("64288330794833777707")),
    (Result.CANCELLED, NotSold("dibatalkan PLN setelah rekonsiliasi")),
])  # fmt: skip
@pytest.mark.parametrize("is_lost", [False, True])
@pytest.mark.parametrize("is_alone", [False, True])
def test_reconciliation_settles_a_suspect(terms, trade, result, outcome, is_lost, is_alone):
    """Whoever asks, beside a serving reseller or alone, and even when the journal of the purchase was lost."""
    if not is_lost:
        begin(terms, state="suspect", pln_reference="A" * 32)
    suspect = replace(trade, state=State.SUSPECT)
    with Journal(terms.journal) as journal:
        assert outcomes([suspect], terms, is_alone) == ([] if is_lost else [Suspect("no code")])
        journal.decide([verdict(result)])
        assert outcomes([suspect], terms, is_alone) == outcomes([suspect], terms, is_alone) == [outcome]
        assert journal.untold() == []


def verdict(result):
    """What PLN decided of the purchase."""
    row = Transaction(
        *("20261122083000", "10000D3", "6015", "A" * 32, REFERENCE, "01105574222"),
        *(1_840_000, 0, 0, 0, 0, 0, 1_840_000, 1_290, "64288330794833777707", "0110000"),
    ).row
    return Decision(
        reference="A" * 32, switcher_id="10000D3", reconciled_on=date(2026, 11, 23), result=result, row=row.decode(), reason=""
    )


def test_one_purchase_is_looked_up_and_not_all_of_them(terms, trade, monkeypatch):
    begin(terms, state="sold", answer=SOLD)
    monkeypatch.delattr(Journal, "purchases")
    assert outcomes([trade], terms) == [Sold("01234567890123456789")]


SOLD = (
    b"221050320041020100000553502360000000001840000000000000120080502072300200805026015070110000000024010000D3"
    b"0110557422200000000000003DF0176A1F03DB74F5B8C4D39DC43F8600000000000000000000000000000001"
    b"10000001SUBSCRIBER NAME          R1  00000045020000000000200003000002000219911520000659735"
    b"2002485000020000219911502000002330001234567890123456789"
)
