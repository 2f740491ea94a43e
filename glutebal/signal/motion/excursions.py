r"""Movements away from rest and back, in a phase signal: where each begins, turns and ends.

::

    phase                hold
                      ________
                    /          \
                  /              \
    ___rest_____/                  \______
               start  a       b     stop

The phase signal only says *that* there is an excursion. **Where** it begins and ends is read from the speed of the
tilts around it: it begins at the last moment at which that is below 5 % of its own peak on the way out, or at
the lowest speed between two repetitions that touch; it ends at the first such moment on the way back. These boundaries
do not depend on the rest of the recording.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from glutebal.model import Samples
from glutebal.signal.bursts import runs
from glutebal.signal.motion.phase_signal import speed
from glutebal.signal.motion.tilt_path import GRID_HZ, TiltPath

#: Rest: below this share of the peak speed; or a lowest speed below that share.
STILL = 0.05
TOUCH = 0.35
#: Standing still is never asked to be stiller than this, rad/s.
SWAY = 0.02
#: Rest is within this share of the excursion from its lower end.
NEAR_REST = 0.3
#: An excursion is at least this share of the typical one high.
PROMINENCE = 0.35
#: The same in movements as small as sway, which makes a hold uneven.
SWAYED_PROMINENCE = 0.55
#: In a smaller movement the sway of sensors that do not take part would hide where it begins, rad.
SMALL_RAD = 0.8
#: In a still smaller one, sway is as large as a part of it: only the sensors that take part count, smoothed by so much.
SWAYED_RAD = 0.2
SWAYED_S = 0.15
#: Speed of sway that is no way, rad/s.
WAY_SWAY = 0.06
#: Instead of a boundary: the recording ended before rest, or the movement led somewhere else.
UNSEEN = -1
ELSEWHERE = -2
#: Vertical acceleration in flight is below this, m/s².
FREE_FALL = -7.0
#: A stillness this long may be rest even half way down, if the body is there before and after; how near that has to be.
DWELL_S = 0.2
SAME = 0.25
#: The part of the height over which the pace is read.
TRANSIT = (0.2, 0.8)
#: Points of a normalised course.
POINTS = 40


@dataclass(frozen=True, eq=False)
class Excursion:
    """An excursion, indices into the path; ``start`` or ``stop`` is negative if there is no rest on that side.

    ``change`` is the turn minus the start, ``gap`` the stop minus the start, ``course`` the phase from 0 to 1;
    ``lift_m`` how far the pelvis rises on the way out, ``limb_m`` the sensor that turns most;
    ``way`` the length of the whole way, sway taken off, rad; ``transit_s`` how long way out and way back take, from the
    phase between 20 and 80 % of its height, so that sway in rest and hold has no say; ``others`` how far segments go
    that were left out of the path, rad; ``area`` under the phase, above rest, rad·s.
    """

    start: int
    hold: tuple[int, int]
    stop: int
    middle: tuple[int, int]
    change: Samples
    gap: float
    course: Samples
    lift_m: float = math.nan
    limb_m: float = math.nan
    way: float = 0.0
    transit_s: float = math.nan
    others: float = 0.0
    area: float = math.nan

    @cached_property
    def size(self) -> float:
        """How far it goes, rad."""
        return float(np.linalg.norm(self.change))

    @property
    def moving_s(self) -> float:
        """Way out and way back, without the hold."""
        return self.seconds - (self.hold[1] - self.hold[0]) / GRID_HZ

    @property
    def seconds(self) -> float:
        """From start to stop."""
        return (self.stop - self.start) / GRID_HZ

    @property
    def turn(self) -> int:
        """The middle of the hold."""
        return (self.hold[0] + self.hold[1]) // 2

    @property
    def complete(self) -> bool:
        """Whether it begins and ends at rest."""
        return self.start >= 0 and self.stop >= 0


def excursions(path: TiltPath, direction: Samples, amplitude: float) -> list[Excursion]:
    """All excursions along ``direction``, shape (3 · sensors,), in time order; rest is down.

    Boundaries of small movements are those of the sensors that take part in it.
    """
    from scipy.signal import find_peaks

    part = path.taking_part(direction) if amplitude < SMALL_RAD else path
    swayed = amplitude < SWAYED_RAD
    part, whole = (part.smoothed(SWAYED_S),) * 2 if swayed else (part, path)
    phase = part.up @ direction if swayed else path.up @ direction
    fast, found = speed(part), []
    ways, least = way_so_far(whole), (SWAYED_PROMINENCE if swayed else PROMINENCE) * amplitude
    for a, b in path.pieces:
        if b - a < 5:
            continue
        q, v = phase[a:b], fast[a:b]
        edged = np.concatenate([[-1e9], q, [-1e9]])  # a recording that begins or ends away from rest has a peak there
        peaks = find_peaks(edged, prominence=least)[0] - 1
        here = [
            _of_body(whole, one, ways, _plateau(one) if swayed else one.hold)
            for one in map(partial(_excursion, part, a, q, v), peaks.tolist(), _heights(q, peaks).tolist())
        ]
        found += _landed(part, here)
    return found


def way_so_far(path: TiltPath) -> Samples:
    """How far the tilts of all sensors have gone up to each sample, sway taken off, rad, shape (n + 1,)."""
    fast = np.maximum(np.nan_to_num(speed(path.body or path)) - WAY_SWAY, 0.0)
    return np.concatenate([[0.0], np.cumsum(fast)]) / GRID_HZ


def _plateau(one: Excursion) -> tuple[int, int]:
    """The middle of the time spent above half height: what a small movement reaches, sway averaged out."""
    a, b = one.middle
    return a + round(0.2 * (b - a)), b - round(0.2 * (b - a))


def _of_body(path: TiltPath, one: Excursion, ways: Samples, top: tuple[int, int]) -> Excursion:
    """The same with what all sensors did, not only those that take part most."""
    change = path.change(one.start, top)
    limb = int(np.argmax(np.linalg.norm(np.nan_to_num(change).reshape(-1, 3), axis=1)))
    middle = limb if path.middle is None else path.middle
    lifts = [_rise_m(path.lift[:, k], one.start, one.hold[0]) for k in (middle, limb)]
    body = (path.body or path).change(one.start, top)
    others = float(np.linalg.norm(body - change))
    way = float(ways[one.stop] - ways[one.start]) if one.complete else math.nan
    return replace(one, change=change, lift_m=lifts[0], limb_m=lifts[1], way=way, others=others)


def _landed(path: TiltPath, found: list[Excursion]) -> list[Excursion]:
    """Where there is a flight between two excursions, the second is the landing of the first: one repetition."""
    out: list[Excursion] = []
    for one in found:
        before = out[-1] if out else None
        if before is not None and before.start >= 0 and _flight(path.lift.max(axis=1), before.middle[1], one.middle[0]):
            gap = float(np.linalg.norm(path.up[one.stop] - path.up[before.start])) if one.stop >= 0 else math.nan
            out[-1] = replace(before, stop=one.stop, gap=gap)
        else:
            out.append(one)
    return out


def _flight(lift: Samples, start: int, stop: int) -> bool:
    """Whether the body was in free fall for a moment, within a second."""
    return 0 < stop - start < GRID_HZ and bool((lift[start:stop] < FREE_FALL).any())


def _heights(q: Samples, peaks: np.ndarray) -> Samples:
    """How far each peak is above the higher of the two valleys beside it; at the ends there is only one."""
    cuts = [0, *peaks, len(q) - 1]
    valleys = np.array([q[a : b + 1].min() for a, b in pairwise(cuts)])
    if len(peaks) == 0:
        return np.empty(0)
    left, right = valleys[:-1].copy(), valleys[1:].copy()
    left[peaks == 0], right[peaks == len(q) - 1] = -np.inf, -np.inf
    return np.asarray(q[peaks] - np.maximum(left, right))


@dataclass(frozen=True, eq=False)
class _Way:
    """From the peak towards rest, in samples: where it may be, nearest first, and the middle of the way."""

    rests: list[int]
    middle: int
    nowhere: int


def _excursion(path: TiltPath, offset: int, q: Samples, v: Samples, peak: int, height: float) -> Excursion:
    """Boundaries from the speed: out to the left of the peak, the way back mirrored in time."""
    out, back = _way(q[: peak + 1][::-1], v[: peak + 1][::-1], height), _way(q[peak:], v[peak:], height)
    at = offset + peak
    start, stop = _closed(path, at, out, back)
    ends = (start if start >= 0 else at - out.middle), (stop if stop >= 0 else at + back.middle)
    first, last = _hold(v, ends[0] - offset, peak, ends[1] - offset)
    hold, middle = (offset + first, offset + last), (at - out.middle, at + back.middle)
    return _measured(path, start, hold, stop, middle, q[max(start - offset, 0) : max(stop - offset, 0)])


def _hold(v: Samples, first: int, peak: int, last: int) -> tuple[int, int]:
    """From the first to the last stillness between the fastest moments of either way; else the slowest moment."""
    a = first + int(np.argmax(v[first : peak + 1]))
    b = peak + int(np.argmax(v[peak : last + 1]))
    between = v[a : b + 1]
    still = np.flatnonzero(between <= max(STILL * min(v[a], v[b]), SWAY))
    lowest = int(np.argmin(between))
    return (a + int(still[0]), a + int(still[-1])) if still.size else (a + lowest, a + lowest)


def _closed(path: TiltPath, at: int, out: _Way, back: _Way) -> tuple[int, int]:
    """The innermost rests before and after that are the same posture; without such a pair, the last of either."""
    top = path.up[at]
    pairs = [(i, j) for i in out.rests for j in back.rests]
    for i, j in sorted(pairs, key=lambda pair: pair[0] + pair[1])[:-1]:
        first, last = path.up[at - i], path.up[at + j]
        if np.linalg.norm(first - last) <= SAME * np.linalg.norm(top - first):
            return at - i, at + j
    return at - out.rests[-1] if out.rests else out.nowhere, at + back.rests[-1] if back.rests else back.nowhere


def _way(q: Samples, v: Samples, height: float) -> _Way:
    """From the peak (index 0) towards rest."""
    below = q < q[0] - 0.5 * height
    if not below.any():
        return _Way([], 0, UNSEEN)
    middle = int(np.argmax(below))
    far = q < q[0] - 1.6 * height  # past rest: this way leads somewhere else
    end = int(np.argmax(far)) if far.any() else len(q)
    limit, lowest = _still(v, _peak_speed(q, v, middle, height))
    rest = np.flatnonzero((limit | lowest)[middle:end] & (q[middle:end] < q[0] - (1 - NEAR_REST) * height))
    last = middle + int(rest[0]) if rest.size else end
    dwells = [middle + a for a, b in runs(limit[middle:last]) if b - a >= DWELL_S * GRID_HZ]
    rests = [*dwells, last] if rest.size else dwells
    return _Way(rests, middle, ELSEWHERE if far.any() else UNSEEN)


def _peak_speed(q: Samples, v: Samples, middle: int, height: float) -> float:
    """The highest speed while the phase is between 10 and 90 % of the way around ``middle``."""
    inside = (q < q[0] - 0.1 * height) & (q > q[0] - 0.9 * height)
    before, after = np.flatnonzero(~inside[:middle]), np.flatnonzero(~inside[middle:])
    a = int(before[-1]) + 1 if before.size else 0
    b = middle + int(after[0]) if after.size else len(q)
    return float(v[a : max(b, middle + 1)].max())


def _still(v: Samples, fast: float) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Where the speed counts as rest because it is low, and because it is lowest between two movements."""
    lowest = np.zeros(len(v), dtype=bool)
    lowest[1:-1] = (v[1:-1] <= v[:-2]) & (v[1:-1] <= v[2:]) & (v[1:-1] <= TOUCH * fast)
    return v <= max(STILL * fast, min(SWAY, TOUCH * fast)), lowest


