"""The prepaid meter's brain. Pure: time comes in as an argument, every act makes a new value, nothing is read or written.

meter.py       Meter: the state and the panel together; start here
state.py       State: all that survives a power cut, one field for each of
               credit, tid_store, lockout, key_register, tamper, overload, alarm, history, last_token, access
acceptance.py  the checks of a token in their order;  results.py their answers;  outcome.py what came of it
execution.py   what each kind of token does
metering.py    consumption and what falls due while time passes;  relay.py whether current flows;  measurement.py V, A, VA
load_profile.py  the registers at every quarter hour
panel.py       keypad and LCD;  display.py what a person sees;  short_codes.py;  profiles.py the brands
"""

from meter_emu.meter.clock import moment_of, seconds_of
from meter_emu.meter.display import CreditLed, Display
from meter_emu.meter.key_register import KeyRegister
from meter_emu.meter.meter import Meter
from meter_emu.meter.outcome import Outcome
from meter_emu.meter.panel import Key, Panel, parse_keys
from meter_emu.meter.state import State
from meter_emu.meter.tamper import Cause

__all__ = [
    "Cause",
    "CreditLed",
    "Display",
    "Key",
    "KeyRegister",
    "Meter",
    "Outcome",
    "Panel",
    "State",
    "moment_of",
    "parse_keys",
    "seconds_of",
]
