"""Scene, a picture before it is painted: what stands where, as plain values. Nothing here knows pygame.

Items are painted in their order. Two scenes can be compared, so that only what changed is painted again, and a test can ask
whether a text fits its rectangle without looking at a pixel.
"""

from enum import Enum, auto
from typing import NamedTuple

from meter_gui.actions import Action
from meter_gui.geometry import Point, Rect, Size

Colour = tuple[int, int, int]


class Align(Enum):
    """Where in its rectangle a text stands."""

    LEFT = auto()
    CENTRE = auto()
    RIGHT = auto()


class Box(NamedTuple):
    """A rectangle with round corners. From ``fill`` at the top it may fade to ``below``; ``edge`` is the line around it."""

    rect: Rect
    fill: Colour
    radius: int = 0
    below: Colour | None = None
    edge: Colour | None = None
    edge_width: int = 1


class Shadow(NamedTuple):
    """What a box of that rectangle and radius throws on the wall; ``strength`` of 255 is black."""

    box: Rect
    radius: int
    blur: int
    strength: int

    @property
    def rect(self) -> Rect:
        """The box and the blur around it."""
        return self.box.inset(-2 * self.blur)


class Text(NamedTuple):
    """A text on one line, in the middle of its rectangle's height. With a ``pitch`` every character is so many pixels wide."""

    rect: Rect
    text: str
    size: int
    colour: Colour
    align: Align = Align.LEFT
    is_bold: bool = False
    pitch: int = 0


class Shape(NamedTuple):
    """Polygons of one colour. Points are fractions of the rectangle, from 0 to 1."""

    rect: Rect
    polygons: tuple[tuple[Point, ...], ...]
    colour: Colour


class Glow(NamedTuple):
    """Light around a lamp, strongest in the middle."""

    rect: Rect
    colour: Colour


class Cells(NamedTuple):
    """An LCD of 5 x 8 dot cells."""

    rect: Rect
    lines: tuple[str, str]
    columns: int
    is_lit: bool


class Stripes(NamedTuple):
    """Bars and gaps in turn, as wide in relation to each other as the numbers say."""

    rect: Rect
    widths: tuple[int, ...]
    colour: Colour


class Trace(NamedTuple):
    """A line through points (fractions of the rectangle), or the area below it."""

    rect: Rect
    points: tuple[Point, ...]
    colour: Colour
    width: int
    is_area: bool = False


Item = Box | Shadow | Text | Shape | Glow | Cells | Stripes | Trace


class Target(NamedTuple):
    """A place that can be pressed, and what that does."""

    rect: Rect
    action: Action


class Part(NamedTuple):
    """A piece of the picture: its items, none of which leaves ``rect`` but shadows, and its targets."""

    rect: Rect
    items: tuple[Item, ...] = ()
    targets: tuple[Target, ...] = ()


class Scene(NamedTuple):
    """The whole picture."""

    size: Size
    parts: tuple[Part, ...]

    @property
    def items(self) -> tuple[Item, ...]:
        """Every item, in the order of painting."""
        return tuple(item for part in self.parts for item in part.items)

    @property
    def targets(self) -> tuple[Target, ...]:
        """Every target."""
        return tuple(target for part in self.parts for target in part.targets)

    def target_at(self, point: Point) -> Target | None:
        """What is pressed at a point: the uppermost target there."""
        return next((target for target in reversed(self.targets) if target.rect.holds(point)), None)
