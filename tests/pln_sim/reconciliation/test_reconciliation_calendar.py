"""The calendar: the specification's three examples, and that every settlement day is reconciled once."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meter_emu.sts.errors import FormatError
from pln_sim.reconciliation.calendar import Calendar, ReconciliationType, indonesian_calendar

INDONESIA = indonesian_calendar({})


@pytest.mark.parametrize(("reconciled_on", "settled_on", "kind"), [
    (date(2008, 4, 8), [date(2008, 4, 7)], ReconciliationType.NEXT_DAY),
    (date(2008, 4, 14), [date(2008, 4, 11), date(2008, 4, 12), date(2008, 4, 13)], ReconciliationType.WEEKEND),
    # "April 31st" of the document is the 30th.
    (date(2008, 5, 2), [date(2008, 4, 30), date(2008, 5, 1)], ReconciliationType.HOLIDAY),
])  # fmt: skip
def test_the_examples_of_the_specification(reconciled_on, settled_on, kind):
    assert INDONESIA.settlement_dates(reconciled_on) == settled_on
    assert INDONESIA.type_of(reconciled_on) is kind
    assert {INDONESIA.reconciliation_date(day) for day in settled_on} == {reconciled_on}


@given(st.dates(date(2005, 1, 1), date(2029, 12, 31)), st.sets(st.integers(-20, 20), max_size=12))
def test_every_settlement_day_is_reconciled_once_on_a_later_working_day(day, holidays):
    extra = {day + timedelta(days=offset): "" for offset in holidays}
    calendar = indonesian_calendar(extra)
    reconciled_on = calendar.reconciliation_date(day)
    assert reconciled_on > day
    assert calendar.is_working_day(reconciled_on)
    assert day in calendar.settlement_dates(reconciled_on)
    next_one = calendar.reconciliation_date(reconciled_on)
    together = calendar.settlement_dates(reconciled_on) + calendar.settlement_dates(next_one)
    assert together == [together[0] + timedelta(days=number) for number in range(len(together))]


def test_a_day_off_is_no_reconciliation_date():
    with pytest.raises(FormatError, match="2008-05-01 is no working day: the reconciliation is on 2008-05-02"):
        INDONESIA.settlement_dates(date(2008, 5, 1))


def test_a_calendar_without_working_days():
    with pytest.raises(FormatError, match="no working day"):
        Calendar(lambda _: True).reconciliation_date(date(2008, 5, 1))


def test_the_ends_of_the_calendar():
    with pytest.raises(FormatError, match="no working day before 0001-01-01"):
        INDONESIA.settlement_dates(date.min)
    with pytest.raises(FormatError, match=r"no working day in the [0-9]+ days after 9999-12-31"):
        INDONESIA.reconciliation_date(date.max)
