"""A token as it is typed behind a command: one word or several, with spaces and dashes, or ``-`` for standard input."""

import sys

from meter_emu.sts.errors import FormatError

LONGEST_INPUT = 1000


def token_digits(words: tuple[str, ...]) -> str:
    """What is left without spaces and dashes. FormatError for nothing, far too much, or several tokens at once."""
    from meter_emu.sts.tokens.codec import TOKEN_DIGITS

    text = " ".join(words)
    if words == ("-",):
        text = sys.stdin.buffer.read(LONGEST_INPUT + 1).decode("utf-8", "replace") if sys.stdin else ""
    if len(text) > LONGEST_INPUT:
        raise FormatError("the token is far too long: it is 20 digits", field="token")
    parts = [part.replace("-", "") for part in text.split()]
    if not any(parts):
        where = "on standard input" if words == ("-",) else "given"
        raise FormatError(f"no token {where}: it is 20 digits", field="token")
    if len(parts) > 1 and all(len(part) == TOKEN_DIGITS for part in parts):
        raise FormatError(f"these are {len(parts)} tokens: give one at a time", field="token")
    return "".join(parts)
