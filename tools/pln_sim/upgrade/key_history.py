"""The keys a meter has had: what the key file says of it, with the tariff index that its upgrades have brought.

The vending database wins over the key file: a key file says how the meter was made, an upgrade what has become of its key. What
is said on the command line wins over both. Everyone who needs a meter's key asks here, or for the index alone ``tariff_index``
of a Storage, which is that of the last entry. Pure.

>>> from meter_emu.sts.numbers.drn import Drn
>>> card = KeyStore.empty().card(Drn("12345678911"))
>>> [(held.since, str(held.card.parameters.ti)) for held in key_history(card, ())]
[(None, '01')]
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from meter_emu.sts.keys.key_store import KeyStore, MeterCard
from meter_emu.sts.numbers.drn import Drn
from pln_sim.upgrade.records import Upgrade


class Held(NamedTuple):
    """A card that a meter has, or had."""

    since: datetime | None
    """When the upgrade was made; None for the card it began with."""
    card: MeterCard


def key_history(card: MeterCard, upgrades: Sequence[Upgrade]) -> list[Held]:
    """The cards of a meter, the oldest first. ``card`` is the key store's, ``upgrades`` are the meter's, the newest first."""
    if not upgrades:
        return [Held(None, card)]
    history = [Held(None, card.changed(ti=upgrades[-1].old_ti))]
    for upgrade in reversed(upgrades):
        if upgrade.key_change:
            history.append(Held(upgrade.made_at, card.changed(ti=upgrade.ti)))
    return history


def histories(keys: KeyStore, upgrades: Iterable[Upgrade]) -> dict[Drn, list[Held]]:
    """The cards of all meters with an upgrade. ``upgrades`` are those of all meters, the oldest first."""
    of_meter: defaultdict[Drn, list[Upgrade]] = defaultdict(list)
    for upgrade in upgrades:
        of_meter[upgrade.meter].insert(0, upgrade)
    return {meter: key_history(keys.card(meter), own) for meter, own in of_meter.items()}


def present_card(keys: KeyStore, meter: Drn, upgrades: Sequence[Upgrade]) -> MeterCard:
    """The card of a meter as it is now."""
    return key_history(keys.card(meter), upgrades)[-1].card
