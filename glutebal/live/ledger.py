"""What has been told of the reps of a set, so that a later look says only what is new.

A rep keeps its number for as long as it is one. Looks differ: a rep may move, change its value, or turn out to be none.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from glutebal.balance.estimate import as_imbalance
from glutebal.live.events import LiveRep
from glutebal.model import Bilateral
from glutebal.results import Estimate, Rep, RepBalance, SetBalance, Status

TELL_POINTS = 0.5  # of the imbalance index: a smaller change is told when the set is worked out
TELL_S = 0.1  # so far an edge may move without being told
NO_VALUE = Estimate.none(Status.TOO_FEW, "not measured yet")


@dataclass(frozen=True)
class Change:
    """What a look changed: reps that are new, that changed, that are none."""

    new: tuple[LiveRep, ...] = ()
    changed: tuple[LiveRep, ...] = ()
    gone: tuple[LiveRep, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.new or self.changed or self.gone)


@dataclass
class Ledger:
    """The reps of a set as they were told."""

    told: list[LiveRep] = field(default_factory=list)
    _count: int = 0

    def has(self, rep: Rep) -> bool:
        """Whether the rep was told."""
        return _same(rep, self.told) is not None

    def update(
        self, reps: Sequence[Rep], balance: SetBalance | None, *, exact: bool = False, earlier_s: float = 0.0
    ) -> Change:
        """Compare with what was told.

        ``exact``: also changes that nobody would see count. ``earlier_s``: the clock of ``reps`` begins so much earlier
        than that of the reps that were told.
        """
        values = {(r.rep.start, r.rep.stop, r.rep.side): r for r in balance.reps} if balance else {}
        old, fresh = list(self.told), []
        new, changed = [], []
        for rep in reps:
            before = _same(rep, old, earlier_s)
            if before is not None:
                old.remove(before)
            now = _live(rep, values.get((rep.start, rep.stop, rep.side)), balance, before.number if before else 0)
            if before is None:
                self._count += 1
                now = replace(now, number=self._count)
                new.append(now)
            elif _differs(before, now, exact=exact):
                changed.append(now)
            else:
                now = before
            fresh.append(now)
        self.told = fresh
        return Change(tuple(new), tuple(changed), tuple(old))


def _live(rep: Rep, value: RepBalance | None, balance: SetBalance | None, number: int) -> LiveRep:
    ratio = value.log_ratio if value else NO_VALUE
    sides = value.sides if value else Bilateral(NO_VALUE, NO_VALUE)
    head = (balance.measure, balance.site, balance.unit) if balance else ("", "", "")
    return LiveRep(number, rep, *head, sides, ratio, as_imbalance(ratio))


def _same(rep: Rep, told: Iterable[LiveRep], earlier_s: float = 0.0) -> LiveRep | None:
    """The told rep that this one is: most of the shorter of them is in both."""
    start_s, stop_s = rep.start_s - earlier_s, rep.stop_s - earlier_s
    for other in told:
        shared = min(stop_s, other.rep.stop_s) - max(start_s, other.rep.start_s)
        if rep.side is other.rep.side and shared > 0.5 * min(rep.duration_s, other.rep.duration_s):
            return other
    return None


def _differs(before: LiveRep, now: LiveRep, *, exact: bool) -> bool:
    if exact:
        return repr(before) != repr(now)
    moved_s = max(abs(before.rep.start_s - now.rep.start_s), abs(before.rep.stop_s - now.rep.stop_s))
    if moved_s > TELL_S:
        return True
    if before.log_ratio.status is not now.log_ratio.status:
        return True
    values = (before.imbalance.value, now.imbalance.value)
    return all(map(math.isfinite, values)) and abs(values[0] - values[1]) > TELL_POINTS
