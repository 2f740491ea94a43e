"""The pelvis against gravity: tilt and obliquity from standing, the drop in single-leg phases, tilt at lockout.

::

    standing on the right leg, seen from behind        drop = how much lower the left side is than in standing
            ___---●  right (supported)
      ●---‾‾                                           right leg: + obliquity      left leg: − obliquity
    left, lower

No heading is needed: obliquity is how far the medio-lateral axis is out of the horizontal.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from glutebal.model import Samples, Side
from glutebal.signal.motion.calibration import Span
from glutebal.signal.motion.segments import PELVIS, Body, lateral_tilt_deg, sagittal_tilt_deg, wrapped_deg

#: The smallest drop, or change of one, that may be told of: the Trendelenburg angle repeats to 4°, 5.5° by the usual
#: formula (Youdas et al. 2007), and placement and soft tissue make 1.7 to 3.2° between sensors and markers.
SMALLEST_DROP_DEG = 5.0
#: Soft tissue over the sacrum, against optical markers.
SOFT_TISSUE_SD_DEG = 1.2
#: A peak is the mean over this long, so that one shaken sample is none.
PEAK_S = 0.2


@dataclass(frozen=True, eq=False)
class PelvicAngles:
    """Tilt and obliquity over one gap-free stretch ``[start, stop)``.

    Parameters
    ----------
    rate_hz : float
        Samples per second.
    start : int
        The first sample on the session clock.
    tilt_deg : ndarray, shape (n,)
        Positive: anterior, against standing.
    obliquity_deg : ndarray, shape (n,)
        Positive: right side higher than in standing.
    uncertainty_deg : float
        Standard deviation of either.
    """

    rate_hz: float
    start: int
    tilt_deg: Samples
    obliquity_deg: Samples
    uncertainty_deg: float

    @property
    def stop(self) -> int:
        """One past the last sample."""
        return self.start + self.tilt_deg.size


@dataclass(frozen=True)
class SingleLeg:
    """Standing on one leg: ``side`` carries the body from ``start_s`` to ``stop_s``."""

    side: Side
    start_s: float
    stop_s: float


@dataclass(frozen=True)
class PelvicDrop:
    """How far the unsupported side of the pelvis dropped in one single-leg phase.

    Parameters
    ----------
    side : Side
        The leg stood on.
    start_s, stop_s : float
        Of the phase.
    at_s : float
        When it was largest.
    drop_deg : float
        Positive: lower than in standing on both legs. NaN if the pelvis was not recorded throughout.
    mean_deg : float
        Over the middle half of the phase.
    uncertainty_deg : float
        Standard deviation.
    """

    side: Side
    start_s: float
    stop_s: float
    at_s: float
    drop_deg: float
    mean_deg: float
    uncertainty_deg: float

    @property
    def can_be_told(self) -> bool:
        """Whether it is large enough to be told apart from placement and sway."""
        return bool(self.drop_deg >= SMALLEST_DROP_DEG)


def pelvic_angles(body: Body, standing: Span | None = None) -> tuple[PelvicAngles, ...]:
    """Tilt and obliquity, one result per stretch.

    Parameters
    ----------
    body : Body
        With a pelvis; angles count from the static pose of its calibration.
    standing : Span or None
        Quiet standing in this recording to count from instead, if the sensor may have slipped since.

    Raises
    ------
    InputError
        No calibrated pelvis.
    """
    pieces = [_angles(piece.quats, piece.start, piece.tilt_sd_deg, body.rate_hz) for piece in body.of(PELVIS).pieces]
    return tuple(pieces) if standing is None else tuple(_from_standing(pieces, standing))


def pelvic_drops(angles: Sequence[PelvicAngles], phases: Iterable[SingleLeg]) -> tuple[PelvicDrop, ...]:
    """The contralateral drop of every single-leg phase, in the order of the phases."""
    return tuple(_drop(angles, phase) for phase in phases)


def tilt_at(angles: Sequence[PelvicAngles], time_s: float) -> float:
    """Pelvic tilt in degrees at an instant (mean of 0.2 s); NaN if it was not recorded."""
    part = _during(angles, time_s - PEAK_S / 2, time_s + PEAK_S / 2)
    return float(part.tilt_deg.mean()) if part is not None else float("nan")


def lumbar_substitution(
    angles: Sequence[PelvicAngles], lockouts_s: Iterable[float], reference_s: float | None = None
) -> Samples:
    """How much further forwards the pelvis is tilted at each lockout than in standing, degrees, shape (n,).

    The back can extend where the hip should: then the pelvis tips forwards at the end of the lift.

    Parameters
    ----------
    angles : sequence of PelvicAngles
        From `pelvic_angles`.
    lockouts_s : iterable of float
        The end of every lift.
    reference_s : float or None
        None: count from standing. A lift that does not end upright (thrusts, bridges) needs an instant to count from,
        such as the first lockout; what is told is then the change over the set.
    """
    level = 0.0 if reference_s is None else tilt_at(angles, reference_s)
    return np.array([tilt_at(angles, time_s) - level for time_s in lockouts_s], dtype=np.float64)


def _angles(quats: Samples, start: int, tilt_sd_deg: float, rate_hz: float) -> PelvicAngles:
    spread = float(np.hypot(tilt_sd_deg, SOFT_TISSUE_SD_DEG))
    return PelvicAngles(rate_hz, start, sagittal_tilt_deg(quats), lateral_tilt_deg(quats), spread)


def _from_standing(pieces: Sequence[PelvicAngles], standing: Span) -> Iterable[PelvicAngles]:
    part = _during(pieces, standing.start_s, standing.stop_s)
    tilt, level = (0.0, 0.0) if part is None else (float(part.tilt_deg.mean()), float(part.obliquity_deg.mean()))
    for p in pieces:
        yield PelvicAngles(
            p.rate_hz, p.start, wrapped_deg(p.tilt_deg - tilt), p.obliquity_deg - level, p.uncertainty_deg
        )


def _drop(angles: Sequence[PelvicAngles], phase: SingleLeg) -> PelvicDrop:
    part = _during(angles, phase.start_s, phase.stop_s)
    if part is None:
        nan = float("nan")
        return PelvicDrop(phase.side, phase.start_s, phase.stop_s, nan, nan, nan, nan)
    drop = part.obliquity_deg if phase.side is Side.RIGHT else -part.obliquity_deg
    window = min(max(1, round(PEAK_S * part.rate_hz)), drop.size)
    smooth = np.convolve(drop, np.full(window, 1 / window), mode="valid")
    at = int(np.argmax(smooth))
    quarter = drop.size // 4
    middle = float(drop[quarter : drop.size - quarter].mean())
    at_s = (part.start + at + window / 2) / part.rate_hz
    return PelvicDrop(phase.side, phase.start_s, phase.stop_s, at_s, float(smooth[at]), middle, part.uncertainty_deg)


def _during(angles: Sequence[PelvicAngles], start_s: float, stop_s: float) -> PelvicAngles | None:
    """The samples of a stretch, if one piece covers it."""
    for piece in angles:
        start, stop = round(start_s * piece.rate_hz), round(stop_s * piece.rate_hz)
        if piece.start <= start < stop <= piece.stop:
            part = slice(start - piece.start, stop - piece.start)
            tilt, obliquity = piece.tilt_deg[part], piece.obliquity_deg[part]
            return PelvicAngles(piece.rate_hz, start, tilt, obliquity, piece.uncertainty_deg)
    return None
