"""Several sets: the sets, not the repetitions, are the replicates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from glutebal.balance.estimate import with_interval
from glutebal.balance.mixed import fit_sets
from glutebal.model import Samples
from glutebal.results import Estimate, Status

#: Fewer sets than this have a value but no interval.
MIN_SETS = 3


@dataclass(frozen=True)
class SetVariance:
    """One-way analysis of variance of repetitions in sets; λ², except ``icc``.

    ``between`` and ``within`` are mean squares, ``set_variance`` what sets differ by beyond their repetitions (0 when
    the estimate is negative), ``icc`` its part of the total.
    """

    between: float
    within: float
    set_variance: float
    icc: float


def nested_estimate(sets: Sequence[ArrayLike], *, extra_se: float = 0.0, level: float = 0.95) -> Estimate:
    """λ of a session: the mean of the sets, with the t interval of the sets.

    For sets of equal size this is the closed form se = √(MSB/N) on k − 1 degrees of freedom. Sets of unequal size are
    weighed by restricted maximum likelihood (`mixed.fit_sets`): the less the sets differ beyond their repetitions, the
    more a long set counts; the degrees of freedom stay k − 1. It is wider than an interval over all repetitions as soon
    as sets differ.

    Parameters
    ----------
    sets : sequence of array_like
        λ per repetition of each set; NaN is left out, and so is a set without any value.
    extra_se : float
        Standard error that all sets share, added in quadrature (see `set_estimate`).
    level : float
        Nominal coverage.

    Returns
    -------
    Estimate
        ``n`` counts the repetitions; TOO_FEW without interval under three sets, REFUSED without any value.
    """
    kept = _finite(sets)
    k, n = len(kept), sum(values.size for values in kept)
    if k == 0:
        return Estimate.none(Status.REFUSED, "no set has a ratio")
    means = np.array([values.mean() for values in kept])
    if k < MIN_SETS:
        reason = f"{k} {'set' if k == 1 else 'sets'}, an interval needs {MIN_SETS}"
        return Estimate(float(means.mean()), n=n, method="mean of set means", status=Status.TOO_FEW, reason=reason)
    if len({values.size for values in kept}) == 1:
        made = Estimate(float(means.mean()), n=n, method="t on set means")
        return with_interval(made, [(float(means.var(ddof=1)) / k, k - 1)], extra_se, level)
    found = fit_sets(kept)
    made = Estimate(float(found.mean), n=n, method="t on set means, weighed by REML")
    return with_interval(made, [(float(found.se) ** 2, found.df)], extra_se, level)


def set_variance(sets: Sequence[ArrayLike]) -> SetVariance:
    """Between- and within-set variance of repetitions; NaN where there are too few sets or repetitions to tell.

    Parameters
    ----------
    sets : sequence of array_like
        λ per repetition of each set; sizes may differ.
    """
    kept = _finite(sets)
    k, n = len(kept), sum(values.size for values in kept)
    if k < 2 or n <= k:
        return SetVariance(np.nan, np.nan, np.nan, np.nan)
    grand = np.concatenate(kept).mean()
    between = sum(v.size * (v.mean() - grand) ** 2 for v in kept) / (k - 1)
    within = sum(((v - v.mean()) ** 2).sum() for v in kept) / (n - k)
    size = (n - sum(v.size**2 for v in kept) / n) / (k - 1)
    variance = max((between - within) / size, 0.0)
    total = variance + within
    return SetVariance(float(between), float(within), float(variance), float(variance / total) if total > 0 else np.nan)


def _finite(sets: Sequence[ArrayLike]) -> list[Samples]:
    arrays = (np.asarray(values, dtype=np.float64) for values in sets)
    found = [values[np.isfinite(values)] for values in arrays]
    return [values for values in found if values.size]
