"""Synthetic surface EMG with known edges: the signals every detector and every ratio is judged on.

The spectrum is Shwedyk, Balasubramanian & Scott (1977) IEEE TBME 24:417 with corners at 60 and 120 Hz; the noise is
white up to 500 Hz with variance 1; SNR = 10·log10(var_signal/var_noise) on the plateau of a burst. A burst rises and
falls as a raised cosine in amplitude. The truth is where the rise begins and where the fall ends.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

NOISE_BAND_HZ = 500.0


@dataclass(frozen=True)
class Condition:
    """What a recording is like: how fast its edges are, how strong it is, what disturbs it."""

    name: str
    snr_db: float
    edge_s: float = 0.010
    dirty: bool = False
    linear: bool = False  # a straight ramp instead of a raised cosine

    @property
    def title(self) -> str:
        """For tables: ``step 12 dB``."""
        return f"{self.name} {self.snr_db:g} dB"


STEP_S, RAMP_S = 0.010, 0.200
LEVELS_DB = (3.0, 6.0, 12.0, 20.0)
CONDITIONS = tuple(
    Condition(name, snr_db, edge_s, dirty)
    for name, edge_s, dirty in (("step", STEP_S, False), ("ramp", RAMP_S, False), ("dirty", STEP_S, True))
    for snr_db in LEVELS_DB
)


@dataclass(frozen=True)
class Signal:
    """One channel with its truth: ``bursts`` in seconds, shape (n, 2)."""

    samples: Array
    rate_hz: float
    bursts: Array


def shwedyk(hz: Array, low_hz: float = 60.0, high_hz: float = 120.0) -> Array:
    """Power spectral density of surface EMG, up to a factor."""
    return np.asarray(high_hz**4 * hz**2 / ((hz**2 + low_hz**2) * (hz**2 + high_hz**2) ** 2))


def emg(n: int, rate_hz: float, rng: np.random.Generator) -> Array:
    """Stationary EMG of unit variance, shape (n,)."""
    hz = np.asarray(np.fft.rfftfreq(n, 1 / rate_hz), dtype=np.float64)
    return _shaped(shwedyk(hz), n, rng)


def noise(n: int, rate_hz: float, rng: np.random.Generator) -> Array:
    """Noise of unit variance, white up to 500 Hz (or to half the rate), shape (n,)."""
    hz = np.fft.rfftfreq(n, 1 / rate_hz)
    return _shaped((hz <= NOISE_BAND_HZ).astype(np.float64), n, rng)


def _shaped(psd: Array, n: int, rng: np.random.Generator) -> Array:
    psd = psd.copy()
    psd[0] = 0.0
    x = np.fft.irfft(np.fft.rfft(rng.standard_normal(n)) * np.sqrt(psd), n)
    expected = math.sqrt(float(np.mean(psd)))  # the variance by construction, not the one of this draw
    return np.asarray(x / expected)


def schedule(duration_s: float, rng: np.random.Generator) -> Array:
    """Bursts of 0.4-2 s with gaps of 0.6-2.5 s after 2 s of rest, in seconds, shape (n, 2)."""
    bursts: list[tuple[float, float]] = []
    at = 2.0
    while True:
        length = rng.uniform(0.4, 2.0)
        if at + length > duration_s - 0.6:
            return np.array(bursts)
        bursts.append((at, at + length))
        at += length + rng.uniform(0.6, 2.5)


def duty_schedule(duration_s: float, duty: float, rng: np.random.Generator) -> Array:
    """Bursts of 1-2 s that fill about ``duty`` of the time, shape (n, 2)."""
    bursts: list[tuple[float, float]] = []
    at = 1.0
    while True:
        length = rng.uniform(1.0, 2.0)
        if at + length > duration_s - 0.3:
            return np.array(bursts)
        bursts.append((at, at + length))
        at += length / duty * rng.uniform(0.9, 1.1)


def amplitude(n: int, rate_hz: float, bursts: Array, heights: Array, condition: Condition) -> Array:
    """The amplitude that the EMG is multiplied with, its edges inside every burst, shape (n,)."""
    t = np.arange(n) / rate_hz
    out = np.zeros(n)
    for (start, stop), height in zip(bursts, heights, strict=True):
        inside = np.clip(np.minimum(t - start, stop - t) / condition.edge_s, 0.0, 1.0)
        out += height * (inside if condition.linear else 0.5 * (1 - np.cos(np.pi * inside)))
    return out


def generator(condition: Condition, seed: int) -> np.random.Generator:
    """Randomness that belongs to a condition and a seed."""
    return np.random.default_rng([seed, round(condition.snr_db * 10), round(condition.edge_s * 1e3), condition.dirty])


def record(condition: Condition, seed: int, rate_hz: float = 1000.0, duration_s: float = 30.0) -> Signal:
    """One recording of a condition; the same seed gives the same recording."""
    rng = generator(condition, seed)
    bursts = schedule(duration_s, rng)
    return with_bursts(condition, bursts, rng, rate_hz, duration_s)


def with_bursts(
    condition: Condition, bursts: Array, rng: np.random.Generator, rate_hz: float, duration_s: float
) -> Signal:
    """A recording whose bursts are given."""
    n = round(duration_s * rate_hz)
    heights = rng.uniform(0.5, 1.5, len(bursts)) if condition.dirty else np.ones(len(bursts))
    gain = 10 ** (condition.snr_db / 20)
    x = gain * amplitude(n, rate_hz, bursts, heights, condition) * emg(n, rate_hz, rng)
    x += noise(n, rate_hz, rng)
    if condition.dirty:
        x += disturbance(n, rate_hz, rng)
    return Signal(x, rate_hz, bursts)


def disturbance(n: int, rate_hz: float, rng: np.random.Generator) -> Array:
    """Hum (half the noise), ECG (peaks of 5 to 8 noise SD, 70 a minute) and motion thumps (20 to 40 SD, slow)."""
    t = np.arange(n) / rate_hz
    hum = 0.5 * math.sqrt(2) * np.sin(2 * np.pi * 50 * t + rng.uniform(0, 2 * np.pi))
    return np.asarray(hum + _heart(t, rng) + _thumps(t, rng))


def _heart(t: Array, rng: np.random.Generator) -> Array:
    beats = np.cumsum(rng.normal(60 / 70, 0.04, round(t[-1] / 0.6)))
    peak, width_s = rng.uniform(5.0, 8.0), 0.008
    out = np.zeros(t.size)
    for beat in beats[beats < t[-1]]:
        u = (t - beat) / width_s
        out += peak * (1 - u**2) * np.exp(-(u**2) / 2)  # the QRS complex, about 50 ms
    return out


def _thumps(t: Array, rng: np.random.Generator) -> Array:
    out = np.zeros(t.size)
    for at in rng.uniform(0, t[-1], max(1, round(t[-1] / 5))):
        width_s, height = rng.uniform(0.02, 0.08), rng.uniform(20, 40) * rng.choice([-1.0, 1.0])
        out += height * np.exp(-(((t - at) / width_s) ** 2) / 2)
    return out
