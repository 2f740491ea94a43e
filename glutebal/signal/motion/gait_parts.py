"""What only both legs together tell about a swing: whether the walk begins or ends with it, and how fast it is.

The first step from standing and the last before it are not steps of steady walking, which is reached at the end of the
first step (Brenière & Do 1986 J Biomech 19:1035; Jian et al. 1993 Gait Posture 1:9). The foot contacts are seen all the
same, and stay in the list; `FootEvents.parts` says which they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from glutebal.model import Bilateral, Samples, Side
from glutebal.signal.motion.gait_events import FootEvents, Part
from glutebal.signal.motion.leg_motion import LONGEST_STRIDE_S, local_period_s

#: People go over from walking to running at about this speed, m/s (Hreljac 1993 Med Sci Sports Exerc 25:1158).
RUNS_M_S = 2.0
#: A shank in running is under way later behind toe-off than in walking, s: 0 for no difference, 0.11 in simulated runs
#: against the shanks of one person walking.
RUNNING_S = 0.06


def together(feet: Bilateral[FootEvents]) -> Bilateral[FootEvents]:
    """Both legs with the first and the last step of every walk marked, and a shank's toe-offs set for running."""
    if feet.left.site == "shank" and speed_m_s(feet) > RUNS_M_S:
        feet = feet.map(lambda leg: replace(leg, toe_off_s=leg.toe_off_s - RUNNING_S))
    offs = np.sort(np.concatenate([leg.toe_off_s for leg in feet]))
    strikes = np.sort(np.concatenate([leg.heel_strike_s for leg in feet]))
    seen = [span for leg in feet for span in leg.covered]
    return feet.map(lambda leg: replace(leg, parts=tuple(_parts(leg, offs, strikes, seen))))


def speed_m_s(feet: Bilateral[FootEvents]) -> float:
    """The speed of most strides, m/s: way of a swing over the time of a stride, third quartile; NaN without a stride.

    Both legs go the same way. A swing that hesitates, or steps before and behind a turn, seem slower, never faster: of
    the two legs the faster is right.
    """
    each = feet.map(lambda leg: leg.way_m / local_period_s(leg.mid_swing_s))
    known = [speeds[np.isfinite(speeds)] for speeds in each]
    return max((float(np.quantile(speeds, 0.75)) for speeds in known if speeds.size), default=np.nan)


def _parts(leg: FootEvents, offs: Samples, strikes: Samples, seen: Sequence[tuple[float, float]]) -> Iterator[Part]:
    """A walk begins (ends) with a swing before (behind) which neither leg does anything for the time of a stride."""
    period = np.nan_to_num(local_period_s(leg.mid_swing_s), nan=LONGEST_STRIDE_S)
    for off, strike, stride in zip(leg.toe_off_s, leg.heel_strike_s, period, strict=True):
        if _still(off - stride, off, strikes, seen):
            yield Part.INITIATION
        else:
            yield Part.TERMINATION if _still(strike, strike + stride, offs, seen) else Part.WALKING


def _still(start_s: float, stop_s: float, events_s: Samples, seen: Sequence[tuple[float, float]]) -> bool:
    """Whether both legs were recorded throughout and nothing happened."""
    recorded = sum(a <= start_s and stop_s <= b for a, b in seen) == len(Side)
    return recorded and not bool(np.any((events_s > start_s) & (events_s < stop_s)))
