"""From the ledgers to rows: the quick way and the careful one say the same, and the journal gives what belongs to a day."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pln_sim.gateway.messages import Amount, Mti, ResponseCode, read, table, write
from pln_sim.reconciliation import sources
from pln_sim.reconciliation.sources import transaction_of_answer
from pln_sim.switching.journal import Journal
from pln_sim.switching.purchase import Order, Switching

CENTS = st.integers(0, 10**10 - 1)


@settings(max_examples=50, deadline=None)
@given(st.tuples(*[CENTS] * 5), st.integers(0, 10**12 - 1), st.sampled_from([Mti.PURCHASE_REQUEST, Mti.ADVICE_REPEAT_REQUEST]))
def test_the_quick_way_says_what_the_careful_one_says(world, amounts, most, mti):
    names = ("admin_charge", "stamp_duty", "value_added_tax", "lighting_tax", "instalment")
    bill = dict(zip(names, amounts, strict=True)) | {"amount": most, "power_purchase": most}
    transaction = world.sold(1, **bill)
    stream = world.answer(transaction, mti)
    assert sources._PLAIN_ANSWER.fullmatch(stream)
    assert transaction_of_answer(stream) == sources._of_message(read(stream)) == transaction


def test_amounts_with_other_decimals(world):
    request = world.request(Mti.PURCHASE_REQUEST, world.sold(1), 2)
    coarse = read(world.answer(world.sold(1)))
    values = {field.name: coarse[field] for field in table.LAYOUTS[Mti.PURCHASE_RESPONSE].if_successful
              if field not in table.MINOR_UNITS}  # fmt: skip
    values |= {"power_purchase": Amount(219_911, 0), "energy": Amount(2330, 1), "stamp_duty": Amount(30_000_000, 4)}
    stream = write(request.reply(ResponseCode.SUCCESSFUL, settlement_date=date(2008, 5, 2), **values))
    transaction = transaction_of_answer(stream)
    assert (transaction.power_purchase, transaction.energy, transaction.stamp_duty) == (21_991_100, 23_300, 300_000)
    values["stamp_duty"] = Amount(1, 4)
    with pytest.raises(ValueError, match="finer"):
        transaction_of_answer(write(request.reply(ResponseCode.SUCCESSFUL, settlement_date=date(2008, 5, 2), **values)))


def test_what_sells_nothing_is_no_transaction(world):
    request = world.request(Mti.PURCHASE_REQUEST, world.sold(1), 2)
    refusal = write(request.reply(ResponseCode.NOT_FOUND, settlement_date=date(2008, 5, 2)))
    for stream in (refusal, write(request), b"", b"\xff", b"2210" + b"0" * 333):
        with pytest.raises(ValueError, match=r"."):
            transaction_of_answer(stream)


def test_the_journal_finds_the_settlement_date_where_the_table_has_it():
    for mti in (Mti.PURCHASE_RESPONSE, Mti.ADVICE_RESPONSE, Mti.ADVICE_REPEAT_RESPONSE):
        assert table.LAYOUTS[mti].positions["settlement_date"] + 1 == 70
        assert table.SETTLEMENT_DATE.length == 8


@pytest.fixture
def journal(tmp_path):
    with Journal(tmp_path / "switching.db") as journal:
        yield journal


def enter(journal, world, transaction, streams, *, is_sold):
    """A purchase with its messages, a second apart."""
    who = Switching(transaction.switcher_id, transaction.bank_code, transaction.merchant_category)
    order = Order(transaction.meter, transaction.amount, transaction.reference, who)
    serial = journal.begin(order, "127.0.0.1:1", "us")
    moment = datetime(2008, 5, 2, 11, 5, 11)
    with journal.step("us") as step:
        for number, stream in enumerate(streams):
            step.log(serial, stream, moment + timedelta(seconds=number), is_sent=True)
    with journal._transaction():
        journal._connection.execute(
            "UPDATE purchase SET state = ?, pln_reference = ?, answer = ? WHERE serial = ?",
            ("sold" if is_sold else "suspect", transaction.reference, world.answer(transaction) if is_sold else None, serial),
        )


def test_answers_of_a_day_and_a_switching(journal, world):
    sold, other = world.sold(1), world.sold(2, switcher_id="10000D4")
    for each in (sold, other):
        enter(journal, world, each, [], is_sold=True)
    enter(journal, world, world.sold(3), [], is_sold=False)
    assert [transaction_of_answer(each) for each in journal.answers_of_day("10000D3", world.FRIDAY)] == [sold]
    assert list(journal.answers_of_day("10000D3", world.MONDAY)) == []


def test_streams_of_suspects_by_meter_and_time(journal, world):
    first, second, third = (
        world.sold(number, meter=meter) for number, meter in ((1, "22222222222"), (2, "11111111111"), (3, "33333333333"))
    )
    for each in (first, second, third):
        inquiry = write(world.request(Mti.INQUIRY_REQUEST, each, 1))
        enter(journal, world, each, [inquiry, *world.unanswered(each)], is_sold=False)
    for _ in range(2):  # what was asked for before is forgotten
        found = list(journal.streams_of([first.reference, second.reference, "F" * 32]))
        assert [(each.meter, each.stream[:4]) for each in found] == [
            (meter, mti) for meter in ("11111111111", "22222222222") for mti in (b"2100", b"2200", b"2220", b"2221", b"2221")
        ]
        assert found == sorted(found, key=lambda each: (each.meter, each.at))
    assert list(journal.streams_of([])) == []


def test_a_client_buys_while_the_log_is_read(journal, tmp_path, world):
    """Reading for the log holds no lock that a purchase needs."""
    enter(journal, world, world.sold(1), world.unanswered(world.sold(1)), is_sold=False)

    def references():
        with Journal(tmp_path / "switching.db", patience_seconds=0.1) as other:
            enter(other, world, world.sold(2), [], is_sold=True)
        yield world.sold(1).reference

    assert len(list(journal.streams_of(references()))) == 4
