"""Segments of the body: calibrated orientations of several sensors over the stretches that all of them recorded.

::

    sensor to world  ∘  (sensor to segment)⁻¹   =   segment to world        heading still arbitrary for every sensor
    left thigh   [....................]   [.........]
    pelvis          [..........................]
    together        [.................]   [....]                            nothing is told across a hole
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from glutebal.errors import InputError, RateError
from glutebal.model import Samples, Side
from glutebal.signal.motion import rotations
from glutebal.signal.motion.calibration import Calibration, Span
from glutebal.signal.motion.calibration_checks import Place
from glutebal.signal.motion.imu import Imu, sensor_name
from glutebal.signal.motion.orientation import Orientation, OrientationPiece
from glutebal.signal.motion.still_pose import between

PELVIS: Place = ("pelvis", None)
#: How long the tilt at either end of the static pose is averaged.
EDGE_S = 0.7
#: How well the static pose tells the gyroscope's error about horizontal axes; about the vertical the body may turn.
REST_SD_DEG_S = 0.05


@dataclass(frozen=True, eq=False)
class SegmentPiece:
    """One segment over a gap-free stretch ``[start, stop)``.

    Parameters
    ----------
    start : int
        The first sample on the session clock.
    quats : ndarray, shape (n, 4)
        Segment to world, w first; its heading has nothing to do with that of any other piece or segment.
    tilt_sd_deg : float
        Standard deviation of the tilt.
    bias_sd_deg_s : tuple of float
        How well the gyroscope's error about the segment's x, y, z is known: what is about the vertical becomes drift.
    """

    start: int
    quats: Samples
    tilt_sd_deg: float
    bias_sd_deg_s: tuple[float, float, float]

    @property
    def stop(self) -> int:
        """One past the last sample."""
        return self.start + len(self.quats)

    def between(self, start: int, stop: int) -> SegmentPiece:
        """The samples of ``[start, stop)``, which must be inside."""
        part = slice(start - self.start, stop - self.start)
        return SegmentPiece(start, self.quats[part], self.tilt_sd_deg, self.bias_sd_deg_s)


@dataclass(frozen=True, eq=False)
class Segment:
    """One calibrated segment, piece by piece; ``axis_sd_deg`` is the standard error of its axes' heading."""

    site: str
    side: Side | None
    rate_hz: float
    pieces: tuple[SegmentPiece, ...]
    axis_sd_deg: float = 0.0

    @property
    def name(self) -> str:
        """For people: ``left thigh``."""
        return sensor_name(self.site, self.side)


@dataclass(frozen=True, eq=False)
class Body:
    """All calibrated segments of a recording, at one sampling rate."""

    segments: Mapping[Place, Segment]

    @property
    def rate_hz(self) -> float:
        """Samples per second of every segment."""
        return next(iter(self.segments.values())).rate_hz

    def has(self, *places: Place) -> bool:
        """Whether there is a segment at every place."""
        return all(place in self.segments for place in places)

    def of(self, place: Place) -> Segment:
        """The segment at a place.

        Raises
        ------
        InputError
            No sensor was there.
        """
        if place not in self.segments:
            found = ", ".join(segment.name for segment in self.segments.values())
            raise InputError(f"a calibrated sensor at the {sensor_name(*place)}", found, "Body")
        return self.segments[place]

    def together(self, *places: Place) -> tuple[tuple[SegmentPiece, ...], ...]:
        """The stretches that all places recorded, in time order: one piece per place each."""
        return common([self.of(place).pieces for place in places])


def body(orientations: Iterable[Orientation], calibration: Calibration, static: Span | None = None) -> Body:
    """Turn the orientations of calibrated sensors into those of their segments.

    Sensors without a calibration, and samples before the filter had settled, are left out.

    Parameters
    ----------
    orientations : iterable of Orientation
        Of this recording.
    calibration : Calibration
        Of the same placement of the sensors.
    static : Span or None
        Quiet standing in this recording: its mean angular rate is a better bias than the one the filter finds in
        movement, and heading is integrated again with it.

    Raises
    ------
    InputError
        None of the sensors was calibrated.
    RateError
        The sensors have different sampling rates.
    """
    known = {(segment.site, segment.side): segment for segment in calibration.segments}
    found = [o for o in orientations if (o.site, o.side) in known]
    if not found:
        raise InputError(
            "orientations of calibrated sensors", "none", "body", "calibrate the sensors of this recording"
        )
    _one_rate(found)
    segments = {}
    for orientation in found:
        place = (orientation.site, orientation.side)
        pieces = tuple(_pieces(orientation, known[place].matrix, rest_bias(orientation.imu, static)))
        segments[place] = Segment(*place, orientation.rate_hz, pieces, known[place].axis_sd_deg)
    return Body(segments)


