"""Which leg a one-sided repetition belongs to, read from tilts alone."""

from __future__ import annotations

import numpy as np

from glutebal.model import Bilateral, Samples, Side
from glutebal.results import Laterality, Working
from glutebal.signal.motion.excursions import Excursion
from glutebal.signal.motion.phase_signal import speed
from glutebal.signal.motion.tilt_path import GRID_HZ, TiltPath

#: One leg has to move this many times as far as the other for a recording to be called one-sided.
ONE_SIDED = 1.5
#: The first so many seconds below so many rad/s are taken for standing.
QUIET_S = 1.0
QUIET_RAD_S = 0.1


def side_of(path: TiltPath, one: Excursion, working: Working) -> Side | None:
    """The working side of a one-sided repetition; None if only one thigh, or none, was measured."""
    marks = _marks(path, one, working)
    if not np.isfinite([*marks]).all():
        return None
    return Side.RIGHT if marks.right > marks.left else Side.LEFT


def _marks(path: TiltPath, one: Excursion, working: Working) -> Bilateral[float]:
    """Larger on the working side."""
    if working in {Working.RAISED, Working.PLANTED}:
        at = one.start if working is Working.RAISED else one.turn
        away = _thighs(path, path.up[at] - standing(path))
        return away if working is Working.RAISED else away.map(lambda angle: -angle)
    if working is Working.THIGH:
        return _thighs(path, one.change)
    travel = hip_travel(path, one.change)
    return travel if working is Working.HIP else travel.swapped()


def hip_travel(path: TiltPath, change: Samples) -> Bilateral[float]:
    """How much farther (or less far) either thigh turned than the pelvis, rad, at least 0; NaN without that thigh.

    Headings are unknown, so that the angle between thigh and pelvis is: but a leg that is carried along with the pelvis
    turns as far as the pelvis, and one that works does not.
    """
    middle = path.columns("pelvis", None) or path.columns("lumbar", None)
    pelvis = _turned(change[middle]) if middle else 0.0
    return _thighs(path, change).map(lambda angle: abs(angle - pelvis))


def _thighs(path: TiltPath, change: Samples) -> Bilateral[float]:
    columns = Bilateral.per_side(lambda side: path.columns("thigh", side))
    return columns.map(lambda c: float("nan") if c is None else _turned(change[c]))


def _turned(chord: Samples) -> float:
    length = float(np.linalg.norm(chord))
    return float(2 * np.arcsin(min(length / 2, 1.0))) if np.isfinite(length) else float("nan")


def standing(path: TiltPath) -> Samples:
    """The tilts of the first quiet second: recordings begin in quiet standing. NaN if there is none."""
    if path.standing is not None:
        return path.standing
    quiet = np.nan_to_num(speed(path), nan=np.inf) < QUIET_RAD_S
    size = round(QUIET_S * GRID_HZ)
    whole = np.convolve(quiet, np.ones(size), mode="valid") >= size - 0.5 if len(quiet) >= size else np.zeros(0)
    if not whole.any():
        return np.full(path.up.shape[1], np.nan)
    first = int(np.argmax(whole))
    return np.asarray(path.up[first : first + size].mean(axis=0))


def laterality_of(path: TiltPath, changes: list[Samples]) -> Laterality:
    """Unilateral if nearly every repetition moves one leg far more than the other, and each has its turn."""
    travels = [hip_travel(path, change) for change in changes]
    ratios = np.array([(t.right + 1e-6) / (t.left + 1e-6) for t in travels])
    if not len(ratios) or not np.isfinite(ratios).all():
        return Laterality.BILATERAL
    right, left = float(np.mean(ratios > ONE_SIDED)), float(np.mean(ratios < 1 / ONE_SIDED))
    return Laterality.UNILATERAL if left + right >= 0.7 and min(left, right) >= 0.1 else Laterality.BILATERAL
