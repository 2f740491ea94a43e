"""The local-level model: a level that wanders, seen through noise of known size; Kalman filter and smoother.

    y_t = λ_t + e_t,   e_t ~ N(0, r_t)           λ_t = λ_{t−1} + w_t,   w_t ~ N(0, q_t)

Everything runs for a whole grid of parameters at once: arrays are (time, grid). (Kalman 1960; Rauch, Tung and
Striebel 1965; Durbin and Koopman 2012, ch. 2.)
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glutebal.errors import InputError
from glutebal.model import Samples

TAIL = 3.0  # beyond the cap the density falls with this power of the distance, as of a t distribution of 2 df
LEAST_VARIANCE = 1e-24  # so that what is known exactly divides nothing by 0


@dataclass(frozen=True)
class Prior:
    """Mean and variance of the level before the first observation of a segment."""

    mean: float = 0.0
    variance: float = 0.04


@dataclass(frozen=True)
class Filtered:
    """One pass through the observations, shapes (time, grid) unless said.

    ``predicted`` uses the observations before, ``mean`` and ``variance`` also the one at that time. ``innovation`` is
    the observation minus its prediction, ``innovation_variance`` what it was expected to have (as enlarged where
    ``capped``), ``gain`` the part of it that the level followed; NaN, NaN and 0 where nothing was observed.
    ``log_likelihood`` has shape (grid,). ``starts``, shape (time,), marks the first of each segment.
    """

    predicted_mean: Samples
    predicted_variance: Samples
    mean: Samples
    variance: Samples
    innovation: Samples
    innovation_variance: Samples
    gain: Samples
    capped: NDArray[np.bool_]
    log_likelihood: Samples
    starts: NDArray[np.bool_]


@dataclass(frozen=True)
class Smoothed:
    """The level given all observations of its segment; ``gain`` carries back from the next time, 0 between segments."""

    mean: Samples
    variance: Samples
    gain: Samples

    def change(self, first: int, last: int) -> tuple[Samples, Samples]:
        """Mean and variance of level at ``last`` minus level at ``first``, shape (grid,) each.

        The covariance of two smoothed levels is the later one's variance carried back by the gains between them.
        """
        shared = np.prod(self.gain[first:last], axis=0) * self.variance[last]
        variance = self.variance[first] + self.variance[last] - 2 * shared
        return self.mean[last] - self.mean[first], np.maximum(variance, 0.0)


def filter_levels(
    values: ArrayLike,
    noise_variances: ArrayLike,
    step_variances: ArrayLike,
    *,
    prior: Prior = Prior(),
    starts: ArrayLike | None = None,
    outlier_z: float = math.inf,
) -> Filtered:
    """Run the Kalman filter forward.

    Parameters
    ----------
    values : array_like, shape (time,)
        Observations in order; NaN is not observed: the level is carried on with growing variance.
    noise_variances, step_variances : array_like, shape (time,) or (time, grid)
        Variance r of each observation, and q of the level's step from the time before (not used where a segment
        starts).
    prior : Prior
        Of the level where a segment starts.
    starts : array_like of bool, shape (time,), optional
        Where the level starts anew from the prior; the first time always does.
    outlier_z : float
        An innovation of more than so many standard deviations has its variance enlarged until it is one of exactly
        so many: the farther off, the less the level follows. Its likelihood falls with the third power of the distance,
        so that a few odd observations say little about how large the ordinary errors are.

    Raises
    ------
    InputError
        For lengths that differ or a variance below 0.
    """
    y, noise, steps = _matched(values, noise_variances, step_variances)
    made = _room(noise.shape, _starts(starts, y.size))
    _run(made, y, noise, steps, prior, outlier_z)
    made.log_likelihood[:] = _log_likelihood(made, noise, outlier_z)
    return made


def _run(made: Filtered, y: Samples, noise: Samples, steps: Samples, prior: Prior, outlier_z: float) -> None:
    """Fill in everything but the likelihood; what needs no order is done at once, for there may be hundreds."""
    nearness = 1 / outlier_z**2
    mean = variance = np.zeros(noise.shape[1])
    for t, (value, begins) in enumerate(zip(y.tolist(), made.starts.tolist(), strict=True)):
        if begins:
            mean, variance = np.full_like(mean, prior.mean), np.full_like(mean, prior.variance)
        else:
            variance = variance + steps[t]
        made.predicted_mean[t], made.predicted_variance[t] = mean, variance
        if math.isfinite(value):
            innovation, expected = value - mean, variance + noise[t]
            if nearness:
                np.maximum(expected, innovation * innovation * nearness, out=expected)
            gain = variance / expected
            made.innovation_variance[t], made.gain[t] = expected, gain
            mean, variance = mean + gain * innovation, variance - gain * variance
    seen = np.isfinite(y)
    made.innovation[seen] = y[seen, None] - made.predicted_mean[seen]
    made.mean[:] = made.predicted_mean + made.gain * np.where(seen[:, None], made.innovation, 0.0)
    made.variance[:] = made.predicted_variance * (1 - made.gain)


def _log_likelihood(made: Filtered, noise: Samples, outlier_z: float) -> Samples:
    """Of the grid; marks what was capped on the way."""
    seen = np.isfinite(made.innovation[:, 0])
    expected = made.predicted_variance[seen] + noise[seen]
    cost = made.innovation[seen] ** 2 / expected
    limit = outlier_z**2
    far = cost > limit
    made.capped[seen] = far
    cost[far] = limit + TAIL * np.log(cost[far] / limit)
    return np.asarray(-0.5 * np.sum(np.log(2 * math.pi * expected) + cost, axis=0))


def smooth(filtered: Filtered) -> Smoothed:
    """Run back through a filter's pass: every level given all observations of its segment (Rauch-Tung-Striebel)."""
    gain = np.zeros_like(filtered.mean)
    inner = ~filtered.starts[1:]
    ahead = np.maximum(filtered.predicted_variance[1:][inner], LEAST_VARIANCE)
    gain[:-1][inner] = np.minimum(filtered.variance[:-1][inner] / ahead, 1.0)
    back = np.stack([gain, gain**2], axis=1)
    smoothed = np.stack([filtered.mean, filtered.variance], axis=1)
    predicted = np.stack([filtered.predicted_mean, filtered.predicted_variance], axis=1)
    for t in range(gain.shape[0] - 2, -1, -1):
        smoothed[t] += back[t] * (smoothed[t + 1] - predicted[t + 1])
    return Smoothed(smoothed[:, 0], np.maximum(smoothed[:, 1], 0.0), gain)


