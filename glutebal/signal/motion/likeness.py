"""Which excursions are repetitions: those that are alike and come in sets; and why the others are not."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from glutebal.model import Samples
from glutebal.signal.motion.excursions import SWAYED_RAD, UNSEEN, Excursion
from glutebal.signal.motion.phase_signal import others_move
from glutebal.signal.motion.resemblance import of_the_set
from glutebal.signal.motion.tilt_path import GRID_HZ

#: Neighbours on either side that say how large a repetition is just there.
NEIGHBOURS = 3
#: No set shrinks by more than this from one repetition to the next (logarithm of size).
FADES = 0.25
#: In movements as small as sway, differences count so many times less.
SWAYED = 2.0
#: A failed repetition.
NOT_WHOLE = "much smaller than its neighbours: not a whole repetition"

ANOTHER = "another movement than that of the set"
TOUCHES = "it touches the start, the end or a gap of the recording"
LEADS_AWAY = "it does not begin and end at rest"


@dataclass(frozen=True)
class LikenessSettings:
    """When an excursion is a repetition of its set.

    Parameters
    ----------
    rep_s : tuple of float
        Shortest and longest repetition, in seconds.
    least_rad : float
        Smaller movements (all sensors together) are sway.
    closed : float
        The posture after a rep differs from that before it by at most this share of the rep.
    detour : float
        The whole way is at most this many times as long as there and back: more is walking.
    sway_rad : float
        And by this much more.
    aside, aside_rad : float
        What moves in other directions than the movement is at most this share of it, and this much more.
    smaller, larger : float
        Size relative to the neighbours of the set: a failed repetition, another movement.
    by_area : bool
        Whether ``smaller`` is of the area under the phase signal.
    cosine : float
        Between the movement and that of the set.
    slower : float
        Ratio of moving times (without holds) up to which reps are alike.
    shorter : float
        Duration with the hold, relative to the set's, below which it is no repetition.
    course : float
        Correlation with the course of the set's median repetition.
    confidence : float
        Likeness in all of these together.
    pair_confidence, pair_closed : float
        Of one or two repetitions apart from the set, to the set; and ``closed`` for them.
    other_pace : float
        Ratio of moving times up to which two sets are of one movement.
    set_pause_s : float
        A longer pause begins a new set if it is also above three times the set's own rhythm.
    alone_rad : float
        One or two repetitions without a set of three anywhere count only if they are at least so large ...
    least_alone : int
        ... and at least so many ...
    alone_hold : float
        ... with a hold at most this share of the time they move: else it is sitting down, lying down, picking up.
    """

    rep_s: tuple[float, float] = (0.3, 150.0)
    least_rad: float = 0.03
    closed: float = 0.35
    detour: float = 1.6
    sway_rad: float = 0.02
    aside: float = 0.6
    aside_rad: float = 0.05
    smaller: float = 0.72
    by_area: bool = False
    larger: float = 1.5
    cosine: float = 0.85
    slower: float = 2.8
    shorter: float = 0.35
    course: float = 0.7
    confidence: float = 0.3
    pair_confidence: float = 0.4
    pair_closed: float = 0.15
    other_pace: float = 1.8
    set_pause_s: float = 20.0
    alone_rad: float = 0.9
    least_alone: int = 2
    alone_hold: float = 0.5


def judged(found: list[Excursion], along: Samples, settings: LikenessSettings, steps: list[bool]) -> list[str]:
    """Why each excursion is no repetition of the movement ``along`` (a unit vector); empty if it is one."""
    reasons = [
        _by_itself(one, settings) or ("a step or a shift of weight" if step else _astray(one, along, settings))
        for one, step in zip(found, steps, strict=True)
    ]
    likely = [k for k, why in enumerate(reasons) if not why]
    swayed = bool(likely) and _median([found[k].size for k in likely]) < SWAYED_RAD
    settings = _with_sway(settings) if swayed else settings
    for k, alike in zip(likely, of_the_set([found[k] for k in likely], SWAYED if swayed else 1.0), strict=True):
        reasons[k] = "" if alike else "unlike the other repetitions"
    for members in sets([k for k, why in enumerate(reasons) if not why], found, settings):
        for k, why in zip(members, _in_set([found[m] for m in members], settings), strict=True):
            reasons[k] = why
    kept = [k for k, why in enumerate(reasons) if not why]
    blocks = sets(kept, found, settings)
    main = max(blocks, key=lambda block: sum(found[k].size for k in block), default=[])
    typical = [found[k] for k in main] if len(main) >= 3 else []
    for block in blocks:
        these = [found[k] for k in block]
        tried = len(block) + sum(why == NOT_WHOLE for why in reasons[block[0] : block[-1]])
        why = _alone(these, tried, settings) if block is main or not typical else _as_a_set(these, typical, settings)
        for k in block:
            reasons[k] = why
    return reasons


def _with_sway(settings: LikenessSettings) -> LikenessSettings:
    """The same for movements as small as sway, which is then a part of every size, pace and course."""
    loose = replace(settings, by_area=True, smaller=0.5, larger=2.0, slower=6.0, course=0.55)
    return replace(loose, confidence=0.04, other_pace=3.0)


def _alone(block: list[Excursion], tried: int, settings: LikenessSettings) -> str:
    """Why the only set is not believed; failed repetitions count as tries."""
    sizes = [one.size for one in block]
    large = min(sizes) >= settings.alone_rad and min(sizes) >= settings.smaller * max(sizes)
    sat_down = any(one.seconds - one.moving_s > settings.alone_hold * one.transit_s for one in block)
    enough = tried >= 3 or (len(block) >= settings.least_alone and large and not sat_down)
    return "" if enough else "no set of at least three alike repetitions"


def _as_a_set(block: list[Excursion], typical: list[Excursion], settings: LikenessSettings) -> str:
    """Why a set is not another one of the movement of the largest set."""
    size = _median([one.size for one in block]) / _median([one.size for one in typical])
    moving = _median([one.transit_s for one in block]) / _median([one.transit_s for one in typical])
    course = correlation(*(np.median([one.course for one in each], axis=0) for each in (block, typical)))
    alike = float(_median_change(block) @ _median_change(typical)) >= settings.cosine and course >= settings.course
    near = settings.smaller <= size <= settings.larger and 1 / settings.other_pace <= moving <= settings.other_pace
    sure = len(block) >= 3 or all(_sure(one, typical, settings) for one in block)
    return "" if alike and near and sure else ANOTHER


def _sure(one: Excursion, typical: list[Excursion], settings: LikenessSettings) -> bool:
    """Whether one apart from the set is like it beyond doubt."""
    closed = one.gap <= settings.pair_closed * one.size + settings.sway_rad
    return closed and confidence(one, typical) >= settings.pair_confidence


def _median(values: list[float]) -> float:
    return float(np.median(values))


def _by_itself(one: Excursion, settings: LikenessSettings) -> str:
    if not one.complete:
        return LEADS_AWAY if min(one.start, one.stop) < UNSEEN else TOUCHES
    shortest, longest = settings.rep_s
    took = f"a repetition takes {shortest:g} to {longest:g} s, this took {one.seconds:.1f} s"
    wrong = {
        "too small for a repetition": one.size < settings.least_rad,
        "other parts of the body move as well": others_move(one.size, one.others),
        "it does not come back to where it began": one.gap > settings.closed * one.size + settings.sway_rad,
        "the body moves to and fro meanwhile: steps": one.way > settings.detour * 2 * one.size,
        took: not 0.6 * shortest <= one.seconds <= 1.5 * longest,
    }
    return next((why for why, true in wrong.items() if true), "")


def _astray(one: Excursion, along: Samples, settings: LikenessSettings) -> str:
    forth = float(one.change @ along)
    aside = float(np.linalg.norm(one.change - forth * along))
    return "it moves the body in another way" if aside > settings.aside * forth + settings.aside_rad else ""


def sets(members: list[int], found: list[Excursion], settings: LikenessSettings) -> list[list[int]]:
    """Indices of excursions in blocks: divided by pauses that are long, as they are and for the rhythm before them."""
    blocks: list[list[int]] = []
    for k in members:
        if blocks and not _new_set(blocks[-1], k, found, settings):
            blocks[-1].append(k)
        else:
            blocks.append([k])
    return blocks


def _new_set(block: list[int], k: int, found: list[Excursion], settings: LikenessSettings) -> bool:
    pause = (found[k].start - found[block[-1]].stop) / GRID_HZ
    if pause <= settings.set_pause_s:
        return False
    before = [(found[b].start - found[a].stop) / GRID_HZ for a, b in pairwise(block)]
    rhythm = float(np.median([found[m].seconds for m in block])) + (float(np.median(before)) if before else 0.0)
    return pause > 3 * rhythm


def _in_set(block: list[Excursion], settings: LikenessSettings) -> list[str]:
    """Compare every member with its neighbours and with the median of all; strangers have no say in the end."""
    if len(block) < 3:
        return [""] * len(block)
    sizes, heights = np.array([one.size for one in block]), np.array(_heights(block, settings))
    change = _median_change(block)
    moving = _median([one.transit_s for one in block])
    short = settings.shorter * _median([one.seconds for one in block])
    course = np.median([one.course for one in block], axis=0)
    out = []
    for k, one in enumerate(block):
        near = np.delete(sizes[max(0, k - NEIGHBOURS) : k + NEIGHBOURS + 1], min(k, NEIGHBOURS))
        size = heights[k] / _expected(heights, k)
        why = _compared(one, size, float(near.max()), change, moving, course, settings)
        if one.seconds < short:
            why = "much shorter than the other repetitions"
        out.append(why or ("unlike the other repetitions" if confidence(one, block) < settings.confidence else ""))
    return out


def _heights(block: list[Excursion], settings: LikenessSettings) -> list[float]:
    """What tells whether a repetition is a whole one; as small as sway, only its area does."""
    return [max(one.area, 1e-6) if settings.by_area else one.size + settings.sway_rad for one in block]


def _expected(sizes: Samples, k: int) -> float:
    """As large as its neighbours; the last of a set that shrinks from one to the next shrinks as they did."""
    usual = float(np.median(np.delete(sizes[max(0, k - NEIGHBOURS) : k + NEIGHBOURS + 1], min(k, NEIGHBOURS))))
    if k < len(sizes) - 1:
        return usual
    before = np.log(sizes[max(0, k - NEIGHBOURS) : k])
    fades = float(np.clip(np.median(np.diff(before)), -FADES, 0.0))
    return min(usual, float(np.exp(before[-1] + fades)))


def _median_change(block: list[Excursion]) -> Samples:
    """The typical movement, as a unit vector."""
    change = np.median([one.change / one.size for one in block], axis=0)
    return np.asarray(change / max(float(np.linalg.norm(change)), 1e-9))


def _compared(
    one: Excursion,
    size: float,
    largest: float,
    change: Samples,
    moving_s: float,
    course: Samples,
    settings: LikenessSettings,
) -> str:
    if size < settings.smaller:
        return NOT_WHOLE
    if one.size > settings.larger * largest:
        return "much larger than its neighbours: another movement"
    if float(one.change @ change) < settings.cosine * one.size:
        return "it moves the body in another way than the repetitions"
    if not 1 / settings.slower <= one.transit_s / moving_s <= settings.slower:
        return "much slower or faster than the other repetitions"
    if correlation(one.course, course) < settings.course:
        return "its course is unlike that of the other repetitions"
    return ""


def of_one_movement(block: list[Excursion], typical: list[Excursion], settings: LikenessSettings) -> bool:
    """Whether repetitions in another direction can be the other side's: as large and as fast."""
    if len(block) < 3 or not typical:
        return False
    size = _median([one.size for one in block]) / _median([one.size for one in typical])
    moving = _median([one.transit_s for one in block]) / _median([one.transit_s for one in typical])
    near = 1 / settings.larger <= size <= settings.larger
    return near and 1 / settings.other_pace <= moving <= settings.other_pace


def correlation(a: Samples, b: Samples) -> float:
    """Of two courses; 0 if one does not change."""
    a, b = a - a.mean(), b - b.mean()
    scale = math.sqrt(float(a @ a) * float(b @ b))
    return float(a @ b) / scale if scale > 0 else 0.0


def confidence(one: Excursion, block: list[Excursion]) -> float:
    """Likeness to the set's median rep in moving time, size and course: 1 is typical, 0 is nothing like it."""
    moving = one.transit_s / float(np.median([b.transit_s for b in block]))
    size = one.size / float(np.median([b.size for b in block]))
    alike = math.exp(-((math.log(moving) / 0.7) ** 2) - (math.log(size) / 0.7) ** 2)
    return float(alike * max(0.0, correlation(one.course, np.median([b.course for b in block], axis=0))))
