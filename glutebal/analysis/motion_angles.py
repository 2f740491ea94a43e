"""The angles of a recording's joints as tracks: over each gap-free stretch, with their standard deviation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from glutebal.analysis.motion import Motion
from glutebal.model import Channel, Chunk, Quantity, Samples, Side, Track
from glutebal.results import Rep
from glutebal.signal.motion.angles import JointAngles, hip, knee
from glutebal.signal.motion.heading import Reset, known_postures
from glutebal.signal.motion.pelvis import PelvicAngles, pelvic_angles
from glutebal.signal.motion.segments import PELVIS, Body

#: Known postures per recording: of a long walk not every stride is needed to hold the heading.
MOST_RESETS = 60
AXES = ("flexion", "abduction", "rotation")


@dataclass(frozen=True, eq=False)
class AnglePiece:
    """An angle over one gap-free stretch from ``start`` on: degrees and their standard deviation, shape (n,) each."""

    start: int
    deg: Samples
    sd_deg: Samples


@dataclass(frozen=True, eq=False)
class AngleTrack:
    """One angle of one joint, piece by piece; side None is the pelvis."""

    joint: str
    axis: str
    side: Side | None
    rate_hz: float
    pieces: tuple[AnglePiece, ...]

    def during(self, start_s: float, stop_s: float) -> AnglePiece | None:
        """The samples of a stretch, if one piece covers it and all of it has a meaning."""
        for piece in self.pieces:
            start, stop = (round(t * self.rate_hz) - piece.start for t in (start_s, stop_s))
            if 0 <= start < stop <= piece.deg.size:
                part = slice(start, stop)
                found = AnglePiece(piece.start + start, piece.deg[part], piece.sd_deg[part])
                return found if np.isfinite(found.deg).all() else None
        return None

    def at(self, time_s: float, width_s: float = 0.2) -> float:
        """The mean around an instant in degrees; NaN if it was not recorded."""
        part = self.during(time_s - width_s / 2, time_s + width_s / 2)
        return float(part.deg.mean()) if part is not None else float("nan")

    @property
    def track(self) -> Track:
        """The same in rad, as a track of the recording."""
        channel = Channel(Quantity.ANGLE, self.side, self.joint, self.rate_hz, axis=self.axis, origin="from motion")
        runs = (chunk for piece in self.pieces for chunk in _finite(channel, piece))
        return Track.of(channel, runs)


Angles = Mapping[tuple[str, str, Side | None], AngleTrack]


def postures(motion: Motion, body: Body, reps: Sequence[Rep]) -> tuple[Reset, ...]:
    """The moments at which relative headings are known: standing in the calibration, the start of repetitions."""
    step = max(1, -(-len(reps) // MOST_RESETS))
    return known_postures(body, reps[::step], motion.spans)


def angle_tracks(motion: Motion, reps: Sequence[Rep]) -> Angles:
    """Every angle that the calibrated sensors show: hips, knees, pelvis; empty without a calibration."""
    body = motion.body
    if body is None:
        return {}
    known = postures(motion, body, reps)
    found: list[AngleTrack] = []
    for side in Side:
        if body.has(PELVIS, ("thigh", side)):
            found += _of_joint(hip(body, side, known), body.rate_hz)
        if body.has(("thigh", side), ("shank", side)):
            found += _of_joint(knee(body, side, known), body.rate_hz)
    if body.has(PELVIS):
        found += _of_pelvis(pelvic_angles(body), body.rate_hz)
    return {(track.joint, track.axis, track.side): track for track in found}


def _of_joint(pieces: Sequence[JointAngles], rate_hz: float) -> Iterable[AngleTrack]:
    for k, axis in enumerate(AXES if pieces else ()):
        own = tuple(
            AnglePiece(p.start, (p.flexion_deg, p.abduction_deg, p.rotation_deg)[k], p.uncertainty_deg[:, k])
            for p in pieces
        )
        yield AngleTrack(pieces[0].name, axis, pieces[0].side, rate_hz, own)


def _of_pelvis(pieces: Sequence[PelvicAngles], rate_hz: float) -> Iterable[AngleTrack]:
    for k, axis in enumerate(("tilt", "obliquity")):
        own = tuple(
            AnglePiece(p.start, (p.tilt_deg, p.obliquity_deg)[k], np.full(p.tilt_deg.size, p.uncertainty_deg))
            for p in pieces
        )
        yield AngleTrack("pelvis", axis, None, rate_hz, own)


def _finite(channel: Channel, piece: AnglePiece) -> tuple[Chunk, ...]:
    return Track.of_samples(channel, np.deg2rad(piece.deg), piece.start).chunks
