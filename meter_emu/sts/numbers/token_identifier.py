"""TokenIdentifier, the minute a token was issued in (IEC 62055-41 6.3.5).

TID = whole minutes from the base date to the issue, 24 bits; seconds are dropped. The minute 00:01 of every day is
reserved for special use, so a token issued in it takes the next one (6.3.5.2). Times are civil times without a zone:
the utility's local time, taken as it stands and never shifted.

>>> from datetime import datetime
>>> tid = TokenIdentifier.at(datetime(2004, 3, 1, 13, 55, 59), BaseDate.BASE_1993)
>>> tid, tid.issued(BaseDate.BASE_1993).isoformat()
(5871715, '2004-03-01T13:55:00')
>>> TokenIdentifier.at(datetime(2004, 3, 1, 0, 1), BaseDate.BASE_1993).issued(BaseDate.BASE_1993).minute
2
>>> TokenIdentifier.at(datetime(2024, 11, 24, 20, 16), BaseDate.BASE_1993)
Traceback (most recent call last):
    ...
meter_emu.sts.errors.RangeError: 2024-11-24T20:16 is after 2024-11-24T20:15, the last TID of base date 1993
"""

from datetime import datetime, timedelta

from meter_emu.sts.errors import RangeError
from meter_emu.sts.numbers.base_date import BaseDate

LAST_TID = 2**24 - 1
MINUTES_A_DAY = 1440
RESERVED_MINUTE = 1
_MINUTE = timedelta(minutes=1)


class TokenIdentifier(int):
    """Minutes from the base date, 0 to 16 777 215."""

    __slots__ = ()

    def __new__(cls, minutes: int) -> "TokenIdentifier":
        if not 0 <= minutes <= LAST_TID:
            raise RangeError(f"TID must be 0 to {LAST_TID}, not {minutes}", field="tid")
        return super().__new__(cls, minutes)

    @classmethod
    def at(cls, issue: datetime, base_date: BaseDate) -> "TokenIdentifier":
        """The TID of a token issued at ``issue``. RangeError before the base date or after its last minute."""
        minutes = (issue - base_date.start) // _MINUTE
        if minutes < 0:
            raise RangeError(f"{_minute(issue)} is before the base date {base_date.value}", field="issue")
        if minutes > LAST_TID:
            last = _minute(cls(LAST_TID).issued(base_date))
            message = f"{_minute(issue)} is after {last}, the last TID of base date {base_date.value}"
            raise RangeError(message, field="issue")
        return cls(minutes).unreserved

    @property
    def unreserved(self) -> "TokenIdentifier":
        """This TID, or the next one where this one is the reserved minute 00:01 of its day."""
        return TokenIdentifier(self + 1) if self % MINUTES_A_DAY == RESERVED_MINUTE else self

    def issued(self, base_date: BaseDate) -> datetime:
        """The civil time this TID stands for."""
        return base_date.start + self * _MINUTE


def _minute(moment: datetime) -> str:
    return moment.isoformat(timespec="minutes")
