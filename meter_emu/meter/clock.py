"""The meter's clock: whole seconds of civil time, counted from 1970-01-01 00:00. Whole, so that every sum is exact.

>>> from datetime import datetime
>>> seconds_of(datetime(2026, 11, 22, 8, 30, 0, 999_999))
1795336200
>>> moment_of(1795336200).isoformat()
'2026-11-22T08:30:00'
"""

from datetime import datetime, timedelta

Seconds = int
MINUTE = 60
HOUR = 3600
DAY = 86400
_START = datetime(1970, 1, 1)
_SECOND = timedelta(seconds=1)
LAST: Seconds = (datetime.max - _START) // _SECOND
"""The last second of the year 9999, where the calendar ends."""


def seconds_of(moment: datetime) -> Seconds:
    """A civil time as the meter counts it; what is under a second is dropped."""
    return (moment - _START) // _SECOND


def moment_of(seconds: Seconds) -> datetime:
    """The civil time of a count."""
    return _START + seconds * _SECOND
