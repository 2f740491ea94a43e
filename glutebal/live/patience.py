"""Which of the reps that a look found may be told: not those that the next few seconds may show to be something else.

::

    ▂▅▂▅                   a bump touches the rep and is not over: the rep may be its first half
    ......._▂█             a burst makes small bumps of long ago look like reps until it has grown: they must last

Before the rhythm of a set is known and while the sides work, a rep waits until it lies a while back.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from glutebal.live.ledger import Ledger, same_rep
from glutebal.live.look import Seen
from glutebal.live.two_humps import touching
from glutebal.results import Rep

RHYTHM = 3  # reps after which the rhythm of the set is known
BEFORE_S = 1.0  # what lies so far back is told before, even if the sides have not come to rest
REST_S = 3.0  # so long after its end a rep is told whatever touches it
LATE_S, LASTS_S = 3.0, 1.5  # what turns up so long after its end must last so long


@dataclass
class Patience:
    """The reps that were seen and not told yet, and since when."""

    _since: list[tuple[Rep, float]] = field(default_factory=list)

    def ripe(self, seen: Seen, ledger: Ledger, *, working: bool) -> tuple[Rep, ...]:
        """Those of the finished reps that were told before or may be told now."""
        finished = seen.finished
        if seen.balance is None:  # from motion: told when they are certain
            return finished
        fresh = [rep for rep in finished if not ledger.has(rep)]
        self._since = [(rep, self._seen_s(rep, seen.known_s)) for rep in fresh]
        held = {id(rep) for rep in fresh if self._waits(rep, seen, working=working)}
        return tuple(rep for rep in finished if id(rep) not in held)

    def _seen_s(self, rep: Rep, now_s: float) -> float:
        return next((at_s for other, at_s in self._since if same_rep(rep, other)), now_s)

    def _waits(self, rep: Rep, seen: Seen, *, working: bool) -> bool:
        back_s = seen.known_s - rep.stop_s
        if working and back_s <= BEFORE_S and len(seen.finished) <= RHYTHM:
            return True
        first_s = next(at_s for other, at_s in self._since if other is rep)
        late = first_s - rep.stop_s > LATE_S and seen.known_s - first_s < LASTS_S
        return late or (back_s < REST_S and _goes_on(rep, seen))


def _goes_on(rep: Rep, seen: Seen) -> bool:
    """Whether another burst of its side, not over yet, touches the rep, and the rhythm of the set is not known."""
    found = seen.segmentation
    unfinished = [two for one, two in touching(found, rep.side) if one is rep and two.stop_s > seen.known_s - BEFORE_S]
    return bool(unfinished) and len(seen.finished) <= RHYTHM
