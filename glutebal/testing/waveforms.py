"""Courses of activation and the two noises: the carrier of surface EMG and the floor of the instrument."""

from __future__ import annotations

import math
from enum import Enum

import numpy as np

from glutebal.model import Samples

#: The band in which signal and noise powers are stated, in Hz.
BAND_HZ = (20.0, 450.0)


class Shape(Enum):
    """The course of activation over one rep, from 0 over 1 back to 0."""

    RAISED_COSINE = "raised cosine"
    PLATEAU = "plateau"
    DOUBLE_BUMP = "double bump"  # lifting, then lowering with 0.6 of the amplitude
    HALF_SINE = "half sine"
    SQUARE = "square"

    @property
    def top(self) -> float:
        """The phase in [0, 1] at which a hold takes place."""
        return 0.29 if self is Shape.DOUBLE_BUMP else 0.5

    def at(self, phase: Samples) -> Samples:
        """Activation at ``phase`` in [0, 1], shape (n,)."""
        if self is Shape.RAISED_COSINE:
            return np.sin(np.pi * phase) ** 2
        if self is Shape.HALF_SINE:
            return np.sin(np.pi * phase)
        if self is Shape.SQUARE:
            return np.ones_like(phase)
        if self is Shape.PLATEAU:
            return _bump(np.minimum(phase, 1 - phase), 0.0, 0.3, crest=0.15)
        return _bump(phase, 0.0, 0.58) + 0.6 * _bump(phase, 0.42, 1.0)


def _bump(phase: Samples, start: float, stop: float, crest: float = math.inf) -> Samples:
    """A sin² between two phases; past ``crest`` it stays at 1."""
    u = np.clip((phase - start) / (stop - start), 0.0, 1.0)
    return np.asarray(np.where(phase >= crest, 1.0, np.sin(np.pi * u) ** 2))


def stream(seed: int, *purpose: int) -> np.random.Generator:
    """A random stream of its own for every purpose, so that one more channel does not change the others."""
    return np.random.default_rng([seed, *purpose])


def emg_noise(rng: np.random.Generator, n: int, rate_hz: float) -> Samples:
    """Gaussian noise with the spectrum of surface EMG and unit power in 20-450 Hz, shape (n,).

    P(f) ∝ f² / ((f² + fl²)·(f² + fh²)²) with fl = 60 and fh = 120 Hz (Shwedyk, Balasubramanian & Scott 1977
    IEEE Trans Biomed Eng 24:417). The density does not depend on the rate; a slow recording loses what
    is above half its rate.
    """
    low, high = 60.0**2, 120.0**2

    def density(hz: Samples) -> Samples:
        return hz**2 / ((hz**2 + low) * (hz**2 + high) ** 2)

    fine = np.arange(BAND_HZ[0], BAND_HZ[1], 0.5, dtype=np.float64)
    power = float(np.sum(density(fine))) * 0.5
    hz = np.asarray(np.arange(n // 2 + 1) * (rate_hz / n), dtype=np.float64)
    spectrum = np.fft.rfft(rng.standard_normal(n)) * np.sqrt(density(hz) / power * rate_hz / 2)
    return np.fft.irfft(spectrum, n)


def white_noise(rng: np.random.Generator, n: int, rate_hz: float) -> Samples:
    """White Gaussian noise with unit power in 20-450 Hz, shape (n,): its density does not depend on the rate."""
    return rng.standard_normal(n) * math.sqrt(rate_hz / 2 / (BAND_HZ[1] - BAND_HZ[0]))
