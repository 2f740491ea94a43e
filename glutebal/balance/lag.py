"""How far one curve runs behind the other: cross-correlation, and the shift with the best trend symmetry.

Lags are in nodes (samples); positive = the right curve is later.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from glutebal.model import Samples

LARGEST_SHIFT = 0.25  # of an open curve: a larger one compares less than three quarters of it
TIE = 1e-12


@dataclass(frozen=True)
class Lag:
    """Where a measure of likeness is highest: ``lag`` in nodes, positive = right later, and its ``value`` there.

    ``lag`` is NaN when the same value is reached to both sides of 0.
    """

    lag: float
    value: float


def scatter(left: Samples, right: Samples) -> tuple[float, float, float]:
    """Mean squares of left, product, and right, about their means."""
    x, y = left - left.mean(), right - right.mean()
    return float(x @ x) / x.size, float(x @ y) / x.size, float(y @ y) / y.size


def variance_ratio(left: Samples, right: Samples) -> float:
    """VR of the trend symmetry: variability across over variability along the principal axis of (L, R).

    0 when one curve is the other times a factor plus a constant, whatever the factor's sign; at most 1. TS = 1 − VR.
    Crenshaw & Richards (2006) Gait Posture 24:515. For two sines φ apart over full periods it is tan²(φ/2). NaN when
    a curve is flat: a point or a line along an axis has no trend.
    """
    a, c, b = scatter(left, right)
    if not (a > 0 and b > 0):
        return math.nan
    largest = (a + b + math.hypot(a - b, 2 * c)) / 2
    return max(a * b - c * c, 0.0) / largest**2


def cross_correlation(left: Samples, right: Samples, *, cyclic: bool = False, most: float = LARGEST_SHIFT) -> Lag:
    """Highest correlation over all shifts, −1 to 1, and its lag to a part of a node.

    Each shift has the Pearson correlation of what overlaps: the usual sum over everything would draw the lag towards
    0. A parabola through the highest value and its neighbours places the lag between nodes.

    Parameters
    ----------
    left, right : ndarray, shape (nodes,)
    cyclic, most
        As in `phase_shift`.
    """
    tried = {s: _correlation(*both) for s, both in _shifts(left, right, cyclic, most)}
    best = _nearest_best(tried.items())
    around = [tried.get(int(best.lag) + step, math.nan) for step in (-1, 0, 1)] if math.isfinite(best.lag) else []
    if not around or not all(map(math.isfinite, around)):
        return best
    bend = around[0] - 2 * around[1] + around[2]
    return Lag(best.lag + ((around[0] - around[2]) / (2 * bend) if bend < 0 else 0.0), best.value)


def phase_shift(left: Samples, right: Samples, *, cyclic: bool = False, most: float = LARGEST_SHIFT) -> Lag:
    """The whole-node shift at which the trend symmetry is highest, and the trend symmetry there.

    Only shifts at which the curves rise and fall together count: to trend symmetry a mirror image is as good as the
    image. The smallest of equally good shifts wins; NaN when there is none.

    Parameters
    ----------
    left, right : ndarray, shape (nodes,)
    cyclic : bool
        Shifts wrap around (the last node is the first again); else the overlap is compared.
    most : float
        Largest shift of an open curve, as a share of it, in (0, 1).
    """
    pairs = _shifts(left, right, cyclic, most)
    return _nearest_best((s, 1 - variance_ratio(*both)) for s, both in pairs if scatter(*both)[1] > 0)


def _correlation(left: Samples, right: Samples) -> float:
    a, c, b = scatter(left, right)
    return c / math.sqrt(a * b) if a > 0 and b > 0 else math.nan


def _shifts(left: Samples, right: Samples, cyclic: bool, most: float) -> Iterator[tuple[int, tuple[Samples, Samples]]]:
    """What lies over each other when the right curve is moved so many nodes earlier."""
    if cyclic:
        left, right = left[:-1], right[:-1]
        half = left.size // 2
        yield from ((s, (left, np.roll(right, -s))) for s in range(-half, half + 1))
        return
    n, half = left.size, int(most * (left.size - 1))
    yield from (
        (s, (left[max(0, -s) : n - max(0, s)], right[max(0, s) : n + min(0, s)])) for s in range(-half, half + 1)
    )


def _nearest_best(tried: Iterable[tuple[int, float]]) -> Lag:
    known = [(s, v) for s, v in tried if math.isfinite(v)]
    if not known:
        return Lag(math.nan, math.nan)
    highest = max(v for _, v in known)
    equal = sorted((s for s, v in known if v >= highest - TIE), key=abs)
    ambiguous = len(equal) > 1 and equal[1] == -equal[0] != 0
    return Lag(math.nan if ambiguous else float(equal[0]), highest)
