"""How hard each side works right now: two curves to draw, and whether a rep seems to be going on.

Fifty values a second per side: amplitude of EMG over the last 125 ms, force, or the rate of turning of an inertial
sensor. They are for the eye and for deciding when to look; no number that is told is made of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import Enum

import numpy as np

from glutebal.live.growing import GrowingTrack
from glutebal.live.look import SetSoFar
from glutebal.live.state import Envelopes
from glutebal.model import Bilateral, Samples

RATE_HZ = 50.0
KEPT_S = 30.0
UP, DOWN = 0.30, 0.12  # of the way from rest to the usual peak
HALF = 0.5  # of the latest peak: the rep is on its way to its end
LATEST, NOW = 100, 5  # rows
ROWS = round(KEPT_S * RATE_HZ)
SMOOTH = 12  # blocks of 10 ms
#: How far the usual peak must stand above rest, as a share of it: noise alone scatters by a quarter in 125 ms of EMG.
LEAST = {"µV": 0.5, "N": 0.05, "rad/s": 0.5, "": 1.0}
STEADY_N = 5.0  # an unloaded force sensor scatters by less than this


class Turn(Enum):
    """What the sides have just done."""

    NONE = "none"
    TO_WORK = "to work"
    TO_REST = "to rest"


@dataclass
class Pulse:
    """The curves of a hall; ``offset_s`` leads from the clock of the set to that of the hall."""

    unit: str = ""
    working: bool = False
    falling: bool = False  # well below what the last two seconds have seen
    _rows: Samples = field(default_factory=lambda: np.full((ROWS, 2), np.nan))
    _newest: int = -1  # the newest row, counted since the hall opened
    _done: list[int] = field(default_factory=lambda: [0, 0])  # rows of the present stretch that were made, per side
    _first: int = 0

    def begin(self, at_s: float) -> None:
        """A new stretch begins: its zero stands at ``at_s`` of the hall."""
        self._first = round(at_s * RATE_HZ)
        self._done = [0, 0]
        self.working = False

    def update(self, so_far: SetSoFar) -> Turn:
        """Take what is new; what has just changed."""
        for column, (first, values) in enumerate(self._made(so_far)):
            self._put(column, first, values)
        was, self.working, self.falling = self.working, *self._works()
        if was == self.working:
            return Turn.NONE
        return Turn.TO_WORK if self.working else Turn.TO_REST

    def envelopes(self, start: int = 0) -> Envelopes:
        """The rows from ``start`` on, as far back as they are kept."""
        first = max(start, self._newest - ROWS + 1, 0)
        at = np.arange(first, self._newest + 1)
        return Envelopes(first, self._rows[at % ROWS], self.unit, RATE_HZ)

    def _made(self, so_far: SetSoFar) -> Bilateral[tuple[int, Samples]]:
        """New rows per side: where they begin on the clock of the set, and their values."""
        force, emg, turning = so_far.force_pair(), so_far.emg_pair(), so_far.turning_pair()
        if force is not None:
            unit, curves = "N", force
        elif emg is not None:
            unit, curves = "µV", emg.map(lambda e: e.power)
        elif turning is not None:
            unit, curves = "rad/s", turning
        else:
            return Bilateral((0, np.empty(0)), (0, np.empty(0)))
        self._draw_in(unit)
        rows = (_rows(curve, done, squared=unit == "µV") for curve, done in zip(curves, self._done, strict=True))
        return Bilateral(*rows)

    def _draw_in(self, unit: str) -> None:
        """One curve has one unit: when force turns up beside EMG, what was drawn is forgotten."""
        if self.unit not in {"", unit}:
            self._rows[:] = math.nan
            self._done = [0, 0]
        self.unit = unit

    def _put(self, column: int, first: int, values: Samples) -> None:
        if not values.size:
            return
        self._done[column] = first + values.size
        at = self._first + first + np.arange(values.size)
        newest = int(at[-1])
        if newest > self._newest:
            fresh = np.arange(max(self._newest + 1, newest - ROWS + 1), newest + 1)
            self._rows[fresh % ROWS] = math.nan
            self._newest = newest
        keep = at > self._newest - ROWS
        self._rows[at[keep] % ROWS, column] = values[keep]

    def _works(self) -> tuple[bool, bool]:
        """Whether either side is well above its rest (what was true stays true until it is plainly at rest), and
        whether both are well below their latest peak.
        """
        kept = self._rows[: self._newest + 1] if self._newest < ROWS else self._rows
        if kept.shape[0] < RATE_HZ:
            return False, False
        recent = self._rows[np.arange(max(0, self._newest - LATEST + 1), self._newest + 1) % ROWS]
        levels = [_levels(kept[:, k], recent[:, k], self.unit) for k in range(2)]
        limit = DOWN if self.working else UP
        falling = all(now < HALF * peak for now, peak in levels if peak > 0) and any(peak > UP for _, peak in levels)
        return any(now > limit for now, _ in levels), falling


def _rows(curve: GrowingTrack, done: int, *, squared: bool) -> tuple[int, Samples]:
    """The rows that the curve has completed since ``done``; a row needs all samples that it is the mean of."""
    per_row = curve.channel.rate_hz / RATE_HZ
    width = max(SMOOTH if squared else 0, math.ceil(per_row))
    until = math.floor(curve.stop / per_row + 1e-9)
    first, samples = curve.since(math.ceil((done + 1) * per_row - 1e-9) - width)
    begin = max(done, math.floor((first + width - 1) / per_row + 1e-9))
    if until <= begin or not samples.size:
        return done, np.empty(0)
    stops = np.ceil(np.arange(begin + 1, until + 1) * per_row - 1e-9).astype(int) - first
    total = np.concatenate([[0.0], np.cumsum(samples)])
    mean = (total[stops] - total[stops - width]) / width
    return begin, 1e6 * np.sqrt(np.maximum(mean, 0.0)) if squared else mean


def _levels(kept: Samples, recent: Samples, unit: str) -> tuple[float, float]:
    """Where a side is now, and was at most of late, between its rest (0) and its usual peak (1)."""
    known, here = kept[np.isfinite(kept)], recent[np.isfinite(recent)]
    if known.size < RATE_HZ or not here.size:
        return 0.0, 0.0
    rest, peak = np.quantile(known, [0.1, 0.95])
    if not peak - rest > max(LEAST[unit] * abs(peak), STEADY_N if unit == "N" else 0.0):
        return 0.0, 0.0
    return float((here[-NOW:].mean() - rest) / (peak - rest)), float((here.max() - rest) / (peak - rest))
