"""The window: pygame's events become actions, the desk's scenes become pixels, at 30 frames a second and only where something
changed."""

import os
import time
from collections.abc import Callable
from contextlib import suppress

import pygame

from meter_emu.meter import Key
from meter_gui.actions import Action, GrabLoad, Mute, Paste, Press, SetLoad, ShowFaceAlone, ShowHelp, SidePanel
from meter_gui.buzzer import Buzzer
from meter_gui.desk import Desk
from meter_gui.geometry import Point, Size
from meter_gui.house import load_at
from meter_gui.layout import DEFAULT, SMALLEST
from meter_gui.painter import Painter
from meter_gui.panels.house import slider_of
from meter_gui.quiet import quiet_stderr
from meter_gui.stage import layout_of

FRAMES_PER_SECOND = 30
INVISIBLE = ("dummy", "offscreen")
"""Video drivers that show nothing. Who did not ask for one of them has no display."""
SDL_HINTS = {
    # The picture has as many pixels as the screen, whatever its scale.
    "SDL_WINDOWS_DPI_AWARENESS": "permonitorv2",
    # The click that brings the window to the front presses what is under it, as on any keypad.
    "SDL_MOUSE_FOCUS_CLICKTHROUGH": "1",
    # Fingers are taken as they are, not once more as a mouse.
    "SDL_TOUCH_MOUSE_EVENTS": "0",
}
KEYS = {
    pygame.K_BACKSPACE: Key.BACKSPACE,
    pygame.K_DELETE: Key.BACKSPACE,
    pygame.K_RETURN: Key.ENTER,
    pygame.K_KP_ENTER: Key.ENTER,
}
SHORTCUTS: dict[int, Action] = {pygame.K_m: Mute(), pygame.K_f: ShowFaceAlone(), pygame.K_F1: ShowHelp()}
PASTE_MODIFIERS = pygame.KMOD_CTRL | pygame.KMOD_META


class NoDisplay(Exception):
    """There is nothing to open a window on."""


