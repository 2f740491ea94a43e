"""A series of sessions and what a local-level model makes of it, before it is put into words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from statistics import NormalDist
from typing import Self

import numpy as np

from glutebal.balance.learning import Grid, parameter_grid
from glutebal.balance.local_level import Filtered, Prior, Smoothed, filter_levels, smooth
from glutebal.balance.ratio import log_ratio_of
from glutebal.balance.session_value import SET_SD, SessionValues, session_values
from glutebal.errors import InputError
from glutebal.model import Samples


@dataclass(frozen=True)
class SessionSets:
    """What one session says: λ (or a difference) per set with its standard error, in the order they were done.

    NaN marks a set without an answer. ``shared_se`` is what all sets of the session share (the references' standard
    error); ``setup`` names sensors and their placement scheme: where it changes, values cannot be compared.
    """

    day: date
    values: tuple[float, ...]
    ses: tuple[float, ...]
    shared_se: float = 0.0
    setup: str = ""


#: The smallest change of two sessions that is more than their error, in standard errors of measurement.
MDC_OF_SEM = math.sqrt(2) * NormalDist().inv_cdf(0.975)


@dataclass(frozen=True)
class TrendSettings:
    """Assumptions of the trend, all on the scale of λ, or of differences in ``unit``.

    Parameters
    ----------
    placement_sd : float
        Standard deviation that putting the sensors on again brings to a session: .11 for EMG against a reference,
        .042 for force. It and ``drift_sd`` are the middle of a range of possibilities (`ScalePrior`), not points.
    drift_sd : float
        Standard deviation of the true level's change over one week.
    prior_sd : float
        Of the level before the first session, and after a change of setup. For one side alone, ln(value), say 10.
    learn_from : int
        Sessions with a value from which the measurement error told is the person's own; the assumed one before.
    band : float
        Imbalance index, points, or ``unit``: how probable it is that the level is farther from even than this is told.
    outlier_z : float
        An observation farther from its prediction than so many standard deviations has its variance
        enlarged until it is at that distance.
    level : float
        Nominal coverage of every interval.
    set_sd : float
        What sets of a session are expected to differ by beyond their repetitions, standard deviation.
    unit : str
        Empty for λ; ``deg``, ``cm``, ``s``: values and assumptions are right minus left in this unit
        (`of_differences`).
    """

    placement_sd: float = 0.11
    drift_sd: float = 0.02
    prior_sd: float = 0.2
    learn_from: int = 8
    band: float = 5.0
    outlier_z: float = 3.0
    level: float = 0.95
    set_sd: float = SET_SD
    unit: str = ""

    @classmethod
    def of_differences(cls, unit: str, smallest_change: float) -> Self:
        """Assumptions for right minus left in a unit, from the smallest change of two sessions that counts.

        That change is 1.96·√2 of the placement error. Level and sets are assumed to be to it about what they are for
        ratios of force and EMG: weekly drift a tenth, sets of a session a fifth, the level before it was seen ± two.

        Parameters
        ----------
        unit : str
            ``deg``, ``cm``, ``s``.
        smallest_change : float
            In that unit, above 0: 5 for degrees (`balance.difference.smallest_claim`).
        """
        if not (unit and 0 < smallest_change < math.inf):
            raise InputError("a unit, and a change above 0 in it", f"{smallest_change:g} {unit}".strip(), "trend")
        return cls(
            placement_sd=smallest_change / MDC_OF_SEM,
            drift_sd=smallest_change / 10,
            prior_sd=2 * smallest_change,
            band=smallest_change,
            set_sd=smallest_change / 5,
            unit=unit,
        )

    @property
    def band_of_values(self) -> float:
        """The band on the scale of the values: λ, or ``unit``."""
        return self.band if self.unit else log_ratio_of(self.band)


#: EMG against a reference contraction on each side.
ASSUMED = TrendSettings()


@dataclass(frozen=True)
class Course:
    """Sessions in order of their days, their values, and the level behind them for every pair of the grid.

    ``weeks`` since the first session; ``segments`` counts from 1, one more at every change of setup; ``weights`` of
    the grid given all sessions.
    """

    sessions: Sequence[SessionSets]
    settings: TrendSettings
    found: SessionValues
    weeks: Samples
    segments: tuple[int, ...]
    grid: Grid
    weights: Samples
    filtered: Filtered
    smoothed: Smoothed

    @property
    def present(self) -> list[int]:
        """Places of the sessions of the present setup that have a value."""
        seen = np.isfinite(self.found.values).tolist()
        return [t for t, segment in enumerate(self.segments) if segment == self.segments[-1] and seen[t]]

    @property
    def counts(self) -> tuple[list[int], list[int]]:
        """Sessions with a value in each session's setup: up to it, and in all."""
        seen, segments = np.isfinite(self.found.values), np.array(self.segments)
        total = np.bincount(segments, seen)[segments].astype(int)
        before = np.cumsum(np.bincount(segments, seen))[segments - 1].astype(int)
        return (np.cumsum(seen) - before).tolist(), total.tolist()

    @property
    def learned(self) -> bool:
        """Whether there are enough sessions to tell the person's own measurement error."""
        return int(np.isfinite(self.found.values).sum()) >= self.settings.learn_from


def course_of(sessions: Sequence[SessionSets], settings: TrendSettings) -> Course:
    """Filter and smooth the sessions, sorted by day, those of one day in the order given.

    Raises
    ------
    InputError
        Without any session, or for settings out of range.
    """
    if not sessions:
        raise InputError("at least one session", "none", "trend")
    _check(settings)
    ordered = sorted(sessions, key=lambda session: session.day)
    found = session_values(
        [s.values for s in ordered], [s.ses for s in ordered], [s.shared_se for s in ordered], settings.set_sd
    )
    weeks = np.array([(s.day - ordered[0].day).days / 7 for s in ordered])
    segments = _segments(ordered)
    grid = parameter_grid(settings.placement_sd, settings.drift_sd)
    filtered = filter_levels(
        found.values,
        found.variances[:, None] + grid.placement_sd**2,
        np.diff(weeks, prepend=0.0)[:, None] * grid.drift_sd**2,
        prior=Prior(0.0, settings.prior_sd**2),
        starts=np.diff(segments, prepend=0) > 0,
        outlier_z=settings.outlier_z,
    )
    weights = grid.weights(filtered.log_likelihood)
    return Course(ordered, settings, found, weeks, segments, grid, weights, filtered, smooth(filtered))


def _segments(sessions: Sequence[SessionSets]) -> tuple[int, ...]:
    changed = [before.setup != after.setup for before, after in pairwise(sessions)]
    return tuple(np.cumsum([1, *changed]).tolist())


def _check(settings: TrendSettings) -> None:
    for name in ("placement_sd", "drift_sd", "set_sd"):
        if not 0 <= getattr(settings, name) < math.inf:
            raise InputError("a standard deviation of 0 or more", f"{getattr(settings, name):g}", name)
    for name in ("prior_sd", "outlier_z"):
        if not getattr(settings, name) > 0:
            raise InputError("a value above 0", f"{getattr(settings, name):g}", name)
    if not 0 < settings.level < 1:
        raise InputError("a level between 0 and 1", f"{settings.level:g}", "level")
    if not 0 <= settings.band < (math.inf if settings.unit else 100):
        raise InputError("a band of 0 or more, below 100 points", f"{settings.band:g}", "band")
