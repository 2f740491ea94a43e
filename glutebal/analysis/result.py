"""What `analyse` returns: one record, and every way to read it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from glutebal.results import Analysis

if TYPE_CHECKING:
    import pandas as pd

    from glutebal.balance.motion_view import MotionView
    from glutebal.balance.site_waveform import SiteWaveform


@dataclass(frozen=True)
class Result:
    """The left/right balance of a recording.

    ``analysis`` is the record behind everything; `reps`, `balance` and `quality` are tables of it, ``print(result)``
    a readable block, and ``glutebal.report(result)`` a page.
    """

    analysis: Analysis

    @property
    def reps(self) -> pd.DataFrame:
        """One row per rep, measure and site; positive = right larger; NaN and a status where there is no ratio."""
        from glutebal.report.tables import reps_table

        return reps_table(self.analysis)

    @property
    def balance(self) -> pd.DataFrame:
        """One row per measure and site: the set's estimate with its interval, or the reason for having none."""
        from glutebal.report.tables import balance_table

        return balance_table(self.analysis)

    @property
    def quality(self) -> pd.DataFrame:
        """One row per channel: grade, noise floor, signal-to-noise ratio, gaps, findings."""
        from glutebal.report.tables import quality_table

        return quality_table(self.analysis)

    @property
    def waveforms(self) -> pd.DataFrame:
        """One row per site: how alike the curves of the sides are along the rep, and where they differ."""
        from glutebal.report.tables.waveforms import waveforms_table

        return waveforms_table(self.site_waveforms)

    @property
    def curves(self) -> pd.DataFrame:
        """One row per site, side and per cent of the rep: mean, standard deviation, t of right minus left."""
        from glutebal.report.tables.waveforms import curves_table

        return curves_table(self.site_waveforms)

    @cached_property
    def site_waveforms(self) -> tuple[SiteWaveform, ...]:
        """The records behind `waveforms`, made when they are first asked for."""
        from glutebal.analysis.waveforms import waveforms

        return waveforms(self.analysis)

    @cached_property
    def motion_view(self) -> MotionView:
        """Angle curves, mean postures and points per rep, made when they are first asked for; or why there are none."""
        from glutebal.analysis.motion_view import motion_view

        return motion_view(self.analysis)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader should doubt, in sentences."""
        return self.analysis.warnings

    def to_json(self) -> str:
        """One JSON object with the lists ``reps``, ``balance``, ``quality``, ``warnings``; null for what is refused."""
        from glutebal.report.tables import as_json

        return as_json(self.analysis)

    def __str__(self) -> str:
        from glutebal.report.words import block

        return block(self.analysis)

    def _repr_html_(self) -> str:
        from glutebal.report.page import card

        return card(self.analysis)
