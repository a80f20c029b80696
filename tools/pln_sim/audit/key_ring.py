"""KeyRing: which vending key and parameters go with which meter at which time, made for looking up thousands at once.

Meters that share all parameters but their number are a group, which has one vending key. Group 0 is that of the meters the
store does not name: as everywhere here they get the published test keys. A meter whose key an upgrade has changed is in one
group before it, and in another one from then on.

>>> ring = KeyRing.of(KeyStore.from_document({"meter": [{"drn": "04176855916", "ti": "07", "ken": 200}]}))
>>> group, ken = ring.look_up(np.array([12345678911, 4176855916]), np.array([0, 0]))
>>> group.tolist(), ken.tolist(), [found.parameters.ti for found in ring.groups]
([0, 1], [255, 200], ['01', '07'])
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from meter_emu.sts.bulk.arrays import Octets
from meter_emu.sts.bulk.keys import DRN_DIGITS, decoder_keys, pans
from meter_emu.sts.errors import StsError
from meter_emu.sts.keys.generation import KeyParameters, generate_decoder_key
from meter_emu.sts.keys.key_store import DEFAULT_KEN, KeyStore, MeterCard
from meter_emu.sts.keys.secret import VendingKey
from meter_emu.sts.numbers.drn import Drn
from pln_sim.upgrade.key_history import Held

UNNAMED = 0
"""The group of the meters of which neither the store nor an upgrade says anything."""
_EPOCH = datetime(1, 1, 1)
_MINUTE = timedelta(minutes=1)
_SOME_DRN = Drn("0" * DRN_DIGITS)


@dataclass(frozen=True)
class MeterGroup:
    """Meters that differ in their number alone. ``parameters`` are those of one of them."""

    parameters: KeyParameters
    vending_key: VendingKey | None
    """None: not at hand."""

    def decoder_keys(self, drns: Octets) -> Octets:
        """The keys of some of its meters, from the ASCII digits of their numbers: a row for each."""
        if self.vending_key is None:
            raise ValueError("the group has no vending key")
        return decoder_keys(self.vending_key, self.parameters, pans(drns))


@dataclass(frozen=True)
class KeyRing:
    """The groups, and the cards of the meters that are known, in the order of meter numbers and times."""

    groups: tuple[MeterGroup, ...]
    meters: NDArray[np.int64]
    """The meter of each card."""
    changes: NDArray[np.int64]
    """The minutes in which a card begins, each once; 0 for the cards that meters began with. Minutes are from 0001-01-01."""
    places: NDArray[np.int64]
    """Of each card, one number for the meter and the change, which rises from card to card."""
    group_of: NDArray[np.intp]
    ken_of: NDArray[np.int64]
    knows_all: bool
    """No key file said anything, so a meter that is not named is a test meter and no stranger."""

    @classmethod
    def of(cls, store: KeyStore, histories: Mapping[Drn, Sequence[Held]] = {}) -> "KeyRing":
        """The ring of a store, and of the cards of meters that were upgraded. A group whose key is not there has none."""
        unnamed = store.card(_SOME_DRN) if _SOME_DRN not in store.meters else KeyStore.empty().card(_SOME_DRN)
        groups = [_group(store, unnamed)]
        number_of: dict[tuple[bool, KeyParameters], int] = {}
        held = {drn: [Held(None, card)] for drn, card in store.meters.items()} | {**histories}
        entries = (
            (int(drn), _minute(since), card)
            for drn, history in held.items()
            if len(drn) == DRN_DIGITS
            for since, card in history
        )
        # Of the cards that began in one minute the last one counts.
        cards = sorted(entries, key=lambda entry: entry[:2])
        group_of = []
        for _, _, card in cards:
            # Which vending key a meter has depends on whether the store names it.
            shared = card.drn in store.meters, replace(card.parameters, pan=unnamed.parameters.pan)
            if shared not in number_of:
                number_of[shared] = len(groups)
                groups.append(_group(store, card))
            group_of.append(number_of[shared])
        meters, since = (np.array([entry[column] for entry in cards], dtype=np.int64) for column in (0, 1))
        changes = np.unique(np.append(since, 0))
        return cls(
            tuple(groups),
            meters,
            changes,
            meters * len(changes) + np.searchsorted(changes, since),
            np.array(group_of, dtype=np.intp),
            np.array([card.ken for _, _, card in cards], dtype=np.int64),
            knows_all=not store.meters and not store.vending_keys,
        )

    @property
    def has_changes(self) -> bool:
        """Whether any meter has had more than one key."""
        return len(self.changes) > 1

    def look_up(self, meters: NDArray[np.int64], minutes: NDArray[np.int64]) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
        """The group and the KEN of each meter at a time."""
        group = np.full(len(meters), UNNAMED, dtype=np.intp)
        ken = np.full(len(meters), DEFAULT_KEN, dtype=np.int64)
        if len(self.meters):
            change = np.searchsorted(self.changes, np.maximum(minutes, 0), side="right") - 1
            place = np.searchsorted(self.places, meters * len(self.changes) + change, side="right") - 1
            is_named = (place >= 0) & (self.meters[place] == meters)
            group[is_named] = self.group_of[place[is_named]]
            ken[is_named] = self.ken_of[place[is_named]]
        return group, ken


def _minute(moment: datetime | None) -> int:
    return 0 if moment is None else (moment - _EPOCH) // _MINUTE


def _group(store: KeyStore, card: MeterCard) -> MeterGroup:
    try:
        vending_key = store.vending_key_of(card)
        generate_decoder_key(vending_key, card.parameters)
    except StsError:
        return MeterGroup(card.parameters, None)
    return MeterGroup(card.parameters, vending_key)
