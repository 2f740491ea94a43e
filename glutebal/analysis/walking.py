"""Strides from inertial sensors or force: times of each foot as λ, with what such a walk can call at all."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from glutebal.analysis.motion import LEG, TRUNK, Motion
from glutebal.balance.gait_symmetry import WalkBalance, cycle_log_ratios, walk_balance
from glutebal.model import Bilateral, Quantity, Side
from glutebal.results import Estimate, Rep, RepBalance, Segmentation, SetBalance, Status
from glutebal.signal.motion.gait import Gait, gait
from glutebal.signal.motion.gait_measures import STRIDE_MEASURES, StrideMeasure, StrideValues, stride_values
from glutebal.signal.strides import strides

#: Without a name for the exercise, so many strides are read as a walk.
LEAST_STRIDES = 10
#: By how much the offsets of heel strike and toe-off may differ between the legs, s (1 sd). On feet 2 and 3 ms against
#: markers in one walk, 1 and 2 ms in simulated uneven walks; shanks in simulated walks make a stance wrong by 13 ms.
APART_S = {"foot": (0.004, 0.004), "shank": (0.007, 0.015)}
#: The same for the edges of a contact in force: against the cells of the insoles in one walk, 1 and 4 ms.
APART_IN_FORCE_S = (0.002, 0.004)
#: Contacts in force have a duration and a tempo of their own (`glutebal.analysis.force`).
BESIDE_CONTACTS = tuple(m for m in STRIDE_MEASURES if m.name not in {"stance_time", "stride_time"})
#: A measure that fewer strides than this share have is not of this gait.
USUAL = 0.5
NO_SIDE = "which stride is left and which is right is not known"
NO_STRIDE = "no stride was counted"
TURNS = "the feet take turns"


@dataclass(frozen=True, eq=False)
class Walk:
    """Strides, the site whose sensors showed them, and what these measure."""

    gait: Gait
    site: str
    quantity: Quantity = Quantity.ANGULAR_RATE
    measures: tuple[StrideMeasure, ...] = STRIDE_MEASURES

    @property
    def segmentation(self) -> Segmentation:
        """The strides."""
        return self.gait.segmentation

    @property
    def seconds(self) -> float:
        """How long both feet's strides are together, in s."""
        return sum(rep.duration_s for rep in self.segmentation.reps) / 2


def walk_of(motion: Motion) -> Walk | None:
    """The strides of a recording; None when no sensor can tell them."""
    sensors = [found.imu for found in motion.after_calibration if found.imu.pieces]
    found = gait(sensors)
    if found is None:
        return None
    sites = [site for site in ("foot", "shank") if all(motion.has(site, side) for side in Side)]
    trunk = next((imu.site for imu in sensors if imu.site in TRUNK), LEG[0])
    return Walk(found, sites[0] if sites else trunk)


def walk_in_force(contacts: Segmentation, site: str) -> Walk:
    """The strides between ground contacts."""
    return Walk(Gait(strides(contacts), None), site, Quantity.FORCE, BESIDE_CONTACTS)


def walk_balances(walk: Walk, level: float) -> Iterable[SetBalance]:
    """Stance, swing, step, double support, flight and stride time; λ over the cycles of left and right."""
    every = stride_values(walk.segmentation, walk.measures)
    if not every:
        yield _nothing(walk, level)
    for values in every:
        if _is_usual(values):
            yield _balance(values, walk, level)


def _is_usual(values: StrideValues) -> bool:
    """Whether most strides have it: a run has a few strides without a flight, a walk a few with one."""
    known = sum(math.isfinite(value) for side in Side for value in values.of(side))
    return known >= USUAL * len(values.reps)


def _nothing(walk: Walk, level: float) -> SetBalance:
    """No stride, or none with a side: a measure that all walks have, and why it is not there."""
    why = NO_SIDE if walk.segmentation.reps else _why_none(walk.segmentation)
    status = Status.REFUSED if walk.segmentation.reps else Status.TOO_FEW
    none = replace(Estimate.none(status, why, len(walk.segmentation.reps)), level=level)
    name = "swing_time" if walk.quantity is Quantity.FORCE else "stride_time"
    return SetBalance(name, walk.site, walk.quantity, "s", (), none, none, Bilateral(none, none))


def _why_none(found: Segmentation) -> str:
    """The commonest reason for leaving out a stride."""
    reasons = Counter(ex.reason for ex in found.excluded).most_common(1)
    return f"{NO_STRIDE}: {reasons[0][0]}" if reasons else NO_STRIDE


def _balance(values: StrideValues, walk: Walk, level: float) -> SetBalance:
    name, unit = values.measure.name, values.measure.unit
    times = Bilateral.per_side(lambda side: [rep.start_s for rep in values.reps if rep.side is side])
    each = Bilateral.per_side(values.of)
    cycles = cycle_log_ratios(times, each)
    found = walk_balance(cycles, level=level, extra_se=_shared_se(name, _apart_s(walk), each))
    reps = tuple(
        _stride(rep, name, walk.site, unit, both.map(lambda side: side.estimate(level)))
        for rep, both in zip(values.reps, values.values, strict=True)
    )
    sides = each.map(lambda seconds: _mean(seconds, level))
    drift = Estimate.none(Status.UNPAIRED, TURNS)
    return SetBalance(name, walk.site, walk.quantity, unit, reps, _worded(found), drift, sides)


def _stride(rep: Rep, name: str, site: str, unit: str, sides: Bilateral[Estimate]) -> RepBalance:
    return RepBalance(rep, name, site, unit, sides, Estimate.none(Status.UNPAIRED, "the other foot's stride", 1))


def _worded(found: WalkBalance) -> Estimate:
    """λ with the smallest change that a second walk of this kind could show."""
    if not math.isfinite(found.mdc):
        return found.log_ratio
    told = f"smallest change between two such walks {found.mdc_percent:.1f} points"
    return replace(found.log_ratio, method=f"{found.log_ratio.method}; {told}")


def _apart_s(walk: Walk) -> tuple[float, float]:
    return APART_IN_FORCE_S if walk.quantity is Quantity.FORCE else APART_S.get(walk.site, APART_S["shank"])


def _shared_se(name: str, apart: tuple[float, float], each: Bilateral[Sequence[float]]) -> float:
    """What the constant offsets of the events leave in λ: the sensors of two legs are never put on quite alike."""
    heel_s, toe_s = apart
    apart_s = {"stride_time": 0.0, "step_time": 2 * heel_s}.get(name, math.hypot(heel_s, toe_s))
    typical_s = float(np.nanmedian(np.concatenate([np.asarray(side, dtype=np.float64) for side in each])))
    return apart_s / typical_s if typical_s > 0 else 0.0


def _mean(seconds: Sequence[float], level: float) -> Estimate:
    from glutebal.balance.difference import set_difference

    found = set_difference(seconds, level=level)
    return replace(found, method=found.method.replace("differences", "values"))
