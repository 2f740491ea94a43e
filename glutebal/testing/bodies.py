"""Simulated bodies with inertial sensors whose joint angles, reps, steps and mounting are known exactly.

::

    BodyPlan ──session──▶ postures over time ──chain──▶ segments ──sensors──▶ Recording
                                                  └────────────────────────▶ BodyTruth

The true angles come from the segments' orientations, so that they cannot disagree with what the sensors were moved by.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from glutebal.model import Bilateral, Recording, Samples, Side
from glutebal.testing.body_angles import body_angles, with_drops
from glutebal.testing.body_chain import Skeleton, hip_angles, knee_angles, skeleton
from glutebal.testing.body_jolts import jolts
from glutebal.testing.body_plan import PERFECT, SITES, BodyPlan, GaitPlan, Hole, SensorPlan
from glutebal.testing.body_scene import Notes, Scene
from glutebal.testing.body_schedule import write_session
from glutebal.testing.body_sensors import FineTime, Worn, measured, tracks
from glutebal.testing.body_sway import swaying
from glutebal.testing.body_truth import (
    BodyAngles,
    BodyTruth,
    FootTimes,
    Functional,
    FunctionalSpan,
    LegAngles,
    SinglePhase,
    Span,
    TrueBodyRep,
    TrueSensor,
)

__all__ = [
    "PERFECT",
    "BodyAngles",
    "BodyPlan",
    "BodySet",
    "BodyTruth",
    "FootTimes",
    "Functional",
    "FunctionalSpan",
    "GaitPlan",
    "Hole",
    "LegAngles",
    "SensorPlan",
    "SinglePhase",
    "Span",
    "TrueBodyRep",
    "TrueSensor",
    "simulate_body",
]

_FINE_HZ = 400.0


@dataclass(frozen=True)
class BodySet:
    """A simulated recording and what is true of it."""

    seed: int
    plan: BodyPlan
    recording: Recording
    truth: BodyTruth


def simulate_body(seed: int = 0, plan: BodyPlan | None = None, **changes: Any) -> BodySet:
    """Simulate one recording: ``plan`` (default `BodyPlan`: a set of squats) with ``changes`` to its fields.

    Returns
    -------
    BodySet
        ``recording`` with acceleration (m/s²) and angular rate (rad/s), axes x, y, z, of every sensor; ``truth``. The
        same for the same seed; another sensor plan leaves the motion as it is.

    Examples
    --------
    >>> done = simulate_body(seed=1, exercise="squat", reps=3, functional_reps=0)
    >>> len(done.truth.whole_reps), len(done.recording.tracks)
    (3, 30)
    """
    plan = replace(plan or BodyPlan(), **changes)
    scene = write_session(plan, np.random.default_rng([seed, 0]))
    time, times_s = _fine_time(plan.sensors, scene.time_s)
    notes = scene.notes
    rng = np.random.default_rng([seed, 1])
    rows = swaying(scene.rows(times_s), times_s, plan, notes.walks, notes.static, rng)
    bones = skeleton(rows)
    record, sensors = _recorded(seed, plan, bones, notes, time, times_s)
    truth = _truth(scene, bones, time.fold, times_s[:: time.fold], sensors)
    return BodySet(seed, plan, record, truth)


def _fine_time(plan: SensorPlan, duration_s: float) -> tuple[FineTime, Samples]:
    fold = max(1, math.ceil(_FINE_HZ / plan.rate_hz))
    fold += fold % 2 if fold > 1 else 0
    n = math.floor(duration_s * plan.rate_hz) * fold + 1
    time = FineTime(1 / (plan.rate_hz * fold), fold)
    return time, np.asarray(np.arange(n) * time.step_s, dtype=np.float64)


def _worn(plan: SensorPlan, bones: Skeleton, jolts: dict[tuple[str, Side | None], Samples]) -> list[Worn]:
    none = np.zeros_like(bones.pelvis.origin)
    out = []
    for site in (site for site in SITES if site in plan.sites):
        for side in (None,) if site == "pelvis" else tuple(Side):
            bone = bones.pelvis if side is None else getattr(bones.legs[side], site)
            out.append(Worn(site, side, bone, _flexion(site, side, bones), jolts.get((site, side), none)))
    return out


def _flexion(site: str, side: Side | None, bones: Skeleton) -> Samples:
    if side is None:
        both = [hip_angles(bones.pelvis, bones.legs[s].thigh, s)[0] for s in Side]
        return np.radians(0.5 * (both[0] + both[1]))
    if site == "thigh":
        return np.radians(hip_angles(bones.pelvis, bones.legs[side].thigh, side)[0])
    return np.radians(knee_angles(bones.legs[side], side)[0]) if site == "shank" else np.zeros(len(bones.pelvis.origin))


def _recorded(
    seed: int, plan: BodyPlan, bones: Skeleton, notes: Notes, time: FineTime, times_s: Samples
) -> tuple[Recording, dict[tuple[str, Side | None], TrueSensor]]:
    sensors: dict[tuple[str, Side | None], TrueSensor] = {}
    all_tracks = []
    for worn in _worn(plan.sensors, bones, jolts(notes, times_s)):
        stream = [seed, 2, SITES.index(worn.site), [None, *Side].index(worn.side)]
        acc, gyr, truth = measured(worn, plan.sensors, time, np.random.default_rng(stream))
        called = worn.side.other if worn.side and plan.sensors.swapped else worn.side
        sensors[worn.site, called] = replace(truth, side=called)
        all_tracks += tracks(worn.site, called, plan.sensors, acc, gyr)
    source = f"simulated body, seed {seed}"
    return Recording(tuple(all_tracks), subject="simulated", exercise=plan.exercise, source=source), sensors


def _truth(
    scene: Scene, bones: Skeleton, fold: int, times_s: Samples, sensors: dict[tuple[str, Side | None], TrueSensor]
) -> BodyTruth:
    notes = scene.notes
    angles = body_angles(bones, fold)
    return BodyTruth(
        times_s=times_s,
        reps=tuple(notes.reps),
        angles=angles,
        single_phases=with_drops(notes.phases, angles, times_s, notes.static),
        gait=Bilateral.per_side(lambda side: notes.feet[side].times()),
        flights=tuple(notes.flights),
        turns=tuple(notes.turns),
        straights=tuple(notes.straights),
        idle=tuple(notes.idle),
        walks=tuple(notes.walks),
        static=notes.static,
        functional=tuple(notes.functional),
        sets=tuple(notes.sets),
        joints_m=_joints(bones, fold),
        sensors=sensors,
    )


def _joints(bones: Skeleton, fold: int) -> dict[tuple[str, Side | None], Samples]:
    out: dict[tuple[str, Side | None], Samples] = {("pelvis", None): bones.pelvis.origin[::fold]}
    for side in Side:
        leg = bones.legs[side]
        for joint, segment in (("hip", leg.thigh), ("knee", leg.shank), ("ankle", leg.foot)):
            out[joint, side] = segment.origin[::fold]
    return out
