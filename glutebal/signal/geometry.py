"""Angles and shifts of the frontal plane: knee projection angle, pelvic drop, lateral shift against force split.

Degrees and shares, never ratios of angles: what crosses zero has no log ratio. Scalars give a float, arrays an array;
what is impossible is NaN.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from glutebal.errors import InputError
from glutebal.model import Samples, Side


def frontal_plane_projection_angle(hip: ArrayLike, knee: ArrayLike, ankle: ArrayLike, side: Side) -> float | Samples:
    """Knee angle as the frontal plane shows it, 180° minus the angle hip-knee-ankle; positive = valgus (knee inwards).

    The projection mixes hip and knee rotation with valgus; its standard error is 2 to 4°, so a difference under some
    8° is not told apart from none.

    Parameters
    ----------
    hip, knee, ankle : array_like, shape (..., 2)
        Joint centres: (towards the person's right, upwards), one unit of length for all.
    side : Side
        Which leg: inwards is to the right for the left leg.

    Returns
    -------
    float or ndarray, shape (...)
        Degrees, −180 to 180; NaN where two joints coincide.

    Raises
    ------
    InputError
        The points have no two coordinates.
    """
    points = [np.asarray(p, dtype=np.float64) for p in (hip, knee, ankle)]
    if any(p.ndim == 0 or p.shape[-1] != 2 for p in points):
        found = f"shapes {', '.join(str(p.shape) for p in points)}"
        raise InputError("two coordinates (right, up) per joint", found, "frontal_plane_projection_angle")
    thigh, shank = points[1] - points[0], points[2] - points[1]
    turn = shank[..., 0] * thigh[..., 1] - shank[..., 1] * thigh[..., 0]
    along = np.sum(thigh * shank, axis=-1)
    inwards = 1 if side is Side.LEFT else -1
    real = np.any(thigh != 0, axis=-1) & np.any(shank != 0, axis=-1)
    return _plain(np.where(real, np.degrees(np.arctan2(inwards * turn, along)), np.nan))


def pelvic_drop_deg(drop: ArrayLike, asis_width: ArrayLike) -> float | Samples:
    """Tilt of the pelvis in the frontal plane, asin(Δz/w), degrees; positive = the side of the lifted leg is lower.

    Parameters
    ----------
    drop : float or array_like
        Height of the stance side's iliac spine minus that of the other, Δz.
    asis_width : float or array_like
        Distance between the two anterior superior iliac spines, w > 0, same unit.

    Returns
    -------
    float or ndarray
        −90 to 90; NaN where the drop is larger than the width or the width not above 0.
    """
    dz, w = np.asarray(drop, dtype=np.float64), np.asarray(asis_width, dtype=np.float64)
    with np.errstate(all="ignore"):
        return _plain(np.where(w > 0, np.degrees(np.arcsin(dz / w)), np.nan))


def imbalance_of_shift(shift: ArrayLike, stance_width: ArrayLike) -> float | Samples:
    """Force imbalance d that a lateral shift of the weight goes with, standing still: 100·2Δx/W points.

    Parameters
    ----------
    shift : float or array_like
        Centre of pressure (or pelvis) from the middle between the feet, Δx; positive = to the right.
    stance_width : float or array_like
        Between the centres of the feet, W > 0, same unit.

    Returns
    -------
    float or ndarray
        Points, −100 to 100, positive = right larger; NaN where the weight would be outside the feet.
    """
    dx, w = np.asarray(shift, dtype=np.float64), np.asarray(stance_width, dtype=np.float64)
    with np.errstate(all="ignore"):
        d = 200 * dx / w
        return _plain(np.where((w > 0) & (np.abs(d) <= 100), d, np.nan))


def shift_of_imbalance(imbalance: ArrayLike, stance_width: ArrayLike) -> float | Samples:
    """Lateral shift of the weight that goes with a force imbalance d, the inverse of `imbalance_of_shift`: d·W/200.

    Parameters
    ----------
    imbalance : float or array_like
        Points, −100 to 100, positive = right larger; NaN beyond.
    stance_width : float or array_like
        Between the centres of the feet, W > 0; the shift is in its unit, positive = to the right.
    """
    d, w = np.asarray(imbalance, dtype=np.float64), np.asarray(stance_width, dtype=np.float64)
    with np.errstate(all="ignore"):
        return _plain(np.where((w > 0) & (np.abs(d) <= 100), d * w / 200, np.nan))


def _plain(values: Samples) -> float | Samples:
    return float(values) if values.ndim == 0 else values
