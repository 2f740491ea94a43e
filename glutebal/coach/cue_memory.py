"""What is remembered of the reps that were seen, and of when something was said about them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import Enum

from glutebal.coach.cue_reading import Pairs, RepSeen
from glutebal.coach.cue_settings import CueKind, CueSettings
from glutebal.coach.cue_watch import Reading, Topic, Watch
from glutebal.model import Side


class Once(Enum):
    """What is said once in a set; the target once for each side."""

    END = "end"
    TARGET = "target"


#: What a cue is about. The times of the sides and of lowering are both tempo, and remembered apart.
About = Topic | Once


@dataclass
class Memory:
    """Made anew when reps are revised.

    ``reps`` counts all that were seen, over the sets; ``last`` is that count when a kind of cue was last said.
    """

    reps: int = 0
    set_index: int | None = None
    watches: dict[tuple[Topic, Side | None], Watch] = field(default_factory=dict)
    done: dict[Side | None, int] = field(default_factory=dict)
    once: set[tuple[Once, Side | None]] = field(default_factory=set)
    last: dict[CueKind, int] = field(default_factory=dict)
    pairs: Pairs = field(default_factory=Pairs)

    def enter(self, seen: RepSeen) -> None:
        """One more rep. A new set begins anew, but for the pairs and the time of the last cues."""
        self.reps += 1
        if seen.set_index != self.set_index:
            self.set_index = seen.set_index
            self.watches.clear()
            self.done.clear()
            self.once.clear()
        self.done[seen.side] = self.done.get(seen.side, 0) + 1

    def watch(self, reading: Reading, settings: CueSettings) -> Watch:
        """The average that a reading belongs to."""
        key = (reading.topic, reading.side)
        if key not in self.watches:
            self.watches[key] = Watch(settings)
        return self.watches[key]

    def note(self, about: About, side: Side | None) -> None:
        """Something was said at the present rep."""
        if isinstance(about, Topic):
            self.last[about.kind] = self.reps
        elif about is Once.END:
            self.last[CueKind.END_SET] = self.reps
            self.once.add((about, None))
        else:
            self.once.add((about, side))

    def since(self, *kinds: CueKind) -> float:
        """Reps since the last cue of these kinds; infinity if there was none."""
        return self.reps - max((self.last[kind] for kind in kinds if kind in self.last), default=-math.inf)
