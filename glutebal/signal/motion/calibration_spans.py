r"""Where in a guided recording the person stood still, swung the legs forwards and sideways, and bowed.

::

    stand still 3 s | right leg forwards 3-5 × | left leg | right leg sideways 3-5 × | left leg | bow 3-5 ×
    ────────────────┼──/\/\/\─────────────────┼──────────┼──/\/\/\────────────────┼──────────┼──/\/\/\──
                      axis A                      axis A     axis B, across A                     pelvis, legs stand

Either leg may begin. A movement of both legs, a movement out of order, or 10 s without any ends the search.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from glutebal.errors import SignalError
from glutebal.model import Samples, Side
from glutebal.signal.motion import rotations
from glutebal.signal.motion.calibration import MIDLINE
from glutebal.signal.motion.functional import any_level
from glutebal.signal.motion.imu import Imu, ImuPiece
from glutebal.signal.motion.orientation import orientation
from glutebal.signal.motion.still_pose import StillPose, still_pose

LEAST_STATIC_S = 2.0
STEP_S = 0.25
#: A swing goes beyond the first, and is over below the second.
SWING_DEG, BACK_DEG = 15.0, 7.5
#: What else may move during a swing, as a share of it.
STANDS_SHARE = 0.5
ACROSS_DEG = 45.0
LONGEST_PAUSE_S = 10.0
LONGEST_S = 120.0
MARGIN_S = 0.3
ADVICE = "stand still for 3 s, then 3 swings of either straight leg forwards, 3 sideways, and 3 bows"


@dataclass(frozen=True)
class TimeSpan:
    """From ``start_s`` to ``stop_s`` on the session clock."""

    start_s: float
    stop_s: float


@dataclass(frozen=True)
class CalibrationSpans:
    """What `calibrate` needs, found in a recording; ``bow`` is None without one; ``first`` is the sensor that began."""

    static: TimeSpan
    flexion: TimeSpan
    abduction: TimeSpan
    bow: TimeSpan | None
    first: Side

    @property
    def start_s(self) -> float:
        """Where the calibration begins."""
        return self.static.start_s

    @property
    def stop_s(self) -> float:
        """Where the calibration ends."""
        return max(span.stop_s for span in (self.flexion, self.abduction, self.bow) if span is not None)


def find_calibration_spans(imus: Iterable[Imu]) -> CalibrationSpans:
    """Find the static pose and the movements; the first calibration of the recording that is whole.

    Parameters
    ----------
    imus : iterable of Imu
        At least one sensor on either thigh or shank, at one rate; with a pelvis the bow is found too.

    Raises
    ------
    SignalError
        No quiet standing, or not the movements after it; says what was found instead.
    """
    every = tuple(imus)
    legs = _legs(every)
    most, found = -1, "no quiet standing of 2 s"
    for static in _still_spans(every):
        movements = _movements(every, legs, static)
        spans = _spans(static, movements, min(imu.stop / imu.rate_hz for imu in every))
        if spans is not None:
            return spans
        if len(movements) > most:
            most, found = len(movements), f"quiet standing at {static.start_s:.1f} s, then {_told(movements)}"
    raise SignalError("quiet standing, then both legs forwards and sideways", found, "calibration", ADVICE)


class _Kind(Enum):
    """What a movement was."""

    LEG = "leg"
    BOW = "bow"
    OTHER = "other"


@dataclass(frozen=True, eq=False)
class _Movement:
    """One excursion: ``direction`` is its axis in the sensor's horizontal plane, shape (2,)."""

    kind: _Kind
    side: Side | None
    start_s: float
    stop_s: float
    direction: Samples


def _legs(imus: Sequence[Imu]) -> dict[Side, Imu]:
    """The best sensor of either leg: thigh, else shank, else foot."""
    order = ["thigh", "shank", "foot"]
    ranked = sorted((imu for imu in imus if imu.side and imu.site in order), key=lambda imu: -order.index(imu.site))
    legs = {imu.side: imu for imu in ranked if imu.side}
    if len(legs) < 2:
        found = ", ".join(imu.name for imu in imus) or "no sensor"
        raise SignalError("a sensor on either leg", found, "calibration")
    return legs


def _still_spans(imus: Sequence[Imu]) -> Iterable[TimeSpan]:
    """Runs of 2 s or more in which every sensor stands still, in time order."""
    start = max(imu.start / imu.rate_hz for imu in imus)
    stop = min(imu.stop / imu.rate_hz for imu in imus)
    begun: float | None = None
    for k in range(max(0, math.floor((stop - start - LEAST_STATIC_S) / STEP_S) + 1)):
        at = start + k * STEP_S
        if all(_is_still(imu, at) for imu in imus):
            begun = at if begun is None else begun
        elif begun is not None:
            yield TimeSpan(begun, at - STEP_S + LEAST_STATIC_S)
            begun = None
    if begun is not None:
        yield TimeSpan(begun, stop)


def _is_still(imu: Imu, at_s: float) -> bool:
    try:
        return still_pose(imu, at_s, at_s + LEAST_STATIC_S).is_still
    except SignalError:
        return False


