"""The reps that were told, as the coach sees them."""

from __future__ import annotations

import math
from collections.abc import Iterable

from glutebal.coach.cues import RepSeen
from glutebal.live.events import LiveRep
from glutebal.live.moving import Moving, RepMotion
from glutebal.model import Side


def reps_seen(told: Iterable[LiveRep], set_index: int, moving: Moving | None = None) -> list[RepSeen]:
    """What each told rep says to the cues; NaN where a live look does not know."""
    counts: dict[Side | None, int] = {}
    found = []
    for live in told:
        rep = live.rep
        counts[rep.side] = counts.get(rep.side, 0) + 1
        motion = moving.of(rep) if moving else RepMotion()
        found.append(
            RepSeen(
                index=counts[rep.side],
                set_index=set_index,
                side=rep.side,
                log_ratio=live.log_ratio.value if live.log_ratio.status.has_value else math.nan,
                duration_s=rep.duration_s,
                eccentric_s=_phase_s(live, "eccentric"),
                concentric_s=_phase_s(live, "concentric"),
                hold_s=_phase_s(live, "hold"),
                depth_deg=motion.depth_deg,
                range_deg=motion.range_deg,
                pelvic_drop_deg=motion.pelvic_drop_deg,
                lateral_shift_cm=motion.lateral_shift_cm,
                value=live.sides[rep.side].value if rep.side else math.nan,
            )
        )
    return found


def _phase_s(live: LiveRep, name: str) -> float:
    rate_hz = live.rep.rate_hz
    lengths = [(phase.stop - phase.start) / rate_hz for phase in live.rep.phases if phase.name == name]
    return sum(lengths) if lengths else math.nan
