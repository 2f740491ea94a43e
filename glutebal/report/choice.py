"""Which balances are told, together with which, and in what order; never chosen by how large they are."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable

from glutebal.balance.difference import answer_of
from glutebal.model import Quantity
from glutebal.report.reading import as_imbalance, bound, has_interval, reason, title
from glutebal.results import Analysis, Estimate, SetBalance, Status

_FORCES = (Quantity.FORCE, Quantity.TORQUE)


def primary(analysis: Analysis) -> SetBalance | None:
    """The one balance that may be a headline: chosen by what it is, never by how large it is.

    How much comes before how far (differences in degrees or centimetres), and that before how long; then answers
    before reasons for none, force before EMG, the gluteus maximus before other sites; the order of the analysis decides
    the rest. A difference that sensors could not tell comes last: a walk without a calibration still has its strides.
    """
    return min(analysis.balances, key=precedence, default=None)


def precedence(balance: SetBalance) -> tuple[int, int, bool, bool]:
    """Where a balance stands in the queue for the headline: smaller comes first (see `primary`)."""
    found = answer_of(balance)
    status = found.status
    answer = 0 if has_interval(found) else 1 if status.has_value else 2 if status is Status.CENSORED else 3
    return weight(balance), answer, balance.quantity not in _FORCES, not balance.site.startswith("gluteus_maximus")


def weight(balance: SetBalance) -> int:
    """0 for how much, 1 for a difference in degrees or cm, 2 for how long, 3 for a difference without a value."""
    if is_timing(balance):
        return 2
    if balance.difference is None:
        return 0
    return 1 if has_answer(balance.difference) else 3


def is_timing(balance: SetBalance) -> bool:
    """Whether the measure says how long, not how much: seconds, or a part of the rep's own time."""
    return balance.unit in {"s", "ms", "%"}


def answered(analysis: Analysis) -> list[SetBalance]:
    """The balances with a ratio, or a bound of one, to show; those with a difference are `differences`."""
    return [b for b in analysis.balances if has_answer(b.log_ratio)]


def has_answer(ratio: Estimate) -> bool:
    """Whether there is a number or a bound to show."""
    if ratio.status is Status.CENSORED:
        return bool(bound(as_imbalance(ratio)))
    return ratio.status.has_value and math.isfinite(ratio.value)


def by_weight(balances: Iterable[SetBalance]) -> list[SetBalance]:
    """How much before how far, and that before how long; else in the given order."""
    return sorted(balances, key=weight)


def unanswered(analysis: Analysis) -> list[tuple[str, list[SetBalance]]]:
    """The balances without an answer, those with the same reason together: (reason, balances)."""
    return by_reason(b for b in analysis.balances if not has_answer(answer_of(b)))


def by_reason(balances: Iterable[SetBalance]) -> list[tuple[str, list[SetBalance]]]:
    """Balances with the same reason together, in the order in which the reasons first come."""
    groups: dict[str, list[SetBalance]] = {}
    for balance in balances:
        groups.setdefault(reason(answer_of(balance)), []).append(balance)
    return list(groups.items())


def what(balances: Iterable[SetBalance], analysis: Analysis) -> str:
    """Sites with their measures, told together: "gluteus maximus, gluteus medius (activation, peak); foot (tempo)"."""
    by_site: dict[str, list[str]] = {}
    for balance in balances:
        by_site.setdefault(balance.site, []).append(title(balance.measure))
    totals = Counter(balance.site for balance in analysis.balances)
    by_measures: dict[str, list[str]] = {}
    for site, measures in by_site.items():
        every = len(measures) == totals[site] > 1
        by_measures.setdefault("all measures" if every else ", ".join(measures), []).append(title(site))
    return "; ".join(f"{', '.join(sites)} ({measures})" for measures, sites in by_measures.items())
