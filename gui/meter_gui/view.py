"""View, all that the window shows beside the meter itself: the panels' own state. A value; the desk makes the next one."""

from typing import NamedTuple

from meter_emu.meter import Key
from meter_emu.meter.clock import Seconds
from meter_gui.actions import SidePanel
from meter_gui.captions import Caption, Language
from meter_gui.history import History
from meter_gui.layout import DEFAULT_OPENED
from meter_gui.shop import Counter
from meter_gui.token_story import TokenStory

SPEEDS = (1, 10, 60, 600, 3600)


class View(NamedTuple):
    """The window at one moment."""

    language: Language = Language.ENGLISH
    opened: tuple[SidePanel, ...] = DEFAULT_OPENED
    is_face_alone: bool = False
    keys_down: frozenset[Key] = frozenset()
    is_muted: bool = False
    is_pulse_lit: bool = False
    is_blink_on: bool = True
    """The lit half of a blinking lamp."""
    speed: int = 1
    is_slowed: bool = False
    """Time runs at its own pace for a while, whatever the speed, since a key was pressed."""
    appliances: frozenset[str] = frozenset()
    """The names of those that are on."""
    history: History = History()
    counter: Counter = Counter()
    story: TokenStory | None = None
    ahead: Seconds = 0
    """How far the meter's clock is ahead of the world's, in whole minutes."""
    is_help_shown: bool = False
    notice: str = ""
    """One line about something that went wrong."""

    def say(self, caption: Caption, **values: object) -> str:
        """A caption in the window's language."""
        return caption.in_language(self.language).format(**values)
