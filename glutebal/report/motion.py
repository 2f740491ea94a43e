"""The motion section of a page: angle curves, differences that belong to none, stick figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from glutebal.report import motion_words as words
from glutebal.report.figures.angles import angles_figure
from glutebal.report.figures.stick import stick_figure
from glutebal.report.figures.strips import has_points, strips_figure
from glutebal.report.svg import inline_svg
from glutebal.results import Laterality

if TYPE_CHECKING:
    from markupsafe import Markup

    from glutebal.balance.motion_view import AngleCurve, MotionView

OTHER, ALONE = "Other differences", "Differences rep by rep"


def motion_section(motion: MotionView | None, laterality: Laterality, prefix: str = "") -> dict[str, Any] | None:
    """What the template of a page needs; None when there is nothing to show. ``prefix`` keeps names of parts apart."""
    if motion is None or not (motion.curves or motion.poses or motion.points):
        return None
    return {
        "title": words.TITLE,
        "reason": motion.reason,
        "figures": [*_angles(motion, prefix), *_others(motion, laterality, prefix)],
        "caption": words.CURVES_CAPTION * bool(motion.curves) + words.DOTS_CAPTION,
        "stick": _stick(motion, laterality, prefix),
        "stick_told": [words.pose_told(pose, laterality) for pose in motion.poses if pose.notes],
        "stick_caption": words.STICK_CAPTION,
        "method": motion.method,
    }


def _angles(motion: MotionView, prefix: str) -> list[dict[str, Any]]:
    return [_angle(curve, motion, f"{prefix}a{i}") for i, curve in enumerate(motion.curves)]


def _angle(curve: AngleCurve, motion: MotionView, prefix: str) -> dict[str, Any]:
    points = words.points_of(curve, motion.points)
    svg = inline_svg(angles_figure(curve, points, motion.phases), words.curve_described(curve, points), prefix)
    return {"svg": svg, "told": words.curve_told(curve, points)}


def _others(motion: MotionView, laterality: Laterality, prefix: str) -> list[dict[str, Any]]:
    points = [point for point in words.other_points(motion) if has_points(point)]
    if not points:
        return []
    told, heading = words.points_told(points, laterality), OTHER if motion.curves else ALONE
    return [{"svg": inline_svg(strips_figure(points, heading), f"{heading}. {told}", f"{prefix}ao"), "told": told}]


def _stick(motion: MotionView, laterality: Laterality, prefix: str) -> Markup | None:
    if not motion.poses:
        return None
    return inline_svg(stick_figure(motion.poses), words.poses_described(motion.poses, laterality), f"{prefix}st")
