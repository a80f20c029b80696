"""The house: what it takes now, how long the credit lasts, a slider, appliances, and the plot of power and credit."""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from meter_emu.meter.clock import DAY, HOUR, MINUTE, Seconds
from meter_emu.meter.energy import KWH
from meter_gui import palette
from meter_gui.actions import GrabLoad, SidePanel, SwitchAppliance
from meter_gui.captions import Caption, Language
from meter_gui.duration import duration_text
from meter_gui.geometry import Point, Rect
from meter_gui.guide import Guide
from meter_gui.history import Corner, History
from meter_gui.house import APPLIANCES, MOST_WATTS, other_load
from meter_gui.layout import Area
from meter_gui.panels.card import card
from meter_gui.reading import Reading
from meter_gui.scene import Align, Box, Colour, Part, Trace
from meter_gui.sheet import Sheet
from meter_gui.typeface import text_width
from meter_gui.view import View

LONGEST_SPAN: Mapping[int, Seconds] = {1: 5 * MINUTE, 10: HOUR, 60: 6 * HOUR, 600: 2 * DAY, 3600: 10 * DAY}
"""What the plot shows at most, by the speed of time."""
SPANS: tuple[Seconds, ...] = (
    *(MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 6 * HOUR, 12 * HOUR),
    *(DAY, 2 * DAY, 5 * DAY, 10 * DAY),
)
"""What it shows of a shorter history."""
_NICE = (1, 2, 5)


def house(area: Area, scale: float, view: View, reading: Reading) -> Part:
    """The panel."""
    plain = View(language=view.language, appliances=view.appliances, history=view.history, speed=view.speed)
    seen = reading._replace(line="", guide=Guide(), causes=(), is_tampered=False, is_relay_stuck=False)
    return _house(area, scale, plain, seen)


@lru_cache(maxsize=4)
def _house(area: Area, scale: float, view: View, reading: Reading) -> Part:
    sheet, rest = card(SidePanel.HOUSE, area, scale, view)
    if not area.is_open:
        return sheet.part()
    u = sheet.u
    figures, rest = rest.cut_top(u(46), u(8))
    slider, rest = rest.cut_top(u(40), u(6))
    appliances, plot = rest.cut_top(u(84), u(12))
    other = other_load(view.appliances, reading.load)
    if other:
        line, plot = plot._replace(y=plot.y - u(6), h=plot.h + u(6)).cut_top(u(14), u(8))
        sheet.text(line, view.say(Caption.OTHER_LOAD, watts=other), 12, palette.AMBER_INK)
    _figures(sheet, figures, view, reading)
    _slider(sheet, slider, view, reading)
    _appliances(sheet, appliances, view)
    _Plot(sheet, plot, view, reading).draw()
    return sheet.part()


