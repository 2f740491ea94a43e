"""The phase coordination index of walking: how evenly in time one foot's strikes fall between the other's."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from glutebal.model import Bilateral, Samples, Side
from glutebal.results import Status

LEAST_STRIDES = 3


@dataclass(frozen=True)
class PhaseCoordination:
    """Phase coordination index (Plotnik, Giladi & Hausdorff 2007), per cent; 0 = every step at half of its stride.

    ``index`` is ``variability`` (coefficient of variation of the phases, per cent) plus ``inaccuracy`` (mean distance
    of the phases from 180°, per cent of 180°). ``phases_deg`` holds one phase per stride that has one, ``left_out``
    counts strides in which the other foot struck never or more than once.
    """

    index: float
    variability: float
    inaccuracy: float
    phases_deg: tuple[float, ...]
    left_out: int = 0
    status: Status = Status.OK
    reason: str = ""


def phase_coordination(strikes: Bilateral[ArrayLike], reference: Side) -> PhaseCoordination:
    """Phase coordination index: φ = 360°·(other − start)/(next − start) for each stride of the reference foot.

    Parameters
    ----------
    strikes : Bilateral of array_like
        Times of foot strikes, s, in order.
    reference : Side
        The foot whose strides are divided: the one with the longer mean swing, as the index is defined.

    Returns
    -------
    PhaseCoordination
        TOO_FEW under three strides with a phase: NaN, with the phases that there are.
    """
    own, other = (np.asarray(strikes[side], dtype=np.float64) for side in (reference, reference.other))
    found = np.searchsorted(other, own, side="left")
    one = np.diff(found) == 1
    phases = 360 * (other[found[:-1][one]] - own[:-1][one]) / np.diff(own)[one]
    return _of_phases(phases, int(np.count_nonzero(~one)))


def _of_phases(phases: Samples, left_out: int) -> PhaseCoordination:
    kept = tuple(phases.tolist())
    if len(kept) < LEAST_STRIDES:
        reason = f"{len(kept)} strides with a phase, the index needs {LEAST_STRIDES}"
        return PhaseCoordination(math.nan, math.nan, math.nan, kept, left_out, Status.TOO_FEW, reason)
    variability = float(100 * phases.std(ddof=1) / phases.mean())
    inaccuracy = float(100 * np.abs(phases - 180).mean() / 180)
    return PhaseCoordination(variability + inaccuracy, variability, inaccuracy, kept, left_out)
