"""Force pairs of a recording: gated, measured rep by rep or contact by contact."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import pairwise

from glutebal.analysis.emg import Refusal, refused_channels
from glutebal.analysis.sets import Measured
from glutebal.model import Bilateral, Quantity, Side
from glutebal.results import Rep, Status
from glutebal.signal.measures import FORCE_MEASURES, ForceMeasure, ForceSide
from glutebal.signal.side_value import SideValue


def measure_force(sides: Bilateral[ForceSide], reps: Sequence[Rep], refusal: Refusal) -> tuple[Measured, ...]:
    """Every force measure that both channels are fast enough for."""
    rate = min(side.track.channel.rate_hz for side in sides)
    return tuple(_measured(m, sides, reps, refusal) for m in FORCE_MEASURES if rate >= m.needs_rate_hz)


def measure_mean_force(sides: Bilateral[ForceSide], reps: Sequence[Rep], refusal: Refusal) -> Measured:
    """The first of `measure_force` alone: what a set is compared by while it runs."""
    return _measured(FORCE_MEASURES[0], sides, reps, refusal)


def _measured(measure: ForceMeasure, sides: Bilateral[ForceSide], reps: Sequence[Rep], refusal: Refusal) -> Measured:
    channel = sides.left.track.channel

    def value(rep: Rep, side: Side) -> SideValue:
        if rep.side not in {None, side}:
            return SideValue.none(Status.UNPAIRED, f"the {side.other.value} side works in this rep")
        why = refusal(sides[side].track.channel, rep)
        return SideValue.none(Status.REFUSED, why) if why else measure(sides[side], rep)

    values = tuple(Bilateral.per_side(partial(value, rep)) for rep in reps)
    site = f"{channel.site}_{channel.axis}" if channel.axis else channel.site
    bad = refused_channels(sides.map(lambda s: s.track.channel), refusal)
    return Measured(measure.name, site, Quantity.FORCE, measure.unit, tuple(reps), values, refusal=bad)


def measure_durations(site: str, reps: Sequence[Rep], quantity: Quantity) -> tuple[Measured, ...]:
    """Duration and tempo of one-sided reps or contacts, in seconds; nothing for reps in which both sides work."""
    if any(rep.side is None for rep in reps) or not reps:
        return ()
    durations = {id(rep): rep.duration_s for rep in reps}
    follow = {
        id(a): b.start_s - a.start_s for side in Side for a, b in _neighbours([rep for rep in reps if rep.side is side])
    }
    rows = [("duration", durations, list(reps)), ("tempo", follow, [rep for rep in reps if id(rep) in follow])]
    return tuple(
        Measured(name, site, quantity, "s", tuple(kept), tuple(_one_sided(rep, table[id(rep)]) for rep in kept))
        for name, table, kept in rows
        if kept
    )


def _neighbours(reps: Sequence[Rep]) -> list[tuple[Rep, Rep]]:
    return [(a, b) for a, b in pairwise(reps) if a.set_index == b.set_index]


def _one_sided(rep: Rep, value: float) -> Bilateral[SideValue]:
    absent = SideValue.none(Status.UNPAIRED, "the other side works in this rep")
    return Bilateral.per_side(lambda side: SideValue(value) if side is rep.side else absent)
