"""Weeks as whole numbers: they order and group in any database, and do not start anew with a year."""

from __future__ import annotations

from datetime import date


def week_of(day: date) -> int:
    """Number of the week of a day, Monday to Sunday; 0 is the week of Monday, 1 January of the year 1."""
    return (day.toordinal() - 1) // 7


def monday_of(week: int) -> date:
    """The first day of a week."""
    return date.fromordinal(7 * week + 1)
