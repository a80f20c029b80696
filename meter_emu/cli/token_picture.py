"""An explanation as lines to look at: what ``meter-emu sts explain`` prints, in colour or without, 100 columns wide.

A line is a list of spans, a span a text and its style; where styles cannot be shown the texts alone say everything, since
each field has its letter. ASCII only.

>>> from meter_emu.sts.explain import explain
>>> lines = [plain_text(line) for line in picture(explain("00000000000150997584", None), None)]
>>> print("\\n".join(lines[3:6]))
    65 63   59   55   51   47   43   39   35   31   27   23   19   15   11   7    3
    00 0000 0000 0000 0000 0000 0000 0000 0000 0000 1001 0000 0000 0000 1010 0101 0000
    ^^                                            ^ ^
"""

import textwrap
from collections.abc import Iterable, Iterator

from meter_emu.sts.explain import (
    BLOCK_BITS,
    CLASS_PLACES,
    DISPLACED_PLACES,
    HIDDEN,
    TRANSPOSITION_CLAUSE,
    ExplainedField,
    Explanation,
    class_name,
    to_hexadecimal,
)
from meter_emu.sts.numbers.digits import grouped
from meter_emu.sts.tokens.codec import TOKEN_BITS
from meter_emu.sts.tokens.layout import CRC

Span = tuple[str, str]
Line = list[Span]
Styles = dict[int, str]
"""The style of a bit, by its number."""

WIDTH = 100
INDENT = 4
CLAUSE_COLUMN = WIDTH - len("6.3.16")
HEADING, FAINT, MARK, GOOD, BAD = "bold", "dim", "bold", "bold green", "bold red"
CLASS_STYLE, DISPLACED_STYLE = "bold magenta", "bold yellow"
FIELD_STYLES = ("cyan", "yellow", "green", "magenta", "blue", "bright_red", "bright_cyan", "bright_green")
LETTERS = "abcdefgh"
CIPHER_CLAUSES = {"07": "6.5.4", "09": "6.5.5", "11": "6.5.6"}
COLUMNS = (("bits", 5), ("field", 9), ("hex", 9), ("value", 13))
MEANING_COLUMN = INDENT + 2 + sum(width + 2 for _, width in COLUMNS)


def picture(explanation: Explanation, key_line: str | None) -> Iterator[Line]:
    """The lines. ``key_line`` tells which key opened the block; None for a token that needs none."""
    yield from _title(explanation, key_line)
    yield from _digits(explanation)
    yield from _class_bits(explanation)
    yield from _block(explanation, key_line)
    yield from _fields(explanation)
    yield from _checksum(explanation)


def plain_text(line: Line) -> str:
    """A line without its styles."""
    return "".join(text for text, _ in line).rstrip()


def _title(explanation: Explanation, key_line: str | None) -> Iterator[Line]:
    layout = explanation.layout
    kind = layout.token_type.value if layout else str(explanation.refusal)
    digits = explanation.digits
    values = "".join(f"  {field.value} {field.unit}" for field in explanation.fields if field.unit)
    yield [(f"{grouped(digits)}   ", HEADING), (kind + values, GOOD if layout else BAD)]
    if key_line:
        yield [(key_line, FAINT)]


def _digits(explanation: Explanation) -> Iterator[Line]:
    number = to_hexadecimal(explanation.token_bits)
    yield from _heading(1, f"The 20 digits are one number of 66 bits, in hexadecimal {number}", "")
    styles = dict.fromkeys(CLASS_PLACES, CLASS_STYLE) | dict.fromkeys(DISPLACED_PLACES, DISPLACED_STYLE)
    yield _ruler(TOKEN_BITS)
    yield _grid(explanation.token_bits, styles)
    yield _marks(TOKEN_BITS, dict.fromkeys((*CLASS_PLACES, *DISPLACED_PLACES), "^"), styles)


def _class_bits(explanation: Explanation) -> Iterator[Line]:
    bits = explanation.class_bits
    yield from _heading(2, "The class comes out, and the block's own two bits move back", TRANSPOSITION_CLAUSE)
    name = class_name(bits.token_class)
    yield _text(("bits 28 and 27  ", ""), (bits.bits, CLASS_STYLE), (f"  the class: {bits.token_class.value}, {name}", ""))
    yield _text(
        ("bits 65 and 64  ", ""), (bits.displaced, DISPLACED_STYLE), ("  belong at 28 and 27, where the class stood", "")
    )


