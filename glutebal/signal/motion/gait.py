r"""Walking and running from leg sensors: both feet solved together, stride by stride.

::

    left    HS────────stance────────TO───swing───HS             stride: heel strike to the next of the same foot
    right        TO───swing───HS────────stance────────TO
            │ ds │            │ ds  │                           walking: double support between the feet's contacts
                                                                running: toe-off before the other foot's strike, flight

A stride is counted when, between its two mid-swings, the other foot swings exactly once and the contacts of both feet
follow each other in one of these two orders. What is not counted is listed with its reason: a turn, a pause, a swing of
either foot that was not seen, a stride that ends in standing.

The swing of the first step from standing belongs to no stride, as a stride begins with a heel strike; the stride that
the last step before standing ends is not counted (`gait_parts`). Everything between them is. The clock is one of
milliseconds: a sample at 50 Hz is 5 % of a swing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from glutebal.model import Bilateral, Recording, Side
from glutebal.results import ExcludedRep, Laterality, Phase, Rep, Segmentation
from glutebal.signal.motion.gait_events import EventSettings, FootEvents, Part, foot_events
from glutebal.signal.motion.gait_parts import speed_m_s, together
from glutebal.signal.motion.imu import Imu, imus
from glutebal.signal.motion.leg_motion import local_period_s
from glutebal.signal.motion.lumbar_gait import LUMBAR_SITES, lumbar_gait

#: The clock of strides, Hz.
CLOCK_HZ = 1000.0
LEG_SITES = ("foot", "shank")  # in the order of preference
TURN = "a turn"
PAUSE = "much longer than the foot's other strides: a pause, or a swing that was not seen"
UNSEEN = "no swing of the other foot was seen in it"
TWICE = "the other foot swings more than once in it"
DISORDER = "the contacts of the two feet do not follow each other as in walking or running"
LONELY = "a single step or two between pauses"
LAST = "the last step before standing"
FAST = "running too fast for shank sensors to tell when a foot lands: put the sensors on the feet"
#: Of the strides off the turns are counted in an ordinary walk.
MOST = 0.7
#: In simulated runs shanks are right up to 3 m/s; from 3.5 m/s on heel strikes are off by up to 0.1 s on one side.
SHANKS_UP_TO_M_S = 3.25


@dataclass(frozen=True)
class GaitSettings:
    """Which strides are counted.

    Parameters
    ----------
    turn_deg : float
        A stride in which the heading turns further is a turn; 20° a stride is a circle of about 4 m radius.
    longest : float
        Multiple of the local stride time above which there was a pause.
    longest_s : float
        No stride is longer: what is, is standing, and not listed.
    stance : (float, float)
        Least and greatest share of the stride that a foot is on the ground.
    least_bout : int
        A bout has at least so many strides, both feet together.
    events : EventSettings
        Of the single legs.
    """

    turn_deg: float = 20.0
    longest: float = 1.5
    longest_s: float = 2.5
    stance: tuple[float, float] = (0.15, 0.85)
    least_bout: int = 3
    events: EventSettings = field(default_factory=EventSettings)


@dataclass(frozen=True, eq=False)
class Gait:
    """Strides and what they were made of.

    ``segmentation`` is what is counted; ``feet`` the events of each leg sensor, None where the strides come from a
    lumbar sensor; ``notes`` what a reader should know; ``uncertainty_s`` how far the constant offset of an event may be
    off (the same for both sides).
    """

    segmentation: Segmentation
    feet: Bilateral[FootEvents] | None
    notes: tuple[str, ...] = ()
    uncertainty_s: float = 0.0

    @property
    def side_known(self) -> bool:
        """Whether it may be said which stride is left and which is right."""
        return any(rep.side is not None for rep in self.segmentation.reps)


def walk_from_motion(recording: Recording, settings: GaitSettings | None = None) -> Segmentation | None:
    """The strides of a recording from its inertial sensors; None when there is no leg pair and no lumbar sensor."""
    found = gait(imus(recording), settings)
    return found.segmentation if found is not None else None


def gait(sensors: Iterable[Imu], settings: GaitSettings | None = None) -> Gait | None:
    """Strides per side from both feet, else both shanks, else a lumbar or pelvis sensor.

    Parameters
    ----------
    sensors : iterable of Imu
        Other sites are passed over.
    settings : GaitSettings, optional
        Which strides are counted.

    Returns
    -------
    Gait or None
        None when no site can tell. The segmentation is CYCLIC; its reps are strides with phases ``stance`` and
        ``swing``. From a lumbar sensor they have no phases, and no side where it is not clear.
    """
    settings = settings or GaitSettings()
    every = tuple(sensors)
    for site in LEG_SITES:
        own = {imu.side: imu for imu in every if imu.site == site and imu.side is not None}
        if len(own) == 2:
            return gait_of_legs(Bilateral.per_side(lambda side: foot_events(own[side], settings.events)), settings)  # noqa: B023
    lumbar = next((imu for imu in every if imu.site in LUMBAR_SITES and imu.side is None), None)
    return _of_lumbar(lumbar) if lumbar is not None else None


def gait_of_legs(feet: Bilateral[FootEvents], settings: GaitSettings | None = None) -> Gait:
    """Solve the events of both legs together."""
    settings = settings or GaitSettings()
    feet = together(feet)
    judged = _judged(feet, settings)
    counted = sorted((rep for side in judged for rep, why in side if not why), key=_in_time)
    left_out = [_excluded(rep, why) for side in judged for rep, why in side if why]
    kept, lonely = _in_bouts(counted, settings)
    left_out += [_excluded(rep, LONELY) for rep in lonely]
    site = feet.left.site
    method = f"strides from {site} sensors: mid-swing, toe-off and heel strike of both sides together"
    reps = tuple(sorted(_numbered(kept), key=_in_time))
    excluded = tuple(sorted(left_out, key=lambda ex: (ex.start_s, ex.stop_s)))
    notes = [f"{side.value} {site}: {feet[side].problem}" for side in Side if feet[side].problem]
    notes += _sparse(len(reps), excluded)
    uncertainty = max(foot.uncertainty_s for foot in feet)
    return Gait(Segmentation(reps, excluded, Laterality.CYCLIC, method), feet, tuple(notes), uncertainty)


def _sparse(counted: int, excluded: Sequence[ExcludedRep]) -> list[str]:
    """A remark when so many strides on the straight are left out that the rest may not stand for the walk."""
    straight = Counter(ex.reason for ex in excluded if ex.reason not in {TURN, LAST})
    left_out = sum(straight.values())
    if counted == 0 or left_out <= (1 - MOST) * (counted + left_out):
        return []
    reason = straight.most_common(1)[0][0]
    return [f"only {counted} of {counted + left_out} strides off the turns could be counted; the rest mostly: {reason}"]


def _judged(feet: Bilateral[FootEvents], settings: GaitSettings) -> Bilateral[list[tuple[Rep, str]]]:
    """Every stride of both feet with the reason for leaving it out."""
    judged = Bilateral.per_side(lambda side: _strides(feet, side, settings))
    if feet.left.site == "shank" and speed_m_s(feet) > SHANKS_UP_TO_M_S:
        return judged.map(lambda strides: [(rep, FAST) for rep, _ in strides])
    return judged


def _in_time(rep: Rep) -> tuple[float, float]:
    return rep.start_s, rep.stop_s


def _excluded(rep: Rep, reason: str) -> ExcludedRep:
    return ExcludedRep(rep.start_s, rep.stop_s, reason, rep.side)


def _strides(feet: Bilateral[FootEvents], side: Side, settings: GaitSettings) -> list[tuple[Rep, str]]:
    """Every stride of one foot with the reason for leaving it out, empty if there is none."""
    own, other = feet[side], feet[side.other]
    period = local_period_s(own.mid_swing_s)
    found = []
    for k in range(own.mid_swing_s.size - 1):
        if _recorded(own, k) and own.heel_strike_s[k + 1] - own.heel_strike_s[k] <= settings.longest_s:
            why = _why_not(own, other, k, float(period[k]), settings)
            found.append((_stride(own, k, float(period[k])), why))
    return found


def _recorded(own: FootEvents, k: int) -> bool:
    """Whether the foot was recorded without a gap from one mid-swing to the next."""
    return any(a <= own.mid_swing_s[k] and own.mid_swing_s[k + 1] < b for a, b in own.covered)


def _stride(own: FootEvents, k: int, period_s: float) -> Rep:
    start, off, stop = (
        round(float(t) * CLOCK_HZ) for t in (own.heel_strike_s[k], own.toe_off_s[k + 1], own.heel_strike_s[k + 1])
    )
    apart = float(np.log((stop - start) / CLOCK_HZ / period_s)) if stop > start and period_s > 0 else np.inf
    phases = (Phase("stance", start, off), Phase("swing", off, stop))
    likeness = float(np.exp(-((apart / 0.5) ** 2))) * own.axis.agreement
    return Rep(k + 1, start, stop, CLOCK_HZ, own.side, turn=off, confidence=min(likeness, 1.0), phases=phases)


def _why_not(own: FootEvents, other: FootEvents, k: int, period_s: float, settings: GaitSettings) -> str:
    start, off, stop = own.heel_strike_s[k], own.toe_off_s[k + 1], own.heel_strike_s[k + 1]
    if stop - start > settings.longest * period_s:
        return PAUSE
    between = np.flatnonzero((other.mid_swing_s > own.mid_swing_s[k]) & (other.mid_swing_s < own.mid_swing_s[k + 1]))
    if between.size != 1:
        return TWICE if between.size else UNSEEN
    if max(abs(own.turned_deg[k + 1]), abs(other.turned_deg[between[0]])) > settings.turn_deg:
        return TURN
    if own.parts[k + 1] is Part.TERMINATION:
        return LAST
    own_times = (float(start), float(off), float(stop))
    others = (float(other.toe_off_s[between[0]]), float(other.heel_strike_s[between[0]]))
    return "" if _in_order(own_times, others, settings, own.uncertainty_s) else DISORDER


def _in_order(
    own: tuple[float, float, float], other: tuple[float, float], settings: GaitSettings, slack_s: float
) -> bool:
    """Whether the contacts of the other foot fit into a stride, as in walking or as in running.

    Double support (before and behind the other foot's swing) is positive in walking, negative in running; either may
    miss zero by the uncertainty of the constant offset.
    """
    start, off, stop = own
    if not (start < off < stop and other[0] < other[1]):
        return False
    least, greatest = settings.stance
    both = (other[0] - start, off - other[1])
    walks = sum(both) >= 0 and min(both) >= -slack_s
    runs = sum(both) <= 0 and max(both) <= slack_s
    return least <= (off - start) / (stop - start) <= greatest and (walks or runs)


def _in_bouts(reps: Sequence[Rep], settings: GaitSettings) -> tuple[list[Rep], list[Rep]]:
    """The strides with the number of their bout, and those of bouts that are too short."""
    bouts: list[list[Rep]] = []
    for rep in reps:
        if bouts and rep.start_s <= max(r.stop_s for r in bouts[-1][-2:]) + 0.1:
            bouts[-1].append(rep)
        else:
            bouts.append([rep])
    long = [bout for bout in bouts if len(bout) >= settings.least_bout]
    lonely = [rep for bout in bouts if len(bout) < settings.least_bout for rep in bout]
    return [replace(rep, set_index=n) for n, bout in enumerate(long, 1) for rep in bout], lonely


def _numbered(reps: Sequence[Rep]) -> list[Rep]:
    own = [[rep for rep in reps if rep.side is side] for side in Side]
    return [replace(rep, index=i) for strides in own for i, rep in enumerate(strides, 1)]


def _of_lumbar(imu: Imu) -> Gait:
    found = lumbar_gait(imu)
    return Gait(found.segmentation, None, found.notes, found.uncertainty_s)
