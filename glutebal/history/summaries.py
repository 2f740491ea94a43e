"""What the store tells of many sessions at once, without reading a rep."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from glutebal.history.series import Series
from glutebal.model import Quantity


@dataclass(frozen=True)
class SeriesSummary:
    """A series and how much of it there is.

    ``sessions`` counts those in which it was measured, ``valued`` those in which a set has a value; ``quantity`` is
    the latest one. ``differences`` counts the sets that hold a difference (right minus left) instead of a ratio.
    """

    series: Series
    quantity: Quantity
    sessions: int
    valued: int
    first: date
    last: date
    differences: int = 0


@dataclass(frozen=True)
class CohortWeek:
    """One athlete in one week (from Monday, ``week``): mean λ of the sets that have a value, each counting the same."""

    athlete: str
    week: date
    log_ratio: float
    sets: int
    sessions: int
