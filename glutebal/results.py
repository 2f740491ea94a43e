"""The nouns of an answer: reps, estimates, balances, and why there is none.

Positive always means the right side is larger. The log ratio λ = ln(R/L) is what is stored and averaged;
the imbalance index shown to people is d = 100·(R−L)/(R+L) = 100·tanh(λ/2).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from glutebal.model import Bilateral, Channel, Quantity, Recording, Side, Track


class Status(Enum):
    """Whether a number may be read, and if not, why."""

    OK = "ok"
    LOW_SNR = "low_snr"  # usable, with a wider interval: activity is less than twice the noise floor
    TOO_FEW = "too_few"  # a value without an interval: fewer than five repetitions
    UNPAIRED = "unpaired"  # a one-sided repetition: it has a value, not a ratio
    UNCALIBRATED = "uncalibrated"  # EMG without a reference contraction on each side
    CENSORED = "censored"  # one side is below its noise floor: only a bound is known
    REFUSED = "refused"  # a dead, floating or clipped channel, or a dropout, stands behind it
    NOT_A_RATIO = "not_a_ratio"  # an angle or a displacement can cross zero: its sides are compared by difference

    @property
    def has_value(self) -> bool:
        """Whether a number stands behind it."""
        return self in {Status.OK, Status.LOW_SNR, Status.TOO_FEW}


class Laterality(Enum):
    """How the two sides take part in an exercise."""

    BILATERAL = "bilateral"  # both sides in every rep
    UNILATERAL = "unilateral"  # one side per rep: a left set and a right set, or alternating
    CYCLIC = "cyclic"  # walking, running: strides of each foot


class Working(Enum):
    """What tells the leg that a one-sided repetition is counted for."""

    HIP = "hip"  # its hip moves more: lunges, single-leg deadlifts, abductions, kickbacks, step-ups
    OTHER_HIP = "other_hip"  # the other one's hip moves more: single-leg stance
    THIGH = "thigh"  # its thigh turns more: stretches of the rear hip
    RAISED = "raised"  # its thigh is farther from standing: the hamstring stretch
    PLANTED = "planted"  # its thigh is nearer to standing at the turn: single-leg bridges and thrusts


@dataclass(frozen=True)
class Estimate:
    """A value with its interval, or the reason for having none.

    ``value``, ``low`` and ``high`` are NaN when unknown. ``se`` is the standard error, ``n`` the number of
    repetitions (or windows) behind it, ``level`` the nominal coverage of the interval.
    """

    value: float
    low: float = math.nan
    high: float = math.nan
    se: float = math.nan
    n: int = 0
    method: str = ""
    status: Status = Status.OK
    reason: str = ""
    level: float = 0.95

    @classmethod
    def none(cls, status: Status, reason: str, n: int = 0) -> Estimate:
        """No number, and why."""
        return cls(math.nan, n=n, status=status, reason=reason)


@dataclass(frozen=True)
class Phase:
    """A named part of a rep, ``[start, stop)`` on the rep's clock: concentric, hold, eccentric, stance, swing."""

    name: str
    start: int
    stop: int


@dataclass(frozen=True)
class Rep:
    """One repetition, or one stride, ``[start, stop)`` on a clock of ``rate_hz``.

    ``side`` is ``None`` when both sides work together. ``set_index`` and ``index`` count from 1; ``confidence``
    in [0, 1] says how much it looks like its neighbours.
    """

    index: int
    start: int
    stop: int
    rate_hz: float
    side: Side | None = None
    set_index: int = 1
    turn: int | None = None
    confidence: float = 1.0
    phases: tuple[Phase, ...] = ()

    @property
    def start_s(self) -> float:
        """Seconds on the session clock."""
        return self.start / self.rate_hz

    @property
    def stop_s(self) -> float:
        """Seconds on the session clock."""
        return self.stop / self.rate_hz

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return (self.stop - self.start) / self.rate_hz


