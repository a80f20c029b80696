"""A real window on a real display server: keys and the mouse from outside, the picture taken from the screen."""

import os
import shutil
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pygame
import pytest

from meter_emu.meter import Key
from meter_emu.store import FILE_NAME, Store
from meter_emu.sts.numbers import Drn
from meter_gui import palette
from meter_gui.face import key_rect, lcd_rect
from meter_gui.layout import layout

DRN = Drn("12345678911")
NEEDED = ("Xvfb", "xdotool")
PATIENCE = 30


class Screen(NamedTuple):
    """A display server, and the file in which it keeps its pixels."""

    name: str
    pixels: Path

    def picture(self) -> pygame.Surface:
        """What is on it, from the X window dump that Xvfb keeps (32 bits a pixel)."""
        data = self.pixels.read_bytes()
        header = struct.unpack(">25I", data[:100])
        header_size, width, height, row, colours = header[0], header[4], header[5], header[12], header[19]
        start = header_size + colours * 12
        rows = b"".join(data[start + y * row : start + y * row + width * 4] for y in range(height))
        return pygame.image.frombytes(rows, (width, height), "BGRA")


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[Screen]:
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing and os.environ.get("CI"):
        pytest.fail(f"{' and '.join(missing)} must be installed where CI is set")
    if missing:
        pytest.skip(f"{' and '.join(missing)} not installed")
    reader, writer = os.pipe()
    command = ["Xvfb", "-displayfd", str(writer), "-screen", "0", "1400x900x24", "-fbdir", str(tmp_path), "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=[writer], stderr=subprocess.DEVNULL) as server:
        os.close(writer)
        with os.fdopen(reader) as pipe:
            number = pipe.readline().strip()
        assert number, "Xvfb did not begin"
        yield Screen(f":{number}", tmp_path / "Xvfb_screen0")
        server.terminate()


def until(what, seconds: float = PATIENCE):
    """What ``what`` returns, as soon as it is true."""
    deadline = time.monotonic() + seconds
    while not (answer := what()):
        assert time.monotonic() < deadline, f"waited in vain; last seen: {answer!r}"
        time.sleep(0.05)
    return answer


def test_a_purchase_with_the_mouse_and_the_keyboard_of_a_real_display(screen, home, credit_token):
    environment = os.environ | {"DISPLAY": screen.name, "SDL_VIDEODRIVER": "x11", "PYTHONPATH": os.pathsep.join(sys.path)}
    program = "from meter_emu.cli.main import main; main()"
    token = credit_token(1000, 325)

    def xdotool(*arguments: object) -> str:
        command = ["xdotool", *map(str, arguments)]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE).stdout

    def windows(process: int) -> list[str]:
        return xdotool("search", "--onlyvisible", "--pid", process).split()

    with subprocess.Popen([sys.executable, "-c", program, "gui"], env=environment, stderr=subprocess.PIPE) as window:
        try:
            number = until(lambda: [id for id in windows(window.pid) if DRN in xdotool("getwindowname", id)])[0]
            where = dict(line.split("=") for line in xdotool("getwindowgeometry", "--shell", number).split())
            left, top = int(where["X"]), int(where["Y"])
            assert (where["WIDTH"], where["HEIGHT"]) == ("1280", "720")
            xdotool("windowfocus", "--sync", number)
            face = layout((1280, 720)).face

            def press(key: Key) -> None:
                x, y = key_rect(face, key).centre
                xdotool("mousemove", "--window", number, x, y, "click", 1)

            with Store(home / FILE_NAME) as store:

                def line() -> str:
                    return store.load(DRN).panel.line

                for digit in token[:3]:
                    press(Key(digit))
                until(lambda: line() == token[:3])
                xdotool("type", "--delay", 30, token[3:])
                until(lambda: line() == token)
                xdotool("key", "BackSpace")
                until(lambda: line() == token[:-1])
                xdotool("type", token[-1])
                until(lambda: line() == token)
                press(Key.ENTER)
                until(lambda: store.load(DRN).state.history.credit_tokens == 1)
                glass = lcd_rect(face)

                def dark_dots() -> int:
                    picture = screen.picture()
                    spots = [
                        (left + glass.x + x, top + glass.y + y) for x in range(8, glass.w - 8) for y in range(8, glass.h // 2)
                    ]
                    return sum(sum(picture.get_at(spot)[:3]) < 200 for spot in spots)

                # BENAR stands there: five letters and nothing else in the first line.
                until(lambda: 500 < dark_dots() < 1500)
                lit = tuple(screen.picture().get_at((left + glass.x + glass.w // 2, top + glass.bottom - 8)))[:3]
                assert all(abs(a - b) < 40 for a, b in zip(lit, palette.LCD_LIT_BELOW, strict=True))
            window.send_signal(signal.SIGTERM)
            _, words = window.communicate(timeout=PATIENCE)
        finally:
            window.kill()
    assert window.returncode == 0, words
    assert b"Traceback" not in words
    with Store(home / FILE_NAME) as store:
        assert store.load(DRN).state.credit.accepted == 325 * 360_000
