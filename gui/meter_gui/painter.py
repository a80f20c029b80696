"""Painter, the thin part between a scene and pixels. It paints only what differs from the scene before."""

import pygame

from meter_gui import palette
from meter_gui.drawing import draw
from meter_gui.geometry import Rect
from meter_gui.scene import Item, Scene


class Painter:
    """Paints scenes one after the other onto surfaces of their size."""

    def __init__(self) -> None:
        self._painted: Scene | None = None
        self._wall: pygame.Surface | None = None

    def forget(self) -> None:
        """Paint everything the next time: the surface has lost what was on it."""
        self._painted = None

    def paint(self, surface: pygame.Surface, scene: Scene) -> list[Rect]:
        """Make the surface show the scene; the rectangles that were painted."""
        whole = Rect(0, 0, *surface.get_size())
        before = self._painted
        if before is scene:
            return []
        changed = [whole] if before is None or before.size != scene.size else _merged(_differences(before, scene))
        items = scene.items
        for rect in changed:
            surface.set_clip(rect)
            surface.blit(self._wall_of(surface), rect[:2], rect)
            for item in items:
                if item.rect.meets(rect):
                    draw(surface, item)
        surface.set_clip(None)
        self._painted = scene
        return changed

    def _wall_of(self, surface: pygame.Surface) -> pygame.Surface:
        if self._wall is None or self._wall.get_size() != surface.get_size():
            height = surface.get_height()
            wall = pygame.Surface((1, height), 0, surface)
            for row in range(height):
                share = row / max(1, height - 1)
                wall.set_at(
                    (0, row), [round(a + (b - a) * share) for a, b in zip(palette.WALL, palette.WALL_BELOW, strict=True)]
                )
            self._wall = pygame.transform.scale(wall, surface.get_size())
        return self._wall


def _differences(before: Scene, after: Scene) -> list[Rect]:
    """The rectangles of the items that came, went or changed."""
    rects = []
    for old, new in zip(before.parts, after.parts, strict=False):
        if old is not new and old.items != new.items:
            rects += [item.rect for item in _only_in(old.items, new.items)]
            rects += [item.rect for item in _only_in(new.items, old.items)]
    longer = before.parts if len(before.parts) > len(after.parts) else after.parts
    for part in longer[min(len(before.parts), len(after.parts)) :]:
        rects += [item.rect for item in part.items]
    return rects


def _only_in(items: tuple[Item, ...], others: tuple[Item, ...]) -> list[Item]:
    there = set(others)
    return [item for item in items if item not in there]


def _merged(rects: list[Rect]) -> list[Rect]:
    """The same area in rectangles that do not meet."""
    merged: list[Rect] = []
    for rect in rects:
        meeting = [other for other in merged if other.meets(rect)]
        while meeting:
            for other in meeting:
                merged.remove(other)
                rect = rect.union(other)
            meeting = [other for other in merged if other.meets(rect)]
        merged.append(rect)
    return merged
