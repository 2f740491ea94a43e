"""Values with known standard errors, put together: one mean, or one slope over time."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from glutebal.balance.estimate import t_quantile
from glutebal.errors import InputError
from glutebal.model import Samples
from glutebal.results import Estimate, Status


@dataclass(frozen=True)
class Pooled:
    """A random-effects mean and how much the values differ beyond their own errors.

    ``q`` is Cochran's heterogeneity on n − 1 degrees of freedom, ``tau_squared`` the variance between the values
    (their scale, squared), ``i_squared`` its part of their scatter in per cent, 0 to 100.
    """

    mean: Estimate
    q: float
    tau_squared: float
    i_squared: float


def pooled(values: ArrayLike, ses: ArrayLike, level: float = 0.95) -> Pooled:
    """Random-effects mean of values with known standard errors (DerSimonian & Laird 1986).

    Parameters
    ----------
    values, ses : array_like, shape (n,)
        Such as λ of sessions and their standard errors, above 0. NaN in either leaves the value out.
    level : float
        Nominal coverage of the normal interval.

    Returns
    -------
    Pooled
        ``mean`` is REFUSED without any value; the heterogeneity is NaN under two.

    Raises
    ------
    InputError
        Unequal lengths, or a standard error that is not above 0.
    """
    y, variance = _known(values, ses)
    n = y.size
    if n == 0:
        return Pooled(Estimate.none(Status.REFUSED, "no value has a standard error"), math.nan, math.nan, math.nan)
    weight = 1 / variance
    q = float(weight @ (y - np.average(y, weights=weight)) ** 2)
    spread = float(weight.sum() - (weight @ weight) / weight.sum())
    tau_squared = max(0.0, (q - (n - 1)) / spread) if n > 1 else 0.0
    weight = 1 / (variance + tau_squared)
    mean = _estimate(float(np.average(y, weights=weight)), float(weight.sum()), n, "DerSimonian-Laird mean", level)
    if n < 2:
        return Pooled(mean, math.nan, math.nan, math.nan)
    return Pooled(mean, q, tau_squared, 100 * max(0.0, 1 - (n - 1) / q) if q > 0 else 0.0)


def weighted_slope(times: ArrayLike, values: ArrayLike, ses: ArrayLike, level: float = 0.95) -> Estimate:
    """Slope of values with known standard errors over time, by weighted least squares, per unit of ``times``.

    It takes the standard errors for the whole error: sessions of one person scatter more than that, which is what
    the trend's placement variance is for.

    Raises
    ------
    InputError
        Unequal lengths, or a standard error that is not above 0.
    """
    t = np.asarray(times, dtype=np.float64)
    if t.shape != np.shape(values):
        raise InputError(f"{np.size(values)} times, one per value", f"{t.size}", "weighted_slope")
    seen = np.isfinite(t)
    y, variance = _known(np.where(seen, values, np.nan), ses)
    t = t[seen & np.isfinite(np.asarray(values, dtype=np.float64)) & np.isfinite(np.asarray(ses, dtype=np.float64))]
    if np.unique(t).size < 2:
        return Estimate.none(Status.TOO_FEW, "a slope needs values at two times", n=y.size)
    weight = 1 / variance
    centred = t - np.average(t, weights=weight)
    information = float(weight @ centred**2)
    return _estimate(float(weight @ (centred * y)) / information, information, y.size, "weighted least squares", level)


def _known(values: ArrayLike, ses: ArrayLike) -> tuple[Samples, Samples]:
    """The values that have a standard error, and their variances."""
    y, se = np.asarray(values, dtype=np.float64), np.asarray(ses, dtype=np.float64)
    if y.shape != se.shape:
        raise InputError(f"{y.size} standard errors, one per value", f"{se.size}", "pooling")
    seen = np.isfinite(y) & np.isfinite(se)
    if np.any(se[seen] <= 0):
        raise InputError("standard errors above 0", f"{se[seen].min():g}", "pooling")
    return y[seen], se[seen] ** 2


def _estimate(value: float, information: float, n: int, method: str, level: float) -> Estimate:
    se = math.sqrt(1 / information)
    half = t_quantile(level, math.inf) * se
    return Estimate(value, value - half, value + half, se, n, method, level=level)
