"""Repetitions while they happen, at most one repetition late.

::

    chunks ─▶ live orientation ─▶ tilts on the grid ─▶ window of the last minutes ─▶ `reps_of_path` ─▶ new settled reps

The same pure function as afterwards is asked about what has arrived. A repetition is **settled**, and told once, when
another one has followed it or ``rest_s`` have passed since it ended. Its boundaries do not depend on the rest of the
recording, so that afterwards they are the same; whether something was a repetition at all is said with what is known
by then, and the first two of a set wait for the third, of either leg where the legs move in different ways: getting a
bar out of its rack looks like one repetition too. From then on the delay is at most ``rest_s`` and ``every_s``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from glutebal.errors import InputError
from glutebal.model import Samples, Side
from glutebal.results import Laterality, Rep
from glutebal.signal.motion.imu import ImuPiece
from glutebal.signal.motion.motion_reps import MotionRepSettings, reps_of_path
from glutebal.signal.motion.online_tilt import OnlineTilt
from glutebal.signal.motion.rep_sides import standing
from glutebal.signal.motion.tilt_path import GRID_HZ, TiltPath, in_order

Place = tuple[str, Side | None]


@dataclass(frozen=True)
class OnlineReps:
    """A frozen description: what to look for, how far back, how often.

    Parameters
    ----------
    laterality : Laterality
        Has to be known beforehand.
    settings : MotionRepSettings
        As afterwards.
    window_s : float
        How much of the past is looked at.
    every_s : float
        How often it is looked at.
    rest_s : float
        A repetition is settled when nothing has followed for so long.
    """

    laterality: Laterality = Laterality.BILATERAL
    settings: MotionRepSettings = field(default_factory=MotionRepSettings)
    window_s: float = 120.0
    every_s: float = 1.0
    rest_s: float = 3.0

    def start(self, rates_hz: Mapping[Place, float]) -> OnlineRun:
        """Begin, with the (site, side) and rate of every sensor; side None is the midline."""
        if not rates_hz:
            raise InputError("at least one inertial sensor", "none", "OnlineReps")
        return OnlineRun(self, rates_hz)


class OnlineRun:
    """A started `OnlineReps`: pieces of samples in, settled repetitions out."""

    def __init__(self, description: OnlineReps, rates_hz: Mapping[Place, float]) -> None:
        self.description = description
        likeness = replace(description.settings.likeness, least_alone=2)
        self._settings = replace(description.settings, likeness=likeness)
        self._sensors = {
            place: OnlineTilt(rates_hz[place], description.window_s + 10) for place in in_order(list(rates_hz))
        }
        self._asked = 0
        self._standing: Samples | None = None
        self._told: list[Rep] = []

    @property
    def reps(self) -> tuple[Rep, ...]:
        """All that was told so far."""
        return tuple(self._told)

    def update(self, chunk: Mapping[Place, ImuPiece]) -> tuple[Rep, ...]:
        """Take what has arrived and return the repetitions that are settled now, in time order.

        Pieces of a sensor follow each other; one that does not begin where the last one ended comes after a hole.
        """
        for place, piece in chunk.items():
            if place in self._sensors:
                self._sensors[place].take(piece)
        stop = min(sensor.stop for sensor in self._sensors.values())
        if stop - self._asked < self.description.every_s * GRID_HZ:
            return ()
        self._asked = stop
        return self._ask(stop, final=False)

    def finish(self) -> tuple[Rep, ...]:
        """What is still to be told when the recording ends."""
        for sensor in self._sensors.values():
            sensor.end()
        return self._ask(max(sensor.stop for sensor in self._sensors.values()), final=True)

    def _ask(self, stop: int, *, final: bool) -> tuple[Rep, ...]:
        path = self._path(stop)
        found = reps_of_path(path, self.description.laterality, self._settings).reps
        last = self._told[-1].stop if self._told else -1
        fresh = [rep for rep in found if rep.start >= last and (final or self._settled(rep, found, stop))]
        return tuple(self._numbered(rep) for rep in fresh)

    def _path(self, stop: int) -> TiltPath:
        start = max(0, stop - round(self.description.window_s * GRID_HZ))
        rows = [sensor.rows(start, stop) for sensor in self._sensors.values()]
        up, lift = np.hstack([r[:, :3] for r in rows]), np.stack([r[:, 3] for r in rows], axis=1)
        path = TiltPath(start, tuple(self._sensors), up, lift, self._standing)
        if self._standing is None:
            found = standing(path.cut(start, stop - 1))
            self._standing = found if np.isfinite(found).all() else None
        return path

    def _settled(self, rep: Rep, found: tuple[Rep, ...], stop: int) -> bool:
        followed = any(other.start >= rep.stop and other.stop < stop for other in found)
        return followed or stop - rep.stop >= self.description.rest_s * GRID_HZ

    def _numbered(self, rep: Rep) -> Rep:
        """Numbers that go on from what was told."""
        before = self._told[-1] if self._told else None
        if before is None:
            told = replace(rep, index=1, set_index=1)
        elif self._new_set(before, rep):
            told = replace(rep, index=1, set_index=before.set_index + 1)
        else:
            told = replace(rep, index=before.index + 1, set_index=before.set_index)
        self._told.append(told)
        return told

    def _new_set(self, before: Rep, rep: Rep) -> bool:
        in_set = [r for r in self._told if r.set_index == before.set_index]
        rhythm_s = float(np.median([r.duration_s for r in in_set]))
        limit = self.description.settings.likeness.set_pause_s
        return rep.start_s - before.stop_s > max(limit, 3 * rhythm_s)