class Window:
    """An open window with a desk behind it. A context manager."""

    def __init__(self, desk: Desk, title: str, size: Size = DEFAULT, clock: Callable[[], int] = time.monotonic_ns) -> None:
        self._desk = desk
        self._clock = clock
        self._painter = Painter()
        self._buzzer = Buzzer()
        self._has_hold_of_load = False
        self._is_full = False
        self._cursor = pygame.SYSTEM_CURSOR_ARROW
        self.frames_painted = 0
        for name, value in SDL_HINTS.items():
            os.environ.setdefault(name, value)
        try:
            with quiet_stderr():
                pygame.display.init()
            driver = pygame.display.get_driver()
            if driver in INVISIBLE and os.environ.get("SDL_VIDEODRIVER", os.environ.get("SDL_VIDEO_DRIVER", "")) != driver:
                raise NoDisplay("there is no display to open a window on")
            self._window = pygame.Window(title, size, resizable=True, allow_high_dpi=True)
            self._window.minimum_size = SMALLEST
        except pygame.error as error:
            pygame.display.quit()
            raise NoDisplay(f"no window can be opened: {error}") from None
        except NoDisplay:
            pygame.display.quit()
            raise

    def __enter__(self) -> "Window":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def run(self) -> None:
        """Until it is closed."""
        pace = pygame.time.Clock()
        while self.frame():
            pace.tick(FRAMES_PER_SECOND)

    def frame(self) -> bool:
        """One turn: what was done, what has become of it, what it looks like. False once the window is to be closed."""
        real = self._clock()
        for event in pygame.event.get():
            if event.type in (pygame.QUIT, pygame.WINDOWCLOSE):
                return False
            self._take(event, real)
        self._desk.tick(real)
        self._buzzer.beep(self._desk.display.is_beeping and not self._desk.view.is_muted)
        self.paint()
        return True

    def paint(self) -> None:
        """Show what is to be seen, where it has changed."""
        surface = self.surface
        if self._painter.paint(surface, self._desk.scene(surface.get_size())):
            self._window.flip()
            self.frames_painted += 1

    @property
    def surface(self) -> pygame.Surface:
        """The pixels of the window."""
        return self._window.get_surface()

    def close(self) -> None:
        """Close the window, then see to it that nothing is lost."""
        self._buzzer.close()
        self._window.destroy()
        pygame.display.quit()
        self._desk.close(self._clock())

    def _take(self, event: pygame.Event, real: int) -> None:
        match event.type:
            case pygame.KEYDOWN:
                self._key(event, real)
            case pygame.KEYUP:
                self._desk.release(real)
            case pygame.MOUSEBUTTONDOWN if event.button == pygame.BUTTON_LEFT:
                self._down(self._place(event.pos), real)
            case pygame.MOUSEBUTTONUP if event.button == pygame.BUTTON_LEFT:
                self._up(real)
            case pygame.MOUSEMOTION:
                self._move(self._place(event.pos), real)
            case pygame.FINGERDOWN:
                self._down(self._touched(event), real)
            case pygame.FINGERUP:
                self._up(real)
            case pygame.FINGERMOTION:
                self._move(self._touched(event), real)
            case pygame.WINDOWEXPOSED | pygame.WINDOWSIZECHANGED:
                self._painter.forget()

    def _key(self, event: pygame.Event, real: int) -> None:
        if event.mod & PASTE_MODIFIERS:
            if event.key == pygame.K_v:
                self._desk.do(Paste(_clipboard()), real)
            elif event.key == pygame.K_q:
                pygame.event.post(pygame.Event(pygame.QUIT))
        elif event.key in KEYS:
            self._desk.do(Press(KEYS[event.key]), real)
        elif event.unicode and event.unicode in "0123456789":
            self._desk.do(Press(Key(event.unicode)), real)
        elif event.key == pygame.K_F11:
            self._is_full = not self._is_full
            if self._is_full:
                self._window.set_fullscreen(desktop=True)
            else:
                self._window.set_windowed()
        elif event.key in SHORTCUTS:
            self._desk.do(SHORTCUTS[event.key], real)
        elif event.key == pygame.K_ESCAPE and self._desk.view.is_help_shown:
            self._desk.do(ShowHelp(), real)

    def _down(self, point: Point, real: int) -> None:
        target = self._desk.scene(self.surface.get_size()).target_at(point)
        if target is None:
            return
        if isinstance(target.action, GrabLoad):
            self._has_hold_of_load = True
            self._move(point, real)
        else:
            self._desk.do(target.action, real)

    def _up(self, real: int) -> None:
        self._has_hold_of_load = False
        self._desk.release(real)

    def _move(self, point: Point, real: int) -> None:
        size = self.surface.get_size()
        if self._has_hold_of_load:
            places = layout_of(size, self._desk.view)
            area = places.panels.get(SidePanel.HOUSE)
            if area is not None and area.is_open:
                track = slider_of(area, places.scale)
                self._desk.do(SetLoad(load_at(point[0], track.x, track.w)), real)
        is_target = self._has_hold_of_load or self._desk.scene(size).target_at(point) is not None
        cursor = pygame.SYSTEM_CURSOR_HAND if is_target else pygame.SYSTEM_CURSOR_ARROW
        if cursor != self._cursor:
            self._cursor = cursor
            with suppress(pygame.error):  # A display may have no cursors.
                pygame.mouse.set_cursor(cursor)

    def _place(self, point: Point) -> Point:
        """Where in the picture a place of the window is: on a HiDPI screen the picture has more pixels."""
        pixels, units = self.surface.get_size(), self._window.size
        return point[0] * pixels[0] / units[0], point[1] * pixels[1] / units[1]

    def _touched(self, event: pygame.Event) -> Point:
        """Where in the picture a finger is: its event says it in parts of the window."""
        width, height = self.surface.get_size()
        return event.x * width, event.y * height


def _clipboard() -> str:
    try:
        return pygame.scrap.get_text() if pygame.scrap.has_text() else ""
    except pygame.error:
        return ""
