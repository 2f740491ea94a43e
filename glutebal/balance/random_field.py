"""What a smooth random curve of t values reaches by chance: its threshold, its clusters, its smoothness.

In a curve of Q nodes, neighbours are not independent tests. A smooth t field is described by its degrees of freedom
and its smoothness, the full width at half maximum (FWHM, in nodes) of the kernel that would make it from white noise;
(Q − 1)/FWHM is its length in resolution elements (resels). Closed forms after Worsley et al. and Friston et al.
(1994) Hum Brain Mapp 1:210, for one dimension; Pataky (2010) J Biomech 43:1976.
"""

from __future__ import annotations

import math

import numpy as np

from glutebal.errors import InputError
from glutebal.model import Samples


def expected_clusters(u: float, df: float, resels: float) -> float:
    """Expected number of stretches above ``u`` > 0 in a t field of so many resels."""
    return _tail(u, df) + resels * _density(u, df)


def threshold(alpha: float, df: float, resels: float) -> float:
    """The height t* that a smooth random t curve exceeds anywhere with probability ``alpha`` (one tail).

    Parameters
    ----------
    alpha : float
        Per tail, in (0, 0.5); for a two-sided 5 % use 0.025.
    df : float
        Degrees of freedom, ≥ 1: repetitions − 1 when they are paired.
    resels : float
        Length of the curve over its smoothness, (nodes − 1)/FWHM, ≥ 0.

    Returns
    -------
    float
        Solves 1 − exp(−E(t*)) = alpha with E of `expected_clusters`.

    Raises
    ------
    InputError
        A value is out of its range.
    """
    from scipy.optimize import brentq

    if not (0 < alpha < 0.5 and df >= 1 and 0 <= resels < math.inf):
        found = f"alpha {alpha:g}, {df:g} degrees of freedom, {resels:g} resels"
        raise InputError("alpha in (0, 0.5), 1 degree of freedom or more, 0 resels or more", found, "threshold")
    aim = -math.log1p(-alpha)
    high = 2.0
    while expected_clusters(high, df, resels) > aim:
        high *= 2
    return float(brentq(lambda u: expected_clusters(u, df, resels) - aim, 0.0, high, xtol=1e-12, rtol=1e-12))


def cluster_probability(extent: float, u: float, df: float, resels: float) -> float:
    """Probability that a random t curve has a stretch above ``u`` of ``extent`` resels or more, anywhere (one tail).

    Friston et al. (1994): the number of stretches is Poisson, and their extents follow exp(−(Γ(3/2)·k/E[k])²).
    """
    mean_extent = _tail(u, df) / _density(u, df)
    longer = math.exp(-((math.gamma(1.5) * extent / mean_extent) ** 2))
    return -math.expm1(-expected_clusters(u, df, resels) * longer)


def smoothness(residuals: Samples) -> float:
    """FWHM of the noise in nodes, from the residuals of repetitions, shape (reps, nodes).

    Each node's residuals are scaled to unit length over the repetitions; the mean of their steps from node to node
    gives the resels (Kiebel et al. 1999 NeuroImage 10:756). Nodes without variation are left out. NaN when none is
    left; infinite when the noise is the same all along the curve.
    """
    length = np.sqrt(np.sum(residuals**2, axis=0))
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = residuals / np.where(length > 0, length, math.nan)
    steps = np.sqrt(np.sum(np.diff(scaled, axis=1) ** 2, axis=0) / (4 * math.log(2)))
    known = steps[np.isfinite(steps)]
    if known.size == 0:
        return math.nan
    resels = float(known.mean())
    return 1 / resels if resels > 0 else math.inf


def _tail(u: float, df: float) -> float:
    from scipy.special import stdtr

    return float(stdtr(df, -u))


def _density(u: float, df: float) -> float:
    return float(math.sqrt(4 * math.log(2)) / (2 * math.pi) * (1 + u * u / df) ** (-(df - 1) / 2))
