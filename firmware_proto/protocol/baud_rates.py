"""Protocol modes and their baud rates (IEC 62056-21, 6.3.14 item 13 and 6.4).

A meter's identification names its mode and the rate it can go on with in one character: a letter is mode B, which changes over
by itself; a digit is mode C, where the other end chooses; any other character is mode A, which stays at 300 baud.

>>> mode_of("5"), mode_of("E"), mode_of("M")
(<Mode.C: 'C'>, <Mode.B: 'B'>, <Mode.A: 'A'>)
>>> BAUD_RATES["5"], BAUD_RATES["E"], character_of(Mode.C, 9600)
(9600, 9600, '5')
"""

from enum import Enum

from firmware_proto.errors import LocalProtocolError

INITIAL_BAUD = 300


class Mode(Enum):
    """A protocol mode. D only sends, and E is another protocol: neither is here."""

    A = "A"
    B = "B"
    C = "C"


_RATES = {
    Mode.B: dict(zip("ABCDEF", (600, 1200, 2400, 4800, 9600, 19200), strict=True)),
    Mode.C: dict(zip("0123456", (300, 600, 1200, 2400, 4800, 9600, 19200), strict=True)),
}
BAUD_RATES: dict[str, int] = _RATES[Mode.B] | _RATES[Mode.C]
"""By the baud rate identification character (Z)."""


def mode_of(character: str) -> Mode:
    """The mode that a baud rate identification character announces."""
    return next((mode for mode, rates in _RATES.items() if character in rates), Mode.A)


def character_of(mode: Mode, baud: int) -> str:
    """The character that announces ``baud``; none in mode A. LocalProtocolError for a rate the mode does not have."""
    if mode is Mode.A and baud == INITIAL_BAUD:
        return ""
    for character, rate in _RATES.get(mode, {}).items():
        if rate == baud:
            return character
    allowed = sorted(_RATES.get(mode, {"": INITIAL_BAUD}).values())
    raise LocalProtocolError(f"mode {mode.value} has no {baud} baud, only {', '.join(map(str, allowed))}", field="baud")
