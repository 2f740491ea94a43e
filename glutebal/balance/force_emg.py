"""Force and EMG read together: which side gives more force, which works nearer to its own reference contraction.

A side that reads a higher activation at equal load is not the side that does more: it is nearer to its ceiling, or its
reference contraction was low. Hence the two are never merged; they are shown together, with what the pair may mean.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

from glutebal.balance.ratio import log_ratio_of
from glutebal.errors import InputError
from glutebal.model import Side
from glutebal.results import Estimate, Laterality, Status

#: Imbalance index, points: an interval that includes 0 and stays inside ± this is called even.
EVEN_POINTS = 5.0


class Reading(Enum):
    """What force and activation say together; each names a possible meaning, none a finding."""

    SHIFTED = "shifted"  # two-sided: both to the same side: load was shifted to it
    HARDER = "harder"  # two-sided: force even, activation not: one side works nearer to its reference
    MORE_FORCE = "more_force"  # two-sided: activation even, force not
    BALANCED = "balanced"  # both even
    NEARER_CEILING = "nearer_ceiling"  # one-sided, same load: activation not even
    MORE_LOAD = "more_load"  # one-sided, same relative effort: force not even at even activation
    OPPOSED = "opposed"  # both clear, not a pair that has a reading: both are shown, nothing is concluded
    UNKNOWN = "unknown"  # an interval is missing, or too wide to be either clear or even


@dataclass(frozen=True)
class ForceEmg:
    """Force and activation of one session side by side, on the scale of λ.

    ``efficiency`` is λ_eff = λ_F − λ_E: positive when the right side gives more force per relative activation. ``side``
    is the side that the reading points to: of the load, the higher activation or the higher force; None when it points
    nowhere. ``even_points`` is the band within which an interval counts as even.
    """

    force: Estimate
    activation: Estimate
    efficiency: Estimate
    reading: Reading
    side: Side | None
    even_points: float
    reason: str = ""


class _Sign(Enum):
    LEFT, EVEN, RIGHT, UNTOLD = -1, 0, 1, None


def efficiency(force: Estimate, activation: Estimate) -> Estimate:
    """λ_eff = λ_F − λ_E: force per relative activation, right against left.

    Parameters
    ----------
    force, activation : Estimate
        λ of force or impulse, and of EMG in per cent of a reference contraction, at the same ``level``.

    Returns
    -------
    Estimate
        Its interval is put together from the two, errors taken as independent (Zou & Donner 2008 Stat Med 27:1693): it
        keeps the degrees of freedom of both. ``n`` is the smaller. Without a value on either side the status of that
        one; without an interval on either side TOO_FEW; LOW_SNR if either is.
    """
    for part, name in ((force, "force"), (activation, "activation")):
        if not (part.status.has_value and math.isfinite(part.value)):
            status = Status.REFUSED if part.status.has_value else part.status
            return Estimate.none(status, f"{name}: {part.reason or part.status.value}")
    if force.level != activation.level:
        raise InputError(f"two intervals of level {force.level:g}", f"{activation.level:g}", "force and activation")
    value, n = force.value - activation.value, min(force.n, activation.n)
    if not (_has_interval(force) and _has_interval(activation)):
        return Estimate(value, n=n, method="difference", status=Status.TOO_FEW, reason="one of the two has no range")
    below = math.hypot(force.value - force.low, activation.high - activation.value)
    above = math.hypot(force.high - force.value, activation.value - activation.low)
    status = Status.LOW_SNR if Status.LOW_SNR in {force.status, activation.status} else Status.OK
    reason = "; ".join(dict.fromkeys(part.reason for part in (force, activation) if part.reason))
    method, se = "difference, independent errors", math.hypot(force.se, activation.se)
    return Estimate(value, value - below, value + above, se, n, method, status, reason, force.level)


def _has_interval(part: Estimate) -> bool:
    return part.status.has_value and math.isfinite(part.low) and math.isfinite(part.high)


def read_together(
    force: Estimate, activation: Estimate, laterality: Laterality, even_points: float = EVEN_POINTS
) -> ForceEmg:
    """Put force and activation of one exercise side by side and say what the pair may mean.

    Each is right or left when its interval leaves out 0, even when its interval includes 0 and lies inside
    ±``even_points``, and else untold: an interval that is merely wide is not evidence of symmetry.

    ::

        force λ_F   activation λ_E   two-sided task    one-sided task
        one side    same side        SHIFTED           OPPOSED
        even        one side         HARDER            NEARER_CEILING
        one side    even             MORE_FORCE        MORE_LOAD
        even        even             BALANCED          BALANCED
        one side    other side       OPPOSED           OPPOSED

    Parameters
    ----------
    force, activation : Estimate
        As in `efficiency`.
    laterality : Laterality
        Whether both sides shared each repetition. Walking has no such reading: UNKNOWN.
    even_points : float
        Band of the imbalance index, points, above 0 and below 100.
    """
    if not 0 < even_points < 100:
        raise InputError("a band between 0 and 100 points", f"{even_points:g}", "force and activation")
    f, e = _sign(force, even_points), _sign(activation, even_points)
    reading, side = _reading(f, e, laterality)
    reason = _why(f, e, laterality, even_points) if reading is Reading.UNKNOWN else ""
    return ForceEmg(force, activation, efficiency(force, activation), reading, side, even_points, reason)


def _sign(part: Estimate, even_points: float) -> _Sign:
    if not _has_interval(part):
        return _Sign.UNTOLD
    if not part.low <= 0 <= part.high:
        return _Sign.RIGHT if part.value > 0 else _Sign.LEFT
    return _Sign.EVEN if max(-part.low, part.high) <= log_ratio_of(even_points) else _Sign.UNTOLD


def _reading(force: _Sign, activation: _Sign, laterality: Laterality) -> tuple[Reading, Side | None]:
    if laterality is Laterality.CYCLIC or _Sign.UNTOLD in {force, activation}:
        return Reading.UNKNOWN, None
    together = laterality is Laterality.BILATERAL
    if force is activation:
        if force is _Sign.EVEN:
            return Reading.BALANCED, None
        return (Reading.SHIFTED, _side(force)) if together else (Reading.OPPOSED, None)
    if force is _Sign.EVEN:
        return Reading.HARDER if together else Reading.NEARER_CEILING, _side(activation)
    if activation is _Sign.EVEN:
        return Reading.MORE_FORCE if together else Reading.MORE_LOAD, _side(force)
    return Reading.OPPOSED, None


def _side(sign: _Sign) -> Side:
    return Side.RIGHT if sign is _Sign.RIGHT else Side.LEFT


def _why(force: _Sign, activation: _Sign, laterality: Laterality, even_points: float) -> str:
    if laterality is Laterality.CYCLIC:
        return "force and EMG of a stride are not of the same moment"
    untold = [name for name, sign in (("force", force), ("activation", activation)) if sign is _Sign.UNTOLD]
    ranges = "the range of " + " and of ".join(untold)
    return f"{ranges} neither leaves out 0 nor lies within ±{even_points:g} points"
