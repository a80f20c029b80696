"""A scripted run: what a person does and when, played on a desk in time that is made up, so that every run is the same."""

from collections.abc import Iterator
from typing import NamedTuple

from meter_gui.actions import Action, Buy, SetSpeed, SwitchAppliance, TypeToken
from meter_gui.desk import Desk
from meter_gui.meter_clock import SECOND

STEP = SECOND // 10
"""Between two looks at the desk."""


class Cue(NamedTuple):
    """An action, so many seconds from the beginning."""

    at: float
    action: Action


PURCHASE = (
    Cue(1.0, Buy("PL50")),
    Cue(2.6, TypeToken()),
    Cue(12.0, SwitchAppliance("fridge")),
    Cue(12.8, SwitchAppliance("lamps")),
    Cue(13.6, SwitchAppliance("rice_cooker")),
    Cue(14.4, SwitchAppliance("air_conditioner")),
    Cue(15.2, SetSpeed(600)),
    Cue(17.8, SwitchAppliance("rice_cooker")),
    Cue(20.0, SwitchAppliance("air_conditioner")),
)
"""Power is bought, the token keyed in, the house switched on, and time let fly."""
PURCHASE_SECONDS = 22.0


def play(desk: Desk, cues: tuple[Cue, ...], seconds: float, real: int) -> Iterator[int]:
    """Play the cues from ``real`` on; yields the time at every look. The shop's answers are waited for."""
    waiting = list(cues)
    begun = real
    while real - begun <= seconds * SECOND:
        while waiting and real - begun >= waiting[0].at * SECOND:
            desk.do(waiting.pop(0).action, real)
            desk.release(real)
            desk.wait_for_shop(real)
        desk.tick(real)
        yield real
        real += STEP
