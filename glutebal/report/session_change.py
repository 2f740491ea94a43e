"""What changed since the session before, in words: how far, which way, and whether that is beyond the error."""

from __future__ import annotations

from glutebal.history.session_view import SeriesView, SessionChange
from glutebal.report import differences
from glutebal.report.reading import fixed, has_interval, is_clear, name_of, span
from glutebal.report.season_reading import day_told, ends_told, number_of, points_of_change, side_of, towards
from glutebal.results import Estimate


def change_points(change: SessionChange) -> Estimate:
    """The difference of two sessions in points of the imbalance index, or its unit; positive: toward the right."""
    if change.unit:
        return change.difference
    return points_of_change(change.difference, change.before.value + change.difference.value / 2)


def error_points(change: SessionChange) -> float:
    """The smallest difference that is more than measurement error, in points there or its unit; NaN when not known."""
    if change.error is None:
        return float("nan")
    if change.unit:
        return change.error.mdc95
    around = change.before.value + change.difference.value / 2
    return points_of_change(Estimate(change.error.mdc95), around).value


def change_told(series: SeriesView) -> str:
    """What changed since the session before, with its range, and whether that is more than the measurement error."""
    if series.change is None:
        return f"No change can be told: {series.why_no_change}."
    day = day_told(series.change.day)
    label = f" ({series.change.label})" if series.change.label else ""
    return f"Since {day}{label} {name_of(series.whole)} moved {moved_told(series.change)}. {verdict(series.change)}"


def moved_told(change: SessionChange) -> str:
    """How far and which way: "5.3 points toward the right (95 % range 0.6 to 10.1)"."""
    d = change_points(change)
    side = side_of(d.value)
    facing = towards(d, side)
    if change.unit:
        return _moved_in_unit(d, change.unit)
    far = fixed(facing.value)
    toward = "" if far == "0.0" else f" toward the {side.value}"
    told = f"{far} points{toward}"
    return f"{told} (95 % range {ends_told(facing, side)})" if has_interval(d) else f"{told} (no range: {d.reason})"


def _moved_in_unit(d: Estimate, unit: str) -> str:
    """As "+3.1° (95 % range 0.6 to 5.6)": of what can cross zero the sign says which way, as in the table."""
    decimals = differences.decimals_of(unit)
    far = f"by {differences.signed(d, unit)}"
    return f"{far} (95 % range {span(d, decimals)})" if has_interval(d) else f"{far} (no range: {d.reason})"


def verdict(change: SessionChange) -> str:
    """Whether the difference is more than the measurement error, and what that rests on."""
    if change.error is None or change.exceeds is None:
        return "How much two sessions differ when nothing has changed is not known yet, so this may be nothing."
    basis = f"learned from {number_of(change.error.sessions, 'session')}" if change.error.learned else "assumed"
    size = f"±{error_told(change)} ({basis})"
    if not change.exceeds:
        return f"That is within the measurement error of two sessions, {size}."
    more = f"That is more than the measurement error of two sessions, {size}"
    doubt = has_interval(change.difference) and not is_clear(change.difference)
    return f"{more}, but its range includes no change." if doubt else f"{more}."


def error_told(change: SessionChange) -> str:
    """The measurement error of two sessions with its unit: "5.3 points", "5.1°"."""
    size = error_points(change)
    return differences.measured(size, change.unit) if change.unit else f"{fixed(size)} points"


def verdict_word(change: SessionChange) -> str:
    """The verdict as it stands in a table."""
    words = {None: "not known", False: "within the error", True: "more than the error"}
    return words[change.exceeds]
