"""The repetitions of the exercises on the feet: from where to where, on which leg, how long.

Written for the right side as the working side; the left one is the mirror image.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from glutebal.model import Bilateral, Side
from glutebal.testing.body_chain import settled
from glutebal.testing.body_pose import LegPose, Pose


class Stance(Enum):
    """On which leg a rep is done."""

    BOTH = "both"
    WORKING = "working"
    OTHER = "other"
    LYING = "lying"


@dataclass(frozen=True)
class Move:
    """One exercise: a rep goes from ``home`` to ``turn`` and back; ``entry`` leads there from standing.

    ``lockout_at_turn``: hips and back are straight at the turn, not at home. ``flight_m_s``: speed of take-off after
    the turn (0: the feet stay on the ground). ``step_lift_m``: how high the foot is lifted to step out and back.
    """

    home: Pose
    turn: Pose
    unilateral: bool = False
    stance: Stance = Stance.BOTH
    out_s: float = 1.4
    hold_s: float = 0.0
    back_s: float = 1.2
    pause_s: float = 0.8
    entry: tuple[Pose, ...] = ()
    lockout_at_turn: bool = False
    on_feet: bool = True
    flight_m_s: float = 0.0
    step_lift_m: float = 0.0


#: The neutral posture, in which every joint angle is zero.
NEUTRAL = Pose().both(open=True)


def standing(out: float = 0.12, toe_out: float = 8.0, **pelvis: float) -> Pose:
    """Quiet standing with the feet so far from the midline, knees over the toes."""
    stance: Any = {"out": out, "toe_out": toe_out, "pole_out": 0.0175 * toe_out}
    return settled(Pose(**pelvis).both(**stance))  # type: ignore[arg-type]


def lowered(home: Pose, *, x: float, z: float, tilt: float, pole_out: float) -> Pose:
    """The pelvis back and down over both feet, tilted forwards, knees apart."""
    return settled(home.with_(x=home.x + x, z=z, tilt=tilt).both(pole_out=pole_out))


def free_left(pose: Pose, **joints: float) -> Pose:
    """Standing on the right leg, the left one free at the given joint angles."""
    free = replace(LegPose(open=True), **joints)  # type: ignore[arg-type]
    return settled(replace(pose, legs=Bilateral(free, pose.legs.right)))


def free_right(pose: Pose, **joints: float) -> Pose:
    """Standing on the left leg, the right one free at the given joint angles."""
    return free_left(pose.mirrored(), **joints).mirrored()


_STAND = standing()
_WIDE = standing(out=0.19, toe_out=18.0)
_NARROW = standing(out=0.11, toe_out=5.0)
_OVER_RIGHT = _STAND.with_(right=0.05)
_ON_RIGHT = free_left(_OVER_RIGHT, flexion=12.0, knee=25.0)
_ON_LEFT = free_right(_STAND.with_(right=-0.05), knee=12.0, flexion=8.0)


def _squat(z: float, x: float, tilt: float, **times: float) -> Move:
    return Move(_WIDE, lowered(_WIDE, x=x, z=z, tilt=tilt, pole_out=0.45), pause_s=0.9, **times)  # type: ignore[arg-type]


def _one_leg(turn: Pose, home: Pose = _ON_RIGHT, **times: float) -> Move:
    return Move(home, turn, unilateral=True, stance=Stance.WORKING, entry=(), **times)  # type: ignore[arg-type]


def _hinged(tilt: float, x: float, z: float, knee: float, flexion: float) -> Pose:
    """On the right leg, trunk and pelvis inclined, the left leg behind."""
    return free_left(_OVER_RIGHT.with_(x=x, z=z, tilt=tilt), flexion=flexion, knee=knee)


def _split(front_x: float, rear_x: float, rear_z: float, *, x: float, z: float, tilt: float, pitch: float) -> Pose:
    """Right foot in front, left foot on its toes behind (on a bench if it is high)."""
    pose = Pose(x=x, z=z, tilt=tilt).both(out=0.10, toe_out=4.0, pole_out=0.06)
    pose = pose.leg(Side.RIGHT, x=front_x).leg(Side.LEFT, x=rear_x, z=rear_z, pitch=pitch, pole_z=-0.5)
    return settled(pose)


def _stepped(high: float, ahead: float) -> tuple[Pose, Pose]:
    """Before and on top of a step: the right foot on it, the left one coming along, free."""
    below = _STAND.with_(x=0.06, z=0.9).leg(Side.RIGHT, x=ahead, z=0.08 + high)
    above = _STAND.with_(x=ahead, z=0.92 + high, right=0.05).leg(Side.RIGHT, x=ahead, z=0.08 + high)
    return settled(below), free_left(above, flexion=15.0, knee=35.0)


def _step_up() -> Move:
    below, above = _stepped(0.32, 0.30)
    return _one_leg(above, below, out_s=1.1, back_s=1.3, pause_s=0.7, hold_s=0.3)


def _lunge() -> Move:
    """The right foot steps out and is loaded in one course, the left goes on its toes."""
    down = _split(0.62, -0.10, 0.14, x=0.24, z=0.50, tilt=10.0, pitch=48.0)
    return Move(_NARROW, down, unilateral=True, out_s=1.4, hold_s=0.2, back_s=1.3, pause_s=0.7, step_lift_m=0.14)


def _bulgarian() -> Move:
    home = _split(0.0, -0.68, 0.52, x=-0.10, z=0.86, tilt=14.0, pitch=110.0)
    down = _split(0.0, -0.68, 0.52, x=-0.20, z=0.56, tilt=26.0, pitch=110.0)
    return Move(home, down, unilateral=True, stance=Stance.BOTH, out_s=1.4, back_s=1.2, pause_s=0.5)


def _half_kneeling(forward: float, tilt: float) -> Pose:
    """Right knee on the floor behind, left foot in front; the pelvis so far forward over it."""
    pose = Pose(x=forward, z=0.46, tilt=tilt).both(out=0.10, pole_out=0.05)
    pose = pose.leg(Side.LEFT, x=0.40)
    return settled(pose.leg(Side.RIGHT, x=-0.42, z=0.10, pitch=100.0, pole_x=0.5, pole_z=-1.0))


def _kneeling_stretch(hold_s: float, forward: float, tilt: float) -> Move:
    home, turn = _half_kneeling(0.0, 4.0), _half_kneeling(forward, tilt)
    return Move(home, turn, unilateral=True, out_s=2.0, hold_s=hold_s, back_s=1.6, pause_s=2.0, lockout_at_turn=True)


def _hamstring_stretch() -> Move:
    """Right heel on a step in front with the knee straight, the pelvis tilted over it."""
    home = _STAND.with_(z=0.88).leg(Side.RIGHT, x=0.46, z=0.25, pitch=-25.0)
    return Move(settled(home), settled(home.with_(x=-0.08, tilt=38.0)), True, out_s=2.0, hold_s=12.0, back_s=1.8)


STANDING_MOVES = {
    "squat": _squat(0.47, -0.17, 28.0),
    "goblet_squat": _squat(0.42, -0.12, 18.0, out_s=1.5),
    "deadlift": Move(
        lowered(_NARROW, x=-0.30, z=0.66, tilt=58.0, pole_out=0.2),
        _NARROW.with_(x=0.01, tilt=-3.0),
        out_s=1.3,
        hold_s=0.5,
        back_s=1.3,
        pause_s=0.7,
        lockout_at_turn=True,
    ),
    "romanian_deadlift": Move(
        _NARROW,
        lowered(_NARROW, x=-0.20, z=0.84, tilt=62.0, pole_out=0.2),
        out_s=1.8,
        back_s=1.4,
        pause_s=0.6,
    ),
    "jump": Move(
        _STAND,
        lowered(_STAND, x=-0.12, z=0.66, tilt=30.0, pole_out=0.2),
        out_s=0.5,
        back_s=0.35,
        pause_s=1.5,
        flight_m_s=2.2,
    ),
    "glute_squeeze": Move(
        _STAND,
        settled(_STAND.with_(x=0.012, tilt=-4.0)),
        out_s=0.5,
        hold_s=2.5,
        back_s=0.6,
        pause_s=1.2,
        lockout_at_turn=True,
    ),
    "single_leg_stance": _one_leg(
        free_left(_OVER_RIGHT, knee=70.0, flexion=45.0), _STAND, out_s=1.2, hold_s=5.0, back_s=1.2, pause_s=1.5
    ),
    "single_leg_deadlift": _one_leg(_hinged(68.0, -0.14, 0.78, 12.0, 10.0), out_s=1.7, back_s=1.5, pause_s=0.8),
    "single_leg_romanian_deadlift": _one_leg(_hinged(62.0, -0.16, 0.84, 8.0, 4.0), out_s=1.9, back_s=1.5, pause_s=0.6),
    "step_up": _step_up(),
    "lunge": _lunge(),
    "bulgarian_split_squat": _bulgarian(),
    "hip_abduction": Move(
        _ON_LEFT,
        free_right(_STAND.with_(right=-0.05), abduction=32.0, knee=4.0, flexion=2.0),
        unilateral=True,
        stance=Stance.OTHER,
        out_s=1.1,
        hold_s=0.8,
        back_s=1.2,
        pause_s=0.6,
    ),
    "half_kneeling_hip_flexor_stretch": _kneeling_stretch(14.0, 0.11, -3.0),
    "contract_relax_hip_flexor_stretch": _kneeling_stretch(8.0, 0.12, -5.0),
    "hip_flexor_lengthening": _kneeling_stretch(12.0, 0.09, -6.0),
    "hamstring_lengthening": _hamstring_stretch(),
}
