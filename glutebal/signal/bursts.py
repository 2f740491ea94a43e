"""Bursts of a one-dimensional effort: how strong it typically is, where it rises and falls, what belongs together.

Everything works on arrays of power on the common clock with NaN where nothing was recorded.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from glutebal.model import Samples

SPIKE_S = 0.31  # an artefact is shorter than half of this: it does not move the running median
SPIKE = 8.0  # block power above this many running medians is an artefact's
RHYTHM_S = 0.15  # first smoothing, before the rhythm is known
WIDTHS_S = (0.12, 0.3)  # limits of the smoothing that follows the rhythm
WIDTH = 0.06  # smoothing as a share of a typical burst
REST_SHARE = 0.02  # at least this share of a recording is rest
CONTRAST = 14.0  # activity stands out when it is this many times the scatter at rest
VALLEY = 0.5  # a valley divides when it is below this share of the lower peak beside it
FLOOR = 0.02  # depth, as a share of the typical peak, below which one valley is as deep as another

AT_REST = 0.05  # a valley below this share of the typical peak is rest
PAUSE_S = 0.02  # a shorter pause is as good as none


@dataclass(frozen=True)
class Bump:
    """A rise and fall of effort: ``peak`` is its highest sample, ``start`` and ``stop`` the valleys beside it.

    ``height`` is the effort at the peak, ``valley`` that at the start.
    """

    start: int
    peak: int
    stop: int
    height: float
    valley: float


def runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """The ``[start, stop)`` of every run of True."""
    padded = np.concatenate([[False], mask, [False]])
    return [(int(a), int(b)) for a, b in np.flatnonzero(padded[1:] != padded[:-1]).reshape(-1, 2)]


def without_spikes(power: Samples, rate_hz: float) -> Samples:
    """Power with blocks far above their surroundings cut down to them, NaN kept."""
    from scipy.ndimage import median_filter

    out = power.copy()
    typical = float(np.nanmedian(np.abs(power))) if np.isfinite(power).any() else 0.0
    for a, b in runs(np.isfinite(power)):
        around = median_filter(power[a:b], round(SPIKE_S * rate_hz), mode="nearest")
        out[a:b] = np.minimum(power[a:b], SPIKE * np.maximum(around, typical))
    return out


def smoothed(power: Samples, width_s: float, rate_hz: float) -> Samples:
    """Twice the centred moving mean (a triangle, ``width_s`` wide at half height), over what was recorded."""
    from scipy.ndimage import uniform_filter1d

    width = max(1, round(width_s * rate_hz))
    seen = np.isfinite(power)
    weight, total = seen.astype(np.float64), np.where(seen, power, 0.0)
    for _ in range(2):
        weight = uniform_filter1d(weight, width, mode="constant")
        total = uniform_filter1d(total, width, mode="constant")
    out = np.full(power.size, np.nan)
    out[seen] = total[seen] / weight[seen]
    return out


def rest_scatter(power: Samples, width_s: float, rate_hz: float) -> float:
    """Standard deviation, at rest, of an effort that is then smoothed over ``width_s``.

    The scatter of EMG power grows with the power, so rest is where the unsmoothed blocks scatter least: the fiftieth
    part of all windows. That holds for a set without pauses as well as for one that is mostly rest.
    """
    from scipy.ndimage import uniform_filter1d

    size, local = round(SPIKE_S * rate_hz), []
    for a, b in runs(np.isfinite(power)):
        if b - a >= size:
            means = [uniform_filter1d(power[a:b] ** k, size, mode="nearest") for k in (1, 2)]
            local.append(np.maximum(means[1] - means[0] ** 2, 0.0))
    if not local:
        return float("nan")
    scatter = float(np.sqrt(np.quantile(np.concatenate(local), REST_SHARE)))
    return scatter * float(np.sqrt(2 / 3 / max(1, round(width_s * rate_hz))))


def typical_peak(smooth: Samples, scatter: float) -> float:
    """Height of a typical burst, above the level at rest; NaN when nothing stands out from the ``scatter`` at rest.

    The median over bursts, each counted with its duration, so that neither a spike nor a set-up movement sets the
    scale.
    """
    rest, upper = (float(q) for q in np.nanquantile(smooth, [REST_SHARE, 0.97]))
    threshold = max(0.3 * (upper - rest), CONTRAST * scatter)
    found = runs(np.nan_to_num(smooth - rest, nan=-np.inf) > threshold)
    if not found:
        return float("nan")
    heights = np.array([smooth[a:b].max() - rest for a, b in found])
    peak = weighted_median(heights, np.array([b - a for a, b in found], dtype=np.float64))
    return peak if peak > CONTRAST * scatter else float("nan")


def rest_level(smooth: Samples, peak: float) -> float:
    """Effort at rest that is still to be taken off; 0 when there is no rest to measure it in."""
    low = float(np.nanquantile(smooth, REST_SHARE))
    return low if low < 0.2 * peak else 0.0


def following(duration_s: float) -> float:
    """The smoothing that suits bumps of a given duration, in seconds."""
    return float(np.clip(WIDTH * duration_s, *WIDTHS_S))


def weighted_median(values: Samples, weights: Samples) -> float:
    """The value at which half of the weight is reached."""
    order = np.argsort(values, kind="stable")
    total = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(total, total[-1] / 2)])


def bumps(joint: Samples, threshold: float) -> list[Bump]:
    """All bumps above ``threshold`` that a clear valley divides from their neighbours.

    ``joint`` is 1 at a typical peak and 0 at rest. A valley is clear when it is below half of the lower peak beside it.
    """
    from scipy.signal import find_peaks

    level = np.log(np.maximum(np.nan_to_num(joint, nan=0.0), FLOOR))
    padded = np.concatenate([[np.log(FLOOR)], level, [np.log(FLOOR)]])
    peaks = find_peaks(padded, height=np.log(threshold), prominence=-np.log(VALLEY))[0] - 1
    cuts = [0, *(int(_valley(level, a, b)) for a, b in pairwise(peaks)), joint.size]
    return [
        Bump(cuts[k], int(peak), cuts[k + 1], float(joint[peak]), float(np.nan_to_num(joint[cuts[k]])))
        for k, peak in enumerate(peaks)
    ]


def _valley(level: Samples, a: int, b: int) -> int:
    """The middle of the lowest stretch between two peaks."""
    between = level[a:b]
    lowest = np.flatnonzero(between <= between.min() + 1e-12)
    return int(a + lowest[lowest.size // 2])


def pauses(joint: Samples, found: list[Bump], rate_hz: float) -> Samples:
    """How much of a pause lies between neighbours, in seconds, shape (n − 1,).

    The time below half of the lower peak, counted with its depth: what fluctuates above half of a peak is no pause.
    """
    out = []
    for one, two in pairwise(found):
        between = np.nan_to_num(joint[one.peak : two.peak], nan=0.0) / (VALLEY * min(one.height, two.height))
        out.append(float(np.clip(1 - between, 0.0, 1.0).sum()) / rate_hz)
    return np.array(out)


def typical_duration_s(joint: Samples, found: list[Bump], rate_hz: float) -> float:
    """Duration of a typical bump at half of its height, each counted with its duration."""
    widths = []
    for bump in found:
        above = np.nan_to_num(joint[bump.start : bump.stop], nan=0.0) > 0.5 * bump.height
        widths.append(np.count_nonzero(above) / rate_hz)
    values = np.array(widths)
    return weighted_median(values, values)


def grouped(found: list[Bump], between: Samples) -> list[list[Bump]]:
    """Bumps that belong to one rep, put together by the rhythm of the set.

    ``between`` holds the pauses. Two bumps make one rep (lifting and lowering) when the whole set goes in pairs:
    heights and pauses repeat every second bump and not every one. A single pause that is much smaller than the set's,
    or smaller and not at rest while the set does come to rest, is a flicker of a hold.
    """
    limit = _pair_limit(found, between)
    inner = between < limit if limit > 0 else _flickers(found, between)
    most = 2 if limit > 0 else len(found)
    groups = [[found[0]]]
    for bump, joined in zip(found[1:], inner, strict=True):
        if joined and len(groups[-1]) < most:
            groups[-1].append(bump)
        else:
            groups.append([bump])
    return groups


def _pair_limit(found: list[Bump], between: Samples) -> float:
    """The pause that divides inside from between when the set goes in pairs, else 0."""
    if len(found) < 4:
        return 0.0
    one, two = sorted(float(np.median(between[phase::2])) for phase in (0, 1))
    return float(np.sqrt(one * two)) if _alternates(found, between) and two > 1.25 * one else 0.0


def _alternates(found: list[Bump], between: Samples) -> bool:
    """Whether every second bump resembles a bump far more than its neighbour does."""
    heights = np.log([bump.height for bump in found])[:-1]
    features = np.column_stack([heights, np.log(np.maximum(between, PAUSE_S))])
    next_one, second = (float(np.median(np.abs(features[k:] - features[:-k]).sum(axis=1))) for k in (1, 2))
    return next_one > 0.5 and second < 0.45 * next_one


def _flickers(found: list[Bump], between: Samples) -> NDArray[np.bool_]:
    """Which pauses are none: the small ones, and those not at rest that cut off a piece shorter than a rep."""
    if between.size < 3:
        return np.zeros(between.size, dtype=bool)
    valleys = np.array([bump.valley for bump in found[1:]])
    at_rest = valleys < AT_REST
    small = between < 0.3 * np.median(between)
    if np.count_nonzero(at_rest) >= 3:
        lengths = np.array([bump.stop - bump.start for bump in found], dtype=np.float64)
        piece = np.minimum(lengths[1:], lengths[:-1]) < 0.75 * weighted_median(lengths, lengths)
        small |= (valleys > 2 * AT_REST) & (between < 0.5 * np.median(between[at_rest])) & piece
    return small


def edge(course: Samples, rest: float, rate_hz: float) -> int:
    """How many samples from its peak on belong to a burst: until it comes to rest, all of them if it does not.

    Smoothing widens a steep edge: the time between the fall to a half and the fall to rest is reduced by that of a
    smoothed step, in quadrature, which leaves a slow edge where it is.
    """
    quiet = np.flatnonzero(~(course > rest))
    if quiet.size == 0:
        return course.size
    half = np.flatnonzero(~(course > 0.5 * course[0]))
    fall = max(0, int(quiet[0] - half[0]))
    smear = 1.2 * WIDTHS_S[0] * (1 - np.sqrt(2 * rest)) * rate_hz
    return max(1, int(half[0] + round(np.sqrt(max(fall**2 - smear**2, 0.0)))))
