"""A simulated Bluetooth link: the arrival times of the packets of a sensor whose clock is known.

::

    samples ──▶ packet ready ──wait──▶ connection event ──again after a loss──▶ received ──host delay──▶ arrival

What is modelled: a fixed connection interval with its own phase and crystal, retransmission in the next event with the
queue waiting behind it, an exponential host delay, a fixed pipeline latency. What is not: peripheral latency, a
renegotiated interval, coexistence of several radios.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glutebal.model import Samples


@dataclass(frozen=True)
class Sensor:
    """A sensor's sampling and clock.

    ``period_s`` is the true time from packet to packet, ``samples`` how many are in one. ``tick_s`` is what the device
    believes a tick to be; its clock runs ``drift_ppm`` fast (a negative number: slow). Tick 0 is true time 0.
    """

    period_s: float = 0.05
    samples: int = 10
    tick_s: float = 1e-6
    drift_ppm: float = 0.0

    def ticks(self, seconds: Samples) -> Samples:
        """What the device's clock reads at true times, in ticks, not rounded."""
        return np.asarray(seconds * (1 + self.drift_ppm * 1e-6) / self.tick_s, dtype=np.float64)

    def ready_s(self, duration_s: float, start_s: float = 0.0) -> Samples:
        """True times of the last sample of every packet; shape (n,)."""
        return np.asarray(start_s + self.period_s * np.arange(1, int(duration_s / self.period_s) + 1), dtype=np.float64)


@dataclass(frozen=True)
class Radio:
    """A link: connection interval and its phase, share of lost transmissions, mean host delay, fixed latency."""

    interval_s: float = 0.015
    phase_s: float = 0.0
    loss: float = 0.05
    host_delay_s: float = 0.001
    latency_s: float = 0.0
    per_event: int = 4
    crystal_ppm: float = 0.0

    def arrivals(self, ready_s: Samples, rng: np.random.Generator) -> Samples:
        """Arrival time of every packet; shape (n,), in order."""
        interval = self.interval_s * (1 + self.crystal_ppm * 1e-6)
        tries = rng.geometric(1 - self.loss, ready_s.size) - 1
        event = self._events(np.ceil((ready_s - self.phase_s) / interval).astype(np.int64), tries)
        delay = rng.exponential(self.host_delay_s, ready_s.size) if self.host_delay_s else 0.0
        received = self.phase_s + event * interval + self.latency_s + delay
        return np.asarray(np.maximum.accumulate(received), dtype=np.float64)

    def _events(self, first: NDArray[np.int64], tries: NDArray[np.int64]) -> NDArray[np.int64]:
        """The connection event in which each packet is received: in order, at most ``per_event`` in one."""
        events = np.empty(first.size, dtype=np.int64)
        now, room = -(2**62), self.per_event
        for k, (earliest, again) in enumerate(zip(first.tolist(), tries.tolist(), strict=True)):
            if earliest > now or not room:
                now, room = max(earliest, now + 1), self.per_event
            if again:
                now, room = now + again, self.per_event
            room -= 1
            events[k] = now
        return events


def locked(period_s: float, interval_s: float) -> float:
    """The step in which the phase of packets and events advances when both clocks are one: their common divisor.

    >>> locked(0.05, 0.015)
    0.005
    """
    return math.gcd(round(period_s * 1e6), round(interval_s * 1e6)) / 1e6
