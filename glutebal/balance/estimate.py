"""From the log ratios of the repetitions to one statement with its interval.

Repetitions of a set resemble their neighbours, so a plain t interval over them is too narrow. The default shrinks an
estimated lag-1 autocorrelation towards 0.3, takes the effective number of repetitions from it, and keeps n − 1
degrees of freedom. In 20 000 simulated sets per case, autocorrelation 0 to 0.3 and 5 to 20 repetitions, its 95 %
interval covers 93 to 98 %; a bootstrap of so few repetitions covers 70 to 91 %.

All estimates are on the scale of λ = ln(R/L); `as_imbalance` and `as_share` carry value and ends over exactly.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glutebal.balance.ratio import imbalance, share_right
from glutebal.errors import InputError
from glutebal.model import Bilateral, Samples
from glutebal.results import Estimate, Status

#: Fewer repetitions than this have a value but no interval.
MIN_REPS = 5
MOST_SILENT = 0.2  # of the repetitions may be left out because a side is below its floor


@dataclass(frozen=True)
class Autocorrelation:
    """How the likeness of neighbouring repetitions is taken into account.

    The bias-corrected lag-1 autocorrelation is clipped to [0, ``ceiling``] and shrunk towards ``prior`` as if that
    had been seen on ``prior_reps`` repetitions.
    """

    prior: float = 0.3
    prior_reps: float = 10.0
    ceiling: float = 0.8

    def of(self, values: Samples) -> Samples:
        """Shrunk autocorrelation of sequences along the last axis, shape (..., n) to (...)."""
        n = values.shape[-1]
        centred = values - values.mean(axis=-1, keepdims=True)
        power = np.sum(centred**2, axis=-1)
        lagged = np.sum(centred[..., 1:] * centred[..., :-1], axis=-1)
        r1 = lagged / np.where(power > 0, power, 1.0)
        estimated = np.clip(r1 + (1 + 3 * r1) / n, 0, self.ceiling)
        return np.asarray((n * estimated + self.prior_reps * self.prior) / (n + self.prior_reps))


#: Repetitions taken as independent: the plain t interval.
INDEPENDENT = Autocorrelation(prior_reps=0.0, ceiling=0.0)


def mean_and_se(values: Samples, autocorrelation: Autocorrelation = Autocorrelation()) -> tuple[Samples, Samples]:
    """Mean of sequences along the last axis and its standard error, shape (..., n) to (...) each, n ≥ 2."""
    n = values.shape[-1]
    phi = autocorrelation.of(values)
    effective = np.clip(n * (1 - phi) / (1 + phi), 2, n)
    variance = values.var(axis=-1, ddof=1) * (1 - 1 / n) / (1 - 1 / effective)
    return values.mean(axis=-1), np.sqrt(variance / effective)


def t_quantile(level: float, df: float) -> float:
    """Half width of a two-sided interval in standard errors; ``df`` may be infinite."""
    from scipy.special import stdtrit

    if not 0 < level < 1:
        raise InputError("a level between 0 and 1", f"{level:g}", "interval")
    return float(stdtrit(df, 0.5 + level / 2))


def set_estimate(
    log_ratios: ArrayLike,
    *,
    ses: ArrayLike | None = None,
    extra_se: float = 0.0,
    level: float = 0.95,
    autocorrelation: Autocorrelation = Autocorrelation(),
) -> Estimate:
    """λ of a set: the mean over its repetitions with the autocorrelation-shrunk t interval.

    Parameters
    ----------
    log_ratios : array_like, shape (n,)
        λ per repetition, in the order they were done; NaN is left out.
    ses : array_like, shape (n,), optional
        Sampling standard error of each; the set's is never reported smaller than they allow.
    extra_se : float
        Standard error that all repetitions share, such as that of the reference contractions. It is added in
        quadrature; being known, it brings infinite degrees of freedom to the Welch-Satterthwaite sum.
    level : float
        Nominal coverage.
    autocorrelation : Autocorrelation
        Settings; `INDEPENDENT` gives the plain t interval.

    Returns
    -------
    Estimate
        TOO_FEW without interval under five repetitions; REFUSED when none has a ratio.
    """
    values = np.asarray(log_ratios, dtype=np.float64)
    kept = np.isfinite(values)
    values = values[kept]
    if values.size < MIN_REPS:
        return _too_few(values)
    value, se = mean_and_se(values, autocorrelation)
    variance = max(float(se) ** 2, _sampling_variance(ses, kept))
    made = Estimate(float(value), n=values.size, method="t on log ratios, autocorrelation shrunk")
    return with_interval(made, [(variance, values.size - 1)], extra_se, level)


def _too_few(values: Samples) -> Estimate:
    if values.size == 0:
        return Estimate.none(Status.REFUSED, "no repetition has a ratio")
    reason = f"{_reps(values.size)}, an interval needs {MIN_REPS}"
    return Estimate(float(values.mean()), n=values.size, method="mean", status=Status.TOO_FEW, reason=reason)


def _reps(n: int) -> str:
    return f"{n} repetition" if n == 1 else f"{n} repetitions"


def _sampling_variance(ses: ArrayLike | None, kept: NDArray[np.bool_]) -> float:
    known = np.empty(0) if ses is None else np.asarray(ses, dtype=np.float64)[kept]
    known = known[np.isfinite(known)]
    return float(np.mean(known**2)) / np.count_nonzero(kept) if known.size else 0.0


def with_interval(estimate: Estimate, parts: Sequence[tuple[float, float]], extra_se: float, level: float) -> Estimate:
    """Add the interval of a sum of (variance, degrees of freedom) parts, by Welch and Satterthwaite."""
    variance = sum(v for v, _ in parts) + extra_se**2
    spent = sum(v**2 / df for v, df in parts)
    df = variance**2 / spent if spent > 0 else math.inf
    se = math.sqrt(variance)
    half = t_quantile(level, df) * se
    return replace(estimate, low=estimate.value - half, high=estimate.value + half, se=se, level=level)


def set_of_reps(
    reps: Sequence[Estimate],
    *,
    extra_se: float = 0.0,
    level: float = 0.95,
    autocorrelation: Autocorrelation = Autocorrelation(),
) -> Estimate:
    """`set_estimate` over repetitions that know their status: what was left out, and why, goes with the result.

    A set in which more than a fifth of the repetitions only have a bound is itself a bound: leaving them out would pull
    the mean towards symmetry. One usable repetition below twice the noise floor makes the set LOW_SNR. When no
    repetition has a value, the set carries the commonest reason.
    """
    usable = [rep for rep in reps if _is_usable(rep)]
    left_out = [rep for rep in reps if not _is_usable(rep)]
    silent = [rep for rep in left_out if rep.status is Status.CENSORED]
    if not usable or len(silent) > MOST_SILENT * (len(usable) + len(silent)):
        return _set_bound(usable, silent) if silent else _refused(left_out)
    values, ses = [r.value for r in usable], [r.se for r in usable]
    found = set_estimate(values, ses=ses, extra_se=extra_se, level=level, autocorrelation=autocorrelation)
    low = found.status is Status.OK and any(r.status is Status.LOW_SNR for r in usable)
    return replace(found, status=Status.LOW_SNR if low else found.status, reason=_remarks(found, usable, left_out))


def _is_usable(rep: Estimate) -> bool:
    return rep.status.has_value and math.isfinite(rep.value)


def _set_bound(usable: Sequence[Estimate], silent: Sequence[Estimate]) -> Estimate:
    """The mean with a bound in the place of each unknown, where all bounds are on one side."""
    known = [rep.value for rep in usable]
    low = float(np.mean([rep.low for rep in silent] + known))
    high = float(np.mean([rep.high for rep in silent] + known))
    reason = f"{_commonest(silent)} in {len(silent)} of {_reps(len(silent) + len(usable))}"
    count = len(usable) + len(silent)
    return Estimate(math.nan, low, high, n=count, method="mean of bounds", status=Status.CENSORED, reason=reason)


def _refused(left_out: Sequence[Estimate]) -> Estimate:
    if not left_out:
        return _too_few(np.empty(0))
    status = Counter(r.status for r in left_out).most_common(1)[0][0]
    return Estimate.none(status, _commonest([r for r in left_out if r.status is status]))


def _commonest(reps: Sequence[Estimate]) -> str:
    return Counter(r.reason for r in reps).most_common(1)[0][0]


def _remarks(found: Estimate, usable: Sequence[Estimate], left_out: Sequence[Estimate]) -> str:
    faint = [r for r in usable if r.status is Status.LOW_SNR]
    said = [found.reason] if found.reason else []
    said += [f"{_commonest(faint)} in {_reps(len(faint))}"] if faint else []
    said += [f"{len(left_out)} of {len(usable) + len(left_out)} left out: {_commonest(left_out)}"] if left_out else []
    return "; ".join(said)


def unpaired_estimate(
    left_logs: ArrayLike,
    right_logs: ArrayLike,
    *,
    extra_se: float = 0.0,
    level: float = 0.95,
    autocorrelation: Autocorrelation = Autocorrelation(),
) -> Estimate:
    """λ of a one-sided exercise: the difference of two independent log means, right minus left.

    The repetitions of the two sides are not done together, so they are not paired: each side has its own mean with
    its own autocorrelation-shrunk standard error, and Welch and Satterthwaite give the degrees of freedom.

    Parameters
    ----------
    left_logs, right_logs : array_like, shapes (n,) and (m,)
        ln of the value of each repetition, in the order they were done; NaN is left out.
    extra_se, level, autocorrelation
        As in `set_estimate`.

    Returns
    -------
    Estimate
        ``n`` counts both sides; TOO_FEW when either side has fewer than five repetitions.
    """
    sides = Bilateral(left_logs, right_logs).map(lambda logs: np.asarray(logs, dtype=np.float64))
    sides = sides.map(lambda logs: logs[np.isfinite(logs)])
    counts = sides.map(lambda logs: logs.size)
    if min(counts) == 0:
        side = "left" if counts.left == 0 else "right"
        return Estimate.none(Status.REFUSED, f"no {side} repetition has a value", n=sum(counts))
    value = float(sides.right.mean() - sides.left.mean())
    made = Estimate(value, n=sum(counts), method="difference of log means")
    if min(counts) < MIN_REPS:
        reason = f"{counts.left} left and {counts.right} right repetitions, an interval needs {MIN_REPS} of each"
        return replace(made, status=Status.TOO_FEW, reason=reason)
    parts = sides.map(lambda logs: (float(mean_and_se(logs, autocorrelation)[1]) ** 2, logs.size - 1))
    made = replace(made, method="Welch t on log means, autocorrelation shrunk")
    return with_interval(made, list(parts), extra_se, level)


def drift(log_ratios: ArrayLike, level: float = 0.95) -> Estimate:
    """Slope of λ per repetition by least squares, with its t interval on n − 2 degrees of freedom.

    Meaningful within one placement of the sensors even without calibration: the gains cancel. NaN is left out but
    keeps its place in the count. TOO_FEW without interval under five repetitions, REFUSED under two.
    """
    values = np.asarray(log_ratios, dtype=np.float64)
    kept = np.isfinite(values)
    values, places = values[kept], np.flatnonzero(kept).astype(np.float64)
    n = values.size
    if n < 2:
        return Estimate.none(Status.REFUSED, "a slope needs two repetitions with a ratio", n=n)
    places -= places.mean()
    spread = float(places @ places)
    slope = float(places @ values) / spread
    made = Estimate(slope, n=n, method="least squares per repetition")
    if n < MIN_REPS:
        return replace(made, status=Status.TOO_FEW, reason=f"{_reps(n)}, an interval needs {MIN_REPS}")
    residuals = values - values.mean() - slope * places
    return with_interval(made, [(float(residuals @ residuals) / (n - 2) / spread, n - 2)], 0.0, level)


def as_imbalance(log_ratio: Estimate) -> Estimate:
    """The same statement as imbalance index d, in per cent: value and ends exactly, se by the delta method."""
    return _viewed(log_ratio, imbalance, 50.0)


def as_share(log_ratio: Estimate) -> Estimate:
    """The same statement as share of the right side, in per cent of the sum."""
    return _viewed(log_ratio, share_right, 25.0)


def _viewed(log_ratio: Estimate, view: Callable[[float], float], slope: float) -> Estimate:
    value, low, high = map(view, (log_ratio.value, log_ratio.low, log_ratio.high))
    squeeze = 1 - math.tanh(log_ratio.value / 2) ** 2
    return replace(log_ratio, value=value, low=low, high=high, se=slope * squeeze * log_ratio.se)
