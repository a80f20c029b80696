"""The calendar (section 5, days of reconciliation file generation): "reconciliation can be done in working day only".

One rule: a settlement day is reconciled on the next working day after it. The document's three types follow from it.

    type 1  the day before alone: settled Monday to Thursday, reconciled on D+1
    type 2  a weekend is in between: settled Friday to Sunday, reconciled on Monday
    type 3  a holiday is in between: the day before the first holiday, and the holidays

The document's own examples; its "April 31st, 2008" is the 30th:

>>> may_first = Calendar(frozenset({date(2008, 5, 1)}).__contains__)
>>> [may_first.reconciliation_date(day).isoformat() for day in (date(2008, 4, 7), date(2008, 4, 11), date(2008, 5, 1))]
['2008-04-08', '2008-04-14', '2008-05-02']
>>> [may_first.type_of(date(2008, *day)).value for day in ((4, 8), (4, 14), (5, 2))]
[1, 2, 3]
>>> [day.day for day in may_first.settlement_dates(date(2008, 5, 2))]
[30, 1]
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from pathlib import Path

from meter_emu.shell.errors import FileError
from meter_emu.shell.input_file import read_file
from meter_emu.sts.errors import FormatError

_DAY = timedelta(days=1)
_SATURDAY = 5
LONGEST_CLOSURE = 60
"""Days without a working day that are believed."""
MAXIMUM_BYTES = 1 << 20


class ReconciliationType(Enum):
    """The document's three types."""

    NEXT_DAY = 1
    WEEKEND = 2
    HOLIDAY = 3


@dataclass(frozen=True)
class Calendar:
    """Working days: Monday to Friday but for holidays."""

    is_holiday: Callable[[date], bool]

    def is_working_day(self, day: date) -> bool:
        """Whether reconciliation can be done on it."""
        return day.weekday() < _SATURDAY and not self.is_holiday(day)

    def reconciliation_date(self, settled_on: date) -> date:
        """The next working day after a settlement day. FormatError if the holidays, or the end of the calendar, leave none."""
        for days in range(1, min(LONGEST_CLOSURE, (date.max - settled_on).days + 1)):
            day = settled_on + days * _DAY
            if self.is_working_day(day):
                return day
        raise FormatError(f"there is no working day in the {LONGEST_CLOSURE} days after {settled_on}", field="holidays")

    def settlement_dates(self, reconciled_on: date) -> list[date]:
        """The settlement days that are reconciled on a day, from the working day before it on. FormatError if it is none."""
        if not self.is_working_day(reconciled_on):
            next_one = self.reconciliation_date(reconciled_on)
            raise FormatError(f"{reconciled_on} is no working day: the reconciliation is on {next_one}", field="date")
        days: list[date] = []
        while not days or not self.is_working_day(days[0]):
            first = days[0] if days else reconciled_on
            if first == date.min:
                raise FormatError(f"there is no working day before {reconciled_on}", field="date")
            days.insert(0, first - _DAY)
        return days

    def type_of(self, reconciled_on: date) -> ReconciliationType:
        """Which of the three types the reconciliation of a working day is."""
        days = self.settlement_dates(reconciled_on)
        if any(day.weekday() < _SATURDAY for day in days[1:]):
            return ReconciliationType.HOLIDAY
        return ReconciliationType.WEEKEND if len(days) > 1 else ReconciliationType.NEXT_DAY


def indonesian_calendar(extra: Mapping[date, str]) -> Calendar:
    """Indonesia's public holidays and other dates. FileError if the package that knows them is not installed."""
    try:
        from holidays import country_holidays
    except ImportError:
        raise FileError("Indonesia's public holidays come with the package holidays: pip install 'meter-emu[recon]'") from None
    public = country_holidays("ID", language="en_US")
    return Calendar(lambda day: day in public or day in extra)


def read_holidays(path: Path) -> dict[date, str]:
    """Other dates without reconciliation, from a file with one on a line: ``2026-12-24  joint leave``; # begins a remark.

    FormatError, with the line, if it says something else; FileError if it cannot be read.
    """
    dates = {}
    content = read_file(path, "holidays file", MAXIMUM_BYTES).decode("utf-8-sig", "replace")
    for number, line in enumerate(content.splitlines(), 1):
        day, _, name = line.partition("#")[0].strip().partition(" ")
        if day:
            try:
                dates[date.fromisoformat(day)] = name.strip()
            except ValueError:
                reason = f"a date is written like 2026-12-24, not {day[:20]!r}"
                raise FormatError(f"holidays file {path}, line {number}: {reason}", field="holidays") from None
    return dates
