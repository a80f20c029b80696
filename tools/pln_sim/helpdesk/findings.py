"""Findings: what can have happened, and how it is said: to the agent in English, to the customer in one Indonesian line.

One table, ``WORDS``, holds all of it. A finding brings the facts that its words name.

>>> finding = Finding(Cause.NO_PURCHASE, {"meter": "04176855916"})
>>> finding.tell
'Tidak ada pembelian untuk meter 04176855916. Mohon periksa kembali nomor meter dan struk Anda.'
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple


class Cause(Enum):
    """What happened."""

    NO_PURCHASE = "no purchase"
    NOT_SOLD = "not sold"
    SOLD = "sold"
    ADVICE_DUE = "advice due"
    SUSPECT = "suspect"
    CANCELLED = "cancelled"
    NOT_A_TOKEN = "not a token"
    MISTYPED = "mistyped"
    UNKNOWN_TOKEN = "unknown token"
    TEST_TOKEN = "test token"
    ANOTHER_METER = "another meter's"
    ISSUED_ELSEWHERE = "issued elsewhere"
    ALREADY_USED = "already used"
    TOO_OLD = "too old"
    EXPIRED = "expired"
    KEY_CHANGE_FIRST = "key change first"
    UPGRADE_DUE = "upgrade due"
    KEY_CHANGED_SINCE = "key changed since"
    BEFORE_KEY_CHANGE = "before the key change"
    KEY_CHANGE_TOKEN = "key change token"
    POWER_LIMIT_TOKEN = "power limit token"
    TAMPERED = "tampered"
    LOCKED_OUT = "locked out"
    NO_POWER = "no power"


class Words(NamedTuple):
    """How a cause is said."""

    what: str
    tell: str


@dataclass(frozen=True)
class Finding:
    """A cause, with the facts, and the tokens that may be handed out."""

    cause: Cause
    facts: Mapping[str, object]
    tokens: tuple[str, ...] = field(default=(), repr=False)

    @property
    def what(self) -> str:
        """What happened, for the agent."""
        return WORDS[self.cause].what.format_map(self.facts)

    @property
    def tell(self) -> str:
        """What the agent reads out to the customer."""
        return WORDS[self.cause].tell.format_map(self.facts)


_KEEP = "Uang dan token Anda aman."
WORDS: Mapping[Cause, Words] = {
    Cause.NO_PURCHASE: Words(
        "nobody tried to buy for meter {meter}, as far as gateway and switching at hand know",
        "Tidak ada pembelian untuk meter {meter}. Mohon periksa kembali nomor meter dan struk Anda.",
    ),
    Cause.NOT_SOLD: Words(
        "no token was sold for the {paid} of {at}: {why}",
        "Pembelian {paid} pada {at} tidak berhasil. Uang Anda dikembalikan oleh tempat Anda membayar.",
    ),
    Cause.SOLD: Words(
        "{kwh} kWh were sold for {paid} on {at}, {since}; if the meter says USED, its codes 54 to 58 show the last five tokens",
        "Pembelian {paid} pada {at} berhasil. Token Anda {token}; masukkan ke meter {meter} lalu tekan Enter.",
    ),
    Cause.ADVICE_DUE: Words(
        "the switching has no answer yet for the {paid} of {at}: `pln-sim buy --resume` asks the gateway for it",
        "Pembelian {paid} pada {at} masih diproses. Mohon jangan membayar lagi; hubungi kami sebentar lagi.",
    ),
    Cause.SUSPECT: Words(
        "gateway and switching do not agree on the {paid} of {at} ({why}); the reconciliation of {reconciled_on}{overdue} "
        "decides, until then no token may be handed out",
        "Pembelian {paid} pada {at} sedang diperiksa dan diputuskan pada {reconciled_on}. Mohon jangan membayar lagi.",
    ),
    Cause.CANCELLED: Words(
        "reconciliation has cancelled the purchase of {at} for {paid}: its token is nobody's",
        "Pembelian {paid} pada {at} dibatalkan. Uang Anda dikembalikan oleh tempat Anda membayar.",
    ),
    Cause.NOT_A_TOKEN: Words(
        "{why}",
        "Angka itu bukan token. Token terdiri dari 20 angka; mohon bacakan kembali dari struk.",
    ),
    Cause.MISTYPED: Words(
        "{slip}; the right token was made for this meter on {at}",
        "Ada angka yang keliru. Token yang benar {token}; hapus dengan Backspace, masukkan lagi, lalu tekan Enter.",
    ),
    Cause.UNKNOWN_TOKEN: Words(
        "no key at hand opens it and nobody was sold it: mistyped in more than one place, or not from here",
        "Token itu tidak kami kenali. Mohon bacakan ke-20 angkanya sekali lagi dari struk.",
    ),
    Cause.TEST_TOKEN: Words(
        "every meter takes it; it shows tests and adds no credit",
        "Angka itu token uji, bukan token pulsa. Mohon bacakan token dari struk pembelian.",
    ),
    Cause.ANOTHER_METER: Words(
        "the token belongs to meter {other}, and no other meter takes it",
        "Token itu untuk meter {other}, bukan meter {meter}. Mohon periksa nomor meter di struk dan di meter Anda.",
    ),
    Cause.ISSUED_ELSEWHERE: Words(
        "a genuine {type} token of meter {meter}, issued for {issued_at}, but not by a sale that is known here",
        "Token itu memang untuk meter {meter}, tetapi pembeliannya tidak tercatat di sini. Mohon hubungi tempat Anda membeli.",
    ),
    Cause.ALREADY_USED: Words(
        "meter {meter} took the token already{when}",
        "Token itu sudah masuk ke meter {meter}{when_id}; pulsanya sudah ditambahkan.",
    ),
    Cause.TOO_OLD: Words(
        "the token is older than all that the meter remembers, so it takes it no more (OLD)",
        "Token itu terlalu lama dan tidak diterima lagi oleh meter. Laporan Anda kami teruskan.",
    ),
    Cause.EXPIRED: Words(
        "the token was made for a time beyond the expiry of the meter's key (KEN {ken}): the meter needs a new key",
        "Kunci meter Anda sudah kedaluwarsa. Petugas kami perlu memperbaruinya; laporan Anda kami teruskan.",
    ),
    Cause.KEY_CHANGE_FIRST: Words(
        "the contract became {contract} on {at}, and its key change (TI {old_ti} to {ti}) comes first{doubt}: all sections "
        "within 10 minutes, then the power limit, then the credit token",
        "Sebelum token pulsa, masukkan dahulu token tambah daya menurut urutan ini, semuanya dalam 10 menit: {sections}.",
    ),
    Cause.UPGRADE_DUE: Words(
        "the contract became {contract} on {at}: its tokens come next, in this order, all sections of a key change within 10 "
        "minutes{doubt}",
        "Daya Anda diubah pada {at}. Masukkan token tambah daya menurut urutan ini, semuanya dalam 10 menit: {sections}.",
    ),
    Cause.KEY_CHANGED_SINCE: Words(
        "the token was made for the key that the meter had before its key change of {at} (TI {old_ti}, now {ti}){doubt}",
        "Token itu dibuat sebelum daya Anda diubah dan tidak diterima lagi. Laporan Anda kami teruskan untuk diganti.",
    ),
    Cause.BEFORE_KEY_CHANGE: Words(
        "that token was sold before the contract changed on {at} (TI {old_ti}, now {ti}): the meter takes it only as long as "
        "the key change is not keyed in",
        "Masukkan token itu sebelum token tambah daya. Bila token tambah daya sudah dimasukkan lebih dahulu, token itu tidak "
        "diterima lagi; laporan Anda kami teruskan untuk diganti.",
    ),
    Cause.KEY_CHANGE_TOKEN: Words(
        "section {place} of {count} of the key change for {contract}, of {at}: all sections within 10 minutes, in any order",
        "Itu token ganti kunci ke-{place} dari {count}. Masukkan semuanya dalam 10 menit: {sections}.",
    ),
    Cause.POWER_LIMIT_TOKEN: Words(
        "the power limit for {contract}, of {at}: once, behind the sections of the key change if there are any",
        "Itu token batas daya. Masukkan menurut urutan ini: {sections}.",
    ),
    Cause.TAMPERED: Words(
        "the meter shows PERIKSA: it takes no credit before a clear-tamper token; the token stays good",
        "Meter Anda perlu diperiksa petugas (PERIKSA). " + _KEEP,
    ),
    Cause.LOCKED_OUT: Words(
        "the meter takes no token for {seconds} s after too many wrong ones; the token stays good",
        "Meter terkunci karena salah memasukkan token. Tunggu {seconds} detik, lalu masukkan lagi {token}.",
    ),
    Cause.NO_POWER: Words(
        "the meter has no power; the token stays good",
        "Meter Anda sedang tidak bertegangan. Masukkan token setelah listrik menyala. " + _KEEP,
    ),
}
"""Every cause, in words. What is in braces are facts."""
