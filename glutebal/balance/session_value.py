"""One session in one number: the mean of its sets, and how sure its sets make it.

A session has few sets, often one, so what sets differ by is pooled over all sessions of the person.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from glutebal.errors import InputError
from glutebal.model import Samples

SET_SD = 0.03  # λ: prior of what sets of a session differ by beyond their repetitions
SET_PRIOR_DF = 4.0  # the prior weighs as much as so many degrees of freedom
UNKNOWN_SE = 2 * SET_SD  # of a set of under five repetitions, when no set of the person has a standard error
UNKNOWN_SE_RATIO = 2.0  # of its variance to that of the person's sets that have one


@dataclass(frozen=True)
class SessionValues:
    """Per session, shape (sessions,): mean of its sets (NaN without any), its sampling variance, sets with a value.

    ``set_sd`` is what sets of one session differ by beyond what their repetitions explain.
    """

    values: Samples
    variances: Samples
    sets: tuple[int, ...]
    set_sd: float


def session_values(
    values: Sequence[Sequence[float]],
    ses: Sequence[Sequence[float]],
    shared_ses: Sequence[float],
    set_sd: float = SET_SD,
) -> SessionValues:
    """Mean and sampling variance of every session from its sets.

    A set's variance is se² + τ², with τ² the between-set variance by the method of moments over all sessions, pooled
    with a prior of ``set_sd``² on 4 degrees of freedom. A set without a standard error (under five repetitions) gets
    twice the mean variance of the sets that have one, or (2·``set_sd``)² when there is none. Sets count alike: their
    own standard errors are too uncertain to weigh by.

    Parameters
    ----------
    values, ses : per session, the sets' λ or differences (NaN: no answer) and their standard errors (NaN: unknown)
    shared_ses : per session, standard error that all its sets share; NaN counts as none
    set_sd : what sets of a session are expected to differ by, on the scale of the values
    """
    sizes = [len(v) for v in values]
    if sizes != [len(s) for s in ses]:
        raise InputError("one standard error for every set", "another number of them", "session")
    of = np.repeat(np.arange(len(sizes)), sizes)
    y, variances = (np.fromiter(chain.from_iterable(v), np.float64) for v in (values, ses))
    answered = np.isfinite(y)
    y, of, variances = y[answered], of[answered], _filled(variances[answered] ** 2, set_sd)
    counts = np.bincount(of, minlength=len(sizes))
    means = _per_session(y, of, counts) / np.where(counts, counts, np.nan)
    between = _between_variance((y - means[of]) ** 2 - (1 - 1 / counts[of]) * variances, counts, set_sd)
    own = _per_session(variances + between, of, counts) / np.where(counts, counts, np.nan) ** 2
    shared = np.nan_to_num(np.asarray(shared_ses, dtype=np.float64))
    return SessionValues(means, own + shared**2, tuple(counts.tolist()), math.sqrt(between))


def _per_session(of_sets: Samples, of: NDArray[np.int_], counts: NDArray[np.int_]) -> Samples:
    return np.asarray(np.bincount(of, of_sets, minlength=counts.size), dtype=np.float64)


def _filled(variances: Samples, set_sd: float) -> Samples:
    """Put a value where a set's own variance is unknown."""
    known = np.isfinite(variances)
    guess = UNKNOWN_SE_RATIO * float(variances[known].mean()) if known.any() else (UNKNOWN_SE / SET_SD * set_sd) ** 2
    return np.where(known, variances, guess)


def _between_variance(unexplained: Samples, counts: NDArray[np.int_], set_sd: float) -> float:
    """Moment estimate of τ²: squares of the sets about their session's mean, less what their own variances explain."""
    freedom = int(np.sum(np.maximum(counts - 1, 0)))
    return max((float(np.sum(unexplained)) + SET_PRIOR_DF * set_sd**2) / (freedom + SET_PRIOR_DF), 0.0)
