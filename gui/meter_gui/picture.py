"""Pictures without a window: one frame as a PNG, a scripted run as an animated PNG."""

import io
from collections.abc import Iterable
from functools import reduce

import pygame

from meter_gui.apng import Frame, encode
from meter_gui.desk import Desk
from meter_gui.geometry import Rect, Size
from meter_gui.meter_clock import SECOND
from meter_gui.painter import Painter


def screenshot(desk: Desk, size: Size) -> bytes:
    """One frame of ``size`` as a PNG file."""
    scene = desk.scene(size)
    surface = _surface(scene.size)
    Painter().paint(surface, scene)
    return png(surface)


def png(surface: pygame.Surface) -> bytes:
    """A surface as a PNG file."""
    file = io.BytesIO()
    pygame.image.save(surface, file, "picture.png")
    return file.getvalue()


def recording(desk: Desk, size: Size, times: Iterable[int]) -> bytes:
    """What the desk shows at ``times`` (nanoseconds), as an animated PNG file. Frames that differ in nothing become one."""
    surface, painter = _surface(desk.scene(size).size), Painter()
    frames: list[tuple[Rect, bytes, int]] = []
    last = 0
    for real in times:
        changed = painter.paint(surface, desk.scene(size))
        if changed:
            rect = Rect(*pygame.Rect(reduce(Rect.union, changed)).clip(surface.get_rect()))
            pixels = pygame.Surface((rect.w, rect.h), pygame.SRCALPHA, 32)
            for part in changed:
                pixels.fill((0, 0, 0, 255), part.moved(-rect.x, -rect.y))
                pixels.blit(surface, part.moved(-rect.x, -rect.y), part)
            frames.append((rect, pygame.image.tobytes(pixels, "RGBA"), real))
        last = real
    ends = [begun for _, _, begun in frames[1:]] + [last + SECOND]
    return encode(
        surface.get_size(),
        [Frame(rect, pixels, (end - begun) * 1000 // SECOND) for (rect, pixels, begun), end in zip(frames, ends, strict=True)],
    )


def _surface(size: Size) -> pygame.Surface:
    return pygame.Surface(size, 0, 32)
