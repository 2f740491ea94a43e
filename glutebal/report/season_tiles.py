"""The three short answers of a season's first screen: which side, how sure, and does it change."""

from __future__ import annotations

import math
from dataclasses import dataclass

from glutebal.balance.trend import MIN_SESSIONS, Trend
from glutebal.history.progress import Progress
from glutebal.report.reading import capital, has_interval
from glutebal.report.season_reading import (
    SURE,
    chance,
    change_told,
    day_in,
    is_beyond,
    is_moving,
    level_told,
    present,
    share_told,
    side_of,
)
from glutebal.report.season_scale import Scale, course, moved_told, scale_of


@dataclass(frozen=True)
class Tile:
    """A short answer: the question, the answer, what stands behind it; ``told`` when it may stand out."""

    question: str
    answer: str
    detail: str
    told: bool = False


def tiles(progress: Progress) -> tuple[Tile, Tile, Tile]:
    """Which side, how sure, and does it change: the three answers of the first screen."""
    return _now(progress), _sure(progress.trend, scale_of(progress)), _changing(progress.trend, scale_of(progress))


def _now(progress: Progress) -> Tile:
    trend, scale = progress.trend, scale_of(progress)
    if not math.isfinite(trend.level.value):
        return Tile("Now", "Unknown", "no left/right answer yet" + (" with this setup" if trend.setup_changes else ""))
    answer, _, interval = scale.told(trend.level).partition(" (")
    shown = f"{level_told(trend.level)} {interval.rstrip(')')}" if has_interval(trend.level) else "no range yet"
    beside = scale.floor_told(trend.level) if scale.axis else _share(trend)
    return Tile("Now", capital(answer), "; ".join(filter(None, (shown, beside))), told=is_beyond(trend))


def _share(trend: Trend) -> str:
    side = side_of(trend.level.value)
    return f"{side.value} share {share_told(trend.level, side)}"


def _sure(trend: Trend, scale: Scale) -> Tile:
    if not math.isfinite(trend.p_right):
        return Tile("Sure?", "Unknown", _missing(trend))
    larger = scale.larger(1.0 if trend.p_right >= 0.5 else -1.0)
    p = max(trend.p_right, 1 - trend.p_right)
    beyond = f"{scale.apart(trend.settings.band)}: {chance(trend.p_beyond_band)}"
    if p < SURE:
        return Tile("Sure?", "No, could be either", f"{larger}: {chance(p)}; {beyond}")
    return Tile("Sure?", f"{capital(chance(p))}: {larger}", beyond, told=is_beyond(trend))


def _changing(trend: Trend, scale: Scale) -> Tile:
    if trend.is_unknown or not math.isfinite(trend.change.value):
        return Tile("Changing?", "Unknown", _missing(trend))
    if scale.axis:
        far, ends = moved_told(trend, scale)
        answer = f"Yes: {course(trend, scale)}" if is_moving(trend) else "No clear change"
        return Tile("Changing?", answer, f"{far} since {day_in(trend, trend.since)} ({ends})", told=is_moving(trend))
    side, change = change_told(trend)
    shown = f"{change.replace(' (', f' since {day_in(trend, trend.since)} (', 1)}"
    if is_moving(trend):
        return Tile("Changing?", f"Yes: {side.value} share rising", shown, told=True)
    return Tile("Changing?", "No clear change", f"{side.value} share {shown}")


def _missing(trend: Trend) -> str:
    n = len(present(trend)) if trend.sessions else 0
    place = " with this setup" if trend.setup_changes else ""
    return f"{n} of {MIN_SESSIONS} sessions needed{place}"
