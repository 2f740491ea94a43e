"""The three short answers of a season's first screen: which side, how sure, and does it change."""

from __future__ import annotations

import math
from dataclasses import dataclass

from glutebal.balance.trend import MIN_SESSIONS, Trend
from glutebal.history.progress import Progress
from glutebal.model import Side
from glutebal.report.reading import capital, has_interval
from glutebal.report.season_reading import (
    SURE,
    chance,
    change_told,
    day_in,
    is_beyond,
    is_moving,
    leaning,
    level_told,
    present,
    share_told,
    side_of,
)


@dataclass(frozen=True)
class Tile:
    """A short answer: the question, the answer, what stands behind it; ``told`` when it may stand out."""

    question: str
    answer: str
    detail: str
    told: bool = False


def tiles(progress: Progress) -> tuple[Tile, Tile, Tile]:
    """Which side, how sure, and does it change: the three answers of the first screen."""
    return _now(progress), _sure(progress.trend), _changing(progress.trend)


def _now(progress: Progress) -> Tile:
    trend = progress.trend
    if not math.isfinite(trend.level.value):
        return Tile("Now", "Unknown", "no left/right answer yet" + (" with this setup" if trend.setup_changes else ""))
    answer, _, interval = leaning(trend.level).partition(" (")
    side = side_of(trend.level.value)
    shown = f"{level_told(trend.level)} {interval.rstrip(')')}" if has_interval(trend.level) else "no range yet"
    share = f"{side.value} share {share_told(trend.level, side)}"
    return Tile("Now", capital(answer), f"{shown}; {share}", told=is_beyond(trend))


def _sure(trend: Trend) -> Tile:
    if not math.isfinite(trend.p_right):
        return Tile("Sure?", "Unknown", _missing(trend))
    side = Side.RIGHT if trend.p_right >= 0.5 else Side.LEFT
    p = max(trend.p_right, 1 - trend.p_right)
    beyond = f"more than {trend.settings.band:g} points apart: {chance(trend.p_beyond_band)}"
    if p < SURE:
        return Tile("Sure?", "No, could be either", f"{side.value} larger: {chance(p)}; {beyond}")
    return Tile("Sure?", f"{capital(chance(p))}: {side.value} larger", beyond, told=is_beyond(trend))


def _changing(trend: Trend) -> Tile:
    if trend.is_unknown or not math.isfinite(trend.change.value):
        return Tile("Changing?", "Unknown", _missing(trend))
    side, change = change_told(trend)
    shown = f"{change.replace(' (', f' since {day_in(trend, trend.since)} (', 1)}"
    if is_moving(trend):
        return Tile("Changing?", f"Yes: {side.value} share rising", shown, told=True)
    return Tile("Changing?", "No clear change", f"{side.value} share {shown}")


def _missing(trend: Trend) -> str:
    n = len(present(trend)) if trend.sessions else 0
    place = " with this setup" if trend.setup_changes else ""
    return f"{n} of {MIN_SESSIONS} sessions needed{place}"
