"""A tap or a jump that both sensors feel: the offset between left and right, to a fraction of a sample.

::

    left   ─────╱╲╱╲───────     the first sharp event that both sides show;
    right  ───────╱╲╱╲─────     the shift at which they agree best is the offset

The event is looked for in how fast the signals change, so that gravity, tare and sign of an axis do not matter.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from glutebal.errors import RateError, SignalError
from glutebal.model import Bilateral, Samples

CLEAR = 8.0  # an event is this many times as fast as the rest of the signal
AROUND_S = 0.25  # of signal before and after an event are compared
ALIKE = 0.6  # correlation at the best shift
FINE_S = 2.5e-4  # grid on which the shift is looked for
ADVICE = "tap both sensors together, firmly, three times"


@dataclass(frozen=True)
class Trace:
    """Samples of one side at a steady rate, shape (n,), from ``start_s`` on the session clock; any unit."""

    start_s: float
    rate_hz: float
    samples: Samples

    def times(self) -> Samples:
        """Session time of every sample; shape (n,)."""
        return np.asarray(self.start_s + np.arange(self.samples.size) / self.rate_hz, dtype=np.float64)


@dataclass(frozen=True)
class Tap:
    """A shared event: at ``at_s``, with the right side ``offset_s`` later than the left, ± ``uncertainty_s``."""

    at_s: float
    offset_s: float
    uncertainty_s: float
    events: int = 1


def find_tap(traces: Bilateral[Trace], furthest_s: float = 0.5, most: int = 3) -> Tap:
    """The offset between the sides from the sharpest events that both felt.

    Cross-correlation of the signals' rates of change around each event, on a 0.25 ms grid with a parabola through the
    peak. The uncertainty is the larger of half a sample of the slower side and half the span of the events' offsets.

    Parameters
    ----------
    traces : Bilateral of Trace
        One steady signal per side (the size of an acceleration, or a force), at least a second with the event.
    furthest_s : float
        The largest offset looked for.
    most : int
        How many events are used.

    Raises
    ------
    RateError
        A side is sampled below 20 Hz or has less than a second of signal.
    SignalError
        No event is clear on both sides, or the sides do not agree on its shape.
    """
    changes = traces.map(_change)
    felt = _felt(changes, furthest_s, most)
    felt += [(at, -shift) for at, shift in _felt(changes.swapped(), furthest_s, most)]
    if not felt:
        raise SignalError("a tap or jump that both sides felt", "none that is alike on both", "alignment", ADVICE)
    shifts = np.array([shift for _, shift in felt])
    half_sample = 0.5 / min(traces.left.rate_hz, traces.right.rate_hz)
    uncertainty = max(half_sample, float(np.ptp(shifts)) / 2)
    return Tap(float(np.median([at for at, _ in felt])), float(np.median(shifts)), uncertainty, (len(felt) + 1) // 2)


def _felt(changes: Bilateral[Trace], furthest_s: float, most: int) -> list[tuple[float, float]]:
    """The left side's events that the right felt too: when, midway between the sides, and how much later the right."""
    shifts = ((at, _shift(changes, at, furthest_s)) for at in _events(changes.left, most))
    return [(at + shift / 2, shift) for at, shift in shifts if shift is not None]


def _change(trace: Trace) -> Trace:
    """How fast a signal changes, whatever its sign, in multiples of what is usual for it."""
    if not trace.rate_hz >= 20 or trace.samples.size < trace.rate_hz:
        found = f"{trace.samples.size} samples at {trace.rate_hz:g} Hz"
        raise RateError("at least a second of signal at 20 Hz or more", found, "tap")
    speed = np.abs(np.diff(trace.samples))
    usual = float(np.median(speed)) or float(np.mean(speed)) or math.inf
    return Trace(trace.start_s + 0.5 / trace.rate_hz, trace.rate_hz, speed / usual)


def _events(change: Trace, most: int) -> list[float]:
    """Times of the sharpest events, sharpest first, none twice."""
    speed = change.samples.copy()
    apart = math.ceil(2 * AROUND_S * change.rate_hz)
    found: list[float] = []
    while len(found) < most and float(speed.max()) > CLEAR:
        k = int(speed.argmax())
        found.append(change.start_s + k / change.rate_hz)
        speed[max(k - apart, 0) : k + apart] = 0.0
    return found


def _shift(changes: Bilateral[Trace], at_s: float, furthest_s: float) -> float | None:
    """How much later the right side felt the event at ``at_s``; None when it did not, or felt something else."""
    lags = np.arange(-furthest_s, furthest_s + FINE_S / 2, FINE_S)
    window = np.arange(at_s - AROUND_S, at_s + AROUND_S, FINE_S)
    left = _unit(_interpolated(changes.left, window))
    reach = _interpolated(changes.right, np.arange(window.size + lags.size - 1) * FINE_S + window[0] + lags[0])
    if reach.max() <= CLEAR:
        return None
    energy = np.convolve(reach**2, np.ones(window.size), "valid") - window.size * _mean_of(reach, window.size) ** 2
    alike = np.correlate(reach, left, "valid") / np.sqrt(np.maximum(energy, 1e-12))
    best = int(alike.argmax())
    if alike[best] < ALIKE or best in {0, lags.size - 1}:
        return None
    return float(lags[best] + FINE_S * _vertex(alike[best - 1 : best + 2]))


def _mean_of(values: Samples, size: int) -> Samples:
    return np.convolve(values, np.ones(size) / size, "valid")


def _interpolated(change: Trace, times: Samples) -> Samples:
    return np.asarray(np.interp(times, change.times(), change.samples, left=0.0, right=0.0), dtype=np.float64)


def _unit(values: Samples) -> Samples:
    centred = values - values.mean()
    return np.asarray(centred / (np.linalg.norm(centred) or 1.0), dtype=np.float64)


def _vertex(three: Samples) -> float:
    """Where the parabola through three neighbours peaks, in steps from the middle one."""
    bend = three[0] - 2 * three[1] + three[2]
    return float(0.5 * (three[0] - three[2]) / bend) if bend < 0 else 0.0
