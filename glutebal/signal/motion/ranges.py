"""Range and tempo of every rep, per side, and what the sides differ by: degrees and seconds, never ratios."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from glutebal.model import Bilateral, Samples, Side
from glutebal.results import Estimate, Rep, Status
from glutebal.signal.motion.angles import JointAngles

#: Fewer reps per side give a value without an interval.
LEAST_REPS = 5
#: Reps whose ranges differ by no more than this, or by this share of the larger, may be compared further.
MATCHED_RANGE_DEG = 5.0
MATCHED_RANGE_SHARE = 0.1
SMOOTH_S = 0.1


@dataclass(frozen=True)
class RepRange:
    """What one joint did in one rep.

    Parameters
    ----------
    rep : Rep
        The rep.
    side : Side
        The leg.
    least_deg, most_deg : float
        Smallest and largest flexion; NaN if it was not recorded throughout.
    uncertainty_deg : float
        Standard deviation of the range.
    """

    rep: Rep
    side: Side
    least_deg: float
    most_deg: float
    uncertainty_deg: float

    @property
    def range_deg(self) -> float:
        """From the most extended to the most flexed."""
        return self.most_deg - self.least_deg

    @property
    def extension_deg(self) -> float:
        """How far it went beyond neutral, positive; negative: it stayed so far short of it."""
        return -self.least_deg


def rep_ranges(pieces: Iterable[JointAngles], reps: Iterable[Rep]) -> tuple[RepRange, ...]:
    """The flexion range of every rep that this leg took part in, in the order of the reps."""
    every = list(pieces)
    side = every[0].side if every else None
    return tuple(_rep_range(every, rep, side) for rep in reps if side is not None and rep.side in {None, side})


def ranges_match(left: RepRange, right: RepRange) -> bool:
    """Whether both sides went through the same range, to 5° or 10 %; False if one was not recorded."""
    allowed = max(MATCHED_RANGE_DEG, MATCHED_RANGE_SHARE * max(left.range_deg, right.range_deg))
    return bool(abs(right.range_deg - left.range_deg) <= allowed)


def range_difference(ranges: Bilateral[Sequence[RepRange]], systematic_sd_deg: float = 2.0) -> Estimate:
    """Range of motion, right minus left, in degrees.

    Parameters
    ----------
    ranges : Bilateral of sequences of RepRange
        From `rep_ranges`; the same reps on both sides if both legs work together.
    systematic_sd_deg : float
        What does not average out over reps: calibration and soft tissue, per difference.
    """
    return difference(
        ranges.map(lambda side: np.array([r.range_deg for r in side])), _paired(ranges), systematic_sd_deg
    )


def extension_difference(ranges: Bilateral[Sequence[RepRange]], systematic_sd_deg: float = 2.0) -> Estimate:
    """Largest extension, right minus left, in degrees; parameters as in `range_difference`."""
    values = ranges.map(lambda side: np.array([r.extension_deg for r in side]))
    return difference(values, _paired(ranges), systematic_sd_deg)


def tempo_difference(reps: Iterable[Rep]) -> Estimate:
    """Duration of one-sided reps, right minus left, in s."""
    every = list(reps)
    seconds = Bilateral.per_side(lambda side: np.array([rep.duration_s for rep in every if rep.side is side]))
    return difference(seconds, paired=False)


def difference(values: Bilateral[Samples], paired: bool, systematic_sd: float = 0.0) -> Estimate:
    """Right minus left of two samples with a 95 % interval: paired t, or Welch (1947); NaN is left out.

    The interval holds the scatter of the reps and, beside it, ``systematic_sd``.
    """
    from scipy import stats

    left, right = _finite(values, paired)
    n = min(left.size, right.size)
    if n == 0:
        return Estimate.none(Status.UNPAIRED, "no rep of both sides")
    value = float(right.mean() - left.mean())
    if n < LEAST_REPS:
        return Estimate(value, n=n, method="mean difference", status=Status.TOO_FEW, reason=f"{n} reps per side")
    se, freedom = _paired_error(right - left) if paired else _welch_error(left, right)
    half = math.hypot(float(stats.t.ppf(0.975, freedom)) * se, 1.96 * systematic_sd)
    name = "paired t" if paired else "Welch t"
    method = f"{name}, ±{1.96 * systematic_sd:.1f} for calibration" if systematic_sd else name
    return Estimate(value, value - half, value + half, math.hypot(se, systematic_sd), n, method)


def _finite(values: Bilateral[Samples], paired: bool) -> tuple[Samples, Samples]:
    if paired:
        good = np.isfinite(values.left) & np.isfinite(values.right)
        return values.left[good], values.right[good]
    left, right = values.map(lambda side: side[np.isfinite(side)])
    return left, right


def _paired_error(differences: Samples) -> tuple[float, float]:
    return float(differences.std(ddof=1)) / math.sqrt(differences.size), differences.size - 1.0


def _welch_error(left: Samples, right: Samples) -> tuple[float, float]:
    parts = [float(side.var(ddof=1)) / side.size for side in (left, right)]
    total = sum(parts)
    if total == 0:
        return 0.0, float(min(left.size, right.size) - 1)
    freedom = total**2 / sum(p**2 / (side.size - 1) for p, side in zip(parts, (left, right), strict=True))
    return math.sqrt(total), freedom


def _paired(ranges: Bilateral[Sequence[RepRange]]) -> bool:
    return [r.rep for r in ranges.left] == [r.rep for r in ranges.right]


def _rep_range(pieces: Sequence[JointAngles], rep: Rep, side: Side) -> RepRange:
    for piece in pieces:
        start, stop = round(rep.start_s * piece.rate_hz), round(rep.stop_s * piece.rate_hz)
        if piece.start <= start < stop <= piece.stop:
            part = slice(start - piece.start, stop - piece.start)
            least, most = _extremes(piece.flexion_deg[part], piece.rate_hz)
            return RepRange(rep, side, least, most, math.sqrt(2) * float(np.median(piece.uncertainty_deg[part, 0])))
    return RepRange(rep, side, math.nan, math.nan, math.nan)


def _extremes(angle: Samples, rate_hz: float) -> tuple[float, float]:
    """The smallest and the largest mean of 0.1 s."""
    window = min(max(1, round(SMOOTH_S * rate_hz)), angle.size)
    smooth = np.convolve(angle, np.full(window, 1 / window), mode="valid")
    return float(smooth.min()), float(smooth.max())
