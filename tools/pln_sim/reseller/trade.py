"""Trade: one sale to a kiosk, and the rules for it. Pure: an order and what is known in, a decision out.

The price is taken before anything is sent. Then the switching says what became of it:

    sold       the money is earned, the kiosk has the token
    not sold   the kiosk has its money back
    suspect    nobody knows yet: the money stays held until advice or reconciliation decides

The same order again within five minutes, from the same sender, is the same trade: SMS networks deliver twice, and people press
twice. (The same text has the same PIN, so it is enough to compare product and meter once the PIN was right.) A trade that is
still under way is the answer for as long as it is. What was refused before any money was taken is judged anew.

>>> from datetime import datetime
>>> offer, now = Offer("PLN20", 1_912_000, 1_840_000), datetime(2026, 11, 22, 8, 30)
>>> wanted = Wanted("081234567890", "01105574222", now, "R" * 32)
>>> decide(wanted, offer, balance=1_911_999, last=None)
Refused(reason=<Reason.TOO_LITTLE: 'saldo tidak cukup'>, balance=1911999, tries_left=0)
>>> trade = decide(wanted, offer, balance=51_129_500, last=None)
>>> trade
Trade(PLN20, 01105574222, under way)
>>> decide(wanted, offer, balance=0, last=trade)
Repeated(trade=Trade(PLN20, 01105574222, under way))
>>> settled, entries = settle(trade, Sold("64288330794833777707"), trade.balance)
>>> settled.state, [(entry.target, entry.cents) for entry in entries]
(<State.SOLD: 'sold'>, [('switching', 1840000), ('margin', 72000)])
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum

from pln_sim.reseller import ledger
from pln_sim.reseller.ledger import Entries
from pln_sim.reseller.prices import Offer

REPEAT_WINDOW = timedelta(minutes=5)


class Reason(Enum):
    """Why nothing was done, in the words of the reply."""

    UNKNOWN_SENDER = "nomor pengirim belum terdaftar"
    WRONG_PIN = "PIN salah"
    LOCKED = "terkunci karena PIN salah 3 kali, hubungi admin"
    UNKNOWN_PRODUCT = "kode produk tidak dikenal"
    TOO_LITTLE = "saldo tidak cukup"
    NOTHING_TO_REPEAT = "belum ada transaksi"
    BUSY = "sistem sibuk, coba lagi"
    FAILED = "gangguan sistem, coba lagi"


class State(Enum):
    """How far a trade is."""

    UNDER_WAY = "under way"
    SUSPECT = "suspect"
    SOLD = "sold"
    NOT_SOLD = "not sold"


@dataclass(frozen=True)
class Sold:
    """The switching sold it."""

    token: str = field(repr=False)
    """20 digits."""


@dataclass(frozen=True)
class NotSold:
    """For certain nothing was sold. ``why`` is for the kiosk."""

    why: str


@dataclass(frozen=True)
class Suspect:
    """Nobody knows yet."""

    why: str


Outcome = Sold | NotSold | Suspect


class AlreadySettled(Exception):
    """A trade was settled otherwise before. Somebody must look at it; nothing was changed."""


@dataclass(frozen=True, repr=False)
class Trade:
    """One sale. All amounts in cents. ``receipt_reference`` is the number the switching knows it by."""

    sender: str
    code: str
    meter: str
    price: int
    amount: int
    """What the switching is asked for."""
    receipt_reference: str
    at: datetime
    state: State
    balance: int
    """What the kiosk had left when the trade got into this state."""
    token: str | None = None
    why: str = ""

    def __repr__(self) -> str:
        """Without the token: a trade that is logged by chance gives nothing away."""
        return f"Trade({self.code}, {self.meter}, {self.state.value})"


@dataclass(frozen=True)
class Wanted:
    """What an order asks for, apart from the product."""

    sender: str
    meter: str
    at: datetime
    receipt_reference: str


@dataclass(frozen=True)
class Refused:
    """Nothing was done. ``balance`` is told to whoever knew the PIN, ``tries_left`` to whoever did not."""

    reason: Reason
    balance: int | None = None
    tries_left: int = 0


@dataclass(frozen=True)
class Repeated:
    """The order was given before: this is its trade."""

    trade: Trade


Decision = Refused | Repeated | Trade


def decide(wanted: Wanted, offer: Offer | None, balance: int, last: Trade | None) -> Decision:
    """What an order with the right PIN comes to; a Trade is a new one, whose price is to be taken now.

    ``balance`` is the kiosk's, ``last`` its last trade with the same product and meter.
    """
    if last is not None and (last.state is State.UNDER_WAY or wanted.at - last.at < REPEAT_WINDOW):
        return Repeated(last)
    if offer is None:
        return Refused(Reason.UNKNOWN_PRODUCT, balance)
    if balance < offer.price:
        return Refused(Reason.TOO_LITTLE, balance)
    return Trade(
        *(wanted.sender, offer.code, wanted.meter, offer.price, offer.amount, wanted.receipt_reference, wanted.at),
        state=State.UNDER_WAY,
        balance=balance - offer.price,
    )


def settle(trade: Trade, outcome: Outcome, balance: int) -> tuple[Trade, Entries]:
    """A trade after its outcome, and the entries that follow. ``balance`` is what the kiosk has left by now.

    The same outcome again changes nothing; AlreadySettled for another one than before.
    """
    if trade.state in (State.SOLD, State.NOT_SOLD):
        is_contrary = _STATE[type(outcome)] is not trade.state or getattr(outcome, "token", None) != trade.token
        if is_contrary and not isinstance(outcome, Suspect):
            raise AlreadySettled(f"trade {trade.receipt_reference} is {trade.state.value} already")
        return trade, ()
    reached = replace(trade, state=_STATE[type(outcome)], balance=balance)
    match outcome:
        case Sold(token):
            return replace(reached, token=token, why=""), ledger.sold(trade.price, trade.amount)
        case NotSold(why):
            given_back = replace(reached, balance=balance + trade.price, why=why)
            return given_back, ledger.returned(trade.sender, trade.price)
        case Suspect(why):
            return replace(reached, why=why), ()


_STATE = {Sold: State.SOLD, NotSold: State.NOT_SOLD, Suspect: State.SUSPECT}