def _measured(
    path: TiltPath, start: int, hold: tuple[int, int], stop: int, middle: tuple[int, int], q: Samples
) -> Excursion:
    top = path.up[hold[0] : hold[1] + 1].mean(axis=0)
    first = path.up[start] if start >= 0 else np.full(top.shape, np.nan)
    last = path.up[stop] if stop >= 0 else np.full(top.shape, np.nan)
    course, transit_s, area = np.full(POINTS, np.nan), math.nan, math.nan
    if len(q) > 1:
        area = float(np.sum(q) - len(q) * (q[0] + q[-1]) / 2) / GRID_HZ
        at = np.linspace(0, len(q) - 1, POINTS)
        course = (np.interp(at, np.arange(len(q)), q) - q[0]) / max(float(np.ptp(q)), 1e-9)
        transit_s = _transit_s(q)
    gap = float(np.linalg.norm(last - first))
    return Excursion(start, hold, stop, middle, top - first, gap, course, transit_s=transit_s, area=area)


def _transit_s(q: Samples) -> float:
    """How long the way out and the way back take, nearest the turn, scaled to the whole height."""
    low, high = min(q[0], q[-1]), float(q.max())
    height = (q - low) / max(high - low, 1e-9)
    above = np.flatnonzero(height >= TRANSIT[1])
    a, b = int(above[0]), int(above[-1])
    before, after = np.flatnonzero(height[:a] <= TRANSIT[0]), np.flatnonzero(height[b:] <= TRANSIT[0])
    out = a - (int(before[-1]) if before.size else 0)
    back = int(after[0]) if after.size else len(q) - 1 - b
    return (out + back) / (TRANSIT[1] - TRANSIT[0]) / GRID_HZ


def _rise_m(lift: Samples, start: int, stop: int) -> float:
    """How far a sensor rises between two rests: the acceleration summed twice, its mean taken out; NaN if unseen."""
    if start < 0 or stop - start < 3:
        return math.nan
    accel = lift[start : stop + 1] - np.mean(lift[start : stop + 1])
    return float(np.sum(np.cumsum(accel)) / GRID_HZ**2)
