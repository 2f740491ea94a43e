"""The inertial sensors of a recording: where they point, how they sit on the body, and what to doubt about them.

::

    channels ──imus──▶ sensors ──filter──▶ orientations ─┐
    calibration: given │ found at the start │ none ──────┴─▶ segments of the body (or the reason why there are none)
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path

from glutebal.analysis.orientation_parts import parts_of
from glutebal.errors import InputError, RateError, SignalError
from glutebal.model import Recording, Side
from glutebal.results import Finding, Grade
from glutebal.signal.motion.calibration import MIDLINE, Calibration, SegmentCalibration
from glutebal.signal.motion.calibration import calibrate as mounts_of
from glutebal.signal.motion.calibration_file import load_calibration
from glutebal.signal.motion.calibration_spans import ADVICE, CalibrationSpans, find_calibration_spans
from glutebal.signal.motion.imu import Imu, imus, sensor_name
from glutebal.signal.motion.orientation import Orientation, orientation
from glutebal.signal.motion.segments import Body, body
from glutebal.signal.motion.slip import slipped

CalibrationLike = Calibration | Recording | str | os.PathLike[str]

#: Segments of the body whose motion is analysed; a sensor on a muscle moves with its skin.
TRUNK = ("pelvis", "lumbar", "lower_back", "sacrum")
LEG = ("thigh", "shank", "foot")
TOUCHED = "repetitions that touch it have no value"
MANY_HOLES = 3
NO_CALIBRATION = "no calibration: none was given, and the recording does not begin with one"
NO_ANGLES = "the calibration cannot be used: joint angles are left out"
LUMBAR_ONLY = "only a sensor on the trunk: repetitions and steps can be counted, but nothing is known of either leg"


@dataclass(frozen=True, eq=False)
class Motion:
    """What the inertial sensors of a recording tell, before any repetition is known.

    Parameters
    ----------
    imus : tuple of Imu
        On the trunk and the legs.
    orientations : tuple of Orientation
        One per sensor.
    calibration : Calibration or None
        How they sit on their segments.
    spans : CalibrationSpans or None
        Where in this recording the calibration was done, if it was.
    why_not : str
        Why there is no calibration to use; empty when there is one.
    """

    imus: tuple[Imu, ...]
    orientations: tuple[Orientation, ...]
    calibration: Calibration | None = None
    spans: CalibrationSpans | None = None
    why_not: str = ""

    @cached_property
    def body(self) -> Body | None:
        """The calibrated segments; None without a calibration."""
        if self.calibration is None or self.why_not:
            return None
        good = tuple(segment for segment in self.calibration.segments if not _bad(segment.findings))
        static = self.spans.static if self.spans else None
        return body(self.orientations, replace(self.calibration, segments=good), static)

    @cached_property
    def after_calibration(self) -> tuple[Orientation, ...]:
        """The orientations without the calibration movements, which are no repetitions; its quiet standing stays."""
        if self.spans is None:
            return self.orientations
        static, stop_s = self.spans.static, self.spans.stop_s
        return tuple(
            parts_of(found, ((static.start_s, static.stop_s), (stop_s, math.inf))) for found in self.orientations
        )

    def has(self, site: str, side: Side | None) -> bool:
        """Whether a sensor is there."""
        return any((imu.site, imu.side) == (site, side) for imu in self.imus)

    def of(self, site: str, side: Side | None) -> Orientation | None:
        """The orientation of the sensor at a place, if there is one."""
        return next((o for o in self.orientations if (o.site, o.side) == (site, side)), None)

    def missing(self, *places: tuple[str, Side | None]) -> str:
        """Why a measure that needs these places has no value: a sensor, or its calibration, is missing; else empty."""
        absent = [sensor_name(*place) for place in places if not self.has(*place)]
        if absent:
            return f"no inertial sensor at the {' and the '.join(absent)}"
        if self.body is None:
            return self.why_not
        unknown = [place for place in places if not self.body.has(place)]
        return self._uncalibrated(unknown) if unknown else ""

    def _uncalibrated(self, places: Sequence[tuple[str, Side | None]]) -> str:
        """What was wrong with the calibration of these sensors; that there is none, if nothing was."""
        known = self.calibration.segments if self.calibration else ()
        bad = [text for s in known if (s.site, s.side) in places for text in _bad(s.findings)]
        names = " and the ".join(sensor_name(*place) for place in places)
        return bad[0] if bad else f"no calibration of the {names}"

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader should doubt, in sentences."""
        findings = self.calibration.all_findings if self.calibration else ()
        doubts = [finding.text for finding in findings if finding.grade is not Grade.GOOD]
        holes = [text for imu in self.imus for text in _holes(imu)]
        lumbar = [LUMBAR_ONLY] if all(imu.site in TRUNK for imu in self.imus) else []
        return (*doubts, *holes, *([self._lost] if self.why_not else []), *lumbar)

    @property
    def _lost(self) -> str:
        """Why there are no joint angles, without what a finding says already."""
        if self.calibration is None:
            return f"{self.why_not}; to have one: {ADVICE}"
        return NO_ANGLES if _bad(self.calibration.all_findings) else f"{self.why_not}; joint angles are left out"


