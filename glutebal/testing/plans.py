"""What to simulate, and what is true of it: plans of sets and the records of their ground truth."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from glutebal.errors import InputError
from glutebal.model import Bilateral, Side
from glutebal.results import Laterality
from glutebal.testing.waveforms import Shape

_EVEN = Bilateral(1.0, 1.0)
_TARE_N = Bilateral(3.0, -2.0)
_FLOORS_V = Bilateral(4e-6, 6e-6)


def shares(ratio: float) -> Bilateral[float]:
    """Both sides of a right/left ratio, around a geometric mean of 1."""
    return Bilateral(1 / math.sqrt(ratio), math.sqrt(ratio))


@dataclass(frozen=True)
class Muscle:
    """One muscle pair: its true activation ratio and what lies between muscle and volts.

    ``ratio`` is right over left activation, in % of each side's own reference. ``gain`` is electrode and tissue: it is
    in the volts of the set and of the reference, so that it cancels in %reference and nowhere else. ``level`` scales
    the amplitude of both.
    """

    site: str = "gluteus_maximus"
    ratio: float = 1.25
    gain: Bilateral[float] = _EVEN
    level: float = 1.0

    @property
    def log_ratio(self) -> float:
        """True λ = ln(R/L)."""
        return math.log(self.ratio)

    @property
    def imbalance(self) -> float:
        """True imbalance index 100·(R−L)/(R+L)."""
        return 100 * math.tanh(self.log_ratio / 2)


@dataclass(frozen=True)
class ForcePlan:
    """Two load cells or plates.

    ``rest_n`` is what each carries between reps (body weight or tare), ``peak_n`` is added at the top.
    """

    ratio: float = 1.1
    peak_n: float = 400.0
    rest_n: Bilateral[float] = _TARE_N
    noise_n: float = 1.5
    drift_n_per_min: float = 0.0
    site: str = "plate"
    rate_hz: float = 500.0


@dataclass(frozen=True)
class Dropout:
    """A stretch in which one side recorded nothing."""

    side: Side
    start_s: float
    stop_s: float


@dataclass(frozen=True)
class SetPlan:
    """What to simulate.

    Parameters
    ----------
    ratio, site, gain
        The first muscle pair: see `Muscle`.
    more : tuple of Muscle
        Further muscle pairs in the same reps.
    reps : int
        Per set; for a unilateral exercise per side.
    sets : int
        Sets (for a unilateral exercise: a set of either side each), ``set_rest_s`` apart.
    exercise : str
        Written into the recording.
    laterality : Laterality
        Bilateral or unilateral; a unilateral set starts with ``first`` and goes side by side, or ``alternating``.
    passive : float
        Activation of the idle side of a unilateral rep, relative to the working side.
    rate_hz : float
        EMG sampling rate.
    snr_db : float
        10·log10(power at the top of the mean rep / noise power) in 20-450 Hz, of the first muscle on the side where it
        is worse; the other side has at least as much.
    noise_v : Bilateral of float
        RMS of the instrument noise in 20-450 Hz, per side, in V.
    rep_sd, autocorrelation : float
        Standard deviation and lag-1 correlation of λ from rep to rep.
    drift : float
        Slope of λ per rep, centred on the set, so that the set's mean stays.
    common_sd : float
        Rep-to-rep standard deviation of the log amplitude that both sides share.
    wobble : float
        Standard deviation of the slow log-amplitude fluctuation that both sides share.
    tempo_sd : float
        Standard deviation of the log duration of reps and of rests.
    rep_s, hold_s, rest_s : float
        Movement without the hold, hold at the top, pause between reps, in seconds.
    shape : Shape
        Course of activation.
    reference_level : float
        Amplitude at the top of the mean rep as a share of the reference contraction.
    lead_in_s, lead_out_s : float
        Rest before the first and after the last rep.
    setup_burst : bool
        Put 2.5 s before the lead-in, in which the person moves into position (0.8 s at 0.5 of the amplitude).
    force : ForcePlan or None
        Add force channels.
    position : bool
        Add the height of the bar (midline).
    dropouts : tuple of Dropout
        Seconds in which one side recorded nothing, on all its channels.
    """

    ratio: float = 1.25
    site: str = "gluteus_maximus"
    gain: Bilateral[float] = _EVEN
    more: tuple[Muscle, ...] = ()
    reps: int = 12
    sets: int = 1
    set_rest_s: float = 30.0
    exercise: str = "hip_thrust"
    laterality: Laterality = Laterality.BILATERAL
    first: Side = Side.LEFT
    alternating: bool = False
    passive: float = 0.05
    rate_hz: float = 1000.0
    snr_db: float = 20.0
    noise_v: Bilateral[float] = _FLOORS_V
    rep_sd: float = 0.08
    autocorrelation: float = 0.3
    drift: float = 0.0
    common_sd: float = 0.08
    wobble: float = 0.1
    tempo_sd: float = 0.06
    rep_s: float = 2.5
    hold_s: float = 0.0
    rest_s: float = 1.5
    shape: Shape = Shape.RAISED_COSINE
    reference_level: float = 0.6
    lead_in_s: float = 3.0
    lead_out_s: float = 2.5
    setup_burst: bool = False
    force: ForcePlan | None = None
    position: bool = False
    dropouts: tuple[Dropout, ...] = ()

    def __post_init__(self) -> None:
        if self.laterality is Laterality.CYCLIC:
            raise InputError("a bilateral or unilateral set", "a cyclic one", "SetPlan", "simulate_walk")
        if not (self.ratio > 0 and self.reps >= 1 and self.rep_s > 0 and self.rest_s >= 0):
            found = f"ratio {self.ratio}, reps {self.reps}, rep_s {self.rep_s}, rest_s {self.rest_s}"
            raise InputError("a positive ratio, count and rep length", found, "SetPlan")

    @property
    def muscles(self) -> tuple[Muscle, ...]:
        """All muscle pairs, the first one first."""
        return (Muscle(self.site, self.ratio, self.gain), *self.more)

    @property
    def peak_v(self) -> float:
        """Geometric mean of the sides' envelope at the top of the mean rep, level 1 and gain 1, in V."""
        relative = shares(self.ratio).zip(self.gain).map(lambda pair: pair[0] * pair[1])
        needed = self.noise_v.zip(relative).map(lambda pair: pair[0] / pair[1])
        return max(needed) * math.pow(10, self.snr_db / 20)


