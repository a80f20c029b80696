"""The house: its appliances, and how they and the load slider make up one load.

Whoever sets the load, the slider, a switch or another process, the appliances that no longer fit under it go out; what is
above them is something unnamed in the house.

>>> sorted(still_on(frozenset({"lamps", "iron", "air_conditioner"}), 500))
['iron', 'lamps']
"""

from typing import NamedTuple

from meter_gui.captions import Caption

MOST_WATTS = 4400
"""The end of the slider."""
STEP = 10


class Appliance(NamedTuple):
    """Something in the house that takes so many watts."""

    name: str
    caption: Caption
    watts: int


APPLIANCES = (
    Appliance("lamps", Caption.LAMPS, 60),
    Appliance("fan", Caption.FAN, 50),
    Appliance("television", Caption.TELEVISION, 90),
    Appliance("fridge", Caption.FRIDGE, 120),
    Appliance("rice_cooker", Caption.RICE_COOKER, 350),
    Appliance("pump", Caption.PUMP, 250),
    Appliance("iron", Caption.IRON, 350),
    Appliance("air_conditioner", Caption.AIR_CONDITIONER, 750),
)
WATTS = {appliance.name: appliance.watts for appliance in APPLIANCES}


def still_on(names: frozenset[str], load: int) -> frozenset[str]:
    """The appliances that can be on at a load; the hungriest go out first."""
    on = set(names)
    for name in sorted(names, key=lambda name: -WATTS[name]):
        if sum(WATTS[other] for other in on) <= load:
            break
        on.discard(name)
    return frozenset(on)


def switched(names: frozenset[str], load: int, name: str) -> tuple[frozenset[str], int]:
    """The appliances that are on, and the load, once ``name`` is switched."""
    if name in names:
        return names - {name}, max(0, load - WATTS[name])
    return names | {name}, load + WATTS[name]


def other_load(names: frozenset[str], load: int) -> int:
    """The watts of a load that the appliances that are on do not take.

    >>> other_load(frozenset({"lamps"}), 100)
    40
    """
    return load - sum(WATTS[name] for name in names)


def load_at(x: float, left: int, width: int) -> int:
    """The load where the slider stands at ``x``, in whole steps.

    >>> load_at(50, left=0, width=100), load_at(-3, left=0, width=100), load_at(999, left=0, width=100)
    (2200, 0, 4400)
    """
    share = min(1.0, max(0.0, (x - left) / max(1, width)))
    return round(share * MOST_WATTS / STEP) * STEP
