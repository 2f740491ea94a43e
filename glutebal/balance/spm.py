"""Where in the repetition the sides differ: a paired t test along the whole curve.

One t value per node asks 101 questions at once. The threshold here is for the whole curve: if the sides are alike,
it is exceeded *anywhere* in only so many sets as ``alpha`` says. With eight or more independent repetitions it comes
from random field theory (Pataky 2010 J Biomech 43:1976), else from turning the sign of repetitions round (Nichols &
Holmes 2002 Hum Brain Mapp 15:1). Repetitions of one person test "this person, this day", not people.

Neither threshold forgives repetitions that resemble their neighbours: with an autocorrelation of 0.3, both find
something in one of five sets in which there is nothing. So t is taken with the effective number of repetitions, as
every interval of a set is (see `glutebal.balance.estimate`): then in about 1 % without, in 3 to 6 % with that likeness.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache
from itertools import product
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glutebal.balance.estimate import Autocorrelation
from glutebal.balance.random_field import cluster_probability, smoothness, threshold
from glutebal.balance.waveform import runs_of
from glutebal.errors import InputError
from glutebal.model import Bilateral, Samples, Side
from glutebal.results import Status

MIN_REPS = 5
FIELD_REPS = 8  # fewer repetitions: residuals tell too little of the smoothness
ALL_PATTERNS = 12  # up to so many repetitions every pattern of signs is tried
DRAWS = 10_000
AUTOCORRELATED = 0.2
TIE = 1e-10
SHRUNK = Autocorrelation()


class SpmMethod(Enum):
    """Where the threshold of the whole curve comes from."""

    RANDOM_FIELD = "random field theory"
    PERMUTATION = "sign-flip permutation"


@dataclass(frozen=True)
class SpmCluster:
    """A stretch of the curve above the threshold, in per cent; ``p`` is for the whole curve and two-sided.

    With random field theory p is that of a stretch so long anywhere; with permutation, or when repetitions share an
    error (which is as long as the curve), that of a peak so high anywhere.
    """

    start_percent: float
    stop_percent: float
    p: float
    larger: Side
    peak_t: float

    @property
    def sign(self) -> int:
        """+1 when the right side is larger here, else −1."""
        return 1 if self.larger is Side.RIGHT else -1


@dataclass(frozen=True, eq=False)
class PairedSpm:
    """The t curve of right minus left, its threshold, and the stretches beyond it.

    Parameters
    ----------
    t : ndarray, shape (nodes,)
        Mean over its standard error, positive = right larger; NaN at nodes where the repetitions do not vary, and
        everywhere when there is no test.
    threshold : float
        Size of t beyond which a stretch counts, two-sided; NaN without a test.
    clusters : tuple of SpmCluster
        In the order of the curve.
    method : SpmMethod or None
    n, left_out : int
        Repetitions used, and pairs left out because a side is incomplete.
    fwhm : float
        Smoothness of the noise, nodes.
    autocorrelation : float
        Likeness of neighbouring repetitions that the standard error allows for: lag 1, pooled over the curve, shrunk.
    """

    t: Samples
    threshold: float = math.nan
    clusters: tuple[SpmCluster, ...] = ()
    method: SpmMethod | None = None
    n: int = 0
    left_out: int = 0
    fwhm: float = math.nan
    autocorrelation: float = math.nan
    alpha: float = 0.05
    status: Status = Status.OK
    reason: str = ""

    @classmethod
    def none(cls, status: Status, reason: str, nodes: int = 101, n: int = 0, left_out: int = 0) -> PairedSpm:
        """No test, and why."""
        return cls(np.full(nodes, math.nan), n=n, left_out=left_out, status=status, reason=reason)


def paired_spm(
    curves: Bilateral[ArrayLike],
    *,
    alpha: float = 0.05,
    method: SpmMethod | None = None,
    autocorrelation: Autocorrelation = SHRUNK,
    extra_se: ArrayLike = 0.0,
    seed: int = 0,
) -> PairedSpm:
    """Test right against left along the curve, repetition by repetition.

    Parameters
    ----------
    curves : Bilateral of array_like, shape (reps, nodes)
        The same repetitions on both sides, in the order they were done: in one unit, or as logarithms, for which the
        difference is λ. A repetition with NaN on either side is left out and counted.
    alpha : float
        Two-sided, for the whole curve, in (0, 1).
    method : SpmMethod, optional
        By default RANDOM_FIELD, but PERMUTATION under eight repetitions or when neighbours resemble each other
        (pooled lag-1 autocorrelation above 0.2).
    autocorrelation : Autocorrelation
        How likeness of neighbours is allowed for; `INDEPENDENT` gives the textbook t.
    extra_se : array_like, shape (nodes,) or float
        Standard error of the mean difference that all repetitions share, such as that of the reference contractions,
        in the curves' unit; added in quadrature to each node's own.
    seed : int
        Of the drawn sign patterns, with more than twelve repetitions.

    Returns
    -------
    PairedSpm
        TOO_FEW without a test under five repetitions, and where all patterns of signs together are too few for
        ``alpha`` (five repetitions at 5 %: the smallest possible p is .0625).
    """
    differences = _differences(curves, alpha)
    kept = np.isfinite(differences).all(axis=1)
    differences, left_out = differences[kept], int(np.count_nonzero(~kept))
    n, nodes = differences.shape
    if n < MIN_REPS:
        return PairedSpm.none(Status.TOO_FEW, f"{n} complete pairs, a test needs {MIN_REPS}", nodes, n, left_out)
    likeness = pooled_autocorrelation(differences)
    taken = _shrunk(likeness, n, autocorrelation)
    shared = np.asarray(extra_se, dtype=np.float64)
    t = _t_curve(differences, taken, shared)
    if not np.isfinite(t).any():
        return PairedSpm.none(Status.REFUSED, "the repetitions do not vary", nodes, n, left_out)
    chosen = method or (
        SpmMethod.PERMUTATION if n < FIELD_REPS or likeness > AUTOCORRELATED else SpmMethod.RANDOM_FIELD
    )
    fwhm = smoothness(differences - differences.mean(axis=0))
    chance = _chance(differences, t, alpha, chosen, fwhm=fwhm, by_peak=bool(np.any(shared > 0)), seed=seed)
    return replace(_judged(t, chance, n, alpha), left_out=left_out, fwhm=fwhm, autocorrelation=taken)


def _differences(curves: Bilateral[ArrayLike], alpha: float) -> Samples:
    left, right = curves.map(lambda c: np.asarray(c, dtype=np.float64))
    if left.shape != right.shape or left.ndim != 2 or left.shape[1] < 2 or not 0 < alpha < 1:
        found = f"shapes {left.shape} and {right.shape}, alpha {alpha:g}"
        raise InputError("curves of one shape (reps, nodes) and alpha in (0, 1)", found, "paired_spm")
    return np.asarray(right - left)


def pooled_autocorrelation(differences: Samples) -> float:
    """Lag-1 autocorrelation of repetitions, pooled over the nodes and corrected for bias; shape (reps, nodes)."""
    n = differences.shape[0]
    centred = differences - differences.mean(axis=0)
    power = float(np.sum(centred**2))
    r1 = float(np.sum(centred[1:] * centred[:-1])) / power if power > 0 else 0.0
    return float(r1 + (1 + 3 * r1) / n)


def _shrunk(likeness: float, n: int, settings: Autocorrelation) -> float:
    clipped = min(max(likeness, 0.0), settings.ceiling)
    return float((n * clipped + settings.prior_reps * settings.prior) / (n + settings.prior_reps))


def _t_curve(differences: Samples, phi: float, extra_se: Samples) -> Samples:
    """Mean over its standard error from the effective number of repetitions, as `mean_and_se` has it."""
    n = differences.shape[0]
    effective = min(max(n * (1 - phi) / (1 + phi), 2.0), n)
    mean, sd = differences.mean(axis=0), differences.std(axis=0, ddof=1)
    moves = sd > 1e-12 * np.abs(differences).max(initial=0.0)
    se = np.where(moves, sd, math.nan) * math.sqrt((1 - 1 / n) / (1 - 1 / effective) / effective)
    return np.asarray(mean / np.hypot(se, extra_se))


def _judged(t: Samples, chance: _Field | _Signs, n: int, alpha: float) -> PairedSpm:
    tested = PairedSpm(t, chance.height, _clusters(t, chance), chance.method, n, alpha=alpha)
    if math.isfinite(chance.height):
        return tested
    reason = f"{n} pairs have too few patterns of signs for p < {alpha:g}"
    return replace(tested, threshold=math.nan, status=Status.TOO_FEW, reason=reason)


def _chance(
    differences: Samples, t: Samples, alpha: float, method: SpmMethod, *, fwhm: float, by_peak: bool, seed: int
) -> _Field | _Signs:
    if method is SpmMethod.PERMUTATION:
        return _Signs.of(differences, alpha, seed)
    return _Field.of(t, len(differences), fwhm, alpha, by_peak)


@dataclass(frozen=True)
class _Field:
    """The random field that a t curve of chance is."""

    height: float
    df: int
    fwhm: float
    resels: float
    by_peak: bool
    method: ClassVar[SpmMethod] = SpmMethod.RANDOM_FIELD

    @classmethod
    def of(cls, t: Samples, n: int, fwhm: float, alpha: float, by_peak: bool) -> _Field:
        fwhm = 1.0 if math.isnan(fwhm) else fwhm  # no two neighbours vary: nodes as tests of their own
        resels = (np.count_nonzero(np.isfinite(t)) - 1) / fwhm
        return cls(threshold(alpha / 2, n - 1, resels), n - 1, fwhm, resels, by_peak)

    def p(self, extent: float, peak: float) -> float:
        longer, height = (0.0, peak) if self.by_peak else (extent / self.fwhm, self.height)
        return min(1.0, 2 * cluster_probability(longer, height, self.df, self.resels))


@dataclass(frozen=True, eq=False)
class _Signs:
    """The highest |t| of the curve under every pattern of signs, in order."""

    height: float
    highest: Samples
    method: ClassVar[SpmMethod] = SpmMethod.PERMUTATION

    @classmethod
    def of(cls, differences: Samples, alpha: float, seed: int) -> _Signs:
        highest = np.sort(_highest(differences, _patterns(differences.shape[0], seed)))
        beyond = math.floor(alpha * highest.size * (1 + TIE))
        # the observed pattern and its mirror are among them: fewer than two may not exceed anything
        height = float(highest[-1 - beyond]) * (1 + TIE) if beyond >= 2 else math.inf
        return cls(height, highest)

    def p(self, _extent: float, peak: float) -> float:
        below = np.searchsorted(self.highest, peak * (1 - TIE))
        return max(float(self.highest.size - below), 2.0) / self.highest.size  # itself and its mirror


@lru_cache(maxsize=32)
def _patterns(n: int, seed: int) -> Samples:
    """Signs of the repetitions, shape (patterns, n): what was observed first, and one of each pair of mirror images."""
    if n <= ALL_PATTERNS:
        return np.array([(1.0, *rest) for rest in product((1.0, -1.0), repeat=n - 1)])
    half = np.random.default_rng(seed).choice(np.array([1.0, -1.0]), (DRAWS // 2, n))
    half[0] = 1.0
    return half


def _highest(differences: Samples, patterns: Samples) -> Samples:
    """Highest |t| of each pattern and its mirror: the sum of squares does not know the signs, one product is enough."""
    n = differences.shape[0]
    squares = np.sum(differences**2, axis=0)
    used = squares > 0
    sums = patterns @ (differences[:, used] / np.sqrt(squares[used]))
    share = np.minimum((sums**2).max(axis=1, initial=0.0) / n, 1 - 1e-15)
    return np.tile(np.sqrt((n - 1) * share / (1 - share)), 2)


def _clusters(t: Samples, chance: _Field | _Signs) -> tuple[SpmCluster, ...]:
    found = [
        _cluster(t, run, side, chance)
        for side, sign in ((Side.RIGHT, 1), (Side.LEFT, -1))
        for run in runs_of(sign * t > chance.height)
    ]
    return tuple(sorted(found, key=lambda c: c.start_percent))


def _cluster(t: Samples, run: NDArray[np.intp], side: Side, chance: _Field | _Signs) -> SpmCluster:
    height, first, last = chance.height, int(run[0]), int(run[-1])
    level = np.abs(t)
    start, stop = first - _beyond(level, first, -1, height), last + _beyond(level, last, 1, height)
    peak = float(level[first : last + 1].max())
    per_cent = 100 / (t.size - 1)
    p = chance.p(stop - start, peak)
    return SpmCluster(start * per_cent, stop * per_cent, p, side, math.copysign(peak, t[first]))


def _beyond(level: Samples, edge: int, step: int, height: float) -> float:
    """How far past its last node, in nodes, the curve crosses the threshold."""
    other = edge + step
    if not 0 <= other < level.size or not math.isfinite(level[other]):
        return 0.0
    return float((level[edge] - height) / (level[edge] - level[other])) if level[other] < height else 0.5
