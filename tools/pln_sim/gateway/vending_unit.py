"""VendingUnit, what stands behind the gateway: it knows tariffs and keys, and makes the bill and the token. Pure.

>>> from pln_sim.gateway.configuration import built_in_configuration
>>> from pln_sim.vending.tariff import built_in_tariffs
>>> customer = built_in_configuration().customers[Drn("12345678911")]
>>> unit = VendingUnit(built_in_tariffs(), KeyStore.empty())
>>> bill = unit.bill(customer, 50_000_000, date(2009, 1, 15), bought=0)
>>> bill.stroom, bill.kwh
(21991150, 2330)
>>> [unit.token(customer.meter, bill.kwh, datetime(2026, 11, 22, 8, 30), last_tid, rnd=5).tid for last_tid in (None, 6780030)]
[6780030, 6780031]
"""

from datetime import date, datetime

from meter_emu.sts.ciphers import SAMPLE_TABLES, BlockCipher, StaTables
from meter_emu.sts.errors import RangeError
from meter_emu.sts.keys.key_store import KeyStore, MeterCard
from meter_emu.sts.numbers.drn import Drn
from meter_emu.sts.numbers.token_identifier import TokenIdentifier
from meter_emu.sts.tokens import TokenType
from pln_sim.vending.bill import Bill, Refusal
from pln_sim.vending.customer import Customer
from pln_sim.vending.generator import IssuedToken, issue
from pln_sim.vending.ledger import free_identifiers
from pln_sim.vending.tariff import Tariffs

_MOST_CIPHERS = 4096


class VendingUnit:
    """A vending unit. StsError from any method: it cannot serve this customer, for want of a rate, a key or a TID."""

    def __init__(self, tariffs: Tariffs, keys: KeyStore, sta_tables: StaTables = SAMPLE_TABLES) -> None:
        self._tariffs = tariffs
        self._keys = keys
        self._sta_tables = sta_tables
        self._served: dict[Drn, tuple[MeterCard, BlockCipher]] = {}

    def base_date(self, meter: Drn) -> str:
        """From when a meter's TIDs count."""
        return self._keys.card(meter).parameters.base_date.value

    def bill(self, customer: Customer, paid: int, on: date, bought: int) -> Bill | Refusal:
        """What a payment in cents buys. The switching has taken its own admin charge off, so there is none."""
        self._serve(customer.meter)
        return customer.bill(paid, on, self._tariffs, bought=bought)

    def token(self, meter: Drn, kwh: int, now: datetime, last_tid: int | None, rnd: int) -> IssuedToken:
        """A credit token with the TID of ``now``, or the first free one behind ``last_tid``."""
        card, cipher = self._serve(meter)
        wanted = TokenIdentifier.at(now, card.parameters.base_date)
        earliest = wanted if last_tid is None else max(wanted, last_tid + 1)
        tid = next(free_identifiers(TokenIdentifier(earliest), ()), None)
        if tid is None:
            raise RangeError(f"no TID is left for meter {meter}", field="tid")
        return issue(card, cipher, TokenType.ELECTRICITY_CREDIT, {"amount": kwh}, tid, rnd)

    def _serve(self, meter: Drn) -> tuple[MeterCard, BlockCipher]:
        """A meter's card and cipher, which are costly to make."""
        if meter not in self._served:
            card = self._keys.card(meter)
            if len(self._served) >= _MOST_CIPHERS:
                self._served.clear()
            self._served[meter] = card, self._keys.key_of(card).decoder_key.cipher(self._sta_tables)
        return self._served[meter]
