"""Durations in words, in their two largest units.

>>> duration_text(90_000, Language.ENGLISH), duration_text(5400, Language.INDONESIAN)
('1 d 1 h', '1 jam 30 mnt')
"""

from meter_emu.meter.clock import DAY, HOUR, MINUTE, Seconds
from meter_gui.captions import Language


def duration_text(seconds: Seconds, language: Language) -> str:
    """The duration, rounded down to minutes; from 100 days on, to days."""
    day, hour, minute = ("d", "h", "min") if language is Language.ENGLISH else ("hr", "jam", "mnt")
    days, hours, minutes = seconds // DAY, seconds % DAY // HOUR, seconds % HOUR // MINUTE
    if days:
        return f"{days} {day} {hours} {hour}" if days < 100 else f"{days} {day}"
    return f"{hours} {hour} {minutes} {minute}" if hours else f"{minutes} {minute}"