@dataclass(frozen=True)
class ExcludedRep:
    """A stretch that was not counted as a rep, and why."""

    start_s: float
    stop_s: float
    reason: str
    side: Side | None = None


@dataclass(frozen=True)
class Segmentation:
    """The reps of a recording, what was left out, and how they were found."""

    reps: tuple[Rep, ...]
    excluded: tuple[ExcludedRep, ...] = ()
    laterality: Laterality = Laterality.BILATERAL
    method: str = ""


@dataclass(frozen=True)
class RepBalance:
    """One measure of one rep: a value per side and λ = ln(R/L), or why there is none.

    ``difference`` is right minus left in ``unit`` where the measure can cross zero (angles, displacements); λ is then
    NOT_A_RATIO. It is None for everything that has a ratio.
    """

    rep: Rep
    measure: str
    site: str
    unit: str
    sides: Bilateral[Estimate]
    log_ratio: Estimate
    difference: Estimate | None = None


@dataclass(frozen=True)
class SetBalance:
    """One measure at one site over all reps of a recording: λ = ln(R/L) with its interval.

    ``drift`` is the slope of λ per rep, meaningful within one sensor placement even without calibration. For a
    measure that can cross zero ``difference`` is right minus left in ``unit``, ``drift`` the slope of that per rep,
    and λ is NOT_A_RATIO.
    """

    measure: str
    site: str
    quantity: Quantity
    unit: str
    reps: tuple[RepBalance, ...]
    log_ratio: Estimate
    drift: Estimate
    sides: Bilateral[Estimate]
    difference: Estimate | None = None


class Grade(Enum):
    """Whether a channel may stand behind a ratio."""

    GOOD = "good"
    SUSPECT = "suspect"  # usable, the reader is told
    BAD = "bad"  # every ratio that involves it is refused


@dataclass(frozen=True)
class Finding:
    """One thing that a quality check found: its short kind, its weight, the sentence, the number behind it."""

    kind: str
    grade: Grade
    text: str
    value: float = math.nan
    unit: str = ""


@dataclass(frozen=True)
class ChannelQuality:
    """The truthfulness of one channel. ``noise`` is its floor (RMS, channel unit), ``snr_db`` activity over floor."""

    channel: Channel
    findings: tuple[Finding, ...] = ()
    noise: float = math.nan
    snr_db: float = math.nan
    seconds: float = math.nan
    gaps: int = 0

    @property
    def grade(self) -> Grade:
        """The worst of the findings."""
        order = [Grade.GOOD, Grade.SUSPECT, Grade.BAD]
        return max((f.grade for f in self.findings), key=order.index, default=Grade.GOOD)

    @property
    def reason(self) -> str:
        """The sentences of the worst findings, joined; empty for a good channel."""
        return "; ".join(f.text for f in self.findings if f.grade is self.grade) if self.findings else ""


@dataclass(frozen=True)
class Reference:
    """A reference contraction at one site: the amplitude that counts as 100 %, per side.

    ``value`` is the best 500 ms RMS over positions and trials (V for EMG), ``relative_se`` its relative standard error.
    """

    site: str
    quantity: Quantity
    value: Bilateral[float]
    relative_se: Bilateral[float] = field(default_factory=lambda: Bilateral(0.0, 0.0))
    taken: str = ""
    method: str = ""


@dataclass(frozen=True)
class Analysis:
    """Everything one analysis found: the record that tables, figures and pages are made of.

    ``angles`` are the joint angles that calibrated inertial sensors showed, in rad: site ``hip`` or ``knee`` with a
    side, ``pelvis`` without; axis ``flexion``, ``abduction``, ``rotation``, ``tilt``, ``obliquity``.
    """

    recording: Recording
    exercise: str | None
    segmentation: Segmentation
    balances: tuple[SetBalance, ...]
    quality: tuple[ChannelQuality, ...]
    references: tuple[Reference, ...] = ()
    envelopes: tuple[Bilateral[Track], ...] = ()
    warnings: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    angles: tuple[Track, ...] = ()
