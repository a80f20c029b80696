"""BaseDate, the moment a meter counts its token identifiers from (IEC 62055-41 6.1.12): 1993, 2014 or 2035.

>>> BaseDate("2014").code, BaseDate("2014").start.isoformat(), BaseDate.BASE_1993.next
('14', '2014-01-01T00:00:00', <BaseDate.BASE_2014: '2014'>)
"""

from datetime import datetime
from enum import Enum

from meter_emu.sts.errors import RangeError


class BaseDate(Enum):
    """BDT; the value is the year as text."""

    BASE_1993 = "1993"
    BASE_2014 = "2014"
    BASE_2035 = "2035"

    @classmethod
    def _missing_(cls, value: object) -> None:
        raise RangeError(f"base date must be 1993, 2014 or 2035, not {value}", field="base_date")

    @property
    def code(self) -> str:
        """The two digits that enter DKGA04: 93, 14 or 35."""
        return self.value[2:]

    @property
    def start(self) -> datetime:
        """1 January of the year, 00:00 civil time."""
        return datetime(int(self.value), 1, 1)

    @property
    def next(self) -> "BaseDate":
        """The base date a rollover moves on to; 2035, the last one defined, stays."""
        members = list(BaseDate)
        return members[min(members.index(self) + 1, len(members) - 1)]
