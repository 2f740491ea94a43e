"""All inertial sensors of a body while they record: orientations, joint angles and repetitions, packet by packet.

::

    packets of every sensor ─▶ orientation ─┬─▶ tilts ────────▶ repetitions of the announced set ─┐ known postures
                                            └─▶ segments ─▶ angles, lateral shift ◀───────────────┘

    run = OnlineMotion(calibration).start(rates_hz)
    news = run.push({("pelvis", None): piece, ("thigh", Side.LEFT): piece})
    run.announce(OnlineReps(Laterality.BILATERAL, settings, announced=True))       # the person pressed start
    run.end_set()                                                                  # and stop

Any cutting of the packets gives the same numbers. A hole of more than 50 ms starts that sensor fresh: its angles are
NaN until its tilt can be trusted again, and a repetition that the hole touches is not counted.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from glutebal.errors import InputError
from glutebal.model import Samples
from glutebal.results import Rep
from glutebal.signal.motion.calibration import Calibration
from glutebal.signal.motion.calibration_checks import Place
from glutebal.signal.motion.heading import resets
from glutebal.signal.motion.imu import ImuPiece, sensor_name
from glutebal.signal.motion.online_angles import AngleRows, OnlineAngles
from glutebal.signal.motion.online_news import RepNews
from glutebal.signal.motion.online_reps import OnlineReps, RepWatch
from glutebal.signal.motion.online_sensor import OnlineSensor, Oriented
from glutebal.signal.motion.online_tilt import STEP, OnlineTilt, path_of, stood
from glutebal.signal.motion.shift import LegLengths
from glutebal.signal.motion.tilt_path import GRID_HZ, in_order, reach_s

#: Samples are worked on in frames: each costs nearly as much as one sample would.
FRAME_S = 0.1
#: Before a set is announced so much is remembered.
REMEMBERED_S = 120.0
NOTHING = AngleRows(0, 0.0, (), np.empty((0, 0)), np.empty(0))


@dataclass(frozen=True, eq=False)
class MotionNews:
    """What one push brought.

    Parameters
    ----------
    angles : AngleRows
        Of all samples that are complete now; no columns without a calibration.
    reps : RepNews
        Of the announced set.
    """

    angles: AngleRows
    reps: RepNews


@dataclass(frozen=True)
class OnlineMotion:
    """A frozen description.

    Parameters
    ----------
    calibration : Calibration, optional
        How the sensors sit on their segments; None: repetitions, no angles.
    lengths : LegLengths, optional
        For the lateral shift; None: those of a person of 1.72 m.
    patience_s : float
        A sensor that is so far behind the others is not waited for; what it did meanwhile is a hole.
    """

    calibration: Calibration | None = None
    lengths: LegLengths | None = None
    patience_s: float = 8.0

    def start(self, rates_hz: Mapping[Place, float]) -> MotionRun:
        """Begin, with the (site, side) and rate of every sensor; side None is the midline.

        Raises
        ------
        InputError
            No sensor.
        """
        if not rates_hz:
            raise InputError("at least one inertial sensor", "none", "OnlineMotion")
        return MotionRun(self, rates_hz)


class MotionRun:
    """A started `OnlineMotion`.

    Attributes
    ----------
    position_s : float
        Everything before is told.
    why_no_angles : str
        Empty if there are angles.
    """

    def __init__(self, description: OnlineMotion, rates_hz: Mapping[Place, float]) -> None:
        self.description = description
        self._lanes = {place: _Lane(place, rate_hz) for place, rate_hz in rates_hz.items()}
        self._tilts = {place: OnlineTilt(rates_hz[place]) for place in in_order(list(rates_hz))}
        self._late_s = max(reach_s(rates_hz[place]) for place in self._tilts) + (STEP + 1) / GRID_HZ
        self._frame = 0
        self._watch: RepWatch | None = None
        self._open = False
        self._standing: Samples | None = None
        self.why_no_angles = _why_not(description.calibration, rates_hz)
        self._angles = self._chain() if not self.why_no_angles else None

    @property
    def position_s(self) -> float:
        """Everything before is told, on the session clock."""
        return self._frame * FRAME_S

    @property
    def reps(self) -> tuple[Rep, ...]:
        """The repetitions of the set that was announced last, as far as they are known now."""
        return () if self._watch is None else self._watch.reps

    @property
    def window(self) -> tuple[int, int]:
        """The grid samples in which they were looked for last."""
        return (0, 0) if self._watch is None else self._watch.window

    def push(self, chunk: Mapping[Place, ImuPiece]) -> MotionNews:
        """Take what has arrived, of any sensors, and return what is complete now.

        Pieces of a sensor follow each other on its own sample clock; old samples are dropped, a hole of at most 50 ms
        is bridged.

        Raises
        ------
        SignalError
            A NaN or an infinity in a piece: it was to be left out as a hole.
        """
        for place, piece in chunk.items():
            if place in self._lanes:
                self._passed_on(place, self._lanes[place].sensor.take(piece))
        return self._news(self._ready())

    def announce(self, expected: OnlineReps, at_s: float | None = None) -> None:
        """A set begins at ``at_s`` on the session clock, or now; only what comes after is counted."""
        begin = self._grid(self.position_s if at_s is None else at_s)
        self._watch, self._open = RepWatch(expected, self._tilts, max(begin, 0), self._standing), True

    def end_set(self, at_s: float | None = None) -> RepNews:
        """The set ended at ``at_s``, or now; its repetitions are then what they are afterwards, and stay."""
        if self._watch is None or not self._open:
            return RepNews()
        self._open = False
        return self._watch.finish(self._until if at_s is None else min(self._until, self._grid(at_s)))

    def stood(self, start_s: float, stop_s: float) -> None:
        """Between these times, which are over, the person stood upright now and then as in the calibration.

        Relative headings are known at those moments: a static pose, or all of the calibration's movements.
        """
        if self._angles is not None:
            self._angles.heading.stood(start_s, stop_s)

    def finish(self) -> MotionNews:
        """The recording ends: what was still awaited, and the set as it is afterwards."""
        for place, lane in self._lanes.items():
            self._passed_on(place, lane.sensor.end())
        for tilt in self._tilts.values():
            tilt.end()
        news = self._news(max(lane.heard for lane in self._lanes.values()))
        last = self._watch.finish() if self._watch and self._open else RepNews()
        return MotionNews(news.angles, news.reps.then(last))

    def _chain(self) -> OnlineAngles | None:
        given = self.description
        if given.calibration is None:
            return None
        rate_hz = next(iter(self._lanes.values())).sensor.rate_hz
        return OnlineAngles(list(self._lanes), given.calibration, rate_hz, given.lengths)

    def _passed_on(self, place: Place, oriented: Sequence[Oriented]) -> None:
        for part in oriented:
            self._lanes[place].parts.append(part)
            if place in self._tilts:
                self._tilts[place].take(part)

    def _ready(self) -> int:
        """One past the last frame for which every sensor has told what it will."""
        told = [lane.ready for lane in self._lanes.values()]
        heard = max(lane.heard for lane in self._lanes.values())
        return max(min(told), heard - round(self.description.patience_s / FRAME_S))

    @property
    def _until(self) -> int:
        """The last grid sample that is final for every sensor once a frame is complete."""
        return math.floor((self.position_s - self._late_s) * GRID_HZ + 1e-9)

    @staticmethod
    def _grid(time_s: float) -> int:
        return math.ceil(time_s * GRID_HZ - 1e-9)

    def _news(self, ready: int) -> MotionNews:
        rows, news = [], RepNews()
        while self._frame < ready:
            if self._angles is not None:
                rows.append(self._frame_of(self._angles))
            self._frame += 1
            news = news.then(self._looked())
        return MotionNews(_joined(rows), news)

    def _frame_of(self, angles: OnlineAngles) -> AngleRows:
        start, stop = (math.ceil((self._frame + k) * FRAME_S * angles.rate_hz - 1e-9) for k in (0, 1))
        quats = np.stack([lane.quats(start, stop) for lane in self._lanes.values()])
        return angles.take(start, quats, np.array([lane.bias_sd_deg_s(stop) for lane in self._lanes.values()]))

    def _looked(self) -> RepNews:
        if self._watch is None or not self._open:
            self._remember()
            return RepNews()
        news = self._watch.look(self._until)
        if self._angles is not None and news.told:
            self._angles.heading.know(resets(news.told))
        return news

    def _remember(self) -> None:
        """Once a second: how the person stands, which tells the working leg in some exercises."""
        if self._frame * FRAME_S % 1.0 > FRAME_S / 2:
            return
        stop = self._until
        if self._standing is None and stop > 0:
            self._standing = stood(path_of(self._tilts, max(0, stop - round(REMEMBERED_S * GRID_HZ)), stop))
        for tilt in self._tilts.values():
            tilt.forget(stop - round(REMEMBERED_S * GRID_HZ))


class _Lane:
    """One sensor and the oriented samples that are still needed."""

    def __init__(self, place: Place, rate_hz: float) -> None:
        self.sensor = OnlineSensor(rate_hz, sensor_name(*place), at_least=max(1, round(FRAME_S * rate_hz)))
        self.parts: deque[Oriented] = deque()

    @property
    def heard(self) -> int:
        """One past the last frame of which anything arrived."""
        return math.floor(self._samples(settled=False) / self.sensor.rate_hz / FRAME_S + 1e-9)

    @property
    def ready(self) -> int:
        """One past the last frame whose samples will not change: none of a run whose tilt is not settled."""
        return math.floor(self._samples(settled=True) / self.sensor.rate_hz / FRAME_S + 1e-9)

    def _samples(self, *, settled: bool) -> int:
        run = self.sensor.run
        if run is None:
            return self.parts[-1].start + len(self.parts[-1].quats) if self.parts else 0
        return run.start if settled and run.settled_from is None else run.position

    def bias_sd_deg_s(self, stop: int) -> float:
        """How well the gyroscope's error is known before the sample ``stop``, degrees per second; NaN: not recorded."""
        for part in self.parts:
            if part.start < stop <= part.start + len(part.quats):
                return math.degrees(part.bias_sigma[stop - 1 - part.start])
        return math.nan

    def quats(self, start: int, stop: int) -> Samples:
        """Sensor to world of ``[start, stop)``, shape (stop − start, 4), NaN: unknown; what is older is forgotten."""
        while len(self.parts) > 1 and self.parts[0].start + len(self.parts[0].quats) <= start:
            self.parts.popleft()
        out = np.full((stop - start, 4), np.nan)
        for part in self.parts:
            first = stop if part.run.settled_from is None else max(part.start, part.run.settled_from)
            a, b = max(start, first), min(stop, part.start + len(part.quats))
            if a < b:
                out[a - start : b - start] = part.quats[a - part.start : b - part.start]
        return out


def _why_not(calibration: Calibration | None, rates_hz: Mapping[Place, float]) -> str:
    if calibration is None:
        return "no calibration"
    rates = list(rates_hz.values())
    if max(rates) - min(rates) > 1e-4 * max(rates):
        told = ", ".join(f"{sensor_name(*place)} {rate_hz:g} Hz" for place, rate_hz in rates_hz.items())
        return f"different sampling rates ({told}): set the sensors to one rate"
    known = {(segment.site, segment.side) for segment in calibration.segments}
    return "" if known & set(rates_hz) else "the calibration is of none of these sensors"


def _joined(rows: Sequence[AngleRows]) -> AngleRows:
    if not rows:
        return NOTHING
    values = np.concatenate([each.values for each in rows])
    return AngleRows(rows[0].start, rows[0].rate_hz, rows[0].names, values, rows[-1].sd)
