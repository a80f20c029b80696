"""The meter's face as a scene: case and plate, LCD, lamps and relay sign, keypad. It shows a Display and nothing else.

Measures are in units of a face 450 wide and 680 high.
"""

from functools import lru_cache
from typing import NamedTuple

from meter_emu.meter import CreditLed, Display, Key
from meter_gui import palette
from meter_gui.actions import Mute, Press
from meter_gui.captions import Caption, Language
from meter_gui.geometry import Point, Rect
from meter_gui.layout import FACE_HEIGHT
from meter_gui.reading import Plate, Reading
from meter_gui.scene import Align, Box, Cells, Colour, Glow, Part, Shadow, Stripes
from meter_gui.sheet import Sheet
from meter_gui.typeface import wrapped
from meter_gui.view import View

SIDE = 19
WIDTH = 412
"""Of everything set into the case."""
GUIDE_SIZES = 12.5, 12, 11.5, 11
GUIDE_LINES = 2
INDICATOR_WIDTHS = (110, 116, 98, 88)
"""Credit, pulse, relay, sound."""
KEYPAD = (
    (Key.DIGIT_1, Key.DIGIT_2, Key.DIGIT_3),
    (Key.DIGIT_4, Key.DIGIT_5, Key.DIGIT_6),
    (Key.DIGIT_7, Key.DIGIT_8, Key.DIGIT_9),
    (Key.BACKSPACE, Key.DIGIT_0, Key.ENTER),
)
LED_CAPTIONS = {
    CreditLed.GREEN: Caption.LED_GREEN,
    CreditLed.YELLOW: Caption.LED_YELLOW,
    CreditLed.RED: Caption.LED_RED,
    CreditLed.RED_BLINKING: Caption.LED_RED_BLINKING,
    CreditLed.OFF: Caption.OFF,
}
CHECK: tuple[Point, ...] = ((0.22, 0.52), (0.32, 0.42), (0.44, 0.54), (0.68, 0.28), (0.78, 0.38), (0.44, 0.74))
TRIANGLE: tuple[Point, ...] = ((0.5, 0.22), (0.8, 0.74), (0.2, 0.74))
BAR: tuple[Point, ...] = ((0.22, 0.42), (0.78, 0.42), (0.78, 0.58), (0.22, 0.58))
CROSS: tuple[Point, ...] = (
    *((0.25, 0.36), (0.36, 0.25), (0.5, 0.39), (0.64, 0.25), (0.75, 0.36), (0.61, 0.5)),
    *((0.75, 0.64), (0.64, 0.75), (0.5, 0.61), (0.36, 0.75), (0.25, 0.64), (0.39, 0.5)),
)
LED_MARKS: dict[CreditLed, tuple[Point, ...]] = {
    CreditLed.GREEN: CHECK,
    CreditLed.YELLOW: TRIANGLE,
    CreditLed.RED: BAR,
    CreditLed.RED_BLINKING: CROSS,
}
"""What stands on the lens: the colour is never alone."""
BOLT: tuple[Point, ...] = ((0.56, 0.12), (0.26, 0.56), (0.47, 0.56), (0.4, 0.88), (0.74, 0.42), (0.52, 0.42))
BACKSPACE_SIGN: tuple[tuple[Point, ...], ...] = (
    *(((0.0, 0.5), (0.3, 0.12), (1.0, 0.12), (1.0, 0.22), (0.35, 0.22), (0.13, 0.5)),),
    *(((0.0, 0.5), (0.13, 0.5), (0.35, 0.78), (1.0, 0.78), (1.0, 0.88), (0.3, 0.88)),),
    *(((0.92, 0.12), (1.0, 0.12), (1.0, 0.88), (0.92, 0.88)),),
    *(((0.45, 0.37), (0.51, 0.3), (0.79, 0.63), (0.73, 0.7)), ((0.73, 0.3), (0.79, 0.37), (0.51, 0.7), (0.45, 0.63))),
)
ENTER_SIGN: tuple[tuple[Point, ...], ...] = (
    ((0.86, 0.14), (1.0, 0.14), (1.0, 0.68), (0.34, 0.68), (0.34, 0.54), (0.86, 0.54)),
    ((0.0, 0.61), (0.38, 0.3), (0.38, 0.92)),
)
SPEAKER: tuple[Point, ...] = ((0.0, 0.35), (0.2, 0.35), (0.48, 0.1), (0.48, 0.9), (0.2, 0.65), (0.0, 0.65))
WAVES: tuple[tuple[Point, ...], ...] = (
    ((0.58, 0.36), (0.64, 0.32), (0.71, 0.5), (0.64, 0.68), (0.58, 0.64), (0.63, 0.5)),
    ((0.72, 0.24), (0.78, 0.19), (0.9, 0.5), (0.78, 0.81), (0.72, 0.76), (0.82, 0.5)),
)
SLASH: tuple[Point, ...] = ((0.6, 0.33), (0.66, 0.27), (0.96, 0.67), (0.9, 0.73))
BACKSLASH: tuple[Point, ...] = ((0.9, 0.27), (0.96, 0.33), (0.66, 0.73), (0.6, 0.67))


