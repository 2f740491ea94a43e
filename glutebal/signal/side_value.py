"""One side's value in one rep, how well it is known, and the log ratio of two of them.

A mean square with ν equivalent degrees of freedom scatters like chi-square with ν, so one side's interval comes from
the chi-square and the ratio's from the F distribution (Bendat & Piersol, Random Data; Hogan & Mann 1980 IEEE Trans
Biomed Eng 27:382). A force has no sampling scatter of that kind: ν is infinite and there is no interval to state.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from glutebal.model import Bilateral
from glutebal.results import Estimate, Status

NO_INTERVAL = "one reading; the sensor's own error is not known"


@dataclass(frozen=True)
class SideValue:
    """One side's value in one window.

    ``value`` in the measure's unit (NaN when there is none), ``dof`` the equivalent degrees of freedom of its square
    (infinite for a value without sampling scatter), ``bound`` the largest value that would still look like this when
    the side is below its noise floor.
    """

    value: float
    dof: float = math.inf
    status: Status = Status.OK
    reason: str = ""
    bound: float = math.nan

    @classmethod
    def none(cls, status: Status, reason: str) -> SideValue:
        """No value, and why."""
        return cls(math.nan, math.nan, status, reason)

    def scaled(self, factor: float) -> SideValue:
        """The same value in another unit."""
        return SideValue(self.value * factor, self.dof, self.status, self.reason, self.bound * factor)

    def estimate(self, level: float = 0.95) -> Estimate:
        """The value with its chi-square interval, or the reason for having none."""
        if not math.isfinite(self.value):
            return Estimate(math.nan, high=self.bound, n=1, status=self.status, reason=self.reason, level=level)
        if math.isinf(self.dof):
            return Estimate(self.value, n=1, method=NO_INTERVAL, status=self.status, reason=self.reason, level=level)
        low, high = (self.value * math.sqrt(self.dof / q) for q in _chi_quantiles(self.dof, level))
        se = self.value / math.sqrt(2 * self.dof)
        method = "chi-square, equivalent degrees of freedom"
        return Estimate(self.value, low, high, se, 1, method, self.status, self.reason, level)


def _chi_quantiles(dof: float, level: float) -> tuple[float, float]:
    from scipy.stats import chi2

    tail = (1 - level) / 2
    return float(chi2.ppf(1 - tail, dof)), float(chi2.ppf(tail, dof))


def log_ratio(sides: Bilateral[SideValue], level: float = 0.95) -> Estimate:
    """λ = ln(R/L) with its interval, or why there is none.

    A side that was refused refuses the ratio; one side below its floor gives a bound (CENSORED); both sides below
    give no ratio at all.
    """
    worst = _without_ratio(sides)
    if worst is not None:
        return worst
    value = math.log(sides.right.value) - math.log(
        sides.left.value
    )  # exactly antisymmetric, unlike the log of the ratio
    low_snr = next((s for s in sides if s.status is Status.LOW_SNR), None)
    status, reason = (Status.LOW_SNR, low_snr.reason) if low_snr else (Status.OK, "")
    if any(math.isinf(s.dof) for s in sides):
        return Estimate(value, n=1, method=NO_INTERVAL, status=status, reason=reason, level=level)
    below, above = _half_log_f(sides, level)
    se = math.sqrt(sum(0.5 / s.dof for s in sides))
    method = "F distribution of noise-corrected mean squares"
    return Estimate(value, value - above, value - below, se, 1, method, status, reason, level)


def _half_log_f(sides: Bilateral[SideValue], level: float) -> tuple[float, float]:
    from scipy.stats import f

    tail = (1 - level) / 2
    quantiles = (float(f.ppf(p, sides.right.dof, sides.left.dof)) for p in (tail, 1 - tail))
    below, above = (0.5 * math.log(q) for q in quantiles)
    return below, above


def _without_ratio(sides: Bilateral[SideValue]) -> Estimate | None:
    """The estimate for sides that have no ratio, None when they have one."""
    for status in (Status.REFUSED, Status.UNPAIRED):
        reasons = [s.reason for s in sides if s.status is status]
        if reasons:
            return Estimate.none(status, "; ".join(dict.fromkeys(reasons)), n=1)
    below = sides.map(lambda s: s.status is Status.CENSORED)
    if below.left and below.right:
        return Estimate.none(Status.CENSORED, "both sides are below their noise floors: a ratio of two silences", n=1)
    if below.left:
        low = math.log(sides.right.value / sides.left.bound)
        return Estimate(math.nan, low=low, n=1, status=Status.CENSORED, reason="left is below its noise floor")
    if below.right:
        high = math.log(sides.right.bound / sides.left.value)
        return Estimate(math.nan, high=high, n=1, status=Status.CENSORED, reason="right is below its noise floor")
    if min(s.value for s in sides) <= 0:
        return Estimate.none(Status.REFUSED, "a side is not above zero: it has no ratio", n=1)
    return None
