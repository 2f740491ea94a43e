"""Intraclass correlation: how much of what persons differ by is left when they are measured again.

The six forms of Shrout & Fleiss (1979) Psychol Bull 86:420, from the analysis of variance of a table of persons by
sessions, with the F intervals of McGraw & Wong (1996) Psychol Methods 1:30.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import ArrayLike

from glutebal.errors import InputError
from glutebal.model import Samples
from glutebal.results import Estimate, Status


class Icc(Enum):
    """The six intraclass correlations of Shrout & Fleiss: which errors count, and of one session or of their mean.

    ``AGREEMENT`` counts what shifts everybody from session to session as error, ``CONSISTENCY`` does not; ``ONE_WAY``
    is for sessions that have no order.
    """

    ONE_WAY = "ICC(1,1)"
    AGREEMENT = "ICC(2,1)"
    CONSISTENCY = "ICC(3,1)"
    MEAN_ONE_WAY = "ICC(1,k)"
    MEAN_AGREEMENT = "ICC(2,k)"
    MEAN_CONSISTENCY = "ICC(3,k)"


LEAST_DF = 1 - 1e-9  # Satterthwaite's degrees of freedom under which an F interval says nothing; the rest is rounding
NO_DF = "no interval: sessions and errors cancel in its degrees of freedom"

_OF_MEAN = {
    Icc.MEAN_ONE_WAY: Icc.ONE_WAY,
    Icc.MEAN_AGREEMENT: Icc.AGREEMENT,
    Icc.MEAN_CONSISTENCY: Icc.CONSISTENCY,
}


@dataclass(frozen=True)
class TwoWay:
    """Analysis of variance of a table of n persons by k sessions; mean squares in the squared unit of the measure.

    ``persons`` (MSR) on n − 1 degrees of freedom, ``sessions`` (MSC) on k − 1, ``error`` (MSE) on (n − 1)(k − 1),
    ``within`` (MSW) on n(k − 1). ``sd_between`` is the standard deviation of all values about their sessions' means.
    """

    n: int
    k: int
    mean: float
    persons: float
    sessions: float
    error: float
    within: float
    sd_between: float

    @property
    def error_df(self) -> int:
        """Degrees of freedom of ``error``."""
        return (self.n - 1) * (self.k - 1)


def two_way(table: ArrayLike) -> TwoWay:
    """Mean squares of a table of persons by sessions.

    Parameters
    ----------
    table : array_like, shape (n, k)
        One row per person, one column per session; n ≥ 2, k ≥ 2. A missing cell is refused, not filled in: leaving out
        its person changes whom the answer is about, so that is for the caller to decide.

    Raises
    ------
    InputError
        Another shape, or a cell that is not finite.
    """
    values = _table(table)
    n, k = values.shape
    rows, columns, mean = values.mean(axis=1), values.mean(axis=0), float(values.mean())
    rounding = n * k * (8 * np.finfo(float).eps * float(np.abs(values).max())) ** 2

    def mean_square(squares: Samples, df: int) -> float:
        total = float(np.sum(squares))
        return total / df if total > rounding else 0.0

    persons = mean_square(k * (rows - mean) ** 2, n - 1)
    sessions = mean_square(n * (columns - mean) ** 2, k - 1)
    error = mean_square((values - rows[:, None] - columns + mean) ** 2, (n - 1) * (k - 1))
    within = mean_square((values - rows[:, None]) ** 2, n * (k - 1))
    spread = math.sqrt(mean_square((values - columns) ** 2, (n - 1) * k))
    return TwoWay(n, k, mean, persons, sessions, error, within, spread)


def _table(table: ArrayLike) -> Samples:
    values = np.asarray(table, dtype=np.float64)
    if values.ndim != 2 or min(values.shape) < 2:
        raise InputError("a table of two or more persons by two or more sessions", f"shape {values.shape}", "table")
    holes = np.argwhere(~np.isfinite(values))
    if holes.size:
        places = ", ".join(f"row {i + 1} column {j + 1}" for i, j in holes[:5])
        advice = "leave those rows out"
        raise InputError("a value in every cell", f"{len(holes)} without one: {places}", "table", advice)
    return values


def icc(anova: TwoWay, kind: Icc, level: float = 0.95) -> Estimate:
    """One intraclass correlation with its F interval (McGraw & Wong 1996).

    Parameters
    ----------
    anova : TwoWay
        From `two_way`.
    kind : Icc
        Which one.
    level : float
        Nominal coverage.

    Returns
    -------
    Estimate
        At most 1; below 0 when persons differ less than their sessions do. ``n`` counts persons. REFUSED when the
        persons' means are all equal, or when the errors leave nothing to the mean of the sessions. The interval is for
        normally distributed values and wide under some 30 persons. An agreement below 0 may have none: sessions and
        errors then cancel in its degrees of freedom, and ``reason`` says so.
    """
    single = _OF_MEAN.get(kind, kind)
    if anova.persons == 0:
        return Estimate.none(Status.REFUSED, "the means of the persons do not differ", n=anova.n)
    if single is Icc.AGREEMENT:
        ends = _agreement(anova, level)
    else:
        error, df = (anova.within, anova.n * (anova.k - 1))
        if single is Icc.CONSISTENCY:
            error, df = anova.error, anova.error_df
        ends = _by_ratio(anova, error, df, level)
    value, low, high = ends if single is kind else (_of_mean(x, anova.k) for x in ends)
    if not math.isfinite(value):
        return Estimate.none(Status.REFUSED, "the errors are larger than what persons differ by", n=anova.n)
    reason = NO_DF if math.isnan(low) else ""
    return Estimate(value, low, high, n=anova.n, method=f"{kind.value}, F interval", reason=reason, level=level)


def _by_ratio(anova: TwoWay, error: float, df: int, level: float) -> tuple[float, float, float]:
    """ICC(1,1) or ICC(3,1): a function of one variance ratio."""
    ratio = anova.persons / error if error > 0 else math.inf
    narrow = ratio / _f_quantile(level, anova.n - 1, df)
    wide = ratio * _f_quantile(level, df, anova.n - 1)
    value, low, high = (1 - anova.k / (f + anova.k - 1) for f in (ratio, narrow, wide))
    return value, low, high


def _agreement(anova: TwoWay, level: float) -> tuple[float, float, float]:
    """ICC(2,1), whose interval rests on Satterthwaite's degrees of freedom."""
    n, k, persons, sessions, error = anova.n, anova.k, anova.persons, anova.sessions, anova.error
    if sessions == 0 and error == 0:
        return 1.0, 1.0, 1.0
    value = (persons - error) / (persons + (k - 1) * error + k * (sessions - error) / n)
    of_sessions, of_error = k * value * sessions, (n * (1 + (k - 1) * value) - k * value) * error
    df = (of_sessions + of_error) ** 2 / (of_sessions**2 / (k - 1) + of_error**2 / anova.error_df)
    if df < LEAST_DF:
        return value, math.nan, math.nan
    above, below = _f_quantile(level, n - 1, df), _f_quantile(level, df, n - 1)
    rest = k * sessions + (k * n - k - n) * error
    low = n * (persons - above * error) / (above * rest + n * persons)
    high = n * (below * persons - error) / (rest + n * below * persons)
    return value, low, high


def _of_mean(single: float, k: int) -> float:
    """Spearman and Brown: of the mean of k sessions, from that of one; −∞ when the errors are all there is."""
    spread = 1 + (k - 1) * single
    return k * single / spread if spread > 1e-9 else -math.inf  # what is left is rounding


def _f_quantile(level: float, df: float, other_df: float) -> float:
    from scipy.special import fdtri

    return float(fdtri(df, other_df, 0.5 + level / 2))
