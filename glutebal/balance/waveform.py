r"""How alike two curves of one repetition are: shape, size and timing, left against right.

::

    left   __/¯¯\____        shape   trend symmetry, correlation
    right  ___/¯¯¯\__        size    range ratio, range offset, symmetry function, normalised index
                             timing  lag and phase shift, positive = right later

A curve that does not move has no shape, and one with a hole no whole: the answer is a status, never 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glutebal.balance.lag import cross_correlation, phase_shift, scatter, variance_ratio
from glutebal.errors import InputError
from glutebal.model import Bilateral, Samples, Side
from glutebal.results import Status

FLAT = 1e-9  # of the larger magnitude: a curve whose range is smaller does not move
LEAST_NODES = 5


@dataclass(frozen=True)
class Cyclogram:
    """Left (x) against right (y) as one loop.

    ``area`` in the square of the curves' unit, 0 when one side is a multiple of the other; ``orientation_deg`` of its
    long axis, −90 to 90: 45 for equal amplitudes, above when the right side is larger.
    """

    area: float
    orientation_deg: float


@dataclass(frozen=True)
class Deviation:
    """A stretch in which a difference curve leaves its band.

    ``start_percent`` and ``stop_percent`` of the curve; ``area`` beyond the band, in the curve's unit times per cent,
    and ``extreme`` the farthest difference, both positive when the right side is larger; ``at_percent`` is where.
    """

    start_percent: float
    stop_percent: float
    area: float
    extreme: float
    at_percent: float

    @property
    def larger(self) -> Side:
        """Which side is larger here."""
        return Side.RIGHT if self.extreme > 0 else Side.LEFT


@dataclass(frozen=True)
class WaveformSymmetry:
    """How alike the left and the right curve are; NaN with a status where that cannot be told.

    Parameters
    ----------
    trend_symmetry : float
        TS = 1 − VR, up to 1 = one curve is the other times a factor plus a constant (Crenshaw & Richards 2006).
    variance_ratio : float
        VR, the same told the other way round: 0 to 1, 0 best.
    phase_shift : float
        Shift, per cent of the curve, at which TS is highest; positive = right later. NaN when the curves nowhere rise
        and fall together.
    shifted_trend_symmetry : float
        TS at that shift.
    range_ratio : float
        Range of the right curve over the range of the left, > 0; 1 = the same.
    range_offset : float
        Mean of the right curve minus mean of the left, in the curves' unit.
    symmetry_function : float
        Mean of 2·abs(R − L)/(range R + range L), per cent; 0 = identical (Nigg et al. 2013).
    si_norm_low, si_norm_high : float
        Extremes of the normalised symmetry index, per cent, within ±66.7 (Gouwanda & Senanayake 2011).
    r : float
        Pearson correlation without any shift, −1 to 1.
    peak_r, lag : float
        Highest cross-correlation, and its lag in per cent of the curve; positive = right later.
    cyclogram : Cyclogram
    status, reason
        REFUSED with the reason for a flat or incomplete curve.
    """

    trend_symmetry: float = math.nan
    variance_ratio: float = math.nan
    phase_shift: float = math.nan
    shifted_trend_symmetry: float = math.nan
    range_ratio: float = math.nan
    range_offset: float = math.nan
    symmetry_function: float = math.nan
    si_norm_low: float = math.nan
    si_norm_high: float = math.nan
    r: float = math.nan
    peak_r: float = math.nan
    lag: float = math.nan
    cyclogram: Cyclogram = Cyclogram(math.nan, math.nan)
    status: Status = Status.OK
    reason: str = ""

    def shape_only(self, reason: str) -> WaveformSymmetry:
        """Without what compares sizes, for curves that were each scaled to their own mean."""
        sizes = ("range_ratio", "range_offset", "symmetry_function", "si_norm_low", "si_norm_high")
        loop = replace(self.cyclogram, orientation_deg=math.nan)
        known = self.status is Status.OK
        status, why = (Status.UNCALIBRATED, reason) if known else (self.status, self.reason)
        return replace(self, **dict.fromkeys(sizes, math.nan), cyclogram=loop, status=status, reason=why)


def waveform_symmetry(curves: Bilateral[ArrayLike], *, cyclic: bool = False) -> WaveformSymmetry:
    """Every measure of `WaveformSymmetry` for one pair of curves.

    Parameters
    ----------
    curves : Bilateral of array_like, shape (nodes,)
        One time-normalised curve per side, usually the mean over repetitions on 101 nodes; one unit.
    cyclic : bool
        Whether the curve's end is its beginning, as in a stride: shifts then wrap around.

    Raises
    ------
    InputError
        The curves are not one-dimensional, of one length and of five nodes or more.
    """
    left, right = _paired(curves)
    doubt = next(filter(None, map(_doubt, (left, right), Side)), "")
    if doubt:
        return WaveformSymmetry(status=Status.REFUSED, reason=doubt)
    per_cent = 100 / (left.size - 1)
    best = phase_shift(left, right, cyclic=cyclic)
    peak = cross_correlation(left, right, cyclic=cyclic)
    index = normalised_index(left, right)
    vr = variance_ratio(left, right)
    return WaveformSymmetry(
        trend_symmetry=1 - vr,
        variance_ratio=vr,
        phase_shift=best.lag * per_cent,
        shifted_trend_symmetry=best.value,
        range_ratio=float(np.ptp(right) / np.ptp(left)),
        range_offset=float(right.mean() - left.mean()),
        symmetry_function=symmetry_function(left, right),
        si_norm_low=float(index.min()),
        si_norm_high=float(index.max()),
        r=float(np.corrcoef(left, right)[0, 1]),
        peak_r=peak.value,
        lag=peak.lag * per_cent,
        cyclogram=cyclogram(left, right),
    )


def _paired(curves: Bilateral[ArrayLike]) -> Bilateral[Samples]:
    both = curves.map(lambda c: np.asarray(c, dtype=np.float64))
    shapes = both.map(lambda c: c.shape)
    if shapes.left != shapes.right or both.left.ndim != 1 or both.left.size < LEAST_NODES:
        needed = f"a left and a right curve of one length, {LEAST_NODES} nodes or more"
        raise InputError(needed, f"shapes {shapes.left} and {shapes.right}", "waveform")
    return both


def _doubt(curve: Samples, side: Side) -> str:
    if not np.isfinite(curve).all():
        return f"the {side.value} curve has a hole"
    return f"the {side.value} curve is flat" if is_flat(curve) else ""


def is_flat(curve: Samples) -> bool:
    """Whether a curve does not move."""
    return bool(np.ptp(curve) <= FLAT * np.abs(curve).max())


def symmetry_function(left: Samples, right: Samples) -> float:
    """Mean over the curve of 2·abs(R − L)/(range R + range L), per cent, by the trapezoidal rule.

    Nigg, Vienneau, Maurer & Nigg (2013) Gait Posture 38:115. 0 = identical; NaN when neither curve moves.
    """
    ranges = float(np.ptp(left) + np.ptp(right))
    if not ranges > 0:
        return math.nan
    return float(100 * np.trapezoid(2 * np.abs(right - left) / ranges) / (left.size - 1))


def normalised_index(left: Samples, right: Samples) -> Samples:
    """Normalised symmetry index of each node, per cent, within ±66.7; positive = right larger; shape (nodes,).

    Both curves are brought to 1 to 2 by their joint lowest and highest value, then 2·(R − L)/(R + L). Gouwanda &
    Senanayake (2011) J Biomech 44:972. NaN when neither curve moves.
    """
    both = np.stack([left, right])
    low, high = both.min(), both.max()
    if not high > low:
        return np.full(left.shape, math.nan)
    l, r = (both - low) / (high - low) + 1  # noqa: E741 - left and right, as in the formula
    return np.asarray(200 * (r - l) / (r + l))


def cyclogram(left: Samples, right: Samples) -> Cyclogram:
    """Area and orientation of the loop that left (x) and right (y) draw, closed if it is open (Goswami 1998)."""
    x, y = left - left.mean(), right - right.mean()
    area = abs(float(y @ np.roll(x, -1) - np.roll(y, -1) @ x)) / 2
    a, c, b = scatter(left, right)
    return Cyclogram(area, math.degrees(math.atan2(2 * c, a - b) / 2) if a + b > 0 else math.nan)


def regions_of_deviation(difference: ArrayLike, sd: ArrayLike, k: float = 2.0) -> tuple[Deviation, ...]:
    """The stretches in which a difference curve leaves its own ±k·SD band.

    After Shorter et al. (2008) Clin Biomech. The first and last node of a stretch are nodes outside the band; what is
    NaN is outside of nothing.

    Parameters
    ----------
    difference : array_like, shape (nodes,)
        Right minus left, usually the mean over repetitions.
    sd : array_like, shape (nodes,) or float
        Standard deviation of the difference: over the repetitions, or of a control group.
    k : float
        Half width of the band in standard deviations, > 0.
    """
    curve = np.asarray(difference, dtype=np.float64)
    band = np.broadcast_to(k * np.asarray(sd, dtype=np.float64), curve.shape)
    return tuple(
        _deviation(curve, band, int(run[0]), int(run[-1])) for sign in (1, -1) for run in runs_of(sign * curve > band)
    )


def runs_of(flags: NDArray[np.bool_]) -> list[NDArray[np.intp]]:
    """The places of each unbroken run of True."""
    places = np.flatnonzero(flags)
    return [run for run in np.split(places, np.flatnonzero(np.diff(places) > 1) + 1) if run.size]


def _deviation(curve: Samples, band: Samples, first: int, last: int) -> Deviation:
    per_cent = 100 / (curve.size - 1)
    part = curve[first : last + 1]
    beyond = np.abs(part) - band[first : last + 1]
    top = int(np.argmax(np.abs(part)))
    area = math.copysign(float(beyond.sum()) * per_cent, float(part[top]))
    return Deviation(first * per_cent, last * per_cent, area, float(part[top]), (first + top) * per_cent)
