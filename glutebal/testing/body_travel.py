"""The walks of a session: whole sessions of gait, and the steps taken between sets."""

from __future__ import annotations

import numpy as np

from glutebal.model import Bilateral, Side
from glutebal.testing.body_gait import Foot, Gait
from glutebal.testing.body_moves import standing
from glutebal.testing.body_plan import BodyPlan, GaitPlan
from glutebal.testing.body_pose import Place, Pose
from glutebal.testing.body_scene import Notes, Scene, WalkPiece
from glutebal.testing.body_steps import STROLL, STYLES, GaitStyle, Pace, Step, about_turn, timed, way
from glutebal.testing.body_truth import Span

_STAND_OUT = 0.12
_NO_DROP = Bilateral(0.0, 0.0)


def walking_stand() -> Pose:
    """The posture that every walk begins and ends in: feet as in `standing`, toes as in gait."""
    return standing(out=_STAND_OUT, toe_out=7.0)


def write_gait(scene: Scene, plan: BodyPlan, rng: np.random.Generator) -> None:
    """The ways of a gait session, one after the other, with a turn round between them."""
    style = STYLES[plan.exercise]
    scene.go(walking_stand(), 1.5)
    scene.wait(1.5)
    for number in range(plan.gait.ways):
        rise = style.rise_m if number % 2 == 0 else -style.rise_m
        take(scene, way(style, plan.gait, rise), style, plan.gait, plan.first, rng, plan.pelvic_drop_deg)
        scene.wait(0.5)
        if number + 1 < plan.gait.ways:
            turn = about_turn(left=plan.first is Side.RIGHT)
            take(scene, turn, STROLL, GaitPlan(), plan.first, rng)
            scene.wait(0.3)
    scene.wait(1.5)


def stroll(scene: Scene, paces: list[Pace], first: Side, rng: np.random.Generator) -> None:
    """Some steps in the gym from quiet standing to quiet standing."""
    scene.go(walking_stand(), 1.0)
    take(scene, paces, STROLL, GaitPlan(timing_sd=0.06), first, rng)


def take(
    scene: Scene,
    paces: list[Pace],
    style: GaitStyle,
    gait: GaitPlan,
    first: Side,
    rng: np.random.Generator,
    drop_deg: Bilateral[float] = _NO_DROP,
) -> None:
    """Take these steps and note their events."""
    start, start_s, pose = scene.place, scene.time_s, walking_stand()
    steps = timed(paces, style, gait, start, start_s, first, rng, _STAND_OUT)
    feet = Bilateral.per_side(lambda side: Foot.of(side, steps, start, _STAND_OUT, style))
    stop_s = steps[-1].strike_s + 0.8
    walk = Gait(start, start_s, stop_s, steps, feet, style, drop_deg, pose.z)
    scene.walk(WalkPiece(start_s, stop_s, walk.rows), steps[-1].centre, pose)
    _note(scene.notes, steps, style, Span(start_s, stop_s), start)


def _note(notes: Notes, steps: list[Step], style: GaitStyle, span: Span, start: Place) -> None:
    notes.walks.append(span)
    for step in steps:
        foot = notes.feet[step.side]
        foot.toe_offs_s.append(step.off_s)
        foot.strikes_s.append(step.strike_s)
        foot.mid_swings_s.append(0.5 * (step.off_s + step.strike_s))
        foot.impacts.append((step.strike_s, style.impact_m_s2 * step.vigour))
    steady = [step.strike_s for step in steps if step.steady]
    if steady:
        notes.straights.append(Span(steady[0], steady[-1]))
    headings = np.diff([start.heading, *(step.heading for step in steps)])
    turning = [step for step, turn in zip(steps, headings, strict=True) if abs(turn) > 0.05]
    if turning:
        notes.turns.append(Span(turning[0].off_s, turning[-1].strike_s))
