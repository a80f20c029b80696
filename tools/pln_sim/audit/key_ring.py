"""KeyRing: which vending key and parameters go with which meter, from a key store, made for looking up thousands at once.

Meters that share all parameters but their number are a group, which has one vending key. Group 0 is that of the meters the
store does not name: as everywhere here they get the published test keys.

>>> ring = KeyRing.of(KeyStore.from_document({"meter": [{"drn": "04176855916", "ti": "07", "ken": 200}]}))
>>> group, ken = ring.look_up(np.array([12345678911, 4176855916]))
>>> group.tolist(), ken.tolist(), [found.parameters.ti for found in ring.groups]
([0, 1], [255, 200], ['01', '07'])
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from meter_emu.sts.bulk.arrays import Octets
from meter_emu.sts.bulk.keys import DRN_DIGITS, decoder_keys, pans
from meter_emu.sts.errors import StsError
from meter_emu.sts.keys.generation import KeyParameters, generate_decoder_key
from meter_emu.sts.keys.key_store import DEFAULT_KEN, KeyStore, MeterCard
from meter_emu.sts.keys.secret import VendingKey
from meter_emu.sts.numbers.drn import Drn

UNNAMED = 0
"""The group of the meters that the store does not name."""
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
    """The groups, and the meters that the store names, in the order of their numbers."""

    groups: tuple[MeterGroup, ...]
    meters: NDArray[np.int64]
    group_of: NDArray[np.intp]
    ken_of: NDArray[np.int64]
    knows_all: bool
    """No key file said anything, so a meter that is not named is a test meter and no stranger."""

    @classmethod
    def of(cls, store: KeyStore) -> "KeyRing":
        """The ring of a store. A group whose key is not there, or does not fit, has none."""
        unnamed = store.card(_SOME_DRN) if _SOME_DRN not in store.meters else KeyStore.empty().card(_SOME_DRN)
        groups = [_group(store, unnamed)]
        number_of: dict[KeyParameters, int] = {}
        cards = sorted(
            ((int(drn), card) for drn, card in store.meters.items() if len(drn) == DRN_DIGITS), key=lambda entry: entry[0]
        )
        group_of = []
        for _, card in cards:
            shared = replace(card.parameters, pan=unnamed.parameters.pan)
            if shared not in number_of:
                number_of[shared] = len(groups)
                groups.append(_group(store, card))
            group_of.append(number_of[shared])
        return cls(
            tuple(groups),
            np.array([number for number, _ in cards], dtype=np.int64),
            np.array(group_of, dtype=np.intp),
            np.array([card.ken for _, card in cards], dtype=np.int64),
            knows_all=not store.meters and not store.vending_keys,
        )

    def look_up(self, meters: NDArray[np.int64]) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
        """The group and the KEN of each meter."""
        group = np.full(len(meters), UNNAMED, dtype=np.intp)
        ken = np.full(len(meters), DEFAULT_KEN, dtype=np.int64)
        if len(self.meters):
            place = np.minimum(np.searchsorted(self.meters, meters), len(self.meters) - 1)
            is_named = self.meters[place] == meters
            group[is_named] = self.group_of[place[is_named]]
            ken[is_named] = self.ken_of[place[is_named]]
        return group, ken


def _group(store: KeyStore, card: MeterCard) -> MeterGroup:
    try:
        vending_key = store.vending_key_of(card)
        generate_decoder_key(vending_key, card.parameters)
    except StsError:
        return MeterGroup(card.parameters, None)
    return MeterGroup(card.parameters, vending_key)
