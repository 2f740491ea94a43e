"""From a band-passed signal to its amplitude: rectification, moving RMS, block power, and the Teager-Kaiser energy.

An amplitude here is linear in the signal. The Teager-Kaiser energy is not (it squares every ratio between the
sides), so it serves to find edges and never as an amplitude.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from glutebal.errors import RateError
from glutebal.model import Channel, Samples
from glutebal.signal.operator import Operator, Run

#: The common clock of powers, envelopes and reps, in Hz: every sensor rate is brought to it.
BLOCK_RATE_HZ = 100.0


@dataclass(frozen=True)
class Rectify(Operator):
    """The absolute value of every sample."""

    @property
    def settle_s(self) -> float:
        """None: it has no memory."""
        return 0.0

    def start(self, channel: Channel, at: int = 0) -> Run:
        """Begin at ``at``."""
        return _RectifyRun(channel, at)


class _RectifyRun(Run):
    def __init__(self, channel: Channel, at: int) -> None:
        self.channel, self.position = channel, at

    def _next(self, samples: Samples) -> Samples:
        return np.abs(samples)


@dataclass(frozen=True)
class Tkeo(Operator):
    """Teager-Kaiser energy x²ᵢ − xᵢ₋₁·xᵢ₊₁, in squared units; one sample is lost at either end of a chunk.

    Li, Zhou & Aruin (2007) Ann Biomed Eng 35:1532. For A·sin(ωn) it is A²·sin²ω.
    """

    @property
    def settle_s(self) -> float:
        """None: the lost samples are not output at all."""
        return 0.0

    def start(self, channel: Channel, at: int = 0) -> Run:
        """Begin at ``at``; the first output stands at ``at + 1``."""
        return _TkeoRun(channel, at + 1)


class _TkeoRun(Run):
    def __init__(self, channel: Channel, at: int) -> None:
        self.channel, self.position = channel, at
        self._last = np.empty(0)

    def _next(self, samples: Samples) -> Samples:
        x = np.concatenate([self._last, samples])
        self._last = x[-2:]
        return np.asarray(x[1:-1] ** 2 - x[:-2] * x[2:])


@dataclass(frozen=True)
class Rms(Operator):
    """Moving root mean square over the last ``window_s`` seconds, in the unit of the signal.

    The sampling scatter of one value is CV = 1/(2·√(B·T)) for bandwidth B and window T (Bendat & Piersol):
    about 10 % for 125 ms of surface EMG.
    """

    window_s: float

    @property
    def settle_s(self) -> float:
        """One window."""
        return self.window_s

    def start(self, channel: Channel, at: int = 0) -> Run:
        """Begin at ``at`` with an empty window."""
        window = round(self.window_s * channel.rate_hz)
        if window < 1:
            raise RateError(f"at least one sample in {self.window_s:g} s", f"{channel.rate_hz:g} Hz", channel.name)
        return _RmsRun(channel, at, window)


class _RmsRun(Run):
    def __init__(self, channel: Channel, at: int, window: int) -> None:
        self.channel, self.position = channel, at
        self._window = window
        self._squares = np.zeros(window)

    def _next(self, samples: Samples) -> Samples:
        squares = np.concatenate([self._squares, samples**2])
        self._squares = squares[squares.size - self._window :]
        total = np.concatenate([[0.0], np.cumsum(squares)])
        sums = total[self._window + 1 :] - total[1 : -self._window]
        return np.asarray(np.sqrt(np.maximum(sums, 0.0) / self._window))


@dataclass(frozen=True)
class BlockPower(Operator):
    """Mean square of consecutive blocks on one common clock, in squared units.

    Block k holds the samples with k ≤ t·rate < k+1, whatever the sensor's own rate, so that the sides, the rates and
    any cutting of the packets meet on the same clock. A block that was not seen whole is not output.
    """

    rate_hz: float = BLOCK_RATE_HZ

    @property
    def settle_s(self) -> float:
        """None: only whole blocks come out."""
        return 0.0

    def start(self, channel: Channel, at: int = 0) -> Run:
        """Begin at ``at``; the first block is the first that starts at or after it."""
        if channel.rate_hz < self.rate_hz:
            raise RateError(f"a rate of at least {self.rate_hz:g} Hz", f"{channel.rate_hz:g} Hz", channel.name)
        return _BlockRun(channel, at, self.rate_hz)


class _BlockRun(Run):
    def __init__(self, channel: Channel, at: int, rate_hz: float) -> None:
        self._ratio = channel.rate_hz / rate_hz
        self.channel = replace(channel, rate_hz=rate_hz)
        self.position = math.ceil(at / self._ratio - 1e-9)
        self._read = at
        self._held = np.empty(0)

    def _next(self, samples: Samples) -> Samples:
        held = np.concatenate([self._held, samples])
        first = self._read - self._held.size
        self._read += samples.size
        last = math.floor(self._read / self._ratio + 1e-9)
        if last <= self.position:
            self._held = held
            return np.empty(0)
        edges = np.ceil(np.arange(self.position, last + 1) * self._ratio - 1e-9).astype(int) - first
        self._held = held[edges[-1] :]
        sums = np.add.reduceat(held[: edges[-1]] ** 2, edges[:-1])
        return np.asarray(sums / np.diff(edges))
