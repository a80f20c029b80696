"""The colours. Those that mean something are told apart by people who are colour-blind, and never mean it alone: a shape or
a word always says the same."""

from meter_emu.meter import CreditLed
from meter_gui.scene import Colour

WALL, WALL_BELOW = (232, 235, 239), (208, 214, 221)
SHADOW_STRENGTH = 60

INK: Colour = (28, 36, 46)
MUTED: Colour = (92, 103, 116)
FAINT: Colour = (205, 211, 218)
PAPER: Colour = (255, 255, 255)
CARD_EDGE: Colour = (222, 227, 232)
FIELD: Colour = (241, 244, 247)
"""The ground of something that can be set."""

BLUE: Colour = (0, 98, 166)
BLUE_GROUND: Colour = (225, 238, 249)
AMBER: Colour = (214, 128, 0)
AMBER_INK: Colour = (160, 88, 0)
"""Dark enough for small letters."""
AMBER_GROUND: Colour = (253, 236, 205)
GREEN: Colour = (0, 128, 92)
GREEN_GROUND: Colour = (219, 242, 233)
RED: Colour = (190, 48, 24)
RED_GROUND: Colour = (252, 229, 223)
PURPLE: Colour = (126, 70, 140)

BODY, BODY_BELOW, BODY_EDGE = (251, 250, 247), (231, 231, 227), (196, 197, 194)
BODY_LIGHT: Colour = (255, 255, 255)
GROOVE: Colour = (206, 207, 203)
INSET, INSET_BELOW, INSET_EDGE = (58, 68, 81), (41, 49, 60), (28, 34, 42)
KEY, KEY_BELOW, KEY_SIDE = (255, 255, 254), (232, 234, 236), (150, 157, 166)
KEY_PRESSED, KEY_PRESSED_BELOW = (205, 210, 216), (222, 226, 230)
YELLOW_KEY, YELLOW_KEY_BELOW, YELLOW_KEY_SIDE = (255, 216, 84), (245, 190, 40), (160, 116, 10)
YELLOW_PRESSED, YELLOW_PRESSED_BELOW = (222, 170, 30), (236, 190, 60)
GREEN_KEY, GREEN_KEY_BELOW, GREEN_KEY_SIDE = (46, 170, 112), (20, 138, 84), (10, 80, 48)
GREEN_PRESSED, GREEN_PRESSED_BELOW = (14, 112, 68), (24, 132, 82)

LCD_LIT, LCD_LIT_BELOW, LCD_DOT = (190, 214, 80), (166, 194, 58), (24, 36, 10)
LCD_DARK, LCD_DARK_BELOW = (112, 121, 98), (96, 105, 84)
LCD_GHOST_STRENGTH = 16
"""How dark a dot is that is not driven, of 255."""

LAMP_OFF: Colour = (150, 155, 160)
LAMPS: dict[CreditLed, Colour] = {
    CreditLed.GREEN: (24, 190, 120),
    CreditLed.YELLOW: (250, 200, 30),
    CreditLed.RED: (226, 52, 30),
    CreditLed.RED_BLINKING: (226, 52, 30),
    CreditLed.OFF: LAMP_OFF,
}
PULSE_LAMP: Colour = (255, 92, 40)

FIELD_COLOURS: tuple[tuple[Colour, Colour], ...] = (
    (BLUE, BLUE_GROUND),
    (AMBER_INK, AMBER_GROUND),
    (GREEN, GREEN_GROUND),
    (PURPLE, (241, 228, 245)),
    (RED, RED_GROUND),
    ((70, 84, 100), (228, 233, 238)),
    ((120, 88, 20), (243, 236, 216)),
    ((20, 110, 130), (216, 239, 243)),
)
"""Ink and ground for the fields of a token, each of which has its letter too."""

SLIP, SLIP_BELOW, SLIP_EDGE = (255, 254, 246), (252, 248, 232), (226, 219, 196)
