"""The published asymmetry indices, one entry each: formula, range, sign, source.

Reviews: Bishop, Read, Chavda & Turner (2016) Strength Cond J 38(6):27; Parkinson et al. (2021) J Sports Sci Med 20:594.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glutebal.balance.ratio import (
    OfOne,
    OfSides,
    imbalance,
    log_ratio_of,
    of_one,
    of_positive,
    of_sides,
    plain,
    share_right,
)
from glutebal.errors import InputError
from glutebal.model import Samples


@dataclass(frozen=True)
class Index:
    """One published asymmetry index.

    Parameters
    ----------
    id, title : str
        Its short name in `INDICES` and its name in the literature.
    formula : str
        In L, R (the sides), hi, lo (the larger, the smaller) and λ; per cent.
    low, high : float
        Range for positive sides.
    source : str
        Authors and year.
    of_sides : callable
        Of the left and right values; when ``of_record``, of two arrays of trials or samples.
    of_log_ratio, log_ratio_of : callable or None
        The view of λ and its inverse; None when the index is not a function of the ratio alone. An index that does
        not tell which side is larger gives back λ ≥ 0.
    signed : bool
        Whether it tells which side is larger.
    antisymmetric : bool
        Whether swapping the sides mirrors it about ``symmetric``.
    symmetric : float
        Its value when both sides are equal.
    of_record : bool
        Whether it looks at all trials or samples of a record at once.
    """

    id: str
    title: str
    formula: str
    low: float
    high: float
    source: str
    of_sides: OfSides
    of_log_ratio: OfOne | None = None
    log_ratio_of: OfOne | None = None
    signed: bool = True
    antisymmetric: bool = True
    symmetric: float = 0.0
    of_record: bool = False


@of_positive
def _deficit(left: Samples, right: Samples) -> Samples:
    return 100 * (1 - np.minimum(left, right) / np.maximum(left, right))


@of_one
def _deficit_view(log_ratio: Samples) -> Samples:
    return -100 * np.expm1(-np.abs(log_ratio))


@of_one
def _deficit_inverse(percent: Samples) -> Samples:
    return -np.log1p(-percent / 100)


@of_sides
def _symmetry_angle(left: Samples, right: Samples) -> Samples:
    total = right + left  # the angle of (L, R) from the line of equal sides, folded into ±90°
    return 200 / np.pi * np.arctan2(np.where(total < 0, left - right, right - left), np.abs(total))


@plain
def _weighted_universal(left: Samples, right: Samples) -> Samples:
    left, right = np.atleast_1d(left), np.atleast_1d(right)
    spread = np.maximum(left.var(axis=-1, keepdims=True), right.var(axis=-1, keepdims=True))
    power = left**2 + right**2
    weight = 1 - np.sqrt(2 * spread / (2 * spread + power))
    weighted = 100 * (right - left) / np.sqrt(power) * weight
    return np.where((power == 0) & (spread > 0), 0.0, weighted)  # its limit: the weight vanishes, USI is bounded


@plain
def _normalised(left: Samples, right: Samples) -> Samples:
    left, right = np.atleast_1d(left), np.atleast_1d(right)
    if left.shape != right.shape:
        raise InputError("as many left as right trials", f"shapes {left.shape} and {right.shape}", "NSI")
    both = np.concatenate([left, right], axis=-1)
    span: Samples = both.max(axis=-1, initial=0.0) - both.min(axis=-1, initial=0.0)
    return np.asarray(100 * (right - left).mean(axis=-1) / np.where(span > 0, span, np.nan))


_NOYES = "Noyes, Barber & Mangine (1991) Am J Sports Med 19:513"
_IMPELLIZZERI = "Impellizzeri, Rampinini, Maffiuletti & Marcora (2007) Med Sci Sports Exerc 39:2044"
_BISHOP = "Bishop et al. (2018) Strength Cond J 40(4):1"
_ALVES = "Alves et al. (2020) Front Bioeng Biotechnol 8:579511"
_INF = np.inf

CATALOGUE = (
    Index(
        "LSI",
        "Limb Symmetry Index, weaker of stronger",
        "100·lo/hi = 100·exp(−|λ|)",
        *(0, 100),
        _NOYES,
        of_positive(lambda left, right: 100 * np.minimum(left, right) / np.maximum(left, right)),
        of_one(lambda lam: 100 * np.exp(-np.abs(lam))),
        of_one(lambda value: -np.log(value / 100)),
        signed=False,
        antisymmetric=False,
        symmetric=100,
    ),
    Index(
        "LSI-LR",
        "Limb Symmetry Index, left of right",
        "100·L/R = 100·exp(−λ)",
        *(0, _INF),
        _NOYES,
        of_positive(lambda left, right: 100 * left / right),
        of_one(lambda lam: 100 * np.exp(-lam)),
        of_one(lambda value: -np.log(value / 100)),
        antisymmetric=False,
        symmetric=100,
    ),
    Index(
        "LSI-RL",
        "Limb Symmetry Index, right of left",
        "100·R/L = 100·exp(λ)",
        *(0, _INF),
        _NOYES,
        of_positive(lambda left, right: 100 * right / left),
        of_one(lambda lam: 100 * np.exp(lam)),
        of_one(lambda value: np.log(value / 100)),
        antisymmetric=False,
        symmetric=100,
    ),
    Index(
        "LSI-2",
        "Limb Symmetry Index as a deficit of the left, the right being the reference",
        "100·(1 − L/R) = 100·(1 − exp(−λ))",
        *(-_INF, 100),
        "Schiltz et al. (2009)",
        of_positive(lambda left, right: 100 * (right - left) / right),
        of_one(lambda lam: -100 * np.expm1(-lam)),
        _deficit_inverse,
        antisymmetric=False,
    ),
    Index(
        "BSA",
        "Bilateral Strength Asymmetry",
        "100·(hi − lo)/hi = 100·(1 − exp(−|λ|))",
        *(0, 100),
        _IMPELLIZZERI,
        _deficit,
        _deficit_view,
        _deficit_inverse,
        signed=False,
        antisymmetric=False,
    ),
    Index(
        "BSA-SIGNED",
        "Bilateral Strength Asymmetry with the sign of the larger side",
        "sign(λ)·100·(1 − exp(−|λ|))",
        *(-100, 100),
        f"{_IMPELLIZZERI}; sign: {_BISHOP}",
        of_positive(lambda left, right: 100 * (right - left) / np.maximum(left, right)),
        of_one(lambda lam: -np.sign(lam) * 100 * np.expm1(-np.abs(lam))),
        of_one(lambda value: -np.sign(value) * np.log1p(-np.abs(value) / 100)),
    ),
    Index(
        "PD",
        "Percentage Difference",
        "100 − (100/hi)·lo = BSA",
        *(0, 100),
        _BISHOP,
        _deficit,
        _deficit_view,
        _deficit_inverse,
        signed=False,
        antisymmetric=False,
    ),
    Index(
        "BAI-1",
        "Bilateral Asymmetry Index 1, the imbalance index d",
        "100·(R − L)/(R + L) = 100·tanh(λ/2)",
        *(-100, 100),
        "Kobayashi et al. (2013)",
        of_positive(lambda left, right: 100 * (right - left) / (right + left)),
        imbalance,
        log_ratio_of,
    ),
    Index(
        "BAI-2",
        "Bilateral Asymmetry Index 2",
        "200·(R − L)/(R + L) = 200·tanh(λ/2)",
        *(-200, 200),
        "Wong et al. (2007)",
        of_positive(lambda left, right: 200 * (right - left) / (right + left)),
        of_one(lambda lam: 200 * np.tanh(lam / 2)),
        of_one(lambda value: 2 * np.arctanh(value / 200)),
    ),
    Index(
        "SI_R",
        "Symmetry Index of Robinson (also Asymmetry Index, AI)",
        "100·(R − L)/(0.5·(R + L)) = 200·tanh(λ/2)",
        *(-200, 200),
        "Robinson, Herzog & Nigg (1987) J Manip Physiol Ther 10:172",
        of_positive(lambda left, right: 100 * (right - left) / (0.5 * (right + left))),
        of_one(lambda lam: 200 * np.tanh(lam / 2)),
        of_one(lambda value: 2 * np.arctanh(value / 200)),
    ),
    Index(
        "SI_S",
        "Symmetry Index of Shorter",
        "100·(hi − lo)/(hi + lo) = 100·tanh(|λ|/2)",
        *(0, 100),
        "Shorter et al. (2008); Sato & Heise (2012)",
        of_positive(lambda left, right: 100 * np.abs(right - left) / (right + left)),
        of_one(lambda lam: 100 * np.tanh(np.abs(lam) / 2)),
        log_ratio_of,
        signed=False,
        antisymmetric=False,
    ),
    Index(
        "SA",
        "Symmetry Angle; beyond ±50 the sides have opposite signs",
        "100·(45° − atan(L/R))/90° = (200/π)·atan(tanh(λ/2))",
        *(-50, 50),
        "Zifchock, Davis, Higginson & Royer (2008) Gait Posture 27:622",
        _symmetry_angle,
        of_one(lambda lam: 200 / np.pi * np.arctan(np.tanh(lam / 2))),
        of_one(lambda value: 2 * np.arctanh(np.tan(np.pi * value / 200))),
    ),
    Index(
        "GA",
        "Gait Asymmetry, the log ratio in per cent",
        "100·ln(R/L) = 100·λ",
        *(-_INF, _INF),
        "Plotnik, Giladi, Balash, Peretz & Hausdorff (2005) Ann Neurol 57:656, there without sign",
        of_positive(lambda left, right: 100 * (np.log(right) - np.log(left))),
        of_one(lambda lam: 100 * lam),
        of_one(lambda value: value / 100),
    ),
    Index(
        "SHARE",
        "Share of the right side",
        "100·R/(R + L) = 50 + 50·tanh(λ/2)",
        *(0, 100),
        "Lauzière, Betschart, Aissaoui & Nadeau (2014) Int J Phys Med Rehabil 2:201",
        of_positive(lambda left, right: 100 * right / (right + left)),
        share_right,
        of_one(lambda value: 2 * np.arctanh((value - 50) / 50)),
        symmetric=50,
    ),
    Index(
        "MA",
        "Difference relative to the smaller side (bilateral leg asymmetry)",
        "100·(hi/lo − 1) = 100·(exp(|λ|) − 1)",
        *(0, _INF),
        "Girard et al.",
        of_positive(lambda left, right: 100 * (np.maximum(left, right) / np.minimum(left, right) - 1)),
        of_one(lambda lam: 100 * np.expm1(np.abs(lam))),
        of_one(lambda value: np.log1p(value / 100)),
        signed=False,
        antisymmetric=False,
    ),
    Index(
        "USI",
        "Universal Symmetry Index, published with the sign of L − R; up to ±141.4 for opposite signs",
        "100·(R − L)/√(R² + L²)",
        *(-100, 100),
        _ALVES,
        of_sides(lambda left, right: 100 * (right - left) / np.sqrt(right**2 + left**2)),
        of_one(lambda lam: 100 * np.sqrt(2) * np.tanh(lam / 2) / np.sqrt(1 + np.tanh(lam / 2) ** 2)),
        of_one(lambda value: 2 * np.arctanh(value / np.sqrt(2e4 - value**2))),
    ),
    Index(
        "wUSI",
        "weighted Universal Symmetry Index, fading out where both sides are near zero",
        "USI·(1 − √2·σ/√(2σ² + L² + R²)), σ = the larger standard deviation of the two records",
        *(-100, 100),
        _ALVES,
        _weighted_universal,
        of_record=True,
    ),
    Index(
        "NSI",
        "Normalised Symmetry Index, for values that may cross zero",
        "100·mean[(Rᵢ − Lᵢ)/(max(0, all) − min(0, all))]",
        *(-100, 100),
        "Queen, Dickerson, Ranganathan & Schmitt (2020) J Biomech 99:109531",
        _normalised,
        of_record=True,
    ),
)