class _Look(NamedTuple):
    """The colours of a key: top and bottom, its side, the same two when pressed, the sign on it."""

    top: Colour
    below: Colour
    side: Colour
    pressed_top: Colour
    pressed_below: Colour
    sign: Colour


DIGIT_LOOK = _Look(
    palette.KEY, palette.KEY_BELOW, palette.KEY_SIDE, palette.KEY_PRESSED, palette.KEY_PRESSED_BELOW, palette.INK
)
LOOKS = {
    Key.BACKSPACE: _Look(
        *(palette.YELLOW_KEY, palette.YELLOW_KEY_BELOW, palette.YELLOW_KEY_SIDE),
        *(palette.YELLOW_PRESSED, palette.YELLOW_PRESSED_BELOW, palette.INK),
    ),
    Key.ENTER: _Look(
        *(palette.GREEN_KEY, palette.GREEN_KEY_BELOW, palette.GREEN_KEY_SIDE),
        *(palette.GREEN_PRESSED, palette.GREEN_PRESSED_BELOW, palette.PAPER),
    ),
}


def face(rect: Rect, display: Display, reading: Reading, view: View) -> tuple[Part, ...]:
    """The parts of the face, from the back to the front."""
    plate = reading.plate
    return (
        _case(rect, plate, view.language),
        _lcd(rect, display.lines, plate.columns, display.is_lit),
        _lamps(
            rect,
            display._replace(lines=("", ""), digits_entered=0, impulses=0),
            plate.impulses_per_kwh,
            view.language,
            is_pulse_lit=view.is_pulse_lit and display.is_lit,
            is_blink_on=view.is_blink_on or display.credit_led is not CreditLed.RED_BLINKING,
            is_muted=view.is_muted,
        ),
        _keypad(rect, view.keys_down),
        _guide(rect, reading.guide.in_language(view.language)),
    )


def lcd_rect(face_rect: Rect) -> Rect:
    """Where in the face the glass of the LCD is."""
    return _Places(face_rect).glass


def key_rect(face_rect: Rect, key: Key) -> Rect:
    """Where in the face a key is."""
    return _Places(face_rect).keys()[key]


def lamp_rects(face_rect: Rect) -> tuple[Rect, ...]:
    """Where the signs of credit, pulse, relay and sound are."""
    return _Places(face_rect).signs()


