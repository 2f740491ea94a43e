"""What is measured in a rep, one value per side: EMG amplitude and its timing, force and its growth.

Amplitudes are linear in the signal. Timing measures compare each side with its own plateau, so they mean the same
with and without a reference contraction.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from glutebal.model import Samples, Track
from glutebal.results import Rep, Status
from glutebal.signal.amplitude import amplitude, moving_mean
from glutebal.signal.prepare import PreparedEmg
from glutebal.signal.side_value import SideValue

PEAK_S = 0.25  # the window of every peak, the same on both sides
ACTIVE = 0.25  # of the side's own plateau: above it the side is active
HELD = 0.70  # of the side's own plateau: above it the side is held
SHORTEST_HOLD_S = 1.0  # what is shorter is the top of a movement, and its length mostly chance
RFD_S = 0.2
RFD_RATE_HZ = 500.0
MISSED = "samples are missing inside the rep"


@dataclass(frozen=True)
class EmgSide:
    """A prepared EMG channel with what its own reps say: bandwidth of the activity (Hz) and plateau (channel unit)."""

    emg: PreparedEmg
    bandwidth_hz: float
    plateau: float

    def blocks(self, rep: Rep) -> tuple[int, int]:
        """The rep on the block clock."""
        return round(rep.start_s * self.emg.rate_hz), round(rep.stop_s * self.emg.rate_hz)

    def power(self, rep: Rep) -> Samples | None:
        """Block powers of the rep; None when some are missing."""
        start, stop = self.blocks(rep)
        return self.emg.power.between(start, stop).values() if self.emg.power.covers(start, stop) else None

    def envelope(self, power: Samples) -> Samples:
        """Noise-corrected 250 ms amplitude of block powers, in the channel's unit."""
        smooth = moving_mean(power, round(PEAK_S * self.emg.rate_hz))
        return np.sqrt(np.maximum(smooth - self.emg.floor.power, 0.0))


@dataclass(frozen=True)
class EmgMeasure:
    """One number per side and rep from EMG. ``unit`` has ``{}`` where the amplitude's own unit goes."""

    name: str
    title: str
    unit: str
    of: Callable[[EmgSide, Samples], SideValue]

    @property
    def needs_reference(self) -> bool:
        """Whether the side's gain is in the value."""
        return "{}" in self.unit

    def __call__(self, side: EmgSide, rep: Rep) -> SideValue:
        """Measure one rep; missing samples refuse it."""
        power = side.power(rep)
        if power is None or power.size == 0:
            return SideValue.none(Status.REFUSED, f"{side.emg.channel.name}: {MISSED}")
        return self.of(side, power)


def _activation(side: EmgSide, power: Samples) -> SideValue:
    return amplitude(power, side.emg.rate_hz, side.emg.floor, side.bandwidth_hz)


def _peak(side: EmgSide, power: Samples) -> SideValue:
    width = min(round(PEAK_S * side.emg.rate_hz), power.size)
    sums = np.convolve(power, np.ones(width), "valid")
    first = int(np.argmax(sums))
    return amplitude(power[first : first + width], side.emg.rate_hz, side.emg.floor, side.bandwidth_hz)


def _integrated(side: EmgSide, power: Samples) -> SideValue:
    whole = _activation(side, power)
    area = float(np.sum(side.envelope(power))) / side.emg.rate_hz
    seconds = power.size / side.emg.rate_hz
    value = area if math.isfinite(whole.value) else math.nan
    return SideValue(value, whole.dof, whole.status, whole.reason, whole.bound * seconds)


def _time_above(side: EmgSide, power: Samples, share: float) -> SideValue:
    whole = _activation(side, power)
    if whole.status is Status.CENSORED:
        return SideValue.none(Status.REFUSED, f"{side.emg.channel.name}: {whole.reason}")
    above = np.count_nonzero(side.envelope(power) > share * side.plateau)
    return SideValue(int(above) / side.emg.rate_hz)


