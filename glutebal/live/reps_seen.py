"""The reps that were told, as the coach sees them."""

from __future__ import annotations

import math
from collections.abc import Iterable

from glutebal.coach.cues import RepSeen
from glutebal.live.events import LiveRep
from glutebal.live.look import SetSoFar
from glutebal.live.moving import RepMotion
from glutebal.model import Quantity, Side


def reps_seen(told: Iterable[LiveRep], set_index: int, so_far: SetSoFar | None = None) -> list[RepSeen]:
    """What each told rep says to the cues; NaN where a live look does not know."""
    reps = list(told)
    holds_s = so_far.holds_s([live.rep for live in reps]) if so_far else [math.nan] * len(reps)
    counts: dict[Side | None, int] = {}
    found = []
    for live, hold_s in zip(reps, holds_s, strict=True):
        side = live.rep.side
        counts[side] = counts.get(side, 0) + 1
        motion = so_far.moving.of(live.rep) if so_far else RepMotion()
        found.append(_seen(live, counts[side], set_index, hold_s, motion))
    return found


def _seen(live: LiveRep, index: int, set_index: int, hold_s: float, motion: RepMotion) -> RepSeen:
    rep = live.rep
    held_s = _phase_s(live, "hold")
    return RepSeen(
        index=index,
        set_index=set_index,
        side=rep.side,
        log_ratio=live.log_ratio.value if live.log_ratio.status.has_value else math.nan,
        duration_s=rep.duration_s,
        eccentric_s=_phase_s(live, "eccentric"),
        concentric_s=_phase_s(live, "concentric"),
        hold_s=held_s if math.isfinite(held_s) else hold_s,
        depth_deg=motion.depth_deg,
        range_deg=motion.range_deg,
        pelvic_drop_deg=motion.pelvic_drop_deg,
        lateral_shift_cm=motion.lateral_shift_cm,
        value=_value(live),
    )


def _value(live: LiveRep) -> float:
    """The value of the side that worked, if the sides may be compared at all: EMG in volts may not."""
    side = live.rep.side
    return math.nan if side is None or live.unit == Quantity.EMG.unit else live.sides[side].value


def _phase_s(live: LiveRep, name: str) -> float:
    rate_hz = live.rep.rate_hz
    lengths = [(phase.stop - phase.start) / rate_hz for phase in live.rep.phases if phase.name == name]
    return sum(lengths) if lengths else math.nan
