"""The panel: a keypad with 0-9, Backspace and Enter, and the LCD's line of keyed digits and sequence of answers.

The digits are grouped by four and scroll in from the right, with a counter; 20 s without a key clear them. A 21st digit
is refused with a beep. Answers follow each other, each for its time, then the running credit is back. None of it
survives a power cut.

>>> panel = Panel()
>>> for key in parse_keys("12345<B>6"):
...     panel = panel.press(key, now=0, line_timeout=20)
>>> panel.line
'12346'
"""

import re
from enum import StrEnum
from typing import NamedTuple

from meter_emu.meter.clock import Seconds
from meter_emu.sts.errors import FormatError
from meter_emu.sts.tokens.codec import TOKEN_DIGITS

BEEP: Seconds = 1
LONGEST_SHORT_CODE = 6
_KEY_OR_SPACE = re.compile(r"[0-9]|<[BbEe]>|\s+")


class Key(StrEnum):
    """The twelve keys."""

    DIGIT_0 = "0"
    DIGIT_1 = "1"
    DIGIT_2 = "2"
    DIGIT_3 = "3"
    DIGIT_4 = "4"
    DIGIT_5 = "5"
    DIGIT_6 = "6"
    DIGIT_7 = "7"
    DIGIT_8 = "8"
    DIGIT_9 = "9"
    BACKSPACE = "<B>"
    ENTER = "<E>"


Page = tuple[str, Seconds]
"""A text (its lines parted by a line end) and the second until which it is shown."""


class Panel(NamedTuple):
    """What was keyed and what is being answered."""

    line: str = ""
    touched: Seconds = 0
    pages: tuple[Page, ...] = ()
    beep_until: Seconds = 0

    def press(self, key: Key, now: Seconds, line_timeout: Seconds) -> "Panel":
        """A digit or Backspace at ``now``. A key ends a sequence of answers."""
        line = self.line_at(now, line_timeout)
        if key is Key.BACKSPACE:
            return Panel(line[:-1], now)
        if len(line) >= TOKEN_DIGITS:
            return Panel(line, now, beep_until=now + BEEP)
        return Panel(line + key.value, now)

    def line_at(self, now: Seconds, line_timeout: Seconds) -> str:
        """The digits that stand at ``now``: none once the time-out has passed since the last key."""
        return self.line if now - self.touched < line_timeout else ""

    def page_at(self, now: Seconds) -> str | None:
        """The answer shown at ``now``; None when the sequence is over."""
        return next((text for text, until in self.pages if now < until), None)


def answering(texts: tuple[tuple[str, Seconds], ...], now: Seconds, *, beeps: bool = False) -> Panel:
    """A panel that shows each text for its time, one after the other from ``now``."""
    pages, until = [], now
    for text, duration in texts:
        until += duration
        pages.append((text, until))
    return Panel(touched=now, pages=tuple(pages), beep_until=now + BEEP if beeps else 0)


def parse_keys(text: str) -> tuple[Key, ...]:
    """The keys written in ``text``: digits, ``<B>`` for Backspace, ``<E>`` for Enter; spaces are for the reader.

    FormatError names the first character that is no key.
    """
    keys, position = [], 0
    while position < len(text):
        match = _KEY_OR_SPACE.match(text, position)
        if match is None:
            message = f"keys: {text[position]!r} at character {position + 1} is no key (0-9, <B>, <E>)"
            raise FormatError(message, field="keys", position=position)
        if not match[0].isspace():
            keys.append(Key(match[0].upper()))
        position = match.end()
    return tuple(keys)