def _movements(imus: Sequence[Imu], legs: dict[Side, Imu], static: TimeSpan) -> list[_Movement]:
    """Everything that moved after the static pose, in time order, up to the first hole."""
    pelvis = next((imu for imu in imus if imu.site in MIDLINE), None)
    parts: dict[Side | None, Imu | None] = {None: pelvis, Side.LEFT: legs[Side.LEFT], Side.RIGHT: legs[Side.RIGHT]}
    turned = {side: _turned_deg(imu, static) for side, imu in parts.items() if imu is not None}
    n = min(len(path) for path in turned.values())
    rate_hz = next(iter(legs.values())).rate_hz
    paths = {side: path[:n] for side, path in turned.items()}
    sizes = {side: np.linalg.norm(path, axis=1) for side, path in paths.items()}
    found = [
        _movement(side, a, b, paths, sizes, static.stop_s, rate_hz)
        for side in paths
        for a, b in _excursions(sizes[side])
    ]
    return sorted((m for m in found if m is not None), key=lambda m: m.start_s)


def _turned_deg(imu: Imu, static: TimeSpan) -> Samples:
    """How far it leans about two horizontal axes since the static pose, shape (n, 2), for up to two minutes."""
    pose = still_pose(imu, static.start_s, static.stop_s)
    whole = _piece_at(imu, static.stop_s)
    start = round(static.start_s * imu.rate_hz) - whole.start
    rows = slice(start, start + round(LONGEST_S * imu.rate_hz))
    part = Imu(imu.site, imu.side, imu.rate_hz, (ImuPiece(0, whole.gyr[rows], whole.acc[rows]),))
    up = rotations.up(orientation(part).pieces[0].quats)[round((static.stop_s - static.start_s) * imu.rate_hz) :]
    axis = np.cross(up, pose.up)
    sine = np.linalg.norm(axis, axis=1, keepdims=True)
    angle = np.rad2deg(np.arctan2(sine, (up @ pose.up)[:, None]))
    return np.asarray(angle * np.divide(axis, sine, out=np.zeros_like(axis), where=sine > 0) @ _horizontal(pose).T)


def _piece_at(imu: Imu, time_s: float) -> ImuPiece:
    at = round(time_s * imu.rate_hz)
    return next(piece for piece in imu.pieces if piece.start < at <= piece.stop)


def _horizontal(pose: StillPose) -> Samples:
    """Two directions at right angles to the vertical, shape (2, 3)."""
    across = any_level(pose.up)
    return np.stack([across, np.cross(pose.up, across)])


def _excursions(size: Samples) -> list[tuple[int, int]]:
    """Runs above `BACK_DEG` that go beyond `SWING_DEG`."""
    away = np.concatenate([[False], size > BACK_DEG, [False]])
    runs = np.flatnonzero(away[1:] != away[:-1]).reshape(-1, 2)
    return [(int(a), int(b)) for a, b in runs if size[a:b].max() > SWING_DEG]


def _movement(
    side: Side | None,
    a: int,
    b: int,
    paths: dict[Side | None, Samples],
    sizes: dict[Side | None, Samples],
    origin_s: float,
    rate_hz: float,
) -> _Movement | None:
    peak = a + int(np.argmax(sizes[side][a:b]))
    others = [float(size[peak]) for other, size in sizes.items() if other is not side]
    alone = max(others, default=0.0) < STANDS_SHARE * sizes[side][peak]
    if side is None and not alone:
        return None  # the pelvis goes along with the legs
    kind = _Kind.OTHER if not alone else _Kind.LEG if side else _Kind.BOW
    start_s, stop_s = origin_s + a / rate_hz, origin_s + b / rate_hz
    return _Movement(kind, side, start_s, stop_s, paths[side][peak] / sizes[side][peak])


def _spans(static: TimeSpan, movements: Sequence[_Movement], end_s: float) -> CalibrationSpans | None:
    """The movements sorted into the three blocks; None if both legs did not do both."""
    blocks: list[list[_Movement]] = [[], [], []]
    axes: dict[Side | None, Samples] = {}
    last_s, stage = static.stop_s, 0
    for movement in movements:
        if movement.kind is _Kind.OTHER or movement.start_s - last_s > LONGEST_PAUSE_S:
            break
        block = (
            2
            if movement.kind is _Kind.BOW
            else _is_across(axes.setdefault(movement.side, movement.direction), movement)
        )
        if block < stage:
            break
        blocks[block].append(movement)
        stage, last_s = block, movement.stop_s
    both = [{m.side for m in block} == set(Side) for block in blocks[:2]]
    if not all(both):
        return None
    flexion, abduction, bow = (_span(block, static.stop_s, end_s) for block in blocks)
    if flexion is None or abduction is None:
        return None
    first = blocks[0][0].side or Side.RIGHT
    return CalibrationSpans(static, flexion, abduction, bow, first)


def _is_across(axis: Samples, movement: _Movement) -> int:
    """1 if it is about another axis than the first swing of its leg, else 0."""
    return int(abs(float(axis @ movement.direction)) < math.cos(math.radians(ACROSS_DEG)))


def _span(block: Sequence[_Movement], earliest_s: float, latest_s: float) -> TimeSpan | None:
    if not block:
        return None
    return TimeSpan(max(block[0].start_s - MARGIN_S, earliest_s), min(block[-1].stop_s + MARGIN_S, latest_s))


def _told(movements: Sequence[_Movement]) -> str:
    if not movements:
        return "no movement"
    names = [f"{m.side.value} leg" if m.side and m.kind is _Kind.LEG else m.kind.value for m in movements[:12]]
    return ", ".join(names)
