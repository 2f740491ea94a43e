"""Both sides on their own, against their own best: symmetry must not be won by losing the stronger side."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from glutebal.balance.trend import SessionSets, Trend, TrendSettings
from glutebal.history.series import SetPoint
from glutebal.model import Bilateral, Side
from glutebal.results import Estimate, Status

#: Standard deviation of the change of one side's ln(value) over a week: loads are raised on purpose.
SIDE_DRIFT_SD = 0.04
#: ln(value) may be anything before it was seen.
SIDE_PRIOR_SD = 30.0


@dataclass(frozen=True)
class SideCourse:
    """One side's own values: the trend of ln(value), its best session, and where it is now against that.

    ``now`` is the present level in the series' unit; ``of_best`` and ``change`` are per cent (100 = as at the best;
    0 = as at the start), with intervals. None of them compares values of two setups.
    """

    trend: Trend
    best: float
    best_day: date
    now: Estimate
    of_best: Estimate
    change: Estimate


def side_courses(
    sessions: Sequence[Sequence[SetPoint]], setups: Sequence[str], settings: TrendSettings
) -> Bilateral[SideCourse]:
    """Both sides' courses, with assumptions of one side taken from those of λ.

    Half of the variance of placement and references is a side's. Loads are not told apart: in a session with less load
    both sides are lower, and the comparison with their own best says so.
    """
    own = replace(
        settings,
        placement_sd=settings.placement_sd / math.sqrt(2),
        drift_sd=max(settings.drift_sd, SIDE_DRIFT_SD),
        prior_sd=SIDE_PRIOR_SD,
    )
    return Bilateral.per_side(lambda side: _course(sessions, setups, side, own))


def _course(
    sessions: Sequence[Sequence[SetPoint]], setups: Sequence[str], side: Side, settings: TrendSettings
) -> SideCourse:
    """The trend of ln(value); the best is the highest level, not the luckiest session, since the last change of setup.

    The intervals of ``of_best`` take the two levels as independent, which is wider than they are.
    """
    from glutebal.balance.trend import trend

    found = trend([_one_side(sets, setup, side) for sets, setup in zip(sessions, setups, strict=True)], settings)
    present = [s for s in found.sessions if s.segment == found.sessions[-1].segment and math.isfinite(s.smoothed.value)]
    if found.is_unknown or not present:
        nothing = Estimate.none(Status.TOO_FEW, found.reason)
        return SideCourse(found, math.nan, found.since, nothing, nothing, nothing)
    best = max(present, key=lambda s: s.smoothed.value)
    against = _difference(found.level, best.smoothed, same=best is present[-1])
    return SideCourse(
        trend=found,
        best=math.exp(best.smoothed.value),
        best_day=best.day,
        now=_through(found.level, math.exp),
        of_best=_through(against, lambda x: 100 * math.exp(x)),
        change=_through(found.change, lambda x: 100 * math.expm1(x)),
    )


def _one_side(sets: Sequence[SetPoint], setup: str, side: Side) -> SessionSets:
    values = [point.sides[side] for point in sets]
    ses = tuple(v.se / v.value if v.status.has_value and v.value > 0 else math.nan for v in values)
    shared = max(point.shared_se for point in sets) / math.sqrt(2)
    return SessionSets(sets[0].day, tuple(side_logs(sets, side)), ses, shared, setup)


def _difference(now: Estimate, best: Estimate, *, same: bool) -> Estimate:
    """ln(now/best) with its interval; at the best itself it is 0, exactly."""
    if same:
        return replace(now, value=0.0, low=0.0, high=0.0, se=0.0, reason="the present level is the best")
    value, se = now.value - best.value, math.hypot(now.se, best.se)
    half = 0.5 * (now.high - now.low) * se / now.se if now.se > 0 else math.nan
    return replace(now, value=value, low=value - half, high=value + half, se=se)


def _through(log: Estimate, view: Callable[[float], float]) -> Estimate:
    """An estimate of a logarithm as what it stands for: value and ends exactly, se by the delta method."""
    value, low, high = map(view, (log.value, log.low, log.high))
    slope = view(log.value + 0.5) - view(log.value - 0.5)
    return replace(log, value=value, low=low, high=high, se=log.se * slope)


def side_logs(sets: Sequence[SetPoint], side: Side) -> list[float]:
    """Logarithm of one side's value per set; NaN without a value above 0."""
    values = [point.sides[side] for point in sets]
    return [math.log(v.value) if v.status.has_value and v.value > 0 else math.nan for v in values]