def motion_of(recording: Recording, calibration: CalibrationLike | None = None) -> Motion | None:
    """The motion of a recording; None without inertial sensors on trunk or legs.

    Parameters
    ----------
    recording : Recording
        With acceleration and angular rate along x, y, z of each sensor.
    calibration : Calibration, Recording, path, or None
        Of these sensors in this session: as stored (``.json``), or the recording in which it was done. None: looked for
        in this recording.

    Raises
    ------
    SignalError
        An axis is missing, the acceleration is not near gravity, a sample is not finite.
    InputError
        The calibration given is for none of the sensors, or there are no sensors.
    """
    kept = [t for t in recording.tracks if t.channel.site in (*TRUNK, *LEG)]
    sensors = imus(replace(recording, tracks=tuple(kept)))
    if not sensors and calibration is not None:
        names = ", ".join(channel.name for channel in recording.channels) or "no channels"
        raise InputError("inertial sensors on the body for a calibration", names, recording.source)
    if not sensors:
        return None
    orientations = tuple(orientation(imu) for imu in sensors)
    if calibration is not None:
        return _given(Motion(sensors, orientations, as_calibration(calibration)))
    return _searched(Motion(sensors, orientations))


def as_calibration(given: object) -> Calibration:
    """A calibration, the one in a file, or the one that a recording shows."""
    if isinstance(given, Calibration):
        return given
    if isinstance(given, Recording):
        return calibrate(given)
    if not isinstance(given, str | os.PathLike):
        needed = "a Calibration, a Recording or a path as calibration"
        raise InputError(needed, type(given).__name__, "analyse(calibration=...)")
    path = Path(given)
    return load_calibration(path) if path.suffix.lower() == ".json" else calibrate(_read(path))


def calibrate(recording: Recording, first: Side | None = None) -> Calibration:
    """How the sensors of a recording sit on the body, from its static pose and functional movements.

    Parameters
    ----------
    recording : Recording
        Quiet standing for 3 s, either straight leg forwards 3 to 5 times, sideways 3 to 5 times, and 3 bows.
    first : Side or None
        The leg that was asked to begin, if one was: then swapped sensors show.

    Returns
    -------
    Calibration
        One rotation per sensor; ``findings`` say in words what was doubtful.

    Raises
    ------
    SignalError
        The pose or the movements are not there; says what was found instead.
    """
    kept = tuple(t for t in recording.tracks if t.channel.site in (*TRUNK, *LEG))
    sensors = imus(replace(recording, tracks=kept))
    spans = find_calibration_spans(sensors)
    return _calibrated(sensors, spans, first, str(recording.started or ""))


def _read(path: Path) -> Recording:
    from glutebal.ingest.read import read

    return read(path)


