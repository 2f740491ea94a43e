"""The answer of a session over its sets: the sets, not the repetitions, are the replicates."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from glutebal.balance.difference import Compared
from glutebal.balance.estimate import MIN_REPS, drift
from glutebal.balance.nested import nested_estimate
from glutebal.model import Side
from glutebal.results import Estimate, SetBalance, Status

MOST_SILENT = 0.2  # of the sets may be left out because a side is below its floor


def session_difference(sets: Sequence[Estimate]) -> Estimate:
    """Right minus left of a session, in its unit: the mean over its sets with the interval of the sets."""
    return of_differences(session_ratio(sets))


def of_differences(found: Estimate) -> Estimate:
    """The arithmetic is that of λ; the words are not."""
    return replace(found, reason=found.reason.replace("a ratio", "a difference"))


def arithmetic_mean(balances: Sequence[Compared], side: Side) -> Estimate:
    """One side over the sets, of what can cross zero."""
    sides = [balance.sides[side] for balance in balances]
    usable = [s for s in sides if has_number(s)]
    if not usable:
        return _refused(sides)
    return replace(nested_estimate([[s.value] for s in usable]), n=sum(s.n for s in usable))


def session_ratio(sets: Sequence[Estimate], shared_ses: Sequence[float] = ()) -> Estimate:
    """λ of a session: the mean over its sets with the interval of the sets, which are the replicates.

    Parameters
    ----------
    sets : sequence of Estimate
        λ of each set; those without a value are left out and counted in the reason.
    shared_ses : sequence of float
        Per set, what it shares with the others; the largest is added in quadrature.

    Returns
    -------
    Estimate
        ``n`` counts repetitions. TOO_FEW without interval under three sets; a bound when more than a fifth of the sets
        only have one, because leaving them out would pull the mean towards symmetry; the commonest status and reason
        when no set has a value.
    """
    usable = [s for s in sets if has_number(s)]
    left_out = [s for s in sets if not has_number(s)]
    silent = [s for s in left_out if s.status is Status.CENSORED]
    if silent and len(silent) > MOST_SILENT * (len(silent) + len(usable)):
        return _bound(usable, silent)
    if not usable:
        return _refused(left_out)
    found = nested_estimate([[s.value] for s in usable], extra_se=max(shared_ses, default=0.0))
    faint = found.status is Status.OK and any(s.status is Status.LOW_SNR for s in usable)
    status = Status.LOW_SNR if faint else found.status
    return replace(found, n=sum(s.n for s in usable), status=status, reason=_remarks(found, sets, left_out))


def has_number(estimate: Estimate) -> bool:
    """Whether there is a value."""
    return estimate.status.has_value and math.isfinite(estimate.value)


def _bound(usable: Sequence[Estimate], silent: Sequence[Estimate]) -> Estimate:
    """The mean with a bound in the place of each unknown set."""
    values = [s.value for s in usable]
    count = len(usable) + len(silent)
    low, high = ((sum(ends) + sum(values)) / count for ends in ([s.low for s in silent], [s.high for s in silent]))
    reason = f"{_commonest(silent)} in {len(silent)} of {sets_counted(count)}"
    n = sum(s.n for s in [*usable, *silent])
    return Estimate(math.nan, low, high, n=n, method="mean of bounds", status=Status.CENSORED, reason=reason)


def _refused(sets: Sequence[Estimate]) -> Estimate:
    status = Counter(s.status for s in sets).most_common(1)[0][0] if sets else Status.REFUSED
    reason = _commonest([s for s in sets if s.status is status]) if sets else "no set was recorded"
    return Estimate.none(status, reason, sum(s.n for s in sets))


def _commonest(sets: Sequence[Estimate]) -> str:
    return Counter(s.reason for s in sets).most_common(1)[0][0]


def _remarks(found: Estimate, sets: Sequence[Estimate], left_out: Sequence[Estimate]) -> str:
    said = [found.reason] if found.reason else []
    faint = [s for s in sets if s.status is Status.LOW_SNR]
    said += [f"close to the noise floor in {len(faint)} of {sets_counted(len(sets))}"] if faint else []
    said += [f"{len(left_out)} of {sets_counted(len(sets))} left out: {_commonest(left_out)}"] if left_out else []
    return "; ".join(said)


def sets_counted(n: int) -> str:
    """How many: "1 set", "3 sets"."""
    return f"{n} set" if n == 1 else f"{n} sets"


def drift_over_sets(values: Sequence[float]) -> Estimate:
    """Slope of λ, or of a difference, per set."""
    slope = replace(drift(values), method="least squares per set")
    if slope.status is Status.TOO_FEW:
        return replace(slope, reason=f"{sets_counted(slope.n)}, an interval needs {MIN_REPS}")
    return slope if slope.status.has_value else replace(slope, reason="a slope needs two sets with a ratio")


def mean_of_side(balances: Sequence[SetBalance], side: Side) -> Estimate:
    """Geometric mean of one side over the sets, with the interval of the sets."""
    sides = [balance.sides[side] for balance in balances]
    usable = [s for s in sides if has_number(s) and s.value > 0]
    if not usable:
        return _refused(sides)
    mean = nested_estimate([[math.log(s.value)] for s in usable])
    value, low, high = (math.exp(x) for x in (mean.value, mean.low, mean.high))
    return replace(mean, value=value, low=low, high=high, se=value * mean.se, n=sum(s.n for s in usable))
