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
    rows = differences(frame.pixels, bytes(width) + frame.pixels[:-width])
    return b"".join(_UP + rows[start : start + width] for start in range(0, len(rows), width))


def differences(octets: bytes, others: bytes) -> bytes:
    """Each octet less the other one, modulo 256. Done on one long number, which is several times as fast as octet by octet: the
    highest bit of each is kept out of the subtraction, so that nothing is borrowed from the next, and then put right.

    >>> differences(b"\\x05\\x00\\xff", b"\\x03\\x01\\x0f").hex()
    '02fff0'
    """
    size = len(octets)
    minuend, subtrahend, highest = (int.from_bytes(text) for text in (octets, others, b"\x80" * size))
    return (((minuend | highest) - (subtrahend & ~highest)) ^ ((minuend ^ ~subtrahend) & highest)).to_bytes(size)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
