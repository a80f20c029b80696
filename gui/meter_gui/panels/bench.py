"""The test bench: the mains, the speed of time, the sensors and faults."""

from functools import lru_cache

from meter_emu.meter import Cause, moment_of
from meter_gui import palette
from meter_gui.actions import Action, AskForClearance, SetSpeed, SidePanel, StickRelay, SwitchPower, SwitchSensor
from meter_gui.captions import Caption
from meter_gui.duration import duration_text
from meter_gui.geometry import Rect
from meter_gui.guide import Guide
from meter_gui.layout import Area
from meter_gui.panels.card import card
from meter_gui.reading import Reading
from meter_gui.scene import Align, Box, Part
from meter_gui.sheet import Sheet
from meter_gui.shop import Counter
from meter_gui.view import SPEEDS, View

SENSORS = {
    Cause.TERMINAL_COVER: Caption.TERMINAL_COVER,
    Cause.METER_COVER: Caption.METER_COVER,
    Cause.REVERSED: Caption.REVERSED,
    Cause.BYPASS: Caption.BYPASS,
    Cause.CURRENT_DIFFERENCE: Caption.CURRENT_DIFFERENCE,
}


def bench(area: Area, scale: float, view: View, reading: Reading) -> Part:
    """The panel."""
    counter = Counter(view.counter.offers)
    plain = View(language=view.language, speed=view.speed, is_slowed=view.is_slowed, counter=counter, ahead=view.ahead)
    seen = reading._replace(line="", credit_text="", guide=Guide(), balance=0, load=0, flowing=0, limit=None)
    return _bench(area, scale, plain, seen)


@lru_cache(maxsize=4)
def _bench(area: Area, scale: float, view: View, reading: Reading) -> Part:
    sheet, rest = card(SidePanel.BENCH, area, scale, view)
    clock = sheet.rect.inset(sheet.u(54), 0).cut_top(area.heading.h)[0].cut_right(sheet.u(165))[0]
    if view.ahead:
        clock, ahead = clock.inset(0, sheet.u(5)).rows(2)
        words = view.say(Caption.AHEAD, duration=duration_text(view.ahead, view.language))
        sheet.text(ahead, words, 11, palette.AMBER_INK, Align.RIGHT)
    sheet.text(clock, f"{moment_of(reading.clock):%Y-%m-%d  %H:%M:%S}", 12, palette.MUTED, Align.RIGHT)
    if not area.is_open:
        return sheet.part()
    u = sheet.u
    supply, rest = rest.cut_top(u(24), u(8))
    _switch_row(sheet, supply, view.say(Caption.SUPPLY), SwitchPower(), is_on=reading.is_powered)
    speed, rest = rest.cut_top(u(30), u(10))
    _speeds(sheet, speed, view)
    _faults(sheet, rest, view, reading)
    return sheet.part()


def _switch_row(sheet: Sheet, rect: Rect, words: str, action: Action, *, is_on: bool) -> None:
    switch, text = rect.cut_right(sheet.u(36), sheet.u(8))
    sheet.text(text, words, 13)
    sheet.switch(switch, is_on=is_on, on_colour=palette.GREEN)
    sheet.target(rect, action)


def _speeds(sheet: Sheet, rect: Rect, view: View) -> None:
    u = sheet.u
    words, buttons = rect.cut_left(rect.w * 30 // 100, u(6))
    upper, lower = words.cut_top(words.h // 2)
    if view.is_slowed and view.speed > 1:
        sheet.text(upper, view.say(Caption.CLOCK_SPEED), 12)
        sheet.text(lower, view.say(Caption.SLOWED), 11, palette.AMBER_INK)
    else:
        sheet.text(words, view.say(Caption.CLOCK_SPEED), 13)
    for place, speed in zip(buttons.columns(len(SPEEDS), u(4)), SPEEDS, strict=True):
        is_on = speed == view.speed
        sheet.button(place, SetSpeed(speed), is_on=is_on)
        sheet.text(place.inset(u(3), 0), f"×{speed}", 13, palette.BLUE if is_on else palette.INK, Align.CENTRE, is_bold=is_on)


def _faults(sheet: Sheet, rect: Rect, view: View, reading: Reading) -> None:
    u = sheet.u
    title, rest = rect.cut_top(u(16), u(4))
    is_asked = reading.is_tampered and view.counter.offers
    if is_asked:
        word, pill = title.cut_left(u(70), u(6))
        sheet.text(word, "PERIKSA", 12, palette.RED, is_bold=True)
        pill = pill.inset(0, -u(1))
        sheet.add(Box(pill, palette.BLUE_GROUND, pill.h // 2))
        sheet.text(pill.inset(u(8), 0), view.say(Caption.CLEARANCE), 11, palette.BLUE, Align.CENTRE, is_bold=True)
        sheet.target(pill, AskForClearance())
    else:
        sheet.text(title, view.say(Caption.TAMPER), 12, palette.MUTED)
    faults: list[tuple[Caption, Action, bool]] = [
        *((caption, SwitchSensor(cause), cause in reading.causes) for cause, caption in SENSORS.items()),
        (Caption.RELAY_STUCK, StickRelay(), reading.is_relay_stuck),
    ]
    height = min(rest.h, u(88))
    places = [place for row in rest._replace(h=height).rows(2, u(8)) for place in row.columns(3, u(6))]
    texts = []
    for place, (_, action, is_on) in zip(places, faults, strict=True):
        sheet.button(place, action, is_on=is_on)
        mark, text = place.inset(u(8), u(2)).cut_left(u(9), u(6))
        mark = mark.centred(u(9), u(9))
        if is_on:
            sheet.shape(mark, palette.RED, ((0.5, 0.0), (1.0, 1.0), (0.0, 1.0)))
        else:
            sheet.add(Box(mark, palette.PAPER, mark.h // 2, edge=palette.LAMP_OFF, edge_width=u(1)))
        texts.append(text)
    sheet.texts(texts, [view.say(caption) for caption, _, _ in faults], 12, palette.INK, Align.LEFT)
