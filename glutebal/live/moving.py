"""The inertial sensors of a running set: repetitions, and what each of them shows of ranges, drop and shift."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from glutebal.analysis.motion import LEG, TRUNK, CalibrationLike, as_calibration
from glutebal.analysis.moved import rep_settings
from glutebal.coach.exercises import Exercise
from glutebal.errors import GlutebalError
from glutebal.live.growing import GrowingTrack
from glutebal.model import Bilateral, Chunk, Quantity, Samples, Side
from glutebal.results import Laterality, Rep, Working
from glutebal.signal.motion.imu import ImuPiece
from glutebal.signal.motion.online_angles import AngleName, AngleRows
from glutebal.signal.motion.online_motion import MotionRun, OnlineMotion
from glutebal.signal.motion.online_reps import OnlineReps
from glutebal.signal.motion.shift import LegLengths

Place = tuple[str, Side | None]
Axes = dict[tuple[Quantity, str], GrowingTrack]

SENSED = (Quantity.ANGULAR_RATE, Quantity.ACCELERATION)
STOOD = (Working.PLANTED, Working.OTHER_HIP)  # the side of a rep is the one that carries
XYZ = ("x", "y", "z")
MEET_S = 1.0  # so long sensors may take to turn up; who comes later is in the analysis of the set, not live


@dataclass(frozen=True)
class RepMotion:
    """What the motion of one rep shows; NaN is not known."""

    depth_deg: Bilateral[float] = field(default_factory=lambda: Bilateral(math.nan, math.nan))
    range_deg: float = math.nan
    pelvic_drop_deg: float = math.nan
    lateral_shift_cm: float = math.nan


class Moving:
    """The inertial sensors on trunk and legs while they record.

    Parameters
    ----------
    exercise : Exercise or None
        None, or one of walking: nothing is counted live.
    calibration : Calibration, Recording, path or None
        None: repetitions without angles.
    height_m : float or None
        For the length of the legs.
    """

    def __init__(
        self, exercise: Exercise | None, calibration: CalibrationLike | None = None, height_m: float | None = None
    ) -> None:
        self._exercise = exercise
        lengths = LegLengths.of_height(height_m) if height_m else None
        self._description = OnlineMotion(as_calibration(calibration) if calibration else None, lengths)
        self._places: dict[Place, Axes] = {}
        self._done: dict[Place, int] = {}
        self._run: MotionRun | None = None
        self._rows: list[AngleRows] = []
        self.news = False
        self.trouble = ""

    @property
    def reps(self) -> tuple[Rep, ...]:
        """The reps so far."""
        return self._run.reps if self._run else ()

    @property
    def known_s(self) -> float:
        """How far the motion is known, in seconds on the clock of the set."""
        return self._run.position_s if self._run else 0.0

    def add(self, chunk: Chunk) -> bool:
        """Take the next samples of a channel; whether it belongs to an inertial sensor of the body."""
        channel = chunk.channel
        if channel.quantity not in SENSED or channel.site not in (*TRUNK, *LEG) or channel.axis not in XYZ:
            return False
        axes = self._places.setdefault((channel.site, channel.side), {})
        grown = axes.setdefault((channel.quantity, channel.axis), GrowingTrack(channel))
        grown.add(chunk.start, chunk.samples)
        return True

    def push(self) -> None:
        """Work on what has come; ``news`` is set when it changed the reps."""
        if self.trouble or self._exercise is None or self._exercise.laterality is Laterality.CYCLIC:
            return
        try:
            self._start_when_all_are_there(self._exercise)
            if self._run is not None:
                self._take(self._run)
        except GlutebalError as error:  # the analysis of the set will say the same
            self.trouble = str(error)

    def _start_when_all_are_there(self, exercise: Exercise) -> None:
        whole = {place: axes for place, axes in self._places.items() if len(axes) == len(SENSED) * len(XYZ)}
        if self._run is not None or not any(_length_s(axes) >= MEET_S for axes in whole.values()):
            return
        self._run = self._description.start({place: _rate_hz(axes) for place, axes in whole.items()})
        self._done = dict.fromkeys(whole, 0)
        self._run.announce(OnlineReps(exercise.laterality, rep_settings(exercise), announced=True), 0.0)

    def _take(self, run: MotionRun) -> None:
        found = {}
        for place in self._done:
            piece = _next(self._places[place], self._done[place])
            if piece is not None:
                found[place] = piece
                self._done[place] = piece.start + len(piece.gyr)
        if not found:
            return
        news = run.push(found)
        self.news = self.news or bool(news.reps)
        if len(news.angles.values):
            self._rows.append(news.angles)

    def of(self, rep: Rep) -> RepMotion:
        """What the motion of a rep shows; nothing without a calibration."""
        names = self._rows[0].names if self._rows else ()
        values = self._values(rep)
        if not len(values):
            return RepMotion()
        columns = dict(zip(names, values.T, strict=True))
        flexion = Bilateral.per_side(lambda side: columns.get(AngleName("hip", "flexion", side)))
        ranges = [_span(column) for column in flexion if column is not None]
        working = [r for r in ranges if math.isfinite(r)]
        return RepMotion(
            flexion.map(lambda column: math.nan if column is None else _most(column)),
            float(np.mean(working)) if working else math.nan,
            self._drop(rep, columns),
            _middle(columns.get(AngleName("pelvis", "shift", None, "m"))) * 100,
        )

    def _drop(self, rep: Rep, columns: Mapping[AngleName, Samples]) -> float:
        """How far the unsupported side sinks below where it was as the rep began: for exercises that are stood."""
        obliquity = columns.get(AngleName("pelvis", "obliquity", None))
        planted = self._exercise is not None and self._exercise.working in STOOD
        if obliquity is None or rep.side is None or not planted:
            return math.nan
        drop = obliquity if rep.side is Side.RIGHT else -obliquity
        known = drop[np.isfinite(drop)]
        return float(known.max() - known[0]) if known.size else math.nan

    def _values(self, rep: Rep) -> Samples:
        parts = []
        for rows in self._rows:
            start, stop = (round(t * rows.rate_hz) - rows.start for t in (rep.start_s, rep.stop_s))
            if start < len(rows.values) and stop > 0:
                parts.append(rows.values[max(0, start) : stop])
        return np.concatenate(parts) if parts else np.empty((0, 0))


def _rate_hz(axes: Axes) -> float:
    return next(iter(axes.values())).channel.rate_hz


def _length_s(axes: Axes) -> float:
    return min(grown.n_samples for grown in axes.values()) / _rate_hz(axes)


def _next(axes: Axes, done: int) -> ImuPiece | None:
    """The next samples of all six axes, from ``done`` on; None when some axis has none yet."""
    parts = {key: grown.since(done) for key, grown in axes.items()}
    start = max(first for first, _ in parts.values())
    stop = min(first + samples.size for first, samples in parts.values())
    if stop <= start:
        return None
    triads = [[parts[quantity, axis] for axis in XYZ] for quantity in SENSED]
    gyr, acc = (np.stack([s[start - first : stop - first] for first, s in triad], axis=1) for triad in triads)
    return ImuPiece(start, gyr, acc)


def _span(column: Samples) -> float:
    known = column[np.isfinite(column)]
    return float(np.ptp(known)) if known.size else math.nan


def _most(column: Samples) -> float:
    known = column[np.isfinite(column)]
    return float(known.max()) if known.size else math.nan


def _middle(column: Samples | None) -> float:
    """Mean of the middle half: where a rep is deep."""
    if column is None:
        return math.nan
    half = column[column.size // 4 : column.size - column.size // 4]
    known = half[np.isfinite(half)]
    return float(known.mean()) if known.size else math.nan
