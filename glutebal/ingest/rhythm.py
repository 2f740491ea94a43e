"""The rhythm of a Bluetooth link: packets come at connection events, a fixed interval apart, and a little later.

::

    events     |            |            |            |
    arrivals    ··           ·  ·        ·             ···      after the event: what the host added

Connection intervals are multiples of 1.25 ms from 7.5 ms (Bluetooth Core Specification), kept by the crystal of a radio
that the host's clock does not know.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glutebal.model import Samples

STEP_S = 1.25e-3
LONGEST_S = 0.2
WINDOW = 128  # packets over which the crystals of radio and host agree
SEARCHED = 4096  # packets in which the interval is looked for
CLEAR = 0.2  # concentration of arrivals on a grid: 0.08 is chance in a window, 1 is no host delay at all
FEWEST = 32
STEADY_S = 1e-3  # windows that stray more than this from one grid, root mean square, had several intervals
EDGE_S = 2.5e-4  # width over which the arrivals after an event must begin


@dataclass(frozen=True)
class Rhythm:
    """Connection events at ``(k + phase(t)) · interval_s``: the middle of the arrivals, and where they begin.

    ``rate`` and ``offset_s`` are the straight line of the grid's position over time, ``edge_s`` (negative) how far
    before it the first arrivals of an event come; ``stray_s`` is how far windows are from the line, root mean square.
    """

    interval_s: float
    rate: float
    offset_s: float
    edge_s: float
    stray_s: float

    @property
    def steady(self) -> bool:
        """Whether one grid explains all windows."""
        return self.stray_s <= STEADY_S

    def after(self, times: Samples) -> Samples:
        """How long after an event's mean arrival these times are, in ``[0, interval_s)``; same shape."""
        return np.asarray(np.mod(times - self.offset_s - self.rate * times, self.interval_s), dtype=np.float64)

    def events(self, arrivals: Samples) -> Samples:
        """Times of the events at which packets with these arrivals were received; same shape."""
        slack = min(1e-3, self.interval_s / 4)
        since = np.mod(self.after(arrivals) - self.edge_s + slack, self.interval_s) - slack
        return np.asarray(arrivals - since, dtype=np.float64)


def rhythm_of(arrivals: Samples) -> Rhythm | None:
    """The rhythm in which packets arrived, from their times (n,) in order; None when there is none."""
    interval_s = interval_of(arrivals)
    if not math.isfinite(interval_s):
        return None
    turn = 2 * np.pi / interval_s
    windows = _windows(arrivals)
    places = np.unwrap(np.angle(np.mean(np.exp(1j * turn * windows), axis=1))) / turn
    middles = windows.mean(axis=1)
    rate, offset = np.polyfit(middles, places, 1) if places.size > 2 else (0.0, float(places.mean()))
    stray = float(np.sqrt(np.mean((places - offset - rate * middles) ** 2)))
    grid = Rhythm(interval_s, float(rate), float(offset), 0.0, stray)
    return Rhythm(interval_s, grid.rate, grid.offset_s, _edge(grid.after(arrivals), interval_s), stray)


def interval_of(arrivals: Samples) -> float:
    """The connection interval in whose rhythm packets arrive, in seconds; NaN when there is none.

    The longest interval whose grid explains the arrivals with as small a mean host delay as any. For exponential
    delays of mean ``j`` the concentration on a grid of ``c`` is ``(1 + (2πj/c)²)^-½``, which gives ``j``.
    """
    if arrivals.size < FEWEST:
        return math.nan
    candidates = STEP_S * np.arange(6, round(LONGEST_S / STEP_S) + 1)
    windows = _windows(arrivals[-SEARCHED:])
    clear = np.array([_concentration(windows, c) for c in candidates])
    delay = candidates / (2 * np.pi) * np.sqrt(1 / np.clip(clear, 1e-9, 1) ** 2 - 1)
    delay[clear < CLEAR] = np.inf
    if not np.isfinite(delay).any():
        return math.nan
    return float(candidates[np.flatnonzero(delay <= 1.15 * delay.min() + 1e-4)[-1]])


def _edge(after: Samples, interval_s: float) -> float:
    """Where the arrivals of an event begin: the steepest rise of their density around the interval."""
    bins = round(interval_s / EDGE_S) * 5
    counts = np.bincount(np.minimum((after / interval_s * bins).astype(np.int64), bins - 1), minlength=bins)
    summed = np.convolve(np.concatenate([counts[-5:], counts, counts[:5]]), np.ones(5), "valid")
    rise = summed[5 : 5 + bins] - summed[:bins]
    edge = float(rise.argmax()) * interval_s / bins
    return edge if edge < interval_s / 2 else edge - interval_s


def _concentration(windows: Samples, interval_s: float) -> float:
    turns = np.exp(2j * np.pi / interval_s * windows)
    return float(np.mean(np.abs(turns.mean(axis=1))))


def _windows(times: Samples) -> NDArray[np.float64]:
    """Whole windows of consecutive packets; one shorter window when there are fewer."""
    size = min(WINDOW, times.size)
    return times[: times.size // size * size].reshape(-1, size)
