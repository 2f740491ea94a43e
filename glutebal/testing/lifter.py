"""A simulated person on two load cells who lifts when told to: what a hall is tried with when no sensor is there.

A set is ``reps`` repetitions of both legs. From repetition ``shift_at`` on the right side takes more of the load, so
that there is something to notice; what is true of every repetition stands in `Lifter.log_ratios`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from glutebal.ingest.link import Backend
from glutebal.model import Bilateral, Samples, Side
from glutebal.testing.air import ADDRESSES, KG_PER_NEWTON, NAMES
from glutebal.testing.emulated import EmulatedTindeq
from glutebal.testing.emulated.sensor import Signal
from glutebal.testing.faults import Faults
from glutebal.testing.loopback import loopback
from glutebal.testing.peripheral import Peripheral


@dataclass
class Lifter:
    """Two load cells and the person on them.

    Parameters
    ----------
    reps : int
        Repetitions of every set.
    shift_at : int or None
        The repetition, from 1, at which the load shifts to the right; None: it stays.
    ratio, shifted_ratio : float
        Right over left before and after, > 0.
    rep_s, rest_s : float
        Seconds of a repetition and of the rest behind it.
    peak_n, noise_n : float
        Newtons of both sides together at the top, and of the sensors' noise.
    scatter : float
        Standard deviation of λ from repetition to repetition.
    seed : int
        Of the scatter and the noise.
    """

    reps: int = 12
    shift_at: int | None = 6
    ratio: float = 1.04
    shifted_ratio: float = 1.5
    rep_s: float = 2.0
    rest_s: float = 1.2
    lead_s: float = 1.5
    peak_n: float = 800.0
    noise_n: float = 0.8
    scatter: float = 0.04
    seed: int = 0
    starts_s: list[Bilateral[float]] = field(default_factory=list)  # of every set, on the clock of either sensor
    stops_s: list[Bilateral[float]] = field(default_factory=list)
    _heard_s: dict[Side, float] = field(default_factory=lambda: dict.fromkeys(Side, 0.0))

    @property
    def log_ratios(self) -> Samples:
        """λ of every repetition of a set, shape (reps,)."""
        wobble = np.random.default_rng(self.seed).normal(0.0, self.scatter, self.reps)
        shifted = np.arange(1, self.reps + 1) >= (self.shift_at or math.inf)
        return np.asarray(np.where(shifted, math.log(self.shifted_ratio), math.log(self.ratio)) + wobble)

    def lift(self) -> None:
        """Begin a set soon."""
        self.stop()
        self.starts_s.append(Bilateral.per_side(lambda side: self._heard_s[side] + self.lead_s))
        self.stops_s.append(Bilateral(math.inf, math.inf))

    def stop(self) -> None:
        """Put the load down."""
        if self.stops_s and not math.isfinite(self.stops_s[-1].left):
            self.stops_s[-1] = Bilateral.per_side(lambda side: self._heard_s[side])

    def signal(self, side: Side) -> Signal:
        """What the load cell of a side measures, in kg."""
        rng = np.random.default_rng((self.seed, side is Side.RIGHT))

        def kg(seconds: Samples) -> Samples:
            self._heard_s[side] = max(self._heard_s[side], float(seconds[-1]))
            force = rng.normal(0.0, self.noise_n, seconds.size)
            for start, stop in zip(self.starts_s, self.stops_s, strict=True):
                force += self._force(side, seconds - start[side]) * (seconds < stop[side])
            return np.asarray(KG_PER_NEWTON * force[:, None], dtype=np.float64)

        return kg

    def _force(self, side: Side, seconds: Samples) -> Samples:
        """Newtons of one side, ``seconds`` after the first repetition began."""
        period_s = self.rep_s + self.rest_s
        index = np.floor(seconds / period_s).astype(int)
        within = seconds - index * period_s
        lifting = (index >= 0) & (index < self.reps) & (within < self.rep_s)
        ratios = self.log_ratios[np.clip(index, 0, self.reps - 1)]
        right = 1 / (1 + np.exp(-ratios))
        share = right if side is Side.RIGHT else 1 - right
        return np.asarray(np.where(lifting, self.peak_n * share * np.sin(np.pi * within / self.rep_s) ** 2, 0.0))

    def backend(self, *, speed: float = 1.0, faults: Bilateral[Faults] | None = None) -> Backend:
        """A radio in which both load cells advertise, under `glutebal.testing.air.NAMES`."""
        sensors = Bilateral.per_side(lambda side: EmulatedTindeq(NAMES[side], self.signal(side)))
        faulty = faults or Bilateral(Faults(), Faults())
        return loopback(*(Peripheral(sensors[side], ADDRESSES[side], faulty[side], speed=speed) for side in Side))
