"""Short-time spectra of one EMG channel: how loud its loud moments are, and what they are made of.

A muscle comes and goes and is loudest between 50 and 150 Hz (De Luca 1997 J Appl Biomech 13:135); an amplifier with
no electrode on it is steady and as loud at 400 Hz as at 100 Hz; a floating lead carries the mains. None of this
depends on the unit of the samples.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from glutebal.model import Samples, Track
from glutebal.signal.filters import USABLE_BAND

FRAME_S = 0.2
LOW_HZ, HIGH_HZ = 20.0, 450.0
MIDDLE_HZ = (60.0, 130.0)  # where a muscle is loudest
TILT_NEEDS_HZ = 220.0
FALL_HZ = ((25.0, 45.0), (80.0, 150.0))
LOUD, QUIET = 0.05, 0.2  # shares of the frames that count as loudest and quietest
HANN_SHARE = 0.514  # a Hann frame weighs its samples like a rectangle of this share of its length
MAINS_HZ = (50.0, 60.0)
MAINS_FRAME_S = 0.5
LINE_HZ, BESIDE_HZ = 3.0, (6.0, 14.0)  # half-width of a mains line in such a frame; where its neighbours are
LINE_STANDS_OUT = 3.0  # times its neighbours


@dataclass(frozen=True, eq=False)
class Spectra:
    """Power spectra of overlapping 200 ms frames of a channel.

    ``power`` has shape (frames, frequencies), in squared units per frequency bin: the sum over a row's band is the
    frame's mean square in that band.
    """

    frequency_hz: Samples
    power: Samples
    high_hz: float

    @property
    def seconds(self) -> float:
        """Length of signal behind the frames (they overlap by half)."""
        return 0.5 * FRAME_S * (len(self.power) + 1) if len(self.power) else 0.0

    @cached_property
    def in_band(self) -> NDArray[np.bool_]:
        """The bins from 20 Hz to 450 Hz, or to 0.45 of a slow channel's rate."""
        return (self.frequency_hz >= LOW_HZ) & (self.frequency_hz <= self.high_hz)

    @cached_property
    def loudness(self) -> Samples:
        """Mean square of every frame in the band, shape (frames,)."""
        return np.asarray(self.power[:, self.in_band].sum(axis=1))

    @cached_property
    def _order(self) -> NDArray[np.intp]:
        return np.argsort(self.loudness, kind="stable")

    @property
    def loudest(self) -> Samples:
        """Mean spectrum of the loudest twentieth of the frames, at least two."""
        return np.asarray(self.power[self._order[-max(2, round(LOUD * len(self.power))) :]].mean(axis=0))

    @property
    def quietest(self) -> Samples:
        """Mean spectrum of the quietest fifth of the frames, at least two."""
        return np.asarray(self.power[self._order[: max(2, round(QUIET * len(self.power)))]].mean(axis=0))

    @property
    def mean(self) -> Samples:
        """Mean spectrum of all frames."""
        return np.asarray(self.power.mean(axis=0))

    def total(self, spectrum: Samples) -> float:
        """Mean square of a spectrum in the band."""
        return float(spectrum[self.in_band].sum())

    @property
    def contrast(self) -> float:
        """Power of the loudest frames over that of the quietest; infinite when the quietest are silent."""
        quiet = self.total(self.quietest)
        return self.total(self.loudest) / quiet if quiet > 0 else math.inf

    @property
    def typical_burst_s(self) -> float:
        """Median length of the stretches that are nearer to the loudest than to the quietest frames, in dB."""
        middle = math.sqrt(self.total(self.loudest) * self.total(self.quietest))
        loud = np.concatenate([[False], self.loudness > middle, [False]])
        runs = np.flatnonzero(loud[1:] != loud[:-1]).reshape(-1, 2)
        return float(np.median(runs[:, 1] - runs[:, 0])) * FRAME_S / 2 if len(runs) else 0.0

    @property
    def contrast_of_steady_noise(self) -> float:
        """The contrast that stationary noise of the same bandwidth shows by chance (chi-square)."""
        from scipy.stats import chi2

        band = self.mean[self.in_band]
        bandwidth_hz = float(band.sum() ** 2 / (band**2).sum()) * float(self.frequency_hz[1])
        freedom = max(2.0, 2 * bandwidth_hz * HANN_SHARE * FRAME_S)
        loud, quiet = chi2.ppf([1 - LOUD / 2, QUIET / 2], freedom)
        return float(loud / quiet)

    @property
    def contrast_db(self) -> float:
        """Contrast beyond that of steady noise, in dB; about 0 for a channel without activity."""
        return 10 * math.log10(self.contrast / self.contrast_of_steady_noise)

    def tilt(self, spectrum: Samples) -> float:
        """Density in the upper third of the band over that at 60-130 Hz: 1 for white noise, 0.01-0.25 for muscle.

        NaN where the band ends too low to tell (below 220 Hz).
        """
        if self.high_hz < TILT_NEEDS_HZ:
            return math.nan
        upper = self._density(spectrum, LOW_HZ + (self.high_hz - LOW_HZ) * 2 / 3, self.high_hz)
        return _ratio(upper, self._density(spectrum, *MIDDLE_HZ))

    @property
    def fall(self) -> float:
        """Density at 25-45 Hz over that at 80-150 Hz: 3.3 for 1/f noise, about 1 for white noise and most muscles."""
        low, middle = FALL_HZ
        return _ratio(self._density(self.mean, *low), self._density(self.mean, *middle))

    @property
    def slow_share(self) -> float:
        """Share of the power that lies below 20 Hz."""
        total = float(self.mean[self.frequency_hz <= self.high_hz].sum())
        return 1 - self.total(self.mean) / total if total > 0 else math.nan

    def _density(self, spectrum: Samples, low_hz: float, high_hz: float) -> float:
        inside = (self.frequency_hz >= low_hz) & (self.frequency_hz <= high_hz)
        return float(spectrum[inside].mean()) if inside.any() else math.nan


