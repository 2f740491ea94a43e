"""A series of sessions as people read it: names, days, directions, shares; nothing is worded twice.

A balance is told towards its own side, "left 5.9 (3.8 to 8.0)", and an interval that crosses even names both sides,
"left 1.2 (right 0.8 to left 3.2)". So swapping the sides swaps the words and leaves every number alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date

from glutebal.balance.trend import Direction, SessionLevel, Trend, as_points
from glutebal.history.progress import Progress, SessionMark
from glutebal.model import Quantity, Side
from glutebal.report.reading import as_imbalance, capital, fixed, has_interval, title
from glutebal.results import Estimate

SURE = 0.9
"""A probability from which on something may be drawn or worded as a finding (science.md §7)."""

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def series_name(progress: Progress) -> str:
    """What is followed: "gluteus maximus activation", "mean force (plate)"."""
    site, measure = title(progress.series.site), title(progress.series.measure)
    together = progress.quantity is Quantity.EMG or not site
    return f"{site} {measure}".strip() if together else f"{measure} ({site})"


def series_title(progress: Progress) -> str:
    """The exercise with what is followed: "Hip thrust: mean force (plate)"."""
    exercise = title(progress.series.exercise)
    return capital(f"{exercise}: {series_name(progress)}" if exercise else series_name(progress))


def day_told(day: date, beside: date | None = None) -> str:
    """A day as "4 Oct", with its year when that is not the year of ``beside``."""
    year = "" if beside is not None and beside.year == day.year else f" {day.year}"
    return f"{day.day} {MONTHS[day.month - 1]}{year}"


def day_in(trend: Trend, day: date) -> str:
    """A day of a series, with its year when that is not the year of the last session."""
    return day_told(day, trend.sessions[-1].day if trend.sessions else None)


def number_of(n: int, noun: str) -> str:
    """How many: "1 session", "12 sessions"."""
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def side_of(value: float) -> Side:
    """The side that a signed number points to; even counts as right, where the number is 0 either way."""
    return Side.LEFT if value < 0 else Side.RIGHT


def towards(estimate: Estimate, side: Side) -> Estimate:
    """A signed estimate (positive = right) counted from even towards ``side``."""
    if side is Side.RIGHT:
        return estimate
    return replace(estimate, value=-estimate.value, low=-estimate.high, high=-estimate.low)


def ends_told(facing: Estimate, side: Side, decimals: int = 1) -> str:
    """The interval of an estimate that faces ``side``; where it crosses even, each end with its side."""
    high = fixed(facing.high, decimals)
    if facing.low >= 0:
        return f"{fixed(facing.low, decimals)} to {high}"
    return f"{side.other.value} {fixed(-facing.low, decimals)} to {side.value} {high}"


def leaning(log_ratio: Estimate, unit: str = " points") -> str:
    """Which way and how far: "right 5.9 points (3.8 to 8.0)"; "no value yet" when there is none."""
    d = as_imbalance(log_ratio)
    if not math.isfinite(d.value):
        return "no value yet"
    side = side_of(d.value)
    facing = towards(d, side)
    far = fixed(facing.value)
    told = f"even{unit and ' (0.0' + unit + ')'}" if far == "0.0" else f"{side.value} {far}{unit}"
    return f"{told} ({ends_told(facing, side)})" if has_interval(d) else f"{told} (no range)"


def share_of(log_ratio: Estimate, side: Side) -> Estimate:
    """One side's part of left plus right, per cent: 50 + d/2 for the right, 50 − d/2 for the left."""
    facing = towards(as_imbalance(log_ratio), side)
    return replace(facing, value=50 + facing.value / 2, low=50 + facing.low / 2, high=50 + facing.high / 2)


def share_told(log_ratio: Estimate, side: Side) -> str:
    """One side's share as "57 % (55 to 59)", with a decimal where a whole number could hide which side of 50."""
    share = share_of(log_ratio, side)
    decimals = 1 if any(round(x) == 50 for x in (share.value, share.low, share.high) if math.isfinite(x)) else 0
    told = f"{fixed(share.value, decimals)} %"
    return f"{told} ({fixed(share.low, decimals)} to {fixed(share.high, decimals)})" if has_interval(share) else told


def points_of_change(change: Estimate, around: float) -> Estimate:
    """A difference of λ as points of the imbalance index, seen from the level ``around``."""
    return as_points(change, around if math.isfinite(around) else 0.0)


