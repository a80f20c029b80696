"""``gui``: the meter on a screen. Here the window meets its meter, its shop and the machine's clock."""

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import click

from meter_emu.cli.session import Choice, choice_of, home_option, profile_option, session
from meter_emu.meter.clock import seconds_of
from meter_emu.shell.console import Failure, MeterNumber, at_option, now
from meter_gui.layout import DEFAULT, SMALLEST

if TYPE_CHECKING:
    from meter_gui.desk import Desk
    from meter_gui.view import View

PATIENCE_SECONDS = 3
"""How long the window waits for another process that holds the memory, before it says so."""
LARGEST_SIZE = 8192
MISSING = "the window needs pygame-ce: pip install 'meter-emu[gui]'"


class WindowSize(click.ParamType[tuple[int, int]]):
    """``1280x720``."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        """Width and height; a usage error for anything else."""
        if isinstance(value, tuple):
            return value
        width, _, height = value.lower().partition("x")
        if not (width.isascii() and width.isdigit() and height.isascii() and height.isdigit()):
            self.fail(f"{value[:40]!r} is not written like 1280x720", param, ctx)
        size = int(width[:9]), int(height[:9])
        if not (SMALLEST[0] <= size[0] <= LARGEST_SIZE and SMALLEST[1] <= size[1] <= LARGEST_SIZE):
            smallest = "x".join(map(str, SMALLEST))
            self.fail(f"{value[:40]} is not between {smallest} and {LARGEST_SIZE}x{LARGEST_SIZE}", param, ctx)
        return size


class PictureFile(click.ParamType[str]):
    """A file to be written, whose name ends in .png (or .apng)."""

    name = "file"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The name; a usage error for another kind of picture."""
        if not str(value).lower().endswith((".png", ".apng")):
            self.fail(f"{str(value)[:80]!r} must end in .png: pictures are PNG, recordings animated PNG", param, ctx)
        return str(value)


@click.command()
@click.option("--lang", type=click.Choice(["en", "id"]), default="en", show_default=True, help="Language of the captions.")
@click.option("--size", type=WindowSize(), default=DEFAULT, metavar="WxH", help="Of the window; 1280x720 if not said.")
@click.option("--gateway", metavar="HOST:PORT", help="Buy at this gateway; if not said, one runs for each purchase.")
@click.option("--face", "is_face_alone", is_flag=True, help="Begin with the meter alone, without the panels.")
@click.option("--screenshot", type=PictureFile(), metavar="FILE", help="Write one frame as PNG and end; needs no display.")
@click.option(
    "--record",
    type=PictureFile(),
    metavar="FILE",
    help="Write a purchase as animated PNG and end: with a new meter, in a folder that is then gone; needs no display.",
)
@click.option("--meter", "drn", type=MeterNumber(), metavar="DRN", help="Which meter, where there are several.")
@at_option
@profile_option
@home_option
def gui(
    lang: str,
    size: tuple[int, int],
    gateway: str | None,
    is_face_alone: bool,
    screenshot: str | None,
    record: str | None,
    **options: Any,
) -> None:
    """Open the meter in a window.

    It is the meter in the memory: what other commands or the serial port do to it is seen at once, and what is done here they
    see. Keys: digits, Backspace, Enter; Ctrl-V keys in the token in the clipboard, M mutes, F hides the panels, F11 fills the
    screen, F1 names the keys. Closing the window loses nothing.
    """
    _require_pygame()
    from meter_gui.captions import Language
    from meter_gui.view import View

    if screenshot is not None and record is not None:
        raise click.UsageError("--screenshot or --record, one of them")
    for path in filter(None, (screenshot, record)):
        _require_folder(path)
    view = View(language=Language(lang), is_face_alone=is_face_alone)
    choice = choice_of(options)
    if record is not None:
        with tempfile.TemporaryDirectory() as folder:
            recorded = Choice(folder, choice.drn, choice.at, choice.profile)
            with desk_at(recorded, view, gateway, real=0) as desk:
                _write(record, _recording(desk, size))
        return
    with desk_at(choice, view, gateway, real=time.monotonic_ns()) as desk:
        if screenshot is not None:
            from meter_gui.picture import screenshot as picture_of

            _write(screenshot, picture_of(desk, size))
        else:
            _open(desk, size)


@contextmanager
def desk_at(choice: Choice, view: "View", gateway: str | None, real: int) -> "Iterator[Desk]":
    """The window's desk at the chosen meter. FileError, before any window opens, if the memory cannot be written."""
    from meter_emu.cli.gui_shop import shop_at
    from meter_gui.desk import Desk
    from meter_gui.stored_meter import StoredMeter

    shop = shop_at(choice.home, gateway)
    with session(choice, PATIENCE_SECONDS) as at_meter:
        at_meter.begin()
        meter = StoredMeter(at_meter.store, at_meter.drn)
        yield Desk(meter, lambda: seconds_of(now()), real, view, shop, start=seconds_of(choice.at) if choice.at else None)


def _open(desk: "Desk", size: tuple[int, int]) -> None:
    from meter_gui.window import NoDisplay, Window

    plate = desk.reading.plate
    desk.begin(time.monotonic_ns())
    try:
        window = Window(desk, f"{plate.maker} {plate.drn}", size)
    except NoDisplay as error:
        raise Failure(f"{error}; --screenshot FILE needs none") from None
    with window:
        desk.ask_what_is_due()
        window.run()


def _recording(desk: "Desk", size: tuple[int, int]) -> bytes:
    from meter_gui.picture import recording
    from meter_gui.script import PURCHASE, PURCHASE_SECONDS, play

    return recording(desk, size, play(desk, PURCHASE, PURCHASE_SECONDS, real=0))


def _require_folder(path: str) -> None:
    """Failure before the work, not after it, where there is no folder for the picture."""
    if not os.path.isdir(os.path.dirname(path) or "."):
        raise Failure(f"{path}: there is no such folder")


def _write(path: str, picture: bytes) -> None:
    """All of the picture, or what was there before."""
    part = f"{path}.part"
    try:
        with open(part, "wb") as file:
            file.write(picture)
        os.replace(part, path)
    except OSError as error:
        raise Failure(f"{path}: {error.strerror}") from None
    finally:
        with suppress(OSError):
            os.unlink(part)


def _require_pygame() -> None:
    """Failure, one line, where the extra is not installed."""
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    try:
        import pygame
    except ImportError:
        raise Failure(MISSING) from None
    if not getattr(pygame, "IS_CE", False):
        raise Failure(f"{MISSING} (what is here is another pygame; uninstall that first)")
