"""What may be wrong with a calibration, in words: moved, too little, out of plane, swapped, upside down."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from glutebal.model import Samples, Side
from glutebal.results import Finding, Grade
from glutebal.signal.motion.functional import OUTWARDS, Swing
from glutebal.signal.motion.imu import Imu, sensor_name
from glutebal.signal.motion.still_pose import StillPose

#: Where a sensor is.
Place = tuple[str, Side | None]

#: Share of the variance of the angular rate along one axis: good from, refused below.
GOOD_VARIANCE = 0.85
LEAST_VARIANCE = 0.70
#: The smallest movement that shows an axis, in degrees.
LEAST_SWING_DEG = 15.0
#: How far from a right angle the axes of two movements may be before the reader is told.
LARGEST_SKEW_DEG = 20.0


@dataclass(frozen=True, eq=False)
class Seen:
    """One sensor in the calibration."""

    imu: Imu
    pose: StillPose
    flexion: Swing
    abduction: Swing
    bow: Swing | None

    @property
    def name(self) -> str:
        """For people."""
        return self.imu.name

    @property
    def midline(self) -> bool:
        """Whether it is on neither side."""
        return self.imu.side is None


def still_findings(seen: Seen) -> list[Finding]:
    """Whether the sensor stood still in the static pose."""
    pose = seen.pose
    if pose.is_still:
        return []
    text = (
        f"{seen.name}: not standing still in the static pose (turning by {pose.turning_deg_s:.1f}°/s, acceleration"
        f" varying by {pose.shaking_m_s2:.2f} m/s²); repeat it"
    )
    return [Finding("not_still", Grade.BAD if pose.is_moving else Grade.SUSPECT, text, pose.turning_deg_s, "°/s")]


def swing_findings(swing: Swing, name: str, movement: str) -> list[Finding]:
    """Whether a movement is large, in one plane, and about a level axis."""
    found = little(swing, name, movement, Grade.BAD)
    if not found and swing.explained_variance < GOOD_VARIANCE:
        found = [_many_axes(swing, name, movement)]
    if not found and swing.tilt_deg > LARGEST_SKEW_DEG:
        grade = Grade.SUSPECT if swing.tilt_deg < 3 * LARGEST_SKEW_DEG else Grade.BAD
        text = f"{name}: {movement} turned it about an axis {swing.tilt_deg:.0f}° out of the level; keep the knee ahead"
        found = [Finding("tilted_axis", grade, text, swing.tilt_deg, "°")]
    return found


def _many_axes(swing: Swing, name: str, movement: str) -> Finding:
    grade = Grade.SUSPECT if swing.explained_variance >= LEAST_VARIANCE else Grade.BAD
    text = (
        f"{name}: {movement} was not in one plane ({swing.explained_variance:.0%} of its turning is about one axis,"
        f" {GOOD_VARIANCE:.0%} expected); repeat it more slowly and straight"
    )
    return Finding("many_axes", grade, text, swing.explained_variance)


def little(swing: Swing, name: str, movement: str, grade: Grade) -> list[Finding]:
    """Whether a movement is too small to show an axis."""
    if swing.range_deg >= LEAST_SWING_DEG:
        return []
    text = f"{name}: too little movement, {movement} turned it by {swing.range_deg:.0f}°; 30° or more are needed"
    return [Finding("little_movement", grade, text, swing.range_deg, "°")]


def skewed(angle_deg: float, abduction: Swing, name: str) -> list[Finding]:
    """Whether the axes of two movements are far from a right angle."""
    if abduction.range_deg < LEAST_SWING_DEG or abs(angle_deg - 90) <= LARGEST_SKEW_DEG:
        return []
    text = f"{name}: the axes of the leg forwards and sideways are {angle_deg:.0f}° apart, 90° expected; repeat both"
    return [Finding("skewed", Grade.SUSPECT, text, angle_deg, "°")]


def swapped(seen: list[Seen], legs: Mapping[Place, Samples], first: Side | None) -> Iterable[Finding]:
    """Sites whose sensors went inwards on both sides when the legs went out, or began in the wrong order."""
    by_site: dict[str, dict[Side, Seen]] = {}
    for sensor in seen:
        if sensor.imu.side is not None:
            by_site.setdefault(sensor.imu.site, {})[sensor.imu.side] = sensor
    wrong = {site: {side for side, s in sides.items() if _inwards(s, legs)} for site, sides in by_site.items()}
    both = [site for site, sides in by_site.items() if len(sides) == 2 and len(wrong[site]) == 2]
    if both:
        yield _swap_finding(both, by_site, first)
    for site, sides in wrong.items():
        if site not in both:
            yield from (_one_wrong(sensor_name(site, side)) for side in sorted(sides, key=lambda s: s.value))


def _inwards(sensor: Seen, legs: Mapping[Place, Samples]) -> bool:
    """Whether the sensor went towards the midline when the leg went sideways."""
    if sensor.imu.side is None or sensor.abduction.range_deg < LEAST_SWING_DEG:
        return False
    forward = legs[sensor.imu.site, sensor.imu.side][0]
    return float(sensor.abduction.axis @ forward) * OUTWARDS[sensor.imu.side] < 0


def _swap_finding(sites: list[str], by_site: Mapping[str, Mapping[Side, Seen]], first: Side | None) -> Finding:
    what = " and ".join(f"{site}s" if site != "foot" else "feet" for site in sites)
    site = by_site[sites[0]]
    began = min(site, key=lambda side: site[side].flexion.first_s)
    if first is None or began is first:
        why = ", or the legs were swung backwards first"
    else:
        why = f", and the {began.value} one moved first instead of the {first.value}"
    text = f"the sensors of the {what} seem to be on the wrong side: they went inwards when the legs went out{why}"
    return Finding("swapped", Grade.BAD, text)


def _one_wrong(name: str) -> Finding:
    text = f"{name}: went inwards when the leg went sideways; was it swung backwards first, or is it on the other leg?"
    return Finding("inwards", Grade.BAD, text)


def upside_down(legs: Mapping[Place, Samples]) -> Iterable[Finding]:
    """Pairs of sensors whose own axes point against each other along the vertical."""
    for (site, side), left in legs.items():
        right = legs.get((site, Side.RIGHT))
        if side is Side.LEFT and right is not None and float(left[2] @ right[2]) < -0.5:
            text = f"one {site} sensor is upside down against the other; the calibration takes it into account"
            yield Finding("upside_down", Grade.SUSPECT, text)


def between_deg(a: Samples, b: Samples) -> float:
    """The angle between two axes, 0 to 90°."""
    return math.degrees(math.acos(min(abs(float(a @ b)), 1.0)))
