"""Where a repetition begins and ends, found in the effort of both sides together.

::

    effort L ─┐ scaled by its own                 bumps ─▶ grouped by the set's    ─▶ what does not fit
    effort R ─┘ typical peak, added, smoothed              rhythm, edges at rest      is excluded, with a reason

The rules are symmetric in the sides: swapping them cannot change which reps exist. `find_reps` is a pure function of
the effort, so that live it can be asked again about whatever has arrived.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from glutebal.model import Bilateral, Samples, Side, Track
from glutebal.results import ExcludedRep, Laterality, Rep, Segmentation
from glutebal.signal import bursts
from glutebal.signal.followers import ALONG, goes_along
from glutebal.signal.joint import Sides

#: A first or last burst below this share of the others' amplitude is a set-up movement, if the others are alike.
EDGE_AMPLITUDE = 0.65
#: and below this share of the weakest other one.
EDGE_GAP = 0.75
#: and this far from the set.
SETUP_PAUSE_S = 1.0


@dataclass(frozen=True)
class RepSettings:
    """When a burst of effort is a repetition.

    Parameters
    ----------
    threshold : float
        Effort (power) that a rep must reach, as a share of the typical peak.
    rest : float
        Effort at which a rep begins and ends, as a share of the typical peak; raised to the scatter at rest.
    min_rep_s : float
        A shorter burst is not a rep.
    min_duration, min_amplitude : float
        Shares of the set's median below which a burst is idle movement.
    isolated_s : float
        An unlike burst at least this far from its neighbours is idle movement (set-up, racking the bar).
    set_pause_s : float
        A longer pause begins a new set; so does one above ``set_pause_ratio`` median pauses if it is longer than
        ``set_pause_min_s``.
    edge_s : float
        A burst this close to something that was not recorded was not seen whole.
    """

    threshold: float = 0.15
    rest: float = 0.01
    min_rep_s: float = 0.25
    min_duration: float = 0.35
    min_amplitude: float = 0.45
    isolated_s: float = 1.5
    set_pause_s: float = 20.0
    set_pause_ratio: float = 5.0
    set_pause_min_s: float = 5.0
    edge_s: float = 0.03


@dataclass(frozen=True)
class _Burst:
    """A candidate for a rep on the common grid; ``height`` is its peak amplitude, ``course`` 50 values over its
    time.
    """

    start: int
    stop: int
    side: Side | None
    height: float
    course: Samples


def find_reps(
    effort: Bilateral[Track | None], laterality: Laterality | None = None, *, settings: RepSettings | None = None
) -> Segmentation:
    """Find the repetitions in the effort of both sides.

    Parameters
    ----------
    effort : Bilateral of Track or None
        Power on the common clock, as `emg_effort` and `force_effort` give it. ``None`` is a side that cannot be used:
        the reps are then those of the other side.
    laterality : Laterality or None
        Bilateral: reps of both sides together. Unilateral or cyclic: each side's own bursts. ``None``: unilateral if in
        seven of ten bursts one side does at least 70 % of the (scaled) work and each side has its turn, or if only one
        side is active at all; else bilateral.
    settings : RepSettings, optional
        Thresholds.

    Returns
    -------
    Segmentation
        Reps on the clock of the effort, in time order. ``index`` counts from 1 in each set. A rep that touches the
        start or the end of the recording or a gap on either side is excluded: we did not see it whole.
    """
    settings = settings or RepSettings()
    sides = Sides.of(effort)
    if sides is None:
        return Segmentation((), laterality=laterality or Laterality.BILATERAL, method="no usable side")
    decided = laterality or _laterality(sides, settings)
    if decided is Laterality.BILATERAL:
        found = _bursts(sides.joint(), sides.rate_hz, None, settings)
    else:
        each = Bilateral.per_side(lambda side: _bursts(sides.alone(side), sides.rate_hz, side, settings))
        found = sorted([*each.left, *each.right], key=lambda burst: (burst.start, burst.stop))
    along = {id(b) for b in found if goes_along(b.start + sides.origin, b.stop + sides.origin, b.side, effort)}
    reps, excluded = _judged(found, sides, settings, along)
    how = "given" if laterality else "found in the data"
    method = f"joint effort, {decided.value} ({how}); {sides.described()}"
    return Segmentation(tuple(reps), tuple(excluded), decided, method)


def _laterality(sides: Sides, settings: RepSettings) -> Laterality:
    """Whether the sides work together or in turn."""
    active = sides.scaled.map(lambda side: side is not None)
    if not (active.left and active.right):
        one_idle = any(there and not works for there, works in sides.usable.zip(active))
        return Laterality.UNILATERAL if one_idle and any(active) else Laterality.BILATERAL
    joint = _bursts(sides.joint(), sides.rate_hz, None, settings)
    shares = np.array([sides.right_share(burst.start, burst.stop) for burst in joint])
    if shares.size == 0:
        return Laterality.BILATERAL
    left, right = float(np.mean(shares < 0.3)), float(np.mean(shares > 0.7))
    return Laterality.UNILATERAL if left + right >= 0.7 and min(left, right) >= 0.1 else Laterality.BILATERAL


def _bursts(joint: Samples, rate_hz: float, side: Side | None, settings: RepSettings) -> list[_Burst]:
    """All bursts of a scaled effort, put together by the rhythm of the set, with their edges at rest."""
    first = _normalised(joint, bursts.RHYTHM_S, rate_hz)
    if first is None:
        return []
    rough = bursts.bumps(first, settings.threshold)
    width_s = bursts.following(bursts.typical_duration_s(first, rough, rate_hz)) if rough else bursts.RHYTHM_S
    calm = _normalised(joint, width_s, rate_hz)
    found = bursts.bumps(calm, settings.threshold) if calm is not None else []
    if calm is None or not found:
        return []
    groups = bursts.grouped(found, bursts.pauses(calm, found, rate_hz))
    sharp = _normalised(joint, bursts.WIDTHS_S[0], rate_hz)
    edges = calm if sharp is None else sharp
    scatter = bursts.rest_scatter(joint, bursts.WIDTHS_S[0], rate_hz)
    rest = min(max(settings.rest, 3 * scatter), 0.5 * settings.threshold)
    return [_burst(group, edges, rest, rate_hz, side) for group in groups]


def _normalised(joint: Samples, width_s: float, rate_hz: float) -> Samples | None:
    if not np.isfinite(joint).any():
        return None
    smooth = bursts.smoothed(joint, width_s, rate_hz)
    peak = bursts.typical_peak(smooth, bursts.rest_scatter(joint, width_s, rate_hz))
    return smooth / peak if math.isfinite(peak) else None


def _burst(group: list[bursts.Bump], joint: Samples, rest: float, rate_hz: float, side: Side | None) -> _Burst:
    """A group of bumps as one burst, from rest to rest."""
    first, last = group[0], group[-1]
    start = first.peak + 1 - bursts.edge(joint[first.start : first.peak + 1][::-1], rest, rate_hz)
    stop = last.peak + bursts.edge(joint[last.peak : last.stop], rest, rate_hz)
    course = np.interp(np.linspace(start, stop - 1, 50), np.arange(start, stop), np.nan_to_num(joint[start:stop]))
    height = math.sqrt(max(bump.height for bump in group))
    return _Burst(start, stop, side, height, np.sqrt(np.maximum(course, 0.0)))


def _judged(
    found: list[_Burst], sides: Sides, settings: RepSettings, along: Collection[int]
) -> tuple[list[Rep], list[ExcludedRep]]:
    """Leave out what goes along with the other side, what was not seen whole, what is not like the set; number the
    rest.
    """
    reasons = {id(burst): ALONG if id(burst) in along else _unseen(burst, sides, settings) for burst in found}
    whole = [burst for burst in found if not reasons[id(burst)]]
    for block in _sets(whole, sides.rate_hz, settings):
        for burst in block:
            reasons[id(burst)] = _unlike(burst, block, whole, sides.rate_hz, settings)
    kept = [burst for burst in found if not reasons[id(burst)]]
    at = [(b, (b.start + sides.origin) / sides.rate_hz, (b.stop + sides.origin) / sides.rate_hz) for b in found]
    excluded = [ExcludedRep(a, z, reasons[id(b)], b.side) for b, a, z in at if reasons[id(b)]]
    return list(_numbered(_sets(kept, sides.rate_hz, settings), sides)), excluded


def _unseen(burst: _Burst, sides: Sides, settings: RepSettings) -> str:
    """Why the burst was not seen whole; empty if it was. What begins below the threshold has begun in sight."""
    edge = round(settings.edge_s * sides.rate_hz)
    if not sides.seen[burst.start + edge : burst.stop - edge].all():
        return "it touches a gap in the recording"
    early, late = (bool((value / burst.height) ** 2 > settings.threshold) for value in burst.course[[0, -1]])
    if early and not sides.covered(burst.start - edge, burst.start):
        started = sides.seen[: burst.start].any()
        return "it touches a gap in the recording" if started else "it had begun before the recording of both sides"
    if late and not sides.covered(burst.stop, burst.stop + edge):
        goes_on = sides.seen[burst.stop :].any()
        return "it touches a gap in the recording" if goes_on else "the recording of both sides ended before it did"
    return ""


def _sets(found: list[_Burst], rate_hz: float, settings: RepSettings) -> list[list[_Burst]]:
    """Sets: divided by long pauses and, when the sides take turns in blocks, by the change of side."""
    if not found:
        return []
    pauses = np.array([two.start - one.stop for one, two in pairwise(found)]) / rate_hz
    typical = float(np.median(pauses)) if pauses.size else 0.0
    limit = min(settings.set_pause_s, max(settings.set_pause_min_s, settings.set_pause_ratio * typical))
    turns = np.array([one.side is not two.side for one, two in pairwise(found)], dtype=bool)
    in_blocks = np.count_nonzero(turns) < 0.6 * turns.size
    blocks = [[found[0]]]
    for burst, pause, turn in zip(found[1:], pauses, turns, strict=True):
        if pause > limit or (turn and in_blocks):
            blocks.append([burst])
        else:
            blocks[-1].append(burst)
    return blocks


def _unlike(burst: _Burst, block: list[_Burst], everything: list[_Burst], rate_hz: float, settings: RepSettings) -> str:
    """Why the burst is not a rep of its set; empty if it is."""
    seconds = (burst.stop - burst.start) / rate_hz
    if seconds < settings.min_rep_s:
        return f"too short for a repetition ({seconds:.2f} s)"
    peers = block if len(block) >= 3 else everything
    if len(peers) < 3:
        return ""
    duration, height = _likeness(burst, peers)
    if duration < settings.min_duration:
        return "much shorter than the other repetitions"
    if height < settings.min_amplitude:
        return "much weaker than the other repetitions"
    distance_s, pause_s = _distance_s(burst, everything, rate_hz), _pause_s(peers, rate_hz)
    apart = distance_s > max(SETUP_PAUSE_S, 0.9 * pause_s)
    if apart and (burst is block[0] or burst is block[-1]) and _stands_out_weak(burst, peers):
        return "much weaker than the others, before or after the set"
    alone = distance_s > max(settings.isolated_s, 1.5 * pause_s)
    odd = not (0.6 < duration < 1.7 and 0.7 < height < 1.7)
    return "isolated, and unlike the repetitions" if alone and odd else ""


def _likeness(burst: _Burst, peers: list[_Burst]) -> tuple[float, float]:
    """Duration and height relative to the median of the peers."""
    durations = [peer.stop - peer.start for peer in peers]
    own = (burst.stop - burst.start) / float(np.median(durations))
    return own, burst.height / float(np.median([peer.height for peer in peers]))


def _stands_out_weak(burst: _Burst, peers: list[_Burst]) -> bool:
    """Whether the burst is far below the typical one and clearly below even the weakest of the others."""
    others = [peer.height for peer in peers if peer is not burst]
    weak = burst.height < EDGE_AMPLITUDE * float(np.median(others))
    return len(others) >= 3 and weak and burst.height < EDGE_GAP * min(others)


def _distance_s(burst: _Burst, others: list[_Burst], rate_hz: float) -> float:
    """Pause to the nearest other burst, in seconds."""
    gaps = (max(other.start - burst.stop, burst.start - other.stop) for other in others if other is not burst)
    return min(gaps, default=math.inf) / rate_hz


def _pause_s(block: list[_Burst], rate_hz: float) -> float:
    pauses = [two.start - one.stop for one, two in pairwise(block)]
    return float(np.median(pauses)) / rate_hz if pauses else 0.0


def _numbered(blocks: list[list[_Burst]], sides: Sides) -> Iterable[Rep]:
    for set_index, block in enumerate(blocks, start=1):
        for index, burst in enumerate(block, start=1):
            start, stop = burst.start + sides.origin, burst.stop + sides.origin
            rep = Rep(index, start, stop, sides.rate_hz, burst.side, set_index)
            yield replace(rep, confidence=_confidence(burst, block))


def _confidence(burst: _Burst, block: list[_Burst]) -> float:
    """Likeness to the set's median rep in duration, height and course: 1 is typical, 0 is nothing like it."""
    duration, height = _likeness(burst, block)
    size = math.exp(-((math.log(duration) / 0.7) ** 2) - (math.log(height) / 0.7) ** 2)
    template = np.median([peer.course / peer.height for peer in block], axis=0)
    if np.ptp(template) == 0 or np.ptp(burst.course) == 0:
        return float(size)
    return float(size * max(0.0, np.corrcoef(template, burst.course)[0, 1]))
