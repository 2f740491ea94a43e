"""What is measured in a stride: one time per side, from the strides of both feet alone.

The strides may come from inertial sensors, from force contacts or from events: all that is used is when each foot was
on the ground. What needs the other foot (step, double support, flight) has a value only where the other foot's stride
was counted too.

Stance time, load and impulse of force insoles and plates are `glutebal.signal.measures` over ground contacts; what a
plate or treadmill with a fore-aft force adds is here.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from glutebal.model import Bilateral, Samples, Side
from glutebal.results import Rep, Segmentation, Status
from glutebal.signal.measures import ForceMeasure
from glutebal.signal.side_value import SideValue

NO_OTHER = "the other foot's stride was not counted"
NO_PHASES = "when the foot left the ground is not known"
ON_GROUND = "no flight: a foot was always on the ground"
FLYING = "no double support: the stride is of running"
OTHERS = "the other foot's stride"


@dataclass(frozen=True)
class StrideMeasure:
    """One number per stride in ``unit``; ``of`` sees the stride and the other foot's that ends within it, if any."""

    name: str
    title: str
    unit: str
    of: Callable[[Rep, Rep | None], SideValue]


@dataclass(frozen=True)
class StrideValues:
    """A measure over all strides: one `SideValue` per side and rep, UNPAIRED on the side that the stride is not of."""

    measure: StrideMeasure
    reps: tuple[Rep, ...]
    values: tuple[Bilateral[SideValue], ...]

    def of(self, side: Side) -> list[float]:
        """The values of one side in time order, NaN where there is none."""
        return [v[side].value for rep, v in zip(self.reps, self.values, strict=True) if rep.side is side]


def _refused(reason: str) -> SideValue:
    return SideValue.none(Status.REFUSED, reason)


def _apart(start: int | None, stop: int | None, rate_hz: float) -> SideValue:
    return _refused(NO_PHASES) if start is None or stop is None else SideValue((stop - start) / rate_hz)


def _stride_time(rep: Rep, other: Rep | None) -> SideValue:  # noqa: ARG001 - one signature for all measures
    return SideValue(rep.duration_s)


def _stance(rep: Rep, other: Rep | None) -> SideValue:  # noqa: ARG001
    return _apart(rep.start, rep.turn, rep.rate_hz)


def _swing(rep: Rep, other: Rep | None) -> SideValue:  # noqa: ARG001
    return _apart(rep.turn, rep.stop, rep.rate_hz)


def _step(rep: Rep, other: Rep | None) -> SideValue:
    """From the other foot's strike to this foot's: the step is named by the foot that lands."""
    return _refused(NO_OTHER) if other is None else SideValue(rep.stop_s - other.stop_s)


def _double_support(rep: Rep, other: Rep | None) -> SideValue:
    """From this foot's strike until the other foot leaves: the load is taken over by this foot."""
    if other is None:
        return _refused(NO_OTHER)
    if other.turn is None:
        return _refused(NO_PHASES)
    both = other.turn / other.rate_hz - rep.start_s
    return SideValue(both) if both > 0 else _refused(FLYING)


def _flight(rep: Rep, other: Rep | None) -> SideValue:
    """From this foot's toe-off until the other foot lands: this foot pushed off."""
    if other is None:
        return _refused(NO_OTHER)
    if rep.turn is None:
        return _refused(NO_PHASES)
    air = other.stop_s - rep.turn / rep.rate_hz
    return SideValue(air) if air > 0 else _refused(ON_GROUND)


#: Every measure of a stride.
STRIDE_MEASURES = (
    StrideMeasure("stance_time", "stance time", "s", _stance),
    StrideMeasure("swing_time", "swing time", "s", _swing),
    StrideMeasure("step_time", "step time, from the other foot's strike to this foot's", "s", _step),
    StrideMeasure(
        "double_support_time", "double support, from this foot's strike to the other's toe-off", "s", _double_support
    ),
    StrideMeasure("flight_time", "flight, from this foot's toe-off to the other's strike", "s", _flight),
    StrideMeasure("stride_time", "stride time", "s", _stride_time),
)


def _propulsion(force: Samples, rate_hz: float) -> float:
    return float(np.sum(np.maximum(force, 0.0)) / rate_hz)


def _braking(force: Samples, rate_hz: float) -> float:
    return float(np.sum(np.maximum(-force, 0.0)) / rate_hz)


#: Of the fore-aft ground reaction over a contact, forward positive. A vertical force cannot give them.
FORE_AFT_MEASURES = (
    ForceMeasure("propulsive_impulse", "propulsive impulse (forward part of the fore-aft force)", "N·s", _propulsion),
    ForceMeasure("braking_impulse", "braking impulse (backward part of the fore-aft force)", "N·s", _braking),
)


def stride_values(
    segmentation: Segmentation, measures: Sequence[StrideMeasure] = STRIDE_MEASURES
) -> tuple[StrideValues, ...]:
    """Every measure of every stride; a measure that no stride has is left out.

    Parameters
    ----------
    segmentation : Segmentation
        Strides of both feet (`walk_from_motion`, or `strides` of force contacts). Strides without a side are passed
        over: they have no balance.
    measures : sequence of StrideMeasure
        Which.
    """
    reps = tuple(rep for rep in segmentation.reps if rep.side is not None)
    others = _others(reps)
    found = (
        StrideValues(m, reps, tuple(_sided(rep, m.of(rep, o)) for rep, o in zip(reps, others, strict=True)))
        for m in measures
    )
    return tuple(values for values in found if any(v.status.has_value for both in values.values for v in both))


def _sided(rep: Rep, value: SideValue) -> Bilateral[SideValue]:
    absent = SideValue.none(Status.UNPAIRED, OTHERS)
    return Bilateral.per_side(partial(_own, rep, value, absent))


def _own(rep: Rep, value: SideValue, absent: SideValue, side: Side) -> SideValue:
    return value if side is rep.side else absent


def _others(reps: Sequence[Rep]) -> list[Rep | None]:
    """For every stride the other foot's that ends within it, None where there is none of the same bout."""
    by_side = {side: sorted((r for r in reps if r.side is side), key=lambda r: r.stop_s) for side in Side}
    stops = {side: [r.stop_s for r in by_side[side]] for side in Side}
    out: list[Rep | None] = []
    for rep in reps:
        other = (rep.side or Side.LEFT).other
        k = bisect_right(stops[other], rep.start_s)
        found = by_side[other][k] if k < len(by_side[other]) else None
        out.append(found if found is not None and found.stop_s < rep.stop_s and found.start_s < rep.start_s else None)
    return out
