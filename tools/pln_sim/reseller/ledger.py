"""The ledger: money as entries, each of which takes from one account what it gives to another. So the whole cannot but
balance: the sum over all accounts is 0 after every entry.

    paid in         where the kiosks' money comes from; its balance is what they paid, below 0
    deposit NUMBER  a kiosk's money
    held            taken for sales that are not decided yet
    switching       what is owed for the power that was sold
    margin          what the reseller keeps

>>> entries = (*deposited("081234567890", 2_000_000), *taken("081234567890", 1_912_000), *sold(1_912_000, 1_840_000))
>>> dict(balances(entries))
{'paid in': -2000000, 'deposit 081234567890': 88000, 'held': 0, 'switching': 1840000, 'margin': 72000}
>>> sum(balances(entries).values())
0
"""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

PAID_IN = "paid in"
HELD = "held"
SWITCHING = "switching"
MARGIN = "margin"


class Entry(NamedTuple):
    """Money on its way from one account to another. ``cents`` is more than 0."""

    source: str
    target: str
    cents: int


Entries = tuple[Entry, ...]


def deposit_of(sender: str) -> str:
    """The account of a kiosk."""
    return f"deposit {sender}"


def deposited(sender: str, cents: int) -> Entries:
    """A kiosk paid in."""
    return (Entry(PAID_IN, deposit_of(sender), cents),)


def taken(sender: str, price: int) -> Entries:
    """The price of an order is taken, before anything is sent."""
    return (Entry(deposit_of(sender), HELD, price),)


def sold(price: int, amount: int) -> Entries:
    """The token was sold: the power is owed to the switching, the rest is earned."""
    gain = price - amount
    return (Entry(HELD, SWITCHING, amount), *((Entry(HELD, MARGIN, gain),) if gain else ()))


def returned(sender: str, price: int) -> Entries:
    """Nothing was sold: the kiosk has its money back."""
    return (Entry(HELD, deposit_of(sender), price),)


def balances(entries: Iterable[Entry]) -> Counter[str]:
    """What is on each account after some entries."""
    found: Counter[str] = Counter()
    for entry in entries:
        found[entry.source] -= entry.cents
        found[entry.target] += entry.cents
    return found
