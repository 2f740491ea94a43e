"""From sensor axes to segment axes: a static pose and a few known movements.

::

    quiet standing       gravity                 z  up, in the sensor
    leg forward, 3-5 ×   main axis of the rate   y  medio-lateral, at a right angle to z; forwards first gives its sign
    leg sideways, 3-5 ×  main axis of the rate   x  is checked: nearly at a right angle to y, outwards on both sides
    bow, 3-5 ×           main axis of the rate   y  of the pelvis; without it, from how the pelvis goes with the legs

Nothing here needs a magnetometer: heading is arbitrary in every sensor, but the axes are sought in the sensor itself.
The angular rate does it alone (Luinge et al. 2007; Seel et al. 2014), so no orientation filter stands before it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from glutebal.errors import InputError, UnknownNameError
from glutebal.model import Samples, Side
from glutebal.results import Finding, Grade
from glutebal.signal.motion.calibration_checks import (
    LEAST_SWING_DEG,
    Place,
    Seen,
    between_deg,
    little,
    skewed,
    still_findings,
    swapped,
    swing_findings,
    upside_down,
)
from glutebal.signal.motion.functional import Swing, axes_from, followed_axis, swing_of
from glutebal.signal.motion.imu import Imu, sensor_name
from glutebal.signal.motion.still_pose import still_pose

Rows = tuple[tuple[float, float, float], tuple[float, float, float], tuple[float, float, float]]

#: A pelvis that only follows the legs shows its heading no better than this, in degrees.
FOLLOWED_SD_DEG = 8.0
MIDLINE = frozenset({"pelvis", "lumbar"})


class Span(Protocol):
    """A stretch of time on the session clock."""

    @property
    def start_s(self) -> float:
        """Where it begins, in seconds."""

    @property
    def stop_s(self) -> float:
        """Where it ends, in seconds."""


@dataclass(frozen=True)
class SegmentCalibration:
    """How one sensor sits on its segment.

    Parameters
    ----------
    site, side
        The sensor's place.
    mount : tuple of three rows
        Rotation from sensor to segment axes: its rows are the segment's x, y, z in the sensor.
    explained_variance : float
        Share of the angular rate's variance along the flexion axis, 0 to 1; of a pelvis without a movement of its own
        the share of its turning that goes with the legs.
    axis_angle_deg : float
        Between the flexion and the abduction axis: 90 when both movements stayed in their planes. NaN: not seen.
    axis_tilt_deg : float
        Of the flexion axis out of the horizontal: 0 when the leg went straight forwards.
    axis_sd_deg : float
        Standard error of the heading of the axes.
    findings : tuple of Finding
        What was doubtful, in words.
    """

    site: str
    side: Side | None
    mount: Rows
    explained_variance: float
    axis_angle_deg: float = math.nan
    axis_tilt_deg: float = math.nan
    axis_sd_deg: float = math.nan
    findings: tuple[Finding, ...] = ()

    @property
    def name(self) -> str:
        """For people: ``left thigh``."""
        return sensor_name(self.site, self.side)

    @property
    def matrix(self) -> Samples:
        """`mount` as an array, shape (3, 3)."""
        return np.array(self.mount, dtype=np.float64)


@dataclass(frozen=True)
class Calibration:
    """How all sensors of a session sit on their segments.

    Parameters
    ----------
    segments : tuple of SegmentCalibration
        One per sensor.
    taken : str
        When, as the caller writes it.
    method : str
        From which movements.
    findings : tuple of Finding
        What concerns the sensors together: sides swapped, one upside down.
    """

    segments: tuple[SegmentCalibration, ...]
    taken: str = ""
    method: str = ""
    findings: tuple[Finding, ...] = ()

    def of(self, site: str, side: Side | None) -> SegmentCalibration:
        """The segment at a place.

        Raises
        ------
        UnknownNameError
            No sensor was calibrated there.
        """
        for segment in self.segments:
            if (segment.site, segment.side) == (site, side):
                return segment
        raise UnknownNameError.among("calibrated sensor", sensor_name(site, side), (s.name for s in self.segments))

    @property
    def all_findings(self) -> tuple[Finding, ...]:
        """Those of the sensors together, then those of each."""
        return (*self.findings, *(finding for segment in self.segments for finding in segment.findings))

    @property
    def grade(self) -> Grade:
        """The worst of the findings: with a bad one no angle should be read."""
        order = [Grade.GOOD, Grade.SUSPECT, Grade.BAD]
        return max((finding.grade for finding in self.all_findings), key=order.index, default=Grade.GOOD)

    @property
    def swapped(self) -> bool:
        """Whether left and right sensors seem to be on the other side."""
        return any(finding.kind == "swapped" for finding in self.findings)


def calibrate(
    imus: Iterable[Imu],
    static: Span,
    flexion: Span,
    abduction: Span,
    bow: Span | None = None,
    *,
    first: Side | None = None,
    taken: str = "",
) -> Calibration:
    """Find how every sensor sits on its segment.

    Parameters
    ----------
    imus : iterable of Imu
        Sensors of the pelvis and the legs.
    static : Span
        Quiet upright standing, 2 s or more: feet hip-wide and straight ahead, knees straight. Angles count from here.
    flexion, abduction : Span
        From the first to the last of 3 to 5 swings of either straight leg, forwards and sideways, by 30° or more.
    bow : Span or None
        3 to 5 bows with a straight back, by 30° or more: the pelvis turns about its own axis.
    first : Side or None
        The leg that was asked to begin, if one was: the order then also shows whether the sensors are swapped.
    taken : str
        When, to be kept with it.

    Raises
    ------
    InputError
        No sensor, or one whose site or side is not of a leg or the pelvis.
    SignalError
        A sensor did not record the whole of a span.
    """
    seen = [_seen(imu, static, flexion, abduction, bow) for imu in imus]
    if not seen:
        raise InputError("inertial sensors to calibrate", "none", "calibrate")
    legs = {(s.imu.site, s.imu.side): _leg(s) for s in seen if not s.midline}
    thighs = [s for s in seen if s.imu.site == "thigh"] or [s for s in seen if not s.midline]
    done = [_pelvis(s, thighs, legs) if s.midline else legs[s.imu.site, s.imu.side] for s in seen]
    mounts = {place: segment.matrix for place, segment in legs.items()}
    together = (*swapped(seen, mounts, first), *upside_down(mounts))
    return Calibration(tuple(done), taken, _method(seen), together)


def _seen(imu: Imu, static: Span, flexion: Span, abduction: Span, bow: Span | None) -> Seen:
    if (imu.side is None) != (imu.site in MIDLINE):
        needed = "the sides of sensors on the legs, and none for the pelvis"
        raise InputError(needed, f"a sensor at {imu.name!r}", "calibrate", "map its site and side")
    pose = still_pose(imu, static.start_s, static.stop_s)
    forwards, sideways = (swing_of(imu, pose, span.start_s, span.stop_s) for span in (flexion, abduction))
    bowed = None if bow is None else swing_of(imu, pose, bow.start_s, bow.stop_s)
    return Seen(imu, pose, forwards, sideways, bowed)


def _leg(seen: Seen) -> SegmentCalibration:
    """Thigh, shank or foot: the leg forwards turns about −y, so the axis is against the first swing."""
    swing = seen.flexion
    mount = axes_from(seen.pose.up, -swing.axis)
    side_swing = seen.abduction
    angle = between_deg(side_swing.horizontal_axis, swing.horizontal_axis)
    findings = [
        *still_findings(seen),
        *swing_findings(swing, seen.name, "the leg forwards"),
        *little(side_swing, seen.name, "the leg sideways", Grade.SUSPECT),
        *skewed(angle, side_swing, seen.name),
    ]
    return _segment(seen, mount, swing, angle, findings)


def _pelvis(seen: Seen, legs: list[Seen], calibrated: Mapping[Place, SegmentCalibration]) -> SegmentCalibration:
    """The pelvis by its own bow (forwards is +y), else by how it goes with the legs."""
    if seen.bow is not None and seen.bow.range_deg >= LEAST_SWING_DEG:
        mount = axes_from(seen.pose.up, seen.bow.axis)
        findings = [*still_findings(seen), *swing_findings(seen.bow, seen.name, "the bow")]
        return _segment(seen, mount, seen.bow, math.nan, findings)
    return _followed(seen, legs, calibrated)


def _followed(seen: Seen, legs: list[Seen], calibrated: Mapping[Place, SegmentCalibration]) -> SegmentCalibration:
    leg_axes = [calibrated[leg.imu.site, leg.imu.side].matrix for leg in legs]
    flexions = [(leg.flexion, axes[1]) for leg, axes in zip(legs, leg_axes, strict=True)]
    abductions = [(leg.abduction, axes[0]) for leg, axes in zip(legs, leg_axes, strict=True)]
    axis, share = followed_axis(seen.pose.up, seen.flexion, flexions, seen.abduction, abductions)
    grade = Grade.SUSPECT if share >= 0.5 else Grade.BAD
    text = (
        f"{seen.name}: without a bow its forward direction comes from how it went with the legs"
        f" ({share:.0%} of its turning): pelvic angles may mix by some {FOLLOWED_SD_DEG:.0f}°; bow 3 times to be sure"
    )
    findings = (*still_findings(seen), Finding("pelvis_heading", grade, text, share))
    mount = _rows(axes_from(seen.pose.up, axis))
    return SegmentCalibration(seen.imu.site, None, mount, share, axis_sd_deg=FOLLOWED_SD_DEG, findings=findings)


def _segment(seen: Seen, mount: Samples, swing: Swing, angle_deg: float, findings: list[Finding]) -> SegmentCalibration:
    return SegmentCalibration(
        seen.imu.site,
        seen.imu.side,
        _rows(mount),
        swing.explained_variance,
        angle_deg,
        swing.tilt_deg,
        swing.axis_sd_deg,
        tuple(findings),
    )


def _method(seen: list[Seen]) -> str:
    movements = "static pose, hip flexion and abduction"
    return f"{movements}, bow" if any(s.bow is not None for s in seen) else movements


def _rows(matrix: Samples) -> Rows:
    x, y, z = ((float(a), float(b), float(c)) for a, b, c in matrix)
    return x, y, z