def spectra(track: Track, mains_hz: float = math.nan) -> Spectra:
    """Short-time spectra of a raw channel; with ``mains_hz``, the mains and its harmonics are taken out first."""
    rate = track.channel.rate_hz
    runs = [without_lines(c.samples, rate, mains_hz) for c in track.chunks]
    frequency, power = _frames(runs, rate, FRAME_S)
    return Spectra(frequency, power, min(HIGH_HZ, USABLE_BAND * rate))


def mains_power(track: Track) -> tuple[float, float]:
    """Frequency of the mains in a raw channel (50 or 60 Hz; NaN if there is none) and its mean square in the band.

    A line is power at a harmonic that stands out from its neighbours in the *median* spectrum of half-second frames:
    hum is there all the time, a muscle's own peaks are not.
    """
    frequency, power = _frames([c.samples for c in track.chunks], track.channel.rate_hz, MAINS_FRAME_S)
    if len(power) < 2:
        return math.nan, 0.0
    typical = np.median(power, axis=0)
    high = min(HIGH_HZ, USABLE_BAND * track.channel.rate_hz)
    lines = [(sum(_line(frequency, typical, f) for f in _harmonics(base, high)), base) for base in MAINS_HZ]
    strongest, base = max(lines)
    return (base, strongest) if strongest > 0 else (math.nan, 0.0)


def without_lines(samples: Samples, rate_hz: float, mains_hz: float) -> Samples:
    """The samples with 1.5 Hz to either side of the mains and its harmonics taken out; unchanged for NaN."""
    if math.isnan(mains_hz):
        return samples
    bins = np.fft.rfft(samples - samples.mean())
    frequency = np.fft.rfftfreq(samples.size, 1 / rate_hz)
    for harmonic in _harmonics(mains_hz, rate_hz / 2):
        bins[np.abs(frequency - harmonic) <= 1.5] = 0
    return np.fft.irfft(bins, samples.size)


def _harmonics(base_hz: float, high_hz: float) -> Samples:
    return np.asarray(np.arange(base_hz, high_hz, base_hz))


def _line(frequency: Samples, spectrum: Samples, at_hz: float) -> float:
    """Power at ``at_hz`` above that of its neighbours; 0 when it does not stand out."""
    away = np.abs(frequency - at_hz)
    line, beside = away <= LINE_HZ, (away >= BESIDE_HZ[0]) & (away <= BESIDE_HZ[1])
    ground = float(np.median(spectrum[beside]))
    power = float(spectrum[line].sum())
    return power - ground * np.count_nonzero(line) if power > LINE_STANDS_OUT * ground * np.count_nonzero(line) else 0.0


def _frames(runs: list[Samples], rate_hz: float, frame_s: float) -> tuple[Samples, Samples]:
    """Hann-windowed power spectra of half-overlapping frames, shapes (bins,) and (frames, bins)."""
    size = max(8, round(frame_s * rate_hz))
    window = np.hanning(size)
    frequency: Samples = np.asarray(np.arange(size // 2 + 1) * rate_hz / size, dtype=np.float64)
    scale = np.full(frequency.size, 2.0) / (size * float((window**2).sum()))
    rows = [np.lib.stride_tricks.sliding_window_view(run, size)[:: size // 2] for run in runs if run.size >= size]
    if not rows:
        return frequency, np.empty((0, frequency.size))
    frames = np.concatenate(rows)
    spectrum = np.fft.rfft((frames - frames.mean(axis=1, keepdims=True)) * window)
    return frequency, np.abs(spectrum) ** 2 * scale


def _ratio(above: float, below: float) -> float:
    return above / below if below > 0 else math.nan
