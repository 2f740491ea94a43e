"""When a sensor is quiet enough for its accelerometer to say where *up* is.

A quiet moment is 0.3 s in which the sensor hardly turns (below 11°/s, so that a gyroscope with a bias of some degrees
per second still counts as quiet) and the acceleration is steady and near gravity: then tilt is known to a degree or two
at once, in the middle of a movement too. It is not a *rest*: the bias of the gyroscope needs more (1.5 s, 2°/s).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from glutebal.model import Samples
from glutebal.signal.motion.attitude import GyroBias
from glutebal.signal.motion.imu import GRAVITY

WINDOW_S = 0.3
LARGEST_RATE_RAD_S = 0.2
LARGEST_SPREAD_M_S2 = 0.13
LARGEST_EXCESS_M_S2 = 0.6
#: Without a quiet moment the tilt of a live run is trusted after this long.
MOVING_SETTLE_S = 5.0
#: A rest at the start: its length, how steady it must be, which bias a filter finds by itself, which is
#: believed, and how uncertain it is on a body that sways.
START_REST_S = 1.5
OWN_BIAS_RAD_S = np.deg2rad(1.0)
STEADY_RATE_RAD_S = np.deg2rad(0.7)
STEADY_FORCE_M_S2 = 0.15
LARGEST_BIAS_RAD_S = np.deg2rad(10.0)
START_SIGMA_RAD_S = float(np.deg2rad(0.1))


def quiet_window(rate_hz: float) -> int:
    """Samples in a quiet moment, at least 3."""
    return max(3, round(WINDOW_S * rate_hz))


def quiet_moments(gyr: Samples, acc: Samples, window: int) -> NDArray[np.intp]:
    """The first samples of all windows that are quiet throughout; ``gyr`` and ``acc`` have shape (n, 3)."""
    if len(gyr) < window:
        return np.empty(0, dtype=np.intp)
    slow = _windows(np.linalg.norm(gyr, axis=1), window).max(axis=-1) < LARGEST_RATE_RAD_S
    forces = _windows(acc, window)
    steady = forces.std(axis=-1).max(axis=-1) < LARGEST_SPREAD_M_S2
    level = np.abs(np.linalg.norm(forces.mean(axis=-1), axis=-1) - GRAVITY) < LARGEST_EXCESS_M_S2
    return np.flatnonzero(slow & steady & level)


def first_quiet_moment(gyr: Samples, acc: Samples, window: int) -> int | None:
    """The first of `quiet_moments`; None if there is none. Stops looking where it finds it."""
    block = max(512, 2 * window)
    for at in range(0, len(gyr) - window + 1, block):
        part = slice(at, at + block + window - 1)
        found = quiet_moments(gyr[part], acc[part], window)
        if found.size:
            return at + int(found[0])
    return None


@dataclass(frozen=True)
class Opening:
    """How a run should have begun; samples are counted from its start.

    Parameters
    ----------
    first : int
        The sample to begin at.
    settled_from : int
        The sample from which tilt can be trusted.
    bias : GyroBias or None
        What is known of the gyroscope.
    again : bool
        Whether the filter has to begin anew for it.
    """

    first: int
    settled_from: int
    bias: GyroBias | None
    again: bool


def opening_of(gyr: Samples, acc: Samples, rate_hz: float, bias: GyroBias | None = None) -> Opening | None:
    """Judge a run by its samples so far, shape (n, 3); None: too early to tell. More samples do not change the answer.

    ::

        quiet at once              ── a large bias? ── begin anew, knowing it
        moving, then quiet         ── begin anew with the quiet moment
        moving for 5 s             ── go on; the filter has found the vertical by itself
    """
    window, latest = quiet_window(rate_hz), round(MOVING_SETTLE_S * rate_hz)
    first = first_quiet_moment(gyr[:latest], acc[:latest], window)
    if first is None:
        return Opening(0, latest, bias, again=False) if len(gyr) > latest else None
    if first > 0:
        return Opening(first, first + window - 1, bias, again=True)
    if bias is not None and bias.measured:
        return Opening(0, 0, bias, again=False)
    rest = round(START_REST_S * rate_hz)
    if len(gyr) < rest:
        return None
    large = large_bias(gyr, acc, rate_hz)
    return Opening(0, rest - 1 if large else 0, large or bias, again=large is not None)


def large_bias(gyr: Samples, acc: Samples, rate_hz: float) -> GyroBias | None:
    """A bias too large for the filter to find quickly (above 1°/s), in a run that begins in rest; None otherwise.

    Conservative: for 1.5 s from the first sample on angular rate and acceleration are steady, the bias is below 10°/s,
    and the accelerometer does not see the turning that the gyroscope would be telling of.
    """
    n = round(START_REST_S * rate_hz)
    if len(gyr) < n:
        return None
    turning, force = gyr[:n], acc[:n]
    mean = turning.mean(axis=0)
    steady = turning.std(axis=0).max() < STEADY_RATE_RAD_S and force.std(axis=0).max() < STEADY_FORCE_M_S2
    believable = OWN_BIAS_RAD_S < np.linalg.norm(mean) < LARGEST_BIAS_RAD_S
    if not (steady and believable and _not_turning(mean, force)):
        return None
    x, y, z = (float(v) for v in mean)
    return GyroBias((x, y, z), START_SIGMA_RAD_S)


def _not_turning(rate: Samples, force: Samples) -> bool:
    """Whether gravity turns, in the sensor, by at most a third of what the gyroscope would have it turn."""
    half = len(force) // 2
    first, second = force[:half].mean(axis=0), force[half:].mean(axis=0)
    seen = np.linalg.norm(second / np.linalg.norm(second) - first / np.linalg.norm(first))
    told = START_REST_S / 2 * np.linalg.norm(np.cross(rate, force.mean(axis=0))) / GRAVITY
    return bool(seen < max(told / 3, np.deg2rad(0.5)))


def _windows(values: Samples, window: int) -> Samples:
    """Every run of ``window`` rows, as a view; the last axis runs inside it."""
    return sliding_window_view(values, window, axis=0)
