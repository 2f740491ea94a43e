"""The stick-figure strip: the mean posture at the extremes of the repetitions, from behind and from the right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np

from glutebal.balance.motion_view import BONES, Joint, StickPose
from glutebal.model import Samples, Side
from glutebal.report.figures.ink import INK, LINE, MUTED, PENS, blank, in_house_style, message
from glutebal.report.reading import capital

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

HEADING = "Posture at the extremes"
MOST_POSES = 4
#: Leg ends within this of the lowest one carry; the picture hangs on their middle.
STANDS_M = 0.05
MARGIN_M = 0.08
MARKED = ("hip", "knee", "ankle")

View = Callable[[Samples], Samples]
Places = dict[Joint, Samples]


@in_house_style
def stick_figure(poses: Sequence[StickPose]) -> Figure:
    """Up to four poses beside each other: above from behind (left is left), below from the right (forward is right).

    Left is a solid line with circles, right a dashed line with squares, the middle of the pelvis a dark dot. The
    dotted line stands upright over the middle of the feet that carry.

    Parameters
    ----------
    poses : sequence of StickPose
        Of ``result.motion_view.poses``.

    Returns
    -------
    matplotlib.figure.Figure
    """
    drawn = [pose for pose in poses if _has_a_thigh(pose)][:MOST_POSES]
    if not drawn:
        return message(HEADING, "no answer: a picture needs calibrated sensors on the pelvis and a thigh")
    figure = blank(4.6, HEADING)
    panels: Any = figure.subplots(2, len(drawn), squeeze=False)
    for row, (view, name) in enumerate(((from_behind, "from behind"), (from_the_right, "from the right"))):
        seen = [_seen(pose, view) for pose in drawn]
        for axes, places in zip(panels[row], seen, strict=True):
            _draw(axes, places)
        _same_frame(panels[row], seen)
        panels[row, 0].set_ylabel(name, color=MUTED)
    for axes, pose in zip(panels[0], drawn, strict=True):
        axes.set_title(_title(pose), fontsize=8.0, color=INK)
    return figure


def from_behind(points: Samples) -> Samples:
    """Points, shape (n, 3), as seen from behind: across towards the right, and up, shape (n, 2)."""
    return np.column_stack([-points[:, 1], points[:, 2]])


def from_the_right(points: Samples) -> Samples:
    """Points, shape (n, 3), as seen from the right: forward, and up, shape (n, 2)."""
    return np.asarray(points[:, [0, 2]])


def _has_a_thigh(pose: StickPose) -> bool:
    return any({("hip", side), ("knee", side)} <= pose.joints_m.keys() for side in Side)


def _seen(pose: StickPose, view: View) -> Places:
    """Every joint in one view, shape (2,) each, the feet that carry at the origin."""
    points = np.array(list(pose.joints_m.values()), dtype=np.float64)
    flat = view(points - _carried_by(pose))
    return dict(zip(pose.joints_m, flat, strict=True))


def _carried_by(pose: StickPose) -> Samples:
    """The middle of the leg ends that are lowest, shape (3,)."""
    ends = np.array([_end(pose, side) for side in Side if ("hip", side) in pose.joints_m], dtype=np.float64)
    carrying = ends[ends[:, 2] <= ends[:, 2].min() + STANDS_M]
    return np.asarray(carrying.mean(axis=0))


def _end(pose: StickPose, side: Side) -> tuple[float, float, float]:
    """The lowest known joint of a leg, the toe aside."""
    known = [joint for joint in MARKED if (joint, side) in pose.joints_m]
    return pose.joints_m[known[-1], side]


def _draw(axes: Axes, places: Places) -> None:
    axes.axvline(0, color=MUTED, linewidth=0.8, linestyle=(0, (1, 2)), zorder=0.5)
    axes.axhline(0, color=LINE, linewidth=1, zorder=0.4)
    for side in Side:
        _draw_leg(axes, places, side)
    _draw_middle(axes, places)
    axes.set_aspect("equal")
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)


def _draw_leg(axes: Axes, places: Places, side: Side) -> None:
    pen = PENS[side]
    names = [name for bone in BONES for name in bone if name != "pelvis"]
    leg = [places[name, side] for name in dict.fromkeys(names) if (name, side) in places]
    if not leg:
        return
    joints = [places[name, side] for name in MARKED if (name, side) in places]
    axes.plot(*np.transpose(leg), color=pen.colour, linestyle=pen.dash, linewidth=1.8)
    axes.plot(*np.transpose(joints), pen.marker, color=pen.colour, markersize=4.2, linestyle="none")


def _draw_middle(axes: Axes, places: Places) -> None:
    """The pelvis from hip to hip, and its long axis where one is known."""
    across = [places[joint] for joint in (("hip", Side.LEFT), ("pelvis", None), ("hip", Side.RIGHT)) if joint in places]
    axes.plot(*np.transpose(across), color=INK, linewidth=2.4, solid_capstyle="round", zorder=1.9)
    upwards = [places[joint] for joint in (("pelvis", None), ("spine", None)) if joint in places]
    if len(upwards) == 2:
        axes.plot(*np.transpose(upwards), color=INK, linewidth=1.8, zorder=1.9)
    if ("pelvis", None) in places:
        axes.plot(*places["pelvis", None], "o", color=INK, markersize=3.4)


def _same_frame(panels: Sequence[Axes], seen: Sequence[Places]) -> None:
    """One scale for all poses of a view."""
    every = np.concatenate([np.stack(list(places.values())) for places in seen])
    (left, low), (right, high) = every.min(axis=0) - MARGIN_M, every.max(axis=0) + MARGIN_M
    for axes in panels:
        axes.set_xlim(left, right)
        axes.set_ylim(low, high)


def _title(pose: StickPose) -> str:
    leg = f"\n{pose.side.value} leg" if pose.side else ""
    return f"{fill(capital(pose.title), 17)}{leg}"
