"""Inside the token: its 66 bits, the class, the block sealed and open, every field with a letter and a colour, the checksum."""

from collections.abc import Iterator
from functools import lru_cache

from meter_emu.meter.panel import LONGEST_SHORT_CODE
from meter_emu.sts.numbers.digits import grouped
from meter_emu.sts.tokens.codec import TOKEN_DIGITS
from meter_gui import palette
from meter_gui.actions import SidePanel
from meter_gui.captions import Caption
from meter_gui.geometry import Rect
from meter_gui.layout import Area
from meter_gui.panels.card import card
from meter_gui.scene import Align, Box, Colour, Part, Text
from meter_gui.sheet import Sheet
from meter_gui.token_story import StoryField, TokenStory
from meter_gui.typeface import shortened, text_width, wrapped
from meter_gui.view import View

LETTERS = "abcdefgh"
BITS_IN_A_ROW = 32
HIDDEN = "*"


def inside(area: Area, scale: float, view: View) -> Part:
    """The panel."""
    return _inside(area, scale, View(language=view.language, story=view.story))


@lru_cache(maxsize=4)
def _inside(area: Area, scale: float, view: View) -> Part:
    sheet, rest = card(SidePanel.INSIDE, area, scale, view)
    if not area.is_open:
        return sheet.part()
    u, story = sheet.u, view.story
    if story is None:
        words, rest = rest.cut_top(u(20) * len(wrapped(view.say(Caption.NO_TOKEN), u(13), rest.w)), u(12))
        for number, line in enumerate(wrapped(view.say(Caption.NO_TOKEN), u(13), rest.w)):
            sheet.text(Rect(words.x, words.y + number * u(20), words.w, u(20)), line, 13, palette.MUTED)
        for row in rest.cut_top(2 * u(30))[0].rows(2):
            for group in row.cut_top(u(16))[0].columns(BITS_IN_A_ROW // 4, u(5)):
                sheet.add(*(Box(cell._replace(w=cell.w - 1), palette.FIELD, u(2)) for cell in group.columns(4)))
        return sheet.part()
    _title(sheet, rest.cut_top(u(20))[0], story)
    rest = rest.cut_top(u(20), u(3))[1]
    if not story.number:
        is_whole = len(story.digits) == TOKEN_DIGITS
        short = view.say(Caption.TOO_FEW_DIGITS, digits=len(story.digits), longest=LONGEST_SHORT_CODE)
        sheet.text(rest.cut_top(u(20))[0], view.say(Caption.NO_FORM) if is_whole else short, 13, palette.RED)
        _said(sheet, rest.cut_top(u(24))[1].cut_top(u(20))[0], view, story)
        return sheet.part()
    rows = len(list(_facts(story, view))) + len(story.fields) + 2
    height = max(u(14), min(u(20), (rest.h - 2 * u(30)) // rows))
    gap = min(u(10), max(0, rest.h - 2 * u(30) - rows * height) // 3)
    for title, value in _facts(story, view):
        row, rest = rest.cut_top(height)
        _line(sheet, row, title, value, palette.INK)
    bits, rest = rest._replace(y=rest.y + gap).cut_top(2 * u(30), gap)
    _bits(sheet, bits, story)
    for number, field in enumerate(story.fields):
        row, rest = rest.cut_top(height)
        _field(sheet, row, number, field)
    checksum, rest = rest._replace(y=rest.y + gap // 2).cut_top(height)
    _checksum(sheet, checksum, view, story)
    _said(sheet, rest.cut_top(height)[0], view, story)
    return sheet.part()


def _said(sheet: Sheet, rect: Rect, view: View, story: TokenStory) -> None:
    colour = palette.GREEN if story.is_accepted else palette.RED
    _line(sheet, rect, view.say(Caption.METER_SAID), story.verdict, colour)


def _title(sheet: Sheet, rect: Rect, story: TokenStory) -> None:
    u = sheet.u
    digits = grouped(story.digits)
    width = min(rect.w, text_width(digits, u(15), is_bold=True) + 1)
    left, right = rect.cut_left(width, u(8))
    sheet.text(left, digits, 15, is_bold=True)
    if right.w > u(30):
        sheet.text(right, shortened(story.kind, u(12), right.w), 12, palette.PURPLE, Align.RIGHT)


def _facts(story: TokenStory, view: View) -> Iterator[tuple[str, str]]:
    """What is said of the token as a whole, in the order in which a meter finds it out."""
    yield view.say(Caption.NUMBER_OF_66_BITS), story.number
    yield view.say(Caption.TOKEN_CLASS), story.class_text
    if story.encrypted:
        yield f"{view.say(Caption.ENCRYPTED)}, {story.cipher}", story.encrypted
        yield view.say(Caption.PLAIN), story.plain
    else:
        yield view.say(Caption.PLAIN), view.say(Caption.NOT_ENCRYPTED)


def _line(sheet: Sheet, rect: Rect, title: str, value: str, colour: Colour) -> None:
    u = sheet.u
    width = min(rect.w * 2 // 3, text_width(value, u(12), is_bold=True) + 1)
    right, left = rect.cut_right(width, u(8))
    sheet.text(left, title, 12, palette.MUTED)
    sheet.text(right, value, 12, colour, Align.RIGHT, is_bold=True)


def _bits(sheet: Sheet, rect: Rect, story: TokenStory) -> None:
    """64 bits in two rows; what belongs together has one ground, and the letter of its field below."""
    bits = story.plain_bits
    field_of = {bit: number for number, field in enumerate(story.fields) for bit in range(field.low, field.high + 1)}
    u = sheet.u
    for number, row in enumerate(rect.rows(2)):
        first = len(bits) - 1 - number * BITS_IN_A_ROW
        upper, lower = row.cut_top(u(16))
        cells = [cell for group in upper.columns(BITS_IN_A_ROW // 4, u(5)) for cell in group.columns(4)]
        starts: dict[int | None, tuple[int, int]] = {}
        for place, cell in enumerate(cells):
            bit = first - place
            field = field_of.get(bit)
            ink, ground = palette.FIELD_COLOURS[field] if field is not None else (palette.MUTED, palette.FIELD)
            is_joined = place % 4 != 3 and field_of.get(bit - 1) == field
            sheet.add(Box(cell if is_joined else cell._replace(w=cell.w - 1), ground))
            sheet.add(Text(cell, bits[len(bits) - 1 - bit], min(u(12), cell.w * 3 // 2), ink, Align.CENTRE))
            starts[field] = (starts.get(field, (cell.x, 0))[0], cell.right)
        for field, (left, right) in starts.items():
            if field is not None:
                _letter_below(sheet, Rect(left, lower.y, right - left, u(12)), field)


def _letter_below(sheet: Sheet, rect: Rect, field: int) -> None:
    ink, _ = palette.FIELD_COLOURS[field]
    width = max(sheet.u(12), text_width(LETTERS[field], sheet.u(11)) + sheet.u(4))
    line = rect._replace(y=rect.centre[1], h=max(1, sheet.u(1)))
    sheet.add(Box(line, palette.FAINT))
    middle = rect.centred(min(rect.w, width), rect.h)
    sheet.add(Box(middle, palette.PAPER))
    sheet.text(middle, LETTERS[field], 11, ink, Align.CENTRE, is_bold=True)


def _field(sheet: Sheet, rect: Rect, number: int, field: StoryField) -> None:
    u = sheet.u
    ink, ground = palette.FIELD_COLOURS[number]
    chip, rest = rect.cut_left(u(15), u(6))
    name, rest = rest.cut_left(u(60), u(6))
    value, note = rest.cut_left(max(u(66), min(rest.w // 2, text_width(field.value, u(12), is_bold=True) + 1)), u(8))
    chip = chip.centred(u(15), min(u(15), rect.h - 1))
    sheet.add(Box(chip, ground, u(4)))
    sheet.text(chip, LETTERS[number], 11, ink, Align.CENTRE, is_bold=True)
    sheet.text(name, field.name, 12, palette.MUTED)
    sheet.text(value, field.value, 12, palette.INK, is_bold=True)
    if note.w > u(40) and field.note:
        sheet.text(note, shortened(field.note, u(11), note.w), 11, palette.MUTED)


def _checksum(sheet: Sheet, rect: Rect, view: View, story: TokenStory) -> None:
    words = view.say(Caption.RIGHT if story.is_right else Caption.WRONG)
    if HIDDEN in story.computed_checksum:
        _line(sheet, rect, view.say(Caption.CHECKSUM), view.say(Caption.HIDDEN), palette.MUTED)
        return
    colour = palette.GREEN if story.is_right else palette.RED
    _line(sheet, rect, f"{view.say(Caption.CHECKSUM)} {story.computed_checksum}", words, colour)
