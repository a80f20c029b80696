"""The window: what one frame costs without waiting for the screen, and what an idle window costs."""

import os
import tempfile
import time
from pathlib import Path

os.environ["PYGAME_HIDE_SUPPORT_PROMPT"] = "1"
os.environ["SDL_VIDEODRIVER"] = "dummy"
os.environ["SDL_AUDIODRIVER"] = "dummy"

import pygame
from comparison import line, time_of

from meter_emu.meter import Key, KeyRegister, Meter, State
from meter_emu.store import Entry, Store
from meter_emu.sts.keys.key_store import KeyStore
from meter_emu.sts.numbers import Drn
from meter_gui.actions import Press, SetLoad, SetSpeed
from meter_gui.desk import Desk
from meter_gui.layout import DEFAULT
from meter_gui.meter_clock import SECOND
from meter_gui.painter import Painter
from meter_gui.stored_meter import StoredMeter
from meter_gui.view import View
from meter_gui.window import FRAMES_PER_SECOND, Window

DRN = Drn("12345678911")
NOW = 1_795_336_300
FRAMES = 60
IDLE_SECONDS = 4.0


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "meters.db") as store:
        keys = KeyStore.empty()
        card = keys.card(DRN)
        key = KeyRegister.install(card, keys.key_of(card).decoder_key)
        meter = Meter(State(drn=DRN, clock=NOW, key=key))
        charged = meter._replace(state=meter.state._replace(credit=meter.state.credit.add(360_000_000)))
        store.install(charged, Entry(NOW, "installed", {}))
        clock = Clock()
        started = clock()
        desk = Desk(StoredMeter(store, DRN), lambda: NOW + (clock() - started) // SECOND, started, View())
        with Window(desk, "bench", DEFAULT, clock) as window:
            frames(desk, window, clock)
            idle(window)


class Clock:
    """Real time, and what was skipped of it."""

    def __init__(self) -> None:
        self.skipped = 0

    def __call__(self) -> int:
        return time.monotonic_ns() + self.skipped


def frames(desk: Desk, window: Window, clock: Clock) -> None:
    """A frame at 1280x720: everything painted; a digit more in the LCD and a key that moves; and nothing new."""
    surface = window.surface
    digits = [Key(digit) for digit in "1234567890"]

    def fill_and_flip() -> int:
        for number in range(FRAMES):
            surface.fill((number, 0, 0))
            window._window.flip()
        return FRAMES

    def whole() -> int:
        scene = desk.scene(DEFAULT)
        for _ in range(FRAMES):
            Painter().paint(surface, scene)
            window._window.flip()
        return FRAMES

    def pressed() -> int:
        for number in range(FRAMES):
            clock.skipped += SECOND // 8
            if number % 2:
                desk.release(clock())
            else:
                desk.do(Press(digits[number // 2 % 10]), clock())
            window.frame()
        return FRAMES

    def nothing() -> int:
        for _ in range(FRAMES):
            window.frame()
        return FRAMES

    def flying() -> int:
        for _ in range(FRAMES):
            clock.skipped += SECOND // FRAMES_PER_SECOND
            window.frame()
        return FRAMES

    yardstick = "bare fill and flip"
    window.frame()
    time_of("frame at 1280x720, all painted anew", whole, yardstick, fill_and_flip, "")
    time_of("key pressed or let go, with its commit", pressed, yardstick, fill_and_flip, "")
    time_of("frame in which nothing has changed", nothing, yardstick, fill_and_flip, "<= 1")
    desk.do(SetLoad(880), clock())
    desk.do(SetSpeed(3600), clock())
    time_of("frame at x3600: LCD, numbers and plot change", flying, yardstick, fill_and_flip, "")
    desk.do(SetSpeed(1), clock())


def idle(window: Window) -> None:
    """The share of one core that an idle window takes at its 30 frames a second, the credit falling."""
    pace = pygame.time.Clock()
    until, began = time.monotonic() + IDLE_SECONDS, time.process_time()
    while time.monotonic() < until and window.frame():
        pace.tick(FRAMES_PER_SECOND)
    share = (time.process_time() - began) / IDLE_SECONDS
    line("idle window, 30 frames a second", f"{100 * share:.1f} %", "one core", "100 %", share, "<= 0.15")
