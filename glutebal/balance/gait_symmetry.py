r"""λ of a walk: from stride times of both feet to one signed statement, with what the walk could have called at all.

Strides come in turns, left, right, left, right: what both share (speeding up, a slope, tiredness) cancels when a left
stride is compared with the right one beside it. So the ratio is taken cycle by cycle, and the *cycles* are resampled,
in blocks, because neighbouring strides resemble each other (Künsch 1989 Ann Statist 17:1217; circular blocks after
Politis & Romano 1992; block length 1.25·n^(1/3), at least 2). A block bootstrap of a few blocks is too narrow. Its
standard error is therefore widened by n/(n − b), the share of the variance that blocks of length b cannot see, and the
interval is a t interval on n/b − 1 degrees of freedom: as many as there are blocks. In 400 simulated walks per case
(6 to 80 cycles, autocorrelation 0 and 0.3) the 95 % interval covers 93 to 99 %.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from glutebal.balance.estimate import t_quantile
from glutebal.balance.reliability import mdc
from glutebal.model import Bilateral, Samples
from glutebal.results import Estimate, Status

MIN_CYCLES = 5
RESAMPLES = 2000


@dataclass(frozen=True)
class WalkBalance:
    """The balance of one measure over one walk.

    Parameters
    ----------
    log_ratio : Estimate
        λ = ln(R/L), its interval over the cycles of this walk; ``n`` counts cycles.
    mdc : float
        Smallest change of λ between two such walks that is more than their strides' scatter (95 %): z·√2·se. Putting
        the sensors on again comes on top of it. NaN without an interval.
    cycles_for : float
        How many cycles a walk of this person would need to tell a λ of 0.05 (about 5 %) from 0, 95 %; NaN if unknown.
    """

    log_ratio: Estimate
    mdc: float
    cycles_for: float

    @property
    def mdc_percent(self) -> float:
        """The same on the scale of d = 100·tanh(λ/2), per cent."""
        return 100 * math.tanh(self.mdc / 2)


def cycle_log_ratios(times_s: Bilateral[ArrayLike], values: Bilateral[ArrayLike]) -> Samples:
    """λ per cycle: a stride of one foot against the one of the other foot that follows it.

    Parameters
    ----------
    times_s : Bilateral of array_like
        When each stride of a side began, ascending, s.
    values : Bilateral of array_like
        Its value, > 0; NaN (or a value that is not above 0) is left out.

    Returns
    -------
    ndarray, shape (m,)
        One λ per pair of neighbouring strides of different feet, each stride used once. Swapping the sides flips the
        signs.
    """
    rows = [
        row
        for sign, side in ((-1.0, "left"), (1.0, "right"))
        for row in _rows(getattr(times_s, side), getattr(values, side), sign)
    ]
    rows.sort()
    out, k = [], 0
    while k + 1 < len(rows):
        (t, sign, log), (u, other, log2) = rows[k], rows[k + 1]
        if sign == other or u - t > _longest(rows):
            k += 1
            continue
        out.append(sign * log + other * log2)
        k += 2
    return np.array(out)


def _rows(times: ArrayLike, values: ArrayLike, sign: float) -> list[tuple[float, float, float]]:
    t, v = np.asarray(times, dtype=np.float64), np.asarray(values, dtype=np.float64)
    good = np.isfinite(v) & (v > 0)
    return [(float(a), sign, math.log(b)) for a, b in zip(t[good], v[good], strict=True)]


def _longest(rows: list[tuple[float, float, float]]) -> float:
    """Strides of two feet begin a step apart, not twice the usual step: then one is missing between them."""
    gaps = np.diff([row[0] for row in rows])
    return 1.8 * float(np.median(gaps)) if gaps.size else math.inf


def walk_balance(cycles: ArrayLike, *, level: float = 0.95, seed: int = 0, extra_se: float = 0.0) -> WalkBalance:
    """λ of a walk from the λ of its cycles.

    Parameters
    ----------
    cycles : array_like, shape (n,)
        As `cycle_log_ratios` gives them, in time order.
    level : float
        Nominal coverage.
    seed : int
        Of the bootstrap; the same seed gives the same interval.
    extra_se : float
        Standard error of λ that all strides share; taken as known.

    Returns
    -------
    WalkBalance
        TOO_FEW without interval under five cycles, REFUSED without any.

    Examples
    --------
    >>> found = walk_balance([0.02, 0.05, 0.01, 0.04, 0.03, 0.03, 0.05, 0.01])
    >>> round(found.log_ratio.value, 3), found.log_ratio.n
    (0.03, 8)
    """
    values = np.asarray(cycles, dtype=np.float64)
    values = values[np.isfinite(values)]
    n = values.size
    if n < MIN_CYCLES:
        return WalkBalance(_too_few(values), math.nan, math.nan)
    block = _block(n)
    own_se = _block_se(values, block, seed)
    se = math.hypot(own_se, extra_se)
    half = t_quantile(level, _freedom(n / block - 1, own_se, se)) * se
    value = float(values.mean())
    made = Estimate(
        value, value - half, value + half, se, n, f"block bootstrap of {n} cycles, blocks of {block}", level=level
    )
    alone = se * math.sqrt(n)
    return WalkBalance(made, mdc(se), math.ceil((t_quantile(0.95, math.inf) * alone / 0.05) ** 2))


def _freedom(of_blocks: float, own_se: float, se: float) -> float:
    """Degrees of freedom of a standard error of which only a part was estimated (Satterthwaite 1946)."""
    return of_blocks * (se / own_se) ** 4 if own_se > 0 else math.inf


def _too_few(values: Samples) -> Estimate:
    if values.size == 0:
        return Estimate.none(Status.REFUSED, "no stride of one foot stands beside one of the other")
    made = Estimate(float(values.mean()), n=values.size, method="mean", status=Status.TOO_FEW)
    return replace(made, reason=f"{values.size} cycles of left and right, an interval needs {MIN_CYCLES}")


def _block(n: int) -> int:
    return max(2, round(1.25 * math.cbrt(n)))


def _block_se(values: Samples, block: int, seed: int) -> float:
    """Standard error of the mean over circular blocks, freed of what blocks of this length cannot see."""
    rng = np.random.default_rng(seed)
    n = values.size
    count = -(-n // block)
    starts = rng.integers(0, n, size=(RESAMPLES, count))
    places = (starts[:, :, None] + np.arange(block)).reshape(RESAMPLES, -1)[:, :n] % n
    return float(values[places].mean(axis=1).std(ddof=1)) * math.sqrt(n / (n - block))


def walk_balance_of(
    times_s: Bilateral[ArrayLike], values: Bilateral[ArrayLike], *, level: float = 0.95, seed: int = 0
) -> WalkBalance:
    """`walk_balance` of the cycles of two feet (see `cycle_log_ratios`)."""
    return walk_balance(cycle_log_ratios(times_s, values), level=level, seed=seed)
