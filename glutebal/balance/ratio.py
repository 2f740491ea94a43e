"""The log ratio λ = ln(R/L) that is stored and averaged, and the imbalance and share that people are shown.

Positive: the right side is larger. Scalars give a float, arrays give an array. What is undefined is NaN, never 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, Protocol, overload

import numpy as np
from numpy.typing import NDArray

from glutebal.model import Samples

Values = Sequence[float] | NDArray[Any]


class OfSides(Protocol):
    """A function of the left and the right values: a float of two floats, else an array."""

    @overload
    def __call__(self, left: float, right: float) -> float: ...
    @overload
    def __call__(self, left: Values, right: Values) -> Samples: ...


class OfOne(Protocol):
    """A function of one value, such as λ: a float of a float, else an array."""

    @overload
    def __call__(self, value: float, /) -> float: ...
    @overload
    def __call__(self, value: Values, /) -> Samples: ...


def plain(formula: Callable[..., Samples]) -> Any:
    """Public manners for a formula on float arrays: a float for scalars, silence about what is undefined."""

    @wraps(formula)
    def answer(*values: float | Values, **named: float | Values) -> float | Samples:
        arrays = [np.asarray(v, dtype=np.float64) for v in values]
        with np.errstate(all="ignore"):
            out = np.asarray(formula(*arrays, **{k: np.asarray(v, dtype=np.float64) for k, v in named.items()}))
        return float(out) if out.ndim == 0 else out

    return answer


def of_sides(formula: Callable[[Samples, Samples], Samples]) -> OfSides:
    """Scale both sides by the larger, so that nothing overflows; what then is not finite is undefined."""

    @wraps(formula)
    def scaled(left: Samples, right: Samples) -> Samples:
        scale = np.maximum(np.abs(left), np.abs(right))
        out = formula(left / scale, right / scale)
        return np.where(np.isfinite(out), out, np.nan)

    answer: OfSides = plain(scaled)
    return answer


def of_positive(formula: Callable[[Samples, Samples], Samples]) -> OfSides:
    """Like `of_sides`, but a negative side has no answer: a ratio of what crosses zero means nothing."""

    @wraps(formula)
    def guarded(left: Samples, right: Samples) -> Samples:
        return np.where((left >= 0) & (right >= 0), formula(left, right), np.nan)

    return of_sides(guarded)


def of_one(formula: Callable[[Samples], Samples]) -> OfOne:
    """A view of one value, element by element."""
    answer: OfOne = plain(formula)
    return answer


@of_positive
def log_ratio(left: Samples, right: Samples) -> Samples:
    """λ = ln(R/L), which is stored and averaged: positive when the right side is larger.

    Parameters
    ----------
    left, right : float or array_like
        Values of one variable on either side, same unit, > 0; arrays of one shape.

    Returns
    -------
    float or ndarray
        In (−∞, ∞), exactly antisymmetric; NaN where a side is not above 0 or not finite.
    """
    return np.log(right) - np.log(left)


@of_one
def imbalance(log_ratio: Samples) -> Samples:
    """Imbalance index d = 100·tanh(λ/2) = 100·(R−L)/(R+L), per cent, within ±100: what people are shown.

    It is the Bilateral Asymmetry Index 1 (Kobayashi 2013) of left and right instead of dominant and other.
    """
    return 100 * np.tanh(log_ratio / 2)


@of_one
def log_ratio_of(imbalance: Samples) -> Samples:
    """λ = 2·atanh(d/100), the inverse of `imbalance`; ±∞ at ±100, NaN beyond."""
    return 2 * np.arctanh(imbalance / 100)


@of_one
def share_right(log_ratio: Samples) -> Samples:
    """The right side's part of the sum, 100·R/(R+L) = 50 + d/2, in per cent, 0 to 100."""
    return 50 + 50 * np.tanh(log_ratio / 2)
