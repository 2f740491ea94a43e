"""From a plan to a session: quiet standing, functional movements, sets of reps with what lies between them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from glutebal.errors import InputError
from glutebal.model import Side
from glutebal.testing.body_chain import ANKLE_HEIGHT_M, HALF_WIDTH_M, settled
from glutebal.testing.body_curves import REVERSAL, onset_share
from glutebal.testing.body_idle import rest, walk_out
from glutebal.testing.body_moves import NEUTRAL, STANDING_MOVES, Move, Stance, standing
from glutebal.testing.body_moves_floor import FLOOR_MOVES
from glutebal.testing.body_plan import BodyPlan
from glutebal.testing.body_pose import Pose, between, leg_columns
from glutebal.testing.body_scene import Scene
from glutebal.testing.body_sensors import GRAVITY_M_S2
from glutebal.testing.body_steps import STYLES, Pace
from glutebal.testing.body_travel import stroll, write_gait
from glutebal.testing.body_truth import Functional, FunctionalSpan, SinglePhase, Span, TrueBodyRep

MOVES = {**STANDING_MOVES, **FLOOR_MOVES}
_FAILED_SHARE = 0.45


def move_of(exercise: str) -> Move:
    """The movement of an exercise of strength or stretching."""
    if exercise not in MOVES:
        raise InputError("an exercise with repetitions", repr(exercise), "BodyPlan", f"one of {', '.join(MOVES)}")
    return MOVES[exercise]


def write_session(plan: BodyPlan, rng: np.random.Generator) -> Scene:
    """The whole recording of an exercise with repetitions."""
    scene = Scene()
    calibrate(scene, plan, rng)
    if plan.exercise in STYLES:
        write_gait(scene, plan, rng)
        return scene
    move = move_of(plan.exercise)
    for number in range(plan.sets if plan.reps else 0):
        _set(scene, plan, move, number, rng)
        if number + 1 < plan.sets:
            rest(scene, plan, plan.rest_s, rng)
    scene.wait(1.0)
    if plan.idle_end_s:
        rest(scene, plan, plan.idle_end_s, rng)
    return scene


def calibrate(scene: Scene, plan: BodyPlan, rng: np.random.Generator) -> None:
    """Quiet standing, then hip flexions and abductions of either leg and bows."""
    if plan.static_s:
        scene.wait(plan.static_s)
        scene.notes.static = Span(0.0, scene.time_s)
    scene.wait(0.5)
    if plan.functional_reps:
        for movement in (Functional.HIP_FLEXION, Functional.HIP_ABDUCTION):
            for side in (plan.first, plan.first.other):
                _swings(scene, plan, movement, side, rng)
        _swings(scene, plan, Functional.BOW, None, rng)


def _move(scene: Scene, rep: _RepPlan, pose: Pose, seconds: float, skew: float, *, reverses: bool = False) -> None:
    """One way of a rep, with the working foot lifted if it steps."""
    if rep.move.step_lift_m and rep.side is not None:
        scene.step(pose, seconds, rep.side, rep.move.step_lift_m)
    else:
        scene.go(pose, seconds, skew, reverses=reverses)


def _fly(scene: Scene, rep: _RepPlan, speed_m_s: float, push_s: float, chance: float) -> None:
    """Push off, fly and land softly: in the air the pelvis falls freely and the feet go with it."""
    home, crouch = rep.home(), scene.pose
    flight_s = 2 * speed_m_s / GRAVITY_M_S2
    lift = home.both(z=ANKLE_HEIGHT_M + 0.07, pitch=40.0).with_(z=home.z + 0.06)
    top = lift.both(z=lift.legs.left.z + speed_m_s**2 / (2 * GRAVITY_M_S2))
    top = top.with_(z=lift.z + speed_m_s**2 / (2 * GRAVITY_M_S2))
    heights = [2, *(leg_columns(side).start + 2 for side in Side)]
    rising = dict.fromkeys(heights, speed_m_s)
    falling = dict.fromkeys(heights, -speed_m_s)
    free = dict.fromkeys(heights, -GRAVITY_M_S2)
    scene.fly(settled(lift), push_s, rising, free)
    scene.fly(top.with_(z=top.z + settled(lift).z - lift.z), flight_s / 2, {}, free)
    scene.fly(settled(lift), flight_s / 2, falling, free)
    scene.notes.flights.append(Span(scene.time_s - flight_s, scene.time_s))
    for side in Side:
        scene.notes.feet[side].impacts.append((scene.time_s, 40.0))
    scene.go(settled(between(home, crouch, 0.55)), 0.28 * chance)
    scene.go(home, 0.5 * chance)


def _swings(scene: Scene, plan: BodyPlan, movement: Functional, side: Side | None, rng: np.random.Generator) -> None:
    start = scene.time_s
    for _ in range(plan.functional_reps):
        scene.go(_swung(plan, movement, side, rng), rng.uniform(0.8, 1.1))
        scene.go(NEUTRAL, rng.uniform(0.8, 1.1))
        scene.wait(0.15)
    scene.notes.functional.append(FunctionalSpan(start, scene.time_s, movement, side))
    scene.wait(0.6)


def _swung(plan: BodyPlan, movement: Functional, side: Side | None, rng: np.random.Generator) -> Pose:
    astray, amount = plan.sloppy_deg * rng.normal(size=3) * 0.5, rng.uniform(0.85, 1.1)
    if side is None:
        bow = 40.0 * amount
        return NEUTRAL.with_(x=-0.06, tilt=bow, obliquity=_signed(plan, astray[0] / 3)).both(flexion=bow)
    lean = 1.0 if side is Side.RIGHT else -1.0
    if movement is Functional.HIP_FLEXION:
        pelvis = NEUTRAL.with_(tilt=-4.0 * amount, obliquity=lean * 1.5, right=-lean * 0.03)
        joints = {"flexion": 48 * amount, "abduction": astray[0], "rotation": astray[1], "knee": 8 + abs(astray[2])}
    else:
        pelvis = NEUTRAL.with_(obliquity=lean * 5.0 * amount, right=-lean * 0.04)
        joints = {"flexion": astray[0], "abduction": 30 * amount, "rotation": astray[1]}
    other = {"flexion": pelvis.tilt, "abduction": -lean * pelvis.obliquity}
    return pelvis.leg(side.other, **other).leg(side, **joints)


def _signed(plan: BodyPlan, value: float) -> float:
    """A random sideways number, mirrored with the plan."""
    return value if plan.first is Side.RIGHT else -value


def _set(scene: Scene, plan: BodyPlan, move: Move, number: int, rng: np.random.Generator) -> None:
    order = _order(plan, move)
    start = scene.time_s
    last: Side | None = None
    if plan.walk_out and move.on_feet:
        walk_out(scene, plan, rng)
    for k, side in enumerate(order):
        if k == 0 or side is not last:
            _change_side(scene, move, side, first=k == 0)
        _rep(scene, _RepPlan(plan, move, side, number, k, len(order)), rng)
        last = side
    _leave(scene, move, last)
    if plan.rerack and move.on_feet:
        stroll(scene, [Pace(0.28)] * 2, plan.first, rng)
    scene.notes.sets.append(Span(start, scene.time_s))


def _order(plan: BodyPlan, move: Move) -> list[Side | None]:
    if not move.unilateral:
        return [None] * plan.reps
    sides = [plan.first, plan.first.other]
    return list(sides * plan.reps) if plan.alternating else [side for side in sides for _ in range(plan.reps)]


def _facing(pose: Pose, side: Side | None) -> Pose:
    """The posture written for the right side, for this one."""
    return pose.mirrored() if side is Side.LEFT else pose


def _change_side(scene: Scene, move: Move, side: Side | None, *, first: bool) -> None:
    """Into the start posture; in a change of sides by way of the posture common to both."""
    scene.go(standing() if move.on_feet or first else _facing(move.entry[-1], side), 1.5)
    scene.wait(0.4)
    for pose in move.entry:
        scene.go(_facing(pose, side), 1.8)
    scene.go(_facing(move.home, side), 1.4)
    scene.wait(1.2)


def _leave(scene: Scene, move: Move, side: Side | None) -> None:
    scene.wait(0.8)
    for pose in reversed(move.entry):
        scene.go(_facing(pose, side), 1.8)
    scene.go(standing(), 1.6)


@dataclass(frozen=True)
class _RepPlan:
    """One repetition to come."""

    plan: BodyPlan
    move: Move
    side: Side | None
    set_index: int
    k: int
    n: int

    @property
    def course(self) -> float:
        """0 at the first, 1 at the last rep of the set."""
        return self.k / max(self.n - 1, 1)

    def seconds(self, planned: float | None, usual: float) -> float:
        """A duration before chance."""
        return float((usual if planned is None else planned) * self.plan.tempo_drift**self.course)

    @property
    def stance(self) -> Side | None:
        """The leg stood on, None on both or lying."""
        if self.side is None or self.move.stance in {Stance.BOTH, Stance.LYING}:
            return None
        return self.side if self.move.stance is Stance.WORKING else self.side.other

    def turn(self, amplitude: float) -> Pose:
        """The posture at the turn, with all that the plan adds to it."""
        pose = self._ranged(amplitude)
        first, last = self.plan.shift_m
        pose = pose.with_(right=pose.right + first + (last - first) * self.course)
        if self.stance is not None:
            drop = self.plan.pelvic_drop_deg[self.stance]
            pose = pose.with_(obliquity=pose.obliquity + (drop if self.stance is Side.RIGHT else -drop))
        if self.move.lockout_at_turn:
            pose = pose.with_(tilt=pose.tilt + self.plan.lumbar_deg)
        legs = pose.legs.zip(self.plan.knee_frontal_deg).map(
            lambda pair: pair[0] if pair[0].open else replace(pair[0], frontal=pair[0].frontal + amplitude * pair[1])
        )
        return settled(replace(pose, legs=legs))

    def home(self) -> Pose:
        """The start posture, with what the plan adds at lockout."""
        pose = _facing(self.move.home, self.side)
        return pose if self.move.lockout_at_turn else settled(pose.with_(tilt=pose.tilt + self.plan.lumbar_deg))

    def _ranged(self, amplitude: float) -> Pose:
        home, turn = _facing(self.move.home, self.side), _facing(self.move.turn, self.side)
        if self.side is not None:
            return between(home, turn, amplitude * self.plan.rom[self.side])
        sides = self.plan.rom.map(lambda rom: between(home, turn, amplitude * rom))
        mean = between(sides.left, sides.right, 0.5)
        rise = float(np.clip((sides.right.z - sides.left.z) / (2 * HALF_WIDTH_M), -0.5, 0.5))
        return mean.with_(obliquity=mean.obliquity + float(np.degrees(np.arcsin(rise))))


def _rep(scene: Scene, rep: _RepPlan, rng: np.random.Generator) -> None:
    plan, move = rep.plan, rep.move
    index = len(scene.notes.reps)
    failed = index in plan.failed
    chance = np.exp(plan.tempo_sd * rng.normal(size=4))
    amplitude = float((1 - plan.fatigue * rep.course) * np.exp(plan.amplitude_sd * rng.normal()))
    amplitude *= _FAILED_SHARE if failed else 1.0
    hold_s = 0.0 if failed else rep.seconds(plan.hold_s, move.hold_s) * chance[2]
    skews = 0.12 * rng.normal(size=2).clip(-2, 2) * (hold_s > 0 and not move.step_lift_m)
    out_s, back_s = rep.seconds(plan.out_s, move.out_s) * chance[0], rep.seconds(plan.back_s, move.back_s) * chance[1]
    left_s = scene.time_s
    _move(scene, rep, rep.turn(amplitude), out_s, skews[0], reverses=hold_s == 0)
    turn_s = scene.time_s
    scene.wait(hold_s)
    leave_s = scene.time_s
    if move.flight_m_s and not failed:
        _fly(scene, rep, move.flight_m_s * np.sqrt(amplitude), back_s, chance[3])
        back_s = 0.5 * chance[3]
    else:
        _move(scene, rep, rep.home(), back_s, skews[1])
    bends = (0.0, 0.0) if hold_s else (-REVERSAL * out_s / back_s, -REVERSAL * back_s / out_s)
    start_s = left_s + onset_share(skews[0], bends[0]) * out_s
    stop_s = scene.time_s - onset_share(-skews[1], bends[1]) * back_s
    scene.notes.reps.append(
        TrueBodyRep(index, rep.set_index, rep.side, start_s, turn_s, leave_s, stop_s, amplitude, failed)
    )
    if rep.stance is not None:
        scene.notes.phases.append(SinglePhase(rep.stance, left_s, scene.time_s, 0.5 * (turn_s + leave_s), np.nan))
    scene.wait((rep.seconds(plan.pause_s, move.pause_s)) * chance[3])
