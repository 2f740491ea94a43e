r"""Repetitions from effort (EMG, force) and from motion, put together.

::

    motion    ___/¯¯¯¯\_____/¯¯¯¯\______/¯¯¯¯\____________
    effort    __/¯¯¯¯¯¯\___/¯¯¯¯¯¯\________________/¯¯\___
    fused       both: sure     both: sure     motion alone   effort alone: excluded

What both see is one repetition: its boundaries, turn and phases are those of the motion (a muscle switches on
before the body moves and stays on after it), its confidence that of two witnesses, 1 − (1 − a)(1 − b). What only one
of them sees is decided by the evidence: a movement that is alike to its set is a repetition, with half the
confidence, unless effort was being found everywhere else in the same set; effort without movement is bracing or an
isometric try, and excluded. Only where the motion saw nothing at all (no sensor, a hole, an exercise without
movement) does effort stand alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from glutebal.results import ExcludedRep, Laterality, Rep, Segmentation


@dataclass(frozen=True)
class FusionSettings:
    """When two repetitions are one.

    Parameters
    ----------
    overlap : float
        They share at least this part of the shorter one.
    alone : float
        Confidence of a repetition that only one of them saw, as a share of its own.
    silent : float
        Motion alone is not believed where at least this share of the other repetitions of its set was seen by both.
    """

    overlap: float = 0.5
    alone: float = 0.5
    silent: float = 0.75


def fused(effort: Segmentation, motion: Segmentation, *, settings: FusionSettings | None = None) -> Segmentation:
    """One segmentation out of two of the same recording, on one session clock (their rates may differ).

    Parameters
    ----------
    effort : Segmentation
        From `glutebal.signal.reps.find_reps`.
    motion : Segmentation
        From `glutebal.signal.motion.motion_reps.motion_reps`.
    settings : FusionSettings, optional
        Thresholds.

    Returns
    -------
    Segmentation
        Boundaries on the clock of the motion. If motion found no repetition, what effort found, unchanged, and
        the other way round. Excluded: what either excluded and none counts, and what only one of them saw and is
        not believed.
    """
    settings = settings or FusionSettings()
    if not motion.reps or not effort.reps:
        return _from_one(effort, motion)
    partners = {rep: _partner(rep, effort.reps, settings) for rep in motion.reps}
    kept, excluded = [], []
    for rep, partner in partners.items():
        if partner is not None:
            kept.append(_agreed(rep, partner))
        elif _silent(rep, partners, settings):
            excluded.append(_out(rep, "movement without the effort of the other repetitions"))
        else:
            kept.append(replace(rep, confidence=settings.alone * rep.confidence))
    excluded += _lonely_efforts(effort, motion, settings)
    reps = _renumbered(kept)
    left_out = [*excluded, *motion.excluded, *effort.excluded]
    method = f"fused: {motion.method}; {effort.method}"
    return Segmentation(reps, _unless_counted(left_out, reps), _laterality(effort, motion), method)


def _from_one(effort: Segmentation, motion: Segmentation) -> Segmentation:
    """Only one of them found repetitions: it stands alone."""
    one, other, name = (effort, motion, "effort") if effort.reps else (motion, effort, "motion")
    left_out = _unless_counted([*one.excluded, *other.excluded], one.reps)
    return replace(one, excluded=left_out, method=f"{name} alone: {one.method}")


def _partner(rep: Rep, others: tuple[Rep, ...], settings: FusionSettings) -> Rep | None:
    """The repetition of the other kind that shares most time with it, on the same side."""
    fit = [other for other in others if rep.side is other.side or None in {rep.side, other.side}]
    best = max(fit, key=lambda other: _shared_s(rep, other), default=None)
    if best is None or _shared_s(rep, best) < settings.overlap * min(rep.duration_s, best.duration_s):
        return None
    return best


def _shared_s(rep: Rep, other: Rep) -> float:
    return min(rep.stop_s, other.stop_s) - max(rep.start_s, other.start_s)


def _agreed(rep: Rep, partner: Rep) -> Rep:
    return replace(rep, confidence=1 - (1 - rep.confidence) * (1 - partner.confidence), side=rep.side or partner.side)


def _silent(rep: Rep, partners: dict[Rep, Rep | None], settings: FusionSettings) -> bool:
    """Whether effort was found in nearly all other repetitions of the set, so that its absence here means something."""
    others = [seen is not None for other, seen in partners.items() if other is not rep and _together(other, rep)]
    return len(others) >= 3 and sum(others) >= settings.silent * len(others)


def _together(one: Rep, other: Rep) -> bool:
    return one.set_index == other.set_index and one.side is other.side


def _lonely_efforts(effort: Segmentation, motion: Segmentation, settings: FusionSettings) -> list[ExcludedRep]:
    """Efforts that no movement goes with."""
    return [
        _out(rep, "effort without the movement of the other repetitions")
        for rep in effort.reps
        if _partner(rep, motion.reps, settings) is None
    ]


def _out(rep: Rep, reason: str) -> ExcludedRep:
    return ExcludedRep(rep.start_s, rep.stop_s, reason, rep.side)


def _unless_counted(excluded: list[ExcludedRep], reps: tuple[Rep, ...]) -> tuple[ExcludedRep, ...]:
    """In time order, without what a counted repetition covers more than half of."""
    left = [
        each
        for each in excluded
        if not any(
            min(each.stop_s, rep.stop_s) - max(each.start_s, rep.start_s) > 0.5 * (each.stop_s - each.start_s)
            for rep in reps
            if rep.side is each.side or None in {rep.side, each.side}
        )
    ]
    return tuple(sorted(left, key=lambda each: (each.start_s, each.stop_s)))


def _renumbered(kept: list[Rep]) -> tuple[Rep, ...]:
    """Sets keep the order they had, without the numbers that are gone; index counts from 1 in each."""
    numbers = sorted({rep.set_index for rep in kept})
    count = dict.fromkeys(numbers, 0)
    out = []
    for rep in sorted(kept, key=lambda each: each.start):
        count[rep.set_index] += 1
        out.append(replace(rep, index=count[rep.set_index], set_index=1 + numbers.index(rep.set_index)))
    return tuple(out)


def _laterality(effort: Segmentation, motion: Segmentation) -> Laterality:
    """One-sided if either saw that."""
    both = {effort.laterality, motion.laterality}
    return Laterality.UNILATERAL if Laterality.UNILATERAL in both else motion.laterality
