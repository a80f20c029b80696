"""The meter's key, the numbers that go with it, and a key change in the making (IEC 62055-41 6.5.2, 7.3.2).

The sections of a key change come in any order. The first is kept for 10 minutes of meter time; then all are forgotten.
"""

from typing import TYPE_CHECKING, NamedTuple

from meter_emu.meter.clock import MINUTE, Seconds
from meter_emu.sts.ciphers import SAMPLE_TABLES, BlockCipher, StaTables
from meter_emu.sts.keys import DecoderKey
from meter_emu.sts.numbers import (
    BaseDate,
    KeyExpiryNumber,
    KeyRevisionNumber,
    KeyType,
    SupplyGroupCode,
    TariffIndex,
)
from meter_emu.sts.tokens import NewKey, TokenType

if TYPE_CHECKING:
    from meter_emu.sts.keys.key_store import MeterCard

SECTIONS_KEPT: Seconds = 10 * MINUTE
FINGERPRINTS_KEPT = 64
"""How many earlier keys a meter recognises, more than it will ever have had."""


class KeyRegister(NamedTuple):
    """The decoder key with its SGC, TI, KRN, KT, KEN and base date, and the STA tables the maker built in."""

    decoder_key: DecoderKey
    sgc: SupplyGroupCode
    ti: TariffIndex
    krn: KeyRevisionNumber
    kt: KeyType
    ken: KeyExpiryNumber
    base_date: BaseDate
    tables: StaTables = SAMPLE_TABLES
    keys_since_rollover: tuple[int, ...] = ()
    """Fingerprints of the keys it had under this base date, before the one it has now."""
    retired_keys: tuple[int, ...] = ()
    """Fingerprints of the keys it had under earlier base dates."""

    @classmethod
    def install(cls, card: "MeterCard", decoder_key: DecoderKey, tables: StaTables = SAMPLE_TABLES) -> "KeyRegister":
        """What the factory puts in."""
        known = card.parameters
        return cls(decoder_key, known.sgc, known.ti, known.krn, known.kt, card.ken, known.base_date, tables)

    @property
    def cipher(self) -> BlockCipher:
        """What opens this meter's tokens."""
        return self.decoder_key.cipher(self.tables)

    def may_change_to(self, new: NewKey) -> bool:
        """Whether the change keeps every token of the past from counting again.

        A rollover empties the TID store, so no key that opened tokens before it may come back: not by the rollover itself
        (as with DKGA02, where the base date does not enter the key) nor by a later change. From the last base date there is
        no rollover.
        """
        if new.rollover and self.base_date.next is self.base_date:
            return False
        fingerprint = self._fingerprint(new.key)
        had = (*self.keys_since_rollover, self._fingerprint(self.decoder_key)) if new.rollover else ()
        return fingerprint not in (*self.retired_keys, *had)

    def changed_to(self, new: NewKey) -> "KeyRegister":
        """After a whole key change set. A 64-bit set carries no SGC, so the old one stays."""
        had = tuple(dict.fromkeys((*self.keys_since_rollover, self._fingerprint(self.decoder_key))))
        retired = (*self.retired_keys, *had) if new.rollover else self.retired_keys
        return self._replace(
            keys_since_rollover=() if new.rollover else had[-FINGERPRINTS_KEPT:],
            retired_keys=retired[-FINGERPRINTS_KEPT:],
            decoder_key=new.key,
            sgc=self.sgc if new.sgc is None else new.sgc,
            ti=new.ti,
            krn=new.krn,
            kt=new.kt,
            ken=new.ken,
            base_date=self.base_date.next if new.rollover else self.base_date,
        )

    def _fingerprint(self, key: DecoderKey) -> int:
        return key.cipher(self.tables).encrypt(0)


class PendingKeyChange(NamedTuple):
    """The plain blocks of the sections taken so far, by their token type. They are key material: hidden."""

    sections: tuple[tuple[TokenType, int], ...] = ()
    first_at: Seconds = 0

    def add(self, section: TokenType, block: int, now: Seconds) -> "PendingKeyChange":
        """One more section; one that is there already is replaced."""
        kept = self.at(now)
        others = tuple(entry for entry in kept.sections if entry[0] is not section)
        return PendingKeyChange((*others, (section, block)), kept.first_at if kept.sections else now)

    def __repr__(self) -> str:
        return f"PendingKeyChange({len(self.sections)} sections, hidden)"

    def at(self, now: Seconds) -> "PendingKeyChange":
        """What is left at ``now``: everything, or nothing once 10 minutes have passed since the first section."""
        return self if self.sections and now - self.first_at <= SECTIONS_KEPT else PendingKeyChange()
