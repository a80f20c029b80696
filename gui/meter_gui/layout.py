"""Layout: where the meter's face and the panels are, for a window of any size. Pure arithmetic.

Windows that are wide and not small have the face and two columns of panels, others one column. A column opens as many of its
panels as it has room for, the one opened last before all; the others show their headings, to be opened by a press.

>>> wide, small = layout((1280, 720)), layout((800, 600))
>>> [panel.name for panel, area in wide.panels.items() if area.is_open]
['HOUSE', 'BENCH', 'SHOP', 'INSIDE']
>>> [panel.name for panel, area in small.panels.items() if area.is_open]
['SHOP']
"""

from collections.abc import Mapping
from typing import NamedTuple

from meter_gui.actions import SidePanel
from meter_gui.geometry import Rect, Size

SMALLEST: Size = (800, 600)
DEFAULT: Size = (1280, 720)
FACE_WIDTH, FACE_HEIGHT = 450, 680
"""The face in its own units."""
TWO_COLUMNS_FROM = 1.5
"""Width to height."""
SMALLEST_SCALE_OF_TWO = 0.8
"""Below it the words of two columns are too small to be read."""
MARGIN, GAP, HEADING = 20, 12, 40
WIDEST_COLUMN = 620
DEFAULT_OPENED = (SidePanel.INSIDE, SidePanel.BENCH, SidePanel.HOUSE, SidePanel.SHOP)
"""The last one is the first to get room."""
COLUMNS = ((SidePanel.HOUSE, SidePanel.BENCH), (SidePanel.SHOP, SidePanel.INSIDE))


class Need(NamedTuple):
    """The height of an open panel's contents: the least, the most, and its share of what is to spare."""

    least: int
    most: int
    share: int


NEEDS: Mapping[SidePanel, Need] = {
    SidePanel.HOUSE: Need(320, 900, 2),
    SidePanel.BENCH: Need(206, 260, 0),
    SidePanel.SHOP: Need(284, 420, 1),
    SidePanel.INSIDE: Need(290, 420, 1),
}


class Area(NamedTuple):
    """A panel's place: the whole card, its heading, what is below (empty if folded)."""

    card: Rect
    heading: Rect
    contents: Rect

    @property
    def is_open(self) -> bool:
        """Whether the contents are shown."""
        return self.contents.h > 0


class Layout(NamedTuple):
    """Where everything is."""

    size: Size
    face: Rect
    scale: float
    """Pixels of one unit in the panels."""
    panels: Mapping[SidePanel, Area]

    @property
    def face_scale(self) -> float:
        """Pixels of one unit on the face."""
        return self.face.h / FACE_HEIGHT


def layout(size: Size, opened: tuple[SidePanel, ...] = DEFAULT_OPENED, *, is_face_alone: bool = False) -> Layout:
    """The places for a window of ``size`` (never smaller than SMALLEST)."""
    width, height = max(size[0], SMALLEST[0]), max(size[1], SMALLEST[1])
    window = Rect(0, 0, width, height)
    if is_face_alone:
        unit = min(width / (FACE_WIDTH + 2 * MARGIN), height / (FACE_HEIGHT + 2 * MARGIN))
        return Layout((width, height), window.centred(round(FACE_WIDTH * unit), round(FACE_HEIGHT * unit)), unit, {})
    scale = min(width / DEFAULT[0], height / DEFAULT[1])
    has_two = width >= TWO_COLUMNS_FROM * height and scale >= SMALLEST_SCALE_OF_TWO
    if not has_two:
        scale = min(width / 850, height / 640)
    margin, gap = round(MARGIN * scale), round(GAP * scale)
    inner = window.inset(margin)
    columns = COLUMNS if has_two else (tuple(panel for column in COLUMNS for panel in column),)
    most_for_face = inner.w - len(columns) * round(360 * scale) - len(columns) * margin
    face_height = min(inner.h, most_for_face * FACE_HEIGHT // FACE_WIDTH, round(1.35 * scale * FACE_HEIGHT))
    face_width = face_height * FACE_WIDTH // FACE_HEIGHT
    column_width = min(round(WIDEST_COLUMN * scale), (inner.w - face_width - len(columns) * margin) // len(columns))
    used = face_width + len(columns) * (margin + column_width)
    left = inner.x + (inner.w - used) // 2
    face = Rect(left, inner.y + (inner.h - face_height) // 2, face_width, face_height)
    panels: dict[SidePanel, Area] = {}
    x = face.right + margin
    for column in columns:
        panels |= _column(Rect(x, inner.y, column_width, inner.h), column, opened, scale, gap)
        x += column_width + margin
    return Layout((width, height), face, scale, panels)


def _column(
    column: Rect, panels: tuple[SidePanel, ...], opened: tuple[SidePanel, ...], scale: float, gap: int
) -> dict[SidePanel, Area]:
    heading = round(HEADING * scale)
    free = column.h - len(panels) * heading - (len(panels) - 1) * gap
    heights: dict[SidePanel, int] = {}
    for panel in reversed(opened):
        least = round(NEEDS[panel].least * scale)
        if panel in panels and least <= free:
            heights[panel] = least
            free -= least
    for panel, more in _shares(heights, free, scale).items():
        heights[panel] += more
    areas, y = {}, column.y
    for panel in panels:
        height = heights.get(panel, 0)
        card = Rect(column.x, y, column.w, heading + height)
        areas[panel] = Area(card, *card.cut_top(heading))
        y = card.bottom + gap
    return areas


def _shares(heights: dict[SidePanel, int], free: int, scale: float) -> dict[SidePanel, int]:
    """What is to spare, parted among the open panels up to the most each can use."""
    more = dict.fromkeys(heights, 0)
    for needs_share in (True, False):
        takers = [panel for panel in heights if bool(NEEDS[panel].share) is needs_share]
        for number, panel in enumerate(takers):
            shares = sum(NEEDS[other].share or 1 for other in takers[number:])
            share = free * (NEEDS[panel].share or 1) // shares
            more[panel] = max(0, min(share, round(NEEDS[panel].most * scale) - heights[panel]))
            free -= more[panel]
    return more
