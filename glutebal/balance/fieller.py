"""Fieller's interval for the ratio of two means, for values that may straddle zero."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from glutebal.balance.estimate import MIN_REPS, t_quantile
from glutebal.errors import InputError
from glutebal.model import Samples
from glutebal.results import Estimate, Status


def fieller(left: ArrayLike, right: ArrayLike, level: float = 0.95, *, df: float | None = None) -> Estimate:
    """Mean of the right over mean of the left, paired by repetition, with Fieller's interval.

    The one estimate that is a plain ratio and not on the scale of λ: it is for values whose logarithm may not exist,
    such as net moments or amplitudes with the noise taken out.

    Parameters
    ----------
    left, right : array_like, shape (n,)
        Values per repetition, same unit, any sign; a repetition with NaN on either side is left out.
    level : float
        Nominal coverage.
    df : float, optional
        Degrees of freedom, by default n − 1; ``math.inf`` gives the normal quantile.

    Returns
    -------
    Estimate
        REFUSED where the left mean cannot be told from zero (g ≥ 1: the interval is unbounded); TOO_FEW without
        interval under five repetitions. ``se`` is that of the delta method.

    Notes
    -----
    Fieller (1954) J R Stat Soc B 16:175. With v and c the variances and the covariance of the means x̄ (left) and
    ȳ (right), g = t²·v_x/x̄² and the ends solve (x̄² − t²v_x)·θ² − 2(x̄ȳ − t²c)·θ + ȳ² − t²v_y = 0.
    """
    x, y = (np.asarray(v, dtype=np.float64) for v in (left, right))
    if x.shape != y.shape or x.ndim != 1:
        raise InputError("as many left as right values", f"shapes {x.shape} and {y.shape}", "fieller")
    both = np.array([x, y])[:, np.isfinite(x) & np.isfinite(y)]
    n = both.shape[1]
    if n == 0 or not both[0].mean():
        return Estimate.none(Status.REFUSED, "no repetition has a value" if n == 0 else "the left mean is 0", n)
    if n < MIN_REPS:
        reason = f"{n} repetitions, an interval needs {MIN_REPS}"
        ratio = float(both[1].mean() / both[0].mean())
        return Estimate(ratio, n=n, method="ratio of means", status=Status.TOO_FEW, reason=reason)
    return _solved(both, t_quantile(level, n - 1 if df is None else df), level)


def _solved(both: Samples, t: float, level: float) -> Estimate:
    n = both.shape[1]
    x, y = (float(mean) for mean in both.mean(axis=1))
    (v_x, c), (_, v_y) = (np.cov(both) / n).tolist()
    a, b, last = x**2 - t**2 * v_x, x * y - t**2 * c, y**2 - t**2 * v_y
    if a <= 0:
        reason = f"the left mean cannot be told from 0 at {100 * level:g} %: the interval of the ratio is unbounded"
        return Estimate.none(Status.REFUSED, reason, n)
    root = math.sqrt(max(b**2 - a * last, 0.0))
    ratio = y / x
    se = math.sqrt(max(v_y - 2 * ratio * c + ratio**2 * v_x, 0.0)) / abs(x)
    return Estimate(ratio, (b - root) / a, (b + root) / a, se, n, "Fieller, ratio of means", level=level)
