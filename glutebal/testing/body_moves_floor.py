"""The repetitions of the exercises on the floor or on a bench: bridges, thrusts, kickbacks, side-lying, stretches.

Written for the right side as the working side; the left one is the mirror image.
"""

from __future__ import annotations

from glutebal.model import Side
from glutebal.testing.body_moves import Move, Stance
from glutebal.testing.body_pose import Pose

_SEAT = Pose(x=-0.5, z=0.45, tilt=-10.0).both(out=0.15, toe_out=8.0, pole_x=0.7, pole_z=0.7, pole_out=0.1)
#: Supine with straight legs, hips and knees free.
_LONG = Pose(x=-0.5, z=0.10, tilt=-90.0).both(open=True)
_PRONE = Pose(x=-0.3, z=0.12, tilt=86.0).both(open=True, ankle=50.0, flexion=-2.0)
_FOURS = Pose(x=-0.3, z=0.50, tilt=82.0).both(open=True, flexion=82.0, knee=92.0, ankle=40.0)
_SIDE_LYING = Pose(x=-0.3, z=0.16, obliquity=80.0).both(open=True, flexion=45.0, knee=90.0)


def _supine(x: float, z: float, tilt: float, *, foot_z: float = 0.08, pitch: float = 0.0) -> Pose:
    """On the back, knees bent and pointing up, both feet on the floor (or higher) ahead."""
    feet = Pose().both(out=0.15, toe_out=8.0, pole_x=-0.2, pole_z=1.0, pole_out=0.08, z=foot_z, pitch=pitch)
    return feet.with_(x=x, z=z, tilt=tilt)


def _one_foot(pose: Pose) -> Pose:
    """The same with the left leg lifted off the floor."""
    return pose.leg(Side.LEFT, open=True, flexion=70.0, knee=90.0)


def _lifting(home: Pose, turn: Pose, *, hold_s: float, single: bool = False, out_s: float = 1.0) -> Move:
    if single:
        home, turn = _one_foot(home), _one_foot(turn)
    return Move(
        home,
        turn,
        unilateral=single,
        stance=Stance.LYING,
        out_s=out_s,
        hold_s=hold_s,
        back_s=1.2,
        pause_s=0.6,
        entry=(_SEAT,),
        lockout_at_turn=True,
        on_feet=False,
    )


def _open(
    home: Pose, turn: Pose, *, hold_s: float = 0.8, out_s: float = 1.1, back_s: float = 1.2, pause_s: float = 0.6
) -> Move:
    """One leg moves freely while lying or kneeling."""
    entry = (_SEAT, home.with_(obliquity=0.0) if home.obliquity else home)
    return Move(home, turn, True, Stance.LYING, out_s, hold_s, back_s, pause_s, entry, on_feet=False)


_THRUST = (_supine(-0.50, 0.22, -48.0), _supine(-0.42, 0.49, -88.0))
_BRIDGE = (_supine(-0.46, 0.10, -84.0), _supine(-0.40, 0.30, -112.0))
_WALL = (
    _supine(-0.50, 0.10, -84.0, foot_z=0.42, pitch=-80.0),
    _supine(-0.46, 0.28, -104.0, foot_z=0.42, pitch=-80.0),
)
_RAISED = (_supine(-0.46, 0.10, -80.0, foot_z=0.48), _supine(-0.42, 0.40, -100.0, foot_z=0.48))
_LEG_UP = _LONG.leg(Side.RIGHT, flexion=80.0, knee=6.0).leg(Side.LEFT, flexion=80.0, knee=6.0)
_KNEE_HELD = _LONG.leg(Side.LEFT, flexion=118.0, knee=120.0).with_(tilt=-100.0, z=0.55)

FLOOR_MOVES = {
    "hip_thrust": _lifting(*_THRUST, hold_s=0.8, out_s=0.9),
    "single_leg_hip_thrust": _lifting(*_THRUST, hold_s=0.6, single=True),
    "glute_bridge": _lifting(*_BRIDGE, hold_s=2.0),
    "glute_bridge_wall_push": _lifting(*_WALL, hold_s=2.0),
    "glute_bridge_feet_raised": _lifting(*_RAISED, hold_s=1.5),
    "single_leg_glute_bridge": _lifting(*_BRIDGE, hold_s=1.5, single=True),
    "side_lying_clamshell": _open(_SIDE_LYING, _SIDE_LYING.leg(Side.RIGHT, abduction=30.0, rotation=-24.0)),
    "kneeling_glute_kickback": _open(_FOURS, _FOURS.leg(Side.RIGHT, flexion=-8.0, knee=40.0)),
    "prone_hip_extension": _open(_PRONE, _PRONE.leg(Side.RIGHT, flexion=-18.0, knee=8.0)),
    "active_leg_lower": _open(
        _LEG_UP, _LEG_UP.leg(Side.RIGHT, flexion=8.0, knee=3.0), hold_s=0.0, out_s=2.0, back_s=1.8
    ),
    "thomas_test": _open(
        _KNEE_HELD.leg(Side.RIGHT, flexion=95.0, knee=110.0),
        _KNEE_HELD.leg(Side.RIGHT, flexion=-10.0, knee=70.0),
        hold_s=6.0,
        out_s=2.2,
        back_s=2.0,
        pause_s=2.0,
    ),
    "somatic_exercise": Move(
        _supine(-0.46, 0.10, -84.0),
        _supine(-0.452, 0.105, -101.0),
        stance=Stance.LYING,
        out_s=3.0,
        hold_s=0.5,
        back_s=3.0,
        pause_s=1.0,
        entry=(_SEAT,),
        lockout_at_turn=True,
        on_feet=False,
    ),
}
