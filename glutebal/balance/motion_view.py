r"""What pictures of a movement are drawn from: angles over the repetition, postures at its extremes, points per rep.

::

    curves   0 %  __/¯¯\__  100 %      both sides, mean ± SD over the repetitions
    poses    stick figures              at the start and at the turn of the repetitions, seen from behind and the side
    points   • • ••  •                  one difference per repetition
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np

from glutebal.balance.site_waveform import MeanCurve
from glutebal.model import Bilateral, Side
from glutebal.results import Laterality, Phase, Rep, SetBalance

#: A joint of the stick figure and its side; the pelvis (middle between the hips) has none.
Joint = tuple[str, Side | None]
#: Metres: x forwards, y to the left, z up, as in `glutebal.signal.motion`; the pelvis is at the origin.
Point = tuple[float, float, float]
#: Lines of the stick figure, by side: between which joints.
BONES = (("pelvis", "hip"), ("hip", "knee"), ("knee", "ankle"), ("ankle", "toe"))


@dataclass(frozen=True, eq=False)
class AngleCurve:
    """One angle over the repetition, 101 nodes from 0 to 100 %.

    Parameters
    ----------
    name : str
        ``hip_flexion``, ``hip_abduction``, ``knee_flexion``, ``pelvic_obliquity``, ``pelvic_tilt``.
    title : str
        For people: "hip flexion".
    unit : str
        ``deg``.
    curves : Bilateral of MeanCurve
        Mean, SD and number of the repetitions of each side; of the midline (`is_midline`) all of them, twice, or, when
        the sides take turns, those of each side.
    is_midline : bool
        An angle of the pelvis: it has a sign and no sides.
    laterality : Laterality
        How the sides take part.
    positive : str
        What the sign means: "thigh forward of the pelvis".
    uncertainty : float
        The sensors' own error of the angle, 1 SD, in its unit; NaN when unknown.
    """

    name: str
    title: str
    unit: str
    curves: Bilateral[MeanCurve]
    is_midline: bool
    laterality: Laterality
    positive: str = ""
    uncertainty: float = float("nan")


@dataclass(frozen=True, eq=False)
class StickPose:
    """The body at one moment of the repetitions, the mean posture of all of them.

    Parameters
    ----------
    name : str
        ``start`` or ``turn``.
    title : str
        For people: "start", "deepest", "top".
    side : Side or None
        Of one-sided repetitions: whose; None: both sides work.
    joints_m : mapping of Joint to Point
        Joint centres: ``("pelvis", None)``, upwards of it ``("spine", None)``, and per side ``hip``, ``knee``,
        ``ankle``, ``toe``; what no sensor showed is missing.
    n : int
        Repetitions behind it.
    notes : tuple of str
        What to read beside it: "pelvis 6.2° lower on the left".
    """

    name: str
    title: str
    side: Side | None
    joints_m: Mapping[Joint, Point]
    n: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class MotionView:
    """All that the pictures of one set need.

    Parameters
    ----------
    curves : tuple of AngleCurve
        Empty without a calibration.
    poses : tuple of StickPose
        Start and turn, by side when the sides take turns; empty without a calibration.
    points : tuple of SetBalance
        The balances with a difference, each with its repetitions: the points are ``rep.difference``.
    phases : tuple of Phase
        Of the mean repetition, in per cent of it (0 to 100).
    duration_s : float
        Mean length of the repetitions.
    reason : str
        Why there is nothing to draw; empty when there is.
    method : str
        How the angles were found.
    """

    curves: tuple[AngleCurve, ...] = ()
    poses: tuple[StickPose, ...] = ()
    points: tuple[SetBalance, ...] = ()
    phases: tuple[Phase, ...] = ()
    duration_s: float = float("nan")
    reason: str = ""
    method: str = ""


def pooled_curves(recordings: Iterable[Sequence[AngleCurve]]) -> tuple[AngleCurve, ...]:
    """The curves of several recordings of one person as one: every angle over all repetitions."""
    named: dict[tuple[str, bool, Laterality], list[AngleCurve]] = {}
    for curve in chain.from_iterable(recordings):
        named.setdefault((curve.name, curve.is_midline, curve.laterality), []).append(curve)
    return tuple(_pooled_curve(alike) for alike in named.values())


def _pooled_curve(alike: Sequence[AngleCurve]) -> AngleCurve:
    """The error of the sensors does not average out over the recordings of a day; the largest is told."""
    curves = Bilateral.per_side(lambda side: MeanCurve.pooled([curve.curves[side] for curve in alike]))
    known = [curve.uncertainty for curve in alike if math.isfinite(curve.uncertainty)]
    return replace(alike[0], curves=curves, uncertainty=max(known, default=math.nan))


def pooled_poses(recordings: Iterable[Sequence[StickPose]]) -> tuple[StickPose, ...]:
    """The postures of several recordings as one; notes belong to one recording and go where there are several."""
    named: dict[tuple[str, str, Side | None], list[StickPose]] = {}
    for pose in chain.from_iterable(recordings):
        named.setdefault((pose.name, pose.title, pose.side), []).append(pose)
    return tuple(alike[0] if len(alike) == 1 else _pooled_pose(alike) for alike in named.values())


def _pooled_pose(alike: Sequence[StickPose]) -> StickPose:
    joints = dict.fromkeys(joint for pose in alike for joint in pose.joints_m)
    places = {joint: _mean_place([(p.joints_m[joint], p.n) for p in alike if joint in p.joints_m]) for joint in joints}
    return replace(alike[0], joints_m=places, n=sum(pose.n for pose in alike), notes=())


def _mean_place(places: Sequence[tuple[Point, int]]) -> Point:
    x, y, z = np.average([at for at, _ in places], axis=0, weights=[n for _, n in places]).tolist()
    return x, y, z


def mean_phases(reps: Sequence[Rep]) -> tuple[Phase, ...]:
    """The phases that most repetitions have, in per cent of the repetition."""
    names = [tuple(phase.name for phase in rep.phases) for rep in reps]
    usual = max(set(names), key=lambda found: (names.count(found), found), default=())
    rows = [rep for rep, found in zip(reps, names, strict=True) if found == usual]
    borders = np.array(
        [[[p.start - rep.start, p.stop - rep.start] for p in rep.phases] for rep in rows], dtype=np.float64
    )
    if not borders.size:
        return ()
    lengths = np.array([rep.stop - rep.start for rep in rows], dtype=np.float64)
    share = np.rint(100 * (borders / lengths[:, None, None]).mean(axis=0)).astype(int)
    return tuple(Phase(name, int(a), int(b)) for name, (a, b) in zip(usual, share, strict=True) if b > a)
