"""Parts of a recorded orientation: what a calibration took is no part of the set."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from glutebal.signal.motion.imu import ImuPiece
from glutebal.signal.motion.orientation import Orientation, OrientationPiece


def parts_of(found: Orientation, spans_s: Sequence[tuple[float, float]]) -> Orientation:
    """Only what was recorded in the spans, which are in time order."""
    cuts = [
        (raw, piece, max(piece.start, math.floor(start_s * found.rate_hz)), min(piece.stop, stop_s * found.rate_hz))
        for raw, piece in zip(found.imu.pieces, found.pieces, strict=True)
        for start_s, stop_s in spans_s
    ]
    kept = [(raw, piece, a, math.floor(b)) for raw, piece, a, b in cuts if b - a >= 1]
    imu = replace(found.imu, pieces=tuple(_raw_part(raw, a, b) for raw, _, a, b in kept))
    return Orientation(imu, tuple(_part(piece, a, b) for _, piece, a, b in kept), found.method)


def _raw_part(piece: ImuPiece, start: int, stop: int) -> ImuPiece:
    part = slice(start - piece.start, stop - piece.start)
    return replace(piece, start=start, gyr=piece.gyr[part], acc=piece.acc[part])


def _part(piece: OrientationPiece, start: int, stop: int) -> OrientationPiece:
    part = slice(start - piece.start, stop - piece.start)
    return replace(
        piece,
        start=start,
        quats=piece.quats[part],
        settled_from=min(max(piece.settled_from, start), stop),
        bias=piece.bias[part],
        heading_drift_deg_s=piece.heading_drift_deg_s[part],
        rest=piece.rest[part],
    )