def _duration(side: EmgSide, power: Samples) -> SideValue:
    return _time_above(side, power, ACTIVE)


def _hold(side: EmgSide, power: Samples) -> SideValue:
    held = _time_above(side, power, HELD)
    if held.value < SHORTEST_HOLD_S:
        return SideValue.none(Status.REFUSED, f"no hold of {SHORTEST_HOLD_S:g} s in the rep")
    return held


def _duty(side: EmgSide, power: Samples) -> SideValue:
    return _duration(side, power).scaled(100 * side.emg.rate_hz / power.size)


EMG_MEASURES = (
    EmgMeasure("activation", "activation (mean RMS of the rep)", "{}", _activation),
    EmgMeasure("peak_activation", "peak of the 250 ms RMS", "{}", _peak),
    EmgMeasure("integrated_emg", "integrated EMG", "{}·s", _integrated),
    EmgMeasure("active_time", "time above 25 % of the side's own plateau", "s", _duration),
    EmgMeasure("duty", "share of the rep above 25 % of the side's own plateau", "%", _duty),
    EmgMeasure("hold_time", "time above 70 % of the side's own plateau", "s", _hold),
)


@dataclass(frozen=True)
class ForceSide:
    """A force channel with the level (N) that counts as unloaded."""

    track: Track
    unloaded: float = 0.0

    def force(self, rep: Rep) -> Samples | None:
        """Force above the unloaded level in the rep, in N; None when samples are missing."""
        rate = self.track.channel.rate_hz
        start, stop = round(rep.start_s * rate), round(rep.stop_s * rate)
        if stop <= start or not self.track.covers(start, stop):
            return None
        return self.track.between(start, stop).values() - self.unloaded


@dataclass(frozen=True)
class ForceMeasure:
    """One number per side and rep from force; ``needs_rate_hz`` is the slowest channel that can give it."""

    name: str
    title: str
    unit: str
    of: Callable[[Samples, float], float]
    needs_rate_hz: float = 0.0

    def __call__(self, side: ForceSide, rep: Rep) -> SideValue:
        """Measure one rep; missing samples refuse it."""
        force, rate = side.force(rep), side.track.channel.rate_hz
        if force is None:
            return SideValue.none(Status.REFUSED, f"{side.track.channel.name}: {MISSED}")
        return SideValue(float(self.of(force, rate)))


def _mean_force(force: Samples, rate_hz: float) -> float:  # noqa: ARG001 - one signature for all measures
    return float(np.mean(force))


def _peak_force(force: Samples, rate_hz: float) -> float:
    width = min(max(1, round(PEAK_S * rate_hz)), force.size)
    total = np.concatenate([[0.0], np.cumsum(force)])
    return float(np.max(total[width:] - total[:-width]) / width)


def _impulse(force: Samples, rate_hz: float) -> float:
    return float(np.sum(force) / rate_hz)


def _rate_of_force_development(force: Samples, rate_hz: float) -> float:
    """Mean slope over 200 ms from where the force last leaves 5 % of the rep's peak on its way up."""
    peak = int(np.argmax(force))
    low = np.flatnonzero(force[: peak + 1] < 0.05 * force[peak])
    onset = int(low[-1]) if low.size else 0
    last = min(onset + round(RFD_S * rate_hz), force.size - 1)
    return float((force[last] - force[onset]) / ((last - onset) / rate_hz)) if last > onset else math.nan


FORCE_MEASURES = (
    ForceMeasure("mean_force", "mean force", "N", _mean_force),
    ForceMeasure("peak_force", "peak of the 250 ms mean force", "N", _peak_force),
    ForceMeasure("impulse", "impulse", "N·s", _impulse),
    ForceMeasure(
        "rate_of_force_development",
        "rate of force development, 0-200 ms",
        "N/s",
        _rate_of_force_development,
        RFD_RATE_HZ,
    ),
)
