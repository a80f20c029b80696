"""Pixels as files, and that painting only what changed comes to the same as painting all."""

import struct
import zlib

import pygame
import pytest

from meter_emu.meter import Cause
from meter_gui.actions import Buy, Fold, SetLoad, SetSpeed, ShowFaceAlone, SidePanel, SwitchSensor, TypeToken
from meter_gui.captions import Language
from meter_gui.geometry import Rect
from meter_gui.painter import Painter
from meter_gui.picture import recording, screenshot
from meter_gui.script import STEP, Cue, play
from meter_gui.shop import Refusal, Slip
from meter_gui.view import View


@pytest.fixture
def busy(open_window, charged, credit_token, shop_of):
    """A window at which a lot happens."""
    token = credit_token(2000, 325)
    return open_window(charged(60), shop_of(lambda drn, cents: Slip("STRUK", (("NO METER", drn),), token)))


CUES = (
    Cue(0.1, Buy("PL20")),
    Cue(0.2, TypeToken()),
    Cue(1.0, SetLoad(2200)),
    Cue(4.0, SwitchSensor(Cause.BYPASS)),
    Cue(4.2, Fold(SidePanel.BENCH)),
    Cue(4.3, SetSpeed(600)),
    Cue(4.6, Fold(SidePanel.INSIDE)),
    Cue(4.8, ShowFaceAlone()),
    Cue(5.0, ShowFaceAlone()),
)


def test_painting_what_changed_comes_to_the_same_as_painting_all(busy):
    bit_by_bit, painter = pygame.Surface((1280, 720), 0, 32), Painter()
    whole = pygame.Surface((1280, 720), 0, 32)
    looks = 0
    for _ in play(busy.desk, CUES, 6, 0):
        scene = busy.desk.scene((1280, 720))
        painter.paint(bit_by_bit, scene)
        looks += 1
        if looks % 4 == 0:
            Painter().paint(whole, scene)
            assert pygame.image.tobytes(bit_by_bit, "RGB") == pygame.image.tobytes(whole, "RGB")
    assert looks > 50


def test_a_press_repaints_little(busy):
    surface, painter = pygame.Surface((1280, 720), 0, 32), Painter()
    painter.paint(surface, busy.desk.scene((1280, 720)))
    busy.keys("1")
    changed = painter.paint(surface, busy.desk.scene((1280, 720)))
    assert 0 < sum(rect.w * rect.h for rect in changed) < 1280 * 720 // 6


def test_a_screenshot_is_a_png_of_the_size(busy):
    picture = screenshot(busy.desk, (800, 600))
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", picture[16:24]) == (800, 600)


@pytest.mark.parametrize("language", Language)
def test_the_same_moment_gives_the_same_picture(open_window, charged, language):
    hand = open_window(charged(), view=View(language=language))
    assert screenshot(hand.desk, (1280, 720)) == screenshot(hand.desk, (1280, 720))


def chunks(file: bytes) -> list[tuple[bytes, bytes]]:
    """The chunks of a PNG file, each with its checksum looked at."""
    place, found = 8, []
    while place < len(file):
        length, kind = struct.unpack(">I4s", file[place : place + 8])
        data = file[place + 8 : place + 8 + length]
        assert zlib.crc32(kind + data) == struct.unpack(">I", file[place + 8 + length : place + 12 + length])[0]
        found.append((kind, data))
        place += 12 + length
    return found


def unfiltered(data: bytes, width: int) -> bytes:
    """The rows of a frame; each is the difference from the row above."""
    rows, above = [], bytes(width * 4)
    raw = zlib.decompress(data)
    for start in range(0, len(raw), width * 4 + 1):
        assert raw[start] == 2
        above = bytes((a + b) & 0xFF for a, b in zip(raw[start + 1 : start + 1 + width * 4], above, strict=True))
        rows.append(above)
    return b"".join(rows)


def test_a_recording_played_back_ends_where_the_window_did(busy):
    size = (800, 600)
    file = recording(busy.desk, size, play(busy.desk, CUES[:3], 1.5, 0))
    canvas = pygame.Surface(size, 0, 32)
    parts = chunks(file)
    assert [kind for kind, _ in parts[:4]] == [b"IHDR", b"acTL", b"fcTL", b"IDAT"]
    assert parts[-1][0] == b"IEND"
    controls = [data for kind, data in parts if kind == b"fcTL"]
    frames = [data if kind == b"IDAT" else data[4:] for kind, data in parts if kind in (b"IDAT", b"fdAT")]
    assert struct.unpack(">I", parts[1][1][:4])[0] == len(frames) == len(controls) > 10
    numbers = [struct.unpack(">I", data[:4])[0] for kind, data in parts if kind in (b"fcTL", b"fdAT")]
    assert numbers == list(range(len(numbers)))
    total = 0
    for control, frame in zip(controls, frames, strict=True):
        _, w, h, x, y, numerator, denominator = struct.unpack(">IIIIIHH", control[:24])
        assert Rect(0, 0, *size).contains(Rect(x, y, w, h))
        canvas.blit(pygame.image.frombytes(unfiltered(frame, w), (w, h), "RGBA"), (x, y))
        total += numerator * 1000 // denominator
    assert abs(total - 1500 - 1000) <= 2 * STEP // 1_000_000
    expected = pygame.Surface(size, 0, 32)
    Painter().paint(expected, busy.desk.scene(size))
    assert pygame.image.tobytes(canvas, "RGB") == pygame.image.tobytes(expected, "RGB")


def test_a_refusal_does_not_stop_a_script(open_window, shop_of):
    hand = open_window(shop=shop_of(lambda drn, cents: Refusal("closed")))
    assert len(list(play(hand.desk, CUES[:2], 1, 0))) > 5
    assert hand.desk.view.counter.refusal == "closed"
