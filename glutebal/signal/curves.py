r"""Repetitions laid over each other: every rep of a track as one curve from 0 to 100 %.

::

    track   ___/¯\____/¯¯\___/\__        curves   0 %  __/¯¯\__  100 %
               |1|    | 2|   |3|                  one row per rep, 101 nodes

A repetition that touches a gap is a row of NaN, never half a curve.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from glutebal.errors import InputError
from glutebal.model import Samples, Track
from glutebal.results import Rep

NODES = 101


@dataclass(frozen=True, eq=False)
class RepCurves:
    """One curve per rep.

    ``values`` has shape (reps, nodes), in the track's unit, rows in the order of the reps; ``left_out`` counts the
    rows of NaN: reps that touch a gap, and, when turns were lined up, reps without one.
    """

    values: Samples
    left_out: int


def rep_curves(
    track: Track, reps: Iterable[Rep], *, nodes: int = NODES, turn_percent: float | None = None
) -> RepCurves:
    """The reps of a track on a common axis from start (0 %) to stop (100 %), by linear interpolation.

    Parameters
    ----------
    track : Track
        A slow signal: an envelope, a force, an angle.
    reps : iterable of Rep
        On any clock.
    nodes : int
        Length of a curve, 2 or more.
    turn_percent : float, optional
        Lines up the turns: start to turn is stretched to 0 to this many per cent, turn to stop to the rest
        (piecewise-linear registration). In (0, 100).

    Raises
    ------
    InputError
        ``nodes`` or ``turn_percent`` out of range.
    """
    if nodes < 2 or (turn_percent is not None and not 0 < turn_percent < 100):
        raise InputError("2 nodes or more, a turn between 0 and 100 %", f"{nodes}, {turn_percent}", "rep_curves")
    axis = np.linspace(0, 100, nodes)
    rows = [_curve(track, rep, axis, turn_percent) for rep in reps]
    values = np.array(rows, dtype=np.float64).reshape(-1, nodes)
    return RepCurves(values, int(np.count_nonzero(np.isnan(values).any(axis=1))))


def mean_turn_percent(reps: Iterable[Rep]) -> float | None:
    """Where the turn lies on average, per cent of the rep: the place to line turns up at; None if no rep has one."""
    places = [
        100 * (rep.turn - rep.start) / (rep.stop - rep.start)
        for rep in reps
        if rep.turn and rep.start < rep.turn < rep.stop
    ]
    return float(np.mean(places)) if places else None


def _curve(track: Track, rep: Rep, axis: Samples, turn_percent: float | None) -> Samples:
    nothing = np.full(axis.size, np.nan)
    knots = _knots(rep, turn_percent)
    rate = track.channel.rate_hz
    start, stop = rep.start_s * rate, rep.stop_s * rate
    chunk = next((c for c in track.chunks if c.start <= start + 0.5 and stop - 0.5 <= c.stop), None)
    if knots is None or chunk is None or not stop > start:
        return nothing
    places, instants = knots
    at = np.interp(axis, places, instants) / rep.rate_hz * rate - chunk.start
    first, last = max(0, int(at[0])), int(at[-1]) + 2
    part = chunk.samples[first:last]
    return np.interp(at, np.arange(first, first + part.size), part)


def _knots(rep: Rep, turn_percent: float | None) -> tuple[list[float], list[float]] | None:
    if turn_percent is None:
        return [0.0, 100.0], [rep.start, rep.stop]
    if rep.turn is None or not rep.start < rep.turn < rep.stop:
        return None
    return [0.0, turn_percent, 100.0], [rep.start, rep.turn, rep.stop]
