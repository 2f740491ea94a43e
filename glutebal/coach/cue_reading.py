"""What a finished rep tells the cues, and what each kind of cue reads from it.

In one-sided exercises the k-th left rep is paired with the k-th right one, whether the sides take turns rep by rep or
set by set.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from glutebal.coach.cue_settings import CueKind, CueSettings
from glutebal.coach.cue_watch import Reading, Topic
from glutebal.model import Bilateral, Side

_UNKNOWN = Bilateral(math.nan, math.nan)
_ABOVE, _BELOW = frozenset((1,)), frozenset((-1,))


@dataclass(frozen=True)
class RepSeen:
    """What is known of one rep that has ended. NaN is not known: it says nothing, and nothing is forgotten over it.

    Parameters
    ----------
    index, set_index : int
        As in `Rep`.
    side : Side or None
        Which side worked; None: both together.
    log_ratio : float
        λ = ln(R/L), positive when the right side is larger; of a one-sided rep NaN, unless it was paired elsewhere.
    duration_s, eccentric_s, concentric_s, hold_s : float
        Of the rep and of its phases.
    depth_deg : Bilateral of float
        How far each side went, such as the largest hip flexion.
    range_deg : float
        Range of motion, the mean of both sides where both work.
    pelvic_drop_deg : float
        How far the unsupported side of the pelvis dropped, + down.
    lateral_shift_cm : float
        Of the hips, + to the right.
    value : float
        Of the side that worked in a one-sided rep, > 0: what λ of a pair is made of.
    """

    index: int
    set_index: int = 1
    side: Side | None = None
    log_ratio: float = math.nan
    duration_s: float = math.nan
    eccentric_s: float = math.nan
    concentric_s: float = math.nan
    hold_s: float = math.nan
    depth_deg: Bilateral[float] = _UNKNOWN
    range_deg: float = math.nan
    pelvic_drop_deg: float = math.nan
    lateral_shift_cm: float = math.nan
    value: float = math.nan

    @property
    def moving_s(self) -> float:
        """Seconds of movement, holds left out; NaN where phases are not known."""
        return self.eccentric_s + self.concentric_s


@dataclass
class Pairs:
    """One-sided reps that wait for their partner: the k-th of one side for the k-th of the other.

    ``sets`` is the set that each side is in. A side that begins another set begins another pair of sets.
    """

    sets: dict[Side, int] = field(default_factory=dict)
    waiting: deque[RepSeen] = field(default_factory=deque)

    def partner(self, seen: RepSeen) -> RepSeen | None:
        """The rep of the other side, if it has been; a rep of both sides has none."""
        if seen.side is None:
            return None
        if self.sets.get(seen.side, seen.set_index) != seen.set_index:
            self.sets.clear()
            self.waiting.clear()
        self.sets[seen.side] = seen.set_index
        if self.waiting and self.waiting[0].side is not seen.side:
            return self.waiting.popleft()
        self.waiting.append(seen)
        return None


#: From a rep and its partner on the other side to what they show.
Reader = Callable[["RepSeen", "RepSeen | None", "Aims"], Iterator[Reading]]


@dataclass(frozen=True)
class Aims:
    """What reps are held against: the settings with the exercise's own aims, and what is worked out once."""

    settings: CueSettings
    hold_s: tuple[float, float] | None
    threshold_log_ratio: float
    watched: tuple[Reader, ...]

    @classmethod
    def of(cls, settings: CueSettings, hold_s: tuple[float, float] | None) -> Aims:
        """Those of an exercise whose hold is ``hold_s``; the settings' own goes first."""
        watched = tuple(read for kind, read in _READ.items() if kind in settings.on)
        return cls(settings, settings.hold_s or hold_s, settings.threshold_log_ratio, watched)


def readings(seen: RepSeen, partner: RepSeen | None, aims: Aims) -> Iterator[Reading]:
    """All that a rep has to say on what is watched; ``partner`` is that of the other side in one-sided exercises."""
    for read in aims.watched:
        yield from (found for found in read(seen, partner, aims) if math.isfinite(found.value))


def _of_pair(seen: RepSeen, partner: RepSeen | None, get: Callable[[RepSeen], float]) -> Bilateral[float]:
    """One value from either rep of a pair; NaN without a partner."""
    if partner is None:
        return _UNKNOWN
    return Bilateral(get(partner), get(seen)) if seen.side is Side.RIGHT else Bilateral(get(seen), get(partner))


def _log_ratio(sides: Bilateral[float]) -> float:
    return _log(sides.right) - _log(sides.left)


