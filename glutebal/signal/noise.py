"""The noise floor of a channel, found in its own quiet moments, and the bandwidth behind the scatter of a mean square.

A noise floor pulls every left/right ratio towards symmetry, or away from it when the floors differ, so it is
measured per side and its *power* is subtracted (Law, Krishnan & Avin 2011 J Biomech 44:202).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from glutebal.model import Samples, Track

WINDOW_S = 0.1  # quiet windows: short enough for the rest between fast reps, 15 % scatter in power
SPREAD = 1.5  # a window up to this much above the floor still counts as quiet (three standard deviations)
START_QUANTILE = 0.1  # at least this share of a recording is taken to be near rest
NEEDED_QUIET_S = 1.0


@dataclass(frozen=True)
class NoiseFloor:
    """Power of a channel at rest.

    ``power`` in squared units, ``relative_se`` the relative standard error of that power, ``quiet_s`` the seconds it
    was measured on. When ``found`` is false there was no plateau of quiet windows: the power is an upper bound.
    """

    power: float
    relative_se: float
    quiet_s: float
    found: bool

    @property
    def rms(self) -> float:
        """Root of the power, in the channel's unit."""
        return math.sqrt(self.power)


def noise_floor(power: Track) -> NoiseFloor:
    """Find the floor of a block-power track (mean squares on a common clock, no NaN needed).

    The lowest tenth of all 100 ms windows gives a first level; windows up to 1.5 times the level are quiet; the level
    moves to their median until it stays. It is a floor when the quiet windows are many and pile up there (at least
    one second, and more of them than in the next band above), else an upper bound.
    """
    windows = _window_means(power, round(WINDOW_S * power.channel.rate_hz))
    if windows.size == 0:
        return NoiseFloor(math.nan, math.nan, 0.0, found=False)
    level = float(np.quantile(windows, START_QUANTILE))
    for _ in range(30):
        quiet = windows[windows <= SPREAD * level]
        moved = float(np.median(quiet))
        if moved == level:
            break
        level = moved
    return _describe(windows, quiet, level)


def _describe(windows: Samples, quiet: Samples, level: float) -> NoiseFloor:
    quiet_s = quiet.size * WINDOW_S
    scatter = 1.4826 * float(np.median(np.abs(quiet - level))) / level if level > 0 else 0.0
    above = np.count_nonzero((windows > SPREAD * level) & (windows <= SPREAD**2 * level))
    found = bool(quiet_s >= NEEDED_QUIET_S and quiet.size > 1.5 * above)
    mean = level * (1 + scatter**2 / 3)  # the median of a chi-square lies below its mean by a third of CV²
    return NoiseFloor(mean, 1.25 * scatter / math.sqrt(quiet.size), quiet_s, found)


def _window_means(power: Track, width: int) -> Samples:
    """Means of consecutive windows of ``width`` blocks, shape (n,); windows never span a gap."""
    rows = [
        chunk.samples[: chunk.samples.size // width * width].reshape(-1, width).mean(axis=1) for chunk in power.chunks
    ]
    return np.concatenate(rows) if rows else np.empty(0)


def equivalent_bandwidth_hz(runs: Sequence[Samples], rate_hz: float) -> float:
    """Statistical bandwidth B = (∫S df)² / ∫S² df of a band-passed signal, in Hz.

    A mean square over T seconds has 2·B·T equivalent degrees of freedom (Bendat & Piersol, Random Data).

    Parameters
    ----------
    runs : sequence of arrays, each shape (n,)
        Gap-free stretches of activity; those shorter than a quarter second are passed over.
    rate_hz : float
        Samples per second.

    Returns
    -------
    float
        Bandwidth in Hz; NaN when no stretch is long enough.
    """
    from scipy.signal import welch

    size = round(0.25 * rate_hz)
    usable = [run for run in runs if run.size >= size]
    if not usable:
        return math.nan
    counts = np.array([2 * run.size // size - 1 for run in usable], dtype=float)
    spectra = np.array([welch(run, rate_hz, nperseg=size, detrend=False)[1] for run in usable])
    spectrum = counts @ spectra / counts.sum()
    averages = counts.sum() / 1.06  # Hann windows that overlap by half are nearly independent
    squares = float(np.sum(spectrum**2)) / (1 + 1 / averages)
    return float(np.sum(spectrum)) ** 2 / squares * rate_hz / size if squares > 0 else math.nan
