"""Tables of what trends say: one row per session of a series, or one row per series. Positive means right larger."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from glutebal.balance.trend import SessionLevel, Trend
from glutebal.history.progress import AthleteProgress, Progress, SessionMark, SideCourse
from glutebal.model import Side
from glutebal.report.season_scale import Scale, scale_of
from glutebal.report.tables import DIFFERENCE_COLUMNS, difference_cells
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
from glutebal.results import Estimate, Status

if TYPE_CHECKING:
    from pandas import DataFrame

PROGRESS_COLUMNS = (
    *SERIES_COLUMNS,
    *("session", "day", "label", "sets", "reps", "load_kg", "log_ratio", "imbalance", "low", "high"),
    *("level", "level_low", "level_high", "left", "right", "unit", "segment", "outlier", "status", "reason"),
    *NOTES_COLUMNS,
    *DIFFERENCE_COLUMNS,
)
TREND_COLUMNS = (
    *SERIES_COLUMNS,
    *("sessions", "since", "imbalance", "low", "high", "change", "change_low", "change_high", "direction"),
    *("p_right", "p_beyond_band", "band", "sem", "mdc95", "mdc_learned", "sessions_right", "sessions_left", "sign_p"),
    *("slope_per_week", "slope_low", "slope_high", "mann_kendall_p", "alerts"),
    *("left_now", "left_of_best", "left_change", "right_now", "right_of_best", "right_change", "unit", "reason"),
    *DIFFERENCE_COLUMNS,
)


def progress_table(progress: AthleteProgress) -> DataFrame:
    """One row per session of the main series, then of the others. Columns `PROGRESS_COLUMNS`.

    ``imbalance``, ``low`` and ``high`` are what the session measured, with the error of putting the sensors on;
    ``level`` with its interval is what all sessions together say of that day; points of the imbalance index. Of a
    series of differences the session's value is ``difference``, and ``level`` is in ``unit``.
    """
    return frame((row for p in (progress.main, *progress.others) for row in progress_rows(p)), PROGRESS_COLUMNS)


def trend_table(progress: AthleteProgress) -> DataFrame:
    """One row per series, the main one first: level, change, probabilities, sides. Columns `TREND_COLUMNS`.

    ``change`` is in points of the imbalance index since the day ``since``; ``sem`` and ``mdc95`` are points around
    balance; ``slope_per_week`` is on the scale of λ; of the sides, ``_now`` is in ``unit``, the others in per cent. Of
    a series of differences the level is ``difference``, and change, band, error and slope are in ``unit``.
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
    return [{**series_row(progress), **_mark_row(mark, level, progress)} for mark, level in pairs]


def _mark_row(mark: SessionMark, level: SessionLevel, progress: Progress) -> Row:
    smoothed = scale_of(progress).of(level.smoothed)
    return {
        "session": mark.session,
        "day": mark.day,
        "label": mark.label,
        "sets": mark.sets,
        "reps": mark.reps,
        "load_kg": number(mark.load_kg),
        **_answer_row(level.observed, progress),
        "level": smoothed.value,
        "level_low": smoothed.low,
        "level_high": smoothed.high,
        **sides_row(mark.sides),
        "unit": progress.unit,
        "segment": level.segment,
        "outlier": level.outlier,
        **notes_row(mark.notes),
        "reason": mark.reason,
        **({"difference_status": mark.status.value} if progress.is_difference else {"status": mark.status.value}),
    }


def _answer_row(answer: Estimate, progress: Progress) -> Row:
    """A ratio, or a difference in the columns that are its own."""
    ratio = Estimate.none(Status.NOT_A_RATIO, "") if progress.is_difference else answer
    return {**ratio_row(ratio), **difference_cells(answer if progress.is_difference else None)}


def trend_row(progress: Progress) -> Row:
    """One series in one row."""
    answer = _answer_row(progress.trend.level, progress)
    judged = {**_judged_row(progress.trend, scale_of(progress)), **_courses_row(progress), "unit": progress.unit}
    return {**series_row(progress), **{name: answer[name] for name in answer if name in TREND_COLUMNS}, **judged}


def _judged_row(trend: Trend, scale: Scale) -> Row:
    change = scale.change(trend.change, trend.level.value - trend.change.value / 2)
    sem, mdc95 = (scale.of(Estimate(size)).value for size in (trend.error.sem, trend.error.mdc95))
    slope = trend.robust.slope_per_week
    return {
        "sessions": len(trend.sessions),
        "since": trend.since,
        "change": change.value,
        "change_low": change.low,
        "change_high": change.high,
        "direction": trend.direction.value,
        "p_right": trend.p_right,
        "p_beyond_band": trend.p_beyond_band,
        "band": trend.settings.band,
        "sem": sem,
        "mdc95": mdc95,
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