def share_change(trend: Trend) -> Estimate:
    """The change since the start as percentage points of the right share: half of the index points."""
    change = points_of_change(trend.change, trend.level.value - trend.change.value / 2)
    return replace(change, value=change.value / 2, low=change.low / 2, high=change.high / 2)


def change_told(trend: Trend) -> tuple[Side, str]:
    """Whose share rose, and by how much: (right, "+3.1 percentage points (95 % range 1.2 to 5.0)")."""
    change = share_change(trend)
    side = side_of(change.value)
    facing = towards(change, side)
    shown = f"+{fixed(facing.value)} percentage points"
    if not has_interval(facing):
        return side, f"{shown} (no range)"
    return side, f"{shown} ({level_told(facing)} {fixed(facing.low)} to {fixed(facing.high)})"


def level_told(estimate: Estimate) -> str:
    """The coverage of an interval: "95 % range"."""
    return f"{100 * estimate.level:.0f} % range"


def mdc_points(trend: Trend, coverage: int = 95) -> float:
    """The smallest difference of two sessions that counts, in points around the present level, or the trend's unit."""
    return _points_there(trend, trend.error.mdc95 if coverage == 95 else trend.error.mdc90)


def sem_points(trend: Trend) -> float:
    """The typical error of one session, in points around the present level, or the trend's unit."""
    return _points_there(trend, trend.error.sem)


def _points_there(trend: Trend, size: float) -> float:
    return size if trend.settings.unit else points_of_change(Estimate(size), trend.level.value).value


def is_moving(trend: Trend) -> bool:
    """Whether a change since the start can be told."""
    return trend.direction in {Direction.RIGHTWARDS, Direction.LEFTWARDS}


def is_beyond(trend: Trend) -> bool:
    """Whether the level is beyond the band with a probability that makes it a finding."""
    return not trend.is_unknown and trend.p_beyond_band >= SURE


def is_finding(trend: Trend) -> bool:
    """Whether anything about the series may be coloured."""
    return is_beyond(trend) or (is_moving(trend) and not trend.is_unknown)


def present(trend: Trend) -> tuple[SessionLevel, ...]:
    """The sessions of the present setup that have a value."""
    return tuple(session for session in answered_levels(trend) if is_present(trend, session))


def is_present(trend: Trend, session: SessionLevel) -> bool:
    """Whether a session was measured with the present setup."""
    return session.segment == trend.sessions[-1].segment


def answered_levels(trend: Trend) -> tuple[SessionLevel, ...]:
    """The sessions with a value of their own."""
    return tuple(s for s in trend.sessions if math.isfinite(s.observed.value))


@dataclass(frozen=True)
class Counts:
    """How much stands behind a series, of the sessions with a value under the present setup."""

    sessions: int
    sets: int
    reps: int

    def __str__(self) -> str:
        parts = ((self.sessions, "session"), (self.sets, "set"), (self.reps, "rep"))
        return ", ".join(number_of(n, noun) for n, noun in parts)


def counts(progress: Progress) -> Counts:
    """Sessions, sets and reps behind the present level."""
    shown = present(progress.trend)
    marks = [mark for mark, level in rows_of(progress) if level is not None and level in shown]
    return Counts(len(shown), sum(level.sets for level in shown), sum(mark.reps for mark in marks))


def rows_of(progress: Progress) -> list[tuple[SessionMark, SessionLevel | None]]:
    """Every session with its place in the trend, or without one when it has no value."""
    waiting = list(answered_levels(progress.trend))
    rows: list[tuple[SessionMark, SessionLevel | None]] = []
    for mark in progress.marks:
        fits = mark.status.has_value and waiting and waiting[0].day == mark.day
        rows.append((mark, waiting.pop(0) if fits else None))
    return rows


def unanswered_marks(progress: Progress) -> list[SessionMark]:
    """The sessions without a value."""
    return [mark for mark, level in rows_of(progress) if level is None]


def chance(p: float) -> str:
    """A probability as people read it: "99 %", "over 99 %"; "unknown" for NaN."""
    if not math.isfinite(p):
        return "unknown"
    if p > 0.995:
        return "over 99 %"
    return "under 1 %" if p < 0.005 else f"{100 * p:.0f} %"


def p_value(p: float) -> str:
    """A p value: "p = .021", "p < .001", "p unknown"."""
    if not math.isfinite(p):
        return "p unknown"
    if p < 0.001:
        return "p < .001"
    decimals = 3 if p < 0.1 else 2
    return f"p = {p:.{decimals}f}".replace("0.", ".")
