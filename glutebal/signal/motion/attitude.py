"""What an orientation filter says of every sample, and what it knows of the gyroscope."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glutebal.model import Samples

#: What one knows before the first rest: half a degree per second, as in Laidig & Seel (2023).
UNKNOWN_SIGMA_RAD_S = math.radians(0.5)
#: After a rest; the gyroscope then wanders by 0.1°/s in 100 s (same source).
REST_SIGMA_RAD_S = math.radians(0.03)
WANDER_RAD_S = math.radians(0.1)
WANDER_S = 100.0
#: Above this a bias has been guessed in movement, not measured in a rest.
GUESSED_SIGMA_RAD_S = math.radians(0.3)


@dataclass(frozen=True)
class GyroBias:
    """What a gyroscope shows when nothing turns.

    Parameters
    ----------
    rad_s : tuple of float
        Along x, y, z.
    sigma_rad_s : float
        Standard deviation of each.
    """

    rad_s: tuple[float, float, float] = (0.0, 0.0, 0.0)
    sigma_rad_s: float = UNKNOWN_SIGMA_RAD_S

    @property
    def measured(self) -> bool:
        """Whether it comes from a rest that is not too long ago."""
        return self.sigma_rad_s < GUESSED_SIGMA_RAD_S

    def later(self, seconds: float) -> GyroBias:
        """The same bias after a time in which nothing was measured: less certain."""
        sigma = math.hypot(self.sigma_rad_s, WANDER_RAD_S * math.sqrt(seconds / WANDER_S))
        return GyroBias(self.rad_s, min(sigma, max(self.sigma_rad_s, UNKNOWN_SIGMA_RAD_S)))


@dataclass(frozen=True, eq=False)
class Attitude:
    """One row per sample.

    Parameters
    ----------
    quats : ndarray, shape (n, 4)
        Sensor to world, w first.
    bias : ndarray, shape (n, 3)
        Of the gyroscope, rad/s.
    bias_sigma : ndarray, shape (n,)
        Its standard deviation, rad/s.
    rest : ndarray of bool, shape (n,)
        Whether the sensor has been at rest for at least 1.5 s.
    """

    quats: Samples
    bias: Samples
    bias_sigma: Samples
    rest: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.quats)

    def from_(self, row: int) -> Attitude:
        """The rows from ``row`` on."""
        return Attitude(self.quats[row:], self.bias[row:], self.bias_sigma[row:], self.rest[row:])

    def upto(self, row: int) -> Attitude:
        """The rows before ``row``."""
        return Attitude(self.quats[:row], self.bias[:row], self.bias_sigma[:row], self.rest[:row])

    def then(self, other: Attitude) -> Attitude:
        """These rows, followed by those of another."""
        rows = zip(self._columns(), other._columns(), strict=True)
        return Attitude(*(np.concatenate(pair) for pair in rows))

    def last_bias(self) -> GyroBias:
        """The bias at the last sample."""
        x, y, z = (float(v) for v in self.bias[-1])
        return GyroBias((x, y, z), float(self.bias_sigma[-1]))

    def _columns(self) -> tuple[NDArray[np.generic], ...]:
        return self.quats, self.bias, self.bias_sigma, self.rest
