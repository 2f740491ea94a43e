"""The true joint angles, pelvic angles and lateral shift of a simulated body, from its segments' orientations."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from glutebal.model import Bilateral, Samples, Side
from glutebal.testing.body_chain import Leg as LegBones
from glutebal.testing.body_chain import Segment, Skeleton, hip_angles, knee_angles, pelvis_angles
from glutebal.testing.body_truth import BodyAngles, LegAngles, SinglePhase, Span


def body_angles(bones: Skeleton, fold: int) -> BodyAngles:
    """All angles in degrees at every ``fold``-th instant."""
    pelvis = _thinned(bones.pelvis, fold)
    tilt, obliquity = pelvis_angles(pelvis)
    legs = bones.legs.map(lambda leg: LegBones(*(_thinned(s, fold) for s in (leg.thigh, leg.shank, leg.foot))))
    angles = Bilateral.per_side(lambda side: _leg_angles(pelvis, legs[side], side))
    return BodyAngles(tilt, obliquity, angles, lateral_shift(pelvis, legs))


def _thinned(segment: Segment, fold: int) -> Segment:
    return Segment(segment.rotation[::fold], segment.origin[::fold])


def _leg_angles(pelvis: Segment, leg: LegBones, side: Side) -> LegAngles:
    return LegAngles(*hip_angles(pelvis, leg.thigh, side), *knee_angles(leg, side))


def lateral_shift(pelvis: Segment, legs: Bilateral[LegBones]) -> Samples:
    """How far the pelvis centre is to the right of the middle between the ankles, in m, shape (n,)."""
    left = pelvis.rotation[:, :2, 1]
    left = left / np.linalg.norm(left, axis=1, keepdims=True)
    middle = 0.5 * (legs.left.foot.origin + legs.right.foot.origin)
    return np.asarray(-np.sum((pelvis.origin - middle)[:, :2] * left, axis=1))


def with_drops(
    phases: list[SinglePhase], angles: BodyAngles, times_s: Samples, standing: Span | None
) -> tuple[SinglePhase, ...]:
    """The phases with the drop of the unsupported side at their turn, against quiet standing (0 without it)."""
    now = np.zeros(0) if standing is None else angles.pelvic_obliquity[_inside(times_s, standing)]
    level = float(np.mean(now)) if now.size else 0.0
    turns = np.interp([phase.turn_s for phase in phases], times_s, angles.pelvic_obliquity)
    return tuple(
        replace(phase, drop_deg=float(turn - level) * (1 if phase.side is Side.RIGHT else -1))
        for phase, turn in zip(phases, turns, strict=True)
    )


def _inside(times_s: Samples, span: Span) -> Samples:
    return np.flatnonzero((times_s >= span.start_s) & (times_s < span.stop_s))  # type: ignore[return-value]
