r"""Mid-swing, toe-off and heel strike of one leg, from a sensor on the foot or the shank.

::

    swing rate  (+ forward)          __________
                                    /  mid-swing \
    ────────────────────\          /              \          /──────────   0
                         \        /z₀            z₁\   ___  /
             push-off     \______/                  \_/   load peak
                                ▲                    ▲ ▲
                          toe-off                  heel strike

Mid-swing is the peak of the smoothed rate. The push-off rotation of a foot breaks down when the foot leaves the ground:
toe-off is where it has fallen to 0.7 of its peak. The heel lands between the zero crossing z₁ and the first load peak;
the middle is taken, as its two ends err in opposite directions when somebody walks otherwise. A shank has no clear
push-off peak (calf and skin shake): toe-off is where its rate last rises through 0.2 of mid-swing, just behind z₀, less
a constant, heel strike the load peak. After Salarian et al. (2004) IEEE Trans Biomed Eng 51:1434 (shank), Mariani et
al. (2013) Gait Posture 37:229 and Rampp et al. (2015) IEEE Trans Biomed Eng 62:1089 (foot).

The constant rest of each is taken out by `Offsets`. A constant offset is the same on both sides, so that it cancels in
a difference of the sides; it does not cancel in a stance time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from glutebal.errors import SignalError
from glutebal.model import Samples, Side
from glutebal.signal.motion.imu import Imu
from glutebal.signal.motion.leg_motion import (
    DETAIL_HZ,
    GRID_HZ,
    LegPiece,
    SwingAxis,
    Swings,
    find_swings,
    leg_pieces,
    lowpass,
    swing_axis,
)

PUSH_OFF_S = 0.25  # before z₀
LOADING_S = 0.15  # behind z₁
CROSSING_S = 0.6  # from mid-swing to either zero crossing, at most
#: Of mid-swing, where a shank is timed: far enough above 0 that a swing that hesitates does not cross it twice.
UNDER_WAY = 0.2
#: Of the push-off peak, where a foot leaves the ground. 0.6 to 0.8 scatter alike against markers and from stride to
#: stride; in simulated walks with uneven swings 0.7 errs least between the sides.
BROKEN_DOWN = 0.7


@dataclass(frozen=True)
class Offsets:
    """What is added to a detected time, s, and how far that constant may be off for another person, shoe or speed.

    Foot: nothing. In the gaitmap sample walk (one person, 55 straight strides, markers at 100 Hz) the toe-off lies 1 ms
    behind the peak of the toe's vertical acceleration, the heel strike 4 ms behind the shock of the heel and 10 ms
    behind the fall of its horizontal speed below 0.6 m/s: no correction is better founded than none. Shank: against the
    feet of one person walking (qmt's sample, 100 strides); simulated shanks are under way 90 ms later.
    """

    toe_off_s: float
    heel_strike_s: float
    uncertainty_s: float
    source: str


OFFSETS: Mapping[str, Offsets] = {
    "foot": Offsets(0.0, 0.0, 0.02, "heel and toe markers, one person, 55 strides"),
    "shank": Offsets(-0.08, -0.005, 0.06, "feet of the same person, one person, 100 strides"),
}


@dataclass(frozen=True)
class EventSettings:
    """What counts as a leg of somebody walking.

    Parameters
    ----------
    least_explained : float
        Share of the angular rate's power about one axis; below it the sensor is loose or nobody walks.
    least_agreement : float
        How far the strides must agree on which way is forward, 0 to 1.
    least_sweep_deg : float
        A swing rotates the leg forward by at least this.
    least_way_m : float
        A swing carries the sensor at least this far.
    """

    least_explained: float = 0.5
    least_agreement: float = 0.5
    least_sweep_deg: float = 15.0
    least_way_m: float = 0.1


class Part(Enum):
    """Which part of a walk a swing belongs to."""

    #: The first step from standing.
    INITIATION = "initiation"
    WALKING = "walking"
    #: The last step before standing.
    TERMINATION = "termination"


@dataclass(frozen=True, eq=False)
class FootEvents:
    """Every swing of one leg, in time order; all arrays have shape (k,), times in seconds on the session clock.

    Parameters
    ----------
    side : Side
        Which leg.
    site : str
        ``foot`` or ``shank``.
    axis : SwingAxis
        The sensor's medio-lateral axis and how clear it and its sign were.
    mid_swing_s, toe_off_s, heel_strike_s : ndarray
        Toe-off before and heel strike behind every mid-swing, offsets taken out.
    turned_deg : ndarray
        Heading turned from the stance before to the stance behind, + to the left.
    way_m : ndarray
        Horizontal way covered in the swing; drifts by some per cent.
    covered : tuple of (float, float)
        The stretches that were recorded without a gap, s.
    uncertainty_s : float
        Of the constant offset.
    problem : str
        Why there are no events; empty if there may be.
    parts : tuple of Part
        Of every swing; empty until both feet have been seen together (`gait`).
    """

    side: Side
    site: str
    axis: SwingAxis
    mid_swing_s: Samples
    toe_off_s: Samples
    heel_strike_s: Samples
    turned_deg: Samples
    way_m: Samples
    covered: tuple[tuple[float, float], ...]
    uncertainty_s: float
    problem: str = ""
    parts: tuple[Part, ...] = ()

    @property
    def walking(self) -> NDArray[np.bool_]:
        """Which swings are neither the first step from standing nor the last before it, shape (k,)."""
        if not self.parts:
            return np.ones(self.mid_swing_s.size, dtype=bool)
        return np.array([part is Part.WALKING for part in self.parts], dtype=bool)


def foot_events(imu: Imu, settings: EventSettings | None = None) -> FootEvents:
    """The swings of one leg with their toe-offs and heel strikes.

    Parameters
    ----------
    imu : Imu
        A foot or shank sensor, any orientation and rate from 40 Hz, with a side.
    settings : EventSettings, optional
        What counts as a swing.

    Raises
    ------
    SignalError
        Another site, no side, or a rate below 40 Hz.
    """
    settings = settings or EventSettings()
    side = _expected(imu)
    pieces = leg_pieces(imu)
    axis = swing_axis(pieces)
    problem = _problem(axis, settings)
    rows = [] if problem else [_of_piece(piece, axis, imu.site, settings) for piece in pieces]
    table = np.concatenate([np.empty((0, 5)), *rows])
    offset = OFFSETS[imu.site]
    covered = tuple((piece.start_s, piece.stop_s) for piece in pieces)
    mid, off, strike, turned, way = table.T
    return FootEvents(side, imu.site, axis, mid, off, strike, turned, way, covered, offset.uncertainty_s, problem)


def _expected(imu: Imu) -> Side:
    if imu.site not in OFFSETS:
        raise SignalError(f"a sensor on the {' or the '.join(OFFSETS)}", imu.name, "gait events")
    if imu.side is None:
        raise SignalError("a side for a leg sensor", "none", imu.name)
    if imu.rate_hz < 40:
        raise SignalError("40 Hz or more for gait events", f"{imu.rate_hz:g} Hz", imu.name)
    return imu.side


def _problem(axis: SwingAxis, settings: EventSettings) -> str:
    if axis.strides == 0:
        return "no swing of the leg was seen"
    if axis.explained < settings.least_explained:
        share = f"{axis.explained:.0%}"
        return f"the leg does not turn about one axis ({share} of the rotation is about the main one): no walking"
    if axis.agreement < settings.least_agreement:
        return "the strides do not agree on which way is forward"
    return ""


def _of_piece(piece: LegPiece, axis: SwingAxis, site: str, settings: EventSettings) -> Samples:
    """One row per swing: mid-swing, toe-off, heel strike (s), heading turned (deg), way (m)."""
    swings = find_swings(piece, axis.vector)
    rate = lowpass(piece.gyr @ axis.vector, DETAIL_HZ)
    way = _horizontal(swings)
    rows = [_row(rate, int(peak), site, settings) for peak in swings.peak]
    kept = [k for k, row in enumerate(rows) if row is not None and way[k] >= settings.least_way_m]
    if not kept:
        return np.empty((0, 5))
    times = piece.start_s + np.array([rows[k] for k in kept]) / GRID_HZ
    offset = OFFSETS[site]
    times = times + np.array([0.0, offset.toe_off_s, offset.heel_strike_s])
    return np.column_stack([times, swings.turned_deg[kept], way[kept]])


def _horizontal(swings: Swings) -> Samples:
    climb = np.sum(swings.way_m * swings.up, axis=1, keepdims=True)
    return np.asarray(np.linalg.norm(swings.way_m - climb * swings.up, axis=1))


def _row(rate: Samples, peak: int, site: str, settings: EventSettings) -> tuple[float, float, float] | None:
    """Mid-swing, toe-off and heel strike on the grid, None if this is no whole swing."""
    reach = round(CROSSING_S * GRID_HZ)
    back = rate[max(0, peak - reach) : peak + 1][::-1]
    rise, under_way, fall = _crossing(back), _crossing(back - UNDER_WAY * back[0]), _crossing(rate[peak : peak + reach])
    if rise is None or under_way is None or fall is None:
        return None
    z0, z1 = peak - rise, peak + fall
    sweep = float(np.sum(rate[int(np.ceil(z0)) : int(z1) + 1])) / GRID_HZ
    push, load = _push_off(rate, z0), _load_peak(rate, z1)
    if np.rad2deg(sweep) < settings.least_sweep_deg or push is None or load is None:
        return None
    if site == "shank":
        return peak, peak - under_way, load
    return peak, _broken_down(rate, push, z0), (load + z1) / 2


def _crossing(values: Samples) -> float | None:
    """How many samples from the first, which is positive, to the first zero crossing; between samples."""
    below = np.flatnonzero(values <= 0)
    if below.size == 0 or below[0] == 0:
        return None
    k = int(below[0])
    return k - 1 + float(values[k - 1] / (values[k - 1] - values[k]))


def _push_off(rate: Samples, z0: float) -> float | None:
    """Where the leg turns backward fastest before the swing."""
    stop = int(z0) + 1
    start = max(0, stop - round(PUSH_OFF_S * GRID_HZ))
    return _valley(rate, start + int(np.argmin(rate[start:stop]))) if stop - start > 2 else None


def _broken_down(rate: Samples, push: float, z0: float) -> float:
    """Where the push-off rotation has fallen to `BROKEN_DOWN` of its peak."""
    first, last = round(push), int(z0)
    above = rate[first : last + 1] - BROKEN_DOWN * rate[first]
    back = _crossing(above[::-1])
    return z0 if back is None else last - back


def _load_peak(rate: Samples, z1: float) -> float | None:
    """The first valley behind the swing, or the lowest sample if there is none."""
    start = int(np.ceil(z1))
    window = rate[start : start + round(LOADING_S * GRID_HZ) + 1]
    if window.size < 3:
        return None
    valleys = np.flatnonzero((window[1:-1] < window[:-2]) & (window[1:-1] <= window[2:])) + 1
    return _valley(rate, start + int(valleys[0] if valleys.size else np.argmin(window)))


def _valley(rate: Samples, k: int) -> float:
    """The lowest place of the parabola through a sample and its neighbours."""
    if not 0 < k < rate.size - 1:
        return float(k)
    a, b, c = rate[k - 1 : k + 2]
    bend = a - 2 * b + c
    return k + float(np.clip(0.5 * (a - c) / bend, -0.5, 0.5)) if bend > 0 else float(k)
