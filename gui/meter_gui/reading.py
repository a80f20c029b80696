"""Reading, what the window needs to know of a meter beside its Display: numbers to show, none of them judged here."""

from typing import NamedTuple

from meter_emu.meter import Cause, Meter
from meter_emu.meter.clock import Seconds
from meter_emu.meter.energy import WattSeconds, lcd_text
from meter_emu.meter.relay import flowing
from meter_gui.guide import Guide, guide_of, shown_total


class Plate(NamedTuple):
    """What is printed on the meter."""

    maker: str
    drn: str
    voltage: int
    impulses_per_kwh: int
    columns: int
    """Characters on a line of the LCD."""


class Reading(NamedTuple):
    """The meter and its surroundings at one moment."""

    plate: Plate
    clock: Seconds
    balance: WattSeconds
    load: int
    flowing: int
    limit: int | None
    is_powered: bool
    causes: tuple[Cause, ...]
    is_tampered: bool
    is_relay_stuck: bool
    line: str
    """The digits that stand in the LCD's line."""
    credit_text: str
    """The balance as the LCD has it: the total that it shows after a credit token stands while the credit falls on."""
    guide: Guide

    @staticmethod
    def of(meter: Meter, now: Seconds) -> "Reading":
        """The numbers of ``meter`` at ``now``."""
        state, profile = meter.state, meter.profile
        return Reading(
            plate=Plate(profile.maker, state.drn, profile.voltage, profile.impulses_per_kwh, profile.lcd_columns),
            clock=max(now, state.clock),
            balance=state.credit.balance,
            load=state.load,
            flowing=flowing(state),
            limit=state.overload.limit,
            is_powered=state.is_powered,
            causes=state.tamper.causes,
            is_tampered=state.tamper.is_tampered,
            is_relay_stuck=state.is_relay_stuck,
            line=meter.panel.line_at(now, profile.line_timeout) if state.is_powered else "",
            credit_text=shown_total(meter, now) or lcd_text(state.credit.balance),
            guide=guide_of(meter, now),
        )
