"""What a season says in plain words: one headline at most, and a block for a terminal.

The text describes a course of measurements. It claims a side only when it is sure of it, calls nothing a change that
the measurement itself could have made, and says who moved: a share may rise because the other side fell.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from textwrap import wrap

from glutebal.balance.trend import MIN_SESSIONS, Trend
from glutebal.history.progress import AthleteProgress, Progress, SideCourse
from glutebal.model import Side
from glutebal.report.differences import CAPTION
from glutebal.report.reading import ADVICE, SIGN, as_imbalance, capital, fixed, has_interval, title
from glutebal.report.season_evidence import error_told, ewma_told, robust_told, side_told, signs_told
from glutebal.report.season_reading import (
    answered_levels,
    change_told,
    counts,
    day_in,
    is_beyond,
    is_moving,
    leaning,
    mdc_points,
    number_of,
    present,
    series_name,
    series_title,
    share_told,
    side_of,
)
from glutebal.report.season_scale import Scale, course, moved_told, scale_of, sureness
from glutebal.report.words import WIDTH, hanging


def progress_headline(progress: AthleteProgress) -> str:
    """The one statement of a season, in words for the person who was measured, and what it rests on.

    Parameters
    ----------
    progress : AthleteProgress
        Only its main series is told: of many series one always moves by chance.

    Returns
    -------
    str
        What the balance does, with its range; then sessions, sets and reps, and whether the day-to-day range is
        assumed or learned. With too few sessions: that it is too early, and what is missing.
    """
    main = progress.main
    return " ".join(part for part in (finding(main), basis(main)) if part)


def finding(progress: Progress) -> str:
    """The first sentence or two of the headline: what the balance does."""
    trend = progress.trend
    if not answered_levels(trend):
        return _nothing(progress)
    if trend.is_unknown:
        return _too_early(trend, scale_of(progress))
    if progress.is_difference:
        told = _moved(progress) if is_moving(trend) else _steady_difference(progress)
    else:
        told = _moving(progress) if is_moving(trend) else _steady(trend)
    return f"{told} {_setup_told(trend)}".strip()


def _nothing(progress: Progress) -> str:
    if not progress.marks:
        return "No sessions yet, so there is nothing to tell."
    reasons = list(dict.fromkeys(mark.reason or mark.status.value for mark in progress.marks))
    many = number_of(len(progress.marks), "session")
    advice = ADVICE.get(progress.marks[-1].status, "")
    told = f"No left/right answer in {many}: {'; '.join(reasons[:2])}."
    return f"{told} To try: {advice}." if advice else told


def _too_early(trend: Trend, scale: Scale) -> str:
    shown = present(trend)
    counted = number_of(len(shown), "session") if shown else "no session with a value"
    since = f" since the setup changed on {day_in(trend, trend.setup_changes[-1])}" if trend.setup_changes else ""
    told = f"Too early to say: {counted}{since}, a trend needs {MIN_SESSIONS}."
    earlier = " What was measured before cannot be compared." if since else ""
    so_far = f" So far: {scale.told(trend.level)}." if math.isfinite(trend.level.value) else ""
    return f"{told}{earlier}{so_far}"


def _moving(progress: Progress) -> str:
    trend = progress.trend
    side, change = change_told(trend)
    amount, interval = change.split(" (", 1)
    now = share_told(trend.level, side)
    told = f"{capital(side.value)} share is rising: {amount} since {day_in(trend, trend.since)} ({interval}, now {now}"
    return f"{told}{_who_fell(progress, side)}."


def _who_fell(progress: Progress, rising: Side) -> str:
    """The clause for a share that rose because the other side read lower: a balance must not be won by losing."""
    if progress.sides is None or not _fell(progress.sides[rising.other]):
        return ""
    fall, gain = progress.sides[rising.other].change, progress.sides[rising].change
    shown = f"{fixed(-fall.value, 0)} % ({fixed(-fall.high, 0)} to {fixed(-fall.low, 0)}) lower"
    gained = has_interval(gain) and gain.low > 0
    ending = f"while the {rising.value} gained too" if gained else f"not because the {rising.value} gained"
    return f", because the {rising.other.value} side read {shown}, {ending}"


def _fell(course: SideCourse) -> bool:
    return has_interval(course.change) and course.change.high < 0


def _steady(trend: Trend) -> str:
    now = f"{leaning(trend.level)}, no clear change since {day_in(trend, trend.since)}"
    if is_beyond(trend):
        return f"The {side_of(trend.level.value).value} side reads higher, and steadily so: {now}."
    mdc = mdc_points(trend)
    within = abs(as_imbalance(trend.level).value) <= mdc
    opening = "Within" if within else "No change beyond"
    return f"{opening} your day-to-day range (±{fixed(mdc, 0)} points): {now}."


def _moved(progress: Progress) -> str:
    """A difference that changed: how far, which way, and where it is now."""
    trend, scale = progress.trend, scale_of(progress)
    far, ends = moved_told(trend, scale)
    told = f"{capital(series_name(progress))} moved {far} since {day_in(trend, trend.since)} ({ends})"
    return f"{told}; now {scale.told(trend.level)}."


def _steady_difference(progress: Progress) -> str:
    trend, scale = progress.trend, scale_of(progress)
    now = f"{scale.told(trend.level)}, no clear change since {day_in(trend, trend.since)}"
    if is_beyond(trend):
        return f"{capital(series_name(progress))} is steadily {scale.apart(trend.settings.band)}: {now}."
    mdc = mdc_points(trend)
    opening = "Within" if abs(trend.level.value) <= mdc else "No change beyond"
    floor = scale.floor_told(trend.level)
    return f"{opening} your day-to-day range (±{scale.amount(mdc)}): {now}{f'; {floor}' if floor else ''}."


def _setup_told(trend: Trend) -> str:
    if not trend.setup_changes:
        return ""
    day = day_in(trend, trend.setup_changes[-1])
    return f"Present setup only (since {day}); earlier values cannot be compared."


def basis(progress: Progress) -> str:
    """What the headline rests on: how much was recorded, and whether the measurement error is assumed or learned."""
    trend = progress.trend
    if not present(trend):
        return ""
    return f"From {counts(progress)}; {_assumed(trend, scale_of(progress))}."


def _assumed(trend: Trend, scale: Scale) -> str:
    learned = f"learned from {number_of(trend.error.sessions, 'session')}"
    assumed = f"assumed until {number_of(trend.settings.learn_from, 'session')} are in"
    how = learned if trend.error.learned else assumed
    size = scale.amount(mdc_points(trend), None if scale.axis else 0)
    return f"the day-to-day range of ±{size} is {how}"


def progress_block(progress: AthleteProgress) -> str:
    """The whole season as text for ``print``: headline, one line per series, what stands behind the main one.

    Parameters
    ----------
    progress : AthleteProgress

    Returns
    -------
    str
        Lines of at most 100 characters; numbers in the table are points of the imbalance index, positive = right.
    """
    main = progress.main
    parts = [
        hanging("", f"{progress.athlete}, {series_title(main)}"),
        hanging("", progress_headline(progress), indent=""),
        _series_lines(progress),
        [line for text in evidence(main) for line in hanging("- ", text, indent="  ")],
        hanging("note: ", title(progress.note)) if progress.note else [],
    ]
    return "\n\n".join("\n".join(lines) for lines in parts if lines)


def _no_sides(progress: Progress) -> str:
    """Why the sides have no best; of a difference nobody expects one."""
    return "" if progress.is_difference else progress.sides_reason


def evidence(progress: Progress) -> list[str]:
    """The sentences behind the headline: direction, measurement error, both sides, second opinions."""
    trend = progress.trend
    if not present(trend):
        return []
    sides = [side_told(progress, side) for side in Side] if progress.sides else [_no_sides(progress)]
    scale = scale_of(progress)
    told = [signs_told(trend, scale), error_told(trend, scale), *sides, robust_told(trend, scale), ewma_told(trend)]
    return [text for text in told if text]


def _series_lines(progress: AthleteProgress) -> list[str]:
    every = (progress.main, *progress.others)
    ratios, differences = ([p for p in every if p.is_difference is kind] for kind in (False, True))
    lines = _table(f"imbalance index in points now, 95 % range; {SIGN}", HEADS, ratios)
    apart = [""] if ratios and differences else []
    caption = f"{CAPTION}, now"
    return [*lines, *apart, *_table(caption, DIFFERENCE_HEADS, differences)]


def _table(caption: str, heads: tuple[str, ...], series: Sequence[Progress]) -> list[str]:
    """Lines under a caption, the columns as wide as they need; nothing without a series."""
    rows = [heads, *(_cells(one) for one in series)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    widths[0] = min(widths[0], WIDTH - 2 * (len(widths) - 1) - sum(widths[1:]))
    return [caption, *(line for row in rows for line in _lines(row, widths))] if series else []


def _lines(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    """A row of the table; a name that is too long takes lines of its own above it."""
    above = wrap(row[0], WIDTH) if len(row[0]) > widths[0] else []
    cells = ("", *row[1:]) if above else row
    line = "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
    return [*above, line]


HEADS = ("", "now", "right larger", "course", "sessions")
DIFFERENCE_HEADS = ("", "now", "sure", "course", "sessions")


def _cells(progress: Progress) -> tuple[str, ...]:
    trend, scale = progress.trend, scale_of(progress)
    n = len(present(trend))
    now = scale.cell(trend.level) if math.isfinite(trend.level.value) else "unknown"
    return series_title(progress), now, sureness(trend, scale), course(trend, scale), str(n)
