"""Rectangles in whole pixels, and how they are cut up: what a layout is made of.

>>> row = Rect(0, 0, 100, 20)
>>> row.columns(3, gap=5)
(Rect(x=0, y=0, w=30, h=20), Rect(x=35, y=0, w=30, h=20), Rect(x=70, y=0, w=30, h=20))
>>> [column.right for column in row.columns(3)]
[33, 67, 100]
>>> row.cut_left(40, gap=5)
(Rect(x=0, y=0, w=40, h=20), Rect(x=45, y=0, w=55, h=20))
"""

from itertools import pairwise
from typing import NamedTuple

Point = tuple[float, float]
Size = tuple[int, int]


class Rect(NamedTuple):
    """A rectangle; ``x`` and ``y`` are its upper left corner."""

    x: int
    y: int
    w: int
    h: int

    @property
    def right(self) -> int:
        """The first column outside."""
        return self.x + self.w

    @property
    def bottom(self) -> int:
        """The first row outside."""
        return self.y + self.h

    @property
    def centre(self) -> tuple[int, int]:
        """The middle."""
        return self.x + self.w // 2, self.y + self.h // 2

    def holds(self, point: Point) -> bool:
        """Whether a point lies inside."""
        return self.x <= point[0] < self.right and self.y <= point[1] < self.bottom

    def contains(self, other: "Rect") -> bool:
        """Whether all of ``other`` lies inside."""
        return self.x <= other.x and self.y <= other.y and other.right <= self.right and other.bottom <= self.bottom

    def meets(self, other: "Rect") -> bool:
        """Whether the two share a pixel."""
        return self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom

    def union(self, other: "Rect") -> "Rect":
        """The smallest rectangle around both."""
        x, y = min(self.x, other.x), min(self.y, other.y)
        return Rect(x, y, max(self.right, other.right) - x, max(self.bottom, other.bottom) - y)

    def inset(self, dx: int, dy: int | None = None) -> "Rect":
        """Smaller by ``dx`` at the left and right and by ``dy`` (else ``dx``) at the top and bottom; larger if negative."""
        dy = dx if dy is None else dy
        return Rect(self.x + dx, self.y + dy, max(0, self.w - 2 * dx), max(0, self.h - 2 * dy))

    def moved(self, dx: int, dy: int) -> "Rect":
        """The same size elsewhere."""
        return self._replace(x=self.x + dx, y=self.y + dy)

    def centred(self, w: int, h: int) -> "Rect":
        """A rectangle of another size around the same middle."""
        return Rect(self.x + (self.w - w) // 2, self.y + (self.h - h) // 2, w, h)

    def cut_top(self, height: int, gap: int = 0) -> tuple["Rect", "Rect"]:
        """The upper ``height`` rows, and what is left below a gap."""
        return self._replace(h=height), self._replace(y=self.y + height + gap, h=max(0, self.h - height - gap))

    def cut_bottom(self, height: int, gap: int = 0) -> tuple["Rect", "Rect"]:
        """The lower ``height`` rows, and what is left above a gap."""
        return self._replace(y=self.bottom - height, h=height), self._replace(h=max(0, self.h - height - gap))

    def cut_left(self, width: int, gap: int = 0) -> tuple["Rect", "Rect"]:
        """The left ``width`` columns, and what is left beside a gap."""
        return self._replace(w=width), self._replace(x=self.x + width + gap, w=max(0, self.w - width - gap))

    def cut_right(self, width: int, gap: int = 0) -> tuple["Rect", "Rect"]:
        """The right ``width`` columns, and what is left beside a gap."""
        return self._replace(x=self.right - width, w=width), self._replace(w=max(0, self.w - width - gap))

    def columns(self, count: int, gap: int = 0) -> tuple["Rect", ...]:
        """``count`` rectangles side by side, as wide as each other to a pixel."""
        edges = [round(number * (self.w + gap) / count) for number in range(count + 1)]
        return tuple(Rect(self.x + left, self.y, right - gap - left, self.h) for left, right in pairwise(edges))

    def rows(self, count: int, gap: int = 0) -> tuple["Rect", ...]:
        """``count`` rectangles one below the other, as high as each other to a pixel."""
        edges = [round(number * (self.h + gap) / count) for number in range(count + 1)]
        return tuple(Rect(self.x, self.y + top, self.w, bottom - gap - top) for top, bottom in pairwise(edges))
