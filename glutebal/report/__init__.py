"""What a person reads: tables, words, figures and one self-contained page, of one analysis, a session or a season.

The room itself is callable, so that ``gb.report(result).save("set.html")`` reads as it is meant::

    Analysis, SessionView, AthleteProgress ─┬─ tables   pandas, JSON
                                            ├─ words    one headline, one block of text
                                            ├─ figures  matplotlib
                                            └─ page     HTML with the other three inside
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glutebal.balance.motion_view import MotionView
    from glutebal.balance.site_waveform import SiteWaveform
    from glutebal.history.progress import AthleteProgress
    from glutebal.history.session_view import SessionView
    from glutebal.report.page import Page
    from glutebal.results import Analysis


class HasAnalysis(Protocol):
    """Anything that carries an `Analysis`, like the result of `glutebal.analyse`."""

    @property
    def analysis(self) -> Analysis:
        """The record behind the result."""


class HasProgress(Protocol):
    """Anything that carries an `AthleteProgress`, like what ``History.trend`` returns."""

    @property
    def progress(self) -> AthleteProgress:
        """The record behind the result."""


class HasView(Protocol):
    """Anything that carries a `SessionView`, like what ``History.session`` returns."""

    @property
    def view(self) -> SessionView:
        """The record behind the result."""


def report(result: Analysis | HasAnalysis | AthleteProgress | HasProgress | SessionView | HasView) -> Page:
    """The page of a result: one self-contained HTML file, ``.html`` as text, ``.save(path)`` to disk.

    Parameters
    ----------
    result : Result, SessionResult or ProgressResult, or the record that one of them carries
        What `glutebal.analyse` returned, or a history's ``session`` or ``trend``.

    Raises
    ------
    InputError
        For anything else.
    """
    from glutebal.errors import InputError
    from glutebal.history.progress import AthleteProgress
    from glutebal.history.session_view import SessionView
    from glutebal.results import Analysis

    carried = (getattr(result, name, None) for name in ("analysis", "progress", "view"))
    for record in (result, *carried):
        if isinstance(record, Analysis):
            return _page_of_set(record, getattr(result, "site_waveforms", ()), getattr(result, "motion_view", None))
        if isinstance(record, AthleteProgress):
            return _page_of_season(record)
        if isinstance(record, SessionView):
            return _page_of_session(record)
    raise InputError("a result of analyse, History.session or History.trend", type(result).__name__, "report")


def _page_of_set(analysis: Analysis, waveforms: Sequence[SiteWaveform], motion: MotionView | None) -> Page:
    from glutebal.report.page import page

    return page(analysis, waveforms, motion)


def _page_of_season(progress: AthleteProgress) -> Page:
    from glutebal.report.progress import progress_page

    return progress_page(progress)


def _page_of_session(view: SessionView) -> Page:
    from glutebal.report.session import session_page

    return session_page(view)


class _Room(ModuleType):
    """The package itself, made callable: ``glutebal.report`` is both the room and what it does."""

    __call__ = staticmethod(report)


sys.modules[__name__].__class__ = _Room
