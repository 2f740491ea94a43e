"""A series: one person, one exercise, one measure at one site; and its sets as the rollup keeps them."""

from __future__ import annotations

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