@dataclass(frozen=True)
class TrueRep:
    """One simulated rep: when it was, and the true activation ratio of each muscle (``nan`` for a one-sided rep).

    ``peak_v`` is the envelope at the top per muscle, in V, gain included.
    """

    index: int
    set_index: int
    side: Side | None
    start_s: float
    stop_s: float
    log_ratio: tuple[float, ...]
    peak_v: tuple[Bilateral[float], ...]


@dataclass(frozen=True)
class Truth:
    """What is true of a simulated set; ``log_ratio`` is its true λ, ``realised`` the mean over its actual reps."""

    seed: int
    plan: SetPlan
    reps: tuple[TrueRep, ...]

    @property
    def ratio(self) -> float:
        """True right over left activation of the first muscle."""
        return self.plan.ratio

    @property
    def log_ratio(self) -> float:
        """True λ = ln(R/L) of the first muscle."""
        return math.log(self.plan.ratio)

    @property
    def imbalance(self) -> float:
        """True imbalance index 100·(R−L)/(R+L) of the first muscle."""
        return self.plan.muscles[0].imbalance

    @property
    def realised(self) -> float:
        """Mean λ of the first muscle over the reps that took place; ``nan`` for a unilateral set."""
        return float(np.mean([rep.log_ratio[0] for rep in self.reps]))

    @property
    def noise_v(self) -> Bilateral[float]:
        """RMS of the instrument noise in 20-450 Hz, in V."""
        return self.plan.noise_v

    def reference_v(self, muscle: Muscle) -> Bilateral[float]:
        """Amplitude of the best reference contraction without noise, in V."""
        return muscle.gain.map(lambda gain: gain * muscle.level * self.plan.peak_v / self.plan.reference_level)
