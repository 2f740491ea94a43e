r"""What pictures of a movement are drawn from: angles over the repetition, postures at its extremes, points per rep.

::

    curves   0 %  __/¯¯\__  100 %      both sides, mean ± SD over the repetitions
    poses    stick figures              at the start and at the turn of the repetitions, seen from behind and the side
    points   • • ••  •                  one difference per repetition
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from glutebal.balance.site_waveform import MeanCurve
from glutebal.model import Bilateral, Side
from glutebal.results import Finding, Laterality, Phase, SetBalance

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
    findings : tuple of Finding
        What was doubtful: the calibration, holes, headings.
    method : str
        How the angles were found.
    """

    curves: tuple[AngleCurve, ...] = ()
    poses: tuple[StickPose, ...] = ()
    points: tuple[SetBalance, ...] = ()
    phases: tuple[Phase, ...] = ()
    duration_s: float = float("nan")
    reason: str = ""
    findings: tuple[Finding, ...] = ()
    method: str = ""
