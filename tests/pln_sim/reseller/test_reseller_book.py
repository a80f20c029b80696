"""The book: what the file itself refuses, and what a ledger that somebody wrote in looks like."""

import sqlite3

import pytest

from meter_emu.shell.errors import FileError
from meter_emu.sts.errors import RangeError
from pln_sim.reseller.book import Book
from pln_sim.reseller.ledger import Entry


@pytest.mark.parametrize("cents", [0, -1])
def test_the_file_refuses_an_entry_of_nothing(book, helpers, cents):
    with pytest.raises(FileError, match="CHECK"), book._transaction():
        book._post([Entry("paid in", "margin", cents)], helpers.NOW)


def test_the_file_refuses_a_balance_below_zero(book, helpers):
    helpers.open_account(book, rupiah=1)
    with pytest.raises(FileError, match="CHECK"), book._transaction():
        book._post([Entry(f"deposit {helpers.SENDER}", "held", 101)], helpers.NOW)
    assert book.faults() == []
    assert len(book.entries()) == 1


def test_a_ledger_that_somebody_wrote_in_is_told(book, helpers):
    helpers.open_account(book)
    book._connection.execute("UPDATE balance SET cents = cents + 5 WHERE name = 'deposit 081234567890'")
    assert book.faults() == ["deposit 081234567890 is 51129505 cents, and its entries make 51129500"]


def test_an_account_is_opened_once_and_only_opened_ones_take_money(book, helpers):
    helpers.open_account(book)
    assert not book.open_account(helpers.SENDER, helpers.cheap_pin("9999"), helpers.NOW)
    assert helpers.is_right("1234", book.account(helpers.SENDER).pin)
    assert book.deposit("0811111111", 100, helpers.NOW) is None
    assert not book.unlock("0811111111")
    assert not book.set_pin("0811111111", helpers.cheap_pin("1234"))
    with pytest.raises(RangeError):
        book.deposit(helpers.SENDER, 10**12, helpers.NOW)


def test_a_file_of_another_kind_is_left_alone(tmp_path):
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE t (x)")
    connection.close()
    with pytest.raises(FileError, match="belongs to another program"):
        Book(path)
