"""How each kind of item is drawn with pygame: smooth edges by drawing large and scaling down, each image kept for later."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import pygame

from meter_gui import glyphs, palette
from meter_gui.geometry import Point, Rect
from meter_gui.letters import draw_text
from meter_gui.scene import Box, Cells, Colour, Glow, Item, Shadow, Shape, Stripes, Text, Trace

ZOOM = 4
IMAGES = 400
"""Kept of each kind."""
LCD_EDGES = 5
"""Dots of clear glass left and right of the characters, together."""
LCD_ROWS = 2 * glyphs.ROWS + 8


def draw(surface: pygame.Surface, item: Item) -> None:
    """Draw one item."""
    _DRAWERS[type(item)](surface, item)


def _draw_box(surface: pygame.Surface, box: Box) -> None:
    x, y, w, h = box.rect
    if w <= 0 or h <= 0:
        return
    if not box.radius and box.below is None and box.edge is None:
        surface.fill(box.fill, box.rect)
        return
    surface.blit(_box(w, h, box.fill, box.radius, box.below, box.edge, box.edge_width), (x, y))


@lru_cache(maxsize=IMAGES)
def _box(
    w: int, h: int, fill: Colour, radius: int, below: Colour | None, edge: Colour | None, edge_width: int
) -> pygame.Surface:
    image = pygame.Surface((w, h), pygame.SRCALPHA, 32)
    if edge is None:
        image.blit(_filled(w, h, fill, below, radius), (0, 0))
        return image
    image.blit(_filled(w, h, edge, None, radius), (0, 0))
    inner_w, inner_h = w - 2 * edge_width, h - 2 * edge_width
    if inner_w > 0 and inner_h > 0:
        image.blit(_filled(inner_w, inner_h, fill, below, max(0, radius - edge_width)), (edge_width, edge_width))
    return image


def _filled(w: int, h: int, fill: Colour, below: Colour | None, radius: int) -> pygame.Surface:
    image = pygame.Surface((w, h), pygame.SRCALPHA, 32)
    if below is None:
        image.fill((*fill, 255))
    else:
        for row in range(h):
            share = row / max(1, h - 1)
            red, green, blue = (round(a + (b - a) * share) for a, b in zip(fill, below, strict=True))
            image.fill((red, green, blue, 255), (0, row, w, 1))
    radius = min(radius, w // 2, h // 2)
    if radius:
        corner = _corner(radius)
        for dx, dy in ((False, False), (True, False), (False, True), (True, True)):
            place = ((w - radius) if dx else 0, (h - radius) if dy else 0)
            image.blit(pygame.transform.flip(corner, dx, dy), place, special_flags=pygame.BLEND_RGBA_MULT)
    return image


@lru_cache(maxsize=IMAGES)
def _corner(radius: int) -> pygame.Surface:
    """The upper left corner as white that fades to nothing outside the curve."""
    zoom = 8 if radius < 40 else ZOOM
    large = pygame.Surface((radius * zoom, radius * zoom), pygame.SRCALPHA, 32)
    large.fill((255, 255, 255, 0))
    pygame.draw.circle(large, (255, 255, 255, 255), (radius * zoom, radius * zoom), radius * zoom)
    return pygame.transform.smoothscale(large, (radius, radius))


def _draw_shadow(surface: pygame.Surface, shadow: Shadow) -> None:
    surface.blit(_shadow(shadow.box.w, shadow.box.h, shadow.radius, shadow.blur, shadow.strength), shadow.rect[:2])


@lru_cache(maxsize=32)
def _shadow(w: int, h: int, radius: int, blur: int, strength: int) -> pygame.Surface:
    """A black box, blurred by making it small and large again; what lies far below the box itself need not be exact."""
    pad = 2 * blur
    image = pygame.Surface((w + 2 * pad, h + 2 * pad), pygame.SRCALPHA, 32)
    image.blit(_filled(w, h, (0, 0, 0), None, radius), (pad, pad))
    small = max(1, blur // 3)
    size = (max(1, image.get_width() // small), max(1, image.get_height() // small))
    blurred = pygame.transform.box_blur(pygame.transform.smoothscale(image, size), 2)
    blurred = pygame.transform.box_blur(blurred, 2)
    image = pygame.transform.smoothscale(blurred, image.get_size())
    image.fill((0, 0, 0, strength), special_flags=pygame.BLEND_RGBA_MULT)
    return image


def _draw_shape(surface: pygame.Surface, shape: Shape) -> None:
    surface.blit(_shape(shape.rect.w, shape.rect.h, shape.polygons, shape.colour), shape.rect[:2])


@lru_cache(maxsize=IMAGES)
def _shape(w: int, h: int, polygons: tuple[tuple[Point, ...], ...], colour: Colour) -> pygame.Surface:
    zoom = 8
    large = pygame.Surface((w * zoom, h * zoom), pygame.SRCALPHA, 32)
    large.fill((*colour, 0))
    for polygon in polygons:
        pygame.draw.polygon(large, (*colour, 255), [(x * w * zoom, y * h * zoom) for x, y in polygon])
    return pygame.transform.smoothscale(large, (w, h))


def _draw_glow(surface: pygame.Surface, glow: Glow) -> None:
    surface.blit(_glow(glow.rect.w, glow.rect.h, glow.colour), glow.rect[:2])


@lru_cache(maxsize=32)
def _glow(w: int, h: int, colour: Colour) -> pygame.Surface:
    steps = 24
    large = pygame.Surface((w * 2, h * 2), pygame.SRCALPHA, 32)
    large.fill((*colour, 0))
    for step in range(steps):
        share = step / steps
        rect = pygame.Rect(0, 0, round(w * 2 * (1 - share)), round(h * 2 * (1 - share)))
        rect.center = (w, h)
        pygame.draw.ellipse(large, (*colour, round(190 * share**1.6)), rect)
    return pygame.transform.smoothscale(large, (w, h))


def _draw_cells(surface: pygame.Surface, cells: Cells) -> None:
    surface.blit(_glass(cells.rect.w, cells.rect.h, cells.columns, cells.is_lit), cells.rect[:2])
    area, pitch = lcd_dots(cells)
    if not cells.is_lit:
        return
    shown = _text_of(cells.lines, cells.columns)
    zoomed = -(-area.w // (cells.columns * (glyphs.COLUMNS + 1) - 1))
    if pitch == zoomed:
        surface.blit(_dots(shown, cells.columns, zoomed), area[:2])
    else:
        surface.blit(pygame.transform.smoothscale(_dots(shown, cells.columns, zoomed), area[2:]), area[:2])


def lcd_dots(cells: Cells) -> tuple[Rect, float]:
    """Where the dots are, from the first of the first character to the last, and how far one is from the next."""
    columns = cells.columns * (glyphs.COLUMNS + 1) - 1
    exact = min(cells.rect.w / (columns + LCD_EDGES), cells.rect.h / LCD_ROWS)
    pitch = int(exact) if int(exact) >= 0.94 * exact else exact
    return cells.rect.centred(round(columns * pitch), round((2 * glyphs.ROWS + 2) * pitch)), pitch


def _text_of(lines: tuple[str, str], columns: int) -> tuple[str, str]:
    first, second = (line[:columns].ljust(columns) for line in lines)
    return first, second


@lru_cache(maxsize=16)
def _glass(w: int, h: int, columns: int, is_lit: bool) -> pygame.Surface:
    """The glass with every dot faintly to be seen, as on a real one."""
    fill, below = (palette.LCD_LIT, palette.LCD_LIT_BELOW) if is_lit else (palette.LCD_DARK, palette.LCD_DARK_BELOW)
    ghost = palette.LCD_DOT
    image = _box(w, h, fill, max(2, h // 16), below, palette.INSET_EDGE, max(1, h // 60)).copy()
    image.blit(_inner_shadow(w, h), (0, 0))
    area, pitch = lcd_dots(Cells(Rect(0, 0, w, h), ("", ""), columns, is_lit))
    zoomed = -(-area.w // (columns * (glyphs.COLUMNS + 1) - 1))
    cells = pygame.Surface(_cells_size(columns, zoomed), pygame.SRCALPHA, 32)
    cells.fill((*ghost, 0))
    for line in range(2):
        for column in range(columns):
            for dot in range(glyphs.COLUMNS * glyphs.ROWS):
                cells.fill(
                    (*ghost, palette.LCD_GHOST_STRENGTH),
                    _dot(line, column, dot % glyphs.COLUMNS, dot // glyphs.COLUMNS, zoomed),
                )
    image.blit(cells if pitch == zoomed else pygame.transform.smoothscale(cells, area[2:]), area[:2])
    return image


def _inner_shadow(w: int, h: int) -> pygame.Surface:
    """What the bezel throws on the glass below its upper edge."""
    shadow = pygame.Surface((w, h), pygame.SRCALPHA, 32)
    depth = h / 10
    for row in range(round(depth)):
        shadow.fill((0, 0, 0, round(80 * (1 - row / depth) ** 2)), (0, row, w, 1))
    shadow.blit(_filled(w, h, (255, 255, 255), None, max(2, h // 16)), (0, 0), special_flags=pygame.BLEND_RGBA_MULT)
    return shadow


@lru_cache(maxsize=64)
def _dots(lines: tuple[str, str], columns: int, pitch: int) -> pygame.Surface:
    """The dark dots of two lines, each dot a square with a gap around it."""
    image = pygame.Surface(_cells_size(columns, pitch), pygame.SRCALPHA, 32)
    image.fill((*palette.LCD_DOT, 0))
    for number, line in enumerate(lines):
        for column, character in enumerate(line):
            for dot in range(glyphs.COLUMNS * glyphs.ROWS):
                if glyphs.is_lit(character, dot % glyphs.COLUMNS, dot // glyphs.COLUMNS):
                    place = _dot(number, column, dot % glyphs.COLUMNS, dot // glyphs.COLUMNS, pitch)
                    image.fill((*palette.LCD_DOT, 255), place)
    return image


def _cells_size(columns: int, pitch: int) -> tuple[int, int]:
    return (columns * (glyphs.COLUMNS + 1) - 1) * pitch, (2 * glyphs.ROWS + 2) * pitch


def _dot(line: int, column: int, x: int, y: int, pitch: int) -> tuple[int, int, int, int]:
    left = (column * (glyphs.COLUMNS + 1) + x) * pitch
    top = (line * (glyphs.ROWS + 2) + y) * pitch
    size = pitch - max(1, pitch // 7)
    return left, top, size, size


def _draw_stripes(surface: pygame.Surface, stripes: Stripes) -> None:
    total, x = sum(stripes.widths), 0
    unit = max(1, stripes.rect.w // total)
    left = stripes.rect.right - unit * total
    for number, width in enumerate(stripes.widths):
        if number % 2 == 0:
            surface.fill(stripes.colour, (left + x * unit, stripes.rect.y, width * unit, stripes.rect.h))
        x += width


def _draw_trace(surface: pygame.Surface, trace: Trace) -> None:
    if len(trace.points) < 2:
        return
    x, y, w, h = trace.rect
    zoom = 3
    large = pygame.Surface((w * zoom, h * zoom), pygame.SRCALPHA, 32)
    large.fill((*trace.colour, 0))
    points = [(px * (w - 1) * zoom, py * (h - 1) * zoom) for px, py in trace.points]
    if trace.is_area:
        points += [(points[-1][0], h * zoom), (points[0][0], h * zoom)]
        pygame.draw.polygon(large, (*trace.colour, 255), points)
    else:
        width = trace.width * zoom
        pygame.draw.lines(large, (*trace.colour, 255), False, points, width)
        for point in points:
            pygame.draw.circle(large, (*trace.colour, 255), point, width / 2)
    surface.blit(pygame.transform.smoothscale(large, (w, h)), (x, y))


_DRAWERS: dict[type, Callable[[pygame.Surface, Any], None]] = {
    Box: _draw_box,
    Shadow: _draw_shadow,
    Text: draw_text,
    Shape: _draw_shape,
    Glow: _draw_glow,
    Cells: _draw_cells,
    Stripes: _draw_stripes,
    Trace: _draw_trace,
}
