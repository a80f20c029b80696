"""Civil times: the utility's local time, written without a zone, taken as it stands and never shifted.

>>> civil_time("2004-03-01T13:55").isoformat()
'2004-03-01T13:55:00'
>>> civil_time("2004-03-01T13:55Z")
Traceback (most recent call last):
    ...
meter_emu.sts.errors.FormatError: time '2004-03-01T13:55Z' must not name a zone: it is taken as the utility's local time
"""

from datetime import datetime

from meter_emu.sts.errors import FormatError


def civil_time(text: str, field: str = "issue") -> datetime:
    """The moment in ``text`` (ISO 8601, with a T or a space). FormatError if it is none or names a zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise FormatError(f"time {text[:40]!r} must look like 2026-11-22T08:30", field=field) from None
    if moment.tzinfo is not None:
        message = f"time {text!r} must not name a zone: it is taken as the utility's local time"
        raise FormatError(message, field=field)
    return moment
