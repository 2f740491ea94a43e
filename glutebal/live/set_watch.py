"""A set that runs: when to look at it, what a look tells, when its target is reached."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import takewhile

from glutebal.balance.estimate import as_imbalance
from glutebal.coach.cues import Cue, Cues, RepSeen
from glutebal.coach.exercises import Exercise
from glutebal.live.across_sets import across_sets
from glutebal.live.events import BalanceSoFar, CueGiven, Event, RepFinished, RepRevised, RepStarted
from glutebal.live.ledger import Change, Ledger
from glutebal.live.look import Seen, SetSoFar
from glutebal.live.patience import Patience
from glutebal.live.pulse import Pulse, Turn
from glutebal.live.reps_seen import reps_seen
from glutebal.model import Side
from glutebal.results import Laterality, SetBalance

LOOK_S = 1.0  # between looks while nothing suggests one
AFTER_REST_S = 0.6  # so long after the sides came to rest looks follow one another
BETWEEN_S, FALLING_S = 0.05, 0.1
LEVEL = 0.95  # of the interval over two sets
JUDGE_S = 4.0  # between two judgements of the channels
TAIL_S = 2.0  # recorded after the last rep of the target, so that its rest is in the recording


@dataclass
class SetWatch:
    """One set from its start to its end.

    Parameters
    ----------
    set_index : int
    exercise : Exercise or None
    side : Side or None
        The side that is trained.
    target : int or None
        Reps, of each side when they take turns.
    cues : Cues or None
        None: no cue is given.
    before : tuple of RepSeen
        What the same cues saw in the sets before: a right set is held against the left one before it.
    other_side : Ledger
        The set before, of the same exercise; it may still be worked out.
    """

    set_index: int
    exercise: Exercise | None
    side: Side | None
    target: int | None
    cues: Cues | None
    before: tuple[RepSeen, ...] = ()
    other_side: Ledger = field(default_factory=Ledger)
    ledger: Ledger = field(default_factory=Ledger)
    balance: BalanceSoFar | None = None
    said: list[Cue] = field(default_factory=list)
    _next_s: float = -math.inf
    _rest_s: float = -math.inf
    _judged_s: float = -math.inf
    _done_s: float = math.nan
    _looked_s: float = -math.inf
    _new_s: float = -math.inf
    _patience: Patience = field(default_factory=Patience)

    def follow(self, now_s: float, so_far: SetSoFar, pulse: Pulse, turn: Turn) -> list[Event]:
        """What is new; looks when the sides have just come to rest or are about to, and now and then."""
        events: list[Event] = []
        if turn is Turn.TO_WORK:
            events.append(RepStarted(now_s, self.ledger.next_number, self.side, self.set_index))
        if turn is Turn.TO_REST:
            self._rest_s = self._next_s = now_s
        if pulse.falling and self._new_s < now_s - LOOK_S:
            self._next_s = min(self._next_s, self._looked_s + FALLING_S)
        if now_s < self._next_s and not so_far.moving.news:
            return events
        so_far.moving.news = False
        events += self._look(now_s, so_far, working=pulse.working)
        if any(isinstance(event, RepFinished) for event in events):
            self._new_s = now_s
        soon = now_s - self._rest_s < AFTER_REST_S and self._new_s < self._rest_s
        self._looked_s, self._next_s = now_s, now_s + (BETWEEN_S if soon else LOOK_S)
        return events

    @property
    def counted_s(self) -> float:
        """When a rep was last counted; minus infinity before the first."""
        return self._new_s

    def at_target(self, now_s: float, *, working: bool) -> bool:
        """Whether the target was reached, and its last rep is a while ago."""
        if not self._target_done():
            self._done_s = math.nan
            return False
        if not math.isfinite(self._done_s):
            self._done_s = now_s
        return now_s - self._done_s >= TAIL_S and not working

    def _look(self, now_s: float, so_far: SetSoFar, *, working: bool) -> Iterator[Event]:
        seen = self._judged(now_s, so_far, so_far.look())
        reps = self._patience.ripe(seen, self.ledger, working=working)
        change = self.ledger.update(reps, seen.balance)
        yield from told(now_s, change, self.set_index)
        if change:
            yield from self.tell_balance(now_s, seen.balance)
            yield from self._coach(now_s, change, so_far)

    def _judged(self, now_s: float, so_far: SetSoFar, seen: Seen) -> Seen:
        """Before a rep is told, ask which channels may speak; again every few seconds, and soon when some may not.

        At rest a channel looks dead: what was said of it then must not silence the set.
        """
        due_s = self._judged_s + (LOOK_S if so_far.bad else JUDGE_S)
        if now_s < due_s or not (seen.finished or so_far.bad):
            return seen
        self._judged_s = now_s
        before = dict(so_far.bad)
        so_far.judge()
        return seen if so_far.bad == before else so_far.look()

    def tell_balance(self, now_s: float, balance: SetBalance | None) -> Iterator[BalanceSoFar]:
        """The set so far, if there is anything to compare."""
        if balance is None:
            return
        balance = across_sets(balance, self.ledger.told, self.other_side.told, LEVEL)
        ratio, head = balance.log_ratio, (balance.measure, balance.site, balance.unit)
        reps = len(self.ledger.told)
        self.balance = BalanceSoFar(now_s, *head, reps, ratio, as_imbalance(ratio), balance.sides, self.set_index)
        yield self.balance

    def _coach(self, now_s: float, change: Change, so_far: SetSoFar) -> Iterator[CueGiven]:
        """Let the coach see the reps in the order in which they began; a revision is seen without a word."""
        if self.cues is None:
            return
        reps, new = reps_seen(self.ledger.told, self.set_index, so_far), self._newest(change)
        if change.changed or change.gone or new < len(change.new):
            self.cues.revised([*self.before, *reps[: len(reps) - new]])
        for seen in reps[len(reps) - new :]:
            for cue in self.cues.rep(seen):
                self.said.append(cue)
                yield CueGiven(now_s, cue, self.set_index)

    def _newest(self, change: Change) -> int:
        """How many new reps follow all that were told before; one that turns up between them is seen without a word."""
        numbers = {live.number for live in change.new}
        return len(list(takewhile(lambda live: live.number in numbers, reversed(self.ledger.told))))

    def listen(self, cues: Cues | None) -> None:
        """From now on these cues speak; they are told of the reps so far."""
        self.cues, self.before = cues, ()
        if cues is not None:
            cues.revised(self.seen())

    def seen(self) -> tuple[RepSeen, ...]:
        """What the cues have seen, this set included."""
        return (*self.before, *reps_seen(self.ledger.told, self.set_index))

    def _target_done(self) -> bool:
        if self.target is None:
            return False
        sides = [live.rep.side for live in self.ledger.told]
        takes_turns = self.exercise is not None and self.exercise.laterality is Laterality.UNILATERAL
        if takes_turns and self.side is None:
            return all(sides.count(side) >= self.target for side in Side)
        return sum(side in {None, self.side} or self.side is None for side in sides) >= self.target


def told(now_s: float, change: Change, set_index: int) -> Iterator[Event]:
    """A change of the ledger as events."""
    yield from (RepRevised(now_s, rep, True, set_index) for rep in change.gone)
    yield from (RepRevised(now_s, rep, False, set_index) for rep in change.changed)
    yield from (RepFinished(now_s, rep, set_index) for rep in change.new)
