"""The slip that the shop gives: lines of a receipt, and 20 digits of which those that stand in the meter's line are marked."""

from typing import NamedTuple

from meter_gui import palette
from meter_gui.actions import TypeToken
from meter_gui.captions import Caption, Language
from meter_gui.geometry import Point, Rect
from meter_gui.scene import Align, Box, Text
from meter_gui.sheet import Sheet
from meter_gui.shop import Slip, digits_right
from meter_gui.typeface import text_width

GROUP = 4
CHECK: tuple[Point, ...] = ((0.08, 0.52), (0.2, 0.4), (0.4, 0.6), (0.82, 0.14), (0.94, 0.26), (0.4, 0.84))
LINE_HEIGHT = 15
LINE_SIZES = 11, 10
BETWEEN_LINES, WITHIN_A_LINE = 16, 6
"""Units between two lines that share a row, and between a label and its value."""
Line = tuple[str, str]


class _Table(NamedTuple):
    """Lines in rows of one or two. ``parted_at`` is how wide the left one of two is; None if every row has its own place."""

    size: int
    rows: tuple[tuple[Line, ...], ...]
    parted_at: int | None


def slip_paper(
    sheet: Sheet, rect: Rect, language: Language, slip: Slip, line: str, *, can_type: bool, is_in_meter: bool
) -> None:
    """Paper with as many of the receipt's lines as there is room for, and the digits large below. ``line`` is what stands in
    the meter's; ``can_type``: whether the meter can be typed at; ``is_in_meter``: it has got the token."""
    u = sheet.u
    table = _tabulated(slip.lines, rect.w - 2 * u(12), sheet)
    fixed = u(10) + u(18) + u(6) + u(16) + u(30) + u(10)
    rect = rect._replace(h=min(rect.h, fixed + len(table.rows) * u(LINE_HEIGHT)))
    sheet.add(Box(rect, palette.SLIP, u(4), palette.SLIP_BELOW, palette.SLIP_EDGE))
    inner = rect.inset(u(12), u(10))
    title, rest = inner.cut_top(u(18))
    sheet.text(title, slip.title, 11, palette.MUTED, Align.CENTRE, is_bold=True)
    digits, rest = rest.cut_bottom(u(30))
    hint, rest = rest.cut_bottom(u(16), u(4))
    _lines(sheet, rest, table)
    if is_in_meter:
        mark, words = hint.cut_left(u(14), u(5))
        sheet.shape(mark.centred(u(14), u(14)), palette.GREEN, CHECK)
        sheet.text(words, Caption.IN_THE_METER.in_language(language), 12, palette.GREEN, is_bold=True)
        _digits(sheet, digits, slip.token, slip.token)
        return
    type_for_me = Caption.TYPE_FOR_ME.in_language(language)
    button, words = hint.cut_right(text_width(type_for_me, u(11), is_bold=True) + u(16), u(6))
    sheet.text(words, Caption.TYPE_THIS.in_language(language), 11, palette.MUTED)
    if can_type:
        place = button.inset(0, -u(1))
        sheet.add(Box(place, palette.BLUE_GROUND, place.h // 2))
        sheet.text(place.inset(u(6), 0), type_for_me, 11, palette.BLUE, Align.CENTRE, is_bold=True)
        sheet.target(place, TypeToken())
    _digits(sheet, digits, slip.token, line)


def _tabulated(lines: tuple[Line, ...], width: int, sheet: Sheet) -> _Table:
    """The table at the largest size at which all rows can be parted at one place, if there is such a size."""
    gap = sheet.u(BETWEEN_LINES)
    tables = []
    for size in map(sheet.u, LINE_SIZES):
        rows = _rows(lines, width, size, sheet)
        pairs = [row for row in rows if len(row) > 1]
        left, right = (max((_width(row[side], size, sheet) for row in pairs), default=0) for side in (0, 1))
        if left + gap + right <= width:
            return _Table(size, rows, left + (width - left - gap - right) // 2)
        tables.append(_Table(size, rows, None))
    return tables[0]


def _rows(lines: tuple[Line, ...], width: int, size: int, sheet: Sheet) -> tuple[tuple[Line, ...], ...]:
    """Beside each line the next one, if any, for which there is room."""
    rows: list[tuple[Line, ...]] = []
    waiting = list(lines)
    while waiting:
        line = waiting.pop(0)
        free = width - _width(line, size, sheet) - sheet.u(BETWEEN_LINES)
        partner = next((other for other in waiting if _width(other, size, sheet) <= free), None)
        if partner is not None:
            waiting.remove(partner)
        rows.append((line,) if partner is None else (line, partner))
    return tuple(rows)


def _width(line: Line, size: int, sheet: Sheet) -> int:
    """What a line needs."""
    label, value = line
    return text_width(label, size) + sheet.u(WITHIN_A_LINE) + text_width(value, size, is_bold=True)


def _lines(sheet: Sheet, rect: Rect, table: _Table) -> None:
    u = sheet.u
    for number, row in enumerate(table.rows[: rect.h // u(LINE_HEIGHT)]):
        places: tuple[Rect, ...] = (Rect(rect.x, rect.y + number * u(LINE_HEIGHT), rect.w, u(LINE_HEIGHT)),)
        if len(row) > 1:
            left, right = (_width(line, table.size, sheet) for line in row)
            spare = rect.w - left - u(BETWEEN_LINES) - right
            places = places[0].cut_left(table.parted_at or left + spare // 2, u(BETWEEN_LINES))
        for place, (label, value) in zip(places, row, strict=True):
            at_right, at_left = place.cut_right(text_width(value, table.size, is_bold=True), u(WITHIN_A_LINE))
            sheet.add(Text(at_left, label, table.size, palette.MUTED))
            sheet.add(Text(at_right, value, table.size, palette.INK, Align.RIGHT, True))


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
