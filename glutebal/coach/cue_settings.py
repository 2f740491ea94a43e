"""What is cued, from when on, and how often: the kinds of cues and the numbers behind them, each with its source."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum
from statistics import variance

from glutebal.balance.difference import smallest_claim
from glutebal.balance.ratio import log_ratio_of
from glutebal.errors import InputError
from glutebal.model import Bilateral

#: 95 of 100 sds of so many degrees of freedom are 0.69 to 1.31 of the true one (chi distribution).
LEAST_FREEDOM = 20


class CueKind(Enum):
    """What a cue is about."""

    BALANCE = "balance"  # one side reads higher, rep after rep
    END_SET = "end_set"  # a shift stays: consider ending the set
    TEMPO = "tempo"  # one side takes longer, or reps get quicker than the first ones
    DEPTH = "depth"  # one side goes less deep
    HOLD = "hold"  # holds are shorter or longer than aimed at
    RANGE = "range"  # the range of motion gets smaller than in the first reps
    PELVIC_DROP = "pelvic_drop"  # the pelvis drops more than in the first reps
    LATERAL_SHIFT = "lateral_shift"  # the hips move sideways from where they were in the first reps
    TARGET_REACHED = "target_reached"  # the repetitions aimed at are done


class Severity(Enum):
    """How much a cue asks for."""

    NOTE = "note"  # good to know
    SHIFT = "shift"  # the load or the hips are on one side
    CONSIDER_ENDING = "consider_ending"  # it stays there


@dataclass(frozen=True)
class CueSettings:
    """When a cue is said.

    All but the count of reps work in one way: a moving average of what the reps show (EWMA) is outside a threshold.
    One rep alone says little: at a rep-to-rep sd of λ of 0.12 a threshold of 10 points is crossed by some rep in two
    thirds of symmetric sets of twelve, by the average in one of twenty (`docs/validation.md`).

    Parameters
    ----------
    on : frozenset of CueKind
        What is watched; what is left out is not watched at all, and does not escalate either.
    alpha : float
        Weight of the newest rep in the average, in (0, 1] (Roberts 1959).
    first_rep : int
        The first rep, counting those with a value, at which a cue may be said, ≥ 1.
    threshold_index : float
        Imbalance that is cued, in points of 100·(R−L)/(R+L), in (0, 100). 10 points are a split of 55/45, the "10 to
        15 %" of most thresholds in use, which reviews call arbitrary (Parkinson 2021; Afonso 2022): a convention.
    personal_sd : float or None
        Rep-to-rep standard deviation of λ of this person in this exercise, ≥ 0 (`personal_sd`); None: not known.
    personal_sds : float
        The threshold is never below this many of them, ≥ 0 (convention: 2.5).
    hysteresis : float
        Once said, a cue is only said anew after the average was below this part of the threshold, in (0, 1].
    spacing_reps : int
        Reps from one cue about the balance, or about the shift, to the next, ≥ 1. Notes keep this distance from every
        cue, so that there is at most one at a time.
    escalate_after : int
        More reps in a row outside the threshold, after the cue, until ending the set is suggested, ≥ 1. No trial
        found; practice articles say to stop the set when the hips shift.
    baseline_reps : int
        First reps of a set whose mean later ones are held against, ≥ 1: for range, drop, shift and quicker reps.
    tempo_match : float
        Sides, or first and later reps, whose times differ by less than this part count as even, > 0. Practice
        articles: controlled tempo, the same on both sides; 20 % is a convention.
    match_deg, match_share : float
        Depths within so many degrees, or that part of the larger one, count as equal, ≥ 0. 5° is what inertial sensors
        can tell of a mean of several reps.
    pelvic_drop_deg : float
        Smallest change of the drop that may be told: the angle repeats to 4 to 5.5° (Youdas et al. 2007).
    pelvic_drop_baseline_deg : Bilateral of float, or None
        The person's own drop in reps of each side, where known; None: the first reps of the set.
    lateral_shift_cm : float
        Smallest shift that may be told: 1° of tilt over a leg of 0.85 m is 1.5 cm, as is d = 10 over a stance of 30 cm.
    hold_s : (float, float) or None
        Hold aimed at; None: that of the exercise (2 to 5 s in practice articles; no trial behind it).
    hold_tolerance_s : float
        How far holds may be outside on average, ≥ 0: what the borders of phases are told to (2 × 0.1 s, 95 %).

    Raises
    ------
    InputError
        A setting is outside its range.
    """

    on: frozenset[CueKind] = frozenset(CueKind)
    alpha: float = 0.4
    first_rep: int = 3
    threshold_index: float = 10.0
    personal_sd: float | None = None
    personal_sds: float = 2.5
    hysteresis: float = 0.7
    spacing_reps: int = 3
    escalate_after: int = 2
    baseline_reps: int = 3
    tempo_match: float = 0.20
    match_deg: float = smallest_claim("hip_flexion_rom", "deg")
    match_share: float = 0.10
    pelvic_drop_deg: float = smallest_claim("pelvic_drop", "deg")
    pelvic_drop_baseline_deg: Bilateral[float] | None = None
    lateral_shift_cm: float = smallest_claim("lateral_shift", "cm")
    hold_s: tuple[float, float] | None = None
    hold_tolerance_s: float = 0.3

    def __post_init__(self) -> None:
        for name, needed, ok in _checks(self):
            if not ok:
                raise InputError(needed, f"{getattr(self, name)!r}", f"cue setting {name}")

    @property
    def threshold_log_ratio(self) -> float:
        """The threshold of the balance on the scale of λ: the index's, or the personal one if that is larger."""
        return max(log_ratio_of(self.threshold_index), self.personal_sds * (self.personal_sd or 0.0))

    def without(self, *kinds: CueKind) -> CueSettings:
        """The same with these kinds switched off."""
        return replace(self, on=self.on - set(kinds))