def _matched(values: ArrayLike, noise: ArrayLike, steps: ArrayLike) -> tuple[Samples, Samples, Samples]:
    y = np.atleast_1d(np.asarray(values, dtype=np.float64))
    columns = [np.asarray(v, dtype=np.float64) for v in (noise, steps)]
    columns = [v[:, None] if v.ndim == 1 else v for v in columns]
    if y.ndim != 1 or any(v.ndim != 2 or v.shape[0] != y.size for v in columns):
        raise InputError("as many variances as values", f"{[v.shape for v in columns]}", f"{y.size} values")
    columns[0] = np.where(np.isfinite(y)[:, None], columns[0], 0.0)  # of what was not observed, no matter
    if any(not np.all(v >= 0) for v in columns):
        raise InputError("variances of 0 or more", "one that is not", "local level")
    wide = np.broadcast_arrays(np.maximum(columns[0], LEAST_VARIANCE), columns[1])
    return y, wide[0], wide[1]


def _starts(starts: ArrayLike | None, n: int) -> NDArray[np.bool_]:
    begins = np.zeros(n, dtype=bool) if starts is None else np.array(starts, dtype=bool)
    if begins.shape != (n,):
        raise InputError(f"one mark for each of {n} values", f"shape {begins.shape}", "starts of segments")
    begins[:1] = True
    return begins


def _room(shape: tuple[int, ...], begins: NDArray[np.bool_]) -> Filtered:
    return Filtered(
        predicted_mean=np.empty(shape),
        predicted_variance=np.empty(shape),
        mean=np.empty(shape),
        variance=np.empty(shape),
        innovation=np.full(shape, np.nan),
        innovation_variance=np.full(shape, np.nan),
        gain=np.zeros(shape),
        capped=np.zeros(shape, dtype=bool),
        log_likelihood=np.zeros(shape[1]),
        starts=begins,
    )
