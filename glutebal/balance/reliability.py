"""How well a measure repeats: its typical error, the smallest change that is more than noise, and whether one was.

A table holds one number per person and session. For a left/right balance that number is the signed λ: the reliability
of |λ| answers another question. Weir (2005) J Strength Cond Res 19:231; Hopkins (2000) Sports Med 30:1.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from numpy.typing import ArrayLike

from glutebal.balance.estimate import t_quantile
from glutebal.balance.icc import Icc, TwoWay, icc, two_way
from glutebal.errors import InputError
from glutebal.model import Bilateral
from glutebal.results import Estimate, Status


@dataclass(frozen=True)
class Reliability:
    """Everything that a table of persons by sessions says about repeating the measurement.

    ``icc`` has no unit; ``sem``, ``mdc90``, ``mdc95`` and ``smallest_worthwhile`` have that of the measure. ``sem`` is
    √MSE with its χ² interval; the minimal detectable changes are 2.326 and 2.772 of it.
    """

    anova: TwoWay
    icc: Mapping[Icc, Estimate]
    sem: Estimate
    mdc90: Estimate
    mdc95: Estimate
    smallest_worthwhile: float


class Verdict(Enum):
    """What can be said about two values of one measure."""

    UNKNOWN = "unknown"  # one of them, or its error, is not known
    WITHIN = "within"  # no more apart than repeating the measurement explains
    HIGHER = "higher"  # the second is higher; for λ: further to the right
    LOWER = "lower"  # the second is lower; for λ: further to the left


@dataclass(frozen=True)
class ReliableChange:
    """Second minus first with its interval; ``z`` in standard errors and its two-sided ``p`` are NaN when unknown."""

    change: Estimate
    z: float
    p: float
    verdict: Verdict


def reliability(table: ArrayLike, level: float = 0.95) -> Reliability:
    """Everything at once for a table of persons by sessions.

    Parameters
    ----------
    table : array_like, shape (n, k)
        As in `icc.two_way`.
    level : float
        Nominal coverage of every interval.

    Examples
    --------
    >>> found = reliability([[4.1, 5.0], [-2.0, 0.6], [8.3, 6.9], [1.2, -1.5]])
    >>> round(found.sem.value, 2), round(found.mdc95.value, 2)
    (1.67, 4.63)
    """
    anova = two_way(table)
    sem = standard_error_of_measurement(anova, level)
    mdc90, mdc95 = (_scaled(sem, mdc(1.0, confidence), f"MDC{100 * confidence:.0f}") for confidence in (0.9, 0.95))
    every = {kind: icc(anova, kind, level) for kind in Icc}
    return Reliability(anova, every, sem, mdc90, mdc95, smallest_worthwhile_group(anova.sd_between))


def standard_error_of_measurement(anova: TwoWay, level: float = 0.95) -> Estimate:
    """SEM, or typical error: √MSE with its χ² interval, in the unit of the measure; for two sessions SD_diff/√2."""
    from scipy.special import chdtri

    df, sem = anova.error_df, math.sqrt(anova.error)
    low, high = (sem * math.sqrt(df / float(chdtri(df, p))) for p in (0.5 - level / 2, 0.5 + level / 2))
    return Estimate(sem, low, high, n=anova.n, method="√MSE, χ² interval", level=level)


def _scaled(estimate: Estimate, factor: float, method: str) -> Estimate:
    value, low, high = (factor * x for x in (estimate.value, estimate.low, estimate.high))
    return Estimate(value, low, high, n=estimate.n, method=f"{method}, χ² interval", level=estimate.level)


def mdc(sem: float, confidence: float = 0.95) -> float:
    """Minimal detectable change: z·√2·SEM, rarely exceeded by an unchanged person; in the unit of ``sem``."""
    return t_quantile(confidence, math.inf) * math.sqrt(2) * _known("a standard error", sem)


def mdc_ratio(sem: float, confidence: float = 0.95) -> float:
    """The same for ``sem`` on a log scale, as a factor ×/÷: a ratio that changed by less has not detectably changed."""
    return math.exp(mdc(sem, confidence))


def cv_percent(log_sd: float) -> float:
    """Coefficient of variation from the standard deviation of logarithms: 100·(exp(s) − 1) per cent."""
    return 100 * math.expm1(_known("a standard deviation", log_sd))


def smallest_worthwhile_group(sd_between: float) -> float:
    """0.2 of the standard deviation between persons (Hopkins 2004 Sportscience 8:1): a convention, not a finding."""
    return 0.2 * _known("a standard deviation", sd_between)


def smallest_worthwhile_individual(sd_within: float) -> float:
    """0.3 of one person's own session-to-session standard deviation (Hopkins 2004): a convention, not a finding."""
    return 0.3 * _known("a standard deviation", sd_within)


def sem_of_sides(typical_errors: Bilateral[float]) -> float:
    """Standard error of λ = ln(R/L) from the typical error of each side, a fraction (0.05 = 5 %); sides independent.

    For sides of one typical error c it is √2·c. A single λ is clear of 0 beyond 1.96 of it, a change of λ beyond
    `mdc` of it.
    """
    return math.hypot(*typical_errors.map(lambda c: _known("a typical error", c)))


def smallest_clear(sem: float, confidence: float = 0.95) -> float:
    """What one single value must exceed to be told from 0: z·SEM, in the unit of ``sem``."""
    return t_quantile(confidence, math.inf) * _known("a standard error", sem)


def _known(needed: str, value: float) -> float:
    if not (math.isfinite(value) and value >= 0):
        raise InputError(f"{needed} of 0 or more", f"{value:g}", "reliability")
    return value


def reliable_change(first: Estimate, second: Estimate, level: float = 0.95) -> ReliableChange:
    """Whether two values differ by more than their standard errors allow: z = (x₂ − x₁)/√(se₁² + se₂²).

    Jacobson & Truax (1991) J Consult Clin Psychol 59:12, who take both errors alike: give both estimates the SEM.

    Parameters
    ----------
    first, second : Estimate
        Value and ``se`` of the same measure; the errors are independent.
    level : float
        The verdict is WITHIN while the interval of the change at this level includes 0.

    Returns
    -------
    ReliableChange
        UNKNOWN, with the reason in ``change``, when a value or its error is not known, or both errors are 0.
    """
    for estimate, which in ((first, "first"), (second, "second")):
        if not (estimate.status.has_value and math.isfinite(estimate.value)):
            return _unknown(f"the {which} has no value: {estimate.reason or estimate.status.value}")
        if not (math.isfinite(estimate.se) and estimate.se >= 0):
            return _unknown(f"the {which} has no standard error")
    se, change = math.hypot(first.se, second.se), second.value - first.value
    if se == 0:
        return _unknown("no error of measurement was given")
    z, half = change / se, t_quantile(level, math.inf) * se
    made = Estimate(change, change - half, change + half, se, 2, "z of two values", level=level)
    verdict = Verdict.WITHIN if made.low <= 0 <= made.high else Verdict.HIGHER if change > 0 else Verdict.LOWER
    return ReliableChange(made, z, math.erfc(abs(z) / math.sqrt(2)), verdict)


def _unknown(reason: str) -> ReliableChange:
    return ReliableChange(Estimate.none(Status.REFUSED, reason), math.nan, math.nan, Verdict.UNKNOWN)


def reliable_change_by_sem(first: float, second: float, sem: float, level: float = 0.95) -> ReliableChange:
    """`reliable_change` of two values with one standard error of measurement: z = (x₂ − x₁)/(√2·SEM)."""
    return reliable_change(Estimate(first, se=sem), Estimate(second, se=sem), level)
