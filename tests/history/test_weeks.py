"""Weeks as whole numbers."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.history.weeks import monday_of, week_of

days = st.dates(date(1, 1, 1), date(9999, 12, 25))


@settings(derandomize=True, deadline=None)
@given(days)
def test_the_first_day_is_the_monday_on_or_before(day):
    monday = monday_of(week_of(day))
    assert monday.weekday() == 0
    assert timedelta(0) <= day - monday < timedelta(7)


@settings(derandomize=True, deadline=None)
@given(days, days)
def test_two_days_share_a_week_as_the_calendar_has_it(a, b):
    assert (week_of(a) == week_of(b)) == (a.isocalendar()[:2] == b.isocalendar()[:2])


@settings(derandomize=True, deadline=None)
@given(days)
def test_the_next_week_is_one_more(day):
    assert week_of(day + timedelta(6)) - week_of(day) == (0 if day.weekday() == 0 else 1)
