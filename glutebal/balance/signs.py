"""How often which side was larger: the sign test over sessions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from glutebal.errors import InputError
from glutebal.results import Estimate, Status

CONSISTENT_SESSIONS = 6  # 5 of 5 on one side still has p = .0625
CONSISTENT_P = 0.05


@dataclass(frozen=True)
class SignCount:
    """How many sessions pointed each way; ``p`` is the two-sided exact binomial (sign test) probability.

    ``share_right`` is the part, 0 to 1, of the sessions that pointed right; sessions at exactly 0 are on no side.
    ``consistent`` needs at least six sessions on one side and p < .05.
    """

    right: int
    left: int
    share_right: Estimate
    p: float
    consistent: bool


def sign_count(values: ArrayLike, level: float = 0.95) -> SignCount:
    """Count the sessions on either side of 0.

    ``p`` is twice the smaller binomial tail under an even chance, at most 1. The interval of the share of right
    sessions is exact (Clopper and Pearson 1934): it covers at least as often as it says.

    Parameters
    ----------
    values : array_like
        λ per session; NaN and exact 0 are on no side and are left out.
    level : float
        Nominal coverage of the share's interval.
    """
    signs = np.sign(np.asarray(values, dtype=np.float64))
    right, left = int(np.sum(signs > 0)), int(np.sum(signs < 0))
    p = sign_probability(right, left)
    consistent = max(right, left) >= CONSISTENT_SESSIONS and p < CONSISTENT_P
    return SignCount(right, left, _share(right, right + left, level), p, consistent)


def sign_probability(right: int, left: int) -> float:
    """Two-sided exact binomial probability of so uneven a split or a more uneven one; 1 without any session."""
    from scipy.special import bdtr

    return min(2 * float(bdtr(min(right, left), right + left, 0.5)), 1.0) if right + left else 1.0


def _share(successes: int, n: int, level: float) -> Estimate:
    from scipy.special import betaincinv

    if not 0 < level < 1:
        raise InputError("a level between 0 and 1", f"{level:g}", "interval")
    if n == 0:
        return Estimate.none(Status.TOO_FEW, "no session points to a side")
    tail = (1 - level) / 2
    low = float(betaincinv(successes, n - successes + 1, tail)) if successes else 0.0
    high = float(betaincinv(successes + 1, n - successes, 1 - tail)) if successes < n else 1.0
    share = successes / n
    se = (share * (1 - share) / n) ** 0.5
    return Estimate(share, low, high, se=se, n=n, method="Clopper-Pearson", level=level)
