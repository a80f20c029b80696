"""The shop: products to press, and the slip with the 20 digits. Digits that stand in the meter's line are marked on it."""

from functools import lru_cache

from meter_gui import palette
from meter_gui.actions import Buy, SidePanel, TypeToken
from meter_gui.captions import Caption
from meter_gui.geometry import Rect
from meter_gui.layout import Area
from meter_gui.panels.card import card
from meter_gui.reading import Reading
from meter_gui.scene import Align, Box, Part, Text
from meter_gui.sheet import Sheet
from meter_gui.shop import Slip, digits_right, rupiah_text
from meter_gui.typeface import text_width, wrapped
from meter_gui.view import View

ACROSS = 5
GROUP = 4
LINE_HEIGHT = 15


def shop(area: Area, scale: float, view: View, reading: Reading) -> Part:
    """The panel."""
    line = reading.line if view.counter.slip else ""
    return _shop(area, scale, View(language=view.language, counter=view.counter), line, is_powered=reading.is_powered)


@lru_cache(maxsize=4)
def _shop(area: Area, scale: float, view: View, line: str, *, is_powered: bool) -> Part:
    sheet, rest = card(SidePanel.SHOP, area, scale, view)
    if not area.is_open:
        return sheet.part()
    u, counter = sheet.u, view.counter
    hint, rest = rest.cut_top(u(16), u(6))
    sheet.text(hint, view.say(Caption.SHOP_HINT if counter.offers else Caption.NO_SHOP), 12, palette.MUTED)
    if counter.offers:
        _, rest = _offers(sheet, rest, view)
    if counter.slip:
        _slip(sheet, rest, view, counter.slip, line, can_type=is_powered)
    elif counter.pending is not None:
        words = view.say(Caption.BUYING, what=counter.pending) if counter.pending else view.say(Caption.ASKING)
        _message(sheet, rest, words, is_bad=False)
    elif counter.refusal:
        _message(sheet, rest, counter.refusal, is_bad=True)
    return sheet.part()


