"""From the reps of a measure to one statement about the set, or the reason why there is none."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from glutebal.balance.estimate import drift, set_estimate, set_of_reps, unpaired_estimate
from glutebal.model import Bilateral, Quantity, Side
from glutebal.results import Estimate, Laterality, Rep, RepBalance, SetBalance, Status
from glutebal.signal.side_value import SideValue, log_ratio

UNCALIBRATED = "no reference contraction on each side: the ratio would be one of electrodes and skin too"


@dataclass(frozen=True)
class Measured:
    """One measure at one site, rep by rep, before anything is judged.

    ``values`` holds one `SideValue` per side and rep; ``calibrated`` whether a ratio of the sides means anything;
    ``extra_se`` the standard error of λ that all reps share (the references'); ``refusal`` why its channels may not
    stand behind any ratio, empty if they may.
    """

    measure: str
    site: str
    quantity: Quantity
    unit: str
    reps: tuple[Rep, ...]
    values: tuple[Bilateral[SideValue], ...]
    calibrated: bool = True
    extra_se: float = 0.0
    refusal: str = ""


def set_balance(measured: Measured, laterality: Laterality, level: float, nothing: str = "") -> SetBalance:
    """Judge a measure: λ per rep, λ of the set with its interval, its drift over the reps, the mean of each side.

    ``nothing`` says why there is no repetition, if there is none.
    """
    ratios = [log_ratio(values, level) for values in measured.values]
    paired = laterality is Laterality.BILATERAL
    estimate = _judged(measured, ratios if paired else None, level, nothing)
    slope = (
        drift([r.value for r in ratios], level) if paired else Estimate.none(Status.UNPAIRED, "the sides take turns")
    )
    if not measured.calibrated:
        ratios = [_uncalibrated(r) for r in ratios]
    reps = tuple(_rep(measured, k, ratio, level) for k, ratio in enumerate(ratios))
    sides = Bilateral.per_side(lambda side: _mean_of_side(measured, side, level))
    head = (measured.measure, measured.site, measured.quantity, measured.unit)
    return SetBalance(*head, reps, estimate, slope, sides)


def _judged(measured: Measured, ratios: Sequence[Estimate] | None, level: float, nothing: str) -> Estimate:
    """The set's λ; a refused channel outranks everything, then missing reps, then missing calibration.

    ``ratios`` holds λ per rep of reps in which both sides take part; None: the sides take turns.
    """
    if measured.refusal:
        return Estimate.none(Status.REFUSED, measured.refusal)
    if not measured.reps:
        return Estimate.none(Status.TOO_FEW, nothing or "no repetition was found")
    if ratios is None:
        found = _unpaired(measured, level)
    else:
        found = set_of_reps(ratios, extra_se=measured.extra_se, level=level)
    if measured.calibrated or found.status is Status.REFUSED:
        return found
    return Estimate.none(Status.UNCALIBRATED, UNCALIBRATED, found.n)


def _rep(measured: Measured, k: int, ratio: Estimate, level: float) -> RepBalance:
    sides = measured.values[k].map(lambda v: v.estimate(level))
    return RepBalance(measured.reps[k], measured.measure, measured.site, measured.unit, sides, ratio)


def _uncalibrated(ratio: Estimate) -> Estimate:
    keep = ratio.status in {Status.REFUSED, Status.UNPAIRED}
    return ratio if keep else Estimate.none(Status.UNCALIBRATED, UNCALIBRATED, ratio.n)


def _side_values(measured: Measured, side: Side) -> list[SideValue]:
    """The side's values in the reps it took part in."""
    return [v[side] for v in measured.values if v[side].status is not Status.UNPAIRED]


def _unpaired(measured: Measured, level: float) -> Estimate:
    values = Bilateral.per_side(lambda side: _side_values(measured, side))
    usable = values.map(lambda vs: [v for v in vs if v.status.has_value and v.value > 0])
    for side in Side:
        if not usable[side]:
            return _one_sided(values[side], side)
    logs = usable.map(lambda vs: [math.log(v.value) for v in vs])
    estimate = unpaired_estimate(logs.left, logs.right, level=level, extra_se=measured.extra_se)
    return _annotated(estimate, [v.status for vs in usable for v in vs], sum(len(vs) for vs in values))


def _annotated(estimate: Estimate, statuses: Sequence[Status], n: int) -> Estimate:
    """Carry low SNR and left-out reps into the status and the reason."""
    low = statuses.count(Status.LOW_SNR)
    said = [estimate.reason] if estimate.reason else []
    said += [f"{low} of {n} reps are close to the noise floor"] if low else []
    said += [f"{n - len(statuses)} of {n} reps have no value and are left out"] if n > len(statuses) else []
    status = Status.LOW_SNR if low and estimate.status is Status.OK else estimate.status
    return replace(estimate, status=status, reason="; ".join(said))


def _one_sided(values: Sequence[SideValue], side: Side) -> Estimate:
    if not values:
        return Estimate.none(Status.TOO_FEW, f"no {side.value} repetition was found")
    reasons = Counter(v.reason for v in values if v.reason)
    return Estimate.none(values[0].status, reasons.most_common(1)[0][0] if reasons else f"{side.value} has no value")


def _mean_of_side(measured: Measured, side: Side, level: float) -> Estimate:
    """Geometric mean of one side over its reps, with its interval."""
    values = _side_values(measured, side)
    logs = [math.log(v.value) for v in values if v.status.has_value and v.value > 0]
    if not logs:
        return _one_sided(values, side)
    mean = set_estimate(logs, level=level)
    value, low, high = (math.exp(x) for x in (mean.value, mean.low, mean.high))
    return replace(mean, value=value, low=low, high=high, se=value * mean.se)
