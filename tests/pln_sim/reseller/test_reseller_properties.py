"""Whatever is ordered, fails, dies, is settled, and in whatever order: the ledger balances, nobody overdraws, and in the end
the tokens that were sold are the money that was taken."""

import asyncio
from collections import Counter
from datetime import timedelta
from itertools import count
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from pln_sim.reseller.book import Book
from pln_sim.reseller.desk import Desk
from pln_sim.reseller.prices import built_in_prices
from pln_sim.reseller.trade import NotSold, Sold, State, Suspect

KIOSKS = ("081000001", "081000002")
METERS = ("00000000001", "00000000002", "00000000003")
FATES = ("sold", "not sold", "suspect, sold", "suspect, not sold", "killed before", "killed after")
"""What becomes of a purchase, and what is heard of it."""

ORDERS = st.tuples(
    st.just("order"), st.sampled_from(KIOSKS), st.sampled_from(("PLN20", "PL50", "PLA100")), st.sampled_from(METERS),
    st.sampled_from(FATES), st.sampled_from(("1234", "1234", "1234", "1234", "4321")),
)  # fmt: skip
STEPS = st.lists(
    st.one_of(
        *(ORDERS, ORDERS),
        st.tuples(st.just("deposit"), st.sampled_from(KIOSKS), st.integers(1, 200_000)),
        st.tuples(st.just("minutes"), st.integers(1, 6)),
        st.tuples(st.just("resume")),
        st.tuples(st.just("reconcile")),
        st.tuples(st.just("unlock"), st.sampled_from(KIOSKS)),
    ),
    max_size=15,
)


class World:
    """The reseller over a switching that knows the truth."""

    def __init__(self, book, helpers):
        self.book = book
        self.now = helpers.NOW
        self.paid_in = 0
        self.tokens = {}
        self.orders = Counter()
        self._numbers = count(1)
        self.fate = ""
        self.desk = Desk(
            book,
            built_in_prices(),
            self.buy,
            now=lambda: self.now,
            new_reference=lambda: f"{next(self._numbers):032}",
            new_pin=helpers.cheap_pin,
        )
        for kiosk in KIOSKS:
            helpers.open_account(book, kiosk, 100_000)
            self.paid_in += 100_000 * 100

    async def buy(self, trade):
        self.orders[trade.receipt_reference] += 1
        if self.fate in ("sold", "suspect, sold", "killed after"):
            self.tokens[trade.receipt_reference] = f"{len(self.tokens) + 1:020}"
        if self.fate.startswith("killed"):
            # To the book it is the same whether the process is gone or this one purchase.
            raise RuntimeError("killed")
        return Suspect("silence") if self.fate.startswith("suspect") else self.truth(trade)

    def truth(self, trade):
        token = self.tokens.get(trade.receipt_reference)
        return Sold(token) if token else NotSold("not sold")

    def order(self, kiosk, code, meter, fate, pin):
        self.fate = fate
        answer = asyncio.run(self.desk.answer(f"{kiosk} {code}.{meter}.{pin}"))
        assert answer.startswith("Trx ")
        if "SN:" in answer:
            assert answer.partition("SN:")[2][:20] in self.tokens.values()

    def deposit(self, kiosk, rupiah):
        self.book.deposit(kiosk, rupiah * 100, self.now)
        self.paid_in += rupiah * 100

    def minutes(self, number):
        self.now += timedelta(minutes=number)

    def resume(self):
        """Advice finds out what was under way; what is suspect stays so."""
        for trade in self.book.undecided():
            if trade.state is State.UNDER_WAY:
                self.book.settle(trade.receipt_reference, self.truth(trade), self.now)

    def reconcile(self):
        for trade in self.book.undecided():
            self.book.settle(trade.receipt_reference, self.truth(trade), self.now)

    def unlock(self, kiosk):
        self.book.unlock(kiosk)

    def check(self):
        balances = self.book.balances()
        assert self.book.faults() == []
        assert sum(balances.values()) == 0
        assert all(cents >= 0 for name, cents in balances.items() if name != "paid in")
        assert balances["paid in"] == -self.paid_in
        assert all(number == 1 for number in self.orders.values())


@settings(max_examples=150)
@given(STEPS)
def test_the_money_is_right_whatever_happens(helpers, steps):
    with TemporaryDirectory() as folder, Book(f"{folder}/reseller.db") as book:
        book._connection.execute("PRAGMA synchronous = OFF")
        world = World(book, helpers)
        for name, *values in steps:
            getattr(world, name)(*values)
            world.check()
        world.reconcile()
        world.check()
        trades = book.trades()
        sold = [trade for trade in trades if trade.state is State.SOLD]
        assert {trade.receipt_reference: trade.token for trade in sold} == world.tokens
        left = sum(account.balance for account in book.accounts())
        balances = book.balances()
        assert balances.get("held", 0) == 0
        assert sum(trade.price for trade in sold) == world.paid_in - left
        assert sum(trade.price for trade in sold) == balances.get("switching", 0) + balances.get("margin", 0)
        assert sum(trade.amount for trade in sold) == balances.get("switching", 0)
        _no_order_was_taken_twice(trades)


def _no_order_was_taken_twice(trades):
    taken_at = {}
    for trade in trades:
        order = trade.sender, trade.code, trade.meter
        assert order not in taken_at or trade.at - taken_at[order] >= timedelta(minutes=5)
        taken_at[order] = trade.at
