"""What the window knows of a shop: offers, and callables that buy one. Who is behind it, it does not know."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import takewhile
from typing import NamedTuple

CENTS = 100


class Offer(NamedTuple):
    """A product of the list. In cents: what it costs, and for how much of that there is power."""

    code: str
    price: int
    amount: int
    nominal: int
    """What is printed on the voucher: the amount and the fee."""


class Slip(NamedTuple):
    """What the customer gets: the lines of the receipt (label and value), and the 20 digits."""

    title: str
    lines: tuple[tuple[str, str], ...]
    token: str
    number: int = 0
    """The shop's own, of a sale; 0 for a token that cost nothing."""
    amount: int = 0
    """Cents paid for it."""


class Refusal(NamedTuple):
    """Why there is no slip, in one line."""

    text: str


@dataclass(frozen=True)
class NothingDue:
    """Nothing is to be told."""


Answer = Slip | Refusal | NothingDue


class Shop(NamedTuple):
    """The supply side as it is handed to the window. Its callables may take long; they are called in a thread of their own."""

    offers: tuple[Offer, ...]
    buy: Callable[[str, int], Slip | Refusal]
    """From a meter number and an amount in cents to a slip."""
    due: Callable[[str], Answer]
    """From a meter number to what was bought for it and has not got to it yet, say because the window was killed."""
    keyed_in: Callable[[Slip], None]
    """The token of a sale has got to the meter."""
    clear_tamper: Callable[[str], Slip | Refusal]
    """From a meter number to a token that clears its tamper condition."""


class Counter(NamedTuple):
    """The shop as it is shown: what is on offer, what is being bought, what came of it. One without offers is closed."""

    offers: tuple[Offer, ...] = ()
    pending: str | None = None
    """The code of what is being bought; empty while something else is asked for."""
    slip: Slip | None = None
    refusal: str | None = None
    is_in_meter: bool = False
    """The meter has got the token of the slip."""

    @property
    def bought(self) -> Offer | None:
        """The product that the slip is for."""
        return next((offer for offer in self.offers if self.slip and offer.amount == self.slip.amount), None)


def digits_right(line: str, token: str) -> int:
    """How many digits at the beginning of a line are those of the token.

    >>> digits_right("1299", "1234")
    2
    """
    return sum(1 for _ in takewhile(bool, (typed == digit for typed, digit in zip(line, token, strict=False))))


def rupiah_text(cents: int) -> str:
    """Rupiah as a price tag has them.

    >>> rupiah_text(1_000_000_00)
    'Rp 1.000.000'
    """
    return f"Rp {cents // CENTS:,}".replace(",", ".")
