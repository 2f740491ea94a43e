"""What both legs do in every repetition: range and extremes of hip and knee, in degrees; tempo, in s; right minus left.

::

    hip flexion  ──smoothed 0.1 s──▶ largest, smallest, range      per rep and side
    without calibration: how far each sensor leaned from where it was at the start of the rep, from gravity alone
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from glutebal.analysis.motion import Motion
from glutebal.analysis.motion_angles import AnglePiece, Angles, AngleTrack
from glutebal.balance.difference import sides_balance
from glutebal.model import Bilateral, Quantity, Samples, Side
from glutebal.results import Estimate, Laterality, Rep, Segmentation, SetBalance, Status
from glutebal.signal.motion.orientation import Orientation
from glutebal.signal.motion.rotations import up

SMOOTH_S = 0.1
#: What does not average out over repetitions, as a standard deviation per side: calibration and soft tissue.
RANGE_SD_DEG = 1.5
#: An extreme also has the error of the neutral posture in it; in abduction that of the heading too.
PEAK_SD_DEG = 2.0
ABDUCTION_SD_DEG = 2.5
#: The first repetitions of a knee are its own baseline.
BASELINE_REPS = 3
NO_ANGLE = "not recorded throughout the rep"
NO_WORKER = "which leg worked cannot be told from the sensors that were worn"
READING = "orientation, soft tissue and calibration"

Reading = Callable[[Samples], float]


@dataclass(frozen=True)
class JointMeasure:
    """One number per leg and rep, from one angle. ``of`` sees the smoothed angle in degrees."""

    name: str
    joint: str
    axis: str
    needs: tuple[str, ...]
    of: Reading
    sd_deg: float


def _largest(angle: Samples) -> float:
    return float(angle.max())


def _beyond(angle: Samples) -> float:
    return float(-angle.min())


def _range(angle: Samples) -> float:
    return float(np.ptp(angle))


HIP, KNEE = ("pelvis", "thigh"), ("thigh", "shank")
JOINT_MEASURES = (
    JointMeasure("hip_flexion_rom", "hip", "flexion", HIP, _range, RANGE_SD_DEG),
    JointMeasure("hip_flexion_peak", "hip", "flexion", HIP, _largest, PEAK_SD_DEG),
    JointMeasure("hip_extension_peak", "hip", "flexion", HIP, _beyond, PEAK_SD_DEG),
    JointMeasure("hip_abduction_peak", "hip", "abduction", HIP, _largest, ABDUCTION_SD_DEG),
    JointMeasure("hip_adduction_peak", "hip", "abduction", HIP, _beyond, ABDUCTION_SD_DEG),
    JointMeasure("knee_flexion_rom", "knee", "flexion", KNEE, _range, RANGE_SD_DEG),
    JointMeasure("knee_frontal_change", "knee", "abduction", KNEE, _largest, RANGE_SD_DEG),
)
#: Counted from the own first repetitions: its level is the calibration's, only its change is the person's.
FROM_BASELINE = frozenset({"knee_frontal_change"})


@dataclass(frozen=True)
class Counted:
    """The repetitions to measure, the level of the intervals, and why there are no repetitions, if there are none."""

    segmentation: Segmentation
    level: float = 0.95
    nothing: str = ""

    @property
    def reps(self) -> tuple[Rep, ...]:
        """In time order."""
        return self.segmentation.reps

    @property
    def laterality(self) -> Laterality:
        """How the sides take part."""
        return self.segmentation.laterality


def leg_balances(motion: Motion, angles: Angles, counted: Counted) -> Iterable[SetBalance]:
    """Every measure of the legs whose sensors were worn at least on one side; without a calibration with the reason."""
    for measure in JOINT_MEASURES:
        if any(motion.has(measure.needs[1], side) for side in Side) and motion.has(*_place(measure.needs[0], motion)):
            yield _joint_balance(measure, motion, angles, counted)
    walks = counted.laterality is Laterality.CYCLIC  # strides say more
    if not walks and (motion.body is None or not motion.has("pelvis", None)):
        yield from _leaning_balances(motion, counted)
    yield from duration_balance(counted)


def _place(site: str, motion: Motion) -> tuple[str, Side | None]:
    """Where a site is looked for: the pelvis has no side, of a leg either will do."""
    if site == "pelvis":
        return site, None
    return site, next((side for side in Side if motion.has(site, side)), Side.LEFT)


def _joint_balance(measure: JointMeasure, motion: Motion, angles: Angles, counted: Counted) -> SetBalance:
    missing = Bilateral.per_side(lambda side: motion.missing(*_places(measure.needs, side)))
    tracks = Bilateral.per_side(lambda side: angles.get((measure.joint, measure.axis, side)))
    rows = [
        Bilateral.per_side(lambda side: _reading(measure, tracks[side], missing[side], rep, side, counted))  # noqa: B023
        for rep in counted.reps
    ]
    if measure.name in FROM_BASELINE:
        rows = _from_baseline(rows)
    pairs = list(zip(counted.reps, rows, strict=True))
    return sides_balance(
        measure.name,
        measure.joint,
        Quantity.ANGLE,
        "deg",
        pairs,
        level=counted.level,
        nothing=counted.nothing,
        extra_se=math.sqrt(2) * measure.sd_deg,
    )


def _places(needs: tuple[str, ...], side: Side) -> tuple[tuple[str, Side | None], ...]:
    return tuple((site, None if site == "pelvis" else side) for site in needs)


def absent(rep: Rep, side: Side, laterality: Laterality) -> Estimate | None:
    """Why a side has no value in a rep that it may not have taken part in; None if it did."""
    if rep.side is None and laterality is not Laterality.BILATERAL:
        return Estimate.none(Status.REFUSED, NO_WORKER, 1)
    if rep.side not in {None, side}:
        return Estimate.none(Status.UNPAIRED, f"the {side.other.value} side works in this rep", 1)
    return None


def _reading(
    measure: JointMeasure, track: AngleTrack | None, missing: str, rep: Rep, side: Side, counted: Counted
) -> Estimate:
    resting = absent(rep, side, counted.laterality)
    if resting is not None:
        return resting
    if track is None or missing:
        return Estimate.none(Status.REFUSED, missing or NO_ANGLE, 1)
    part = track.during(rep.start_s, rep.stop_s)
    if part is None:
        return Estimate.none(Status.REFUSED, f"the {side.value} {measure.joint} was {NO_ANGLE}", 1)
    value = measure.of(smoothed(part, track.rate_hz))
    return told(value, math.hypot(measure.sd_deg, float(np.median(part.sd_deg))), counted.level)


def told(value: float, sd: float, level: float) -> Estimate:
    """One reading with the interval of its sensors."""
    from glutebal.balance.estimate import t_quantile

    half = t_quantile(level, math.inf) * sd
    return Estimate(value, value - half, value + half, sd, 1, READING, level=level)


def smoothed(part: AnglePiece, rate_hz: float, width_s: float = SMOOTH_S) -> Samples:
    """Moving means, so that one shaken sample is no extreme."""
    window = min(max(1, round(width_s * rate_hz)), part.deg.size)
    return np.convolve(part.deg, np.full(window, 1 / window), mode="valid")


def _from_baseline(rows: Sequence[Bilateral[Estimate]]) -> list[Bilateral[Estimate]]:
    """Every side counted from the median of its own first repetitions."""
    levels = Bilateral.per_side(lambda side: _level([row[side].value for row in rows]))
    return [Bilateral.per_side(lambda side: _lowered(row[side], levels[side])) for row in rows]  # noqa: B023


def _level(values: Sequence[float]) -> float:
    seen = [value for value in values if math.isfinite(value)][:BASELINE_REPS]
    return float(np.median(seen)) if seen else math.nan


def _lowered(found: Estimate, level: float) -> Estimate:
    return replace(found, value=found.value - level, low=found.low - level, high=found.high - level)


def _leaning_balances(motion: Motion, counted: Counted) -> Iterable[SetBalance]:
    """How far thighs and shanks leaned, whatever way their sensors were put on."""
    for site in ("thigh", "shank"):
        sensors = Bilateral.per_side(lambda side: motion.of(site, side))  # noqa: B023
        if any(sensor is not None for sensor in sensors):
            rows = [(rep, Bilateral.per_side(lambda side: _lean(sensors[side], rep, side, site, counted)))  # noqa: B023
                    for rep in counted.reps]  # fmt: skip
            yield sides_balance(
                f"{site}_lean_range",
                site,
                Quantity.ANGLE,
                "deg",
                rows,
                level=counted.level,
                nothing=counted.nothing,
                extra_se=math.sqrt(2) * RANGE_SD_DEG,
            )


def _lean(sensor: Orientation | None, rep: Rep, side: Side, site: str, counted: Counted) -> Estimate:
    """The largest angle between the vertical in the sensor now and at the start of the rep."""
    resting = absent(rep, side, counted.laterality)
    if resting is not None:
        return resting
    if sensor is None:
        return Estimate.none(Status.REFUSED, f"no inertial sensor at the {side.value} {site}", 1)
    start, stop = (round(t * sensor.rate_hz) for t in (rep.start_s, rep.stop_s))
    quats = sensor.filled(start, stop)
    if not len(quats) or not np.isfinite(quats).all():
        return Estimate.none(Status.REFUSED, f"the {side.value} {site} was {NO_ANGLE}", 1)
    vertical = up(quats)
    angle = np.rad2deg(np.arccos(np.clip(vertical @ vertical[0], -1, 1)))
    piece = AnglePiece(start, angle, np.zeros(angle.size))
    return told(_largest(smoothed(piece, sensor.rate_hz)), RANGE_SD_DEG, counted.level)


def duration_balance(counted: Counted) -> Iterable[SetBalance]:
    """How long one-sided repetitions took, right minus left; nothing where both sides work together."""
    if counted.laterality is not Laterality.UNILATERAL or not counted.reps:
        return
    rows = [(rep, Bilateral.per_side(lambda side: _seconds(rep, side, counted))) for rep in counted.reps]  # noqa: B023
    yield sides_balance("rep_duration", "leg", Quantity.ANGULAR_RATE, "s", rows, level=counted.level)


def _seconds(rep: Rep, side: Side, counted: Counted) -> Estimate:
    resting = absent(rep, side, counted.laterality)
    return resting or Estimate(rep.duration_s, n=1, method="from the motion", level=counted.level)
