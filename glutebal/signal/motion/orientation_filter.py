"""The live orientation filter: frozen, and the memory that it starts.

::

    OrientationFilter() ──start(rate_hz)──▶ OrientationRun ──update(gyr, acc)──▶ quats (n, 4)
       frozen, shared by all sensors          remembers, one per gap-free piece
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from glutebal.errors import RateError, SignalError
from glutebal.model import Samples
from glutebal.signal.motion import rotations
from glutebal.signal.motion.attitude import Attitude, GyroBias
from glutebal.signal.motion.engines import Engine
from glutebal.signal.motion.imu import require_finite
from glutebal.signal.motion.stillness import MOVING_SETTLE_S, Opening, opening_of


@dataclass(frozen=True)
class OrientationFilter:
    """The causal filter: frozen, the same for every sensor of a session.

    Parameters
    ----------
    engine : Engine or None
        None: the best that is installed.

    Examples
    --------
    >>> import numpy as np
    >>> run = OrientationFilter().start(100)
    >>> quats = run.update(np.zeros((200, 3)), np.tile([0, 0, 9.81], (200, 1)))
    >>> quats.shape, run.settled_from
    ((200, 4), 0)
    """

    engine: Engine | None = None

    @property
    def settle_s(self) -> float:
        """How long after a start tilt may be wrong, if no quiet moment comes before."""
        return MOVING_SETTLE_S

    @property
    def method(self) -> str:
        """For people and for the record."""
        return f"{(self.engine or Engine.best()).value}, 6D, live"

    def start(self, rate_hz: float, at: int = 0, name: str = "", bias: GyroBias | None = None) -> OrientationRun:
        """Begin a gap-free run.

        Parameters
        ----------
        rate_hz : float
            Samples per second, above 4.
        at : int
            The first sample on the session clock.
        name : str
            Of the sensor, for errors.
        bias : GyroBias, optional
            What is known of the gyroscope, from a rest or from the run before a hole.
        """
        return OrientationRun((self.engine or Engine.best()), require_rate(rate_hz, name), at, name, bias)


class OrientationRun:
    """A started `OrientationFilter`: chunks in, quaternions out; any cutting gives the same numbers.

    Attributes
    ----------
    position : int
        The next sample on the session clock.
    settled_from : int or None
        The sample from which the tilt can be trusted; None: not yet.
    bias : GyroBias
        Of the gyroscope, after the last sample.
    resting : bool
        Whether the sensor is at rest, after the last sample.
    """

    def __init__(self, engine: Engine, rate_hz: float, at: int, name: str, bias: GyroBias | None) -> None:
        self._engine, self.rate_hz, self.name = engine, rate_hz, name
        self.start = self.position = int(at)
        self.settled_from: int | None = None
        self.bias, self.resting = bias or GyroBias(), False
        self._prior = bias
        self._memory = engine.start(rate_hz, bias)
        self._heading = rotations.IDENTITY
        self._kept: Samples | None = np.empty((0, 6))

    def update(self, gyr: Samples, acc: Samples) -> Samples:
        """Sensor to world, shape (n, 4), w first, for angular rate (rad/s) and acceleration (m/s²) of shape (n, 3).

        Raises
        ------
        SignalError
            A NaN or an infinity (nothing of the chunk is used), or shapes that do not fit.
        """
        return self.attitude(gyr, acc).quats

    def attitude(self, gyr: Samples, acc: Samples) -> Attitude:
        """As `update`, with the bias of the gyroscope and the rests."""
        gyr, acc = checked(gyr, acc, self.name, self.position, self.rate_hz)
        if not len(gyr):
            return _nothing()
        found = _turned(self._memory.update(gyr, acc), self._heading)
        if self._kept is not None:
            self._kept = np.concatenate([self._kept, np.concatenate([gyr, acc], axis=1)])
            found = self._opened(self._kept, found)
        self.position += len(gyr)
        self.bias, self.resting = found.last_bias(), bool(found.rest[-1])
        return found

    def _opened(self, kept: Samples, found: Attitude) -> Attitude:
        """How the run should have begun, once its first seconds have told."""
        opening = opening_of(kept[:, :3], kept[:, 3:], self.rate_hz, self._prior)
        if opening is None:
            return found
        self._kept = None
        self.settled_from = self.start + opening.settled_from
        return self._anew(kept, opening, found) if opening.again else found

    def _anew(self, kept: Samples, opening: Opening, found: Attitude) -> Attitude:
        """From the settled sample on, what a filter says that began later or knowing the bias; heading is kept."""
        self._memory = self._engine.start(self.rate_hz, opening.bias)
        gyr, acc = (np.ascontiguousarray(kept[opening.first :, columns]) for columns in (slice(0, 3), slice(3, 6)))
        fresh = self._memory.update(gyr, acc).from_(opening.settled_from - opening.first)
        row = self.start + opening.settled_from - self.position
        self._heading = _heading_change(fresh.quats[0], found.quats[row])
        return found.upto(row).then(_turned(fresh, self._heading))


def checked(gyr: Samples, acc: Samples, name: str, start: int, rate_hz: float) -> tuple[Samples, Samples]:
    """Both triads as contiguous arrays of shape (n, 3), refused if one sample is not finite."""
    turning, force = (np.ascontiguousarray(values, dtype=np.float64) for values in (gyr, acc))
    if turning.shape != force.shape or turning.ndim != 2 or turning.shape[1] != 3:
        raise SignalError("angular rate and acceleration of one shape (n, 3)", f"{turning.shape}, {force.shape}", name)
    require_finite(turning, "angular rate", name, start, rate_hz)
    require_finite(force, "acceleration", name, start, rate_hz)
    return turning, force


def require_rate(rate_hz: float, name: str) -> float:
    """A rate at which a turning limb can be integrated at all."""
    if not (math.isfinite(rate_hz) and rate_hz >= 4):
        raise RateError("a sampling rate of at least 4 Hz for an orientation", f"{rate_hz} Hz", name)
    return float(rate_hz)


def _heading_change(old: Samples, new: Samples) -> Samples:
    """The turn about the vertical that brings the orientation ``old`` closest to ``new``."""
    return rotations.heading_of(rotations.multiply(new, rotations.conjugate(old)))


def _turned(found: Attitude, heading: Samples) -> Attitude:
    if heading is rotations.IDENTITY:
        return found
    return Attitude(rotations.multiply(heading, found.quats), found.bias, found.bias_sigma, found.rest)


def _nothing() -> Attitude:
    return Attitude(np.empty((0, 4)), np.empty((0, 3)), np.empty(0), np.empty(0, dtype=np.bool_))
