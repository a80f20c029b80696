"""Sheet, where a part of the scene is put together: items and targets in units of the part's own scale."""

from collections.abc import Iterable

from meter_gui import palette
from meter_gui.actions import Action
from meter_gui.geometry import Point, Rect
from meter_gui.scene import Align, Box, Colour, Item, Part, Shadow, Shape, Target, Text
from meter_gui.typeface import fitted


class Sheet:
    """A part in the making."""

    def __init__(self, rect: Rect, scale: float) -> None:
        self.rect = rect
        self.scale = scale
        self._items: list[Item] = []
        self._targets: list[Target] = []

    def u(self, units: float) -> int:
        """Units as pixels, at least one."""
        return max(1, round(units * self.scale))

    def add(self, *items: Item) -> None:
        """Put items on top."""
        self._items += items

    def target(self, rect: Rect, action: Action) -> None:
        """Make a place that can be pressed."""
        self._targets.append(Target(rect, action))

    def part(self) -> Part:
        """What was put together."""
        return Part(self.rect, tuple(self._items), tuple(self._targets))

    def text(
        self,
        rect: Rect,
        text: str,
        size: float,
        colour: Colour = palette.INK,
        align: Align = Align.LEFT,
        *,
        is_bold: bool = False,
    ) -> int:
        """A text of ``size`` units, or smaller if it has to be to fit. Its size in pixels."""
        pixels = fitted(text, self.u(size), rect.w, is_bold=is_bold)
        if text:
            self.add(Text(rect, text, pixels, colour, align, is_bold))
        return pixels

    def texts(self, rects: Iterable[Rect], texts: Iterable[str], size: float, colour: Colour, align: Align) -> None:
        """Several texts that belong together, all as small as the one that needs the most room."""
        pairs = [(rect, text) for rect, text in zip(rects, texts, strict=True) if text]
        pixels = min((fitted(text, self.u(size), rect.w) for rect, text in pairs), default=0)
        self.add(*(Text(rect, text, pixels, colour, align) for rect, text in pairs))

    def shape(self, rect: Rect, colour: Colour, *polygons: tuple[Point, ...]) -> None:
        """Polygons in fractions of ``rect``."""
        self.add(Shape(rect, polygons, colour))

    def card(self, radius: float = 12) -> None:
        """The white card that a panel stands on."""
        pixels = self.u(radius)
        self.add(
            Shadow(self.rect.moved(0, self.u(3)), pixels, self.u(7), palette.SHADOW_STRENGTH // 2),
            Box(self.rect, palette.PAPER, pixels, edge=palette.CARD_EDGE),
        )

    def button(self, rect: Rect, action: Action, *, is_on: bool = False, is_enabled: bool = True) -> None:
        """A button's ground. One that is on is blue; one that cannot be pressed is flat."""
        radius = min(self.u(8), rect.h // 2)
        if is_on:
            self.add(Box(rect, palette.BLUE_GROUND, radius, edge=palette.BLUE, edge_width=max(1, self.u(1.5))))
        elif is_enabled:
            self.add(Box(rect, palette.PAPER, radius, palette.FIELD, palette.FAINT, max(1, self.u(1))))
        else:
            self.add(Box(rect, palette.FIELD, radius))
        if is_enabled:
            self.target(rect, action)

    def switch(self, rect: Rect, *, is_on: bool, on_colour: Colour = palette.BLUE) -> None:
        """A sliding switch: the knob at the right and a bar on it for on, at the left and a ring for off."""
        track = rect.centred(self.u(34), self.u(18))
        knob = Rect(track.right - track.h if is_on else track.x, track.y, track.h, track.h).inset(self.u(2))
        self.add(
            Box(track, on_colour if is_on else palette.LAMP_OFF, track.h // 2),
            Box(knob, palette.PAPER, knob.h // 2),
        )
        if is_on:
            mark = track.inset(self.u(8), self.u(5))
            self.add(Box(Rect(mark.x, mark.y, max(2, self.u(2)), mark.h), palette.PAPER, 1))
        else:
            ring = Rect(track.right - track.h, track.y, track.h, track.h).inset(self.u(5))
            self.add(Box(ring, palette.LAMP_OFF, ring.h // 2, edge=palette.PAPER, edge_width=max(1, self.u(1.5))))