def common(tracks: Sequence[Sequence[SegmentPiece]]) -> tuple[tuple[SegmentPiece, ...], ...]:
    """The stretches that every track covers, in time order: one piece per track each."""
    out: list[tuple[SegmentPiece, ...]] = [(piece,) for piece in tracks[0]] if tracks else []
    for track in tracks[1:]:
        out = [both for row in out for piece in track if (both := _cut(row, piece))]
    return tuple(out)


def _cut(row: tuple[SegmentPiece, ...], piece: SegmentPiece) -> tuple[SegmentPiece, ...]:
    start, stop = max(row[0].start, piece.start), min(row[0].stop, piece.stop)
    return tuple(p.between(start, stop) for p in (*row, piece)) if start < stop else ()


def rest_bias(imu: Imu, static: Span | None) -> Samples | None:
    """What the gyroscope showed in quiet standing, without the little that the sensor really tilted, rad/s, shape (3,).

    None without a static pose in this recording.
    """
    if static is None:
        return None
    part = between(imu, static.start_s, static.stop_s)
    edge = max(1, round(EDGE_S * imu.rate_hz))
    first, last = (rotations.normalised(part.acc[rows].mean(axis=0)) for rows in (slice(edge), slice(-edge, None)))
    seconds = (part.n_samples - edge) / imu.rate_hz
    return np.asarray(part.gyr.mean(axis=0) - np.cross(last - first, first) / seconds)


def _pieces(orientation: Orientation, mount: Samples, bias: Samples | None) -> Iterable[SegmentPiece]:
    turn = rotations.conjugate(rotations.of_matrices(mount[None]))
    for piece in orientation.pieces:
        skip = piece.settled_from - piece.start
        if piece.settled_from < piece.stop:
            quats = rotations.multiply(_reintegrated(piece, bias, orientation.rate_hz)[skip:], turn)
            drift = float(np.median(piece.heading_drift_deg_s[skip:]))
            sd = (drift, drift, drift) if bias is None else (REST_SD_DEG_S, REST_SD_DEG_S, drift)
            yield SegmentPiece(piece.settled_from, quats, piece.uncertainty_deg, sd)


def _reintegrated(piece: OrientationPiece, bias: Samples | None, rate_hz: float) -> Samples:
    """The quaternions with the heading that they would have with this bias."""
    if bias is None:
        return piece.quats
    turn = np.cumsum(np.sum((piece.bias - bias) * rotations.up(piece.quats), axis=1)) / rate_hz
    return rotations.multiply(rotations.about_z(turn), piece.quats)


def _one_rate(orientations: Sequence[Orientation]) -> None:
    rates = {orientation.imu.name: orientation.rate_hz for orientation in orientations}
    if max(rates.values()) - min(rates.values()) > 1e-4 * max(rates.values()):
        found = ", ".join(f"{name} {rate:g} Hz" for name, rate in rates.items())
        raise RateError("one sampling rate for all sensors", found, "body", "resample before reading")


def sagittal_tilt_deg(quats: Samples) -> Samples:
    """How far each segment leans forwards in its own sagittal plane, −180 to 180°, from gravity alone; (n, 4) -> (n,).

    A thigh lifted forwards leans backwards: its upper end is behind its lower one.
    """
    up = rotations.up(quats)
    return np.rad2deg(np.arctan2(-up[:, 0], up[:, 2]))


def lateral_tilt_deg(quats: Samples) -> Samples:
    """How far the medio-lateral axis of each segment is raised on the right, −90 to 90°, from gravity alone."""
    return np.rad2deg(np.arcsin(np.clip(-rotations.up(quats)[:, 1], -1.0, 1.0)))


def in_sagittal_plane(quats: Samples) -> Samples:
    """How much of the vertical lies in each segment's sagittal plane, 0 to 1: below 0.5 planar angles mean little."""
    up = rotations.up(quats)
    return np.hypot(up[:, 0], up[:, 2])


def wrapped_deg(angle: Samples) -> Samples:
    """Angles in −180 to 180°."""
    return np.asarray(np.remainder(angle + 180.0, 360.0) - 180.0)
