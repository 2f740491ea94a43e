"""The tilt of one sensor on the grid, as its samples arrive: the same numbers as `tilt_path` gives afterwards."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from glutebal.model import Samples
from glutebal.signal.motion.calibration_checks import Place
from glutebal.signal.motion.online_sensor import Oriented
from glutebal.signal.motion.orientation_filter import OrientationRun
from glutebal.signal.motion.rep_sides import standing
from glutebal.signal.motion.tilt_path import GRID_HZ, LEAST_SHARE, TiltPath, features, on_grid, reach_s

#: The grid is filled in steps of so many samples: smoothing a few costs as much as smoothing one.
STEP = 3


class OnlineTilt:
    """What is known of one sensor.

    Attributes
    ----------
    stop : int
        One past the last grid sample that is final.
    """

    def __init__(self, rate_hz: float) -> None:
        self.rate_hz, self.stop = rate_hz, 0
        self._reach_s = reach_s(rate_hz)
        self._first, self._store, self._count = 0, np.empty((1024, 4)), 0
        self._run: OrientationRun | None = None
        self._tail: list[Samples] = []
        self._tail_start, self._opened = 0, False

    def take(self, oriented: Oriented) -> None:
        """Samples that follow the last ones, or those of another run."""
        if self._run is not oriented.run:
            self.end()
            self._run, self._tail, self._tail_start, self._opened = oriented.run, [], oriented.start, False
        self._tail.append(features(oriented.quats, oriented.acc))
        if self._final(self._reach_s) - self.stop >= STEP:
            self._advance(self._reach_s)

    def end(self) -> None:
        """The run is over: its last grid samples are smoothed over what there is."""
        if self._run is not None:
            self._advance(0.0)
            self.stop = max(self.stop, self._recorded(0.0))
            self._run = None

    def rows(self, start: int, stop: int) -> Samples:
        """Up and vertical acceleration on the grid samples ``[start, stop)``, shape (stop − start, 4); NaN: unknown."""
        out = np.full((stop - start, 4), np.nan)
        a, b = max(start, self._first), min(stop, self._first + self._count)
        if a < b:
            out[a - start : b - start] = self._store[a - self._first : b - self._first]
        return out

    def forget(self, before: int) -> None:
        """Nobody will ask for grid samples before this one any more."""
        late = min(before - self._first, self._count)
        if late > self._count // 2:
            self._store = self._store[late : self._count].copy()
            self._first, self._count = self._first + late, self._count - late

    def _final(self, margin_s: float) -> int:
        """One past the last grid sample that no later sample can change."""
        if self._run is None or self._run.settled_from is None:
            return self.stop
        return self._recorded(margin_s)

    def _recorded(self, margin_s: float) -> int:
        """One past the last grid sample that so much was recorded after."""
        last = -1 if self._run is None else self._run.position - 1
        return math.floor((last / self.rate_hz - margin_s) * GRID_HZ + 1e-9) + 1

    def _advance(self, margin_s: float) -> None:
        """Put on the grid what no later sample can change."""
        if self._run is None or self._run.settled_from is None:
            return
        tail = np.concatenate(self._tail)
        if not self._opened:
            tail = tail[self._run.settled_from - self._tail_start :]
            self._tail_start, self._opened = self._run.settled_from, True
            self.stop = max(self.stop, math.ceil(self._run.settled_from / self.rate_hz * GRID_HZ - 1e-9))
        first, smooth = on_grid(tail, self._tail_start, self.rate_hz)
        new = smooth[max(self.stop - first, 0) : max(self._final(margin_s) - first, 0)]
        if len(new):
            self._append(max(self.stop, first), new)
        self._tail = [self._shortened(tail)]

    def _append(self, at: int, rows: Samples) -> None:
        if not self._count:
            self._first = at
        first = at - self._first
        size = first + len(rows)
        if size > len(self._store):
            self._store = np.concatenate([self._store[: self._count], np.empty((2 * size - self._count, 4))])
        self._store[self._count : first] = np.nan
        self._store[first:size] = rows
        self._count, self.stop = size, at + len(rows)

    def _shortened(self, tail: Samples) -> Samples:
        """Without samples that no grid sample to come depends on."""
        needed = math.floor((self.stop / GRID_HZ - 2 * self._reach_s) * self.rate_hz) - self._tail_start
        if needed <= 0:
            return tail
        self._tail_start += needed
        return tail[needed:]


def path_of(tilts: Mapping[Place, OnlineTilt], start: int, stop: int, known: Samples | None = None) -> TiltPath:
    """The tilts of all sensors on the grid samples ``[start, stop)``; ``known``: those in standing."""
    rows = [tilt.rows(start, stop) for tilt in tilts.values()]
    up, lift = np.hstack([r[:, :3] for r in rows]), np.stack([r[:, 3] for r in rows], axis=1)
    return TiltPath(start, tuple(tilts), up, lift, known)


def without_silent(path: TiltPath) -> TiltPath:
    """Without sensors that recorded little of it, as `tilt_path` leaves them out."""
    seen = np.isfinite(path.up[:, ::3]).sum(axis=0)
    used = seen >= LEAST_SHARE * seen.max(initial=0)
    if used.all():
        return path
    columns = np.repeat(used, 3)
    sensors = tuple(place for place, kept in zip(path.sensors, used, strict=True) if kept)
    known = None if path.standing is None else path.standing[columns]
    return TiltPath(path.start, sensors, path.up[:, columns], path.lift[:, used], known)


def stood(path: TiltPath) -> Samples | None:
    """The tilts of the first quiet second; None if there is none yet."""
    found = standing(path)
    return found if np.isfinite(found).all() else None
