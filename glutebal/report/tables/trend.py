"""Tables of what trends say: one row per session of a series, or one row per series. Positive means right larger."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from glutebal.balance.trend import SessionLevel, Trend, as_points
from glutebal.history.progress import AthleteProgress, Progress, SessionMark, SideCourse
from glutebal.model import Side
from glutebal.report.reading import as_imbalance
from glutebal.report.tables.season import (
    NOTES_COLUMNS,
    SERIES_COLUMNS,
    Row,
    frame,
    notes_row,
    number,
    ratio_row,
    series_row,
    sides_row,
)
from glutebal.report.tables.session import as_text

if TYPE_CHECKING:
    from pandas import DataFrame

PROGRESS_COLUMNS = (
    *SERIES_COLUMNS,
    *("session", "day", "label", "sets", "reps", "load_kg", "log_ratio", "imbalance", "low", "high"),
    *("level", "level_low", "level_high", "left", "right", "unit", "segment", "outlier", "status", "reason"),
    *NOTES_COLUMNS,
)
TREND_COLUMNS = (
    *SERIES_COLUMNS,
    *("sessions", "since", "imbalance", "low", "high", "change", "change_low", "change_high", "direction"),
    *("p_right", "p_beyond_band", "band", "sem", "mdc95", "mdc_learned", "sessions_right", "sessions_left", "sign_p"),
    *("slope_per_week", "slope_low", "slope_high", "mann_kendall_p", "alerts"),
    *("left_now", "left_of_best", "left_change", "right_now", "right_of_best", "right_change", "unit", "reason"),
)


def progress_table(progress: AthleteProgress) -> DataFrame:
    """One row per session of the main series, then of the others. Columns `PROGRESS_COLUMNS`.

    ``imbalance``, ``low`` and ``high`` are what the session measured, with the error of putting the sensors on;
    ``level`` with its interval is what all sessions together say of that day; points of the imbalance index.
    """
    return frame((row for p in (progress.main, *progress.others) for row in progress_rows(p)), PROGRESS_COLUMNS)


def trend_table(progress: AthleteProgress) -> DataFrame:
    """One row per series, the main one first: level, change, probabilities, sides. Columns `TREND_COLUMNS`.

    ``change`` is in points of the imbalance index since the day ``since``; ``sem`` and ``mdc95`` are points around
    balance; ``slope_per_week`` is on the scale of λ; of the sides, ``_now`` is in ``unit``, the others in per cent.
    """
    return frame((trend_row(p) for p in (progress.main, *progress.others)), TREND_COLUMNS)


def progress_json(progress: AthleteProgress, headline: str) -> str:
    """One JSON object, the same bytes for the same history; what is refused is ``null``, days are ISO 8601."""
    every = (progress.main, *progress.others)
    answer = {
        "athlete": progress.athlete,
        "headline": headline,
        "note": progress.note,
        "summary": [trend_row(p) for p in every],
        "sessions": [row for p in every for row in progress_rows(p)],
    }
    return as_text(answer)


def progress_rows(progress: Progress) -> Iterable[Row]:
    """The sessions of one series, with what was measured and what all of them say."""
    pairs = zip(progress.marks, progress.trend.sessions, strict=True)
    return [{**series_row(progress), **_mark_row(mark, level, progress.unit)} for mark, level in pairs]


def _mark_row(mark: SessionMark, level: SessionLevel, unit: str) -> Row:
    smoothed = as_imbalance(level.smoothed)
    return {
        "session": mark.session,
        "day": mark.day,
        "label": mark.label,
        "sets": mark.sets,
        "reps": mark.reps,
        "load_kg": number(mark.load_kg),
        **ratio_row(level.observed),
        "level": smoothed.value,
        "level_low": smoothed.low,
        "level_high": smoothed.high,
        **sides_row(mark.sides),
        "unit": unit,
        "segment": level.segment,
        "outlier": level.outlier,
        **notes_row(mark.notes),
        "status": mark.status.value,
        "reason": mark.reason,
    }


def trend_row(progress: Progress) -> Row:
    """One series in one row."""
    return {**series_row(progress), **_judged_row(progress.trend), **_courses_row(progress), "unit": progress.unit}


def _judged_row(trend: Trend) -> Row:
    level, change = as_imbalance(trend.level), as_points(trend.change, trend.level.value - trend.change.value / 2)
    slope = trend.robust.slope_per_week
    return {
        "sessions": len(trend.sessions),
        "since": trend.since,
        "imbalance": level.value,
        "low": level.low,
        "high": level.high,
        "change": change.value,
        "change_low": change.low,
        "change_high": change.high,
        "direction": trend.direction.value,
        "p_right": trend.p_right,
        "p_beyond_band": trend.p_beyond_band,
        "band": trend.settings.band,
        "sem": 100 * math.tanh(trend.error.sem / 2),
        "mdc95": 100 * math.tanh(trend.error.mdc95 / 2),
        "mdc_learned": trend.error.learned,
        "sessions_right": trend.signs.right,
        "sessions_left": trend.signs.left,
        "sign_p": trend.signs.p,
        "slope_per_week": slope.value,
        "slope_low": slope.low,
        "slope_high": slope.high,
        "mann_kendall_p": trend.robust.p,
        "alerts": len(trend.ewma.alerts) if trend.ewma else 0,
        "reason": trend.reason,
    }


def _courses_row(progress: Progress) -> Row:
    if progress.sides is None:
        return {}
    return {f"{side.value}_{name}": value for side in Side for name, value in _course_row(progress.sides[side]).items()}


def _course_row(course: SideCourse) -> Row:
    return {"now": course.now.value, "of_best": course.of_best.value, "change": course.change.value}
