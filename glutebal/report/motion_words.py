"""What the angle curves and poses say, in words: for captions, and for a reader who cannot see the pictures."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from glutebal.balance.motion_view import AngleCurve, MotionView, StickPose
from glutebal.model import Samples, Side
from glutebal.report.differences import floor_told, told, unit_sign
from glutebal.report.reading import capital, counted, fixed, title
from glutebal.results import Laterality, SetBalance

TITLE = "Motion"
CURVES_CAPTION = (
    "Lines: mean of the repetitions; bands: ± 1 standard deviation; angles are counted from quiet standing. "
)
DOTS_CAPTION = (
    "Dots: each repetition; upright bars: means; shaded: their 95 % ranges. "
    "This describes a movement and is no diagnosis."
)
STICK_CAPTION = (
    "Mean posture, drawn from the sensors' angles with segments of usual length: for looking, not for measuring. "
    "Above: seen from behind, so that left is left. Below: seen from the right."
)

#: Measures of an angle that are named for its other direction.
OTHER_WAY = {
    "hip_flexion": ("hip_extension",),
    "hip_abduction": ("hip_adduction",),
    "pelvic_tilt": ("lumbar_tilt",),
    "pelvic_obliquity": ("pelvic_drop",),
}


def is_one_line(curve: AngleCurve) -> bool:
    """Whether both sides hold the same curve: an angle of the midline in reps of both sides."""
    return curve.is_midline and curve.laterality is Laterality.BILATERAL


def drawn_sides(curve: AngleCurve) -> list[Side]:
    """The sides with a curve; of a midline angle the first only."""
    known = [side for side in Side if np.isfinite(curve.curves[side].mean).any()]
    return known[:1] if is_one_line(curve) else known


def points_of(curve: AngleCurve, points: Sequence[SetBalance]) -> list[SetBalance]:
    """The balances that belong to an angle: those whose measure begins with its name, or with its other direction's."""
    names = (curve.name, *OTHER_WAY.get(curve.name, ()))
    return [point for point in points if point.measure.startswith(names)]


def other_points(motion: MotionView) -> list[SetBalance]:
    """The balances that belong to none of the angles that are drawn: the shift of the pelvis, the drop, times."""
    taken = {id(point) for curve in motion.curves for point in points_of(curve, motion.points)}
    return [point for point in motion.points if id(point) not in taken]


def curve_told(curve: AngleCurve, points: Sequence[SetBalance]) -> str:
    """The caption of an angle: its differences with their ranges, its error, and which side has no curve."""
    parts = [f"{capital(title(curve.title))}: + is {curve.positive}."] if curve.positive else []
    parts += [points_told(points, curve.laterality)] if points else []
    lost = [side.value for side in Side if side not in drawn_sides(curve)]
    if len(lost) == 1 and not is_one_line(curve):
        parts.append(f"No curve on the {lost[0]}.")
    if math.isfinite(curve.uncertainty):
        parts.append(f"The sensors' own error of this angle is about {_amount(curve.uncertainty, curve)}.")
    return " ".join(parts)


def points_told(points: Sequence[SetBalance], laterality: Laterality) -> str:
    """Differences with their ranges, then which of them are smaller than the sensors can tell.

    "Hip flexion ROM: left 2.3° more (0.6 to 4.1), 8 reps. Below what inertial sensors can tell (5°): hip flexion ROM."
    """
    floors: dict[str, list[str]] = {}
    for point in points:
        floors.setdefault(floor_told(point), []).append(title(point.measure))
    parts = [_point_told(point, laterality) for point in points]
    for floor, names in floors.items():
        which = "all of them" if 1 < len(names) == len(points) else ", ".join(names)
        parts += [f"{capital(floor)}: {which}."] if floor else []
    return " ".join(parts)


def _point_told(point: SetBalance, laterality: Laterality) -> str:
    found = point.difference
    many = f", {counted(found.n, laterality)}" if found is not None and found.status.has_value else ""
    return f"{capital(title(point.measure))}: {told(point)}{many}."


def curve_described(curve: AngleCurve, points: Sequence[SetBalance]) -> str:
    """For a reader who cannot see the curves: where they begin, turn and end, then the caption."""
    head = f"{capital(title(curve.title))} from 0 to 100 % of the {noun_of(curve.laterality)}"
    courses = "; ".join(_course(curve, side) for side in drawn_sides(curve)) or "no curve"
    return f"{head}. {capital(courses)}. {curve_told(curve, points)}".rstrip()


def noun_of(laterality: Laterality) -> str:
    """What is counted: rep or stride."""
    return "stride" if laterality is Laterality.CYCLIC else "rep"


def _course(curve: AngleCurve, side: Side) -> str:
    found = curve.curves[side]
    who = "middle of the body" if is_one_line(curve) else side.value
    top, low = int(np.nanargmax(found.mean)), int(np.nanargmin(found.mean))
    ends = f"{_at(curve, found.mean, 0)} at the start, {_at(curve, found.mean, -1)} at the end"
    extremes = f"highest {_at(curve, found.mean, top)} at {top} %, lowest {_at(curve, found.mean, low)} at {low} %"
    return f"{who} ({counted(found.n, curve.laterality)}): {ends}, {extremes}"


def _at(curve: AngleCurve, mean: Samples, node: int) -> str:
    return _amount(float(mean[node]), curve)


def _amount(value: float, curve: AngleCurve) -> str:
    return f"{fixed(value)}{unit_sign(curve.unit)}" if math.isfinite(value) else "n/a"


def pose_told(pose: StickPose, laterality: Laterality) -> str:
    """One pose: which moment, of how many reps, and what to read beside it."""
    leg = f", {pose.side.value} leg" if pose.side else ""
    head = f"{capital(pose.title)}{leg} ({counted(pose.n, laterality)})"
    return f"{head}: {'; '.join(pose.notes)}" if pose.notes else head


def poses_described(poses: Sequence[StickPose], laterality: Laterality) -> str:
    """For a reader who cannot see the stick figures: what each shows, and where knees and hips are."""
    each = ". ".join(pose_told(pose, laterality) + _places(pose) for pose in poses)
    return f"Stick figures from behind and from the right. {each}."


def _places(pose: StickPose) -> str:
    """How high the hips are over the lower end of the legs, and which one is higher."""
    hips = {side: pose.joints_m.get(("hip", side)) for side in Side}
    left, right = hips[Side.LEFT], hips[Side.RIGHT]
    if left is None or right is None:
        return ""
    floor = min(point[2] for point in pose.joints_m.values())
    height = 50 * (left[2] + right[2]) - 100 * floor
    return (
        f"; hips {fixed(height, 0)} cm over the lowest point, right minus left {fixed(100 * (right[2] - left[2]))} cm"
    )
