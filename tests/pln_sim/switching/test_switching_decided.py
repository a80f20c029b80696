"""What reconciliation decided, in the journal: the purchase is sold or not sold by it for good, the customer learns it, and no
client can say otherwise."""

from contextlib import suppress
from datetime import date

import pytest

from pln_sim.reconciliation.columns import Transaction
from pln_sim.reconciliation.decision import Decision
from pln_sim.reconciliation.result import Result
from pln_sim.switching.journal import Journal, TakenOver
from pln_sim.switching.purchase import Outcome, State

DAY = date(2008, 5, 5)
LOST = dict.fromkeys(("2200", "2220", "2221"), "lost")
TOKEN = "09876543210987654321"


def verdict(result, purchase, token=TOKEN):
    """What PLN decided of a purchase."""
    order = purchase.order
    row = Transaction(
        *("20080502072300", "10000D3", "6015", purchase.pln_reference, order.receipt_reference, order.meter),
        *(order.amount, 0, 0, 0, 0, 0, order.amount, 1_350, token, "0110000"),
    ).row
    return Decision(
        reference=purchase.pln_reference, switcher_id="10000D3", reconciled_on=DAY, result=result, row=row.decode(), reason=""
    )


@pytest.fixture
def suspect(client, network, bench):
    """A purchase that nobody answered."""
    network.fault_of = LOST
    result = client.buy(bench.METER, bench.RUPIAH_20000)
    client.told(result)
    network.fault_of = {}
    assert result.outcome is Outcome.SUSPECT
    return result


def test_a_suspect_that_stands_is_sold_and_the_customer_gets_the_token(suspect, journal):
    journal.decide([verdict(Result.NOT_CANCELLED, suspect)])
    (result,) = journal.untold()
    assert result.outcome is Outcome.SOLD
    assert (result.sale.token, str(result.sale.energy), result.is_by_reconciliation) == (TOKEN, "13.50", True)
    assert result == journal.result_of(suspect.order.receipt_reference)
    assert TOKEN not in repr(result)
    journal.set_told(result.serial)
    assert journal.untold() == []


def test_a_suspect_that_was_cancelled_is_not_sold(suspect, journal):
    journal.decide([verdict(Result.CANCELLED, suspect)])
    (result,) = journal.untold()
    assert (result.outcome, result.sale) == (Outcome.NOT_SOLD, None)
    assert result.why == "cancelled by the reconciliation of 2008-05-05"


def test_a_sale_that_pln_does_not_book_is_taken_back_and_stays_in_the_report(client, journal, bench):
    sold = client.buy(bench.METER, bench.RUPIAH_20000)
    reported = list(journal.answers_of_day("10000D3", date(2008, 5, 2)))
    journal.decide([verdict(Result.NOT_FORCED, sold)])
    result = journal.result_of(sold.order.receipt_reference)
    assert (result.outcome, result.sale) == (Outcome.NOT_SOLD, None)
    assert list(journal.answers_of_day("10000D3", date(2008, 5, 2))) == reported != []


def test_a_sale_that_was_forced_is_as_it_was(client, journal, bench):
    sold = client.buy(bench.METER, bench.RUPIAH_20000)
    client.told(sold)
    journal.decide([verdict(Result.FORCED, sold)])
    assert journal.result_of(sold.order.receipt_reference) == sold
    assert journal.untold() == []


def test_a_purchase_sold_by_verdict_is_not_reported_as_answered(suspect, journal):
    journal.decide([verdict(Result.NOT_CANCELLED, suspect)])
    assert list(journal.answers_of_day("10000D3", date(2008, 5, 2))) == []


