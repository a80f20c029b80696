"""Error messages: what a meter answers where it cannot do as it is told (IEC 62056-21, 6.6, item 19).

On the wire an error message is a data set without an address, ``(ERR03)``: at most 32 characters, and such that nobody takes
them for data. The standard leaves the texts to the maker; these are this meter's.

>>> ErrorText.READ_ONLY.value, ErrorText.READ_ONLY.meaning
('ERR04', 'the register can only be read')
>>> ErrorText("ERR07").name
'BUSY'
"""

from enum import StrEnum

LONGEST_ERROR_TEXT = 32
"""Characters, by the standard."""


class ErrorText(StrEnum):
    """The texts, each with its meaning."""

    meaning: str

    def __new__(cls, text: str, meaning: str) -> "ErrorText":
        """A member from a row of the table below."""
        member = str.__new__(cls, text)
        member._value_ = text
        member.meaning = meaning
        return member

    UNSUPPORTED_COMMAND = "ERR01", "the meter has no such command"
    UNKNOWN_REGISTER = "ERR02", "the meter has no such register"
    NO_ACCESS = "ERR03", "a password of a higher level is needed"
    READ_ONLY = "ERR04", "the register can only be read"
    MALFORMED_VALUE = "ERR05", "the value is not of the register's form"
    OUT_OF_RANGE = "ERR06", "the value is of the right form, but not one the register takes"
    BUSY = "ERR07", "the meter cannot do it now: locked out or busy; try again later"
    WRONG_PASSWORD = "ERR08", "the password is wrong"
    WRITE_ONLY = "ERR09", "the register can only be written"
    NO_ENTRIES = "ERR10", "the range holds no entries"
    FAILED = "ERR11", "the meter could not do it; nothing was changed"
