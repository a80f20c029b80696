"""TokenKeys: whose key opens a token, with the keys at hand: those a meter has now, and those it had before its upgrades."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from meter_emu.sts.ciphers import SAMPLE_TABLES, StaTables
from meter_emu.sts.errors import StsError
from meter_emu.sts.keys.key_store import KeyStore, MeterCard
from meter_emu.sts.numbers.drn import Drn
from meter_emu.sts.tokens import Token, decode
from pln_sim.upgrade.key_history import key_history
from pln_sim.upgrade.records import Upgrade


@dataclass(frozen=True)
class Opened:
    """A token and the card whose key opened it."""

    token: Token
    card: MeterCard

    @property
    def ti(self) -> str:
        """The tariff index of the key."""
        return str(self.card.parameters.ti)


class TokenKeys:
    """Keys that are tried on tokens."""

    def __init__(self, keys: KeyStore, tables: StaTables = SAMPLE_TABLES) -> None:
        self._keys = keys
        self._tables = tables

    def cards(self, meter: Drn, upgrades: Sequence[Upgrade]) -> list[MeterCard]:
        """The cards a meter has had, the present one first. ``upgrades`` are its own, the newest first."""
        history = key_history(self._keys.card(meter), upgrades)
        return list(dict.fromkeys(held.card for held in reversed(history)))

    def open(self, digits: str, cards: Iterable[MeterCard]) -> Opened | None:
        """The token as the first key that fits opens it; None if none does, or the keys are not at hand."""
        return next(self._opened(digits, cards), None)

    def open_all(self, digits: str, meters: Iterable[Drn]) -> Iterator[Opened]:
        """The token as the keys of some meters open it. Of 65 536 wrong keys one seems to fit, so ask the ledger too."""
        named = dict.fromkeys((*self._keys.meters, *meters))
        return self._opened(digits, (self._keys.card(meter) for meter in named))

    def _opened(self, digits: str, cards: Iterable[MeterCard]) -> Iterator[Opened]:
        for card in cards:
            try:
                key = self._keys.key_of(card).decoder_key
                yield Opened(decode(digits, key.cipher(self._tables)), card)
            except StsError:
                continue