class _Places:
    """The places on a face, in pixels."""

    def __init__(self, rect: Rect) -> None:
        self.rect = rect
        self.scale = rect.h / FACE_HEIGHT

    def at(self, x: float, y: float, w: float, h: float) -> Rect:
        """A rectangle given in units. Its edges are rounded, so that what touches keeps touching."""
        left, top = self.rect.x + round(x * self.scale), self.rect.y + round(y * self.scale)
        right, bottom = self.rect.x + round((x + w) * self.scale), self.rect.y + round((y + h) * self.scale)
        return Rect(left, top, right - left, bottom - top)

    @property
    def bezel(self) -> Rect:
        return self.at(SIDE, 92, WIDTH, 120)

    @property
    def glass(self) -> Rect:
        return self.bezel.inset(round(6 * self.scale), round(11 * self.scale))

    @property
    def keypad(self) -> Rect:
        return self.at(SIDE, 308, WIDTH, 306)

    def indicators(self) -> tuple[Rect, ...]:
        left, places = SIDE, []
        for width in INDICATOR_WIDTHS:
            places.append(self.at(left, 252, width - 4, 48))
            left += width
        return tuple(places)

    def signs(self) -> tuple[Rect, ...]:
        size = round(28 * self.scale)
        return tuple(indicator.cut_left(size)[0].centred(size, size) for indicator in self.indicators())

    def keys(self) -> dict[Key, Rect]:
        gap = round(12 * self.scale)
        rows = self.keypad.inset(round(14 * self.scale)).rows(len(KEYPAD), gap)
        return {
            key: place
            for row, keys in zip(rows, KEYPAD, strict=True)
            for key, place in zip(keys, row.columns(len(keys), gap), strict=True)
        }


@lru_cache(maxsize=4)
def _case(rect: Rect, plate: Plate, language: Language) -> Part:
    places, sheet = _Places(rect), Sheet(rect, rect.h / FACE_HEIGHT)
    u = sheet.u
    sheet.add(
        Shadow(rect.moved(0, u(8)), u(28), u(14), palette.SHADOW_STRENGTH),
        Box(rect, palette.BODY, u(26), palette.BODY_BELOW, palette.BODY_EDGE),
        Box(rect.inset(u(3)), palette.BODY, u(24), palette.BODY_BELOW, palette.BODY_LIGHT, u(1.5)),
    )
    sheet.text(places.at(SIDE + 6, 24, 190, 32), plate.maker, 25, is_bold=True)
    sheet.text(places.at(SIDE + 6, 56, 190, 20), Caption.PREPAID_METER.in_language(language), 13, palette.MUTED)
    sheet.add(Stripes(places.at(264, 24, 160, 22), stripe_widths(plate.drn), palette.INK))
    sheet.text(places.at(254, 48, 170, 22), plate.drn, 18, palette.INK, Align.RIGHT, is_bold=True)
    sheet.text(places.at(254, 69, 170, 14), Caption.METER_NUMBER.in_language(language), 10, palette.MUTED, Align.RIGHT)
    bezel, keypad = places.bezel, places.keypad
    for inset, radius in ((bezel, 14), (keypad, 18)):
        sheet.add(
            Box(inset.moved(0, u(1.5)), palette.BODY_LIGHT, u(radius)),
            Box(inset, palette.INSET, u(radius), palette.INSET_BELOW, palette.INSET_EDGE, u(1)),
        )
    _terminal_cover(sheet, places, plate)
    return sheet.part()


