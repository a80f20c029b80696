"""Animated PNG, written frame by frame with nothing but zlib. Browsers and code hosts play it; others show its first frame.

PNG, third edition, 11.3.6: a file like any PNG, with acTL (how many frames), and before each frame's data fcTL (its place,
its duration). A frame is a rectangle that is laid over what was there, clear where nothing changed.
"""

import struct
import zlib
from typing import NamedTuple

from meter_gui.geometry import Rect, Size

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_UP = b"\x02"
"""The filter of a row: the difference from the row above, which is nothing in a picture of plain areas."""
MILLISECONDS = 1000
_OVER = 1
"""Blend a frame with what was there."""


class Frame(NamedTuple):
    """A rectangle of new pixels (RGBA, row by row; clear ones let through what was there), and for how many milliseconds the
    picture then stays."""

    rect: Rect
    pixels: bytes
    duration: int


def encode(size: Size, frames: list[Frame]) -> bytes:
    """The file. The first frame covers all of ``size``; it plays over and over."""
    out = [_SIGNATURE, _chunk(b"IHDR", struct.pack(">IIBBBBB", *size, 8, 6, 0, 0, 0))]
    out.append(_chunk(b"acTL", struct.pack(">II", len(frames), 0)))
    number = 0
    for frame in frames:
        rect = frame.rect
        control = struct.pack(
            ">IIIIIHHBB", number, rect.w, rect.h, rect.x, rect.y, min(frame.duration, 0xFFFF), MILLISECONDS, 0, _OVER
        )
        out.append(_chunk(b"fcTL", control))
        data = zlib.compress(_filtered(frame), 9)
        if number == 0:
            out.append(_chunk(b"IDAT", data))
            number += 1
        else:
            out.append(_chunk(b"fdAT", struct.pack(">I", number + 1) + data))
            number += 2
    out.append(_chunk(b"IEND", b""))
    return b"".join(out)


def _filtered(frame: Frame) -> bytes:
    width = frame.rect.w * 4
    above = bytes(width)
    rows = []
    for start in range(0, len(frame.pixels), width):
        row = frame.pixels[start : start + width]
        rows.append(_UP + bytes((a - b) & 0xFF for a, b in zip(row, above, strict=True)))
        above = row
    return b"".join(rows)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
