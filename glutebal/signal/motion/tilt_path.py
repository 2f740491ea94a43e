"""The posture of the body as tilts alone: where *up* is in every sensor, on one grid of the session clock.

::

    gyr, acc ──filter──▶ up in the sensor (unit vector)  ┐
    of every sensor                                       ├─ side by side: a point in 3·n dimensions, 50 times a second
    ...                                                   ┘

Distances and angles between such points do not know how a sensor was put on, which way it faced, or which side it was
called: turning a sensor on its segment or exchanging the sides is a rotation of the space.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from glutebal.model import Samples, Side
from glutebal.signal.bursts import runs
from glutebal.signal.motion.imu import GRAVITY, Imu
from glutebal.signal.motion.orientation import Orientation, orientation
from glutebal.signal.motion.rotations import up

#: Samples per second of the grid: sample k was taken k / 50 s after the session's zero.
GRID_HZ = 50.0
#: Standard deviation of the smoothing, in s, and how far it reaches.
SMOOTH_S = 0.05
REACH = 3.0
#: Segments whose tilt tells a repetition; others (feet, shanks) only blur it.
SITES = ("pelvis", "lumbar", "thigh")
#: A sensor that recorded less than this share of the longest one is left out.
LEAST_SHARE = 0.8
#: A sensor takes part in a movement if it moves at least this share of the one that moves most.
TAKES_PART = 0.25


@dataclass(frozen=True, eq=False)
class TiltPath:
    """Tilts of several sensors on the grid.

    Parameters
    ----------
    start : int
        First grid sample.
    sensors : tuple of (site, side)
        In the order of the columns; side None is the midline.
    up : ndarray, shape (n, 3 · sensors)
        Smoothed unit vectors, NaN where any of the sensors recorded nothing.
    lift : ndarray, shape (n, sensors)
        Vertical acceleration of every sensor, smoothed, m/s²; gravity taken off.
    standing : ndarray, shape (3 · sensors,), optional
        The tilts in standing, where they are known from before this path.
    body : TiltPath, optional
        The path of all sensors, if the tilts of some have been left out of this one.
    """

    start: int
    sensors: tuple[tuple[str, Side | None], ...]
    up: Samples
    lift: Samples
    standing: Samples | None = None
    body: TiltPath | None = None

    @property
    def rate_hz(self) -> float:
        """Of the grid."""
        return GRID_HZ

    @property
    def stop(self) -> int:
        """One past the last grid sample."""
        return self.start + len(self.up)

    @property
    def seen(self) -> NDArray[np.bool_]:
        """Where all sensors recorded, shape (n,)."""
        return np.asarray(np.isfinite(self.up).all(axis=1))

    @property
    def pieces(self) -> list[tuple[int, int]]:
        """The ``[start, stop)`` of what all sensors recorded, counted from `start`."""
        return runs(self.seen)

    def columns(self, site: str, side: Side | None) -> slice | None:
        """Where a sensor is in `up`; None if it is not there."""
        where = self.sensors.index((site, side)) if (site, side) in self.sensors else None
        return None if where is None else slice(3 * where, 3 * where + 3)

    def of_segments(self, sites: Sequence[str]) -> TiltPath:
        """The same path, without the tilts of other segments; itself if that leaves nothing, or everything."""
        there = [site in sites for site, _ in self.sensors]
        if all(there) or not any(there):
            return self
        return replace(self, up=self.up * np.repeat(there, 3), body=self)

    @property
    def share(self) -> float:
        """Of the sensors, how many have their tilts in `up`."""
        there = np.abs(np.nan_to_num(self.up)).max(axis=0, initial=0.0) > 0
        return float(there.reshape(-1, 3).any(axis=1).mean()) if there.any() else 0.0

    def taking_part(self, direction: Samples) -> TiltPath:
        """The same path, without the tilts of sensors that hardly move along ``direction``, shape (3 · sensors,)."""
        share = np.linalg.norm(direction.reshape(-1, 3), axis=1)
        weight = np.repeat(share >= TAKES_PART * share.max(), 3)
        return replace(self, up=self.up * weight, body=self.body or self)

    def smoothed(self, seconds: float) -> TiltPath:
        """The same path, its tilts smoothed by a Gaussian, piece by piece."""
        from scipy.ndimage import gaussian_filter1d

        up = self.up.copy()
        for a, b in self.pieces:
            up[a:b] = gaussian_filter1d(up[a:b], seconds * GRID_HZ, axis=0, truncate=3)
        return replace(self, up=up, body=self.body.smoothed(seconds) if self.body else None)

    def change(self, start: int, hold: tuple[int, int]) -> Samples:
        """From a sample to the mean of a hold, both counted from `start`; NaN if ``start`` < 0."""
        first = self.up[start] if start >= 0 else np.full(self.up.shape[1], np.nan)
        return np.asarray(self.up[hold[0] : hold[1] + 1].mean(axis=0) - first)

    @property
    def middle(self) -> int | None:
        """Which sensor is on the midline; None if there is none."""
        return next((k for k, (_, side) in enumerate(self.sensors) if side is None), None)

    def cut(self, start: int, stop: int) -> TiltPath:
        """The part in ``[start, stop)`` of the grid."""
        a, b = max(start - self.start, 0), max(stop - self.start, 0)
        return TiltPath(self.start + min(a, len(self.up)), self.sensors, self.up[a:b], self.lift[a:b])


def tilt_path(sensors: Sequence[Imu | Orientation]) -> TiltPath:
    """The postures that sensors went through.

    Parameters
    ----------
    sensors : sequence of Imu or Orientation
        Of one recording. Of ``Imu`` the live filter is run, so that live and afterwards are the same. Thighs, pelvis
        and lumbar are used; if there are none of them, all.

    Returns
    -------
    TiltPath
        Over the time that any of the used sensors recorded. Empty if there is no sensor.
    """
    used = _used([s if isinstance(s, Orientation) else orientation(s, offline=False) for s in sensors])
    if not used:
        return TiltPath(0, (), np.empty((0, 0)), np.empty((0, 0)))
    start = min(math.ceil(o.imu.start / o.rate_hz * GRID_HZ - 1e-9) for o in used)
    stop = max(math.floor((o.imu.stop - 1) / o.rate_hz * GRID_HZ + 1e-9) + 1 for o in used)
    found = [_gridded(o, start, stop) for o in used]
    names = tuple((o.site, o.side) for o in used)
    return TiltPath(start, names, np.hstack([f[:, :3] for f in found]), np.stack([f[:, 3] for f in found], axis=1))


def _used(given: list[Orientation]) -> list[Orientation]:
    living = [o for o in given if o.pieces]
    chosen = [o for o in living if o.site in SITES] or living
    longest = max((o.imu.n_samples / o.rate_hz for o in chosen), default=0.0)
    kept = [o for o in chosen if o.imu.n_samples / o.rate_hz >= LEAST_SHARE * longest]
    places = in_order([(o.site, o.side) for o in kept])
    return sorted(kept, key=lambda o: places.index((o.site, o.side)))


def in_order(places: Sequence[tuple[str, Side | None]]) -> list[tuple[str, Side | None]]:
    """The sensors that tell repetitions, in the order of the columns."""
    chosen = [place for place in places if place[0] in SITES] or list(places)
    return sorted(chosen, key=lambda p: (SITES.index(p[0]) if p[0] in SITES else 9, p[0], [None, *Side].index(p[1])))


def _gridded(of: Orientation, start: int, stop: int) -> Samples:
    """Up and vertical acceleration of one sensor, shape (stop − start, 4), NaN where its tilt cannot be trusted."""
    out = np.full((stop - start, 4), np.nan)
    for raw, piece in zip(of.imu.pieces, of.pieces, strict=True):
        late = piece.settled_from - piece.start
        first, smooth = on_grid(features(piece.quats[late:], raw.acc[late:]), piece.settled_from, of.rate_hz)
        a, b = max(first, start), min(first + len(smooth), stop)
        if b > a:
            out[a - start : b - start] = smooth[a - first : b - first]
    return out


def features(quats: Samples, acc: Samples) -> Samples:
    """Up in the sensor and vertical acceleration in the world without gravity, shape (n, 4)."""
    vertical = up(quats)
    return np.column_stack([vertical, np.sum(vertical * acc, axis=1) - GRAVITY])


def on_grid(values: Samples, start: int, rate_hz: float) -> tuple[int, Samples]:
    """Samples, shape (n, k), smoothed by a Gaussian and put on the grid: the first grid sample, and the rows (m, k).

    A grid sample depends only on what was recorded within `reach_s` of it; at the ends of a run, where that is not all
    there, on what there is.
    """
    from scipy.ndimage import correlate1d

    first = math.ceil(start / rate_hz * GRID_HZ - 1e-9)
    last = math.floor((start + len(values) - 1) / rate_hz * GRID_HZ + 1e-9)
    if last < first or not len(values):
        return first, np.empty((0, values.shape[1]))
    reach = round(REACH * SMOOTH_S * rate_hz)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / (SMOOTH_S * rate_hz)) ** 2)
    weight = correlate1d(np.ones(len(values)), kernel, mode="constant")
    smooth = correlate1d(values, kernel, axis=0, mode="constant") / weight[:, None]
    at = np.clip(np.arange(first, last + 1) / GRID_HZ * rate_hz - start, 0, len(values) - 1)
    below = np.minimum(np.floor(at + 1e-9).astype(int), len(values) - 1)
    share = np.clip(at - below, 0, 1)[:, None]
    return first, np.asarray((1 - share) * smooth[below] + share * smooth[np.minimum(below + 1, len(values) - 1)])


def reach_s(rate_hz: float) -> float:
    """How far from a grid sample what it depends on was recorded, in s."""
    return (round(REACH * SMOOTH_S * rate_hz) + 1) / rate_hz
