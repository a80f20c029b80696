"""The help: a card over the window that names every key of the keyboard. A press anywhere takes it away."""

from functools import lru_cache

from meter_gui import palette
from meter_gui.actions import ShowHelp
from meter_gui.captions import Caption, Language
from meter_gui.geometry import Rect, Size
from meter_gui.scene import Part, Shadow
from meter_gui.sheet import Sheet

SHORTCUTS: tuple[tuple[str, Caption], ...] = (
    ("0 – 9", Caption.KEY_DIGITS),
    ("Backspace", Caption.KEY_BACKSPACE),
    ("Enter", Caption.KEY_ENTER),
    ("Ctrl-V", Caption.KEY_PASTE),
    ("M", Caption.KEY_MUTE),
    ("F", Caption.KEY_FACE),
    ("F11", Caption.KEY_FULL),
    ("Ctrl-Q", Caption.KEY_QUIT),
    ("F1", Caption.KEY_HELP),
)
WIDTH, ROW, EDGE = 400, 24, 20


@lru_cache(maxsize=4)
def help_card(size: Size, scale: float, language: Language) -> Part:
    """The card, in the middle of a window of ``size``."""
    window = Rect(0, 0, *size)
    height = 2 * EDGE + 30 + ROW * len(SHORTCUTS)
    rect = window.centred(round(WIDTH * scale), round(height * scale))
    card = Sheet(rect, scale)
    u = card.u
    card.add(Shadow(rect, u(12), u(14), palette.SHADOW_STRENGTH))
    card.card()
    title, rest = rect.inset(u(EDGE)).cut_top(u(24), u(6))
    card.text(title, Caption.KEYBOARD.in_language(language), 16, is_bold=True)
    for row, (key, caption) in zip(rest.rows(len(SHORTCUTS), 0), SHORTCUTS, strict=True):
        left, right = row.cut_left(u(90), u(10))
        card.text(left, key, 13, palette.BLUE, is_bold=True)
        card.text(right, caption.in_language(language), 13)
    card.target(window, ShowHelp())
    return card.part()._replace(rect=window)
