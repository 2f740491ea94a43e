"""Where and when the feet are put down: steps of a walk, a run, a turn, a few steps to the side or back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glutebal.model import Bilateral, Side
from glutebal.testing.body_plan import GaitPlan
from glutebal.testing.body_pose import OUT, Place


@dataclass(frozen=True)
class GaitStyle:
    """How one kind of gait is done: m, s, degrees; ``impact_m_s2`` is the jolt of a heel strike at the foot,.

    ``bounce_m`` how much lower the pelvis is in mid-stance than in flight (0: it vaults over the leg instead),
    ``lead_m`` how far the pelvis is ahead of the middle between two footholds half way between the strikes.
    """

    speed_m_s: float
    stride_s: float
    way_m: float
    swing_share: float = 0.39
    off_deg: float = 58.0
    strike_deg: float = -20.0
    clearance_m: float = 0.015
    half_width_m: float = 0.07
    ramp: int = 2
    tilt_deg: float = 8.0
    drop_deg: float = 4.0
    impact_m_s2: float = 25.0
    rise_m: float = 0.0
    bounce_m: float = 0.0
    lead_m: float = 0.085


STYLES = {
    "walking": GaitStyle(1.2, 1.10, 10.0),
    "running": GaitStyle(
        3.0,
        0.72,
        60.0,
        0.64,
        72.0,
        -9.0,
        0.24,
        0.045,
        4,
        tilt_deg=14.0,
        drop_deg=5.0,
        impact_m_s2=60.0,
        bounce_m=0.06,
        lead_m=0.115,
    ),
    "sprint": GaitStyle(
        5.5,
        0.50,
        60.0,
        0.74,
        72.0,
        2.0,
        0.36,
        0.04,
        7,
        tilt_deg=18.0,
        drop_deg=5.0,
        impact_m_s2=90.0,
        bounce_m=0.03,
        lead_m=0.14,
    ),
    "stairs": GaitStyle(
        0.47, 1.25, 3.6, 0.38, 35.0, 3.0, 0.09, 0.08, 1, tilt_deg=12.0, drop_deg=5.0, impact_m_s2=15.0, rise_m=0.17
    ),
}
#: A few steps in the gym: slow, short, low.
STROLL = GaitStyle(0.8, 1.25, 3.0, 0.37, 45.0, -14.0, 0.02, 0.08, 1, impact_m_s2=12.0)


@dataclass(frozen=True)
class Step:
    """One step: ``side`` leaves the ground at ``off_s``, strikes at ``strike_s`` on ``x, y, z`` with ``heading`` (rad).

    ``vigour`` scales the roll of the foot (1: a full step); ``steady``: neither beginning, end nor turn.
    """

    side: Side
    off_s: float
    strike_s: float
    x: float
    y: float
    z: float
    heading: float
    centre: Place
    vigour: float
    steady: bool


@dataclass(frozen=True)
class Pace:
    """One step before it has a time: so far ahead, so much to the left, so much turned (rad), so much higher."""

    forward: float
    turn: float = 0.0
    steady: bool = False
    aside: float = 0.0
    rise: float = 0.0


def way(style: GaitStyle, gait: GaitPlan, rise: float = 0.0) -> list[Pace]:
    """The steps of one straight way: some to gather speed, steady ones, some to lose it."""
    length = (gait.speed_m_s or style.speed_m_s) * (gait.stride_s or style.stride_s) / 2
    way_m = style.way_m if gait.way_m is None else gait.way_m
    ramp = [length * (k + 1) / (style.ramp + 1) for k in range(style.ramp)]
    n = max(4, round((way_m - 2 * sum(ramp)) / length))
    gather = [Pace(forward, rise=rise) for forward in ramp]
    return [*gather, *[Pace(length, steady=True, rise=rise)] * n, *reversed(gather)]


def about_turn(n: int = 6, left: bool = True) -> list[Pace]:
    """Turning round in ``n`` short steps."""
    return [Pace(0.12, (np.pi if left else -np.pi) / n) for _ in range(n)]


def timed(
    paces: list[Pace],
    style: GaitStyle,
    gait: GaitPlan,
    start: Place,
    start_s: float,
    first: Side,
    rng: np.random.Generator,
    stand_out: float = 0.12,
) -> list[Step]:
    """Give every step its time and place; two more steps put the feet side by side."""
    stride_s = gait.stride_s or style.stride_s
    share = Bilateral(1 / np.sqrt(gait.swing_ratio), np.sqrt(gait.swing_ratio))
    part = Bilateral(2 / (1 + gait.step_ratio), 2 * gait.step_ratio / (1 + gait.step_ratio))
    full = (gait.speed_m_s or style.speed_m_s) * stride_s / 2
    strike_s, centre, side = start_s, start, first
    out: list[Step] = []
    for k, pace in enumerate([*paces, Pace(0.0)]):
        last = k == len(paces)
        chance = np.exp(gait.timing_sd * rng.normal(size=2))
        step_s = part[side] * stride_s / 2 * chance[0]
        swing_s = min(share[side] * style.swing_share * stride_s * chance[1], (0.8 if k == 0 else 9.0) * step_s)
        strike_s += step_s * (1.6 if k == 0 else 1.0)
        centre = centre.moved(pace.forward, pace.aside, pace.turn, pace.rise)
        foot = centre.moved(0.0, OUT[side] * (stand_out if last else style.half_width_m))
        if k == len(paces) - 1:
            foot = centre.moved(0.0, OUT[side] * stand_out)
        vigour = float(np.clip(abs(pace.forward) / max(full, 0.3), 0.15, 1.0)) if pace.forward >= 0 else 0.15
        off_s = strike_s - float(swing_s)
        out.append(Step(side, off_s, strike_s, foot.x, foot.y, centre.z, centre.heading, centre, vigour, pace.steady))
        side = side.other
    return out
