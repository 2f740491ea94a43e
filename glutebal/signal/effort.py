"""How hard each side works, on one clock: the input of the rep finder.

Effort is a *power*: squared volts above the noise for EMG, squared newtons of departure from the resting level for
force. Powers of independent sources add, so sides and muscles can be put together without a threshold of their own.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from glutebal.model import Bilateral, Chunk, Samples, Track
from glutebal.signal.envelope import BLOCK_RATE_HZ, BlockPower

QUIET_S = 0.3  # a force is at rest when it is steady for at least this long
QUIET_RANGE = 0.05  # steady: its scatter is below this share of the range of the recording


def emg_effort(
    powers: Bilateral[Track | None], noise: Bilateral[float | None] | None = None
) -> Bilateral[Track | None]:
    """EMG block power minus noise power, per side; slightly negative values are rest.

    Parameters
    ----------
    powers : Bilateral of Track or None
        Block powers in V², as `Chain(Bandpass(20, 450), BlockPower())` gives them. ``None`` is a side that cannot be
        used.
    noise : Bilateral of float or None
        Power of each side's noise floor in V²; ``None`` (or NaN) is unknown and nothing is subtracted.

    Returns
    -------
    Bilateral of Track or None
        Effort in V² on the clock of ``powers``; ``None`` where there was no power track or nothing in it.
    """
    floors: Bilateral[float | None] = noise or Bilateral(None, None)
    return powers.zip(floors).map(lambda pair: _above(*pair))


def _above(power: Track | None, noise: float | None) -> Track | None:
    if power is None or not power.chunks:
        return None
    floor = noise if noise is not None and math.isfinite(noise) else 0.0
    return Track(power.channel, tuple(Chunk(c.channel, c.start, c.samples - floor) for c in power.chunks))


def force_effort(forces: Bilateral[Track | None]) -> Bilateral[Track | None]:
    """Squared departure of a force from its resting level, per side, in N² on the 100 Hz clock.

    The resting level is found in the recording itself: the lowest level at which the force is steady. For a load cell
    that is its tare; for plates or insoles that a person stands on it is the share of the body weight in quiet stance,
    and effort is the departure from it in either direction.
    """
    return forces.map(_force_effort)


def _force_effort(force: Track | None) -> Track | None:
    if force is None or not force.chunks:
        return None
    level, scatter = resting_level(force)
    chunks = tuple(Chunk(c.channel, c.start, c.samples - level) for c in force.chunks)
    power = _on_clock(Track(force.channel, chunks))
    return _above(power, scatter**2)


def resting_level(force: Track) -> tuple[float, float]:
    """Level of a force at rest and its scatter there (one standard deviation), in N.

    Rest is the lowest level at which the force is steady over 0.3 s; if it never is, the fifth percentile.
    """
    means, scatters = _windows(force, max(2, round(QUIET_S * force.channel.rate_hz)))
    values = force.values()
    low, high = (float(q) for q in np.quantile(values, [0.01, 0.99]))
    quiet = scatters < QUIET_RANGE * (high - low)
    if not np.count_nonzero(quiet) or high <= low:
        return float(np.quantile(values, 0.05)), 0.0
    lowest = float(np.quantile(means[quiet], 0.1, method="lower"))
    here = quiet & (np.abs(means - lowest) <= QUIET_RANGE * (high - low))
    return float(np.median(means[here])), float(np.median(scatters[here]))


def _windows(force: Track, width: int) -> tuple[Samples, Samples]:
    """Mean and standard deviation of consecutive windows, each shape (n,); windows never span a gap."""
    rows = [c.samples[: c.samples.size // width * width].reshape(-1, width) for c in force.chunks]
    table = np.concatenate(rows)
    return table.mean(axis=1), table.std(axis=1)


def _on_clock(force: Track) -> Track:
    """Mean square on the common clock; a sensor slower than the clock is interpolated between its samples."""
    rate = force.channel.rate_hz
    if rate >= BLOCK_RATE_HZ:
        return BlockPower()(force)
    channel = replace(force.channel, rate_hz=BLOCK_RATE_HZ)
    chunks = []
    for chunk in force.chunks:
        first = math.ceil(chunk.start / rate * BLOCK_RATE_HZ)
        last = math.floor((chunk.stop - 1) / rate * BLOCK_RATE_HZ)
        at = np.arange(first, last + 1) / BLOCK_RATE_HZ * rate - chunk.start
        if at.size:
            chunks.append(Chunk(channel, first, np.interp(at, np.arange(chunk.samples.size), chunk.samples) ** 2))
    return Track(channel, tuple(chunks))
