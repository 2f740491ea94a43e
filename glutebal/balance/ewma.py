"""EWMA control chart: whether the level has left where the first sessions put it (Roberts 1959; NIST/SEMATECH)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import ArrayLike

from glutebal.errors import InputError
from glutebal.model import Samples

WEIGHT = 0.3
BASELINE = 5  # sessions whose mean is the centre
LIMIT_SDS = 3.0


@dataclass(frozen=True)
class EwmaChart:
    """Exponentially weighted moving average of the sessions, with control limits around the first ones' mean.

    ``values``, ``low`` and ``high`` have one entry per session of the present setup that has a value, in order;
    ``days`` are theirs. ``sigma`` is the standard error of measurement of one session.
    """

    weight: float
    centre: float
    sigma: float
    values: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    alerts: tuple[int, ...]  # places in ``values`` outside the limits
    days: tuple[date, ...] = ()


def ewma_chart(
    values: ArrayLike,
    sigma: float,
    *,
    centre: float | None = None,
    weight: float = WEIGHT,
    limit_sds: float = LIMIT_SDS,
    baseline: int = BASELINE,
    days: Sequence[date] = (),
) -> EwmaChart:
    """Chart values against limits of ``limit_sds`` standard deviations of their weighted average.

    Every limit has its exact width: narrow at first, when little has been averaged, and wider by the uncertainty of
    the centre when that is the mean of the first ``baseline`` values, which are part of the average too.

    Parameters
    ----------
    values : array_like, shape (n,)
        In order, without NaN. At least ``baseline`` of them when ``centre`` is not given.
    sigma : float
        Standard deviation of one value about an unchanged level, known beforehand (the standard error of
        measurement): a handful of values cannot tell it.
    centre : float, optional
        Where the level is known to have been; the average starts there.
    weight : float
        Of the newest value, in (0, 1].
    """
    x = np.asarray(values, dtype=np.float64)
    _check(x, sigma, weight, baseline if centre is None else 0)
    first = np.zeros(x.size)
    if centre is None:
        first[:baseline] = 1 / baseline
    middle = float(first @ x) if centre is None else float(centre)
    recency = _recency(x.size, weight)
    remains = (1 - weight) ** np.arange(1, x.size + 1)
    averages = recency @ x + remains * middle
    width = limit_sds * sigma * np.sqrt(np.sum((recency - (1 - remains)[:, None] * first) ** 2, axis=1))
    low, high = middle - width, middle + width
    alerts = np.flatnonzero((averages < low) | (averages > high))
    values_low_high = (tuple(averages.tolist()), tuple(low.tolist()), tuple(high.tolist()))
    return EwmaChart(float(weight), middle, float(sigma), *values_low_high, tuple(alerts.tolist()), tuple(days))


def _recency(n: int, weight: float) -> Samples:
    """What value j weighs in the average after value i, shape (n, n)."""
    fading = np.concatenate([weight * (1 - weight) ** np.arange(n), np.zeros(max(n - 1, 0))])
    return np.asarray(fading[np.subtract.outer(np.arange(n), np.arange(n))])


def _check(x: Samples, sigma: float, weight: float, least: int) -> None:
    if x.ndim != 1 or not np.all(np.isfinite(x)) or x.size < max(least, 1):
        raise InputError(f"at least {max(least, 1)} finite values", f"{np.sum(np.isfinite(x))}", "EWMA chart")
    if not 0 < weight <= 1:
        raise InputError("a weight above 0, up to 1", f"{weight:g}", "EWMA chart")
    if not sigma >= 0:
        raise InputError("a standard deviation of 0 or more", f"{sigma:g}", "EWMA chart")
