"""A left set and a right set held against each other: in one-sided exercises neither has a ratio of its own."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

from glutebal.balance.estimate import unpaired_estimate
from glutebal.live.events import LiveRep
from glutebal.model import Bilateral, Quantity, Side
from glutebal.results import SetBalance, Status

BOTH = "the set before and this one"


def across_sets(balance: SetBalance, told: Iterable[LiveRep], before: Iterable[LiveRep], level: float) -> SetBalance:
    """The balance with the ratio of this set and the one before, where this one alone has none.

    Only what may be compared: the same measure at the same site in the same unit, forces, or EMG in % of its reference.
    """
    if math.isfinite(balance.log_ratio.value) or balance.unit == Quantity.EMG.unit:
        return balance
    head = (balance.measure, balance.site, balance.unit)
    reps = [rep for rep in (*before, *told) if (rep.measure, rep.site, rep.unit) == head]
    logs = Bilateral.per_side(lambda side: _logs(reps, side))
    if not (logs.left and logs.right):
        return balance
    found = unpaired_estimate(logs.left, logs.right, level=level)
    return replace(balance, log_ratio=replace(found, reason="; ".join(filter(None, (BOTH, found.reason)))))


def _logs(reps: Iterable[LiveRep], side: Side) -> list[float]:
    values = [rep.sides[side] for rep in reps if rep.rep.side is side]
    return [
        math.log(v.value) for v in values if v.status in {Status.OK, Status.LOW_SNR, Status.TOO_FEW} and v.value > 0
    ]
