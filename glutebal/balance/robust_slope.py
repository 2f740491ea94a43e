"""A slope that a few odd sessions cannot bend: Theil-Sen, with the Mann-Kendall test beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from glutebal.errors import InputError
from glutebal.model import Samples
from glutebal.results import Estimate, Status

EXACT_UP_TO = 10  # values: the normal approximation is for more (Gilbert 1987)


@dataclass(frozen=True)
class RobustSlope:
    """Theil-Sen slope of λ per week with its interval, and the Mann-Kendall test beside it."""

    slope_per_week: Estimate
    s: int
    z: float
    p: float


def robust_slope(weeks: ArrayLike, values: ArrayLike, level: float = 0.95) -> RobustSlope:
    """Median of the slopes between all pairs, per week, and whether later values tend to be larger.

    The interval is Sen's (1968): between the slopes whose ranks lie z·√var(S) around the middle. ``s`` counts rising
    minus falling pairs; ``z`` has the continuity correction and the variance corrected for ties in time and value;
    ``p`` is two-sided, exact for up to ten values without ties, else from ``z`` (Mann 1945; Kendall 1975).

    Parameters
    ----------
    weeks, values : array_like, shape (n,)
        Times in weeks, evenly spaced or not, and λ; NaN is left out. Pairs at one time have no slope and do not count.
    level : float
        Nominal coverage of the interval.
    """
    t, y = _finite(weeks, values)
    span, rise = (np.subtract.outer(v, v) for v in (t, y))
    span, rise = span[span > 0], rise[span > 0]
    s = int(np.sum(np.sign(rise)))
    sd = math.sqrt(kendall_variance(t, y))
    z = (s - math.copysign(1, s)) / sd if s and sd > 0 else 0.0
    return RobustSlope(_slope(np.sort(rise / span), t.size, sd, level), s, z, _probability(s, z, t, y))


def kendall_variance(weeks: ArrayLike, values: ArrayLike) -> float:
    """Variance of S without association, corrected for ties in either (Kendall 1975)."""
    n = np.asarray(values).size
    ties = [np.unique(np.asarray(v), return_counts=True)[1].astype(np.float64) for v in (weeks, values)]
    five = [float(np.sum(c * (c - 1) * (2 * c + 5))) for c in ties]
    three = [float(np.sum(c * (c - 1) * (c - 2))) for c in ties]
    two = [float(np.sum(c * (c - 1))) for c in ties]
    variance = (n * (n - 1) * (2 * n + 5) - sum(five)) / 18
    if n > 2:
        variance += three[0] * three[1] / (9 * n * (n - 1) * (n - 2))
    if n > 1:
        variance += two[0] * two[1] / (2 * n * (n - 1))
    return max(variance, 0.0)


def kendall_exact_p(s: int, n: int) -> float:
    """Two-sided probability of |S| at least so large in n values in random order, without ties."""
    counts = np.ones(1)
    for k in range(2, n + 1):
        counts = np.convolve(counts, np.ones(k)) / k
    pairs = n * (n - 1) // 2
    sums = 2 * np.arange(counts.size) - pairs
    return min(float(np.sum(counts[np.abs(sums) >= abs(s)])), 1.0)


def _probability(s: int, z: float, t: Samples, y: Samples) -> float:
    from scipy.special import ndtr

    without_ties = np.unique(t).size == np.unique(y).size == t.size
    exact = without_ties and t.size <= EXACT_UP_TO
    return kendall_exact_p(s, t.size) if exact else min(2 * float(ndtr(-abs(z))), 1.0)


def _slope(slopes: Samples, n: int, sd: float, level: float) -> Estimate:
    from scipy.special import ndtri

    if not 0 < level < 1:
        raise InputError("a level between 0 and 1", f"{level:g}", "interval")
    if slopes.size == 0:
        return Estimate.none(Status.TOO_FEW, "a slope needs sessions on two days", n=n)
    middle = float(np.median(slopes))
    reach = float(ndtri(0.5 + level / 2)) * sd
    rank = math.floor((slopes.size - reach) / 2)
    if rank < 1:
        reason = f"{n} sessions are too few for an interval of the slope"
        return Estimate(middle, n=n, method="Theil-Sen", status=Status.TOO_FEW, reason=reason, level=level)
    low, high = float(slopes[rank - 1]), float(slopes[-rank])
    return Estimate(middle, low, high, n=n, method="Theil-Sen", level=level)


def _finite(weeks: ArrayLike, values: ArrayLike) -> tuple[Samples, Samples]:
    t, y = np.asarray(weeks, dtype=np.float64), np.asarray(values, dtype=np.float64)
    if t.ndim != 1 or t.shape != y.shape:
        raise InputError("one time for every value", f"shapes {t.shape} and {y.shape}", "slope")
    kept = np.isfinite(t) & np.isfinite(y)
    return t[kept], y[kept]
