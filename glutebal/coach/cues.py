"""Cues during a set: what a moving average of the reps shows, said when it is more than the reps' own scatter.

::

    RepSeen ──readings──▶ Watch (EWMA, threshold, hysteresis) ──spacing──▶ Cue

The rule (`CueSettings` has every number and its source): an average with weight 0.4 for the newest rep is told from the
third rep on when it is outside the threshold, for the balance the larger of d = 10 and 2.5 of the person's own standard
deviations; again only after it was below 0.7 of the threshold, and not within three reps; if it stays outside for two
more reps, ending the set is suggested, once in a set. A cue is not a command.

Everything is a function of the reps that were seen: the same reps give the same cues.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from glutebal.coach.cue_memory import About, Memory, Once
from glutebal.coach.cue_reading import Aims, RepSeen, readings
from glutebal.coach.cue_settings import CueKind, CueSettings, Severity, personal_sd
from glutebal.coach.cue_watch import Outside, Topic, Watch
from glutebal.coach.cue_words import SHIFTS, Cue, cue_of, ending_of, target_of
from glutebal.coach.exercises import Exercise
from glutebal.errors import InputError
from glutebal.model import Side

__all__ = ["Cue", "CueKind", "CueSettings", "Cues", "RepSeen", "Severity", "personal_sd"]

_NOTED = frozenset(CueKind) - {CueKind.TARGET_REACHED}
_Where = tuple[int, int, Side | None]  # set, rep, side


@dataclass(frozen=True)
class _Due:
    """What could be said at a rep; ``watch`` and ``outside`` are None for a count that has reached its target."""

    about: About
    watch: Watch | None = None
    outside: Outside | None = None


class Cues:
    """The cues of a session, rep by rep.

    Parameters
    ----------
    settings : CueSettings
        When a cue is said, and which are switched off.
    exercise : Exercise or None
        Its targets (repetitions, hold) are aimed at.
    target_reps : int or None
        Repetitions aimed at, per side in one-sided exercises; None: those of the exercise.

    Raises
    ------
    InputError
        ``target_reps`` is below 1.

    Examples
    --------
    >>> cues = Cues(CueSettings())
    >>> told = [cue for k in range(1, 6) for cue in cues.rep(RepSeen(k, log_ratio=0.3))]
    >>> [(cue.rep, cue.kind.value) for cue in told]
    [(3, 'balance'), (5, 'end_set')]
    >>> told[0].why
    'EWMA of 3 reps 14.9 points right, threshold 10.0 points'
    """

    def __init__(
        self,
        settings: CueSettings | None = None,
        exercise: Exercise | None = None,
        target_reps: int | None = None,
    ) -> None:
        if target_reps is not None and target_reps < 1:
            raise InputError("a target of 1 rep or more", f"{target_reps}", "cues")
        self.settings = settings or CueSettings()
        own = exercise.target_reps if exercise else None
        self._target = (target_reps, target_reps) if target_reps is not None else own
        self._aims = Aims.of(self.settings, exercise.hold_s if exercise else None)
        self._memory = Memory()
        self._said: dict[_Where, dict[About, Cue]] = {}

    @property
    def said(self) -> tuple[Cue, ...]:
        """Every cue so far: the log."""
        return tuple(cue for at_rep in self._said.values() for cue in at_rep.values())

    def rep(self, seen: RepSeen) -> tuple[Cue, ...]:
        """What to say after this rep, most serious first; usually nothing.

        Parameters
        ----------
        seen : RepSeen
            A rep that has ended, in the order in which they end.
        """
        return tuple(self._step(seen, speak=True))

    def revised(self, reps: Sequence[RepSeen]) -> None:
        """Take what is known now of all reps so far in place of what was told of them.

        Nothing is said and nothing is taken back. A cue that was said at a rep counts as said there and is not
        repeated; one that the revised reps would have caused is said at the next rep, if it is still true then.

        Parameters
        ----------
        reps : sequence of RepSeen
            Every rep since the first, in order.
        """
        self._memory = Memory()
        for seen in reps:
            self._step(seen, speak=False)

    def _step(self, seen: RepSeen, *, speak: bool) -> list[Cue]:
        self._memory.enter(seen)
        where = (seen.set_index, seen.index, seen.side)
        heard = dict(self._said.get(where, {}))
        for about in heard:
            self._memory.note(about, seen.side)
        fresh = []
        for due in self._due(seen):
            if due.about not in heard and not (speak and self._may(due.about, seen.side)):
                continue
            if due.watch and due.outside and isinstance(due.about, Topic):
                due.watch.tell(due.outside.way)
            if due.about not in heard:
                fresh.append(self._say(due, seen, where))
        return fresh

    def _say(self, due: _Due, seen: RepSeen, where: _Where) -> Cue:
        if due.outside is None:
            cue = target_of(seen, self._memory.done[seen.side], self._target or (1, 1))
        else:
            make = ending_of if due.about is Once.END else cue_of
            cue = make(due.outside, seen, self.settings)
        self._memory.note(due.about, seen.side)
        self._said.setdefault(where, {})[due.about] = cue
        return cue

    def _due(self, seen: RepSeen) -> list[_Due]:
        """What could be said at this rep, most serious first."""
        memory, ending, cues = self._memory, [], []
        for reading in readings(seen, memory.pairs.partner(seen), self._aims):
            watch = memory.watch(reading, self.settings)
            outside = watch.take(reading)
            if outside and not watch.told:
                cues.append(_Due(reading.topic, watch, outside))
            elif outside and self._stays(outside):
                ending.append(_Due(Once.END, watch, outside))
        done = self._target is not None and memory.done[seen.side] >= self._target[0]
        return [*ending, *cues, *([_Due(Once.TARGET)] if done else [])]

    def _stays(self, out: Outside) -> bool:
        """Whether the load or the hips have stayed on one side. A one-sided rep cannot shift load to the other."""
        both = out.reading.side is None and not out.reading.pairs
        return both and out.reading.topic.kind in SHIFTS and out.beyond > self.settings.escalate_after

    def _may(self, about: About, side: Side | None) -> bool:
        """Whether it is switched on, not too soon, and not said before where once is enough."""
        memory, s = self._memory, self.settings
        if about is Once.END:
            return CueKind.END_SET in s.on and (about, None) not in memory.once
        if about is Once.TARGET:
            return CueKind.TARGET_REACHED in s.on and (about, side) not in memory.once
        kinds = {about.kind, CueKind.END_SET} if about.kind in SHIFTS else _NOTED
        return memory.since(*kinds) >= s.spacing_reps
