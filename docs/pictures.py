"""Makes every picture of the window that README and the documentation show, from the current code: docs/images/*.png.

Each run buys real tokens at a gateway of its own and keys them into new meters in a folder that is then gone.
"""

import os
import sys
import tempfile
from pathlib import Path

os.environ["PYGAME_HIDE_SUPPORT_PROMPT"] = "1"

import pygame

from meter_emu.cli.gui import desk_at
from meter_emu.cli.session import Choice
from meter_gui.actions import Buy, SetSpeed, SwitchAppliance, TypeToken
from meter_gui.captions import Language
from meter_gui.geometry import Size
from meter_gui.painter import Painter
from meter_gui.picture import png, recording, screenshot
from meter_gui.script import PURCHASE, PURCHASE_SECONDS, Cue, play
from meter_gui.stage import layout_of
from meter_gui.view import View

IMAGES = Path(__file__).parent / "images"
BENAR_AT = 13.3
EVENING = (
    Cue(0.2, Buy("PL20")),
    Cue(0.4, TypeToken()),
    Cue(4.0, SwitchAppliance("fridge")),
    Cue(4.1, SwitchAppliance("lamps")),
    Cue(4.2, SetSpeed(600)),
    Cue(5.0, SwitchAppliance("rice_cooker")),
    Cue(6.6, SwitchAppliance("television")),
    Cue(6.9, SwitchAppliance("air_conditioner")),
    Cue(8.2, SwitchAppliance("rice_cooker")),
    Cue(9.0, SwitchAppliance("television")),
    Cue(9.2, Buy("PL50")),
    Cue(9.6, TypeToken()),
)
"""A house in the evening; its owner buys power and keys the token in, which the meter takes at BENAR_AT."""
MARGIN = 24


def window(name: str, size: Size, view: View) -> None:
    """The whole window at the moment of BENAR."""
    with tempfile.TemporaryDirectory() as home, desk_at(Choice(home), view, None, real=0) as desk:
        for _ in play(desk, EVENING, BENAR_AT, 0):
            pass
        assert desk.display.lines[0] == "BENAR", desk.display
        write(name, screenshot(desk, size))


def face(name: str) -> None:
    """The meter alone, with a little of the wall around it."""
    size = (1600, 1440)
    with tempfile.TemporaryDirectory() as home, desk_at(Choice(home), View(is_face_alone=True), None, real=0) as desk:
        for _ in play(desk, EVENING, BENAR_AT, 0):
            pass
        surface = pygame.Surface(size, 0, 32)
        Painter().paint(surface, desk.scene(size))
        rect = layout_of(size, desk.view).face.inset(-MARGIN)
        write(name, png(surface.subsurface(pygame.Rect(rect).clip(surface.get_rect()))))


def purchase(name: str, size: Size) -> None:
    """A purchase from the shop to the meter, as it is recorded by ``meter-emu gui --record``."""
    with tempfile.TemporaryDirectory() as home, desk_at(Choice(home), View(), None, real=0) as desk:
        write(name, recording(desk, size, play(desk, PURCHASE, PURCHASE_SECONDS, 0)))


def write(name: str, picture: bytes) -> None:
    """A file of its own, and a line about it."""
    IMAGES.mkdir(exist_ok=True)
    (IMAGES / name).write_bytes(picture)
    sys.stdout.write(f"docs/images/{name}  {len(picture) // 1024} KiB\n")


def main() -> None:
    """All of them."""
    face("meter-benar.png")
    window("window.png", (1280, 720), View())
    window("window-indonesian.png", (1280, 720), View(language=Language.INDONESIAN))
    window("window-small.png", (800, 600), View())
    purchase("purchase.png", (1280, 720))


if __name__ == "__main__":
    main()