def _calibrated(sensors: Sequence[Imu], spans: CalibrationSpans, first: Side | None, taken: str) -> Calibration:
    known = [imu for imu in sensors if (imu.side is None) == (imu.site in MIDLINE)]
    return mounts_of(known, spans.static, spans.flexion, spans.abduction, spans.bow, first=first, taken=taken)


def _given(motion: Motion) -> Motion:
    """With the calibration that was handed in, which must be of these sensors."""
    calibration = motion.calibration
    if calibration is None:
        return motion
    known = {(segment.site, segment.side) for segment in calibration.segments}
    if not any((imu.site, imu.side) in known for imu in motion.imus):
        names = ", ".join(segment.name for segment in calibration.segments) or "no sensor"
        worn = ", ".join(imu.name for imu in motion.imus)
        raise InputError(f"a calibration of {worn}", f"one of {names}", "analyse(calibration=...)")
    spans = _spans(motion.imus)
    if spans is not None:
        told = tuple(_with_slip(segment, calibration, motion.imus, spans) for segment in calibration.segments)
        calibration = replace(calibration, segments=told)
    return replace(motion, calibration=calibration, spans=spans, why_not=_not_usable(motion.imus, calibration))


def _with_slip(
    segment: SegmentCalibration, calibration: Calibration, sensors: Sequence[Imu], spans: CalibrationSpans
) -> SegmentCalibration:
    """With a finding if its sensor stands otherwise than when it was calibrated."""
    own = [imu for imu in sensors if (imu.site, imu.side) == (segment.site, segment.side)]
    return replace(segment, findings=(*segment.findings, *slipped(calibration, own, spans.static)))


def _spans(sensors: Sequence[Imu]) -> CalibrationSpans | None:
    """Where a recording with a calibration of its own shows it; its movements are no repetitions."""
    try:
        return find_calibration_spans(sensors)
    except (SignalError, RateError, InputError):
        return None


def _searched(motion: Motion) -> Motion:
    """With the calibration that the recording itself begins with, if it does."""
    try:
        spans = find_calibration_spans(motion.imus)
        found = _calibrated(motion.imus, spans, None, "")
    except SignalError:
        return replace(motion, why_not=NO_CALIBRATION)
    except (RateError, InputError) as error:
        return replace(motion, why_not=f"{NO_CALIBRATION} ({error})")
    return replace(motion, calibration=found, spans=spans, why_not=_not_usable(motion.imus, found))


def _not_usable(sensors: Sequence[Imu], calibration: Calibration) -> str:
    """Why none of it can be used: sides swapped, every sensor doubtful, or several sampling rates."""
    bad = _bad(calibration.findings)
    if not bad and all(_bad(segment.findings) for segment in calibration.segments):
        bad = _bad(calibration.all_findings)
    if bad:
        return f"the calibration cannot be used: {bad[0]}"
    rates = {imu.name: imu.rate_hz for imu in sensors}
    if max(rates.values()) - min(rates.values()) > 1e-4 * max(rates.values()):
        told = ", ".join(f"{name} {rate:g} Hz" for name, rate in rates.items())
        return f"the calibration cannot be used: different sampling rates ({told}); resample before reading"
    return ""


def _bad(findings: Iterable[Finding]) -> list[str]:
    return [finding.text for finding in findings if finding.grade is Grade.BAD]


def _holes(imu: Imu) -> list[str]:
    """Every hole; of many only how many, how long and where they begin."""
    found = [(a.stop / imu.rate_hz, (b.start - a.stop) / imu.rate_hz) for a, b in pairwise(imu.pieces)]
    if len(found) > MANY_HOLES:
        seconds = sum(length_s for _, length_s in found)
        told = f"nothing was recorded {len(found)} times from {found[0][0]:.1f} s on, {seconds:.1f} s in all"
        return [f"{imu.name}: {told}; {TOUCHED}"]
    return [f"{imu.name}: nothing was recorded for {length:.1f} s at {at:.1f} s; {TOUCHED}" for at, length in found]
