r"""The sagittal swing of a foot or a shank, whatever way the sensor was put on.

::

    gyr ──▶ the axis of most rotation (medio-lateral) ──▶ its sign: the leg travels forward ──▶ swing rate, + forward
    acc ──▶ up, the mean specific force of a stride    ──▶ heading turned and way covered in a swing

Everything is done on one grid of 200 Hz and with filters in Hz, so that the sampling rate does not matter. The
medio-lateral axis is the first principal component of the angular rate. Its sign follows from physics, not from the
shape of a curve: between two mid-stances the strap-down integral of the acceleration points forward, and *left × up* is
forward, left being where the axis of the swing does not point. No heading, no magnetometer and no calibration are
needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from glutebal.model import Samples
from glutebal.signal.motion.imu import GRAVITY, Imu, ImuPiece
from glutebal.signal.motion.rotations import (
    conjugate,
    multiply,
    normalised,
    of_rotation_vectors,
    rotate,
    running_product,
)

Places = NDArray[np.int64]

#: The grid on which legs are looked at, Hz.
GRID_HZ = 200.0
SMOOTH_HZ = 4.0  # one peak per swing: what a leg does within a swing is faster, a stride (0.4-1.7 Hz) slower
DETAIL_HZ = 15.0  # of the curve that events are read from
AXIS_HZ = 10.0
LEAST_RATE = 1.0  # rad/s: a slower swing is a shuffle
APART_S = 0.45  # no leg swings twice within this time, in a sprint either
OF_NEIGHBOURS = 0.4  # a peak below this share of those around it is not a swing
NEIGHBOURS = 5
LONGEST_STRIDE_S = 2.5
SHORTEST_PIECE_S = 1.0
STANCE_S = 0.1
SHAKEN_M_S2 = 2.0  # counts as much as 1 rad/s
STANCE = 0.2  # of a stride: that long a leg is quiet in stance, and never in swing
REACH = 0.8
HEIGHTS_M = {"shank": 0.25}  # a foot sensor rests in stance; 10 cm more or less is 0.1 m of a stride
BLOCK_S = 10.0  # in which the rhythm is looked for
RHYTHM = 0.4  # autocorrelation of a walk from stride to stride


@dataclass(frozen=True, eq=False)
class LegPiece:
    """A gap-free piece of a leg sensor on the grid, from ``start_s`` on; gyr in rad/s, acc in m/s², shapes (n, 3).

    ``height_m`` is about how far above the ankle the sensor is: in stance it moves on a circle around it.
    """

    start_s: float
    gyr: Samples
    acc: Samples
    quats: Samples
    height_m: float = 0.0

    @property
    def stop_s(self) -> float:
        """The end on the session clock."""
        return self.start_s + len(self.gyr) / GRID_HZ


@dataclass(frozen=True, eq=False)
class Swings:
    """Where a leg swings within a piece: places on the grid of mid-swing and of the quiet stances beside it.

    ``up`` and ``way_m`` (both (k, 3)) are in the sensor's axes at the stance before: the vertical, and the way covered
    until the stance behind. ``turned_deg`` (k,) is the heading turned meanwhile.
    """

    peak: Places
    before: Places
    after: Places
    up: Samples
    way_m: Samples
    turned_deg: Samples


@dataclass(frozen=True)
class SwingAxis:
    """The medio-lateral axis in sensor coordinates, positive in forward swing.

    ``explained`` is its share of the angular rate's power, ``agreement`` how far the strides agree on its sign: 1 all,
    0 as many against as for.
    """

    axis: tuple[float, float, float]
    explained: float
    agreement: float
    strides: int

    @property
    def vector(self) -> Samples:
        """As an array, shape (3,)."""
        return np.array(self.axis)


def leg_pieces(imu: Imu) -> tuple[LegPiece, ...]:
    """Every piece of at least a second on the grid, with its orientation relative to its own first sample."""
    long = (p for p in imu.pieces if p.n_samples >= SHORTEST_PIECE_S * imu.rate_hz)
    height_m = HEIGHTS_M.get(imu.site, 0.0)
    return tuple(_leg_piece(piece, imu.rate_hz, height_m) for piece in long)


def _leg_piece(piece: ImuPiece, rate_hz: float, height_m: float) -> LegPiece:
    both = on_grid(np.concatenate([piece.gyr, piece.acc], axis=1), rate_hz)
    gyr, acc = both[:, :3], both[:, 3:]
    quats = running_product(of_rotation_vectors(gyr / GRID_HZ))
    return LegPiece(piece.start / rate_hz, gyr, acc, quats, height_m)


def on_grid(samples: Samples, rate_hz: float) -> Samples:
    """Samples, shape (n, k), at 200 Hz: band-limited, then a cubic spline through them."""
    from scipy.interpolate import make_interp_spline

    if rate_hz > GRID_HZ:
        samples = lowpass(samples, 0.4 * GRID_HZ, rate_hz)
    seconds = np.arange(len(samples)) / rate_hz
    grid = np.arange(int(seconds[-1] * GRID_HZ + 1e-6) + 1) / GRID_HZ
    found: Samples = make_interp_spline(seconds, samples, k=3)(grid)
    return found


def lowpass(samples: Samples, cutoff_hz: float, rate_hz: float = GRID_HZ) -> Samples:
    """Zero-phase second-order low-pass along the first axis."""
    from scipy.signal import butter, sosfiltfilt

    sos = butter(2, cutoff_hz / (rate_hz / 2), output="sos")
    found: Samples = sosfiltfilt(sos, samples, axis=0, padlen=min(len(samples) - 1, round(rate_hz / cutoff_hz * 3)))
    return found


def swing_axis(pieces: tuple[LegPiece, ...]) -> SwingAxis:
    """The medio-lateral axis of a leg sensor and its sign (see the module); no stride: agreement 0."""
    smooth = [lowpass(piece.gyr, AXIS_HZ) for piece in pieces]
    power = sum((gyr.T @ gyr for gyr in smooth), np.zeros((3, 3)))
    shares, axes = np.linalg.eigh(power)
    total = float(shares.sum())
    left: Samples = axes[:, -1]
    votes = np.concatenate(
        [_forward(p, gyr @ left, left) for p, gyr in zip(pieces, smooth, strict=True)] or [np.empty(0)]
    )
    net, whole = float(votes.sum()), float(np.abs(votes).sum())
    swing = -left if net > 0 else left
    explained = float(shares[-1]) / total if total > 0 else 0.0
    axis = (float(swing[0]), float(swing[1]), float(swing[2]))
    return SwingAxis(axis, explained, abs(net) / whole if whole > 0 else 0.0, votes.size)


def _forward(piece: LegPiece, rate: Samples, left: Samples) -> Samples:
    """The way (m) along *left × up* from each stance to the next, wherever the leg moves in a rhythm."""
    found = []
    size = round(BLOCK_S * GRID_HZ)
    for start in range(0, len(rate), size):
        block = slice(start, start + size)
        rests = start + _rests(piece.gyr[block], piece.acc[block], rate[block])
        found += [_travel(piece, int(a), int(b)) for a, b in pairwise(rests)]
    return np.array([float(np.cross(left, up) @ way) for up, way, _ in found])


def _rests(gyr: Samples, acc: Samples, rate: Samples) -> Places:
    """The quiet instants of a rhythm, a stride apart; none without a rhythm. They do not depend on the axis's sign."""
    from scipy.signal import find_peaks

    stride = _rhythm(rate)
    if stride == 0:
        return np.empty(0, dtype=np.int64)
    unrest = _unrest(gyr, acc, STANCE * stride)
    rests, _ = find_peaks(-unrest, distance=max(1, round(0.7 * stride)))
    return np.asarray(rests, dtype=np.int64)


