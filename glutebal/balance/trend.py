"""One series of sessions: where the balance is now, whether it changes, and how sure that is.

All values are λ = ln(R/L), positive when the right side is larger, or for one side alone ln(value); where the settings
have a unit they are right minus left in it, or a signed midline value.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum

import numpy as np

from glutebal.balance.course import ASSUMED, Course, SessionSets, TrendSettings, course_of
from glutebal.balance.estimate import t_quantile
from glutebal.balance.ewma import BASELINE, EwmaChart, ewma_chart
from glutebal.balance.learning import typical
from glutebal.balance.mixture import Mixture
from glutebal.balance.ratio import imbalance
from glutebal.balance.robust_slope import RobustSlope, robust_slope
from glutebal.balance.signs import SignCount, sign_count
from glutebal.model import Samples
from glutebal.results import Estimate, Status

__all__ = [
    "MIN_SESSIONS",
    "Direction",
    "EwmaChart",
    "MeasurementError",
    "RobustSlope",
    "SessionLevel",
    "SessionSets",
    "SignCount",
    "Trend",
    "TrendSettings",
    "as_points",
    "trend",
]

#: With a value, in the present setup: fewer say nothing about the course.
MIN_SESSIONS = 3


class Direction(Enum):
    """What can be said about the course of a series."""

    UNKNOWN = "unknown"  # fewer than MIN_SESSIONS sessions of one setup
    STEADY = "steady"  # the interval of the change includes 0
    RIGHTWARDS = "rightwards"  # the right share is rising, the difference moves towards plus
    LEFTWARDS = "leftwards"  # the left share is rising, the difference moves towards minus


@dataclass(frozen=True)
class SessionLevel:
    """One session of a trend: what was observed and where the level was, on the scale of the values.

    ``observed`` carries the session's whole measurement error (sets, references, placement); ``filtered`` uses the
    sessions up to this one, ``smoothed`` all of them. ``segment`` counts from 1, one more at every change of setup.
    """

    day: date
    observed: Estimate
    filtered: Estimate
    smoothed: Estimate
    sets: int
    segment: int
    setup: str
    outlier: bool = False


@dataclass(frozen=True)
class MeasurementError:
    """How much a session's value moves when nothing has changed, on the scale of the values.

    ``sem`` is the standard error of measurement of one session (typical error), ``mdc95`` = 2.772·sem the smallest
    difference of two sessions that is more than that. ``learned`` is False while they rest on assumed values.
    """

    placement_sd: float
    drift_sd: float
    sem: float
    mdc90: float
    mdc95: float
    learned: bool
    sessions: int


@dataclass(frozen=True)
class Trend:
    """A series of sessions, judged.

    ``level`` is λ (or the difference) now, as the present setup measures it, with its credible interval. ``change`` is
    that minus the level at the first session of the present setup (``since``). Probabilities are NaN when
    ``direction`` is UNKNOWN.
    """

    sessions: tuple[SessionLevel, ...]
    level: Estimate
    change: Estimate
    since: date
    direction: Direction
    p_right: float
    p_beyond_band: float
    error: MeasurementError
    signs: SignCount
    robust: RobustSlope
    ewma: EwmaChart | None
    settings: TrendSettings
    reason: str = ""

    @property
    def setup_changes(self) -> tuple[date, ...]:
        """Days on which the setup was another than before."""
        pairs = zip(self.sessions, self.sessions[1:], strict=False)
        return tuple(after.day for before, after in pairs if before.segment != after.segment)

    @property
    def is_unknown(self) -> bool:
        """Whether there are too few sessions to say anything about the course."""
        return self.direction is Direction.UNKNOWN or not math.isfinite(self.level.value)


def trend(sessions: Sequence[SessionSets], settings: TrendSettings = ASSUMED) -> Trend:
    """Judge a series of sessions: the level now, whether it changes, and how sure that is.

    Session values are seen through a local-level model (Durbin and Koopman 2012): a level that wanders by
    ``drift_sd`` a week, measured with the sets' sampling error and the error of putting the sensors on. How large the
    two are is known only roughly: every statement averages over what they may be, given the settings' values and the
    sessions so far. The measurement error that is told is the assumed one until there are ``learn_from`` sessions.
    A change of setup starts the level anew; what is said about level, change, direction, signs, slope and chart
    concerns the present setup.

    Parameters
    ----------
    sessions : sequence of SessionSets
        In any order; those of one day are taken in the order given. A session without any finite set is a missing
        observation.
    settings : TrendSettings
        Assumptions, on the scale of the values: λ, or differences in ``settings.unit``.

    Raises
    ------
    InputError
        Without any session, or for settings out of range.
    """
    return _judged(course_of(sessions, settings))


def as_points(change: Estimate, around: float) -> Estimate:
    """A difference of λ as a difference of imbalance-index points, d(around + Δ/2) − d(around − Δ/2).

    ``around`` is the λ in the middle of the change; ends are carried over like the value, se by the delta method.
    """
    value, low, high = (_points(delta, around) for delta in (change.value, change.low, change.high))
    ends = (around + change.value / 2, around - change.value / 2)
    slope = 25 * sum(1 - math.tanh(end / 2) ** 2 for end in ends)
    return replace(change, value=value, low=low, high=high, se=slope * change.se)


def _points(delta: float, around: float) -> float:
    return imbalance(around + delta / 2) - imbalance(around - delta / 2)


def _judged(course: Course) -> Trend:
    settings, present = course.settings, course.present
    error = _error(course)
    levels = _session_levels(course, error)
    reason = _too_few(len(present), len(set(course.segments)) > 1)
    change = Estimate.none(Status.TOO_FEW, reason, len(present)) if reason else _change(course, present)
    values = course.found.values[present]
    return Trend(
        sessions=levels,
        level=levels[-1].smoothed if present else Estimate.none(Status.TOO_FEW, reason),
        change=change,
        since=course.sessions[present[0] if present else course.segments.index(course.segments[-1])].day,
        direction=_direction(change),
        p_right=math.nan if reason else _p_right(course),
        p_beyond_band=math.nan if reason else _p_beyond(course),
        error=error,
        signs=sign_count(values, settings.level),
        robust=robust_slope(course.weeks[present], values, settings.level),
        ewma=_ewma(course, error),
        settings=settings,
        reason=reason,
    )


def _too_few(sessions: int, several_setups: bool) -> str:
    """Why nothing is said about the course; empty when there are enough sessions."""
    if sessions >= MIN_SESSIONS:
        return ""
    count = "no session" if sessions == 0 else f"{sessions} session" + ("s" if sessions > 1 else "")
    where = " since the setup changed" if several_setups else ""
    return f"{count} with a value{where}, a course needs {MIN_SESSIONS}"


def _session_levels(course: Course, error: MeasurementError) -> tuple[SessionLevel, ...]:
    until, among = course.counts
    filtered = _estimates(course, course.filtered.mean, course.filtered.variance, until, "Kalman filter")
    smoothed = _estimates(course, course.smoothed.mean, course.smoothed.variance, among, "Kalman smoother")
    outliers = course.filtered.capped @ course.weights > 0.5
    seen = _observed(course, error)
    rows = zip(course.sessions, seen, filtered, smoothed, course.found.sets, course.segments, outliers, strict=True)
    return tuple(SessionLevel(s.day, o, f, m, n, g, s.setup, bool(out)) for s, o, f, m, n, g, out in rows)


def _estimates(
    course: Course, means: Samples, variances: Samples, counts: Sequence[int], method: str
) -> list[Estimate]:
    """One estimate per session from the mixture over the grid; ``counts`` are the sessions behind each."""
    mixture = Mixture(means, np.sqrt(variances), course.weights).trimmed()
    tail = (1 - course.settings.level) / 2
    columns = [mixture.mean, mixture.quantile(tail), mixture.quantile(1 - tail), mixture.sd]
    level = course.settings.level
    rows = zip(*(column.tolist() for column in columns), counts, strict=True)
    return [Estimate(y, low, high, se, n, method, level=level) for y, low, high, se, n in rows]


def _observed(course: Course, error: MeasurementError) -> list[Estimate]:
    half = t_quantile(course.settings.level, math.inf)
    ses = np.sqrt(course.found.variances + error.placement_sd**2).tolist()
    return [
        Estimate(y, y - half * se, y + half * se, se, n, "mean of sets, with placement", level=course.settings.level)
        if math.isfinite(y)
        else Estimate.none(Status.REFUSED, "no set of this session has a value")
        for y, se, n in zip(course.found.values.tolist(), ses, course.found.sets, strict=True)
    ]


def _change(course: Course, present: list[int]) -> Estimate:
    mean, variance = course.smoothed.change(present[0], len(course.sessions) - 1)
    mixture = Mixture(mean[None], np.sqrt(variance)[None], course.weights)
    tail = (1 - course.settings.level) / 2
    low, high = (float(mixture.quantile(p)[0]) for p in (tail, 1 - tail))
    value, se = float(mixture.mean[0]), float(mixture.sd[0])
    return Estimate(value, low, high, se, len(present), "Kalman smoother", level=course.settings.level)


def _direction(change: Estimate) -> Direction:
    if not math.isfinite(change.value):
        return Direction.UNKNOWN
    if change.low > 0:
        return Direction.RIGHTWARDS
    return Direction.LEFTWARDS if change.high < 0 else Direction.STEADY


def _p_right(course: Course) -> float:
    return float(1 - _now(course).below(np.zeros(1))[0])


def _p_beyond(course: Course) -> float:
    band, now = course.settings.band_of_values, _now(course)
    return float(now.below(np.array([-band]))[0] + 1 - now.below(np.array([band]))[0])


def _now(course: Course) -> Mixture:
    return Mixture(course.filtered.mean[-1:], np.sqrt(course.filtered.variance[-1:]), course.weights)


def _error(course: Course) -> MeasurementError:
    settings, grid = course.settings, course.grid
    placement, drift = settings.placement_sd, settings.drift_sd
    if course.learned:
        placement, drift = (typical(sd, course.weights) for sd in (grid.placement_sd, grid.drift_sd))
    sampling = course.found.variances[np.isfinite(course.found.values)]
    sem = math.sqrt(placement**2 + float(sampling.mean())) if sampling.size else math.nan
    mdc90, mdc95 = (math.sqrt(2) * t_quantile(level, math.inf) * sem for level in (0.90, 0.95))
    return MeasurementError(placement, drift, sem, mdc90, mdc95, course.learned, sampling.size)


def _ewma(course: Course, error: MeasurementError) -> EwmaChart | None:
    """The present setup's chart, once there are sessions beyond those that set its centre."""
    if len(course.present) <= BASELINE:
        return None
    days = [course.sessions[t].day for t in course.present]
    return ewma_chart(course.found.values[course.present], error.sem, days=days)
