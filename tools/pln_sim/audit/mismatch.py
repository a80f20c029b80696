"""Mismatch, what an audit finds, and Example, one case of it.

An example names line, meter and PLN reference and shows what does not agree, but never the token: whoever looks into the
case finds it in the file, and a report that is handed on gives no electricity away.
"""

from enum import StrEnum
from typing import NamedTuple


class Mismatch(StrEnum):
    """Kinds of mismatch; the value is the kind's name in JSON. A row can have several."""

    INCOMPLETE_FILE = "incomplete_file"
    MALFORMED_ROW = "malformed_row"
    NOT_A_TOKEN = "not_a_token"
    KEYS_NOT_AT_HAND = "keys_not_at_hand"
    UNKNOWN_METER = "unknown_meter"
    WRONG_KEY = "wrong_key"
    NOT_ELECTRICITY_CREDIT = "not_electricity_credit"
    ENERGY = "energy"
    TIME = "time"
    KEY_EXPIRED = "key_expired"
    REPEATED_TOKEN = "repeated_token"
    REPEATED_TID = "repeated_tid"

    @property
    def words(self) -> str:
        """The kind in words."""
        return _WORDS[self]


_WORDS = {
    Mismatch.INCOMPLETE_FILE: "header or checksum row missing, or another number of rows",
    Mismatch.MALFORMED_ROW: "line that is no row",
    Mismatch.NOT_A_TOKEN: "20 digits that are no token of any meter",
    Mismatch.KEYS_NOT_AT_HAND: "no key at hand for this meter",
    Mismatch.UNKNOWN_METER: "meter that the key file does not name, and no test key opens the token",
    Mismatch.WRONG_KEY: "token of another meter or key: this meter's key does not open it",
    Mismatch.NOT_ELECTRICITY_CREDIT: "token that is no electricity credit",
    Mismatch.ENERGY: "kWh on the token differ from the row",
    Mismatch.TIME: "time of the token differs from the row",
    Mismatch.KEY_EXPIRED: "token beyond the expiry of the meter's key",
    Mismatch.REPEATED_TOKEN: "token that an earlier row sold already",
    Mismatch.REPEATED_TID: "other token with a TID that an earlier row of this meter has: the meter takes one of them",
}


class Example(NamedTuple):
    """One case. ``line`` counts from 1, the header included; ``reference`` is the PLN reference of the row."""

    line: int
    mismatch: Mismatch
    meter: str
    reference: str
    text: str
    """What does not agree."""

    def __str__(self) -> str:
        names = [f"line {self.line}", *([f"meter {self.meter}"] if self.meter else []), *filter(None, [self.reference])]
        return f"{', '.join(names)}: {self.text}" if self.text else ", ".join(names)
