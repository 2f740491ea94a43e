"""What stands behind a season's headline, one sentence each: direction count, measurement error, second opinions."""

from __future__ import annotations

import math
from datetime import date

from glutebal.balance.trend import SignCount, Trend
from glutebal.history.progress import Progress
from glutebal.model import Side
from glutebal.report.differences import InUnit, decimals_of, facing, unit_sign
from glutebal.report.reading import capital, fixed, has_interval, span
from glutebal.report.season_reading import (
    day_in,
    is_moving,
    level_told,
    mdc_points,
    number_of,
    p_value,
    points_of_change,
    sem_points,
    side_of,
    towards,
)
from glutebal.report.season_scale import POINTS, Scale
from glutebal.results import Estimate


def signs_told(trend: Trend, scale: Scale = POINTS) -> str:
    """How many sessions pointed each way; "consistently" only when the count allows it."""
    signs = trend.signs
    if signs.right + signs.left == 0:
        return "No session has pointed either way yet."
    side = Side.RIGHT if signs.right >= signs.left else Side.LEFT
    n, total = max(signs.right, signs.left), signs.right + signs.left
    where = scale.pointing(1.0 if side is Side.RIGHT else -1.0)
    told = f"{capital(where)} in {n} of {number_of(total, 'session')}"
    if signs.right == signs.left:
        told = f"As many sessions each way, {n} and {n}"
    shown = f"{told} ({_share_of_sessions(signs, side)}sign test {p_value(signs.p)})"
    if signs.consistent:
        return f"{shown}: consistently {where}."
    return f"{shown}: not a consistent side; that takes at least six sessions on one side and p < .05."


def _share_of_sessions(signs: SignCount, side: Side) -> str:
    share = signs.share_right
    if not has_interval(share):
        return ""
    ends = (share.low, share.high) if side is Side.RIGHT else (1 - share.high, 1 - share.low)
    return f"{level_told(share)} {100 * ends[0]:.0f} to {100 * ends[1]:.0f} % of sessions, "


def error_told(trend: Trend, scale: Scale = POINTS) -> str:
    """How far two sessions must differ to count, and where that number comes from."""
    mdc95, mdc90, sem = mdc_points(trend), mdc_points(trend, 90), sem_points(trend)
    if not math.isfinite(mdc95):
        return "How far two sessions must differ to count is not known yet."
    sure, likely, typically = (scale.amount(size) for size in (mdc95, mdc90, sem))
    told = f"Two sessions must differ by {sure} to count (at 90 % certainty by {likely.removesuffix(' points')}); "
    typical = f"one session alone is off by {typically}, typically. "
    n = trend.settings.learn_from
    if trend.error.learned:
        return told + typical + f"Learned from your own {number_of(trend.error.sessions, 'session')}."
    return told + typical + f"Assumed until {number_of(n, 'session')} are in, then learned from your own."


def robust_told(trend: Trend, scale: Scale = POINTS) -> str:
    """Theil-Sen slope and Mann-Kendall test, and whether they agree with the trend."""
    slope = trend.robust.slope_per_week
    if not has_interval(slope) or trend.is_unknown:
        return "A second opinion needs more sessions."
    weekly = _weekly_share(trend, slope) if scale.axis is None else _weekly(slope, scale.axis)
    told = f"A slope that outliers cannot bend: {weekly}, Mann-Kendall {p_value(trend.robust.p)}"
    return f"{told}. {_second_opinion(trend)}"


def _weekly_share(trend: Trend, slope: Estimate) -> str:
    points = points_of_change(slope, trend.level.value)
    side = side_of(points.value)
    facing = towards(points, side)
    weekly = f"{fixed(facing.value / 2, 2)} percentage points per week"
    ends = f"{fixed(facing.low / 2, 2)} to {fixed(facing.high / 2, 2)}"
    return f"{side.value} share +{weekly} ({level_told(slope)} {ends})"


def _weekly(slope: Estimate, axis: InUnit) -> str:
    turned, decimals = slope if axis.is_signed else facing(slope), decimals_of(axis.unit) + 1
    shown = f"{fixed(turned.value, decimals)}{unit_sign(axis.unit)} per week{axis.toward(slope.value)}"
    return f"{shown} ({level_told(slope)} {span(turned, decimals)})"


def _second_opinion(trend: Trend) -> str:
    clear, moving = trend.robust.p < 0.05, is_moving(trend)
    same = (trend.robust.slope_per_week.value > 0) == (trend.change.value > 0)
    if clear and moving:
        return "It confirms the change." if same else "It points the other way, so read the change with care."
    if moving:
        return "It does not confirm the change, so read it with care."
    return "It sees a slow change that the trend does not." if clear else "It sees no change either."


def ewma_told(trend: Trend) -> str:
    """Whether the running average of the sessions ever left its limits, and when."""
    chart = trend.ewma
    if chart is None:
        return "A control chart needs more sessions."
    days = alert_days(trend)
    if not days:
        return f"No alert: the running average stayed within its limits in {number_of(len(chart.values), 'session')}."
    shown = ", ".join(day_in(trend, day) for day in days[-3:])
    more = f" (and {len(days) - 3} before)" if len(days) > 3 else ""
    return f"Outside its limits on {shown}{more}: the running average moved more than day-to-day scatter does."


def alert_days(trend: Trend) -> list[date]:
    """The days on which the control chart was outside its limits."""
    chart = trend.ewma
    return [chart.days[i] for i in chart.alerts] if chart is not None else []


def side_told(progress: Progress, side: Side) -> str:
    """One side against its own best, and since the start."""
    if progress.sides is None:
        return ""
    course = progress.sides[side]
    return f"{capital(side.value)}: {best_told(course.of_best)}; since the start {_gain(course.change)}."


def best_told(of_best: Estimate) -> str:
    """Where a side is against its own best level: "96 % (92 to 99) of its best", "at its best now"."""
    if of_best.value == of_best.low == of_best.high == 100:
        return "at its best now"
    return f"{_percent(of_best)} of its best"


def _percent(estimate: Estimate) -> str:
    shown = f"{fixed(estimate.value, 0)} %"
    return f"{shown} ({span(estimate, 0)})" if has_interval(estimate) else f"{shown} (no range)"


def _gain(change: Estimate) -> str:
    sign = "+" if change.value >= 0.5 else ""
    told = f"{sign}{_percent(change)}"
    if not has_interval(change):
        return told
    return told if not change.low <= 0 <= change.high else f"{told}, no change that can be told"
