"""The chain of bones: rows of posture numbers in, orientation and place of every segment out.

::

    hip ──thigh──▶ knee ──shank──▶ ankle ──foot      closed: ankle and knee direction given, both bones follow
    R_thigh = R_pelvis · Y(−flexion) · X(± abduction) · Z(∓ rotation)      open: the angles given
    R_shank = R_thigh · Y(knee) · X(± frontal)                             always: a hinge with a frontal angle
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glutebal.model import Bilateral, Samples, Side
from glutebal.testing.body_pose import LEG_COLUMNS, OUT, Place, Pose, leg_columns
from glutebal.testing.body_rotations import apply, frame, transposed, turn_x, turn_y, turn_z, yxz, yxz_angles

#: The pelvis centre is between the hips; bones in metres.
HALF_WIDTH_M = 0.085
THIGH_M = 0.42
SHANK_M = 0.42
ANKLE_HEIGHT_M = 0.08
#: A closed leg is never quite straight: below this much knee flexion a millimetre would take many degrees.
LEAST_KNEE_DEG = 11.0
#: A leg asked to reach farther than this gives way smoothly, over about ``_GIVE_M``, instead of snapping straight.
_LONGEST_M = float(np.sqrt(THIGH_M**2 + SHANK_M**2 + 2 * THIGH_M * SHANK_M * np.cos(np.radians(5.0))))
_GIVE_M = 6e-4
_DOWN = np.array([0.0, 0.0, -1.0])


@dataclass(frozen=True)
class Segment:
    """One bone over time: ``rotation`` (n, 3, 3) segment to world, ``origin`` (n, 3) its upper joint in m."""

    rotation: Samples
    origin: Samples


@dataclass(frozen=True)
class Leg:
    """Thigh (from the hip), shank (from the knee) and foot (from the ankle)."""

    thigh: Segment
    shank: Segment
    foot: Segment


@dataclass(frozen=True)
class Skeleton:
    """All segments over time; the pelvis has its origin between the hip joint centres."""

    pelvis: Segment
    legs: Bilateral[Leg]


def skeleton(rows: Samples) -> Skeleton:
    """The bones for rows of posture numbers, shape (n, `WIDTH`), world axes, metres and degrees."""
    tilt, obliquity, yaw = np.radians(rows[:, 3:6]).T
    pelvis = Segment(turn_z(yaw) @ turn_x(-obliquity) @ turn_y(tilt), rows[:, :3])
    return Skeleton(pelvis, Bilateral.per_side(lambda side: _leg(rows[:, leg_columns(side)], pelvis, side)))


def _leg(rows: Samples, pelvis: Segment, side: Side) -> Leg:
    column = dict(zip(LEG_COLUMNS, rows.T, strict=True))
    hip = pelvis.origin + apply(pelvis.rotation, [0.0, OUT[side] * HALF_WIDTH_M, 0.0])
    is_open = column["open"] > 0.5
    closed_thigh, closed_knee = _closed(column, hip, OUT[side])
    open_thigh = pelvis.rotation @ _hip(column, OUT[side])
    thigh = Segment(np.where(is_open[:, None, None], open_thigh, closed_thigh), hip)
    knee = np.where(is_open, np.radians(column["knee"]), closed_knee)
    shank = _shank(thigh, knee, OUT[side] * np.radians(column["frontal"]))
    return Leg(thigh, shank, _foot(column, shank, is_open))


def _hip(column: dict[str, Samples], out: float) -> Samples:
    flexion, abduction, rotation = (np.radians(column[name]) for name in ("flexion", "abduction", "rotation"))
    return yxz(-flexion, out * abduction, -out * rotation)


def _closed(column: dict[str, Samples], hip: Samples, out: float) -> tuple[Samples, Samples]:
    """Thigh orientation and knee flexion that put the ankle where it has to be."""
    ankle = np.stack([column[name] for name in ("x", "y", "z")], axis=1)
    pole = np.stack([column[name] for name in ("pole_x", "pole_y", "pole_z")], axis=1)
    frontal = out * np.radians(column["frontal"])
    far = np.linalg.norm(ankle - hip, axis=1)
    square = (far - _GIVE_M * np.logaddexp(0.0, (far - _LONGEST_M) / _GIVE_M)) ** 2
    cosine = (square - THIGH_M**2 - SHANK_M**2) / (2 * THIGH_M * SHANK_M * np.cos(frontal))
    knee = np.arccos(np.clip(cosine, -1, 1))
    bent = turn_y(knee) @ turn_x(frontal)
    chord = THIGH_M * _DOWN + SHANK_M * apply(bent, _DOWN)
    front = np.broadcast_to([1.0, 0.0, 0.0], chord.shape)
    return frame(ankle - hip, pole) @ transposed(frame(chord, front)), knee


def _shank(thigh: Segment, knee: Samples, frontal: Samples) -> Segment:
    origin = thigh.origin + THIGH_M * apply(thigh.rotation, _DOWN)
    return Segment(thigh.rotation @ turn_y(knee) @ turn_x(frontal), origin)


def _foot(column: dict[str, Samples], shank: Segment, is_open: Samples) -> Segment:
    origin = shank.origin + SHANK_M * apply(shank.rotation, _DOWN)
    planted = turn_z(np.radians(column["toe"])) @ turn_y(np.radians(column["pitch"]))
    free = shank.rotation @ yxz(*(np.radians(column[name]) for name in ("foot_1", "foot_2", "foot_3")))
    return Segment(np.where(is_open[:, None, None], free, planted), origin)


def hip_angles(pelvis: Segment, thigh: Segment, side: Side) -> tuple[Samples, Samples, Samples]:
    """Flexion, abduction and internal rotation of the hip in degrees, shape (n,) each."""
    first, second, third = map(np.degrees, yxz_angles(transposed(pelvis.rotation) @ thigh.rotation))
    return -first, OUT[side] * second, -OUT[side] * third


def knee_angles(leg: Leg, side: Side) -> tuple[Samples, Samples]:
    """Flexion and frontal angle (valgus positive) of the knee in degrees, shape (n,) each."""
    first, second, _ = map(np.degrees, yxz_angles(transposed(leg.thigh.rotation) @ leg.shank.rotation))
    return first, OUT[side] * second


def pelvis_angles(pelvis: Segment) -> tuple[Samples, Samples]:
    """Tilt and obliquity in degrees: yaw first, then obliquity, then tilt, so that heading does not enter."""
    m = pelvis.rotation
    return np.degrees(np.arctan2(-m[:, 2, 0], m[:, 2, 2])), np.degrees(np.arcsin(np.clip(-m[:, 2, 1], -1, 1)))


def with_joint_angles(rows: Samples) -> Samples:
    """The same postures with the joint angles of closed legs filled in, so that a leg may open from there."""
    out = rows.copy()
    bones = skeleton(rows)
    for side in Side:
        leg, where = bones.legs[side], leg_columns(side)
        foot = np.degrees(yxz_angles(transposed(leg.shank.rotation) @ leg.foot.rotation))
        angles = [*hip_angles(bones.pelvis, leg.thigh, side), knee_angles(leg, side)[0], *foot]
        closed = rows[:, where.start + LEG_COLUMNS.index("open")] < 0.5
        first = where.start + LEG_COLUMNS.index("flexion")
        out[closed, first : where.stop] = np.stack(angles, axis=1)[closed]
    return out


def settled(pose: Pose) -> Pose:
    """The posture with the pelvis lowered as far as the closed legs need to reach their ankles."""
    bones = skeleton(pose.row()[None])
    reach = np.sqrt(THIGH_M**2 + SHANK_M**2 + 2 * THIGH_M * SHANK_M * np.cos(np.radians(LEAST_KNEE_DEG)))
    drops = [0.0]
    for side in Side:
        leg = pose.legs[side]
        if not leg.open:
            hip = bones.legs[side].thigh.origin[0]
            ankle = np.array([leg.x, OUT[side] * leg.out, leg.z])
            far = float(np.sum((hip - ankle)[:2] ** 2))
            drops.append(float(hip[2] - ankle[2] - np.sqrt(max(reach**2 - far, 0.0))))
    return pose.with_(z=pose.z - max(drops))


def at(place: Place, pose: Pose) -> Samples:
    """One row of numbers (`WIDTH`,) of a posture at a place."""
    return np.asarray(place.rows(pose.row())[0])
