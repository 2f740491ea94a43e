"""Where a repetition begins, turns and ends, found in how the body moves.

::

    tilts of pelvis and thighs ─▶ phase signal(s) ─▶ excursions ─▶ alike, in sets ─▶ reps, with side and phases
                                                        └───────── otherwise ─▶ excluded, with a reason

A repetition **begins** at the last moment before it at which the tilts change at less than 5 % of their peak speed on
the way out (where two repetitions touch: at the lowest speed between them), and **ends** at the first such moment after
the way back. Its **turn** is the middle of the hold, or the lowest speed between the two ways.

Published ideas used: candidates between moments of zero velocity (Lin & Kulić 2014, IEEE TNSRE 22, 168), and comparison
with an exemplar out of the set itself, its median repetition (Sarsfield et al. 2019).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from glutebal.model import Samples, Side
from glutebal.results import ExcludedRep, Laterality, Phase, Rep, Segmentation, Working
from glutebal.signal.motion.between_reps import undisturbed
from glutebal.signal.motion.excursions import Excursion
from glutebal.signal.motion.imu import Imu
from glutebal.signal.motion.likeness import NOT_WHOLE, LikenessSettings, confidence, of_one_movement, sets
from glutebal.signal.motion.orientation import Orientation
from glutebal.signal.motion.phase_signal import directions, loops, speed, strokes
from glutebal.signal.motion.rep_sides import laterality_of, side_of
from glutebal.signal.motion.tilt_path import GRID_HZ, TiltPath, tilt_path
from glutebal.signal.motion.which_way import Found, outwards

#: The movement of the other side is at least this share of the more frequent one.
LEAST_OTHER = 0.5
#: So many directions are tried; one that is so many times as large even if the most frequent one holds a set.
CANDIDATES = 5
FAR_LARGER = 3.0
#: Smoothing of the speed before it is cut into strokes, s.
CALM_S = 0.08


@dataclass(frozen=True)
class MotionRepSettings:
    """How repetitions are found in motion.

    Parameters
    ----------
    phases : tuple of str
        Of the exercise, in order: ``eccentric`` or ``concentric`` first decides which way is out when the pelvis rises
        and falls; empty: decided by counting.
    segments : tuple of str
        Where the exercise shows. Others keep still in its repetitions if there are any in these alone. Empty: all.
    working : Working
        Which leg a one-sided repetition is counted for.
    likeness : LikenessSettings
        What belongs to a set.
    rise_m : float
        A pelvis that rises less does not decide which way is out.
    min_hold_s : float
        A shorter stillness at the turn is no hold.
    """

    phases: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    working: Working = Working.HIP
    likeness: LikenessSettings = field(default_factory=LikenessSettings)
    rise_m: float = 0.06
    min_hold_s: float = 0.25


def motion_reps(
    sensors: Sequence[Imu | Orientation],
    laterality: Laterality | None = None,
    *,
    phases: tuple[str, ...] = (),
    rep_s: tuple[float, float] | None = None,
    settings: MotionRepSettings | None = None,
) -> Segmentation:
    """Find the repetitions in the motion of pelvis and thighs.

    Parameters
    ----------
    sensors : sequence of Imu or Orientation
        Of one recording; at least one of pelvis, lumbar or thigh, else whatever there is.
    laterality : Laterality or None
        Bilateral: reps of both sides together. Unilateral: of one side each, in blocks or in turn. None: unilateral if
        the reps move either leg far more than the other, each in its turn. Cyclic movements have no reps here.
    phases : tuple of str
        Names of the exercise's phases in order, as the catalogue has them; may be empty.
    rep_s : tuple of float, optional
        Shortest and longest repetition to expect, in seconds.
    settings : MotionRepSettings, optional
        Thresholds; ``phases`` and ``rep_s`` replace theirs.

    Returns
    -------
    Segmentation
        Reps on the session clock at 50 Hz, in time order; ``index`` counts from 1 in each set. Excluded is what leaves
        rest like a repetition but touches the end of the recording or a hole, fails, or is unlike the set.
    """
    return reps_of_path(tilt_path(sensors), laterality, described(settings, phases, rep_s))


def described(
    settings: MotionRepSettings | None, phases: tuple[str, ...], rep_s: tuple[float, float] | None
) -> MotionRepSettings:
    """Settings with what the exercise says."""
    settings = settings or MotionRepSettings()
    likeness = replace(settings.likeness, rep_s=rep_s) if rep_s else settings.likeness
    return replace(settings, phases=phases or settings.phases, likeness=likeness)


def reps_of_path(path: TiltPath, laterality: Laterality | None, settings: MotionRepSettings) -> Segmentation:
    """The same, of tilts that are already on the grid; a pure function, so that live it can be asked again."""
    decided = laterality or Laterality.BILATERAL
    if not path.sensors or laterality is Laterality.CYCLIC:
        why = "strides are no repetitions" if path.sensors else "no inertial sensor"
        return Segmentation((), laterality=decided, method=why)
    found = _found(path, laterality, settings)
    if laterality is None:
        decided = laterality_of(path, [o.change for each in found for o in each.kept])
        found = found[:1] if decided is Laterality.BILATERAL else found
    reps = _reps(path, found, decided, settings)
    excluded = _excluded(path, found, reps)
    names = ", ".join(sorted({site for site, _ in path.sensors}))
    how = "given" if laterality else "found in the data"
    return Segmentation(reps, excluded, decided, f"motion of {names}, {decided.value} ({how})")


def _found(path: TiltPath, laterality: Laterality | None, settings: MotionRepSettings) -> list[Found]:
    """Movements of the segments of the exercise alone; if there are no repetitions in that, of all."""
    part = path.of_segments(settings.segments)
    found = _in_real_sets(path, _movements(part, laterality, _of_part(part, settings)), settings)
    if part is path or any(each.kept for each in found):
        return found
    return _found(path, laterality, replace(settings, segments=()))


def _of_part(part: TiltPath, settings: MotionRepSettings) -> MotionRepSettings:
    """Fewer sensors sway less."""
    least_rad = math.sqrt(part.share) * settings.likeness.least_rad
    return replace(settings, likeness=replace(settings.likeness, least_rad=least_rad))


def _movements(path: TiltPath, laterality: Laterality | None, settings: MotionRepSettings) -> list[Found]:
    """The movements that make up the sets, the most frequent first."""
    turning = loops(path, strokes(path, speed(path, CALM_S)))
    ways = [way for way in directions(turning, CANDIDATES) if way[2] > 1] or directions(turning, 1)
    tried = _tried(path, ways, settings)
    if not tried:
        return []
    best = max(tried, key=lambda k: tried[k].weight)
    first = tried[best] if tried[best].weight > 0 else tried[0]
    if laterality is Laterality.BILATERAL:
        return [first]
    in_sets = replace(settings.likeness, alone_rad=math.inf)
    rest = [(u, a) for k, (u, a, _) in enumerate(ways) if k != best and a >= LEAST_OTHER * ways[best][1]]
    others = [outwards(path, u, a, in_sets, settings) for u, a in rest]
    alike = [of_one_movement(each.kept, first.kept, settings.likeness) for each in others]
    return [first, *(each if same else each.rejected() for each, same in zip(others, alike, strict=True))]


def _tried(path: TiltPath, ways: list[tuple[Samples, float, int]], settings: MotionRepSettings) -> dict[int, Found]:
    """What candidates hold: the most frequent one, and others as long as there is no set, or if they are far larger."""
    tried: dict[int, Found] = {}
    for k, (u, amplitude, _) in enumerate(ways):
        in_set = any(len(found.kept) >= 3 for found in tried.values())
        if not in_set or amplitude >= FAR_LARGER * ways[0][1]:
            tried[k] = outwards(path, u, amplitude, settings.likeness, settings)
    return tried


@dataclass(frozen=True, eq=False)
class _Sided:
    """An excursion that counts, and for which side."""

    excursion: Excursion
    side: Side | None


def _in_real_sets(path: TiltPath, found: list[Found], settings: MotionRepSettings) -> list[Found]:
    """The same, without what looks like a set but is disturbed between its repetitions."""
    kept, named = _without_overlap(found), path.of_segments(settings.segments) is not path
    failed = [one for each in found for one, why in zip(each.excursions, each.reasons, strict=True) if why == NOT_WHOLE]
    blocks = [[kept[k] for k in block] for block in sets(list(range(len(kept))), kept, settings.likeness)]
    real = [undisturbed(path.up, _tries(block, failed), named=named) for block in blocks]
    large = [is_real for block, is_real in zip(blocks, real, strict=True) if len(block) >= 3]
    if large and not any(large):  # what only counted because it is like a set that is none
        real = [False] * len(blocks)
    disturbed = {id(one) for block, is_real in zip(blocks, real, strict=True) if not is_real for one in block}
    return [each.without(disturbed) for each in found]


def _tries(block: list[Excursion], failed: list[Excursion]) -> list[Excursion]:
    """The repetitions of a set and the failed ones among them, in time order."""
    between = [one for one in failed if block[0].stop <= one.start and one.stop <= block[-1].start]
    return sorted([*block, *between], key=lambda one: one.start)


def _reps(path: TiltPath, found: list[Found], laterality: Laterality, settings: MotionRepSettings) -> tuple[Rep, ...]:
    one_sided = laterality is Laterality.UNILATERAL
    kept = [_Sided(one, side_of(path, one, settings.working) if one_sided else None) for one in _without_overlap(found)]
    out: list[Rep] = []
    for number, block in enumerate(_blocks(kept, settings), start=1):
        for index, each in enumerate(block, start=1):
            alike = [other.excursion for other in block if other.side is each.side]
            out.append(_rep(each, index, number, confidence(each.excursion, alike), path.start, settings))
    return tuple(out)


def _without_overlap(found: list[Found]) -> list[Excursion]:
    """The repetitions of all directions in time order; where two overlap, the one of the more frequent movement."""
    kept: list[Excursion] = []
    for each in found:
        for one in each.kept:
            if not any(_overlap(one, other) for other in kept):
                kept.append(one)
    return sorted(kept, key=lambda one: one.start)


def _overlap(one: Excursion, other: Excursion) -> bool:
    return min(one.stop, other.stop) - max(one.start, other.start) > 0.2 * min(
        one.stop - one.start, other.stop - other.start
    )


def _blocks(kept: list[_Sided], settings: MotionRepSettings) -> list[list[_Sided]]:
    """Sets: divided by long pauses and, when the sides take turns in blocks, by the change of side."""
    members = sets(list(range(len(kept))), [each.excursion for each in kept], settings.likeness)
    turns = [a.side is not b.side for a, b in pairwise(kept)]
    in_blocks = sum(turns) < 0.6 * len(turns)
    out: list[list[_Sided]] = []
    for block in members:
        for position, k in enumerate(block):
            if position == 0 or (in_blocks and turns[k - 1]):
                out.append([])
            out[-1].append(kept[k])
    return out


def _rep(each: _Sided, index: int, number: int, sure: float, origin: int, settings: MotionRepSettings) -> Rep:
    one = each.excursion
    start, stop, turn = (origin + at for at in (one.start, one.stop, one.turn))
    parts = _phases(one, origin, settings)
    return Rep(index, start, stop, GRID_HZ, each.side, number, turn, sure, parts)


def _phases(one: Excursion, origin: int, settings: MotionRepSettings) -> tuple[Phase, ...]:
    """Way out, hold, way back, by the names that the exercise gives them."""
    named = [name for name in settings.phases if name in {"eccentric", "concentric"}]
    away, back = (named[0], named[1]) if len(named) == 2 else ("away", "return")
    a, b = one.hold if (one.hold[1] - one.hold[0]) / GRID_HZ >= settings.min_hold_s else (one.turn, one.turn)
    parts = ((away, one.start, a), ("hold", a, b), (back, b, one.stop))
    return tuple(Phase(name, origin + p, origin + q) for name, p, q in parts if q > p)


def _excluded(path: TiltPath, found: list[Found], reps: tuple[Rep, ...]) -> tuple[ExcludedRep, ...]:
    """What else left rest, with its reason, unless it overlaps a repetition."""
    out = []
    for each in found:
        for one, why in zip(each.excursions, each.reasons, strict=True):
            start, stop = (
                path.start + (at if at >= 0 else one.middle[k]) for k, at in enumerate((one.start, one.stop))
            )
            if why and not any(min(stop, rep.stop) > max(start, rep.start) for rep in reps):
                out.append(ExcludedRep(start / GRID_HZ, stop / GRID_HZ, why))
    return tuple(sorted(set(out), key=lambda each: (each.start_s, each.stop_s)))
