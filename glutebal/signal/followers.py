"""Sides that take turns: what a side does while the other one does far more is going along, and no repetition.

The rep finder scales either side by its own usual peak, so that a weak side counts as much as a strong one. A side that
never works by itself has nothing but its co-activation, or its noise, to be scaled by.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from glutebal.model import Bilateral, Side, Track
from glutebal.results import ExcludedRep, Laterality, Rep, Segmentation

FAR = 16.0  # times the power, four times the amplitude: more than electrodes and skin make
FAR_FROM_USUAL = 100.0  # ten times the amplitude: hardly anything, for a side that has not shown what it can do
ALONG = "it goes along with the other side, which does far more at the same time"
HARDLY = "far below what the other side does"


def goes_along(start: int, stop: int, side: Side | None, effort: Bilateral[Track | None]) -> bool:
    """Whether the other side does far more in ``[start, stop)`` than this one; ``effort`` is power on that clock."""
    if side is None:
        return False
    return _power(effort[side], start, stop) * FAR < _power(effort[side.other], start, stop)


def without_idle_side(found: Segmentation, effort: Bilateral[Track | None]) -> Segmentation:
    """While a set runs: without reps that are hardly anything beside those of the other side.

    A side that has not worked yet is scaled by its noise. When the set is over the whole of it says what is a rep.
    """
    if found.laterality is Laterality.BILATERAL:
        return found
    usual = Bilateral.per_side(
        lambda side: max((_of(rep, effort) for rep in found.reps if rep.side is side), default=0)
    )
    idle = [r for r in found.reps if r.side and _of(r, effort) * FAR_FROM_USUAL < usual[r.side.other]]
    if not idle:
        return found
    left_out = tuple(ExcludedRep(rep.start_s, rep.stop_s, HARDLY, rep.side) for rep in idle)
    kept = tuple(rep for rep in found.reps if not any(rep is other for other in idle))
    return replace(found, reps=kept, excluded=(*found.excluded, *left_out))


def _of(rep: Rep, effort: Bilateral[Track | None]) -> float:
    return _power(effort[rep.side], rep.start, rep.stop) if rep.side else 0.0


def _power(effort: Track | None, start: int, stop: int) -> float:
    """Mean power, 0 where nothing is known."""
    values = effort.between(start, stop).values() if effort is not None else np.empty(0)
    return max(0.0, float(values.mean())) if values.size else 0.0