def _log(value: float) -> float:
    return math.log(value) if 0 < value < math.inf else math.nan


def _balance(seen: RepSeen, partner: RepSeen | None, aims: Aims) -> Iterator[Reading]:
    own = math.isfinite(seen.log_ratio)
    value = seen.log_ratio if own else _log_ratio(_of_pair(seen, partner, lambda rep: rep.value))
    s = aims.settings
    source = [("threshold_index", s.threshold_index)]
    if s.personal_sd is not None:
        source += [("personal_sd", s.personal_sd), ("personal_sds", s.personal_sds)]
    pairs = seen.side is not None
    yield Reading(Topic.BALANCE, value, pairs=pairs, floor=aims.threshold_log_ratio, source=tuple(source))


def _lateral_shift(seen: RepSeen, _: RepSeen | None, aims: Aims) -> Iterator[Reading]:
    floor = aims.settings.lateral_shift_cm
    yield Reading(Topic.LATERAL_SHIFT, seen.lateral_shift_cm, seen.side, centre=None, floor=floor)


def _pelvic_drop(seen: RepSeen, _: RepSeen | None, aims: Aims) -> Iterator[Reading]:
    known, floor = aims.settings.pelvic_drop_baseline_deg, aims.settings.pelvic_drop_deg
    centre = known[seen.side] if known and seen.side else None
    yield Reading(Topic.PELVIC_DROP, seen.pelvic_drop_deg, seen.side, centre=centre, floor=floor, ways=_ABOVE)


def _depth(seen: RepSeen, partner: RepSeen | None, aims: Aims) -> Iterator[Reading]:
    """Right less left, of one rep or of a pair."""
    sides = seen.depth_deg if seen.side is None else _of_pair(seen, partner, _own_depth)
    size = max(abs(sides.left), abs(sides.right))
    match = (aims.settings.match_deg, aims.settings.match_share)
    value = sides.right - sides.left
    yield Reading(Topic.DEPTH, value, pairs=seen.side is not None, floor=match[0], share=match[1], size=size)


def _own_depth(rep: RepSeen) -> float:
    return rep.depth_deg[rep.side] if rep.side else math.nan


def _hold(seen: RepSeen, _: RepSeen | None, aims: Aims) -> Iterator[Reading]:
    if aims.hold_s is None:
        return
    low, high = aims.hold_s
    tolerance = aims.settings.hold_tolerance_s
    source = (("hold_low_s", low), ("hold_high_s", high), ("hold_tolerance_s", tolerance))
    floor = 0.5 * (high - low) + tolerance
    yield Reading(Topic.HOLD, seen.hold_s, seen.side, centre=0.5 * (low + high), floor=floor, source=source)


def _range(seen: RepSeen, _: RepSeen | None, aims: Aims) -> Iterator[Reading]:
    floor, share = aims.settings.match_deg, aims.settings.match_share
    yield Reading(Topic.RANGE, seen.range_deg, seen.side, centre=None, floor=floor, share=share, ways=_BELOW)


def _tempo(seen: RepSeen, partner: RepSeen | None, aims: Aims) -> Iterator[Reading]:
    """The sides of a pair against each other, and every rep against the set's first ones: quicker only.

    Whole reps count where phases are not known. The two are never averaged together.
    """
    floor, source = math.log1p(aims.settings.tempo_match), (("tempo_match", aims.settings.tempo_match),)
    moving = _log_ratio(_of_pair(seen, partner, lambda rep: rep.moving_s))
    whole = _log_ratio(_of_pair(seen, partner, lambda rep: rep.duration_s))
    topic, value = (Topic.MOVING, moving) if math.isfinite(moving) else (Topic.WHOLE, whole)
    yield Reading(topic, value, pairs=True, floor=floor, source=source)
    lowering = _log(seen.eccentric_s)
    topic, value = (Topic.LOWERING, lowering) if math.isfinite(lowering) else (Topic.REP_TIME, _log(seen.duration_s))
    yield Reading(topic, value, seen.side, centre=None, floor=floor, ways=_BELOW, source=source)


#: The most telling first: when several notes are due, the others wait.
_READ: dict[CueKind, Reader] = {
    CueKind.BALANCE: _balance,
    CueKind.LATERAL_SHIFT: _lateral_shift,
    CueKind.PELVIC_DROP: _pelvic_drop,
    CueKind.DEPTH: _depth,
    CueKind.HOLD: _hold,
    CueKind.RANGE: _range,
    CueKind.TEMPO: _tempo,
}