def _offers(sheet: Sheet, rect: Rect, view: View) -> tuple[Rect, Rect]:
    u, offers = sheet.u, view.counter.offers
    rows = -(-len(offers) // ACROSS)
    grid, rest = rect.cut_top(rows * u(34) + (rows - 1) * u(5), u(8))
    places = [place for row in grid.rows(rows, u(5)) for place in row.columns(ACROSS, u(5))]
    for place, offer in zip(places, offers, strict=False):
        is_pending = offer.code == view.counter.pending
        sheet.button(place, Buy(offer.code), is_on=is_pending, is_enabled=view.counter.pending is None)
        upper, lower = place.inset(u(3), u(2)).rows(2)
        sheet.text(upper, offer.code, 13, palette.INK, Align.CENTRE, is_bold=True)
        sheet.text(lower, f"Rp {rupiah_text(offer.price)}", 11, palette.MUTED, Align.CENTRE)
    return grid, rest


def _message(sheet: Sheet, rect: Rect, words: str, *, is_bad: bool) -> None:
    u = sheet.u
    inner = rect.inset(u(12), u(8))
    size = u(12)
    lines = wrapped(words, size, inner.w)[: max(1, inner.h // u(LINE_HEIGHT))]
    height = len(lines) * u(LINE_HEIGHT)
    sheet.add(
        Box(
            rect._replace(h=min(rect.h, height + 2 * u(8))),
            palette.RED_GROUND if is_bad else palette.BLUE_GROUND,
            u(8),
        )
    )
    for number, line in enumerate(lines):
        place = Rect(inner.x, inner.y + number * u(LINE_HEIGHT), inner.w, u(LINE_HEIGHT))
        sheet.text(place, line, 12, palette.RED if is_bad else palette.BLUE)


def _slip(sheet: Sheet, rect: Rect, view: View, slip: Slip, line: str, *, can_type: bool) -> None:
    """Paper with the receipt's lines in two columns, as many as there is room for, and the digits large below."""
    u = sheet.u
    rows_needed = -(-len(slip.lines) // 2)
    fixed = u(10) + u(18) + u(6) + u(16) + u(30) + u(10)
    height = min(rect.h, fixed + rows_needed * u(LINE_HEIGHT))
    rect = rect._replace(h=height)
    sheet.add(Box(rect, palette.SLIP, u(4), palette.SLIP_BELOW, palette.SLIP_EDGE))
    inner = rect.inset(u(12), u(10))
    title, rest = inner.cut_top(u(18))
    sheet.text(title, slip.title, 11, palette.MUTED, Align.CENTRE, is_bold=True)
    digits, rest = rest.cut_bottom(u(30))
    hint, rest = rest.cut_bottom(u(16), u(4))
    _lines(sheet, rest, slip)
    button, words = hint.cut_right(text_width(view.say(Caption.TYPE_FOR_ME), u(11), is_bold=True) + u(16), u(6))
    sheet.text(words, view.say(Caption.TYPE_THIS), 11, palette.MUTED)
    if can_type:
        place = button.inset(0, -u(1))
        sheet.add(Box(place, palette.BLUE_GROUND, place.h // 2))
        sheet.text(place.inset(u(6), 0), view.say(Caption.TYPE_FOR_ME), 11, palette.BLUE, Align.CENTRE, is_bold=True)
        sheet.target(place, TypeToken())
    _digits(sheet, digits, slip.token, line)


def _lines(sheet: Sheet, rect: Rect, slip: Slip) -> None:
    u = sheet.u
    rows = max(0, rect.h // u(LINE_HEIGHT))
    shown, gap = slip.lines[: 2 * rows], u(16)
    size = next((size for size in (u(11), u(10)) if sum(_widths(shown, size, u(6))) + gap <= rect.w), u(11))
    first, second = _widths(shown, size, u(6))
    columns: tuple[Rect, ...] = rect.cut_left(first + (rect.w - first - second - gap) // 2, gap)
    if first + gap + second > rect.w:
        shown, columns = slip.lines[:rows], (rect,)
    for number, (label, value) in enumerate(shown):
        column = columns[number % len(columns)]
        place = Rect(column.x, rect.y + number // len(columns) * u(LINE_HEIGHT), column.w, u(LINE_HEIGHT))
        right, left = place.cut_right(text_width(value, size, is_bold=True), u(6))
        sheet.add(Text(left, label, size, palette.MUTED), Text(right, value, size, palette.INK, Align.RIGHT, True))


def _widths(lines: tuple[tuple[str, str], ...], size: int, gap: int) -> tuple[int, int]:
    """What the left and the right column need for their longest lines."""
    widths = [text_width(label, size) + gap + text_width(value, size, is_bold=True) for label, value in lines]
    return max(widths[::2], default=0), max(widths[1::2], default=0)


def _digits(sheet: Sheet, rect: Rect, token: str, line: str) -> None:
    """The digits in groups; those typed right are green, one typed wrong is red, the next is framed."""
    u = sheet.u
    gap = u(8)
    groups = -(-len(token) // GROUP)
    cells = [cell for group in rect.columns(groups, gap) for cell in group.columns(GROUP)]
    right_ones = digits_right(line, token)
    is_wrong = len(line) > right_ones
    for number, (digit, place) in enumerate(zip(token, cells, strict=False)):
        cell = place.cut_bottom(rect.h - u(3))[0]
        ground = cell.inset(max(1, u(0.5)), 0)
        if number < right_ones:
            sheet.add(Box(ground, palette.GREEN_GROUND, u(3)))
        elif number == right_ones and line:
            edge = palette.RED if is_wrong else palette.AMBER
            sheet.add(Box(ground, palette.RED_GROUND if is_wrong else palette.AMBER_GROUND, u(3), edge=edge))
        colour = palette.GREEN if number < right_ones else palette.INK
        sheet.add(Text(cell, digit, min(u(20), cell.w * 5 // 3), colour, Align.CENTRE, True))
