"""Which way a sensor points: angular rate and acceleration in, quaternions out, without a magnetometer.

::

    orientation(imu)                  all pieces of a recorded sensor, with the future known (for reports)
    orientation(imu, offline=False)   exactly what a live `OrientationFilter` gives

The filter is VQF (Laidig & Seel 2023, Information Fusion 91, 187-204) in its compiled form; where that is not
installed, `glutebal.signal.motion.basic_vqf` stands in, and `Orientation.method` says so.

**Heading is arbitrary in every piece and drifts** (a median of 2.7° a minute in fast movements): only the vertical is
measured. Nothing may compare headings across pieces or sensors without resetting them at a rest.

After a start, and after each hole of more than 50 ms, the tilt comes from the accelerometer. It can be trusted from the
first quiet moment on (`OrientationPiece.settled_from`), or after 5 s of movement (2 s with the future known).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glutebal.model import Samples, Side
from glutebal.signal.motion.attitude import Attitude, GyroBias
from glutebal.signal.motion.engines import Engine
from glutebal.signal.motion.imu import Imu, ImuPiece
from glutebal.signal.motion.orientation_filter import OrientationFilter, OrientationRun, checked, require_rate
from glutebal.signal.motion.stillness import first_quiet_moment, large_bias, quiet_window

__all__ = ["Engine", "Orientation", "OrientationFilter", "OrientationPiece", "OrientationRun", "orientation"]

#: With the future known, tilt is trusted after this long in movement; live after `MOVING_SETTLE_S`.
MOVING_SETTLE_OFFLINE_S = 2.0
#: Standard deviation of tilt, of many kinds of movement together: live, and with the future known.
TILT_SD_DEG = 0.8
TILT_SD_OFFLINE_DEG = 0.6
#: What a bias of 1°/s does to the tilt of the NumPy fallback, which does not learn it in movement: live, future known.
BIAS_TILT_S = 3.0
BIAS_TILT_OFFLINE_S = 0.6
#: What one bridged 50 ms hole adds, and how long it takes to fade.
HOLE_SD_DEG = 0.3
HOLE_FADES_S = 10.0
#: What a start in the middle of a movement adds.
MOVING_START_SD_DEG = 1.5


@dataclass(frozen=True, eq=False)
class OrientationPiece:
    """The orientation over one gap-free piece; its heading has nothing to do with that of any other.

    Parameters
    ----------
    start : int
        The first sample on the session clock.
    quats : ndarray, shape (n, 4)
        Sensor to world, w first.
    settled_from : int
        The first sample, on the session clock, whose tilt can be trusted; ``stop`` if none can.
    uncertainty_deg : float
        Standard deviation of the tilt from ``settled_from`` on.
    bias : ndarray, shape (n, 3)
        Of the gyroscope, rad/s.
    heading_drift_deg_s : ndarray, shape (n,)
        Standard deviation of the heading's drift, degrees per second.
    rest : ndarray of bool, shape (n,)
        Whether the sensor is at rest: where relative headings may be reset.
    """

    start: int
    quats: Samples
    settled_from: int
    uncertainty_deg: float
    bias: Samples
    heading_drift_deg_s: Samples
    rest: NDArray[np.bool_]

    @property
    def stop(self) -> int:
        """One past the last sample."""
        return self.start + len(self.quats)

    @property
    def settled(self) -> NDArray[np.bool_]:
        """Which samples can be trusted, shape (n,)."""
        return np.arange(self.start, self.stop) >= self.settled_from


@dataclass(frozen=True, eq=False)
class Orientation:
    """The orientation of one sensor, piece by piece.

    Parameters
    ----------
    imu : Imu
        What it was computed from; its pieces are in the same order.
    pieces : tuple of OrientationPiece
        One per piece of ``imu``.
    method : str
        What computed it.
    """

    imu: Imu
    pieces: tuple[OrientationPiece, ...]
    method: str

    @property
    def site(self) -> str:
        """Of the sensor."""
        return self.imu.site

    @property
    def side(self) -> Side | None:
        """Of the sensor; None is the midline."""
        return self.imu.side

    @property
    def rate_hz(self) -> float:
        """Samples per second."""
        return self.imu.rate_hz

    def filled(self, start: int, stop: int) -> Samples:
        """The quaternions of ``[start, stop)``, shape (stop − start, 4); NaN where none can be trusted."""
        out = np.full((max(0, stop - start), 4), np.nan)
        for piece in self.pieces:
            a, b = max(start, piece.settled_from), min(stop, piece.stop)
            if a < b:
                out[a - start : b - start] = piece.quats[a - piece.start : b - piece.start]
        return out


def orientation(imu: Imu, *, offline: bool = True, engine: Engine | None = None) -> Orientation:
    """The orientation of a recorded sensor.

    Parameters
    ----------
    imu : Imu
        From `imus`.
    offline : bool
        Use the future as well (more accurate, for reports); False: exactly what a live run gives.
    engine : Engine, optional
        None: the best that is installed.

    Raises
    ------
    SignalError
        A sample that is not finite, with its channel and time.
    """
    chosen = engine or Engine.best()
    require_rate(imu.rate_hz, imu.name)
    one = _offline_piece if offline else _live_piece
    bias: GyroBias | None = None
    pieces: list[OrientationPiece] = []
    for i, piece in enumerate(imu.pieces):
        if bias is not None and i > 0:
            bias = bias.later((piece.start - imu.pieces[i - 1].stop) / imu.rate_hz)
        found, settled_from = one(imu, piece, chosen, bias)
        pieces.append(_described(imu, piece, found, settled_from, _filter_sd_deg(found, chosen, offline)))
        bias = found.last_bias()
    how = "with the future known" if offline else "live"
    return Orientation(imu, tuple(pieces), f"{chosen.value}, 6D, {how}")


def _live_piece(imu: Imu, piece: ImuPiece, engine: Engine, bias: GyroBias | None) -> tuple[Attitude, int]:
    run = OrientationFilter(engine).start(imu.rate_hz, piece.start, imu.name, bias)
    found = run.attitude(piece.gyr, piece.acc)
    return found, piece.stop if run.settled_from is None else run.settled_from


def _offline_piece(imu: Imu, piece: ImuPiece, engine: Engine, bias: GyroBias | None) -> tuple[Attitude, int]:
    gyr, acc = checked(piece.gyr, piece.acc, imu.name, piece.start, imu.rate_hz)
    if bias is None or not bias.measured:
        bias = large_bias(gyr, acc, imu.rate_hz) or bias
    found = engine.offline(gyr, acc, imu.rate_hz, bias)
    return found, _settled_offline(imu, piece)


def _settled_offline(imu: Imu, piece: ImuPiece) -> int:
    """From the first quiet moment, at the latest after 2 s; ``stop`` if the piece is shorter."""
    quiet = first_quiet_moment(piece.gyr, piece.acc, quiet_window(imu.rate_hz))
    latest = round(MOVING_SETTLE_OFFLINE_S * imu.rate_hz)
    return min(piece.stop, piece.start + (latest if quiet is None else min(quiet, latest)))


def _filter_sd_deg(found: Attitude, engine: Engine, offline: bool) -> float:
    """The spread of tilt in movement that the filter itself has."""
    own = TILT_SD_OFFLINE_DEG if offline else TILT_SD_DEG
    if engine is Engine.VQF:
        return own
    reach_s = BIAS_TILT_OFFLINE_S if offline else BIAS_TILT_S
    return math.hypot(own, reach_s * math.degrees(float(np.median(found.bias_sigma))))


def _described(imu: Imu, piece: ImuPiece, found: Attitude, settled_from: int, own_deg: float) -> OrientationPiece:
    opened_quietly = settled_from == piece.start
    holes_at_once = piece.holes * HOLE_FADES_S * imu.rate_hz / piece.n_samples
    variance = own_deg**2
    variance += 0 if opened_quietly else MOVING_START_SD_DEG**2
    variance += HOLE_SD_DEG**2 * holes_at_once
    drift = np.rad2deg(found.bias_sigma)
    spread = math.sqrt(variance)
    return OrientationPiece(piece.start, found.quats, settled_from, spread, found.bias, drift, found.rest)
