"""Two bumps of effort that touch, at the beginning of a set: one repetition with two humps, until the set shows its
rhythm.

::

    ▂▅▂▅▂____________      one, lifting and lowering: nobody does two reps without a rest and then rests
    ▂▅▂▅▂_______▂▅▂        still one: what follows does not touch it
    ▂▅▂▅▂▅▂                three reps without a rest
    ▂▅▂▅▂_______▂▅▂▅▂      four bumps: the rep finder puts together what goes in pairs
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from glutebal.model import Side
from glutebal.results import ExcludedRep, Rep, Segmentation

TOUCH_S = 0.1
ENOUGH = 4  # bumps of a side that show the rhythm

Burst = Rep | ExcludedRep


def as_one(found: Segmentation) -> Segmentation:
    """The segmentation with two lone reps of a side that touch put together, while there are too few to know better."""
    pairs = [pair for side in (None, *Side) for pair in _pairs(found, side)]
    if not pairs:
        return found
    second = {id(two): one for one, two in pairs}
    stops = {id(one): two for one, two in pairs}
    kept = [_joined(rep, stops[id(rep)]) if id(rep) in stops else rep for rep in found.reps if id(rep) not in second]
    return replace(found, reps=tuple(_numbered(kept)))


def touching(found: Segmentation, side: Side | None) -> list[tuple[Burst, Burst]]:
    """Bursts of a side, counted or not, that follow each other without a rest."""
    return [(one, two) for one, two in pairwise(_bursts(found, side)) if two.start_s - one.stop_s < TOUCH_S]


def _bursts(found: Segmentation, side: Side | None) -> list[Burst]:
    every: list[Burst] = [*found.reps, *found.excluded]
    own = [burst for burst in every if burst.side is side]
    return sorted(own, key=lambda burst: burst.start_s)


def _pairs(found: Segmentation, side: Side | None) -> Iterator[tuple[Rep, Rep]]:
    pairs = touching(found, side)
    if len(_bursts(found, side)) < ENOUGH and len(pairs) == 1:
        one, two = pairs[0]
        if isinstance(one, Rep) and isinstance(two, Rep):
            yield one, two


def _joined(one: Rep, two: Rep) -> Rep:
    return replace(one, stop=two.stop, phases=(*one.phases, *two.phases))


def _numbered(reps: list[Rep]) -> Iterator[Rep]:
    counts: dict[int, int] = {}
    for rep in reps:
        counts[rep.set_index] = counts.get(rep.set_index, 0) + 1
        yield replace(rep, index=counts[rep.set_index])
