"""The static pose: which way is up in a sensor, and what its gyroscope shows when nothing turns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glutebal.errors import SignalError
from glutebal.model import Samples
from glutebal.signal.motion.imu import Imu, ImuPiece

#: Standing sways; up to here it is standing still, beyond the second number it is walking about.
STILL_DEG_S, MOVING_DEG_S = 6.0, 15.0
STILL_M_S2, MOVING_M_S2 = 0.35, 1.0
LEAST_STATIC_S = 1.0


@dataclass(frozen=True, eq=False)
class StillPose:
    """One sensor in quiet standing.

    Parameters
    ----------
    up : ndarray, shape (3,)
        The vertical in the sensor, length 1.
    bias : ndarray, shape (3,)
        Mean angular rate, rad/s.
    turning_deg_s, shaking_m_s2 : float
        Standard deviations of angular rate and acceleration over all axes.
    """

    up: Samples
    bias: Samples
    turning_deg_s: float
    shaking_m_s2: float

    @property
    def is_still(self) -> bool:
        """Whether it was standing still."""
        return self.turning_deg_s <= STILL_DEG_S and self.shaking_m_s2 <= STILL_M_S2

    @property
    def is_moving(self) -> bool:
        """Whether the pose cannot be used at all."""
        return self.turning_deg_s > MOVING_DEG_S or self.shaking_m_s2 > MOVING_M_S2


def still_pose(imu: Imu, start_s: float, stop_s: float) -> StillPose:
    """Mean direction of gravity and mean rate from ``start_s`` to ``stop_s`` on the session clock.

    Raises
    ------
    SignalError
        It is shorter than 1 s, or was not recorded as a whole.
    """
    if stop_s - start_s < LEAST_STATIC_S:
        raise SignalError(f"a static pose of {LEAST_STATIC_S:g} s or more", f"{stop_s - start_s:.2f} s", imu.name)
    part = between(imu, start_s, stop_s)
    force = part.acc.mean(axis=0)
    spread = [float(np.linalg.norm(samples.std(axis=0))) for samples in (np.degrees(part.gyr), part.acc)]
    return StillPose(force / np.linalg.norm(force), part.gyr.mean(axis=0), spread[0], spread[1])


def between(imu: Imu, start_s: float, stop_s: float) -> ImuPiece:
    """The samples from ``start_s`` to ``stop_s`` on the session clock, which must lie in one piece.

    Raises
    ------
    SignalError
        The sensor did not record the whole of it.
    """
    start, stop = round(start_s * imu.rate_hz), round(stop_s * imu.rate_hz)
    for piece in imu.pieces:
        if piece.start <= start < stop <= piece.stop:
            part = slice(start - piece.start, stop - piece.start)
            return ImuPiece(start, piece.gyr[part], piece.acc[part])
    raise SignalError(
        f"an unbroken recording from {start_s:.2f} to {stop_s:.2f} s",
        f"{len(imu.pieces)} pieces from {imu.start / imu.rate_hz:.2f} to {imu.stop / imu.rate_hz:.2f} s",
        imu.name,
        "repeat the calibration with the sensor in reach",
    )
