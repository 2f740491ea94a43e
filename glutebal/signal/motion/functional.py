"""Axes from movements: what a sensor's angular rate says about a swing of the leg, or a bow."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from glutebal.model import Bilateral, Samples
from glutebal.signal.motion.imu import Imu
from glutebal.signal.motion.still_pose import StillPose, between

#: Sense of a rotation about x that takes a leg outwards.
OUTWARDS = Bilateral(1.0, -1.0)
#: Samples slower than this share of the fastest say more about sway than about the movement.
ACTIVE_SHARE = 0.2


@dataclass(frozen=True, eq=False)
class Swing:
    """One movement, some times to and fro, as one sensor saw it.

    Parameters
    ----------
    rate : ndarray, shape (n, 3)
        Angular rate without bias, rad/s, sensor axes.
    rate_hz : float
        Samples per second.
    axis : ndarray, shape (3,)
        The principal axis, length 1, pointing so that the first swing turns positively about it.
    horizontal_axis : ndarray, shape (3,)
        Its part at a right angle to the vertical of the static pose, length 1.
    explained_variance : float
        Share of the variance about the axis.
    range_deg : float
        How far it turned about the axis.
    tilt_deg : float
        Of the axis out of the horizontal, 0 to 90.
    axis_sd_deg : float
        Standard error of the axis, from how much the swings wander off it and how many there are.
    n_swings : int
        How often it went out and back.
    first_s : float
        When the first swing was half way, on the session clock.
    """

    rate: Samples
    rate_hz: float
    axis: Samples
    horizontal_axis: Samples
    explained_variance: float
    range_deg: float
    tilt_deg: float
    axis_sd_deg: float
    n_swings: int
    first_s: float


def swing_of(imu: Imu, pose: StillPose, start_s: float, stop_s: float) -> Swing:
    """What the sensor saw of the movement from ``start_s`` to ``stop_s``.

    Raises
    ------
    SignalError
        It did not record the whole of it.
    """
    part = between(imu, start_s, stop_s)
    rate = part.gyr - pose.bias
    axis, share = principal_axis(rate)
    turned = _without_trend(np.cumsum(rate @ axis) / imu.rate_hz)
    runs = _excursions(turned)
    first = runs[0] if runs else 0
    axis = axis if turned[first] >= 0 else -axis
    flat = axis - (axis @ pose.up) * pose.up
    length = float(np.linalg.norm(flat))
    return Swing(
        rate,
        imu.rate_hz,
        axis,
        flat / length if length > 0 else flat,
        share,
        math.degrees(float(np.ptp(turned))),
        math.degrees(math.acos(min(length, 1.0))),
        _axis_sd_deg(share, len(runs)),
        len(runs),
        (part.start + first) / imu.rate_hz,
    )


def principal_axis(rate: Samples) -> tuple[Samples, float]:
    """The axis, length 1, about which most of the turning is, and its share of the variance; ``rate``: (n, 3)."""
    speed = np.linalg.norm(rate, axis=1)
    active = rate[speed >= ACTIVE_SHARE * speed.max(initial=0.0)]
    sizes, axes = np.linalg.eigh(active.T @ active)
    total = float(sizes.sum())
    return axes[:, -1], min(float(sizes[-1]) / total, 1.0) if total > 0 else 0.0


def axes_from(up: Samples, lateral: Samples) -> Samples:
    """Segment axes as rows x, y, z, shape (3, 3): z along ``up``, y as near to ``lateral`` as a right angle allows."""
    y = lateral - (lateral @ up) * up
    length = float(np.linalg.norm(y))
    y = y / length if length > 1e-9 else any_level(up)
    return np.stack([np.cross(y, up), y, up])


def any_level(up: Samples) -> Samples:
    """Some direction at a right angle to ``up``, length 1, where nothing says which."""
    across = np.cross(up, np.eye(3)[int(np.argmin(np.abs(up)))])
    return np.asarray(across / np.linalg.norm(across))


def followed_axis(
    up: Samples,
    flexion: Swing,
    flexions: Sequence[tuple[Swing, Samples]],
    abduction: Swing,
    abductions: Sequence[tuple[Swing, Samples]],
) -> tuple[Samples, float]:
    """The medio-lateral axis of a pelvis without a movement of its own, and the share of its turning that it explains.

    Lifting a leg takes the pelvis a little with it, in the same sense: what it turns with the legs' flexion is about y,
    what it turns with their abduction about x. The heading is the one that fits both best (least squares).

    Parameters
    ----------
    up : ndarray, shape (3,)
        The vertical in the pelvis sensor.
    flexion, abduction : Swing
        The movements as the pelvis saw them.
    flexions, abductions : sequence of (Swing, ndarray of shape (3,))
        As the legs saw them, each with the leg's own y or x axis in its sensor.
    """
    y = _going_with(flexion, flexions)
    x = _going_with(abduction, abductions)
    lateral = y + np.cross(up, x)
    flat = lateral - (lateral @ up) * up
    length = float(np.linalg.norm(flat))
    if length < 1e-9:
        return any_level(up), 0.0
    axis = flat / length
    forward = np.cross(axis, up)
    own = float(np.sum((flexion.rate @ axis) ** 2) + np.sum((abduction.rate @ forward) ** 2))
    every = float(np.sum(flexion.rate**2) + np.sum(abduction.rate**2))
    return axis, own / every if every > 0 else 0.0


def _going_with(pelvis: Swing, legs: Sequence[tuple[Swing, Samples]]) -> Samples:
    """The part of the pelvis' turning that goes with the legs about one of their axes, times their size, shape (3,)."""
    from scipy.signal import resample

    n = len(pelvis.rate)
    told = [leg.rate @ axis for leg, axis in legs] or [np.zeros(n)]
    total = np.sum([t if len(t) == n else resample(t, n) for t in told], axis=0)
    size = float(np.linalg.norm(total))
    return np.asarray(pelvis.rate.T @ total / size) if size > 0 else np.zeros(3)


def _axis_sd_deg(share: float, swings: int) -> float:
    """What turns about the two other axes, as an angle, over the square root of how often it was seen."""
    astray = math.sqrt((1 - share) / 2 / share) if share > 0 else math.inf
    return math.degrees(math.atan(astray)) / math.sqrt(max(swings, 1))


def _without_trend(angle: Samples) -> Samples:
    """The angle without the straight line from its first to its last value: a movement ends where it began."""
    return np.asarray(angle - np.linspace(angle[0], angle[-1], angle.size))


def _excursions(angle: Samples) -> list[int]:
    """Where each swing first passes half of the largest one."""
    away = np.abs(angle) > 0.5 * np.abs(angle).max(initial=0.0)
    rises = np.flatnonzero(away[1:] & ~away[:-1]) + 1
    return [int(i) for i in rises]
