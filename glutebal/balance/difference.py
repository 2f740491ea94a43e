"""Right minus left, for what can cross zero: angles in degrees, displacements in cm, times of a movement in s.

A ratio of such values means nothing, so their sides are subtracted, and the interval is the one of `estimate` on the
differences. What people may be told also has a floor: below it the sensors, not the body, decide the number.

::

    RepBalance.difference ──difference_of_reps──▶ SetBalance.difference ──claim(floor)──▶ Claim

A value of the midline (the shift of the pelvis, its tilt) has a sign and no sides: it is its own difference.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from enum import Enum
from typing import Protocol

from numpy.typing import ArrayLike

from glutebal.balance.estimate import (
    Autocorrelation,
    drift,
    set_estimate,
    set_of_reps,
    t_quantile,
    unpaired_estimate,
)
from glutebal.errors import InputError
from glutebal.model import Bilateral, Quantity, Side
from glutebal.results import Estimate, Rep, RepBalance, SetBalance, Status

#: Smallest difference that inertial sensors can tell, by unit. Degrees: frontal angles of less than 5° between the
#: sides are not interpretable, and pairs of repetitions count as equal in depth within 5°. Centimetres: 1° of tilt over
#: a leg of 0.85 m is 1.5 cm.
FLOOR_BY_UNIT = {"deg": 5.0, "cm": 1.5}
#: The same by words in the name of the measure, where it differs: the frontal angle of the knee has an MDC of about 8°.
FLOOR_BY_NAME = {"knee_frontal": 8.0, "knee_valgus": 8.0}

AUTOCORRELATION = Autocorrelation()
NO_RATIO = "it can cross zero, so the sides are subtracted, not divided"
NO_SIDES = "a midline value has a sign, not two sides"


class Claim(Enum):
    """What may be said of a difference."""

    BEYOND = "beyond"  # as large as the floor or larger, with an interval that leaves out 0
    BELOW = "below"  # smaller than what the sensors can tell, whatever its interval
    UNCLEAR = "unclear"  # large enough, but its interval includes 0 or is not known
    UNKNOWN = "unknown"  # no value


def smallest_claim(measure: str, unit: str) -> float:
    """The floor of a measure in its unit; 0 where none is known, as for times.

    Parameters
    ----------
    measure : str
        As in `SetBalance.measure`.
    unit : str
        ``deg``, ``cm``, ``s``.
    """
    named = (floor for word, floor in FLOOR_BY_NAME.items() if word in measure and unit == "deg")
    return next(named, FLOOR_BY_UNIT.get(unit, 0.0))


def claim(difference: Estimate, floor: float = 0.0) -> Claim:
    """Whether a difference may be told as one; the same for a difference and its mirror image.

    Parameters
    ----------
    difference : Estimate
        Right minus left.
    floor : float
        Smallest claim in the same unit, ≥ 0 (`smallest_claim`). It covers how the sensors sit and the soft tissue under
        them, which no number of repetitions averages out: so it is compared with the value, not with its interval.
    """
    if not (floor >= 0 and math.isfinite(floor)):
        raise InputError("a floor of 0 or more", f"{floor:g}", "claim")
    if not _has_number(difference):
        return Claim.UNKNOWN
    if abs(difference.value) < floor:
        return Claim.BELOW
    known = math.isfinite(difference.low) and math.isfinite(difference.high)
    return Claim.BEYOND if known and not difference.low <= 0 <= difference.high else Claim.UNCLEAR


class Compared(Protocol):
    """What has both sides and their ratio or difference: of a set, of a repetition, or of a set in the history."""

    @property
    def sides(self) -> Bilateral[Estimate]:
        """Each side's own value."""
        ...

    @property
    def log_ratio(self) -> Estimate:
        """Ratio λ of the sides, or NOT_A_RATIO."""
        ...

    @property
    def difference(self) -> Estimate | None:
        """Right minus left where there is no ratio."""
        ...


def answer_of(balance: Compared) -> Estimate:
    """What a balance has to say: its difference where it has one, else λ."""
    return balance.log_ratio if balance.difference is None else balance.difference


def is_midline(balance: Compared) -> bool:
    """Whether its difference is a signed value of the midline: there is one, and no sides behind it."""
    sides = balance.sides
    return balance.difference is not None and all(s.status is Status.UNPAIRED and math.isnan(s.value) for s in sides)


