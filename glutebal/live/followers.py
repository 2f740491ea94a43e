"""In sides that take turns, what is far below the repetitions of the other side is none.

Until a side has shown what it can do, the rep finder takes the largest that it has done for its work: going along with
the other side, or nothing but noise.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from glutebal.model import Bilateral, Track
from glutebal.results import ExcludedRep, Laterality, Rep, Segmentation

FAR = 16.0  # times the power, four times the amplitude: more than electrodes and skin make
REASON = "far below what the other side does"


def without_followers(found: Segmentation, effort: Bilateral[Track | None]) -> Segmentation:
    """The segmentation without reps of a side that only goes along; ``effort`` is power on the clock of the reps."""
    if found.laterality is Laterality.BILATERAL:
        return found
    does = [(rep, _power(effort[rep.side], rep)) for rep in found.reps if rep.side is not None]
    usual = Bilateral.per_side(lambda side: max((power for rep, power in does if rep.side is side.other), default=0.0))
    weak = [rep for rep, power in does if rep.side is not None and power * FAR < _other(effort, rep, usual)]
    left_out = [ExcludedRep(rep.start_s, rep.stop_s, REASON, rep.side) for rep in weak]
    kept = tuple(rep for rep in found.reps if not any(rep is other for other in weak))
    return replace(found, reps=kept, excluded=(*found.excluded, *left_out)) if weak else found


def _other(effort: Bilateral[Track | None], rep: Rep, usual: Bilateral[float]) -> float:
    """What the other side does at the same time, or in its own reps."""
    if rep.side is None:
        return 0.0
    return max(_power(effort[rep.side.other], rep), usual[rep.side])


def _power(effort: Track | None, rep: Rep) -> float:
    """Mean power in the time of a rep, 0 where nothing is known."""
    values = effort.between(rep.start, rep.stop).values() if effort is not None else np.empty(0)
    return max(0.0, float(values.mean())) if values.size else 0.0