def _unrest(gyr: Samples, acc: Samples, width: float) -> Samples:
    """How far a leg is from standing: its turning (rad/s) and what is not gravity (m/s²), over ``width`` samples.

    A shank turns by about 1 rad/s in stance, and not at all for a moment near toe-off: the force tells them apart.
    """
    from scipy.ndimage import uniform_filter1d

    shaken = (np.linalg.norm(acc, axis=1) - GRAVITY) / SHAKEN_M_S2
    found: Samples = uniform_filter1d(np.sum(gyr**2, axis=1) + shaken**2, max(1, round(width)))
    return found


def _rhythm(rate: Samples) -> int:
    """Samples per stride by autocorrelation, 0 if the leg does not move in one."""
    from scipy.signal import correlate, find_peaks

    first, last = round(APART_S * GRID_HZ), round(LONGEST_STRIDE_S * GRID_HZ)
    if len(rate) < 2 * first or float(np.sqrt(np.mean(rate**2))) < LEAST_RATE / 2:
        return 0
    alike = correlate(rate, rate, method="fft")[len(rate) - 1 :]
    alike = alike / alike[0] * len(rate) / np.arange(len(rate), 0, -1)
    peaks, _ = find_peaks(alike[: min(last, len(rate) // 2)], height=RHYTHM)
    peaks = peaks[peaks >= first]
    return int(peaks[np.argmax(alike[peaks] >= 0.9 * alike[peaks].max())]) if peaks.size else 0


def find_swings(piece: LegPiece, axis: Samples) -> Swings:
    """Peaks of the rate about ``axis`` that look like their neighbours, each with the quiet stances beside it."""
    from scipy.signal import find_peaks

    rate = lowpass(piece.gyr @ axis, SMOOTH_HZ)
    found, _ = find_peaks(rate, height=LEAST_RATE, distance=round(APART_S * GRID_HZ), prominence=LEAST_RATE)
    peaks = found[_like_neighbours(rate[found])].astype(np.int64)
    before, after = _stances(piece, peaks)
    return _with_travel(piece, peaks, before, after)


def _like_neighbours(heights: Samples) -> NDArray[np.bool_]:
    """Whether each height is a good part of the median of those around it."""
    from scipy.ndimage import median_filter

    if heights.size == 0:
        return np.zeros(0, dtype=bool)
    typical = median_filter(heights, size=2 * NEIGHBOURS + 1, mode="nearest")
    return np.asarray(heights >= OF_NEIGHBOURS * typical)


def _stances(piece: LegPiece, peaks: Places) -> tuple[Places, Places]:
    """The quietest instants within most of a stride before and after each peak."""
    reach = _reach(peaks)
    unrest = _unrest(piece.gyr, piece.acc, STANCE * reach / REACH)
    low = np.maximum(peaks - reach, np.concatenate([[0], peaks[:-1]]))
    high = np.minimum(peaks + reach, np.concatenate([peaks[1:], [len(unrest) - 1]]))
    before = [a + int(np.argmin(unrest[a : p + 1])) for a, p in zip(low, peaks, strict=True)]
    after = [p + int(np.argmin(unrest[p : b + 1])) for p, b in zip(peaks, high, strict=True)]
    return np.array(before, dtype=np.int64), np.array(after, dtype=np.int64)


def _reach(peaks: Places) -> int:
    """Four fifths of the usual stride, in samples: beyond a stance there may be a pause."""
    gaps = np.diff(peaks)
    gaps = gaps[gaps <= LONGEST_STRIDE_S * GRID_HZ]
    return round(REACH * float(np.median(gaps))) if gaps.size else round(GRID_HZ)


def _with_travel(piece: LegPiece, peaks: Places, before: Places, after: Places) -> Swings:
    whole = after - before > 0.2 * GRID_HZ
    peaks, before, after = peaks[whole], before[whole], after[whole]
    travel = [_travel(piece, int(a), int(b)) for a, b in zip(before, after, strict=True)]
    up = np.array([t[0] for t in travel]).reshape(-1, 3)
    way = np.array([t[1] for t in travel]).reshape(-1, 3)
    turned = np.array([t[2] for t in travel])
    return Swings(peaks, before, after, up, way, turned)


def _travel(piece: LegPiece, start: int, stop: int) -> tuple[Samples, Samples, float]:
    """Vertical, way (m) and heading (deg) from stance to stance, in the sensor's axes at ``start``.

    A stride begins and ends with one velocity, so the mean specific force in between is gravity's. That velocity is 0
    for a foot, which rests; a shank turns about the ankle.
    """
    turn = multiply(conjugate(piece.quats[start]), piece.quats[start : stop + 1])
    force = rotate(turn, piece.acc[start : stop + 1])
    mean = force.mean(axis=0)
    up = normalised(mean)
    velocity = np.cumsum(force - mean, axis=0) / GRID_HZ + _at_rest(piece, start, stop, turn[-1], up)
    last = turn[-1] if turn[-1, 0] >= 0 else -turn[-1]
    turned = 2 * np.arctan2(float(last[1:] @ up), float(last[0]))
    return up, velocity.sum(axis=0) / GRID_HZ, float(np.rad2deg(turned))


def _at_rest(piece: LegPiece, start: int, stop: int, last: Samples, up: Samples) -> Samples:
    """Velocity of the sensor in the two stances, m/s: what it has from turning about the ankle."""
    if piece.height_m == 0.0:
        return np.zeros(3)
    half = round(STANCE_S * GRID_HZ / 2)
    first, second = (piece.gyr[max(0, k - half) : k + half + 1].mean(axis=0) for k in (start, stop))
    return np.asarray(np.cross((first + rotate(last, second)) / 2, piece.height_m * up))


def local_period_s(times_s: Samples) -> Samples:
    """The usual time from one to the next around each of ``times_s``, shape (k,): the median of those near it."""
    out = np.full(times_s.size, np.nan)
    gaps = np.array([b - a for a, b in pairwise(times_s)])
    for k in range(times_s.size):
        near = gaps[max(0, k - NEIGHBOURS) : k + NEIGHBOURS]
        near = near[near <= LONGEST_STRIDE_S]
        out[k] = np.median(near) if near.size else np.nan
    return out
