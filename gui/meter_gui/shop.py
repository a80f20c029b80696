"""What the window knows of a shop: offers, and a callable that buys one. Who is behind it, it does not know.

The products and prices are those of the voucher guide: PL20 is a token for Rp 20.000, which costs the reseller's customer
Rp 18.550.
"""

from collections.abc import Callable
from itertools import takewhile
from typing import NamedTuple

DISCOUNT = 1450
"""Rp below the nominal value, on every product."""
NOMINALS = (20, 25, 30, 40, 50, 75, 100, 150, 200, 250, 300, 350, 400, 500, 1000)
"""In thousands of rupiah."""


class Offer(NamedTuple):
    """A product of the list. Rupiah are whole."""

    code: str
    nominal: int
    price: int


OFFERS = tuple(Offer(f"PL{nominal}", nominal * 1000, nominal * 1000 - DISCOUNT) for nominal in NOMINALS)


class Slip(NamedTuple):
    """What the customer gets: the lines of the receipt (label and value), and the 20 digits."""

    title: str
    lines: tuple[tuple[str, str], ...]
    token: str


class Refusal(NamedTuple):
    """Why there is no slip, in one line."""

    text: str


class Shop(NamedTuple):
    """The supply side as it is handed to the window. Both callables may take long; they are called in a thread of their own."""

    buy: Callable[[str, int], Slip | Refusal]
    """From a meter number and an amount in whole rupiah to a slip."""
    clear_tamper: Callable[[str], Slip | Refusal] | None = None
    """From a meter number to a token that clears its tamper condition."""
    offers: tuple[Offer, ...] = OFFERS


class Counter(NamedTuple):
    """The shop as it is shown: what is on offer, what is being bought, what came of it."""

    offers: tuple[Offer, ...] = ()
    can_clear: bool = False
    pending: str | None = None
    """The code of what is being bought; empty while a clear-tamper token is awaited."""
    slip: Slip | None = None
    refusal: str | None = None


def digits_right(line: str, token: str) -> int:
    """How many digits at the beginning of a line are those of the token.

    >>> digits_right("1299", "1234")
    2
    """
    return sum(1 for _ in takewhile(bool, (typed == digit for typed, digit in zip(line, token, strict=False))))


def rupiah_text(amount: int) -> str:
    """Whole rupiah as people write them.

    >>> rupiah_text(1_000_000)
    '1.000.000'
    """
    return f"{amount:,}".replace(",", ".")
