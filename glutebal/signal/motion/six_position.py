"""Factory calibration of one sensor: laid on its six faces it tells gain and offset of the accelerometer, gyro bias.

::

    Σ (g_i · (a_i − o_i))² = 9.81²   over x, y, z, for every position        six positions, six unknowns

Which way the faces point need not be exact: only the length of gravity is used (as in Tedaldi et al. 2014). Optional:
without it the static pose of each session takes care of most.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from glutebal.errors import SignalError
from glutebal.model import Samples
from glutebal.signal.motion.imu import GRAVITY

Triad = tuple[float, float, float]
#: Beyond these a reading is a mistake in the procedure, not a sensor.
LARGEST_GAIN_ERROR = 0.2
LARGEST_OFFSET_M_S2 = 2.0


@dataclass(frozen=True)
class SixPosition:
    """What to take out of one sensor.

    Parameters
    ----------
    gyr_bias_rad_s : tuple of float
        Along x, y, z.
    acc_offset_m_s2, acc_gain : tuple of float
        The true force is gain · (reading − offset), per axis.
    residual_m_s2 : float
        RMS of what is left of the length of gravity over the positions; 0 with exactly six.
    """

    gyr_bias_rad_s: Triad
    acc_offset_m_s2: Triad
    acc_gain: Triad
    residual_m_s2: float

    def corrected(self, gyr: Samples, acc: Samples) -> tuple[Samples, Samples]:
        """Angular rate and specific force without these errors; shapes (n, 3)."""
        return gyr - np.array(self.gyr_bias_rad_s), np.array(self.acc_gain) * (acc - np.array(self.acc_offset_m_s2))


def six_position(positions: Sequence[tuple[Samples, Samples]]) -> SixPosition:
    """Gain, offset and bias from at least six quiet positions.

    Parameters
    ----------
    positions : sequence of (gyr, acc)
        One per position, shapes (n, 3), rad/s and m/s²: every face down once.

    Raises
    ------
    SignalError
        Fewer than six positions, or not all faces among them, or values that no sensor has.
    """
    if len(positions) < 6:
        raise SignalError("six quiet positions, one per face", f"{len(positions)}", "six_position")
    force = np.stack([acc.mean(axis=0) for _, acc in positions])
    bias = np.concatenate([gyr for gyr, _ in positions]).mean(axis=0)
    offset, gain = _ellipsoid(force)
    left = np.linalg.norm(gain * (force - offset), axis=1) - GRAVITY
    return SixPosition(_triad(bias), _triad(offset), _triad(gain), float(np.sqrt(np.mean(left**2))))


def _ellipsoid(force: Samples) -> tuple[Samples, Samples]:
    """Offset and gain of each axis from the mean forces, shape (k, 3): an ellipsoid along the axes through all."""
    scaled = force / GRAVITY
    design = np.concatenate([scaled**2, scaled], axis=1)
    found, _, rank, sizes = np.linalg.lstsq(design, np.ones(len(scaled)), rcond=None)
    square, linear = found[:3], found[3:]
    if rank < 6 or sizes[-1] < 1e-3 * sizes[0] or np.any(square <= 0):
        raise SignalError("every face down once", "positions that are too much alike", "six_position")
    offset = -linear / (2 * square)
    gain = np.sqrt(square / (1 + np.sum(square * offset**2)))
    if np.abs(gain - 1).max() > LARGEST_GAIN_ERROR or np.abs(offset).max() * GRAVITY > LARGEST_OFFSET_M_S2:
        found_text = f"gains {np.round(gain, 2).tolist()}, offsets {np.round(offset * GRAVITY, 2).tolist()} m/s²"
        advice = "let it lie still on every face, and check the unit"
        raise SignalError("gains near 1 and offsets below 2 m/s²", found_text, "six_position", advice)
    return offset * GRAVITY, gain


def _triad(values: Samples) -> Triad:
    x, y, z = (float(v) for v in values)
    return x, y, z