def _terminal_cover(sheet: Sheet, places: _Places, plate: Plate) -> None:
    u = sheet.u
    groove = places.at(3, 624, 444, 2)
    sheet.add(Box(groove, palette.GROOVE), Box(groove.moved(0, groove.h), palette.BODY_LIGHT))
    for x in (SIDE + 4, FACE_SCREW):
        head = places.at(x, 640, 22, 22)
        sheet.add(
            Box(head, palette.BODY_EDGE, head.w // 2, palette.GROOVE, palette.LAMP_OFF, u(1)),
            Box(head.centred(head.w - u(8), u(3)), palette.MUTED, u(1)),
        )
    rating = f"{plate.voltage} V ~    {plate.impulses_per_kwh} imp/kWh    IEC 62055-41"
    sheet.text(places.at(SIDE + 40, 635, WIDTH - 80, 20), rating, 12, palette.MUTED, Align.CENTRE)


FACE_SCREW = SIDE + WIDTH - 26


@lru_cache(maxsize=4)
def _lcd(rect: Rect, lines: tuple[str, str], columns: int, is_lit: bool) -> Part:
    glass = _Places(rect).glass
    return Part(glass, (Cells(glass, lines, columns, is_lit),))


@lru_cache(maxsize=8)
def _lamps(
    rect: Rect,
    display: Display,
    impulses_per_kwh: int,
    language: Language,
    *,
    is_pulse_lit: bool,
    is_blink_on: bool,
    is_muted: bool,
) -> Part:
    places = _Places(rect)
    indicators, signs = places.indicators(), places.signs()
    sheet = Sheet(places.at(SIDE - 6, 249, WIDTH + 12, 54), places.scale)
    credit, pulse, relay, sound = signs

    colour, mark = palette.LAMPS[display.credit_led], LED_MARKS.get(display.credit_led)
    _lamp(sheet, credit, colour if is_blink_on else palette.LAMP_OFF, is_lit=display.is_lit and is_blink_on)
    if mark:
        sheet.shape(credit, palette.PAPER if mark in (BAR, CROSS) else palette.INK, mark)
    _lamp(sheet, pulse, palette.PULSE_LAMP if is_pulse_lit else palette.LAMP_OFF, is_lit=is_pulse_lit)
    sheet.shape(pulse, palette.PAPER, BOLT)
    _relay_sign(sheet, relay, is_closed=display.is_relay_closed)
    speaker = sound.inset(sheet.u(1))
    sheet.shape(speaker, palette.RED if display.is_beeping else palette.MUTED, SPEAKER)
    if is_muted:
        sheet.shape(speaker, palette.MUTED, SLASH, BACKSLASH)
    else:
        sheet.shape(speaker, palette.RED if display.is_beeping else palette.MUTED, *WAVES)
    sheet.target(indicators[3], Mute())

    sound_word = Caption.MUTED if is_muted else Caption.BEEPING if display.is_beeping else Caption.ON
    texts = (
        (Caption.CREDIT, LED_CAPTIONS[display.credit_led].in_language(language)),
        (Caption.PULSE, f"{impulses_per_kwh}/kWh"),
        (Caption.RELAY, (Caption.CLOSED if display.is_relay_closed else Caption.OPEN).in_language(language)),
        (Caption.SOUND, sound_word.in_language(language)),
    )
    for indicator, sign, (title, word) in zip(indicators, signs, texts, strict=True):
        beside = indicator.cut_left(sign.w, sheet.u(6))[1]
        middle = beside.centred(beside.w, sheet.u(34))
        upper, lower = middle.rows(2)
        sheet.text(upper, title.in_language(language), 11, palette.MUTED)
        sheet.text(lower, word, 13, palette.INK, is_bold=True)
    return sheet.part()


def _lamp(sheet: Sheet, rect: Rect, colour: Colour, *, is_lit: bool) -> None:
    if is_lit:
        sheet.add(Glow(rect.inset(-sheet.u(3)), colour))
    light = _mixed(colour, palette.PAPER, 0.35 if is_lit else 0.15)
    lens = rect.inset(sheet.u(3))
    sheet.add(
        Box(rect, palette.INSET, rect.w // 2, palette.INSET_BELOW),
        Box(lens, light, lens.w // 2, colour),
    )


def _relay_sign(sheet: Sheet, rect: Rect, *, is_closed: bool) -> None:
    """Two contacts and the bar between them, lying across or standing up."""
    colour = palette.GREEN if is_closed else palette.RED
    ends = ((0.0, 0.43), (0.22, 0.43), (0.22, 0.57), (0.0, 0.57)), ((0.78, 0.43), (1.0, 0.43), (1.0, 0.57), (0.78, 0.57))
    bar = (
        ((0.2, 0.42), (0.8, 0.42), (0.8, 0.58), (0.2, 0.58))
        if is_closed
        else ((0.17, 0.45), (0.63, 0.02), (0.74, 0.13), (0.28, 0.57))
    )
    sheet.shape(rect, colour, *ends, bar)
    size = max(5, round(rect.w * 0.28))
    for x in (0.22, 0.78):
        middle = Rect(rect.x + round(x * rect.w) - size // 2, rect.y + (rect.h - size) // 2, size, size)
        sheet.add(Box(middle, palette.PAPER, size // 2, edge=colour, edge_width=max(1, sheet.u(2))))


@lru_cache(maxsize=4)
def _guide(rect: Rect, words: str) -> Part:
    """What the LCD means, below it on at most two lines."""
    places = _Places(rect)
    sheet = Sheet(places.at(SIDE, 214, WIDTH, 34), places.scale)
    room = sheet.rect.inset(sheet.u(6), 0)
    size = next(
        size for size in GUIDE_SIZES if len(wrapped(words, sheet.u(size), room.w)) <= GUIDE_LINES or size == GUIDE_SIZES[-1]
    )
    lines = wrapped(words, sheet.u(size), room.w)
    middle = room.centred(room.w, min(room.h, len(lines) * sheet.u(15)))
    for place, line in zip(middle.rows(len(lines), 0) if lines else (), lines, strict=True):
        sheet.text(place, line, size, palette.MUTED)
    return sheet.part()


@lru_cache(maxsize=32)
def _keypad(rect: Rect, keys_down: frozenset[Key]) -> Part:
    places = _Places(rect)
    sheet = Sheet(places.keypad, places.scale)
    for key, place in places.keys().items():
        _key(sheet, place, key, is_down=key in keys_down)
    return sheet.part()


def _key(sheet: Sheet, rect: Rect, key: Key, *, is_down: bool) -> None:
    """A key stands above its side; pressed, it sinks into it and gets darker."""
    look, u = LOOKS.get(key, DIGIT_LOOK), sheet.u
    depth = u(5)
    cap = Rect(rect.x, rect.y + (depth - u(1) if is_down else 0), rect.w, rect.h - depth)
    sheet.add(Box(Rect(rect.x, rect.y + depth, rect.w, rect.h - depth), look.side, u(10)))
    if is_down:
        sheet.add(Box(cap, look.pressed_top, u(10), look.pressed_below))
    else:
        sheet.add(Box(cap, look.top, u(10), look.below))
    sheet.target(rect, Press(key))
    if key is Key.BACKSPACE:
        sheet.shape(cap.centred(u(36), u(30)), look.sign, *BACKSPACE_SIGN)
    elif key is Key.ENTER:
        sheet.shape(cap.centred(u(36), u(26)), look.sign, *ENTER_SIGN)
    else:
        sheet.text(cap, key.value, 30, look.sign, Align.CENTRE, is_bold=True)


def stripe_widths(digits: str) -> tuple[int, ...]:
    """Bars and gaps that look like a bar code of these digits: two gaps and two bars a digit, seven units wide.

    >>> stripe_widths("07")
    (1, 1, 1, 3, 2, 1, 1, 1, 3, 1, 2, 1, 1)
    """
    return (1, 1, 1, *(width for digit in digits for width in _STRIPES[int(digit)]), 1, 1)


_STRIPES = (
    *((3, 2, 1, 1), (2, 2, 2, 1), (2, 1, 2, 2), (1, 4, 1, 1), (1, 1, 3, 2)),
    *((1, 2, 3, 1), (1, 1, 1, 4), (1, 3, 1, 2), (1, 2, 1, 3), (3, 1, 1, 2)),
)


def _mixed(colour: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(colour, other, strict=True))
    return red, green, blue
