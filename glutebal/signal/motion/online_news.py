"""What is new about repetitions while they happen: told, revised, withdrawn; and the list that it leads to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from glutebal.results import Rep

#: Two stretches are of one repetition if they share more than this; more than the second cannot both be some.
SAME, TOUCHED = 0.5, 0.2
#: The sides take turns if they change in this share of the repetitions.
IN_TURN = 0.6
#: A pause between sets is so many times the rhythm of the last repetitions of the set.
PAUSE_OF_RHYTHM = 3.0
RHYTHM_OF = 20
#: A set is believed at so many.
LEAST_SET = 3


@dataclass(frozen=True)
class Revision:
    """A repetition that was told, and what is known of it now: other boundaries, another side, another number."""

    before: Rep
    after: Rep


@dataclass(frozen=True)
class RepNews:
    """What one update brought; going through it goes through what was told for the first time.

    Parameters
    ----------
    told : tuple of Rep
        New ones.
    revised : tuple of Revision
        Told before, and different now.
    withdrawn : tuple of Rep
        Told before, and none as it turned out.
    """

    told: tuple[Rep, ...] = ()
    revised: tuple[Revision, ...] = ()
    withdrawn: tuple[Rep, ...] = ()

    def __iter__(self) -> Iterator[Rep]:
        return iter(self.told)

    def __len__(self) -> int:
        return len(self.told)

    def __bool__(self) -> bool:
        return bool(self.told or self.revised or self.withdrawn)

    def then(self, later: RepNews) -> RepNews:
        """Both, in this order."""
        return RepNews(self.told + later.told, self.revised + later.revised, self.withdrawn + later.withdrawn)


@dataclass(frozen=True)
class _Entry:
    """A repetition that was told; ``sure``: as part of a set."""

    rep: Rep
    sure: bool


class Ledger:
    """The repetitions told so far; ``set_pause_s`` is the shortest pause between sets."""

    def __init__(self, set_pause_s: float) -> None:
        self.set_pause_s = set_pause_s
        self._entries: list[_Entry] = []

    @property
    def reps(self) -> tuple[Rep, ...]:
        """In time order."""
        return tuple(entry.rep for entry in self._entries)

    @property
    def sure(self) -> tuple[Rep, ...]:
        """Those that were told as part of a set."""
        return tuple(entry.rep for entry in self._entries if entry.sure)

    def known(self, rep: Rep) -> bool:
        """Whether this repetition was told."""
        return any(shared(rep, entry.rep) > SAME for entry in self._entries)

    def merged(self, found: Sequence[Rep], fresh: Sequence[Rep] = ()) -> RepNews:
        """Repetitions of a set were found, and others that may be some: what was told as part of a set stays."""
        if not found and not fresh:
            return RepNews()
        before = self.reps
        sure = [e for e in self._entries if e.sure]
        new = [rep for rep in found if not any(TOUCHED < shared(rep, e.rep) <= SAME for e in sure)]
        kept = [e for e in self._entries if e.sure or not _outdated(e.rep, new)]
        kept = [e for e in kept if not any(shared(e.rep, rep) > (SAME if e.sure else TOUCHED) for rep in new)]
        kept += [_Entry(rep, True) for rep in new]
        kept += [_Entry(rep, False) for rep in fresh if not any(shared(rep, e.rep) > TOUCHED for e in kept)]
        kept.sort(key=lambda entry: entry.rep.start)
        numbered = self._numbered([entry.rep for entry in kept])
        self._entries = [replace(entry, rep=rep) for entry, rep in zip(kept, numbered, strict=True)]
        return _difference(before, self.reps)

    def replaced(self, start: int, found: Sequence[Rep]) -> RepNews:
        """From the grid sample ``start`` on, these are the repetitions, whatever was told."""
        past = [entry for entry in self._entries if entry.rep.start < start]
        before = [entry.rep for entry in self._entries[len(past) :]]
        later = [rep for rep in found if not past or rep.start >= past[-1].rep.stop]
        if past:
            later = self._numbered([*(entry.rep for entry in past), *later])[len(past) :]
        self._entries = [*past, *(_Entry(rep, True) for rep in later)]
        return _difference(before, later)

    def _numbered(self, reps: Sequence[Rep]) -> list[Rep]:
        """Numbers from 1 in each set: divided by long pauses and, where the sides work in blocks, by their change."""
        turns = [a.side is not b.side for a, b in pairwise(reps)]
        in_blocks = sum(turns) < IN_TURN * len(turns)
        out: list[Rep] = []
        for k, rep in enumerate(reps):
            divided = k > 0 and ((in_blocks and turns[k - 1]) or self._paused(out, rep))
            index = 1 if divided or not out else out[-1].index + 1
            number = out[-1].set_index + divided if out else 1
            out.append(replace(rep, index=index, set_index=number))
        return out

    def _paused(self, before: Sequence[Rep], rep: Rep) -> bool:
        pause_s = rep.start_s - before[-1].stop_s
        if pause_s <= self.set_pause_s:
            return False
        in_set = [r for r in before[-RHYTHM_OF:] if r.set_index == before[-1].set_index]
        rhythm_s = float(np.median([r.duration_s for r in in_set]))
        if len(in_set) > 1:
            rhythm_s += float(np.median([b.start_s - a.stop_s for a, b in pairwise(in_set)]))
        return pause_s > PAUSE_OF_RHYTHM * rhythm_s


def shared(one: Rep, other: Rep) -> float:
    """How much of the shorter of two repetitions both cover; below 0 they are apart."""
    both = min(one.stop, other.stop) - max(one.start, other.start)
    return both / min(one.stop - one.start, other.stop - other.start)


def _outdated(rep: Rep, found: Sequence[Rep]) -> bool:
    """Whether a set of that side has been found, which has gone on since, without it."""
    alike = [other for other in found if other.side is rep.side]
    return len(alike) >= LEAST_SET and alike[-1].start >= rep.stop


def _difference(before: Sequence[Rep], after: Sequence[Rep]) -> RepNews:
    left, told, revised = {rep.start: rep for rep in before}, [], []
    for rep in after:
        old = left.get(rep.start) or max(left.values(), key=lambda other: shared(rep, other), default=None)
        if old is None or shared(rep, old) <= SAME:
            told.append(rep)
            continue
        del left[old.start]
        if _marks(old) != _marks(rep):
            revised.append(Revision(old, rep))
    return RepNews(tuple(told), tuple(revised), tuple(left.values()))


def _marks(rep: Rep) -> tuple[object, ...]:
    """What of a repetition is worth telling again if it changes."""
    return rep.start, rep.turn, rep.stop, rep.side, rep.index, rep.set_index
