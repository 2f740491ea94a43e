"""What has been told of the reps of a set, so that a later look says only what is new.

A rep keeps its number for as long as it is one. Looks differ: a rep may move, change its value, or turn out to be none.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

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

    @property
    def next_number(self) -> int:
        """The number of the rep that is told next; that of one that was withdrawn last is free again."""
        return max((live.number for live in self.told), default=0) + 1

    def has(self, rep: Rep) -> bool:
        """Whether the rep was told."""
        return _told_as(rep, self.told) is not None

    def update(
        self, reps: Sequence[Rep], balance: SetBalance | None, *, exact: bool = False, earlier_s: float = 0.0
    ) -> Change:
        """Compare with what was told.

        ``exact``: also changes that nobody would see count. ``earlier_s``: the clock of ``reps`` begins so much earlier
        than that of the reps that were told.
        """
        values = {(r.rep.start, r.rep.stop, r.rep.side): r for r in balance.reps} if balance else {}
        known, gone = _matched(reps, self.told, earlier_s)
        self.told = [before for before in known if before is not None]
        number = self.next_number
        now, new, changed = [], [], []
        for rep, before in zip(reps, known, strict=True):
            value = values.get((rep.start, rep.stop, rep.side))
            live = _live(rep, value, balance, before.number if before else number)
            if before is None:
                number += 1
                new.append(live)
            elif _differs(before, live, exact=exact):
                changed.append(live)
            else:
                live = before
            now.append(live)
        self.told = now
        return Change(tuple(new), tuple(changed), tuple(gone))


def _matched(
    reps: Sequence[Rep], told: Iterable[LiveRep], earlier_s: float
) -> tuple[list[LiveRep | None], list[LiveRep]]:
    """What every rep was told as, and what was told and is none."""
    left, known = list(told), []
    for rep in reps:
        before = _told_as(rep, left, earlier_s)
        left = [live for live in left if live is not before]
        known.append(before)
    return known, left


def _live(rep: Rep, value: RepBalance | None, balance: SetBalance | None, number: int) -> LiveRep:
    ratio = value.log_ratio if value else NO_VALUE
    sides = value.sides if value else Bilateral(NO_VALUE, NO_VALUE)
    head = (balance.measure, balance.site, balance.unit) if balance else ("", "", "")
    return LiveRep(number, rep, *head, sides, ratio, as_imbalance(ratio))


def _told_as(rep: Rep, told: Iterable[LiveRep], earlier_s: float = 0.0) -> LiveRep | None:
    return next((live for live in told if same_rep(rep, live.rep, earlier_s)), None)


def same_rep(rep: Rep, other: Rep, earlier_s: float = 0.0) -> bool:
    """Whether two looks mean the same rep: most of the shorter of them is in both.

    ``earlier_s``: the clock of ``rep`` begins so much earlier than that of ``other``.
    """
    start_s, stop_s = rep.start_s - earlier_s, rep.stop_s - earlier_s
    shared = min(stop_s, other.stop_s) - max(start_s, other.start_s)
    return rep.side is other.side and shared > 0.5 * min(rep.duration_s, other.duration_s)


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
