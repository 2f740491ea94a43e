"""Joint angles of hip and knee: planar from gravity alone, and in three dimensions with the relative heading reset.

::

    planar    lean of the proximal − lean of the distal segment, each in its own sagittal plane; no heading at all
    3D        (proximal)⁻¹ ∘ heading reset ∘ (distal)  ->  flexion, abduction, rotation  (Wu et al. 2002)

The planar angle is right for sagittal lifts with the feet straight ahead, and for a hinge such as the knee at any
stance. In wide or deep stances the hip needs all three dimensions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from glutebal.model import Bilateral, Samples, Side
from glutebal.signal.motion import rotations
from glutebal.signal.motion.calibration_checks import Place
from glutebal.signal.motion.heading import Reset, relative_heading
from glutebal.signal.motion.segments import PELVIS, Body, in_sagittal_plane, sagittal_tilt_deg, wrapped_deg

#: Soft tissue lets a sensor on the thigh move against the bone: 2.2° of RMSE in walking (Teufl et al. 2018).
SOFT_TISSUE_SD_DEG = 2.2
#: Sense of a right-handed rotation about x (abduction) or z (rotation) that is positive for each side.
OUTWARDS = Bilateral(1.0, -1.0)
#: With less of the vertical than this in its sagittal plane, a segment has no planar angle: it lies on its side.
LEAST_IN_PLANE = 0.5


@dataclass(frozen=True, eq=False)
class JointAngles:
    """The angles of one joint over one gap-free stretch ``[start, stop)``.

    Parameters
    ----------
    name : str
        ``hip`` or ``knee``.
    side : Side
        Which leg.
    rate_hz : float
        Samples per second.
    start : int
        The first sample on the session clock.
    flexion_deg, abduction_deg, rotation_deg : ndarray, shape (n,)
        Hip: abduction positive away from the midline, rotation positive inwards. Knee: abduction is the frontal angle,
        valgus positive.
        NaN where a planar angle has no meaning or was not asked for.
    uncertainty_deg : ndarray, shape (n, 3)
        Standard deviation of each: tilt, soft tissue, calibration, and heading since the last reset.
    method : str
        ``planar`` or ``3D``.
    """

    name: str
    side: Side
    rate_hz: float
    start: int
    flexion_deg: Samples
    abduction_deg: Samples
    rotation_deg: Samples
    uncertainty_deg: Samples
    method: str

    @property
    def stop(self) -> int:
        """One past the last sample."""
        return self.start + self.flexion_deg.size

    def filled(self, start: int, stop: int) -> Samples:
        """The three angles of ``[start, stop)`` as columns, shape (stop − start, 3); NaN outside."""
        out = np.full((max(0, stop - start), 3), np.nan)
        a, b = max(start, self.start), min(stop, self.stop)
        if a < b:
            own = np.stack([self.flexion_deg, self.abduction_deg, self.rotation_deg], axis=1)
            out[a - start : b - start] = own[a - self.start : b - self.start]
        return out


def planar_hip(body: Body, side: Side) -> tuple[JointAngles, ...]:
    """Hip flexion from gravity alone, one result per stretch: the thigh forward of the pelvis, in sagittal planes.

    Raises
    ------
    InputError
        No calibrated pelvis or thigh.
    """
    return _planar(body, "hip", side, PELVIS, ("thigh", side), -1.0)


def planar_knee(body: Body, side: Side) -> tuple[JointAngles, ...]:
    """Knee flexion from gravity alone, about the hinge: right at any stance unless the leg lies on its side.

    Raises
    ------
    InputError
        No calibrated thigh or shank.
    """
    return _planar(body, "knee", side, ("thigh", side), ("shank", side), 1.0)


def hip(body: Body, side: Side, known: Sequence[Reset]) -> tuple[JointAngles, ...]:
    """Hip flexion, abduction and rotation in three dimensions, one result per stretch.

    Parameters
    ----------
    body : Body
        With a pelvis and a thigh.
    side : Side
        Which leg.
    known : sequence of Reset
        Moments whose relative heading is known or repeats: `glutebal.signal.motion.heading.resets`.

    Raises
    ------
    InputError
        No calibrated pelvis or thigh.
    """
    return _spatial(body, "hip", side, PELVIS, ("thigh", side), known)


def knee(body: Body, side: Side, known: Sequence[Reset]) -> tuple[JointAngles, ...]:
    """Knee flexion, frontal angle (valgus positive) and rotation in three dimensions, one result per stretch.

    Raises
    ------
    InputError
        No calibrated thigh or shank.
    """
    return _spatial(body, "knee", side, ("thigh", side), ("shank", side), known)


def filled(pieces: Iterable[JointAngles], start: int, stop: int) -> Samples:
    """Flexion, abduction, rotation of ``[start, stop)`` as columns, shape (stop − start, 3); NaN without a piece."""
    out = np.full((max(0, stop - start), 3), np.nan)
    for piece in pieces:
        own = piece.filled(start, stop)
        out = np.where(np.isnan(out), own, out)
    return out


def _planar(body: Body, name: str, side: Side, proximal: Place, distal: Place, sign: float) -> tuple[JointAngles, ...]:
    out = []
    for upper, lower in body.together(proximal, distal):
        lean = wrapped_deg(sagittal_tilt_deg(lower.quats) - sagittal_tilt_deg(upper.quats))
        in_plane = np.minimum(in_sagittal_plane(upper.quats), in_sagittal_plane(lower.quats))
        flexion = np.where(in_plane >= LEAST_IN_PLANE, sign * lean, np.nan)
        nothing = np.full(flexion.size, np.nan)
        tilt = np.hypot(upper.tilt_sd_deg, lower.tilt_sd_deg) / np.maximum(in_plane, LEAST_IN_PLANE)
        spread = np.stack([np.hypot(tilt, SOFT_TISSUE_SD_DEG), nothing, nothing], axis=1)
        out.append(JointAngles(name, side, body.rate_hz, upper.start, flexion, nothing, nothing, spread, "planar"))
    return tuple(out)


def _spatial(
    body: Body, name: str, side: Side, proximal: Place, distal: Place, known: Sequence[Reset]
) -> tuple[JointAngles, ...]:
    pairs = [(upper, lower) for upper, lower in body.together(proximal, distal)]
    axes_sd = float(np.hypot(*(np.nan_to_num(body.of(place).axis_sd_deg) for place in (proximal, distal))))
    out = []
    for (upper, lower), heading in zip(pairs, relative_heading(pairs, body.rate_hz, known), strict=True):
        turn = rotations.multiply(rotations.conjugate(upper.quats), heading.corrected(lower.quats))
        flexion, abduction, rotation = signed(rotations.cardan_deg(turn), name, side).T
        tilt = float(np.hypot(upper.tilt_sd_deg, lower.tilt_sd_deg))
        spread = spread_deg(flexion, abduction, tilt, np.hypot(heading.sd_deg, axes_sd))
        out.append(JointAngles(name, side, body.rate_hz, upper.start, flexion, abduction, rotation, spread, "3D"))
    return tuple(out)


def signed(cardan: Samples, name: str, side: Side) -> Samples:
    """From right-handed rotations to the signs of people: flexion, outwards, inwards."""
    return np.asarray(cardan * [-1.0 if name == "hip" else 1.0, OUTWARDS[side], -OUTWARDS[side]])


def spread_deg(flexion: Samples, abduction: Samples, tilt_deg: float, heading_deg: Samples) -> Samples:
    """What each angle makes of an error of tilt and of heading: with the thigh level, heading goes into abduction."""
    bend, out = np.deg2rad(flexion), np.deg2rad(np.clip(abduction, -80, 80))
    floor = float(np.hypot(tilt_deg, SOFT_TISSUE_SD_DEG))
    shares = [np.cos(bend) * np.tan(out), np.sin(bend), np.cos(bend) / np.cos(out)]
    return np.stack([np.hypot(floor, share * heading_deg) for share in shares], axis=1)
