r"""Lateral hip shift: how far the pelvis is to the right of the middle between the feet.

::

      hip ●───────● hip          per leg: from the ankle up to the hip, sideways
          │\       \              shank · sin(frontal tilt) + thigh · sin(frontal tilt)
     knee ●  \       ●
          │    \     │            both feet planted: the mean of the legs is the shift of the pelvis,
    ankle ●      ●   ●            what they disagree by shows how sure it is

The split of the force between the feet tells the same, and more surely: with it, it comes first (`from_force`). One
degree of tilt over 0.85 m is 1.5 cm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from glutebal.errors import InputError
from glutebal.model import Bilateral, Samples, Side
from glutebal.signal.geometry import shift_of_imbalance
from glutebal.signal.motion import rotations
from glutebal.signal.motion.heading import RelativeHeading, Reset, relative_heading
from glutebal.signal.motion.segments import PELVIS, Body, SegmentPiece

#: Thigh (hip to knee) and shank (knee to ankle) as shares of the body height (Drillis & Contini 1966, in Winter 2009).
THIGH_SHARE, SHANK_SHARE = 0.245, 0.246
#: Assumed where no height is given; 10 % of height are 10 % of the shift.
ASSUMED_HEIGHT_M = 1.72
#: What soft tissue and calibration leave of a segment's frontal tilt.
FRONTAL_TILT_SD_DEG = 1.0
METHOD = "leg chain from tilts"


@dataclass(frozen=True)
class LegLengths:
    """Hip to knee and knee to ankle, in m."""

    thigh_m: float
    shank_m: float

    def __post_init__(self) -> None:
        if not (0.1 < self.thigh_m < 0.8 and 0.1 < self.shank_m < 0.8):
            raise InputError("lengths of 0.1 to 0.8 m", f"{self.thigh_m:g} and {self.shank_m:g} m", "LegLengths")

    @classmethod
    def of_height(cls, height_m: float = ASSUMED_HEIGHT_M) -> LegLengths:
        """From the body height (Drillis & Contini 1966)."""
        return cls(THIGH_SHARE * height_m, SHANK_SHARE * height_m)


@dataclass(frozen=True, eq=False)
class LateralShift:
    """The shift over one gap-free stretch ``[start, stop)`` with both feet planted.

    Parameters
    ----------
    rate_hz : float
        Samples per second.
    start : int
        The first sample on the session clock.
    shift_m : ndarray, shape (n,)
        Positive: to the right.
    uncertainty_m : ndarray, shape (n,)
        Standard deviation: tilt, heading since the last reset, and half of what the legs disagree by.
    method : str
        What it was computed from, with the lengths assumed.
    """

    rate_hz: float
    start: int
    shift_m: Samples
    uncertainty_m: Samples
    method: str

    @property
    def stop(self) -> int:
        """One past the last sample."""
        return self.start + self.shift_m.size


def from_force(imbalance: ArrayLike, stance_width_m: float) -> Samples:
    """The shift in m that a force imbalance d (points, positive = right more) stands for: d·W/200, quasi-static.

    Raises
    ------
    InputError
        The stance width is not above 0 m.
    """
    if not stance_width_m > 0:
        raise InputError("a stance width above 0 m", f"{stance_width_m:g} m", "from_force", "measure between the feet")
    return np.asarray(shift_of_imbalance(imbalance, stance_width_m), dtype=np.float64)


def lateral_shift(body: Body, known: Sequence[Reset], lengths: LegLengths | None = None) -> tuple[LateralShift, ...]:
    """The shift from the tilts of both legs, one result per stretch; only where both feet are planted.

    Parameters
    ----------
    body : Body
        With pelvis, thighs and shanks.
    known : sequence of Reset
        Moments whose relative heading is known or repeats; the feet stand at them as they do between them.
    lengths : LegLengths or None
        None: those of a person of 1.72 m.

    Raises
    ------
    InputError
        A sensor of the five is missing.
    """
    own = lengths or LegLengths.of_height()
    places = [PELVIS, *(place for side in Side for place in (("thigh", side), ("shank", side)))]
    rows = body.together(*places)
    legs = Bilateral.per_side(lambda side: _leg(rows, _columns(side), body.rate_hz, known, own))
    method = f"{METHOD}, thigh {own.thigh_m:.2f} m, shank {own.shank_m:.2f} m"
    return tuple(
        _shift(row[0], legs.map(lambda leg, i=i: leg[i]), body.rate_hz, known, method)  # type: ignore[misc]
        for i, row in enumerate(rows)
    )


@dataclass(frozen=True, eq=False)
class _Chain:
    """From the ankle to the hip of one leg, to the right, in m, and its standard deviation."""

    right_m: Samples
    sd_m: Samples


def _columns(side: Side) -> tuple[int, int]:
    """Where thigh and shank of a side are in a row of pieces."""
    first = 1 + 2 * list(Side).index(side)
    return first, first + 1


def _leg(
    rows: Sequence[tuple[SegmentPiece, ...]],
    columns: tuple[int, int],
    rate_hz: float,
    known: Sequence[Reset],
    lengths: LegLengths,
) -> list[_Chain]:
    thigh, shank = columns
    upper = relative_heading([(row[0], row[thigh]) for row in rows], rate_hz, known)
    lower = relative_heading([(row[thigh], row[shank]) for row in rows], rate_hz, known)
    return [
        _chain(row[0], (row[thigh], row[shank]), (first, second), lengths)
        for row, first, second in zip(rows, upper, lower, strict=True)
    ]


def _chain(
    pelvis: SegmentPiece,
    bones: tuple[SegmentPiece, SegmentPiece],
    headings: tuple[RelativeHeading, RelativeHeading],
    lengths: LegLengths,
) -> _Chain:
    right_hand = rightwards(pelvis.quats)
    offset = headings[0].offset_deg
    thigh = along(bones[0].quats, offset, lengths.thigh_m)
    shank = along(bones[1].quats, offset + headings[1].offset_deg, lengths.shank_m)
    forward = np.stack([-right_hand[:, 1], right_hand[:, 0]], axis=1)
    reach = [np.abs(np.sum(bone[:, :2] * forward, axis=1)) for bone in (thigh, shank)]
    of_heading = np.hypot(reach[0] * headings[0].sd_deg, reach[1] * np.hypot(headings[0].sd_deg, headings[1].sd_deg))
    of_tilt = FRONTAL_TILT_SD_DEG * np.hypot(lengths.thigh_m, lengths.shank_m)
    right = np.sum((thigh + shank)[:, :2] * right_hand, axis=1)
    return _Chain(right, np.deg2rad(np.hypot(of_heading, of_tilt)))


def rightwards(pelvis: Samples) -> Samples:
    """The horizontal direction to the right of the pelvis, shape (..., 4) -> (..., 2)."""
    left = rotations.rotate(pelvis, np.array([0.0, 1.0, 0.0]))[..., :2]
    return -rotations.normalised(left)


def along(quats: Samples, offset_deg: Samples, length_m: float) -> Samples:
    """From the lower to the upper end of a bone, in the world of the pelvis; shapes (..., 4), (...,) -> (..., 3)."""
    up = rotations.rotate(quats, np.array([0.0, 0.0, length_m]))
    return rotations.rotate(rotations.about_z(-np.deg2rad(offset_deg)), up)


def _shift(
    pelvis: SegmentPiece, legs: Bilateral[_Chain], rate_hz: float, known: Sequence[Reset], method: str
) -> LateralShift:
    shift = 0.5 * (legs.left.right_m + legs.right.right_m)
    apart = legs.right.right_m - legs.left.right_m
    disagreement = 0.5 * np.abs(apart - _planted(apart, pelvis, rate_hz, known))
    spread = 0.5 * np.hypot(legs.left.sd_m, legs.right.sd_m)
    return LateralShift(rate_hz, pelvis.start, shift, np.hypot(spread, 0.5 * disagreement), method)


def _planted(apart: Samples, pelvis: SegmentPiece, rate_hz: float, known: Sequence[Reset]) -> Samples:
    """How far apart the legs' chains were at the last known posture before each sample; the whole mean without one."""
    at = sorted(round(0.5 * (r.start_s + r.stop_s) * rate_hz) - pelvis.start for r in known)
    inside = np.array([i for i in at if 0 <= i < apart.size], dtype=np.intp)
    if not inside.size:
        return np.full(apart.size, float(apart.mean()))
    last = np.maximum(np.searchsorted(inside, np.arange(apart.size), side="right") - 1, 0)
    return np.asarray(apart[inside[last]])
