"""VQF in its compiled form: the only module that knows the library ``vqf`` (Laidig & Seel 2023).

A bias that is known beforehand is taken off before the filter, so that its own limit (2°/s) holds around it.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from glutebal.model import Samples
from glutebal.signal.motion.attitude import Attitude, GyroBias


def installed() -> bool:
    """Whether the library is there and can be loaded."""
    try:
        import vqf  # noqa: F401
    except ImportError:
        return False
    return True


class CompiledVqf:
    """The memory of the causal filter: chunks in, `Attitude` out; any cutting gives the same numbers."""

    def __init__(self, rate_hz: float, bias: GyroBias | None = None) -> None:
        from vqf import VQF

        known = bias or GyroBias()
        self._known = np.array(known.rad_s)
        self._filter = VQF(1 / rate_hz, biasSigmaInit=math.degrees(known.sigma_rad_s))

    def update(self, gyr: Samples, acc: Samples) -> Attitude:
        """Rad/s and m/s², shape (n, 3), finite."""
        return _attitude(self._filter.updateBatch(gyr - self._known, acc), self._known)


def compiled_offline(gyr: Samples, acc: Samples, rate_hz: float, bias: GyroBias | None = None) -> Attitude:
    """The same with the future known; shapes (n, 3), rad/s and m/s², finite."""
    from vqf import offlineVQF

    known = bias or GyroBias()
    taken = np.array(known.rad_s)
    sigma = {"biasSigmaInit": math.degrees(known.sigma_rad_s)}
    return _attitude(offlineVQF(gyr - taken, acc, None, 1 / rate_hz, sigma), taken)


def _attitude(batch: dict[str, NDArray[np.float64]], known: Samples) -> Attitude:
    rest = np.asarray(batch["restDetected"], dtype=np.bool_)
    return Attitude(batch["quat6D"], batch["bias"] + known, batch["biasSigma"], rest)