def lasts_for(reading: Reading, language: Language) -> str:
    """How long the credit lasts at the power that flows now, in the two largest units."""
    if reading.flowing == 0 or reading.balance <= 0:
        return Caption.NOTHING_FLOWS.in_language(language)
    return duration_text(reading.balance // reading.flowing, language)


def _figures(sheet: Sheet, rect: Rect, view: View, reading: Reading) -> None:
    figures = (
        (Caption.POWER_NOW, f"{reading.flowing} W", palette.AMBER_INK),
        (Caption.CREDIT_LEFT, reading.credit_text, palette.BLUE),
        (Caption.LASTS, lasts_for(reading, view.language), palette.INK),
    )
    for place, (title, value, colour) in zip(rect.columns(3, sheet.u(8)), figures, strict=True):
        upper, lower = place.cut_top(sheet.u(18))
        sheet.text(upper, view.say(title), 12, palette.MUTED)
        sheet.text(lower, value, 18, colour, is_bold=True)


def _slider(sheet: Sheet, rect: Rect, view: View, reading: Reading) -> None:
    u = sheet.u
    words, line = rect.cut_top(u(16))
    sheet.text(words.columns(2)[0], view.say(Caption.LOAD), 12, palette.MUTED)
    sheet.text(words.columns(2)[1], f"{reading.load} W", 13, palette.INK, Align.RIGHT, is_bold=True)
    track = track_of(rect, sheet.scale)
    share = min(1.0, reading.load / MOST_WATTS)
    knob_x = track.x + round(share * track.w)
    is_over = reading.limit is not None and reading.load > reading.limit
    colour = palette.RED if is_over else palette.AMBER
    sheet.add(Box(track, palette.FAINT, track.h // 2))
    if knob_x > track.x:
        sheet.add(Box(track._replace(w=knob_x - track.x), colour, track.h // 2))
    if reading.limit is not None and reading.limit <= MOST_WATTS:
        x = track.x + round(reading.limit / MOST_WATTS * track.w)
        sheet.add(Box(Rect(x - u(1), line.y + u(1), u(2), line.h - u(2)), palette.RED))
        limit = view.say(Caption.LIMIT, watts=reading.limit)
        width = text_width(limit, u(11)) + 2
        left = min(max(rect.x + rect.w // 4, x - width // 2), rect.right - rect.w // 4 - width)
        sheet.text(Rect(left, rect.y, width, u(16)), limit, 11, palette.RED, Align.CENTRE)
    knob = Rect(knob_x - u(10), track.centre[1] - u(10), u(20), u(20))
    sheet.add(
        Box(knob.moved(0, u(1)), palette.LAMP_OFF, knob.h // 2),
        Box(knob, palette.PAPER, knob.h // 2, palette.FIELD, colour, u(2)),
    )
    sheet.target(line.inset(0, -u(2)), GrabLoad())


def track_of(slider: Rect, scale: float) -> Rect:
    """The line that the slider's knob runs along."""
    u = Sheet(slider, scale).u
    line = slider.cut_top(u(16))[1]
    return line.inset(u(10), 0).centred(line.w - 2 * u(10), u(6))


def slider_of(area: Area, scale: float) -> Rect:
    """The track of the slider in an open panel."""
    sheet, rest = card(SidePanel.HOUSE, area, scale, View())
    slider = rest.cut_top(sheet.u(46), sheet.u(8))[1].cut_top(sheet.u(40))[0]
    return track_of(slider, scale)


def _appliances(sheet: Sheet, rect: Rect, view: View) -> None:
    u = sheet.u
    places = [place for row in rect.rows(2, u(8)) for place in row.columns(len(APPLIANCES) // 2, u(6))]
    uppers, lowers = [], []
    for place, appliance in zip(places, APPLIANCES, strict=True):
        is_on = appliance.name in view.appliances
        sheet.button(place, SwitchAppliance(appliance.name), is_on=is_on)
        lamp = Rect(place.right - u(16), place.bottom - u(16), u(8), u(8))
        sheet.add(
            Box(lamp, palette.AMBER if is_on else palette.PAPER, lamp.h // 2, edge=palette.AMBER if is_on else palette.LAMP_OFF)
        )
        inner = place.inset(u(8), u(4))
        upper, lower = inner.rows(2)
        uppers.append(upper)
        lowers.append(lower.cut_right(u(8), u(4))[1])
    sheet.texts(uppers, [view.say(appliance.caption) for appliance in APPLIANCES], 12, palette.INK, Align.LEFT)
    sheet.texts(lowers, [f"{appliance.watts} W" for appliance in APPLIANCES], 11, palette.MUTED, Align.LEFT)


class _Scale(NamedTuple):
    """An axis from 0 to ``top`` in ``parts`` steps."""

    top: int
    parts: int

    @staticmethod
    def over(most: int, *, least_top: int) -> "_Scale":
        """A scale whose top is a round number at or above ``most``."""
        step, factor = 1, 1
        while True:
            for nice in _NICE:
                step = nice * factor
                for parts in (3, 4):
                    if step * parts >= max(most, least_top):
                        return _Scale(step * parts, parts)
            factor *= 10


class _Plot:
    """Power as an area, credit as a line, each with its own axis."""

    def __init__(self, sheet: Sheet, rect: Rect, view: View, reading: Reading) -> None:
        self._sheet, self._view = sheet, view
        u = sheet.u
        self._legend, rest = rect.cut_top(u(16), u(10))
        self._times, middle = rest.cut_bottom(u(15), u(2))
        self._left, middle = middle.cut_left(u(34), u(6))
        self._right, self._area = middle.cut_right(u(30), u(6))
        self._until = reading.clock
        seen = self._until - view.history.corners[0].at if view.history.corners else 0
        self._span = min(LONGEST_SPAN[view.speed], next((span for span in SPANS if span >= seen), SPANS[-1]))
        self._corners = _within(view.history, self._until - self._span, reading)
        self._power = _Scale.over(max((corner.watts for corner in self._corners), default=0), least_top=300)
        most = max((corner.balance for corner in self._corners), default=0)
        self._credit = _Scale.over(-(-most // KWH), least_top=3)

    def draw(self) -> None:
        """Axes, area, line."""
        sheet, area = self._sheet, self._area
        u = sheet.u
        half = self._legend.columns(2)
        size = u(9)
        self._legend_of(half[0], self._view.say(Caption.POWER_AXIS), palette.AMBER, Align.LEFT, u(9), size)
        self._legend_of(half[1], self._view.say(Caption.CREDIT_AXIS), palette.BLUE, Align.RIGHT, u(3), size)
        steps = tuple(self._steps())
        if len(steps) > 1:
            sheet.add(Trace(area, steps, _lighter(palette.AMBER), 1, is_area=True))
        parts = self._power.parts
        for number in range(parts + 1):
            y = area.bottom - round(number * (area.h - 1) / parts) - 1
            sheet.add(Box(Rect(area.x, y, area.w, 1), palette.FAINT if number else palette.LAMP_OFF))
            sheet.text(self._row(self._left, y), _short(self._power.top * number // parts), 11, palette.AMBER_INK, Align.RIGHT)
        for number in range(self._credit.parts + 1):
            y = area.bottom - round(number * (area.h - 1) / self._credit.parts) - 1
            sheet.text(self._row(self._right, y), _short(self._credit.top * number // self._credit.parts), 11, palette.BLUE)
        if len(steps) > 1:
            sheet.add(
                Trace(area, steps, palette.AMBER, max(1, u(1.5))),
                Trace(area, tuple(self._line()), palette.BLUE, max(2, u(2.5))),
            )
        first, second = self._times.columns(2)
        sheet.text(
            first._replace(x=area.x, w=area.w // 2), f"- {_span_text(self._span, self._view.language)}", 11, palette.MUTED
        )
        sheet.text(
            second._replace(x=area.centre[0], w=area.right - area.centre[0]),
            self._view.say(Caption.NOW),
            11,
            palette.MUTED,
            Align.RIGHT,
        )

    def _legend_of(self, rect: Rect, words: str, colour: Colour, align: Align, height: int, width: int) -> None:
        u = self._sheet.u
        length = text_width(words, u(11))
        mark, text = (
            (rect.cut_left(width)[0], rect.cut_left(width, u(5))[1])
            if align is Align.LEFT
            else (Rect(rect.right - length - u(5) - width, rect.y, width, rect.h), rect.cut_left(width + u(5))[1])
        )
        self._sheet.add(Box(mark.centred(width, height), colour, 1))
        self._sheet.text(text, words, 11, palette.MUTED, align)

    def _row(self, rect: Rect, y: int) -> Rect:
        height = self._sheet.u(14)
        return Rect(rect.x, y - height // 2, rect.w, height)

    def _x(self, at: Seconds) -> float:
        return max(0.0, min(1.0, 1 - (self._until - at) / self._span))

    def _steps(self) -> list[Point]:
        points: list[Point] = []
        for corner in self._corners:
            if points:
                points.append((self._x(corner.at), points[-1][1]))
            points.append((self._x(corner.at), 1 - corner.watts / self._power.top))
        return points

    def _line(self) -> list[Point]:
        points: list[Point] = []
        whole = self._credit.top * KWH
        for before, corner in zip((None, *self._corners), self._corners, strict=False):
            if before is not None and corner.balance > before.balance:
                points.append((self._x(corner.at), points[-1][1]))
            points.append((self._x(corner.at), 1 - max(0, corner.balance) / whole))
        return points


def _within(history: History, since: Seconds, reading: Reading) -> tuple[Corner, ...]:
    """The corners of the plot's time, the first one moved to its beginning."""
    corners = history.corners
    inside = [corner for corner in corners if corner.at > since]
    before = next((corner for corner in reversed(corners) if corner.at <= since), None)
    if before is not None:
        inside.insert(0, Corner(since, before.watts, max(0, before.balance - before.watts * (since - before.at))))
    now = Corner(reading.clock, reading.flowing, reading.balance)
    return (*inside, now) if not inside or inside[-1] != now else tuple(inside)


def _short(number: int) -> str:
    """A number at an axis, in thousands where it is long."""
    return str(number) if number < 10_000 else f"{number // 1000}k"


def _span_text(span: Seconds, language: Language) -> str:
    day, hour, minute = ("d", "h", "min") if language is Language.ENGLISH else ("hari", "jam", "menit")
    if span >= DAY:
        return f"{span // DAY} {day}"
    return f"{span // HOUR} {hour}" if span >= HOUR else f"{span // MINUTE} {minute}"


def _lighter(colour: Colour) -> Colour:
    red, green, blue = (round(part + (255 - part) * 0.72) for part in colour)
    return red, green, blue
