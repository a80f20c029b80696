"""What a person can do at the window. A target of the scene carries one of these; the desk carries it out."""

from dataclasses import dataclass
from enum import Enum, auto

from meter_emu.meter import Cause, Key


class SidePanel(Enum):
    """The panels beside the meter."""

    HOUSE = auto()
    BENCH = auto()
    SHOP = auto()
    INSIDE = auto()


@dataclass(frozen=True)
class Press:
    """Press a key of the keypad."""

    key: Key


@dataclass(frozen=True)
class Paste:
    """Key in what the clipboard holds."""

    text: str


@dataclass(frozen=True)
class SetLoad:
    """Let the house ask for so many watts."""

    watts: int


@dataclass(frozen=True)
class GrabLoad:
    """Take hold of the load slider."""


@dataclass(frozen=True)
class SwitchAppliance:
    """Switch a named appliance on or off."""

    name: str


@dataclass(frozen=True)
class SwitchPower:
    """Cut the supply, or bring it back."""


@dataclass(frozen=True)
class SwitchSensor:
    """Let a tamper sensor fire, or go quiet."""

    cause: Cause


@dataclass(frozen=True)
class StickRelay:
    """Let the relay stick, or repair it."""


@dataclass(frozen=True)
class SetSpeed:
    """So many meter seconds in a second."""

    speed: int


@dataclass(frozen=True)
class Fold:
    """Fold a panel, or open it."""

    panel: SidePanel


@dataclass(frozen=True)
class ShowFaceAlone:
    """Hide all panels, or bring them back."""


@dataclass(frozen=True)
class ShowHelp:
    """Show the keys of the keyboard, or take the list away."""


@dataclass(frozen=True)
class DismissNotice:
    """Take the notice away."""


@dataclass(frozen=True)
class Mute:
    """Silence the buzzer, or not."""


@dataclass(frozen=True)
class Buy:
    """Buy a product of the shop."""

    code: str


@dataclass(frozen=True)
class AskForClearance:
    """Ask the utility for a token that clears the tamper condition."""


@dataclass(frozen=True)
class TypeToken:
    """Let the token on the slip be typed, key by key."""


Action = (
    Press
    | Paste
    | SetLoad
    | GrabLoad
    | SwitchAppliance
    | SwitchPower
    | SwitchSensor
    | StickRelay
    | SetSpeed
    | Fold
    | ShowFaceAlone
    | ShowHelp
    | DismissNotice
    | Mute
    | Buy
    | AskForClearance
    | TypeToken
)
