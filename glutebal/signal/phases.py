r"""The parts of a repetition, where a position, an angle or a force tells them.

::

    position     /¯¯¯¯\\          force      /¯¯¯¯\\
         _______/      \\____          _____/      \\_____
        concentric|hold|eccentric     loading|hold|unloading

A force alone does not tell lifting from lowering, nor does an angle whose direction nobody stated: their phases have
names that claim no more than is known.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from glutebal.errors import InputError
from glutebal.model import Quantity, Samples, Track
from glutebal.results import Phase, Rep, Segmentation
from glutebal.signal.bursts import runs, smoothed


@dataclass(frozen=True)
class PhaseSettings:
    """How phases are told apart.

    Parameters
    ----------
    dead_band : float
        Standing still: speed below this share of the rep's highest speed.
    near_top : float
        A hold takes place within this share of the excursion from the turning point.
    min_hold_s : float
        A shorter standstill is the turning point itself.
    force_hold : float
        A force is held while above this share of the rep's plateau (its 95th percentile above its lower end).
    smooth_s : float
        Smoothing before the speed is taken.
    """

    dead_band: float = 0.1
    near_top: float = 0.1
    min_hold_s: float = 0.25
    force_hold: float = 0.8
    smooth_s: float = 0.1


def with_phases(
    segmentation: Segmentation, track: Track, *, lifting: int | None = None, settings: PhaseSettings | None = None
) -> Segmentation:
    """The same reps with their phases and turning points, read from a position, an angle or a force.

    Parameters
    ----------
    segmentation : Segmentation
        Reps, on any clock.
    track : Track
        Position, angle or force; of the midline or both sides' reps, else it serves the reps of its own side and of
        both.
    lifting : +1, -1 or None
        Sign of the movement against the load. ``None``: +1 for a position (up is lifting); for an angle the phases are
        ``away``, ``hold`` and ``return``.
    settings : PhaseSettings, optional
        Thresholds.

    Returns
    -------
    Segmentation
        A rep that the track does not cover, or in which nothing moves, stays as it was.

    Raises
    ------
    InputError
        The track is neither a position, an angle nor a force.
    """
    settings = settings or PhaseSettings()
    quantity = track.channel.quantity
    if quantity not in {Quantity.POSITION, Quantity.ANGLE, Quantity.FORCE}:
        raise InputError("a position, an angle or a force for phases", quantity.title, track.channel.name)
    if lifting is None and quantity is Quantity.POSITION:
        lifting = 1
    reps = tuple(_phased(rep, track, lifting, settings) for rep in segmentation.reps)
    return replace(segmentation, reps=reps, method=f"{segmentation.method}; phases from {track.channel.name}")


def _phased(rep: Rep, track: Track, lifting: int | None, settings: PhaseSettings) -> Rep:
    course = _course(rep, track, settings)
    if course is None or (track.channel.side is not None and rep.side not in {None, track.channel.side}):
        return rep
    rate = track.channel.rate_hz
    is_force = track.channel.quantity is Quantity.FORCE
    cuts = _force_cuts(course, settings) if is_force else _movement_cuts(course, rate, settings)
    if cuts is None:
        return rep
    names = ("loading", "unloading") if is_force else _movement_names(course, cuts, lifting)
    start, hold, back, stop = (_on_rep_clock(cut, rep, track) for cut in cuts)
    parts = [(names[0], start, hold), ("hold", hold, back), (names[1], back, stop)]
    turn = (hold + back) // 2
    return replace(rep, turn=turn, phases=tuple(Phase(name, a, b) for name, a, b in parts if b > a))


def _course(rep: Rep, track: Track, settings: PhaseSettings) -> Samples | None:
    """The smoothed track over the rep; ``None`` if it does not cover it or is too short."""
    rate = track.channel.rate_hz
    a, b = math.ceil(rep.start_s * rate - 1e-9), math.floor(rep.stop_s * rate + 1e-9)
    if b - a < 4 or not track.covers(a, b):
        return None
    return smoothed(track.between(a, b).values(), settings.smooth_s, rate)


def _on_rep_clock(cut: int, rep: Rep, track: Track) -> int:
    rate = track.channel.rate_hz
    first = math.ceil(rep.start_s * rate - 1e-9)
    return min(max(round((first + cut) / rate * rep.rate_hz), rep.start), rep.stop)


def _movement_cuts(course: Samples, rate_hz: float, settings: PhaseSettings) -> tuple[int, int, int, int] | None:
    """Where the movement begins, where the hold begins and ends, where the movement ends; ``None`` if nothing moves."""
    away = np.abs(course - 0.5 * (course[0] + course[-1]))
    turn = int(np.argmax(away))
    speed = np.abs(np.gradient(course))
    moving = np.flatnonzero(speed > settings.dead_band * speed.max())
    if moving.size == 0 or away[turn] <= 0:
        return None
    still = (speed <= settings.dead_band * speed.max()) & (away >= (1 - settings.near_top) * away[turn])
    start, stop = int(moving[0]), int(moving[-1]) + 1
    hold = next(((a, b) for a, b in runs(still) if a <= turn <= b), (turn, turn))
    if hold[1] - hold[0] < settings.min_hold_s * rate_hz:
        hold = (turn, turn)
    return min(start, hold[0]), hold[0], hold[1], max(stop, hold[1])


def _movement_names(course: Samples, cuts: tuple[int, int, int, int], lifting: int | None) -> tuple[str, str]:
    if lifting is None:
        return "away", "return"
    top = course[min(cuts[1], course.size - 1)]
    rises = float(np.sign(top - 0.5 * (course[0] + course[-1])))
    return ("concentric", "eccentric") if rises * lifting > 0 else ("eccentric", "concentric")


def _force_cuts(course: Samples, settings: PhaseSettings) -> tuple[int, int, int, int] | None:
    """Start, first and last time at the plateau, stop; ``None`` for a force that does not change."""
    low = min(float(course[0]), float(course[-1]))
    plateau = float(np.quantile(course, 0.95)) - low
    if plateau <= 0:
        return None
    held = np.flatnonzero(course - low >= settings.force_hold * plateau)
    return 0, int(held[0]), int(held[-1]) + 1, course.size


def hold_time_s(effort: Track, rep: Rep, *, share: float = 0.7, smooth_s: float = 0.25) -> float:
    """Seconds that one side spends above ``share`` of the rep's own plateau amplitude.

    Parameters
    ----------
    effort : Track
        Power on the common clock, as `glutebal.signal.effort` gives it.
    rep : Rep
        The repetition.
    share : float
        Of the plateau's amplitude (not power): the 95th percentile of the root of the smoothed effort in the rep.
    smooth_s : float
        Smoothing of the power.

    Returns
    -------
    float
        Seconds; NaN when the rep was not recorded whole or holds no effort.
    """
    rate = effort.channel.rate_hz
    a, b = math.ceil(rep.start_s * rate - 1e-9), math.floor(rep.stop_s * rate + 1e-9)
    if b <= a or not effort.covers(a, b):
        return math.nan
    amplitude = np.sqrt(np.maximum(smoothed(effort.between(a, b).values(), smooth_s, rate), 0.0))
    plateau = float(np.quantile(amplitude, 0.95))
    return float(np.count_nonzero(amplitude >= share * plateau) / rate) if plateau > 0 else math.nan