@pytest.mark.parametrize(("result", "outcome"), [(Result.CANCELLED, Outcome.NOT_SOLD), (Result.NOT_CANCELLED, Outcome.SOLD)])
def test_a_client_that_still_waits_cannot_say_otherwise(result, outcome, client, network, journal, truth, bench, tmp_path):
    """The verdict comes while the reply that sells is on its way."""
    answer = truth.answer

    def decided_meanwhile(stream):
        if stream.startswith(b"2200"):
            with Journal(tmp_path / "switching.db") as other:
                (open_one,) = other.open_purchases()
                other.decide([verdict(result, open_one)])
        return answer(stream)

    truth.answer = decided_meanwhile
    with pytest.raises(TakenOver, match="decided by reconciliation"):
        client.buy(bench.METER, bench.RUPIAH_20000)
    (purchase,) = journal.purchases()
    assert purchase.result.outcome is outcome
    assert list(client.resume()) == []
    assert journal.purchases() == [purchase]


def test_the_first_verdict_is_final_and_told_once(suspect, journal):
    journal.decide([verdict(Result.CANCELLED, suspect)])
    journal.set_told(suspect.serial)
    journal.decide([verdict(Result.NOT_CANCELLED, suspect), verdict(Result.CANCELLED, suspect)])
    assert journal.untold() == []
    assert journal.purchases()[-1].state is State.NOT_SOLD_BY_RECONCILIATION
    assert [each.result for each in journal.decisions("10000D3", DAY)] == [Result.CANCELLED]
    assert list(journal.decisions("10000D4", DAY)) == []


def test_a_kill_amid_a_verdict_leaves_all_or_nothing(suspect, journal, tmp_path):
    class Killed(BaseException):
        pass

    def killed():
        yield verdict(Result.NOT_CANCELLED, suspect)
        raise Killed

    with suppress(Killed):
        journal.decide(killed())
    with Journal(tmp_path / "switching.db") as other:
        assert list(other.decisions("10000D3", DAY)) == []
        assert other.result_of(suspect.order.receipt_reference).outcome is Outcome.SUSPECT


def test_a_purchase_whose_journal_was_lost_is_found_in_its_verdict(suspect, tmp_path):
    with Journal(tmp_path / "another.db") as journal:
        assert journal.result_of(suspect.order.receipt_reference) is None
        journal.decide([verdict(Result.NOT_CANCELLED, suspect)])
        result = journal.result_of(suspect.order.receipt_reference)
        assert (result.outcome, result.sale.token) == (Outcome.SOLD, TOKEN)
        assert (result.order, result.pln_reference) == (suspect.order, suspect.pln_reference)
        assert journal.untold() == []


def test_a_journal_of_the_version_before_is_brought_up_to_date(client, journal, bench, tmp_path):
    sold = client.buy(bench.METER, bench.RUPIAH_20000)
    downgrade = (
        "DROP TABLE decision", "DROP INDEX purchase_of_day", "ALTER TABLE purchase DROP COLUMN verdict",
        "CREATE INDEX purchase_of_day ON purchase (switcher_id, substr(answer, 70, 8), serial) WHERE state = 'sold'",
        "PRAGMA user_version = 2",
    )  # fmt: skip
    for statement in downgrade:
        journal._connection.execute(statement)
    with Journal(tmp_path / "switching.db") as updated:
        assert updated.result_of(sold.order.receipt_reference) == sold
        assert len(list(updated.answers_of_day("10000D3", date(2008, 5, 2)))) == 1


def test_resume_tells_the_customer(suspect, journal, tmp_path, pln_sim):
    journal.decide([verdict(Result.NOT_CANCELLED, suspect)])
    pln_sim.home.mkdir(parents=True, exist_ok=True)
    (tmp_path / "switching.db").rename(pln_sim.home / "switching.db")
    for name in ("switching.db-wal", "switching.db-shm"):
        (tmp_path / name).rename(pln_sim.home / name)
    result = pln_sim("buy", "--resume")
    assert result.exit_code == 0, result.output
    line, token = result.stdout.splitlines()
    assert line == "sold: 13.50 kWh for meter 12345678911, Rp 20.000,00; not cancelled by the reconciliation of 2008-05-05"
    assert token == "0987 6543 2109 8765 4321"
    assert pln_sim("buy", "--resume").stdout == "nothing is open\n"
