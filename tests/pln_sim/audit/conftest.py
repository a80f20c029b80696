"""Reconciliation files made row by row, with tokens of any meter in them."""

from collections.abc import Sequence
from datetime import date, datetime

import pytest

from meter_emu.sts.ciphers import SAMPLE_TABLES
from meter_emu.sts.keys.key_store import KeyStore
from meter_emu.sts.numbers import Drn, TokenIdentifier
from meter_emu.sts.tokens import Token, TokenType, encode
from pln_sim.audit.checks import Job
from pln_sim.audit.key_ring import KeyRing
from pln_sim.reconciliation.columns import TRANSACTIONS, Transaction
from pln_sim.reconciliation.totals import Totals

SWITCHER = "10000D3"
SOLD_AT = datetime(2026, 11, 22, 8, 30, 59)


class Seller:
    """Makes tokens and rows with the keys of a store."""

    sold_at = SOLD_AT

    def __init__(self, store: KeyStore) -> None:
        self.store = store
        self.sold = 0

    def token(self, meter: str, *, tenths: int = 2330, at: datetime = SOLD_AT, tid: int | None = None, **other: object) -> str:
        """A credit token, or one of another ``token_type`` with its ``values``; ``tables`` for EA07."""
        card = self.store.card(Drn(meter))
        cipher = self.store.key_of(card).decoder_key.cipher(other.get("tables", SAMPLE_TABLES))
        values = other.get("values", {"amount": tenths})
        tid = TokenIdentifier.at(at, card.parameters.base_date) if tid is None else tid
        return encode(Token.build(other.get("token_type", TokenType.ELECTRICITY_CREDIT), rnd=5, tid=tid, **values), cipher)

    def row(self, meter: str, token: str | None = None, *, energy: int = 23_300, at: datetime = SOLD_AT) -> bytes:
        """A row; without a token it gets the right one. ``energy`` in hundredths of a kWh."""
        self.sold += 1
        money = (50_000_000, 0, 300_000, 659_735, 2_199_115, 24_850_000, 21_991_150)
        token = self.token(meter, tenths=-(-energy // 10), at=at) if token is None else token
        reference = f"{self.sold:032X}"
        moment = at.strftime("%Y%m%d%H%M%S")
        return Transaction(moment, SWITCHER, "6015", reference, reference, meter, *money, energy, token, "0110000").row


def file_of(rows: Sequence[bytes]) -> bytes:
    """A whole file, whatever the rows are."""
    totals = Totals()
    totals.count = len(rows)
    last = totals.checksum_row(TRANSACTIONS, date(2026, 11, 22), SWITCHER, "0110000")
    return b"".join([TRANSACTIONS.header, *rows, last])


def job_of(store: KeyStore, **changes: object) -> Job:
    settings = {"tables": SAMPLE_TABLES, "tolerance": 5, "most_examples": 10} | changes
    return Job(KeyRing.of(store), **settings)


@pytest.fixture
def seller() -> Seller:
    """Sells to test meters."""
    return Seller(KeyStore.empty())


@pytest.fixture(scope="session")
def audit_tools():
    """``Seller``, ``file_of``, ``job_of``, for those who make their own files."""
    return Seller, file_of, job_of
