"""A series: one person, one exercise, one measure at one site; and its sets as the rollup keeps them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

from glutebal.model import Bilateral, Quantity
from glutebal.results import Estimate


@dataclass(frozen=True)
class Series:
    """What a series is a series of."""

    athlete: str
    exercise: str
    measure: str
    site: str


@dataclass(frozen=True)
class SetPoint:
    """One set of a series as the rollup keeps it: enough for a trend, without its reps.

    ``log_ratio``, ``sides`` and ``difference`` are those of the set's `SetBalance` (value, se, n, status, reason).
    ``shared_se`` is what the sets of its recording are wrong by together: of λ the references' part, which
    ``log_ratio`` is without; of a difference the sensors' own error in its unit, which is part of ``difference.se``.
    """

    series: Series
    session: int
    day: date
    label: str
    setup: str
    devices: Bilateral[str]
    set_index: int
    load_kg: float | None
    quantity: Quantity
    unit: str
    log_ratio: Estimate
    sides: Bilateral[Estimate]
    shared_se: float
    difference: Estimate | None = None

    @property
    def own_se(self) -> float:
        """Standard error of the answer without what the sets share; NaN when unknown."""
        if self.difference is None:
            return self.log_ratio.se
        return math.sqrt(max(self.difference.se**2 - self.shared_se**2, 0.0))
