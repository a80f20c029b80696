"""Reply: the one line that answers a text message, in the guide's form to the letter.

>>> from datetime import datetime
>>> from pln_sim.reseller.trade import State
>>> now, reference = datetime(2026, 11, 22), "R" * 32
>>> trade = Trade("0812", "PLN20", "01105574222", 1_912_000, 1_840_000, reference, now, State.SOLD, 49_217_500,
...               token="64288330794833777707")
>>> of_trade(trade)
'Trx PLN20K01105574222 BERHASIL Harga: Rp.19120 SN:64288330794833777707 Saldo 492175'
>>> from dataclasses import replace
>>> of_trade(replace(trade, state=State.NOT_SOLD, balance=51_129_500, why="nomor meter tidak dikenal"))
'Trx PLN20K01105574222 GAGAL Alasan: nomor meter tidak dikenal Saldo 511295'
>>> of_trade(replace(trade, state=State.SUSPECT))
'Trx PLN20K01105574222 PENDING Harga: Rp.19120 Alasan: menunggu kepastian dari PLN, jangan diulang Saldo 492175'
"""

from collections.abc import Iterable

from pln_sim.reseller.prices import Offer
from pln_sim.reseller.request import FORMS, Order
from pln_sim.reseller.trade import Refused, State, Trade
from pln_sim.vending.money import CENTS

_PENDING = "menunggu kepastian dari PLN, jangan diulang"


def of_trade(trade: Trade) -> str:
    """What became of a sale."""
    head, price, balance = f"Trx {trade.code}K{trade.meter}", f"Harga: Rp.{rupiah(trade.price)}", of_balance(trade.balance)
    match trade.state:
        case State.SOLD:
            return f"{head} BERHASIL {price} SN:{trade.token} {balance}"
        case State.NOT_SOLD:
            return f"{head} GAGAL Alasan: {trade.why} {balance}"
    return f"{head} PENDING {price} Alasan: {_PENDING} {balance}"


def of_refusal(refused: Refused, order: Order | None = None) -> str:
    """Why nothing was done; the balance only for whoever knew the PIN."""
    head = f"Trx {order.code}K{order.meter}" if order else "Trx"
    tries = f", sisa {refused.tries_left} kali" if refused.tries_left else ""
    balance = f" {of_balance(refused.balance)}" if refused.balance is not None else ""
    return f"{head} GAGAL Alasan: {refused.reason.value}{tries}{balance}"


def of_malformed(why: str) -> str:
    """What cannot be read."""
    return f"Trx GAGAL Alasan: format salah, {why}"


def of_balance(cents: int) -> str:
    """How much is left."""
    return f"Saldo {rupiah(cents)}"


def of_prices(offers: Iterable[Offer]) -> str:
    """What is sold, and what it costs."""
    return "Harga " + (" ".join(f"{offer.code}={rupiah(offer.price)}" for offer in offers) or "tidak ada")


def of_new_pin() -> str:
    """The PIN is another one now."""
    return "PIN diganti"


def of_help() -> str:
    """What can be written."""
    return f"Format: {', '.join(FORMS.values())}"


def rupiah(cents: int) -> str:
    """Rupiah as the guide's reply has them: no dots, and cents only where there are any.

    >>> rupiah(1_912_000), rupiah(1_912_050)
    ('19120', '19120,50')
    """
    whole, rest = divmod(cents, CENTS)
    return f"{whole},{rest:02}" if rest else str(whole)
