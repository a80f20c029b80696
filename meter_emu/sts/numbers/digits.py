"""Decimal digits, and only the ten of ASCII: ``str.isdigit`` also takes Arabic-Indic ones, which no keypad has.

>>> decimal_digits("004", 3, "SGC", "sgc")
'004'
>>> decimal_digits("٠٠٤", 3, "SGC", "sgc")
Traceback (most recent call last):
    ...
meter_emu.sts.errors.FormatError: SGC: character 1 is not a digit 0-9
"""

from meter_emu.sts.errors import FormatError

GROUP = 4


def grouped(digits: str, between: str = " ") -> str:
    """Digits in groups of four from the left, as a token is printed.

    >>> grouped("62203132897824904817"), grouped("12346", "-")
    ('6220 3132 8978 2490 4817', '1234-6')
    """
    return between.join(digits[start : start + GROUP] for start in range(0, len(digits), GROUP))


def decimal_digits(text: str, length: int | tuple[int, ...] | None, name: str, field: str) -> str:
    """``text`` itself when it is ``length`` ASCII digits (None: any number), else FormatError with ``name`` and ``field``."""
    if not (text.isascii() and text.isdigit()):
        for position, character in enumerate(text):
            if character not in "0123456789":
                message = f"{name}: character {position + 1} is not a digit 0-9"
                raise FormatError(message, field=field, position=position)
    if length is None:
        return text
    lengths = (length,) if isinstance(length, int) else length
    if len(text) not in lengths:
        wanted = " or ".join(str(number) for number in lengths)
        raise FormatError(f"{name} must be {wanted} digits, not {len(text)}", field=field)
    return text
