"""From an analysis to what the pictures of its movement are drawn from: curves, postures, points."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from glutebal.analysis.pelvis_measures import turn_s
from glutebal.analysis.stick import joints
from glutebal.balance.motion_view import AngleCurve, MotionView, StickPose, mean_phases
from glutebal.balance.site_waveform import MeanCurve
from glutebal.model import Bilateral, Quantity, Samples, Side, Track
from glutebal.results import Analysis, Laterality, Rep, SetBalance, Status
from glutebal.signal.curves import rep_curves

__all__ = ["AngleCurve", "MotionView", "StickPose", "motion_view"]

#: How long a posture is averaged.
POSE_S = 0.1
NO_REPS = "no repetition was found"
NO_SENSORS = "no inertial sensors on the body"
NO_JOINT = "no two neighbouring segments carry a sensor: there is no joint between them to draw"
METHOD = "joint angles from inertial sensors without a magnetometer (Wu et al. 2002 conventions)"


@dataclass(frozen=True)
class _Drawn:
    """An angle that is drawn: its place in the tracks, its names, what plus means."""

    name: str
    joint: str
    axis: str
    positive: str

    @property
    def title(self) -> str:
        return self.name.replace("_", " ")


DRAWN = (
    _Drawn("hip_flexion", "hip", "flexion", "thigh forward"),
    _Drawn("hip_abduction", "hip", "abduction", "thigh away from the midline"),
    _Drawn("knee_flexion", "knee", "flexion", "heel towards the buttock"),
    _Drawn("pelvic_tilt", "pelvis", "tilt", "forwards"),
    _Drawn("pelvic_obliquity", "pelvis", "obliquity", "right side higher"),
)
Places = Mapping[tuple[str, str, Side | None], Track]


def motion_view(analysis: Analysis) -> MotionView:
    """Angle curves, mean postures and points per rep of an analysis; empty, with a reason, where nothing can be drawn.

    Joint angles stand behind curves and postures; the points need no more than balances with a difference.
    """
    points = tuple(b for b in analysis.balances if b.difference is not None)
    reps = analysis.segmentation.reps
    if not (analysis.angles and reps):
        return MotionView(points=points, reason=_why_not(analysis, points))
    tracks = {(t.channel.site, t.channel.axis, t.channel.side): t for t in analysis.angles}
    return MotionView(
        curves=tuple(_curves(tracks, analysis, points)),
        poses=tuple(_poses(tracks, analysis)),
        points=points,
        phases=mean_phases(reps),
        duration_s=float(np.mean([rep.duration_s for rep in reps])),
        method=METHOD,
    )


def _why_not(analysis: Analysis, points: Sequence[SetBalance]) -> str:
    if any(t.channel.quantity is Quantity.ANGULAR_RATE for t in analysis.recording.tracks):
        refused = (p.difference.reason for p in points if p.difference and p.difference.status is Status.REFUSED)
        return NO_REPS if not analysis.segmentation.reps else next(refused, NO_JOINT)
    return NO_SENSORS


def _curves(tracks: Places, analysis: Analysis, points: Sequence[SetBalance]) -> Iterable[AngleCurve]:
    for drawn in DRAWN:
        midline = (drawn.joint, drawn.axis, None) in tracks
        sides = Bilateral.per_side(lambda side: tracks.get((drawn.joint, drawn.axis, None if midline else side)))  # noqa: B023
        if any(track is not None for track in sides):
            yield AngleCurve(
                drawn.name,
                drawn.title,
                "deg",
                Bilateral.per_side(lambda side: _mean_curve(sides[side], _own(analysis, side))),  # noqa: B023
                midline,
                analysis.segmentation.laterality,
                drawn.positive,
                _uncertainty(drawn.name, points),
            )


def _own(analysis: Analysis, side: Side) -> list[Rep]:
    return [rep for rep in analysis.segmentation.reps if rep.side in {None, side}]


def _mean_curve(track: Track | None, reps: Sequence[Rep]) -> MeanCurve:
    if track is None:
        return MeanCurve.of(np.empty((0, 101)))
    return MeanCurve.of(np.rad2deg(rep_curves(track, reps).values))


def _uncertainty(name: str, points: Sequence[SetBalance]) -> float:
    """The typical error of one reading of this angle."""
    alike = name.replace("tilt", "obliquity")  # both of the same sensor against the same gravity
    reps = [rep for point in points if point.measure.startswith(alike) for rep in point.reps]
    found = [s.se for rep in reps for s in (*rep.sides, rep.difference) if s and s.status.has_value]
    known = [se for se in found if math.isfinite(se)]
    return float(np.min(known)) if known else math.nan


def _poses(tracks: Places, analysis: Analysis) -> Iterable[StickPose]:
    if not any(joint == "hip" for joint, _, _ in tracks):
        return
    turns = analysis.segmentation.laterality is not Laterality.BILATERAL
    for side in tuple(Side) if turns else (None,):
        reps = [rep for rep in analysis.segmentation.reps if side is None or rep.side is side]
        for name in ("start", "turn"):
            times = [rep.start_s if name == "start" else turn_s(rep) for rep in reps]
            angles = {place: _mean_at(track, times) for place, track in tracks.items()}
            n = sum(math.isfinite(_at(tracks["pelvis", "tilt", None], t)) for t in times)
            if n and math.isfinite(angles["pelvis", "tilt", None]):
                yield StickPose(name, _title(name, analysis, reps), side, joints(angles), n, _notes(angles))


def _mean_at(track: Track, times: Sequence[float]) -> float:
    values = np.array([_at(track, time_s) for time_s in times])
    known: Samples = values[np.isfinite(values)]
    return float(np.rad2deg(known.mean())) if known.size else math.nan


def _at(track: Track, time_s: float) -> float:
    rate = track.channel.rate_hz
    start, stop = (round((time_s + d) * rate) for d in (-POSE_S / 2, POSE_S / 2))
    values = track.between(start, max(stop, start + 1)).values()
    return float(values.mean()) if values.size else math.nan


def _title(name: str, analysis: Analysis, reps: Sequence[Rep]) -> str:
    """In a walk a stride turns at toe-off, a lift that begins by lowering at its deepest."""
    if analysis.segmentation.laterality is Laterality.CYCLIC:
        return "heel strike" if name == "start" else "toe-off"
    first = reps[0].phases[0].name if reps and reps[0].phases else ""
    return name if name == "start" else {"eccentric": "deepest", "concentric": "top"}.get(first, "turn")


def _notes(angles: Mapping[tuple[str, str, Side | None], float]) -> tuple[str, ...]:
    lean = angles.get(("pelvis", "obliquity", None), math.nan)
    if not abs(lean) >= 1:
        return ()
    return (f"pelvis {abs(lean):.1f}° lower on the {'left' if lean > 0 else 'right'}",)
