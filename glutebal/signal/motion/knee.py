"""The frontal angle of the knee after its hinge was found: a change within one person, never a value to compare by.

::

    relative angular rate of shank and thigh  ──principal axis──▶  hinge, in both segments
    y of both segments on the hinge           ──▶  what is left across it: frontal angle, valgus positive

An axis that is off by 5° at one bone makes 5° of "valgus" at a right angle of bending, soft tissue some more; nobody
has measured how much. Within one placement both stay what they are, so a change from one's own first reps can be read.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from glutebal.model import Samples, Side
from glutebal.results import Rep
from glutebal.signal.motion import rotations
from glutebal.signal.motion.angles import OUTWARDS, JointAngles, knee
from glutebal.signal.motion.calibration import Span
from glutebal.signal.motion.functional import principal_axis
from glutebal.signal.motion.heading import Reset, relative_heading
from glutebal.signal.motion.segments import Body

#: The smallest change that may be told of: standard errors of the projection angle are 2 to 4° (Gwynne & Curran 2014).
SMALLEST_CHANGE_DEG = 8.0
#: A hinge is believed if so much of the relative turning is about it.
LEAST_HINGE_SHARE = 0.85
#: How many reps at the start are one's own baseline.
BASELINE_REPS = 3
PEAK_S = 0.2


@dataclass(frozen=True, eq=False)
class Hinge:
    """The axis of the knee in the axes of thigh and shank, shape (3,), pointing left; the share of turning about it."""

    side: Side
    thigh: Samples
    shank: Samples
    share: float


@dataclass(frozen=True)
class KneeChange:
    """One rep of one knee: its largest frontal angle, valgus positive, and how that differs from the own first reps."""

    rep: Rep
    side: Side
    peak_deg: float
    change_deg: float

    @property
    def can_be_told(self) -> bool:
        """Whether the change is larger than what measuring twice gives."""
        return bool(abs(self.change_deg) >= SMALLEST_CHANGE_DEG)


def hinge(body: Body, side: Side, known: Sequence[Reset], span: Span) -> Hinge | None:
    """The knee's axis from unloaded or light bending in ``span``; None if it was not recorded or not a hinge.

    Raises
    ------
    InputError
        No calibrated thigh or shank.
    """
    pairs = list(body.together(("thigh", side), ("shank", side)))
    headings = relative_heading([(a, b) for a, b in pairs], body.rate_hz, known)
    for (thigh, shank), heading in zip(pairs, headings, strict=True):
        start, stop = (round(t * body.rate_hz) - thigh.start for t in (span.start_s, span.stop_s))
        if 0 <= start < stop <= len(thigh.quats):
            part = slice(start, stop)
            turn = rotations.multiply(rotations.conjugate(thigh.quats), heading.corrected(shank.quats))[part]
            return _hinge(side, turn, body.rate_hz)
    return None


def knee_frontal(body: Body, side: Side, known: Sequence[Reset], axis: Hinge | None = None) -> tuple[JointAngles, ...]:
    """Knee angles with the hinge as medio-lateral axis, one result per stretch; without one, the calibration's axes.

    Raises
    ------
    InputError
        No calibrated thigh or shank.
    """
    pieces = knee(body, side, known)
    return pieces if axis is None else tuple(_about_hinge(piece, axis) for piece in pieces)


def knee_changes(
    pieces: Iterable[JointAngles], reps: Iterable[Rep], baseline_reps: int = BASELINE_REPS
) -> tuple[KneeChange, ...]:
    """The peak frontal angle of every rep of this knee and its change from the median of the first ones.

    A rep that was not recorded throughout has NaN.
    """
    every = list(pieces)
    side = every[0].side if every else Side.RIGHT
    own = [rep for rep in reps if rep.side in {None, side}]
    peaks = np.array([_peak_deg(every, rep) for rep in own])
    seen = peaks[np.isfinite(peaks)][:baseline_reps]
    level = float(np.median(seen)) if seen.size else math.nan
    return tuple(KneeChange(rep, side, float(peak), float(peak - level)) for rep, peak in zip(own, peaks, strict=True))


def _hinge(side: Side, turn: Samples, rate_hz: float) -> Hinge | None:
    """From the relative orientation, shank in thigh, shape (n, 4)."""
    step = rotations.multiply(rotations.conjugate(turn[:-1]), turn[1:])
    rate = 2 * rate_hz * step[:, 1:] * np.sign(step[:, :1])
    shank, share = principal_axis(rate)
    shank = shank * np.sign(shank[1])
    axis = rotations.rotate(turn[:-1], shank).mean(axis=0)
    return Hinge(side, axis / np.linalg.norm(axis), shank, share) if share >= LEAST_HINGE_SHARE else None


def _about_hinge(piece: JointAngles, axis: Hinge) -> JointAngles:
    """The same rotation between segments whose y is the hinge."""
    out = OUTWARDS[piece.side]
    angles = np.stack([piece.flexion_deg, out * piece.abduction_deg, -out * piece.rotation_deg], axis=1)
    y = np.array([0.0, 1.0, 0.0])
    thigh, shank = (rotations.between(a, y)[None] for a in (axis.thigh, axis.shank))
    turn = rotations.multiply(thigh, rotations.multiply(rotations.of_cardan_deg(angles), rotations.conjugate(shank)))
    flexion, frontal, rotation = rotations.cardan_deg(turn).T
    return JointAngles(
        piece.name,
        piece.side,
        piece.rate_hz,
        piece.start,
        flexion,
        out * frontal,
        -out * rotation,
        piece.uncertainty_deg,
        "3D, about the knee's own hinge",
    )


def _peak_deg(pieces: Sequence[JointAngles], rep: Rep) -> float:
    for piece in pieces:
        start, stop = round(rep.start_s * piece.rate_hz), round(rep.stop_s * piece.rate_hz)
        if piece.start <= start < stop <= piece.stop:
            part = piece.abduction_deg[start - piece.start : stop - piece.start]
            window = min(max(1, round(PEAK_S * piece.rate_hz)), part.size)
            return float(np.convolve(part, np.full(window, 1 / window), mode="valid").max())
    return math.nan
