"""The one typeface of the window, FreeSans Bold, which comes with pygame-ce: how wide its letters are.

With the widths in a table a layout knows whether a text fits before anything is drawn. The regular weight is the bold one
made thinner (letters.py) and set a little closer.

>>> text_width("kWh", 100, is_bold=True)
212
"""

BOLD_WIDTHS = (
    *(278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556, 556),
    *(556, 556, 333, 333, 584, 584, 584, 611, 975, 722, 722, 722, 722, 667, 611, 778, 722, 278, 556, 722, 611, 833, 722, 778),
    *(667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 333, 278, 333, 584, 556, 333, 556, 611, 556, 611, 556, 333, 611),
    *(611, 278, 278, 556, 278, 889, 611, 611, 611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584),
)
"""The letters from the space to the tilde, in thousandths of the size."""
OTHER_WIDTHS = {"×": 584, "·": 278, "–": 556, "°": 606}
UNKNOWN_WIDTH = 1000
EM = 1000
TRACKING = -12
"""What a letter of the regular weight is set closer."""
CAP_HEIGHT = 729
DESCENT = 217
LEGIBLE = 8
"""Pixels of the smallest text that can be read."""


def letter_width(letter: str, *, is_bold: bool) -> int:
    """How far a letter moves the pen, in thousandths of the size."""
    place = ord(letter) - ord(" ")
    width = BOLD_WIDTHS[place] if 0 <= place < len(BOLD_WIDTHS) else OTHER_WIDTHS.get(letter, UNKNOWN_WIDTH)
    return width if is_bold else width + TRACKING


def text_width(text: str, size: int, *, is_bold: bool = False, pitch: int = 0) -> int:
    """Pixels, rounded up. With a ``pitch`` every character is so wide."""
    if pitch:
        return pitch * len(text)
    return -(-sum(letter_width(letter, is_bold=is_bold) for letter in text) * size // EM)


def fitted(text: str, size: int, width: int, *, is_bold: bool = False) -> int:
    """The largest size up to ``size`` at which the text is no wider than ``width``."""
    while size > 1 and text_width(text, size, is_bold=is_bold) > width:
        size -= 1
    return size


def shortened(text: str, size: int, width: int, *, is_bold: bool = False) -> str:
    """The text, or as much of its beginning as fits, with two dots behind it."""
    if text_width(text, size, is_bold=is_bold) <= width:
        return text
    while text and text_width(f"{text}..", size, is_bold=is_bold) > width:
        text = text[:-1]
    return f"{text.rstrip()}.."


def wrapped(text: str, size: int, width: int, *, is_bold: bool = False) -> list[str]:
    """The words on as many lines as they need.

    >>> wrapped("too many wrong tokens", 10, 60)
    ['too many', 'wrong', 'tokens']
    """
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size, is_bold=is_bold) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
