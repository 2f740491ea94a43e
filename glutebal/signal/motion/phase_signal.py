r"""One signal per movement that rises when a repetition leaves rest and falls when it comes back, in any exercise.

::

    tilts ──speed──▶ strokes  ──there and back──▶ loops ──the most frequent, alike──▶ direction u
                     /\/\__/\                                                          │
    tilts ───────────────────────────────────── projected on u ─────────────────────────▶ phase signal

The direction is the first principal component of the movements that return: getting onto a bench, walking out and
turning round move the body further than most repetitions do, but they do not come back in the same way. Strides
of walking (quick strokes of both thighs under a pelvis that keeps its tilt) have no say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from glutebal.model import Samples, Side
from glutebal.signal.motion.tilt_path import GRID_HZ, TiltPath

#: A stroke is a peak of speed at least this high (rad/s, all sensors together) ...
LEAST_SPEED = 0.04
#: ... that is divided from its neighbours by a valley below this share of it, and moves at least this far (rad).
VALLEY = 0.5
LEAST_CHANGE = 0.045
#: There and back: how opposite the strokes are (cosine), and how alike in size.
OPPOSITE = -0.75
ALIKE_SIZE = 0.6
#: Strokes below this share of one do not end the hold after it; so many of them at most.
FAR_SMALLER = 0.3
LOOK_AHEAD = 20
#: Loops of one movement: cosine between them.
ALIKE = 0.8
#: A step: both thighs turn, the pelvis hardly does, there and back takes less than this (s).
STEP_S = 2.0
STEP_PELVIS = 0.2
STEP_THIGHS = 0.4
#: A shift of weight from one leg to the other: both thighs lean by at most so many rad, the pelvis by less.
SHIFT_RAD = 0.4
SHIFT_PELVIS = 0.35


#: Segments that the exercise leaves where they are move at most this share of the movement, and this much more (rad).
OTHERS = 0.25
OTHERS_RAD = 0.05


@dataclass(frozen=True, eq=False)
class Stroke:
    """A movement between two moments of (relative) stillness, indices into the path; ``change`` is what it did."""

    start: int
    peak: int
    stop: int
    change: Samples

    @cached_property
    def size(self) -> float:
        """Length of the change in rad."""
        return float(np.linalg.norm(self.change))


@dataclass(frozen=True, eq=False)
class Loop:
    """A stroke and the one that undoes it; ``change`` is their mean, seen from the start."""

    start: int
    stop: int
    change: Samples


@dataclass(frozen=True, eq=False)
class PhaseSignal:
    """The phase signal of one movement.

    Parameters
    ----------
    start : int
        First sample on the grid.
    rate_hz : float
        Of the grid.
    values : ndarray, shape (n,)
        Radians along the movement (chord of the tilts); NaN where a sensor recorded nothing. Which way is up is
        decided by `glutebal.signal.motion.motion_reps`: upwards leaves rest.
    direction : ndarray, shape (k,)
        Unit vector in the space of the tilts.
    amplitude : float
        Of a typical repetition, rad.
    loops : int
        How many movements there and back it rests on.
    """

    start: int
    rate_hz: float
    values: Samples
    direction: Samples
    amplitude: float
    loops: int


def speed(path: TiltPath, smooth_s: float = 0.0) -> Samples:
    """How fast the tilts change, all sensors together, rad/s, shape (n,); NaN where not recorded."""
    from scipy.ndimage import gaussian_filter1d

    out = np.full(len(path.up), np.nan)
    for a, b in path.pieces:
        if b - a >= 3:
            found = np.linalg.norm(np.gradient(path.up[a:b], axis=0), axis=1) * GRID_HZ
            out[a:b] = gaussian_filter1d(found, smooth_s * GRID_HZ, truncate=3) if smooth_s else found
    return out


def strokes(path: TiltPath, fast: Samples) -> list[Stroke]:
    """All strokes in time order, from the speed ``fast``, shape (n,)."""
    from scipy.signal import find_peaks

    found = []
    for a, b in path.pieces:
        if b - a < 3:
            continue
        v = fast[a:b]
        peaks, about = find_peaks(v, height=LEAST_SPEED, prominence=0.0)
        peaks = peaks[about["prominences"] >= VALLEY * about["peak_heights"]]
        cuts = [0, *(int(p + np.argmin(v[p:q])) for p, q in pairwise(peaks)), b - a - 1]
        ends = [(p, q) for p, q in pairwise(cuts)] if len(peaks) else []
        for peak, (p, q) in zip(peaks, ends, strict=True):
            stroke = Stroke(a + p, a + int(peak), a + q, path.up[a + q] - path.up[a + p])
            if stroke.size >= LEAST_CHANGE:
                found.append(stroke)
    return found


def is_step(path: TiltPath, change: Samples, seconds: float) -> bool:
    """Whether a movement there and back is a stride or a shift of weight: of both thighs, under a pelvis that is kept.

    Nothing in the gym is all of that. Without a pelvis sensor or both thighs nobody can tell: False.
    """
    thighs = [path.columns("thigh", side) for side in Side]
    pelvis = path.columns("pelvis", None) or path.columns("lumbar", None)
    if pelvis is None or thighs[0] is None or thighs[1] is None:
        return False
    left, right = (float(np.linalg.norm(change[c])) for c in thighs if c is not None)
    longer, middle = max(left, right), float(np.linalg.norm(change[pelvis]))
    stride = seconds <= STEP_S and middle <= STEP_PELVIS * longer
    shift = longer <= SHIFT_RAD and middle <= SHIFT_PELVIS * longer
    return min(left, right) >= STEP_THIGHS * longer and (stride or shift)


def others_move(size: float, others: float) -> bool:
    """Whether segments that the exercise leaves where they are (``others``, rad) move too far for a movement."""
    return others > OTHERS * size + OTHERS_RAD


def loops(path: TiltPath, found: list[Stroke]) -> list[Loop]:
    """Neighbouring strokes that undo each other, except strides; sway in a hold does not part neighbours."""
    out = []
    for one, two in _neighbours(found):
        cosine = float(one.change @ two.change) / (one.size * two.size)
        if cosine <= OPPOSITE and min(one.size, two.size) >= ALIKE_SIZE * max(one.size, two.size):
            change = (one.change - two.change) / 2
            body = (path.body or path).up
            of_body = (body[one.stop] - body[one.start] - body[two.stop] + body[two.start]) / 2
            step = is_step(path, of_body, 2 * (two.peak - one.peak) / GRID_HZ)
            if not step and not others_move(float(np.linalg.norm(change)), float(np.linalg.norm(of_body - change))):
                out.append(Loop(one.start, two.stop, change))
    return out


def _neighbours(found: list[Stroke]) -> Iterator[tuple[Stroke, Stroke]]:
    """Strokes and the next ones that are not far smaller."""
    for k, one in enumerate(found):
        two = next((two for two in found[k + 1 : k + 1 + LOOK_AHEAD] if two.size > FAR_SMALLER * one.size), None)
        if two is not None:
            yield one, two


def directions(found: list[Loop], most: int = 1) -> list[tuple[Samples, float, int]]:
    """The directions of the most frequent movements: unit vector, typical amplitude, number of loops; best first."""
    if not found:
        return []
    changes = np.stack([loop.change for loop in found])
    out: list[tuple[Samples, float, int]] = []
    left = np.ones(len(found), dtype=bool)
    while len(out) < most and left.any():
        vector, members = _best(changes, left)
        sizes = np.abs(changes[members] @ vector)
        out.append((vector, float(np.median(sizes)), len(members)))
        left &= np.abs(changes @ vector) < ALIKE * np.linalg.norm(changes, axis=1)
        left[members] = False
    return out


def _best(changes: Samples, allowed: NDArray[np.bool_]) -> tuple[Samples, NDArray[np.int_]]:
    """The direction with the most weight among ``allowed`` loops, and its members."""
    sizes = np.linalg.norm(changes, axis=1)
    unit = changes / sizes[:, None]
    cosine = unit @ unit.T
    ratio = sizes[:, None] / sizes[None, :]
    alike = (np.abs(cosine) >= ALIKE) & (np.maximum(ratio, 1 / ratio) <= 1.6) & allowed[:, None] & allowed[None, :]
    votes = np.count_nonzero(alike, axis=1) * sizes**0.35  # frequent before large
    best = int(np.argmax(votes))
    members = np.flatnonzero(alike[best])
    vector = np.sum(np.sign(cosine[best, members])[:, None] * changes[members], axis=0)
    return vector / np.linalg.norm(vector), members


def phase_signal(path: TiltPath, direction: Samples, amplitude: float, loops: int = 0) -> PhaseSignal:
    """The path seen along one direction."""
    return PhaseSignal(path.start, GRID_HZ, path.up @ direction, direction, amplitude, loops)
