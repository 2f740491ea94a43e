"""What `History.trend` returns: one record, and every way to read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from glutebal.history.progress import AthleteProgress

if TYPE_CHECKING:
    import pandas as pd

    from glutebal.balance.trend import Trend


@dataclass(frozen=True)
class ProgressResult:
    """One person's balance over weeks.

    ``progress`` is the record behind everything; `table` and `summary` are tables of it, ``print(result)`` a readable
    block, and ``glutebal.report(result)`` the progress page.
    """

    progress: AthleteProgress

    @property
    def trend(self) -> Trend:
        """The trend of the main series, on the scale of λ = ln(R/L)."""
        return self.progress.main.trend

    @property
    def headline(self) -> str:
        """The one statement: whether the balance changes, with its range and what it rests on."""
        from glutebal.report.season_words import progress_headline

        return progress_headline(self.progress)

    @property
    def table(self) -> pd.DataFrame:
        """One row per session and series: what was measured, and what all sessions together say of that day."""
        from glutebal.report.tables.trend import progress_table

        return progress_table(self.progress)

    @property
    def summary(self) -> pd.DataFrame:
        """One row per series: level, change, probabilities, both sides against their own best."""
        from glutebal.report.tables.trend import trend_table

        return trend_table(self.progress)

    def to_json(self) -> str:
        """One JSON object with ``athlete``, ``headline``, ``note`` and the lists ``summary`` and ``sessions``."""
        from glutebal.report.tables.trend import progress_json

        return progress_json(self.progress, self.headline)

    def __str__(self) -> str:
        from glutebal.report.season_words import progress_block

        return progress_block(self.progress)

    def _repr_html_(self) -> str:
        from glutebal.report.progress import progress_card

        return progress_card(self.progress)
