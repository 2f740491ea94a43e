"""What the angle curves and poses say, in words: for captions, and for a reader who cannot see the pictures."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from glutebal.balance.motion_view import AngleCurve, MotionView, StickPose
from glutebal.model import Samples, Side
from glutebal.report.differences import floor_told, told, unit_sign
from glutebal.report.reading import capital, counted, fixed, title
from glutebal.results import Grade, Laterality, SetBalance

TITLE = "Motion"
CAPTION = (
    "Lines: mean of the repetitions; bands: ± 1 standard deviation. Dots below: each repetition; upright bars: means, "
    "shaded: their 95 % ranges. Angles are counted from quiet standing; this describes a movement and is no diagnosis."
)
STICK_CAPTION = (
    "Mean posture, drawn from the sensors' angles with segments of usual length: for looking, not for measuring. "
    "Above: seen from behind, so that left is left. Below: seen from the right."
)


def is_one_line(curve: AngleCurve) -> bool:
    """Whether both sides hold the same curve: an angle of the midline in reps of both sides."""
    return curve.is_midline and curve.laterality is Laterality.BILATERAL


def drawn_sides(curve: AngleCurve) -> list[Side]:
    """The sides with a curve; of a midline angle the first only."""
    known = [side for side in Side if np.isfinite(curve.curves[side].mean).any()]
    return known[:1] if is_one_line(curve) else known


def points_of(curve: AngleCurve, points: Sequence[SetBalance]) -> list[SetBalance]:
    """The balances that belong to an angle: those whose measure begins with its name."""
    return [point for point in points if point.measure.startswith(curve.name)]


def other_points(motion: MotionView) -> list[SetBalance]:
    """The balances that belong to none of the angles that are drawn: the shift of the pelvis, the drop, times."""
    taken = {id(point) for curve in motion.curves for point in points_of(curve, motion.points)}
    return [point for point in motion.points if id(point) not in taken]


def curve_told(curve: AngleCurve, points: Sequence[SetBalance]) -> str:
    """The caption of an angle: its differences with their ranges, its error, and which side has no curve."""
    parts = [f"{capital(title(curve.title))}: + is {curve.positive}."] if curve.positive else []
    parts += [point_told(point, curve.laterality) for point in points]
    lost = [side.value for side in Side if side not in drawn_sides(curve)]
    if len(lost) == 1 and not is_one_line(curve):
        parts.append(f"No curve on the {lost[0]}.")
    if math.isfinite(curve.uncertainty):
        parts.append(f"The sensors' own error of this angle is about {_amount(curve.uncertainty, curve)}.")
    return " ".join(parts)


def point_told(point: SetBalance, laterality: Laterality) -> str:
    """One difference: "Hip flexion ROM: left 2.3° more (0.6 to 4.1), 8 reps; below what inertial sensors can tell"."""
    found, floor = point.difference, floor_told(point)
    many = f", {counted(found.n, laterality)}" if found is not None and found.status.has_value else ""
    return f"{capital(title(point.measure))}: {told(point)}{many}{'; ' * bool(floor)}{floor}."


def points_told(points: Sequence[SetBalance], laterality: Laterality) -> str:
    """The caption of differences that belong to no curve."""
    return " ".join(point_told(point, laterality) for point in points)


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


def doubts(motion: MotionView) -> list[str]:
    """What was doubtful about the motion, the worst first."""
    order = [Grade.BAD, Grade.SUSPECT]
    found = [finding for finding in motion.findings if finding.grade in order]
    return [finding.text for finding in sorted(found, key=lambda finding: order.index(finding.grade))]
