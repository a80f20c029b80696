"""Fault: what can go wrong on the way to a switching, for those who test theirs.

Each has the name it is asked for by, in a test meter's row or as ``--fault lost-reply=0.1``.

>>> Fault("lost-reply").meaning
'the request is carried out, and no reply is ever sent'
>>> [fault.value for fault in Fault if fault.is_before_commit]
['cut-before']
"""

from enum import Enum


class Fault(Enum):
    """A fault, and what a switching meets then."""

    LOST_REPLY = "lost-reply", "the request is carried out, and no reply is ever sent"
    LATE_REPLY = "late-reply", "the reply comes late, and later replies overtake it"
    CUT_BEFORE = "cut-before", "the connection ends and the request is not carried out"
    CUT_AFTER = "cut-after", "the request is carried out and the connection ends without a reply"
    SLOW_BYTES = "slow-bytes", "the reply comes byte by byte"
    GARBAGE = "garbage", "the request is carried out and answered with random bytes"

    meaning: str

    def __new__(cls, name: str, meaning: str = "") -> "Fault":
        """A member from its row."""
        member = object.__new__(cls)
        member._value_ = name
        member.meaning = meaning
        return member

    @property
    def is_before_commit(self) -> bool:
        """Whether the request is not carried out at all."""
        return self is Fault.CUT_BEFORE
