"""VendingUnit, what stands behind the gateway: it knows the keys, and makes the bill and the token. Pure.

>>> from pln_sim.gateway.configuration import built_in_configuration
>>> from pln_sim.vending.tariff import built_in_tariffs
>>> customer = built_in_configuration().customers[Drn("12345678911")]
>>> unit = VendingUnit(KeyStore.empty())
>>> bill = unit.bill(customer, 50_000_000, date(2009, 1, 15), built_in_tariffs(), bought=0)
>>> bill.stroom, bill.kwh
(21991150, 2330)
>>> wanted = unit.wanted_tid(customer.meter, datetime(2026, 11, 22, 8, 30))
>>> unit.token(customer.meter, bill.kwh, wanted, rnd=5).tid
6780030
"""

from datetime import date, datetime

from meter_emu.sts.ciphers import SAMPLE_TABLES, BlockCipher, StaTables
from meter_emu.sts.keys.key_store import KeyStore, MeterCard
from meter_emu.sts.numbers.drn import Drn
from meter_emu.sts.numbers.token_identifier import TokenIdentifier
from meter_emu.sts.tokens import TokenType
from pln_sim.vending.bill import Bill, Refusal
from pln_sim.vending.customer import Customer
from pln_sim.vending.generator import IssuedToken, issue
from pln_sim.vending.tariff import Tariffs

_MOST_CIPHERS = 4096


class VendingUnit:
    """A vending unit. StsError from any method: it cannot serve this customer, for want of a rate or a key."""

    def __init__(self, keys: KeyStore, sta_tables: StaTables = SAMPLE_TABLES) -> None:
        self._keys = keys
        self._sta_tables = sta_tables
        self._served: dict[tuple[Drn, str | None], tuple[MeterCard, BlockCipher]] = {}

    def base_date(self, meter: Drn) -> str:
        """From when a meter's TIDs count."""
        return self._serve(meter)[0].parameters.base_date.value

    def wanted_tid(self, meter: Drn, now: datetime) -> TokenIdentifier:
        """The TID of a token made now, if it is free."""
        return TokenIdentifier.at(now, self._serve(meter)[0].parameters.base_date)

    def bill(self, customer: Customer, paid: int, on: date, tariffs: Tariffs, bought: int) -> Bill | Refusal:
        """What a payment in cents buys. The switching has taken its own admin charge off, so there is none."""
        self._serve(customer.meter)
        return customer.bill(paid, on, tariffs, bought=bought)

    def token(self, meter: Drn, kwh: int, tid: TokenIdentifier, rnd: int, ti: str | None = None) -> IssuedToken:
        """A credit token with a TID. ``ti`` is the tariff index of the meter's key; None for the one in its card."""
        card, cipher = self._serve(meter, ti)
        return issue(card, cipher, TokenType.ELECTRICITY_CREDIT, {"amount": kwh}, tid, rnd)

    def _serve(self, meter: Drn, ti: str | None = None) -> tuple[MeterCard, BlockCipher]:
        """A meter's card and cipher, which are costly to make."""
        if (meter, ti) not in self._served:
            card = self._keys.card(meter).changed(ti=ti)
            if len(self._served) >= _MOST_CIPHERS:
                self._served.clear()
            self._served[meter, ti] = card, self._keys.key_of(card).decoder_key.cipher(self._sta_tables)
        return self._served[meter, ti]
