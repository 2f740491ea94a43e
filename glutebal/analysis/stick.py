"""Where the joints are when the angles are known: a stick figure of usual proportions."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from glutebal.balance.motion_view import Joint, Point
from glutebal.model import Samples, Side
from glutebal.signal.motion import rotations
from glutebal.signal.motion.angles import OUTWARDS
from glutebal.signal.motion.shift import LegLengths

#: From the middle of the pelvis to either hip: half of 0.1 of the body height (Drillis & Contini 1966).
HALF_WIDTH_M = 0.086
#: Of the long axis of the pelvis, as far as it is drawn.
SPINE_M = 0.2
Angles = Mapping[tuple[str, str, Side | None], float]
AXES = ("flexion", "abduction", "rotation")


def joints(angles: Angles) -> dict[Joint, Point]:
    """Joint centres with the pelvis at the origin, facing along x.

    Parameters
    ----------
    angles : mapping
        Degrees by (joint, axis, side), with the signs of `glutebal.signal.motion`; what is missing or NaN ends the leg.
    """
    lean = [angles["pelvis", "tilt", None], -angles["pelvis", "obliquity", None], 0.0]
    pelvis = rotations.of_cardan_deg(np.array([lean]))
    upwards = rotations.rotate(pelvis, np.array([0.0, 0.0, SPINE_M]))[0]
    out: dict[Joint, Point] = {("pelvis", None): (0.0, 0.0, 0.0), ("spine", None): _point(upwards)}
    for side in Side:
        out |= _leg(angles, side, pelvis)
    return out


def _leg(angles: Angles, side: Side, pelvis: Samples) -> dict[Joint, Point]:
    lengths = LegLengths.of_height()
    at = rotations.rotate(pelvis, np.array([0.0, OUTWARDS[side] * HALF_WIDTH_M, 0.0]))[0]
    out: dict[Joint, Point] = {("hip", side): _point(at)}
    turn = pelvis
    for joint, end, length_m in (("hip", "knee", lengths.thigh_m), ("knee", "ankle", lengths.shank_m)):
        bend = _turn(angles, joint, side)
        if bend is None:
            break
        turn = rotations.multiply(turn, bend)
        at = at + rotations.rotate(turn, np.array([0.0, 0.0, -length_m]))[0]
        out[end, side] = _point(at)
    return out


def _turn(angles: Angles, joint: str, side: Side) -> Samples | None:
    """The rotation of the distal in the proximal segment; None if it is not known."""
    found = [angles.get((joint, axis, side), math.nan) for axis in AXES]
    if not np.isfinite(found).all():
        return None
    signs = [-1.0 if joint == "hip" else 1.0, OUTWARDS[side], -OUTWARDS[side]]
    return rotations.of_cardan_deg(np.array([found]) * signs)


def _point(at: Samples) -> Point:
    return float(at[0]), float(at[1]), float(at[2])
