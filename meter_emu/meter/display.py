"""Display, what a person sees of the meter at one moment: a value that a window draws and a terminal prints."""

from enum import StrEnum
from typing import NamedTuple


class CreditLed(StrEnum):
    """The credit LED: green above twice the alarm limit, yellow above the limit, red below, blinking without credit."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    RED_BLINKING = "red, blinking"
    OFF = "off"


class Display(NamedTuple):
    """Two lines of LCD, LEDs, relay sign, buzzer."""

    lines: tuple[str, str]
    digits_entered: int
    """How many digits of a token or short code stand in the line."""
    credit_led: CreditLed
    is_lit: bool
    is_relay_closed: bool
    is_beeping: bool
    impulses: int
    """Flashes of the pulse LED over the meter's life."""