def personal_sd(sets: Iterable[Iterable[float]]) -> float | None:
    """How much λ of one person scatters from rep to rep: the sd about each set's own mean, pooled over sets.

    Parameters
    ----------
    sets : iterable of iterables of float
        λ of every rep of earlier sets of one exercise and measure; NaN is left out.

    Returns
    -------
    float or None
        None under `LEAST_FREEDOM` degrees of freedom: an sd of so few is off by more than a third too often.
    """
    known = [[x for x in one if math.isfinite(x)] for one in sets]
    freedom = sum(max(len(one) - 1, 0) for one in known)
    if freedom < LEAST_FREEDOM:
        return None
    return math.sqrt(math.fsum(variance(one) * (len(one) - 1) for one in known if len(one) > 1) / freedom)


def _checks(s: CueSettings) -> list[tuple[str, str, bool]]:
    """Name, what it needs, whether it is so."""
    parts = [(name, "a part above 0, up to 1", 0 < getattr(s, name) <= 1) for name in ("alpha", "hysteresis")]
    counts = [
        (name, "a whole number of reps from 1", isinstance(getattr(s, name), int) and getattr(s, name) >= 1)
        for name in ("first_rep", "spacing_reps", "escalate_after", "baseline_reps")
    ]
    amounts = [
        (name, "a finite number of 0 or more", 0 <= getattr(s, name) < math.inf)
        for name in (
            *("personal_sds", "match_deg", "match_share", "pelvic_drop_deg", "lateral_shift_cm", "hold_tolerance_s"),
        )
    ]
    return [
        ("on", "a set of CueKind", all(isinstance(kind, CueKind) for kind in s.on)),
        ("threshold_index", "points between 0 and 100", 0 < s.threshold_index < 100),
        ("personal_sd", "a finite sd of 0 or more, or None", s.personal_sd is None or 0 <= s.personal_sd < math.inf),
        ("tempo_match", "a finite part above 0", 0 < s.tempo_match < math.inf),
        ("hold_s", "a shortest and a longest hold", s.hold_s is None or 0 <= s.hold_s[0] <= s.hold_s[1] < math.inf),
        *parts,
        *counts,
        *amounts,
    ]
