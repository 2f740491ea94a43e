"""Mean angle curves and postures of a recording as rows, and back; lists of numbers are JSON, unknown ones null."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from glutebal.balance.motion_view import AngleCurve, Point, StickPose
from glutebal.balance.site_waveform import MeanCurve
from glutebal.history.database import Row
from glutebal.history.rows import number, side_of, side_text, unknown
from glutebal.model import Bilateral, Samples, Side
from glutebal.results import Laterality

NODES = 101  # from 0 to 100 % of the repetition
CURVE = (
    *("recording_id", "position", "name", "title", "unit", "positive", "midline", "laterality", "uncertainty"),
    *("left_reps", "left_omitted", "left_mean", "left_sd", "right_reps", "right_omitted", "right_mean", "right_sd"),
)
POSTURE = ("recording_id", "position", "name", "title", "side", "reps", "joints", "notes")


def curve_rows(recording: int, curves: Sequence[AngleCurve]) -> Iterator[Row]:
    """One row per angle."""
    for k, c in enumerate(curves):
        head = (recording, k, c.name, c.title, c.unit, c.positive, int(c.is_midline), c.laterality.value)
        sides = (cell for side in Side for cell in _curve_cells(c.curves[side]))
        yield *head, number(c.uncertainty), *sides


def _curve_cells(curve: MeanCurve) -> Row:
    return int(curve.n), int(curve.left_out), _numbers(curve.mean), _numbers(curve.sd)


def curve_of(row: Sequence[Any]) -> AngleCurve:
    """Back from a row without its first two cells."""
    name, title, unit, positive, midline, laterality, uncertainty, *sides = row
    curves = Bilateral(_curve_of(sides[:4]), _curve_of(sides[4:]))
    return AngleCurve(name, title, unit, curves, bool(midline), Laterality(laterality), positive, unknown(uncertainty))


def _curve_of(cells: Sequence[Any]) -> MeanCurve:
    reps, omitted, mean, sd = cells
    return MeanCurve(_samples(mean), _samples(sd), int(reps), int(omitted))


def posture_rows(recording: int, poses: Sequence[StickPose]) -> Iterator[Row]:
    """One row per posture."""
    for k, pose in enumerate(poses):
        joints = [[name, side_text(side), *map(float, at)] for (name, side), at in pose.joints_m.items()]
        texts = (json.dumps(joints, ensure_ascii=False), json.dumps(pose.notes, ensure_ascii=False))
        yield recording, k, pose.name, pose.title, side_text(pose.side), int(pose.n), *texts


def posture_of(row: Sequence[Any]) -> StickPose:
    """Back from a row without its first two cells."""
    name, title, side, reps, joints, notes = row
    at = {(joint, side_of(of)): _place(*place) for joint, of, *place in json.loads(joints)}
    return StickPose(name, title, side_of(side), at, int(reps), tuple(json.loads(notes)))


def _numbers(values: Samples) -> str:
    return json.dumps([None if math.isnan(x) else x for x in values.tolist()], separators=(",", ":"))


def _samples(text: str) -> Samples:
    values = np.array([unknown(x) for x in json.loads(text)], dtype=np.float64)
    if values.size != NODES or np.isinf(values).any():
        raise ValueError(f"a curve of {values.size} numbers, not {NODES}")
    return values


def _place(*at: Any) -> Point:
    x, y, z = map(float, at)
    if not all(map(math.isfinite, (x, y, z))):
        raise ValueError("a joint that is nowhere")
    return x, y, z
