"""What a scripted hall tells: planned values of reps, the balance that follows from them, a cue, sensors."""

from __future__ import annotations

import math

import numpy as np

from glutebal.coach.cues import Cue, CueKind, Severity
from glutebal.live.events import BalanceSoFar, Check, Link, LiveRep, SensorHealth
from glutebal.model import Bilateral, Side
from glutebal.results import Estimate, Grade, Rep, Status

SHIFT_LOG_RATIO = 0.34
MEASURE, SITE, UNIT = "rms", "gluteus_maximus", "% of the reference"
CHECKS = (
    Check("battery", Grade.SUSPECT, "right battery 18 %: enough for this session", Side.RIGHT),
    Check("contact", Grade.GOOD, "both sensors touch the skin"),
)


def planned_log_ratio(number: int, shift_at: int) -> float:
    """λ of a rep: near zero before the shift."""
    wobble = 0.035 * math.sin(2.4 * number)
    return wobble + (SHIFT_LOG_RATIO if number >= shift_at else 0.02)


def points_of(log_ratio: float) -> float:
    """λ as index points."""
    return 100 * math.tanh(log_ratio / 2)


def planned(number: int, shift_at: int) -> Bilateral[float]:
    """The height of both sides in a rep, in per cent of the reference."""
    log_ratio = planned_log_ratio(number, shift_at)
    return Bilateral(62 * math.exp(-log_ratio / 2), 62 * math.exp(log_ratio / 2))


def rep_of(rep: Rep, shift_at: int) -> LiveRep:
    """What is told of a rep."""
    log_ratio = planned_log_ratio(rep.index, shift_at)
    alone = [Estimate(v, n=1, status=Status.TOO_FEW, reason="one rep") for v in (log_ratio, points_of(log_ratio))]
    sides = planned(rep.index, shift_at).map(lambda peak: Estimate(peak, n=1, status=Status.TOO_FEW))
    return LiveRep(rep.index, rep, MEASURE, SITE, UNIT, sides, *alone)


def balance_of(at_s: float, reps: tuple[LiveRep, ...]) -> BalanceSoFar:
    """The set so far: from five reps on with an interval."""
    found = np.array([rep.log_ratio.value for rep in reps])
    mean, few = float(found.mean()), len(reps) < 5
    half = math.nan if few else 2.2 * float(found.std(ddof=1)) / math.sqrt(len(reps))
    status, reason = (Status.TOO_FEW, f"{len(reps)} repetitions, an interval needs 5") if few else (Status.OK, "")
    log_ratio = Estimate(mean, mean - half, mean + half, half / 2, len(reps), "mean", status, reason)
    points = Estimate(
        points_of(mean), points_of(mean - half), points_of(mean + half), math.nan, len(reps), "mean", status, reason
    )
    sides = Bilateral.per_side(lambda side: Estimate(float(np.mean([r.sides[side].value for r in reps])), n=len(reps)))
    return BalanceSoFar(at_s, MEASURE, SITE, UNIT, len(reps), log_ratio, points, sides)


def cue_of(rep: LiveRep, set_index: int) -> Cue:
    """The cue after a shift."""
    points = rep.imbalance.value
    why = f"EWMA of {rep.number} reps {points:.1f} points right, threshold 10.0 points"
    text = "Right side reads higher, rep after rep"
    data = (("level_index", points), ("threshold_index", 10.0))
    return Cue(CueKind.BALANCE, rep.number, text, why, Side.RIGHT, Severity.SHIFT, data, set_index)


def health_of(side: Side, name: str) -> SensorHealth:
    """One sensor; the right one's battery is low."""
    battery = 84.0 if side is Side.LEFT else 18.0
    doubts = ("battery below 20 %",) if side is Side.RIGHT else ()
    return SensorHealth(0.0, 0 if side is Side.LEFT else 1, name, side, Link.STREAMING, 1000.0, 0, battery, doubts)
