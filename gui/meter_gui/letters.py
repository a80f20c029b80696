"""Letters as pixels: each letter is drawn large, made thinner for the regular weight, and scaled down, once for every size.

The text is put together from them at quarters of a pixel, so that it is exactly as wide as typeface.py says.
"""

import os
from functools import lru_cache

import pygame

from meter_gui.geometry import Rect
from meter_gui.scene import Align, Colour, Text
from meter_gui.typeface import CAP_HEIGHT, DESCENT, EM, letter_width, text_width

THINNER = 0.017
"""What is taken off the bold letter at each edge, in parts of its size."""
LARGE = 96
"""About how large, in pixels, letters are drawn before they are scaled down."""
PHASES = 4
_EDGE = 2


def draw_text(surface: pygame.Surface, text: Text) -> None:
    """Draw a text where it belongs."""
    image = _image(text.text, text.size, text.colour, text.is_bold, text.pitch)
    width = text_width(text.text, text.size, is_bold=text.is_bold, pitch=text.pitch)
    x = {
        Align.LEFT: text.rect.x,
        Align.CENTRE: text.rect.x + (text.rect.w - width) // 2,
        Align.RIGHT: text.rect.right - width,
    }[text.align]
    surface.blit(image, (x - _EDGE, ink_rect(text).y - _EDGE))


def ink_rect(text: Text) -> Rect:
    """The rows from the top of a capital to the lowest descender, over the whole width of the text's rectangle."""
    ascent = round(CAP_HEIGHT * text.size / EM)
    top = text.rect.y + (text.rect.h - ascent) // 2
    return Rect(text.rect.x, top, text.rect.w, ascent + -(-DESCENT * text.size // EM))


@lru_cache(maxsize=2000)
def _image(text: str, size: int, colour: Colour, is_bold: bool, pitch: int) -> pygame.Surface:
    width = text_width(text, size, is_bold=is_bold, pitch=pitch)
    ascent, descent = round(CAP_HEIGHT * size / EM), -(-DESCENT * size // EM)
    image = pygame.Surface((width + 2 * _EDGE, ascent + descent + 2 * _EDGE), pygame.SRCALPHA, 32)
    pen = 0.0
    for letter in text:
        advance = letter_width(letter, is_bold=is_bold) * size / EM
        x = pen + (pitch - advance) / 2 if pitch else pen
        if letter != " ":
            quarters = round(x * PHASES)
            image.blit(_letter(letter, size, is_bold, quarters % PHASES), (quarters // PHASES, 0))
        pen += pitch or advance
    image.fill((*colour, 255), special_flags=pygame.BLEND_RGBA_MULT)
    return image


@lru_cache(maxsize=4000)
def _letter(letter: str, size: int, is_bold: bool, phase: int) -> pygame.Surface:
    """A white letter on nothing, ``phase`` quarters of a pixel from the left, its capitals' top _EDGE rows below the top."""
    zoom = max(PHASES, PHASES * round(LARGE / size / PHASES))
    font = _font(size * zoom)
    drawn = font.render(letter, True, (255, 255, 255))
    ascent, descent = round(CAP_HEIGHT * size / EM), -(-DESCENT * size // EM)
    width = -(-letter_width(letter, is_bold=True) * size // EM) + 2 * _EDGE + 2
    large = pygame.Surface((width * zoom, (ascent + descent + 2 * _EDGE) * zoom), pygame.SRCALPHA, 32)
    top = (ascent + _EDGE) * zoom - font.get_ascent()
    left = _EDGE * zoom + phase * zoom // PHASES
    large.blit(drawn, (left, top))
    if not is_bold:
        _thin(large, max(1, round(THINNER * size * zoom)))
    large.fill((255, 255, 255, 0), special_flags=pygame.BLEND_RGBA_MAX)
    return pygame.transform.smoothscale(large, (width, ascent + descent + 2 * _EDGE))


def _thin(image: pygame.Surface, pixels: int) -> None:
    """Take ``pixels`` off every edge: each pixel becomes as clear as the clearest around it."""
    before = image.copy()
    diagonal = max(1, round(pixels * 0.7))
    for dx, dy in (
        *((pixels, 0), (-pixels, 0), (0, pixels), (0, -pixels)),
        *((diagonal, diagonal), (-diagonal, diagonal), (diagonal, -diagonal), (-diagonal, -diagonal)),
    ):
        moved = pygame.Surface(image.get_size(), pygame.SRCALPHA, 32)
        moved.blit(before, (dx, dy))
        image.blit(moved, (0, 0), special_flags=pygame.BLEND_RGBA_MIN)


@lru_cache(maxsize=64)
def _font(size: int) -> pygame.font.Font:
    if not pygame.font.get_init():
        pygame.font.init()
    return pygame.font.Font(os.path.join(os.path.dirname(pygame.__file__), pygame.font.get_default_font()), size)
