"""The effort of both sides on one grid, each in units of its own typical peak, and their sum.

Scaling by its own peak lets a weaker side, or one with another electrode gain, count as much as the other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glutebal.model import Bilateral, Samples, Side, Track
from glutebal.signal import bursts


@dataclass(frozen=True)
class Sides:
    """Both efforts on one grid, each scaled by its own typical peak; ``None`` is a side without activity."""

    origin: int
    rate_hz: float
    scaled: Bilateral[Samples | None]
    weight: Bilateral[float]
    seen: NDArray[np.bool_]
    usable: Bilateral[bool]

    @classmethod
    def of(cls, effort: Bilateral[Track | None]) -> Sides | None:
        """Lay both sides on one grid; ``None`` if neither can be used."""
        living = [track for track in effort if track is not None and track.chunks]
        if not living:
            return None
        origin, stop = min(t.start for t in living), max(t.stop for t in living)
        grids = effort.map(lambda track: _on_grid(track, origin, stop))
        seen = np.all([np.isfinite(grid) for grid in grids if grid is not None], axis=0)
        rate_hz = living[0].channel.rate_hz
        scaled = grids.map(lambda grid: _scaled(grid, rate_hz))
        return cls(
            origin,
            rate_hz,
            scaled.map(lambda s: s[0]),
            scaled.map(lambda s: s[1]),
            seen,
            grids.map(lambda grid: grid is not None),
        )

    def joint(self) -> Samples:
        """Weighted mean of the scaled sides over what was recorded, shape (n,), NaN where neither was."""
        parts = [(s, w) for s, w in self.scaled.zip(self.weight) if s is not None]
        if not parts:
            return np.full(self.seen.size, np.nan)
        weight = sum(np.isfinite(s) * w for s, w in parts)
        total = sum(np.nan_to_num(s, nan=0.0) * w for s, w in parts)
        return np.asarray(np.divide(total, weight, out=np.full(self.seen.size, np.nan), where=weight > 0))

    def alone(self, side: Side) -> Samples:
        """One side, shape (n,); all NaN if it has no activity."""
        own = self.scaled[side]
        return np.full(self.seen.size, np.nan) if own is None else own

    def right_share(self, start: int, stop: int) -> float:
        """Share of the scaled work in ``[start, stop)`` that the right side does, in [0, 1]; both must be active."""
        work = [float(np.nansum(s[start:stop])) for s in self.scaled if s is not None]
        left, right = (max(value, 0.0) for value in work)
        return right / (left + right) if left + right > 0 else 0.5

    def covered(self, start: int, stop: int) -> bool:
        """Whether all sides were recorded over the whole of ``[start, stop)``."""
        return start >= 0 and stop <= self.seen.size and bool(self.seen[start:stop].all())

    def described(self) -> str:
        """Which sides the reps stand on."""
        active = [side.value for side in Side if self.scaled[side] is not None]
        return f"activity on {' and '.join(active) or 'neither side'}"


def _on_grid(track: Track | None, origin: int, stop: int) -> Samples | None:
    if track is None or not track.chunks:
        return None
    grid = np.full(stop - origin, np.nan)
    grid[track.start - origin : track.stop - origin] = track.filled()
    return grid


def _scaled(grid: Samples | None, rate_hz: float) -> tuple[Samples | None, float]:
    """The side in units of its typical peak, and how far it may be trusted."""
    if grid is None:
        return None, 0.0
    clean = bursts.without_spikes(grid, rate_hz)
    smooth = bursts.smoothed(clean, bursts.RHYTHM_S, rate_hz)
    scatter = bursts.rest_scatter(clean, bursts.RHYTHM_S, rate_hz)
    peak = bursts.typical_peak(smooth, scatter)
    if not math.isfinite(peak):
        return None, 0.0
    rest = bursts.rest_level(smooth, peak)
    contrast = peak / max(scatter, 1e-9 * peak)
    return (clean - rest) / peak, contrast**2 / (contrast**2 + bursts.CONTRAST**2)
