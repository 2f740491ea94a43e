"""What the pelvis does in every repetition: its tilt at the turn, its drop on one leg, its shift to a side.

A value of the midline has a sign and no sides: an obliquity + with the right side higher, a shift + to the right, a
lumbar substitution + when the pelvis tips forwards where the hip should extend.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from glutebal.analysis.motion import Motion
from glutebal.analysis.motion_angles import Angles, AngleTrack, postures
from glutebal.analysis.motion_measures import Counted, absent, smoothed, told
from glutebal.balance.difference import midline_balance, sides_balance
from glutebal.model import Bilateral, Quantity, Side, Track
from glutebal.results import Estimate, Laterality, Rep, SetBalance, Status
from glutebal.signal.motion.pelvis import SOFT_TISSUE_SD_DEG
from glutebal.signal.motion.segments import PELVIS
from glutebal.signal.motion.shift import FRONTAL_TILT_SD_DEG, LateralShift, LegLengths, from_force, lateral_shift

PELVIS_SD_DEG = math.hypot(SOFT_TISSUE_SD_DEG, 0.6)
PEAK_S = 0.2
#: Exercises on one leg, and whether the leg that is counted stands; the other one does not touch the ground.
STANDS_ON_COUNTED = {
    "single_leg_stance": True,
    "single_leg_deadlift": True,
    "single_leg_romanian_deadlift": True,
    "hip_abduction": False,
}
#: Hips that are to be extended at the end of the lift.
EXTENDING = frozenset(
    {
        *("squat", "goblet_squat", "deadlift", "hip_thrust", "glute_bridge", "glute_bridge_wall_push"),
        *("glute_bridge_feet_raised", "single_leg_glute_bridge", "single_leg_hip_thrust", "prone_hip_extension"),
        *("kneeling_glute_kickback", "single_leg_deadlift", "single_leg_romanian_deadlift"),
    }
)
#: With the pelvis tilted further than this at the start of the rep the person lies or kneels.
UPRIGHT_DEG = 45.0
NOT_UPRIGHT = "the person does not stand"
NOT_RECORDED = "the pelvis was not recorded throughout the rep"
FIRST = "the first lockout is what the others are compared with"
#: Standard deviation of a shift of the pelvis in cm, from tilts: what soft tissue leaves of both legs.
SHIFT_SD_CM = 100 * 0.5 * math.sqrt(2) * math.radians(FRONTAL_TILT_SD_DEG) * 0.6


@dataclass(frozen=True, eq=False)
class Lifter:
    """What else is known for the measures of the pelvis.

    ``exercise`` by its catalogue name, ``height_m`` and ``stance_width_m`` as measured (None: not measured), ``force``
    under each foot.
    """

    exercise: str = ""
    height_m: float | None = None
    stance_width_m: float | None = None
    force: Bilateral[Track] | None = None


def pelvis_balances(motion: Motion, angles: Angles, counted: Counted, lifter: Lifter) -> Iterable[SetBalance]:
    """Every measure of the pelvis that this exercise has; without a calibration with the reason."""
    if not motion.has(*PELVIS):
        return
    tilt, obliquity = (angles.get(("pelvis", axis, None)) for axis in ("tilt", "obliquity"))
    why = motion.missing(PELVIS)
    if counted.laterality is Laterality.BILATERAL:
        rows = [(rep, _at_turn(obliquity, why, rep, counted.level)) for rep in counted.reps]
        yield _midline("pelvic_obliquity", "deg", rows, counted, PELVIS_SD_DEG)
    if _has_single_leg(counted, lifter):
        yield _drop_balance(tilt, obliquity, why, counted, lifter)
    if lifter.exercise in EXTENDING:
        rows = list(zip(counted.reps, _lumbar(tilt, why, counted), strict=True))
        yield _midline("lumbar_tilt_at_lockout", "deg", rows, counted, PELVIS_SD_DEG)
    if counted.laterality is Laterality.BILATERAL:
        yield from _shift_balance(motion, tilt, counted, lifter)


def _has_single_leg(counted: Counted, lifter: Lifter) -> bool:
    if counted.laterality is Laterality.CYCLIC:
        return any(rep.side and rep.phases for rep in counted.reps)
    return lifter.exercise in STANDS_ON_COUNTED


def _midline(name: str, unit: str, rows: Sequence[tuple[Rep, Estimate]], counted: Counted, shared: float) -> SetBalance:
    quantity = Quantity.POSITION if unit == "cm" else Quantity.ANGLE
    return midline_balance(
        name, "pelvis", quantity, unit, rows, level=counted.level, nothing=counted.nothing, extra_se=shared
    )


def turn_s(rep: Rep) -> float:
    """When a rep turns; its middle if it has no turn."""
    return rep.turn / rep.rate_hz if rep.turn is not None else 0.5 * (rep.start_s + rep.stop_s)


def _at_turn(track: AngleTrack | None, why: str, rep: Rep, level: float) -> Estimate:
    if track is None:
        return Estimate.none(Status.REFUSED, why, 1)
    value = track.at(turn_s(rep), PEAK_S)
    return told(value, PELVIS_SD_DEG, level) if math.isfinite(value) else Estimate.none(Status.REFUSED, NOT_RECORDED, 1)


def _drop_balance(
    tilt: AngleTrack | None, obliquity: AngleTrack | None, why: str, counted: Counted, lifter: Lifter
) -> SetBalance:
    """By the leg stood on; both sides are values of one sensor, so an error of its zero counts twice."""
    rows = []
    for rep in _single_leg(counted, lifter):
        found = Bilateral.per_side(lambda side: _drop(tilt, obliquity, why, rep, side, counted))  # noqa: B023
        rows.append((rep, found))
    return sides_balance(
        "pelvic_drop",
        "pelvis",
        Quantity.ANGLE,
        "deg",
        rows,
        level=counted.level,
        nothing=counted.nothing,
        extra_se=2 * PELVIS_SD_DEG,
    )


def _single_leg(counted: Counted, lifter: Lifter) -> list[Rep]:
    """The phases on one leg as reps of the leg stood on: the whole rep, or in walking the swing of the other foot."""
    if counted.laterality is Laterality.CYCLIC:
        swings = [(rep, phase) for rep in counted.reps for phase in rep.phases if phase.name == "swing" and rep.side]
        return [replace(rep, start=p.start, stop=p.stop, side=rep.side.other) for rep, p in swings if rep.side]
    if STANDS_ON_COUNTED[lifter.exercise]:
        return list(counted.reps)
    return [replace(rep, side=rep.side.other) if rep.side else rep for rep in counted.reps]


def _drop(
    tilt: AngleTrack | None, obliquity: AngleTrack | None, why: str, rep: Rep, side: Side, counted: Counted
) -> Estimate:
    resting = absent(rep, side, counted.laterality)
    if resting is not None:
        return replace(resting, reason=resting.reason.replace("works in", "is stood on in"))
    if tilt is None or obliquity is None:
        return Estimate.none(Status.REFUSED, why, 1)
    if abs(tilt.at(rep.start_s)) > UPRIGHT_DEG:
        return Estimate.none(Status.REFUSED, NOT_UPRIGHT, 1)
    part = obliquity.during(rep.start_s, rep.stop_s)
    if part is None:
        return Estimate.none(Status.REFUSED, NOT_RECORDED, 1)
    lowered = replace(part, deg=part.deg if side is Side.RIGHT else -part.deg)
    return told(float(smoothed(lowered, obliquity.rate_hz, PEAK_S).max()), PELVIS_SD_DEG, counted.level)


def _lumbar(tilt: AngleTrack | None, why: str, counted: Counted) -> list[Estimate]:
    """Tilt at each lockout: from standing, or where nobody stands from the first one."""
    if tilt is None:
        return [Estimate.none(Status.REFUSED, why, 1) for _ in counted.reps]
    found = [tilt.at(_lockout_s(rep)) for rep in counted.reps]
    level = next((value for value in found if math.isfinite(value)), math.nan)
    upright = not abs(level) > UPRIGHT_DEG
    out = []
    for k, value in enumerate(found):
        if not math.isfinite(value):
            out.append(Estimate.none(Status.REFUSED, NOT_RECORDED, 1))
        elif k == 0 and not upright:
            out.append(Estimate.none(Status.REFUSED, FIRST, 1))
        else:
            out.append(told(value - (0.0 if upright else level), PELVIS_SD_DEG, counted.level))
    return out


def _lockout_s(rep: Rep) -> float:
    """The end of the concentric phase; without one the end of the rep."""
    ends = [phase.stop / rep.rate_hz for phase in rep.phases if phase.name == "concentric"]
    return ends[-1] if ends else rep.stop_s


def _shift_balance(motion: Motion, tilt: AngleTrack | None, counted: Counted, lifter: Lifter) -> Iterable[SetBalance]:
    """The shift at the turn: from the force split if the stance was measured, else from the tilts of the legs."""
    if lifter.force is not None and lifter.stance_width_m is not None:
        rows = [(rep, _shift_of_force(lifter.force, lifter.stance_width_m, rep, counted.level)) for rep in counted.reps]
        yield _midline("lateral_shift", "cm", rows, counted, 0.0)
        return
    chain = [PELVIS, *((site, side) for side in Side for site in ("thigh", "shank"))]
    if not all(any(motion.has(site, side) for side in Side) for site in ("thigh", "shank")):
        return
    why = motion.missing(*chain)
    pieces: tuple[LateralShift, ...] = ()
    if motion.body is not None and not why:
        lengths = LegLengths.of_height(lifter.height_m) if lifter.height_m else None
        pieces = lateral_shift(motion.body, postures(motion, motion.body, counted.reps), lengths)
    rows = [(rep, _shift(pieces, tilt, why, rep, counted.level)) for rep in counted.reps]
    if not rows or any(found.reason != NOT_UPRIGHT for _, found in rows):
        yield _midline("lateral_shift", "cm", rows, counted, _shared_shift_cm(rows))


def _shared_shift_cm(rows: Sequence[tuple[Rep, Estimate]]) -> float:
    """The readings of one placement are wrong together."""
    known = [found.se for _, found in rows if math.isfinite(found.se)]
    return float(np.median(known)) if known else SHIFT_SD_CM


def _shift(pieces: Sequence[LateralShift], tilt: AngleTrack | None, why: str, rep: Rep, level: float) -> Estimate:
    if why:
        return Estimate.none(Status.REFUSED, why, 1)
    if tilt is None or min(abs(tilt.at(rep.start_s)), abs(tilt.at(turn_s(rep)))) > UPRIGHT_DEG:
        return Estimate.none(Status.REFUSED, NOT_UPRIGHT, 1)
    for piece in pieces:
        start, stop = (round((turn_s(rep) + d) * piece.rate_hz) - piece.start for d in (-PEAK_S / 2, PEAK_S / 2))
        if 0 <= start < stop <= piece.shift_m.size:
            value, sd = (100 * float(x[start:stop].mean()) for x in (piece.shift_m, piece.uncertainty_m))
            return replace(told(value, sd, level), method=piece.method)
    return Estimate.none(Status.REFUSED, "not every sensor of the five recorded the turn of the rep", 1)


def _shift_of_force(force: Bilateral[Track], width_m: float, rep: Rep, level: float) -> Estimate:
    loads = force.map(lambda track: _mean_load(track, turn_s(rep)))
    total = loads.left + loads.right
    if not total > 0:
        return Estimate.none(Status.REFUSED, "the force under the feet was not recorded at the turn of the rep", 1)
    shift = float(from_force(100 * (loads.right - loads.left) / total, width_m))
    method = f"force split at the turn, feet {width_m:.2f} m apart"
    return Estimate(100 * shift, n=1, method=method, level=level)


def _mean_load(track: Track, time_s: float) -> float:
    rate = track.channel.rate_hz
    part = track.between(*(round((time_s + d) * rate) for d in (-PEAK_S / 2, PEAK_S / 2))).values()
    return float(part.mean()) if part.size else math.nan
