"""Sets of unequal size: the one-way random model by restricted maximum likelihood.

λ of repetition j in set i is μ + b_i + e_ij, with variance σ²_set between the sets and σ²_rep within. The likelihood is
profiled down to the variance ratio ρ = σ²_set/σ²_rep, one bounded number, which is found by bisection of its score.

The estimated variances only weigh the sets. The standard error of μ is taken from what the weighted set means differ
by, on k − 1 degrees of freedom (Hartung & Knapp 2001 Stat Med 20:3875; Sidik & Jonkman 2002 Stat Med 21:3153): for sets
of equal size that is the closed form. Standard errors of the model on Kenward and Roger's degrees of freedom were
measured too: with three to six sets they cover 95 to 100 %, at up to four times the width.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from glutebal.errors import InputError
from glutebal.model import Samples

LARGEST = 1e10  # times 1/n: a ratio beyond it means that repetitions within a set do not differ
STARTS = 80  # places where the likelihood is looked at first; it may have more than one peak
HALVINGS = 60


@dataclass(frozen=True)
class MixedFit:
    """The fitted model of one session, or of many when the fields are arrays; all on the scale of λ.

    Parameters
    ----------
    mean : float or ndarray
        μ, the weighted mean of the sets: between every repetition and every set counting once.
    se : float or ndarray
        Standard error of the mean (Hartung-Knapp), on ``df`` = k − 1 degrees of freedom.
    model_se : float or ndarray
        Standard error if the estimated variances were the true ones, as most programs print it.
    set_variance, rep_variance : float or ndarray
        σ²_set ≥ 0 and σ²_rep ≥ 0.
    """

    mean: float | Samples
    se: float | Samples
    model_se: float | Samples
    set_variance: float | Samples
    rep_variance: float | Samples
    df: int


class _Sets(NamedTuple):
    """What the likelihood needs: set means (..., k), sizes (k,) and the sum of squares within sets (...)."""

    means: Samples
    sizes: Samples
    within: Samples

    def weights(self, ratio: Samples) -> Samples:
        """Of the set means, in units of 1/σ²_rep."""
        return np.asarray(self.sizes / (1 + ratio[..., None] * self.sizes))

    def residuals(self, weights: Samples) -> tuple[Samples, Samples]:
        """The weighted mean, and what is left of the set means."""
        mean = np.sum(weights * self.means, axis=-1) / weights.sum(axis=-1)
        return mean, self.means - mean[..., None]

    def deviance(self, ratio: Samples) -> Samples:
        """−2 log restricted likelihood at its best σ²_rep, but for a constant."""
        weights = self.weights(ratio)
        squares = self.within + np.sum(weights * self.residuals(weights)[1] ** 2, axis=-1)
        log_det = np.sum(np.log1p(ratio[..., None] * self.sizes), axis=-1)
        return np.asarray((self.sizes.sum() - 1) * np.log(squares) + log_det + np.log(weights.sum(axis=-1)))

    def score(self, ratio: Samples) -> Samples:
        """Derivative of the deviance."""
        weights = self.weights(ratio)
        squared = self.residuals(weights)[1] ** 2
        squares = self.within + np.sum(weights * squared, axis=-1)
        fall = (self.sizes.sum() - 1) * np.sum(weights**2 * squared, axis=-1) / squares
        return np.asarray(weights.sum(axis=-1) - np.sum(weights**2, axis=-1) / weights.sum(axis=-1) - fall)


def fit_sets(sets: Sequence[ArrayLike]) -> MixedFit:
    """Fit the one-way random model to the repetitions of a session.

    Parameters
    ----------
    sets : sequence of array_like
        λ per repetition of each set, finite; sizes may differ. At least two sets, one of them with two repetitions.

    Returns
    -------
    MixedFit
        Of floats. When sets differ no more than their repetitions do, ``set_variance`` is 0; when repetitions within
        sets do not differ at all, every set counts once; when nothing differs, ``se`` is 0.

    Raises
    ------
    InputError
        Too few sets or repetitions to tell the variances apart, or values that are not finite.
    """
    arrays = [np.asarray(values, dtype=np.float64) for values in sets]
    _check(arrays)
    middle = float(np.mean([values.mean() for values in arrays]))
    centred = [values - middle for values in arrays]
    means, sizes = np.array([v.mean() for v in centred]), np.array([float(v.size) for v in centred])
    within = np.array(sum(float(np.sum((v - v.mean()) ** 2)) for v in centred))
    if _is_nothing(means, within, np.concatenate(arrays)):
        return MixedFit(middle, 0.0, 0.0, 0.0, 0.0, len(arrays) - 1)
    found = fit_means(means, sizes, within)
    spreads = (found.se, found.model_se, found.set_variance, found.rep_variance)
    se, model_se, set_variance, rep_variance = (float(x) for x in spreads)
    return MixedFit(middle + float(found.mean), se, model_se, set_variance, rep_variance, found.df)


def _check(sets: Sequence[Samples]) -> None:
    n, k = sum(values.size for values in sets), len(sets)
    if k < 2 or n <= k or not all(values.size for values in sets):
        raise InputError("two sets, one of them with two repetitions", f"{n} in {k}", "mixed model")
    if not all(np.isfinite(values).all() for values in sets):
        raise InputError("finite values", "NaN or infinity", "mixed model", "leave them out")


def _is_nothing(means: Samples, within: Samples, values: Samples) -> bool:
    rounding = 8 * np.finfo(float).eps * np.abs(values).max()
    return bool(within + np.sum(means**2) <= values.size * rounding**2)


def fit_means(means: ArrayLike, sizes: ArrayLike, within: ArrayLike) -> MixedFit:
    """Fit many sessions of one plan at once, from their set means.

    Parameters
    ----------
    means : array_like, shape (..., k)
        Mean of each set.
    sizes : array_like, shape (k,)
        Repetitions of each set, more than k in all.
    within : array_like, shape (...)
        Sum of squares of the repetitions about their set's mean; above 0 unless the means differ.

    Returns
    -------
    MixedFit
        Of arrays of shape (...).
    """
    data = _Sets(*(np.asarray(values, dtype=np.float64) for values in (means, sizes, within)))
    ratio = _best_ratio(data)
    weights = data.weights(ratio)
    mean, residuals = data.residuals(weights)
    total = weights.sum(axis=-1)
    squares, df = np.sum(weights * residuals**2, axis=-1), data.sizes.size - 1
    rep_variance = (data.within + squares) / (data.sizes.sum() - 1)
    se, model_se = np.sqrt(squares / df / total), np.sqrt(rep_variance / total)
    return MixedFit(mean, se, model_se, ratio * rep_variance, rep_variance, df)


def _best_ratio(data: _Sets) -> Samples:
    """Where the restricted likelihood is highest, at 0 or above: the best of many places, then bisection."""
    grid = np.concatenate([[0.0], np.geomspace(1e-4, LARGEST, STARTS)]) / data.sizes.mean()
    shape = data.within.shape
    best = np.argmin(data.deviance(grid.reshape(-1, *(1 for _ in shape))), axis=0)
    low, high = grid[np.maximum(best - 1, 0)], grid[np.minimum(best + 1, STARTS)]
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        rising = data.score(middle) > 0
        low, high = np.where(rising, low, middle), np.where(rising, middle, high)
    at_zero = (best <= 1) & (data.score(np.zeros(shape)) >= 0)
    return np.where(at_zero, 0.0, (low + high) / 2)