def set_difference(
    values: ArrayLike,
    *,
    ses: ArrayLike | None = None,
    extra_se: float = 0.0,
    level: float = 0.95,
    autocorrelation: Autocorrelation = AUTOCORRELATION,
) -> Estimate:
    """Right minus left of a set, or a signed midline value: the mean with the autocorrelation-shrunk t interval.

    Parameters
    ----------
    values : array_like, shape (n,)
        The difference of each repetition in its unit, in the order they were done; NaN is left out.
    ses, extra_se, level, autocorrelation
        As in `set_estimate`; ``extra_se`` in the unit of the values.

    Returns
    -------
    Estimate
        In the unit of the values. TOO_FEW without interval under five repetitions, REFUSED without any.
    """
    return _worded(set_estimate(values, ses=ses, extra_se=extra_se, level=level, autocorrelation=autocorrelation))


def difference_of_reps(reps: Sequence[Estimate], level: float = 0.95, extra_se: float = 0.0) -> Estimate:
    """`set_difference` over repetitions that know their status: what was left out, and why, goes with the result.

    ``extra_se`` is the error that all repetitions share. It is part of the error of each of them, so that theirs are
    not counted again.
    """
    own = [replace(rep, se=math.nan) for rep in reps] if extra_se else reps
    return _worded(set_of_reps(own, extra_se=extra_se, level=level))


def unpaired_difference(left: ArrayLike, right: ArrayLike, *, extra_se: float = 0.0, level: float = 0.95) -> Estimate:
    """Right minus left of repetitions that the sides did in turns: the difference of two independent means.

    Parameters
    ----------
    left, right : array_like, shapes (n,) and (m,)
        Values of each side in one unit; NaN is left out.
    extra_se : float
        Standard error of the difference that all repetitions share.
    level : float
        Nominal coverage.
    """
    return _worded(unpaired_estimate(left, right, extra_se=extra_se, level=level))


def difference_drift(values: ArrayLike, level: float = 0.95) -> Estimate:
    """Slope of the difference per repetition, in unit per rep (see `estimate.drift`)."""
    return _worded(drift(values, level))


def _worded(found: Estimate) -> Estimate:
    """The arithmetic is that of λ; the words are not."""
    method = found.method.replace("log ratios", "differences").replace("log means", "means")
    return replace(found, method=method, reason=found.reason.replace("a ratio", "a difference"))


def rep_difference(sides: Bilateral[Estimate], level: float = 0.95) -> Estimate:
    """Right minus left of one repetition, with the sides' own errors in quadrature; or why there is none."""
    unknown = sorted((s for s in sides if not _has_number(s)), key=lambda s: s.status is not Status.UNPAIRED)
    if unknown:
        status = Status.REFUSED if unknown[0].status.has_value else unknown[0].status
        return Estimate.none(status, unknown[0].reason or "a side has no value")
    value, se = sides.right.value - sides.left.value, math.hypot(*(s.se for s in sides))
    faint = next((s for s in sides if s.status is Status.LOW_SNR), None)
    made = Estimate(value, se=se, n=1, method="right minus left", level=level)
    made = replace(made, status=faint.status, reason=faint.reason) if faint else made
    half = t_quantile(level, math.inf) * se
    return replace(made, low=value - half, high=value + half) if math.isfinite(half) else made


def sides_balance(
    measure: str,
    site: str,
    quantity: Quantity,
    unit: str,
    reps: Sequence[tuple[Rep, Bilateral[Estimate]]],
    *,
    level: float = 0.95,
    nothing: str = "",
    extra_se: float = 0.0,
) -> SetBalance:
    """A measure that both sides have and that can cross zero, over all repetitions.

    Parameters
    ----------
    measure, site : str
        Field words: ``hip_flexion_rom`` at ``hip``.
    quantity : Quantity
        ``ANGLE`` for deg, ``POSITION`` for cm.
    unit : str
        ``deg``, ``cm`` or ``s``; of the sides and of the difference.
    reps : sequence of (Rep, Bilateral of Estimate)
        Both sides' values of each repetition; in a one-sided repetition the resting side is UNPAIRED.
    level : float
        Nominal coverage.
    nothing : str
        Why there is no repetition, if there is none.
    extra_se : float
        Standard error of the difference that all repetitions share (how the sensors sit), in ``unit``.
    """
    made = tuple(
        RepBalance(rep, measure, site, unit, sides, _no_ratio(), rep_difference(sides, level)) for rep, sides in reps
    )
    empty = SetBalance(measure, site, quantity, unit, (), *_NOTHING)
    return _over(empty, made, level, nothing, midline=False, extra_se=extra_se)


