"""Do two measurements of the same thing agree: limits of agreement, kappa for directions, and the popular CV rule."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glutebal.balance.estimate import t_quantile
from glutebal.errors import InputError
from glutebal.model import Bilateral, Samples
from glutebal.results import Estimate, Status


@dataclass(frozen=True)
class BlandAltman:
    """Second minus first of n pairs, in the unit of the measure: bias, limits of agreement, and their intervals.

    ``coverage`` is the part of such differences that lies between ``low`` and ``high``.
    """

    bias: Estimate
    low: Estimate
    high: Estimate
    sd: float
    coverage: float


def bland_altman(first: ArrayLike, second: ArrayLike, *, coverage: float = 0.95, level: float = 0.95) -> BlandAltman:
    """Limits of agreement of two measurements of the same persons (Bland & Altman 1986 Lancet 1:307).

    The limits are bias ± z·SD with the normal z of ``coverage`` (1.96 for 95 %). Their intervals are exact for normally
    distributed differences, by the noncentral t distribution (Carkeet 2015 Optom Vis Sci 92:e71, each limit alone);
    the usual ±t·√(3/n)·SD is too narrow on the outside for few pairs.

    Parameters
    ----------
    first, second : array_like, shape (n,)
        The two measurements; a pair with NaN is left out. At least three pairs.
    coverage : float
        Between 0 and 1.
    level : float
        Nominal coverage of the intervals.

    Raises
    ------
    InputError
        Unequal lengths, or fewer than three pairs.
    """
    a, b = _pairs(first, second)
    differences = b - a
    n, sd = differences.size, float(differences.std(ddof=1))
    bias, z = float(differences.mean()), t_quantile(coverage, math.inf)
    se = sd / math.sqrt(n)
    half = t_quantile(level, n - 1) * se
    middle = Estimate(bias, bias - half, bias + half, se, n, "t on differences", level=level)
    narrow, wide = (_noncentral(z * math.sqrt(n), n - 1, p) * se for p in (0.5 - level / 2, 0.5 + level / 2))
    method = "noncentral t"
    low = Estimate(bias - z * sd, bias - wide, bias - narrow, n=n, method=method, level=level)
    high = Estimate(bias + z * sd, bias + narrow, bias + wide, n=n, method=method, level=level)
    return BlandAltman(middle, low, high, sd, coverage)


def _pairs(first: ArrayLike, second: ArrayLike) -> tuple[Samples, Samples]:
    a, b = (np.asarray(values, dtype=np.float64) for values in (first, second))
    if a.ndim != 1 or a.shape != b.shape:
        raise InputError("two runs of one length", f"shapes {a.shape} and {b.shape}", "pairs")
    kept = np.isfinite(a) & np.isfinite(b)
    if np.count_nonzero(kept) < 3:
        raise InputError("three pairs with both values", f"{np.count_nonzero(kept)}", "pairs")
    return a[kept], b[kept]


def _noncentral(noncentrality: float, df: int, p: float) -> float:
    from scipy.stats import nct

    return float(nct.ppf(p, df, noncentrality))


class Agreement(Enum):
    """Words for a kappa (Landis & Koch 1977 Biometrics 33:159); a convention."""

    UNKNOWN = "unknown"
    POOR = "poor"  # below 0: less than by chance
    SLIGHT = "slight"  # to .20
    FAIR = "fair"  # to .40
    MODERATE = "moderate"  # to .60
    SUBSTANTIAL = "substantial"  # to .80
    ALMOST_PERFECT = "almost perfect"


_BANDS = ((0.2, Agreement.SLIGHT), (0.4, Agreement.FAIR), (0.6, Agreement.MODERATE), (0.8, Agreement.SUBSTANTIAL))


def landis_koch(kappa: float) -> Agreement:
    """The word for a kappa; NaN is UNKNOWN."""
    if not math.isfinite(kappa):
        return Agreement.UNKNOWN
    if kappa < 0:
        return Agreement.POOR
    rounded = round(kappa, 12)  # .6 by way of .1 + .2 + .3 is still moderate
    return next((word for top, word in _BANDS if rounded <= top), Agreement.ALMOST_PERFECT)


def direction_table(first: ArrayLike, second: ArrayLike) -> NDArray[np.int64]:
    """How often two sessions point to the same side, for `cohen_kappa` (Bishop et al. 2019 Sports 7:58).

    Parameters
    ----------
    first, second : array_like, shape (n,)
        λ, or any signed index, of the same persons or measures in two sessions. A pair with a 0 or a NaN, which
        points nowhere, is left out.

    Returns
    -------
    ndarray, shape (2, 2)
        Rows: first right, first left; columns: the same of the second.
    """
    a, b = (np.sign(np.asarray(values, dtype=np.float64)) for values in (first, second))
    if a.ndim != 1 or a.shape != b.shape:
        raise InputError("two runs of one length", f"shapes {a.shape} and {b.shape}", "directions")
    return np.array([[np.count_nonzero((a == i) & (b == j)) for j in (1, -1)] for i in (1, -1)], dtype=np.int64)


def cohen_kappa(table: ArrayLike, level: float = 0.95) -> Estimate:
    """Agreement of two raters, or two sessions, beyond chance (Cohen 1960 Educ Psychol Meas 20:37).

    Parameters
    ----------
    table : array_like, shape (c, c)
        Counts: rows what the first said, columns what the second said.
    level : float
        Nominal coverage.

    Returns
    -------
    Estimate
        −1 to 1 with the large-sample interval of Fleiss, Cohen & Everitt (1969) Psychol Bull 72:323, cut at ±1; it is
        rough below some 30 subjects. REFUSED when there is nothing to agree about: no subject, or one category only.
    """
    counts = _counts(table)
    if counts.shape[0] != counts.shape[1]:
        raise InputError("as many rows as columns", f"shape {counts.shape}", "kappa")
    n = int(counts.sum())
    if n == 0 or np.count_nonzero(counts.sum(axis=0) + counts.sum(axis=1)) < 2:
        return Estimate.none(Status.REFUSED, "two categories and a subject are needed", n=n)
    parts = counts / n
    rows, columns = parts.sum(axis=1), parts.sum(axis=0)
    agreed, chance = float(np.trace(parts)), float(rows @ columns)
    kappa = (agreed - chance) / (1 - chance)
    weights = (columns[:, None] + rows[None, :]) * (1 - kappa)
    squares = parts * weights**2
    np.fill_diagonal(squares, np.diag(parts) * (1 - np.diag(weights)) ** 2)
    variance = (float(squares.sum()) - (kappa - chance * (1 - kappa)) ** 2) / n / (1 - chance) ** 2
    return _within_one(kappa, math.sqrt(max(variance, 0.0)), math.inf, n, "Cohen's kappa, large sample", level)


def fleiss_kappa(counts: ArrayLike, level: float = 0.95) -> Estimate:
    """Agreement of several ratings per subject beyond chance (Fleiss 1971 Psychol Bull 76:378).

    Parameters
    ----------
    counts : array_like, shape (n, c)
        One row per subject: how many of its ratings, the same number for each, at least two, fell in each category.
    level : float
        Nominal coverage.

    Returns
    -------
    Estimate
        At most 1. The interval is over subjects as the sample (Gwet 2021 Educ Psychol Meas 81:781), t on n − 1 degrees
        of freedom, cut at ±1. REFUSED when all ratings are in one category; no interval (TOO_FEW) for one subject.
    """
    table = _counts(counts)
    ratings = table.sum(axis=1)
    if not table.size or np.any(ratings != ratings[0]) or ratings[0] < 2:
        raise InputError("the same number of ratings, two or more, in every row", f"{ratings.tolist()}", "kappa")
    n, raters = table.shape[0], float(ratings[0])
    share = table.sum(axis=0) / (n * raters)
    chance = float(share @ share)
    if np.count_nonzero(share) < 2:
        return Estimate.none(Status.REFUSED, "all ratings are in one category", n=n)
    agreed = np.sum(table * (table - 1), axis=1) / (raters * (raters - 1))
    each = (agreed - chance) / (1 - chance)
    kappa = float(each.mean())
    if n < 2:
        return Estimate(kappa, n=n, method="Fleiss' kappa", status=Status.TOO_FEW, reason="one subject")
    pulled = each - 2 * (1 - kappa) * (table @ share / raters - chance) / (1 - chance)
    se = float(np.sqrt(np.mean((pulled - kappa) ** 2) / (n - 1)))
    return _within_one(kappa, se, n - 1, n, "Fleiss' kappa, subjects as the sample", level)


def _counts(table: ArrayLike) -> Samples:
    counts = np.asarray(table, dtype=np.float64)
    if counts.ndim != 2 or not np.all((counts >= 0) & (counts == np.floor(counts)) & np.isfinite(counts)):
        raise InputError("a table of counts", f"shape {counts.shape} with other values", "kappa")
    return counts


def _within_one(kappa: float, se: float, df: float, n: int, method: str, level: float) -> Estimate:
    half = t_quantile(level, df) * se
    return Estimate(kappa, max(kappa - half, -1.0), min(kappa + half, 1.0), se, n, method, level=level)


class CvRule(Enum):
    """Which coefficient of variation a difference is held against."""

    MEAN = "mean of both sides"
    LARGER = "larger of both sides"


@dataclass(frozen=True)
class CvComparison:
    """Asymmetry and scatter of a few trials, per cent; ``exceeds`` is the flag. Arrays when many were asked at once.

    ``asymmetry`` is the bilateral strength asymmetry 100·(larger − smaller)/larger of the means.
    """

    asymmetry: float | Samples
    cv: Bilateral[float | Samples]
    exceeds: bool | NDArray[np.bool_]


def exceeds_cv(left: ArrayLike, right: ArrayLike, rule: CvRule = CvRule.MEAN) -> CvComparison:
    """Whether the asymmetry of a few trials is larger than their coefficient of variation. A flag, never a gate.

    For comparison with published work (after Exell, Irwin, Gittoes & Kerwin 2012 J Sports Sci 30:403). It holds a
    difference of means against the scatter of single trials, so it cries wolf for few trials and is deaf for many: a
    perfectly symmetric person exceeds the mean CV in 30 % of sessions of 3 trials, 16 % of 5 and 4 % of 10, and the
    larger CV in 20, 10 and 2 %; with the better of 3 trials instead of their mean, 40 %. Judge by the interval or by
    the minimal detectable change instead.

    Parameters
    ----------
    left, right : array_like, shapes (..., n) and (..., m)
        Positive values, one per trial, two or more trials.
    rule : CvRule
        Which CV the asymmetry must exceed.

    Raises
    ------
    InputError
        Fewer than two trials, or a value that is not above 0.
    """
    sides = Bilateral(left, right).map(lambda values: np.asarray(values, dtype=np.float64))
    for trials in sides:
        if trials.ndim == 0 or trials.shape[-1] < 2 or not np.all(np.isfinite(trials) & (trials > 0)):
            raise InputError("two or more trials above 0 on each side", f"{trials.tolist()!s:.80}", "CV rule")
    means = sides.map(lambda trials: trials.mean(axis=-1))
    cvs = sides.map(lambda trials: 100 * trials.std(axis=-1, ddof=1) / trials.mean(axis=-1))
    asymmetry = 100 * (1 - np.minimum(*means) / np.maximum(*means))
    bar = np.maximum(*cvs) if rule is CvRule.LARGER else (cvs.left + cvs.right) / 2
    if np.ndim(asymmetry):
        return CvComparison(asymmetry, Bilateral(cvs.left, cvs.right), asymmetry > bar)
    return CvComparison(float(asymmetry), cvs.map(float), bool(asymmetry > bar))
