"""What the vending database remembers of purchases: references that inquiries were given, and sales. Frozen values.

>>> reference = Reference("3DF0176A1F03DB74F5B8C4D39DC43F86", "10000D3", "0110000", Drn("12345678911"), 10_000_000,
...                       expires_at=datetime(2008, 5, 2, 7, 38))
>>> [reference.can_buy(datetime(2008, 5, 2, 7, minute)) for minute in (38, 39)]
[True, False]
>>> reference_number(0x481ABFA6, bytes(range(12)))
'481ABFA6000102030405060708090A0B'
>>> receipt_number(1), receipt_number(99_999_999), receipt_number(100_000_000)
(1, 99999999, 1)
"""

from dataclasses import dataclass
from datetime import date, datetime

from meter_emu.sts.numbers.drn import Drn

LAST_RECEIPT = 99_999_999
"""What the 8 digits of a vending receipt number hold."""
SECRET_BYTES = 12
"""Random bytes in a reference number."""
COUNTER = ""
"""The switcher ID of a sale that no switching asked for: one over PLN's own counter, by ``pln-sim vend``."""


@dataclass(frozen=True)
class Reference:
    """A PLN reference number and what it is bound to."""

    number: str
    """32 upper-case hexadecimal digits."""
    switcher_id: str
    bank_code: str
    meter: Drn
    paid: int
    """Cents."""
    expires_at: datetime
    is_dead: bool = False
    """Advice said that nothing was bought with it, so nothing ever may be."""
    is_used: bool = False
    """A token was bought with it."""

    def can_buy(self, now: datetime) -> bool:
        """Whether a token may be sold with it."""
        return not self.is_used and not self.is_dead and now <= self.expires_at


@dataclass(frozen=True, kw_only=True)
class Sale:
    """A token that was sold, with all that advice and reconciliation tell of it. Money in cents."""

    serial: int
    """1, 2, 3 ... in the order of the sales."""
    reference: str
    switcher_id: str
    """COUNTER for a sale without a switching, whose bank code, category, trace number and receipt reference are empty too."""
    bank_code: str
    merchant_category: str
    trace_number: str
    receipt_reference: str
    local_time: datetime
    """What the switching's clock said."""
    sold_at: datetime
    """What the gateway's clock said."""
    settled_on: date
    meter: Drn
    name: str
    tariff: str
    va: int
    paid: int
    admin: int
    stamp_duty: int
    vat: int
    ppj: int
    instalment: int
    stroom: int
    kwh: int
    """Tenths of a kWh."""
    base_date: str
    tid: int
    token: str

    @property
    def receipt(self) -> int:
        """The vending receipt number."""
        return receipt_number(self.serial)

    def __repr__(self) -> str:
        """Without the token, so that one printed by chance gives nothing away."""
        return f"Sale({self.serial}, meter {self.meter}, {self.paid} cents)"


def reference_number(seconds: int, secret: bytes) -> str:
    """A new PLN reference number: 8 digits that tell the second it is given in, and 24 that nobody can guess.

    So the numbers of a time stand beside each other in the database, and a commit writes few pages for many of them.
    """
    return f"{seconds % 2**32:08X}{secret.hex().upper()}"


def receipt_number(serial: int) -> int:
    """The number on the receipt of a sale; after 99999999 it starts over."""
    return (serial - 1) % LAST_RECEIPT + 1
