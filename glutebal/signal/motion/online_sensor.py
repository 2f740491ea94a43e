"""One inertial sensor while it records: packets in, oriented samples out, short holes bridged, fresh after long ones.

::

    packets  [....][....] [....]      [....]
                         ≤ 50 ms      longer
    runs     [................]       [.....     the same numbers as `orientation(imu, offline=False)` gives afterwards
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glutebal.model import Samples
from glutebal.signal.motion.attitude import GyroBias
from glutebal.signal.motion.imu import ImuPiece, bridge, bridged_at_most, slope_reach
from glutebal.signal.motion.orientation_filter import OrientationFilter, OrientationRun


@dataclass(frozen=True, eq=False)
class Oriented:
    """Samples of one gap-free run, in the order of time.

    Parameters
    ----------
    start : int
        The first sample on the session clock.
    quats : ndarray, shape (n, 4)
        Sensor to world, w first.
    acc : ndarray, shape (n, 3)
        Specific force, m/s².
    bias_sigma : ndarray, shape (n,)
        How well the gyroscope's error is known, rad/s.
    run : OrientationRun
        What they come from: its `OrientationRun.settled_from` says which can be trusted; a new one after a hole.
    """

    start: int
    quats: Samples
    acc: Samples
    bias_sigma: Samples
    run: OrientationRun


class OnlineSensor:
    """A sensor of a running recording.

    Parameters
    ----------
    rate_hz : float
        Samples per second.
    name : str
        For errors.
    at_least : int
        So many samples are awaited before the filter is asked: every question costs as much as twenty samples.

    Attributes
    ----------
    run : OrientationRun or None
        The gap-free run that is going on.
    """

    def __init__(self, rate_hz: float, name: str = "", at_least: int = 1) -> None:
        self.rate_hz, self.name, self.at_least = rate_hz, name, at_least
        self.run: OrientationRun | None = None
        self._bias: GyroBias | None = None
        self._stopped = 0
        self._rows: list[Samples] = []
        self._waiting = 0
        self._behind: ImuPiece | None = None
        self._ahead = np.empty((0, 6))

    @property
    def settled_from(self) -> int | None:
        """The sample from which tilt can be trusted; None: not yet."""
        return None if self.run is None else self.run.settled_from

    def take(self, piece: ImuPiece) -> list[Oriented]:
        """One packet; what of it is older than the last one is dropped."""
        if self._behind is not None:
            return self._with_behind(piece)
        if self.run is None:
            return self._begun(piece)
        hole = piece.start - self._heard
        if hole < 0:
            return self.take(_later(piece, -hole)) if piece.n_samples > -hole else []
        if hole > bridged_at_most(self.rate_hz):
            return [*self.end(), *self._begun(piece)]
        if hole and piece.n_samples <= slope_reach(self.rate_hz):
            self._behind = piece  # the slope behind the hole is not known yet
            return []
        return self._heard_now(_rows(piece), hole)

    def end(self) -> list[Oriented]:
        """The run is over: what was still awaited."""
        if self._behind is not None:
            return [*self._alone(), *self.end()]
        out = self._asked()
        if self.run is not None:
            self._bias, self._stopped, self.run = self.run.bias, self.run.position, None
        return out

    @property
    def _heard(self) -> int:
        """One past the last sample that arrived, waiting ones too."""
        return self._stopped if self.run is None else self.run.position + self._waiting

    def _begun(self, piece: ImuPiece) -> list[Oriented]:
        if piece.start < self._stopped:
            late = self._stopped - piece.start
            return self._begun(_later(piece, late)) if piece.n_samples > late else []
        bias = None if self._bias is None else self._bias.later((piece.start - self._stopped) / self.rate_hz)
        self.run = OrientationFilter().start(self.rate_hz, piece.start, self.name, bias)
        self._ahead = np.empty((0, 6))
        return self._heard_now(_rows(piece), 0)

    def _with_behind(self, piece: ImuPiece) -> list[Oriented]:
        """What came behind a hole, and this, if it follows it."""
        behind = self._behind
        if behind is None or piece.start > behind.stop:
            return [*self._alone(), *self.take(piece)]
        if piece.stop <= behind.stop:
            return []
        self._behind, rest = None, _later(piece, behind.stop - piece.start)
        gyr, acc = np.concatenate([behind.gyr, rest.gyr]), np.concatenate([behind.acc, rest.acc])
        return self.take(ImuPiece(behind.start, gyr, acc))

    def _alone(self) -> list[Oriented]:
        """What came behind a hole, before another one: a straight bridge."""
        behind, self._behind = self._behind, None
        return [] if behind is None else self._heard_now(_rows(behind), behind.start - self._heard)

    def _heard_now(self, rows: Samples, hole: int) -> list[Oriented]:
        reach = slope_reach(self.rate_hz) + 1
        if hole:
            behind = np.concatenate([rows[:reach], np.full((max(reach - len(rows), 0), 6), np.nan)])
            self._rows.append(bridge(self._ahead, behind, hole))
            self._ahead = np.full((reach, 6), np.nan)
        self._ahead = np.concatenate([self._ahead, rows])[-reach:]
        self._rows.append(rows)
        self._waiting += hole + len(rows)
        return self._asked() if self._waiting >= self.at_least else []

    def _asked(self) -> list[Oriented]:
        if self.run is None or not self._waiting:
            return []
        rows = np.concatenate(self._rows)
        self._rows, self._waiting = [], 0
        start, acc = self.run.position, rows[:, 3:]
        found = self.run.attitude(rows[:, :3], acc)
        return [Oriented(start, found.quats, acc, found.bias_sigma, self.run)]


def _rows(piece: ImuPiece) -> Samples:
    return np.concatenate([piece.gyr, piece.acc], axis=1)


def _later(piece: ImuPiece, samples: int) -> ImuPiece:
    return ImuPiece(piece.start + samples, piece.gyr[samples:], piece.acc[samples:])