def midline_balance(
    measure: str,
    site: str,
    quantity: Quantity,
    unit: str,
    reps: Sequence[tuple[Rep, Estimate]],
    *,
    level: float = 0.95,
    nothing: str = "",
    extra_se: float = 0.0,
) -> SetBalance:
    """A signed value of the midline over all repetitions: it is its own difference, and there are no sides.

    Parameters
    ----------
    reps : sequence of (Rep, Estimate)
        The signed value of each repetition: a shift + to the right, an obliquity + with the right higher, a tilt
        + anterior.
    measure, site, quantity, unit, level, nothing, extra_se
        As in `sides_balance`; the site is ``pelvis``.
    """
    made = tuple(RepBalance(rep, measure, site, unit, _no_sides(), _no_ratio(), value) for rep, value in reps)
    empty = SetBalance(measure, site, quantity, unit, (), *_NOTHING)
    return _over(empty, made, level, nothing, midline=True, extra_se=extra_se)


def of_reps(balance: SetBalance, reps: Sequence[RepBalance], level: float = 0.95, nothing: str = "") -> SetBalance:
    """The same measure over some of its repetitions, judged anew, with the error that all of them share."""
    return _over(balance, tuple(reps), level, nothing, midline=is_midline(balance), extra_se=shared_se(balance, level))


def shared_se(balance: SetBalance, level: float = 0.95) -> float:
    """What the error of the whole has beyond that of its repetitions: how the sensors sit; 0 where it has nothing."""
    found = balance.difference
    if found is None or not math.isfinite(found.se):
        return 0.0
    midline = is_midline(balance)
    plain = _over(balance, balance.reps, level, "", midline=midline).difference
    bare = tuple(
        replace(rep, difference=replace(rep.difference, se=math.nan)) for rep in balance.reps if rep.difference
    )
    scatter = _over(balance, bare, level, "", midline=midline).difference
    if plain is None or scatter is None or not found.se > plain.se * (1 + 1e-9):
        return 0.0
    return math.sqrt(max(found.se**2 - scatter.se**2, 0.0))


def _over(
    balance: SetBalance,
    reps: tuple[RepBalance, ...],
    level: float,
    nothing: str,
    *,
    midline: bool,
    extra_se: float = 0.0,
) -> SetBalance:
    found = [rep.difference or Estimate.none(Status.REFUSED, "no value") for rep in reps]
    turns = bool(found) and all(d.status is Status.UNPAIRED for d in found)
    sides = _no_sides() if midline else Bilateral.per_side(lambda side: mean_of_side(reps, side, level))
    if not reps:
        judged = Estimate.none(Status.TOO_FEW, nothing or "no repetition was found")
    elif turns:
        judged = _of_turns(reps, sides, level, extra_se)
    else:
        judged = difference_of_reps(found, level, extra_se)
    slope = difference_drift([d.value if _has_number(d) else math.nan for d in found], level)
    slope = Estimate.none(Status.UNPAIRED, "the sides take turns") if turns else slope
    return replace(balance, reps=reps, log_ratio=_no_ratio(judged.n), drift=slope, sides=sides, difference=judged)


def _of_turns(reps: Sequence[RepBalance], sides: Bilateral[Estimate], level: float, extra_se: float) -> Estimate:
    """Of one-sided repetitions; a side without any value says why."""
    silent = next((s for s in sides if not _has_number(s)), None)
    if silent is not None:
        return Estimate.none(silent.status, silent.reason)
    values = Bilateral.per_side(lambda side: _values(reps, side))
    return unpaired_difference(values.left, values.right, extra_se=extra_se, level=level)


def mean_of_side(reps: Sequence[RepBalance], side: Side, level: float = 0.95) -> Estimate:
    """Arithmetic mean of one side over the repetitions it took part in, with its interval."""
    own = [rep.sides[side] for rep in reps if rep.sides[side].status is not Status.UNPAIRED]
    values = _values(reps, side)
    if not values:
        why = next((s.reason for s in own if s.reason), f"no {side.value} repetition was found")
        return Estimate.none(own[0].status if own else Status.TOO_FEW, why)
    found = set_estimate(values, level=level)
    return replace(found, method=found.method.replace("log ratios", "values"))


def _values(reps: Sequence[RepBalance], side: Side) -> list[float]:
    return [rep.sides[side].value for rep in reps if _has_number(rep.sides[side])]


def _has_number(estimate: Estimate) -> bool:
    return estimate.status.has_value and math.isfinite(estimate.value)


def _no_ratio(n: int = 0) -> Estimate:
    return Estimate.none(Status.NOT_A_RATIO, NO_RATIO, n)


def _no_sides() -> Bilateral[Estimate]:
    none = Estimate.none(Status.UNPAIRED, NO_SIDES)
    return Bilateral(none, none)


_NOTHING = (_no_ratio(), _no_ratio(), _no_sides())
