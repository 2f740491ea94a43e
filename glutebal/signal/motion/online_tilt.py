"""The tilt of one sensor on the grid, as its samples arrive: the same numbers as `tilt_path` gives afterwards."""

from __future__ import annotations

import math

import numpy as np

from glutebal.model import Samples
from glutebal.signal.motion.imu import ImuPiece
from glutebal.signal.motion.orientation import OrientationFilter, OrientationRun
from glutebal.signal.motion.tilt_path import GRID_HZ, features, on_grid, reach_s


class OnlineTilt:
    """What is known of one sensor.

    Attributes
    ----------
    stop : int
        One past the last grid sample that is final.
    """

    def __init__(self, rate_hz: float, keep_s: float) -> None:
        self.rate_hz, self.stop = rate_hz, 0
        self._keep = round(keep_s * GRID_HZ)
        self._first, self._rows = 0, np.empty((0, 4))
        self._run: OrientationRun | None = None
        self._before: OrientationRun | None = None
        self._tail, self._tail_start = np.empty((0, 4)), 0
        self._opened = False

    def take(self, piece: ImuPiece) -> None:
        """One chunk; it follows the last one, or comes after a hole."""
        if self._run is None or piece.start != self._run.position:
            self.end()
            self._start(piece.start)
        run = self._run
        if run is None:
            return
        quats = run.update(piece.gyr, piece.acc)
        self._tail = np.concatenate([self._tail, features(quats, piece.acc)])
        self._advance(run, reach_s(self.rate_hz))

    def end(self) -> None:
        """The piece is over: its last grid samples are smoothed over what there is."""
        if self._run is not None:
            self._advance(self._run, 0.0)
            self._before, self._run = self._run, None

    def rows(self, start: int, stop: int) -> Samples:
        """Up and vertical acceleration on the grid samples ``[start, stop)``, shape (stop − start, 4); NaN: unknown."""
        out = np.full((stop - start, 4), np.nan)
        a, b = max(start, self._first), min(stop, self._first + len(self._rows))
        if a < b:
            out[a - start : b - start] = self._rows[a - self._first : b - self._first]
        return out

    def _start(self, at: int) -> None:
        bias = None
        if self._before is not None:
            bias = self._before.bias.later((at - self._before.position) / self.rate_hz)
        self._run = OrientationFilter().start(self.rate_hz, at, bias=bias)
        self._tail, self._tail_start, self._opened = np.empty((0, 4)), at, False

    def _advance(self, run: OrientationRun, margin_s: float) -> None:
        """Put on the grid what no later sample can change."""
        if run.settled_from is None:
            return
        if not self._opened:
            self._tail = self._tail[run.settled_from - self._tail_start :]
            self._tail_start, self._opened = run.settled_from, True
            self.stop = max(self.stop, math.ceil(run.settled_from / self.rate_hz * GRID_HZ - 1e-9))
        first, smooth = on_grid(self._tail, self._tail_start, self.rate_hz)
        last = math.floor(((run.position - 1) / self.rate_hz - margin_s) * GRID_HZ + 1e-9) + 1
        new = smooth[max(self.stop - first, 0) : max(last - first, 0)]
        if len(new):
            self._append(max(self.stop, first), new)
            self._shorten()

    def _append(self, at: int, rows: Samples) -> None:
        if not len(self._rows):
            self._first = at
        hole = np.full((at - self._first - len(self._rows), 4), np.nan)
        self._rows = np.concatenate([self._rows, hole, rows])[-self._keep :]
        self.stop = at + len(rows)
        self._first = self.stop - len(self._rows)

    def _shorten(self) -> None:
        """Forget samples that no grid sample to come depends on."""
        needed = math.floor((self.stop / GRID_HZ - 2 * reach_s(self.rate_hz)) * self.rate_hz) - self._tail_start
        if needed > 0:
            self._tail, self._tail_start = self._tail[needed:], self._tail_start + needed