def _block(explanation: Explanation, key_line: str | None) -> Iterator[Line]:
    sealed, block = explanation.encrypted_block, explanation.block
    algorithm = explanation.algorithm
    styles = dict.fromkeys(CLASS_PLACES, DISPLACED_STYLE)
    if sealed is None or algorithm is None:
        yield from _heading(3, "The block of 64 bits; class 1 is never encrypted", "6.2.3")
    else:
        name = f"EA{algorithm.value} ({algorithm.name})"
        yield from _heading(3, f"The block of 64 bits is decrypted with {name}", CIPHER_CLAUSES[algorithm.value])
        yield _text(("encrypted  ", FAINT), (to_hexadecimal(sealed), ""))
        yield _grid(sealed, styles)
        yield _marks(BLOCK_BITS, dict.fromkeys(CLASS_PLACES, "^"), styles)
    yield _text(("plain      ", FAINT), (to_hexadecimal(block), ""))
    yield _ruler(BLOCK_BITS)
    places = {place: number for number, field in enumerate(explanation.fields) for place in range(field.low, field.high + 1)}
    colours = {place: FIELD_STYLES[number] for place, number in places.items()}
    yield _grid(block, colours)
    if places:
        yield _marks(BLOCK_BITS, {place: LETTERS[number] for place, number in places.items()}, colours)
    if HIDDEN in block:
        yield _text((f"{HIDDEN} a part of a new key and the CRC over it; --show-keys shows them", FAINT))


def _fields(explanation: Explanation) -> Iterator[Line]:
    if not explanation.fields:
        return
    layout = explanation.layout
    yield from _heading(4, "The fields", layout.clause if layout else "")
    titles = "".join(f"{title:<{width}}  " for title, width in COLUMNS)
    yield _with_clause([(f"{'':{INDENT + 2}}{titles}meaning", FAINT)], "clause", FAINT)
    for number, field in enumerate(explanation.fields):
        yield from _field(LETTERS[number], FIELD_STYLES[number], field)
    if layout and not layout.proven:
        yield _text(("? unproven: no published vector pins this layout; this is its plain reading", BAD))


def _field(letter: str, style: str, field: ExplainedField) -> Iterator[Line]:
    value = f"{field.value} {field.unit}".rstrip()
    name = field.name if field.is_proven else f"{field.name} ?"
    place = f"{field.high}-{field.low}" if field.high > field.low else str(field.high)
    cells = (place, name, field.hexadecimal, value)
    row = "".join(f"{cell:<{width}}  " for cell, (_, width) in zip(cells, COLUMNS, strict=True))
    meanings = [(line, "") for line in _wrapped(field.note)] + [(line, FAINT) for line in _wrapped(field.meaning)]
    first, *others = meanings
    yield _with_clause([(f"{'':{INDENT}}{letter} ", style), (row, style), first], field.clause, "")
    for text, text_style in others:
        yield [(" " * MEANING_COLUMN, ""), (text, text_style)]


def _checksum(explanation: Explanation) -> Iterator[Line]:
    crc = explanation.crc
    verdict, style = ("right", GOOD) if crc.matches else ("WRONG", BAD)
    yield from _heading(5 if explanation.fields else 4, "The CRC over the class and the 48 bits in front of it", CRC.clause)
    octets = " ".join(crc.covered[start : start + 2] for start in range(0, len(crc.covered), 2))
    yield _text(("covers     ", FAINT), (octets, ""), ("  6 zero bits, class, bits 63 to 16", FAINT))
    yield _text(
        ("computed   ", FAINT),
        (crc.computed, ""),
        (f"  the register {crc.computed[2:]}{crc.computed[:2]} with its bytes swapped", FAINT),
    )
    yield _text(("shown      ", FAINT), (crc.shown, ""), ("  ", ""), (verdict, style))


def _heading(number: int, text: str, clause: str) -> Iterator[Line]:
    yield []
    yield _with_clause([(f"{number}   {text}", HEADING)], clause, FAINT)


def _text(*spans: Span) -> Line:
    return [(" " * INDENT, ""), *spans]


def _with_clause(spans: Line, clause: str, style: str) -> Line:
    used = sum(len(text) for text, _ in spans)
    return [*spans, (" " * max(1, CLAUSE_COLUMN - used), ""), (clause, style)] if clause else spans


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, CLAUSE_COLUMN - MEANING_COLUMN - 1)


def _grid(bits: str, styles: Styles) -> Line:
    """Bits in groups of four, each in its style. Bit 63 stands in the same column in every grid."""
    return _columns(len(bits), [(bit, styles.get(len(bits) - 1 - index, "")) for index, bit in enumerate(bits)])


def _marks(width: int, marks: dict[int, str], styles: Styles) -> Line:
    """A mark below every bit that has one."""
    return _columns(width, [(marks.get(bit, " "), styles.get(bit, "")) for bit in range(width - 1, -1, -1)])


def _ruler(width: int) -> Line:
    """The number of the first bit of every group."""
    lead = [" " * INDENT, "65 " if width > BLOCK_BITS else "   "]
    return [("".join([*lead, *(f"{bit:<5}" for bit in range(BLOCK_BITS - 1, 0, -4))]), FAINT)]


def _columns(width: int, cells: Iterable[Span]) -> Line:
    line: Line = [(" " * INDENT if width > BLOCK_BITS else " " * (INDENT + 3), "")]
    for bit, cell in zip(range(width - 1, -1, -1), cells, strict=True):
        line.append(cell)
        if bit % 4 == 0 and bit:
            line.append((" ", ""))
    return line
