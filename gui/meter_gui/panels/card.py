"""The card a panel stands on: its heading, which folds and opens it, with a sign of its own and an arrow."""

from collections.abc import Mapping

from meter_gui import palette
from meter_gui.actions import Fold, SidePanel
from meter_gui.captions import Caption
from meter_gui.geometry import Point, Rect
from meter_gui.layout import Area
from meter_gui.scene import Colour
from meter_gui.sheet import Sheet
from meter_gui.view import View

TITLES: Mapping[SidePanel, Caption] = {
    SidePanel.HOUSE: Caption.HOUSE,
    SidePanel.BENCH: Caption.BENCH,
    SidePanel.SHOP: Caption.SHOP,
    SidePanel.INSIDE: Caption.INSIDE,
}
SIGNS: Mapping[SidePanel, tuple[tuple[Point, ...], ...]] = {
    SidePanel.HOUSE: (
        ((0.5, 0.16), (0.9, 0.5), (0.1, 0.5)),
        ((0.2, 0.5), (0.8, 0.5), (0.8, 0.84), (0.58, 0.84), (0.58, 0.62), (0.42, 0.62), (0.42, 0.84), (0.2, 0.84)),
    ),
    SidePanel.BENCH: (
        ((0.14, 0.24), (0.86, 0.24), (0.86, 0.32), (0.14, 0.32)),
        ((0.56, 0.14), (0.7, 0.14), (0.7, 0.42), (0.56, 0.42)),
        ((0.14, 0.46), (0.86, 0.46), (0.86, 0.54), (0.14, 0.54)),
        ((0.28, 0.36), (0.42, 0.36), (0.42, 0.64), (0.28, 0.64)),
        ((0.14, 0.68), (0.86, 0.68), (0.86, 0.76), (0.14, 0.76)),
        ((0.62, 0.58), (0.76, 0.58), (0.76, 0.86), (0.62, 0.86)),
    ),
    SidePanel.SHOP: (
        ((0.2, 0.1), (0.8, 0.1), (0.8, 0.9), (0.7, 0.8), (0.6, 0.9), (0.5, 0.8), (0.4, 0.9), (0.3, 0.8), (0.2, 0.9)),
    ),
    SidePanel.INSIDE: (
        *(
            tuple((x + dx, y + dy) for dx, dy in ((0, 0), (0.2, 0), (0.2, 0.2), (0, 0.2)))
            for x, y in ((0.12, 0.14), (0.4, 0.14))
        ),
        *(
            tuple((x + dx, y + dy) for dx, dy in ((0, 0), (0.2, 0), (0.2, 0.2), (0, 0.2)))
            for x, y in ((0.68, 0.4), (0.12, 0.4))
        ),
        *(
            tuple((x + dx, y + dy) for dx, dy in ((0, 0), (0.2, 0), (0.2, 0.2), (0, 0.2)))
            for x, y in ((0.4, 0.66), (0.68, 0.66))
        ),
    ),
}
COLOURS: Mapping[SidePanel, Colour] = {
    SidePanel.HOUSE: palette.AMBER,
    SidePanel.BENCH: palette.MUTED,
    SidePanel.SHOP: palette.GREEN,
    SidePanel.INSIDE: palette.PURPLE,
}
PADDING = 16


def card(panel: SidePanel, area: Area, scale: float, view: View) -> tuple[Sheet, Rect]:
    """The sheet with the card and its heading on it, and the room for the contents."""
    sheet = Sheet(area.card, scale)
    u = sheet.u
    sheet.card()
    sheet.target(area.heading, Fold(panel))
    inner = area.heading.inset(u(PADDING), 0)
    badge, rest = inner.cut_left(u(20), u(9))
    sign = badge.centred(u(20), u(20))
    sheet.shape(sign, COLOURS[panel], *SIGNS[panel])
    arrow, title = rest.cut_right(u(12), u(8))
    sheet.text(title, view.say(TITLES[panel]), 16, is_bold=True)
    tip: tuple[Point, ...] = ((0.0, 0.72), (0.5, 0.22), (1.0, 0.72), (0.88, 0.84), (0.5, 0.46), (0.12, 0.84))
    if not area.is_open:
        tip = tuple((x, 1 - y) for x, y in tip)
    sheet.shape(arrow.centred(u(12), u(12)), palette.MUTED, tip)
    contents = area.contents.inset(u(PADDING), 0)
    return sheet, contents._replace(h=max(0, contents.h - u(PADDING)))
