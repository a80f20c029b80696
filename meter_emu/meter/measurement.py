"""What flows through the meter now, as its measuring chip would say it.

Nothing is measured here: the profile gives the mains voltage (230 V) and the power factor of the house, and the current follows
from the power that flows. All whole numbers, rounded down.
"""

from meter_emu.meter.profiles import PROFILES
from meter_emu.meter.relay import flowing
from meter_emu.meter.state import State


def voltage(state: State) -> int:
    """V between phase and neutral; 0 while the supply is cut."""
    return PROFILES[state.profile].voltage if state.is_powered else 0


def power_factor(state: State) -> int:
    """Hundredths of cos phi."""
    return PROFILES[state.profile].power_factor


def apparent_power(state: State) -> int:
    """VA."""
    return flowing(state) * 100 // power_factor(state)


def phase_current(state: State) -> int:
    """mA in the phase."""
    profile = PROFILES[state.profile]
    return flowing(state) * 100_000 // (profile.voltage * profile.power_factor)


def neutral_current(state: State) -> int:
    """mA in the neutral: what the phase carries and what a tamper adds."""
    return abs(phase_current(state) + (state.tamper.current_difference if state.is_powered else 0))
