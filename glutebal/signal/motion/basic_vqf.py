"""Tilt in NumPy alone, for computers without the compiled filter.

The idea is that of Laidig & Seel (2023, Information Fusion 91): integrate the gyroscope; in the almost inertial frame
that this gives, gravity hardly moves, so a slow low-pass of the acceleration leaves only it; turn that frame until it
points up. The bias of the gyroscope is measured in rests. What the compiled filter does besides, learning the bias in
motion, this one does not.

Both chains of rotations are running products, so whole arrays are multiplied at once: the correction that turns the
filtered acceleration back to the vertical after each sample is the shortest rotation between two neighbouring filtered
accelerations, which needs no result of the sample before.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray

from glutebal.model import Samples
from glutebal.signal.motion import rotations
from glutebal.signal.motion.attitude import REST_SIGMA_RAD_S, WANDER_RAD_S, WANDER_S, Attitude, GyroBias

#: Time constant of the low-pass of the acceleration, and of that which rests are found with.
TAU_S = 3.0
REST_TAU_S = 0.5
#: A rest: this long, with deviations from the low-passed signals below these, and a bias below the last.
REST_S = 1.5
REST_RATE_RAD_S = math.radians(2.0)
REST_FORCE_M_S2 = 0.5
LARGEST_BIAS_RAD_S = math.radians(2.0)


@dataclass
class Smoothing:
    """A second-order Butterworth low-pass of the columns; its first ``tau_s`` seconds are the mean so far."""

    tau_s: float
    rate_hz: float
    _sum: Samples | None = None
    _seen: int = 0
    _state: Samples | None = None

    def update(self, values: Samples) -> Samples:
        """Samples in, shape (n, k), as many out."""
        head = max(0, min(len(values), self._opening - self._seen))
        if head == 0:
            return self._filtered(values)
        return np.concatenate([self._averaged(values[:head]), self._filtered(values[head:])])

    @property
    def _opening(self) -> int:
        return max(1, round(self.tau_s * self.rate_hz))

    def _averaged(self, values: Samples) -> Samples:
        if not len(values):
            return values
        before = np.zeros(values.shape[1]) if self._sum is None else self._sum
        sums = np.cumsum(np.concatenate([before[None], values]), axis=0)[1:]
        means: Samples = sums / (self._seen + np.arange(1, len(values) + 1))[:, None]
        self._sum, self._seen = sums[-1], self._seen + len(values)
        return means

    def _filtered(self, values: Samples) -> Samples:
        from scipy.signal import lfilter, lfilter_zi

        if not len(values):
            return values
        b, a = lowpass(self.tau_s, self.rate_hz)
        if self._state is None and self._sum is not None:
            self._state = lfilter_zi(b, a)[:, None] * (self._sum / self._seen)
        smooth: Samples
        smooth, self._state = lfilter(b, a, values, axis=0, zi=self._state)
        return smooth


@cache
def lowpass(tau_s: float, rate_hz: float) -> tuple[Samples, Samples]:
    """Coefficients b, a of a second-order Butterworth low-pass with time constant ``tau_s`` (corner at √2/(2π·τ))."""
    from scipy.signal import butter

    b, a = butter(2, min(math.sqrt(2) / (2 * math.pi * tau_s), 0.45 * rate_hz), fs=rate_hz)
    return b, a


@dataclass
class RestBias:
    """Finds rests, and in them the bias of the gyroscope: its mean since the rest began."""

    rate_hz: float
    prior: GyroBias = field(default_factory=GyroBias)

    def __post_init__(self) -> None:
        self._smooth = Smoothing(REST_TAU_S, self.rate_hz)
        self._bias, self._sigma = np.array(self.prior.rad_s), self.prior.sigma_rad_s
        self._sum, self._calm, self._age = np.zeros(3), 0, 0

    def update(self, gyr: Samples, acc: Samples) -> tuple[Samples, Samples, NDArray[np.bool_]]:
        """Bias (n, 3), its standard deviation (n,) and whether at rest (n,), after each sample."""
        calm = self._calm_samples(gyr, acc)
        n = len(gyr)
        count, sums = np.empty(n, dtype=np.int64), np.empty((n, 3))
        at = 0
        for stop in [*(np.flatnonzero(np.diff(calm)) + 1).tolist(), n]:
            self._stretch(calm[at], gyr[at:stop], count[at:stop], sums[at:stop])
            at = stop
        rest = count >= round(REST_S * self.rate_hz)
        return self._held(sums, count, rest)

    def _calm_samples(self, gyr: Samples, acc: Samples) -> NDArray[np.bool_]:
        both = np.concatenate([gyr, acc], axis=1)
        smooth = self._smooth.update(both)
        off = (both - smooth) ** 2
        calm: NDArray[np.bool_] = off[:, :3].sum(axis=1) < REST_RATE_RAD_S**2
        calm &= off[:, 3:].sum(axis=1) < REST_FORCE_M_S2**2
        calm &= np.abs(smooth[:, :3] - np.array(self.prior.rad_s)).max(axis=1) < LARGEST_BIAS_RAD_S
        return calm

    def _stretch(self, calm: bool, gyr: Samples, count: NDArray[np.int64], sums: Samples) -> None:
        """Fill in the length and the sum of the calm stretch up to each sample."""
        if not calm:
            count[:], sums[:] = 0, 0.0
            self._calm, self._sum = 0, np.zeros(3)
            return
        count[:] = self._calm + np.arange(1, len(gyr) + 1)
        sums[:] = np.cumsum(np.concatenate([self._sum[None], gyr]), axis=0)[1:]
        self._calm, self._sum = int(count[-1]), sums[-1].copy()

    def _held(
        self, sums: Samples, count: NDArray[np.int64], rest: NDArray[np.bool_]
    ) -> tuple[Samples, Samples, NDArray[np.bool_]]:
        """The bias of the last sample at rest, and how uncertain it has become since."""
        n = len(rest)
        last = np.maximum.accumulate(np.where(rest, np.arange(n), -1))
        known = last >= 0
        means = sums / np.maximum(count, 1)[:, None]
        bias = np.where(known[:, None], means[last], self._bias)
        age = np.where(known, np.arange(n) - last, self._age + np.arange(1, n + 1))
        fresh = np.where(known, REST_SIGMA_RAD_S, self._sigma)
        sigma = np.hypot(fresh, WANDER_RAD_S * np.sqrt(age / self.rate_hz / WANDER_S))
        self._bias, self._sigma, self._age = bias[-1], float(fresh[-1]), int(age[-1])
        return bias, sigma, rest


class BasicVqf:
    """The memory of the causal filter: chunks in, `Attitude` out; any cutting gives the same numbers."""

    def __init__(self, rate_hz: float, bias: GyroBias | None = None) -> None:
        self.rate_hz = rate_hz
        self._bias = RestBias(rate_hz, bias or GyroBias())
        self._smooth = Smoothing(TAU_S, rate_hz)
        self._turned, self._levelled = rotations.IDENTITY, rotations.IDENTITY
        self._gravity = rotations.UP

    def update(self, gyr: Samples, acc: Samples) -> Attitude:
        """Rad/s and m/s², shape (n, 3), n ≥ 1."""
        bias, sigma, rest = self._bias.update(gyr, acc)
        inertial = _chained(self._turned, rotations.of_rotation_vectors((gyr - bias) / self.rate_hz))
        gravity = self._smooth.update(rotations.rotate(inertial, acc))
        before = np.concatenate([self._gravity[None], gravity[:-1]])
        level = _chained(self._levelled, rotations.between(gravity, before))
        self._turned, self._levelled, self._gravity = inertial[-1], level[-1], gravity[-1]
        return Attitude(rotations.multiply(level, inertial), bias, sigma, rest)


def basic_offline(gyr: Samples, acc: Samples, rate_hz: float, bias: GyroBias | None = None) -> Attitude:
    """The same with the future known: biases between two rests on a line, and a low-pass without delay.

    Parameters
    ----------
    gyr, acc : ndarray, shape (n, 3)
        Rad/s and m/s².
    rate_hz : float
        Samples per second.
    bias : GyroBias, optional
        What is known of the gyroscope beforehand.
    """
    drift, sigma, rest = _bias_between_rests(gyr, acc, rate_hz, bias or GyroBias())
    inertial = rotations.running_product(rotations.of_rotation_vectors((gyr - drift) / rate_hz))
    gravity = _smooth_both_ways(rotations.rotate(inertial, acc), rate_hz)
    before = np.concatenate([rotations.UP[None], gravity[:-1]])
    level = rotations.running_product(rotations.between(gravity, before))
    return Attitude(rotations.multiply(level, inertial), drift, sigma, rest)


def _chained(first: Samples, steps: Samples) -> Samples:
    """`running_product` that goes on from ``first``."""
    return rotations.running_product(np.concatenate([first[None], steps]))[1:]


def _bias_between_rests(
    gyr: Samples, acc: Samples, rate_hz: float, prior: GyroBias
) -> tuple[Samples, Samples, NDArray[np.bool_]]:
    means, sigma, rest = RestBias(rate_hz, prior).update(gyr, acc)
    if not rest.any():
        return means, sigma, rest
    ends = np.flatnonzero(rest & ~np.concatenate([rest[1:], [False]]))
    at = np.arange(len(gyr))
    between = np.stack([np.interp(at, ends, means[ends, axis]) for axis in range(3)], axis=1)
    nearest = np.abs(at - ends[np.searchsorted((ends[1:] + ends[:-1]) / 2, at)])
    age_s = np.where(rest, 0, nearest) / rate_hz
    return between, np.hypot(REST_SIGMA_RAD_S, WANDER_RAD_S * np.sqrt(age_s / WANDER_S)), rest


def _smooth_both_ways(values: Samples, rate_hz: float) -> Samples:
    """Forwards, then backwards; each pass opens with the mean of its first seconds."""
    forwards = Smoothing(TAU_S, rate_hz).update(values)
    return Smoothing(TAU_S, rate_hz).update(forwards[::-1])[::-1]
