"""What `History.session` returns: one stored session, and every way to read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from glutebal.balance.trend import Trend
from glutebal.history.assumed import is_followed
from glutebal.history.progress import progress
from glutebal.history.records import SessionRecord
from glutebal.history.series import SetPoint
from glutebal.history.session_view import SessionView, session_view

if TYPE_CHECKING:
    import pandas as pd

    from glutebal.history.store import Store


@dataclass(frozen=True)
class SessionResult:
    """One session of a history, with what changed since the session before.

    ``view`` is the record behind everything; `reps` and `sets` are tables of it, ``print(session)`` a readable block,
    and ``glutebal.report(session)`` the session page.
    """

    view: SessionView

    @property
    def record(self) -> SessionRecord:
        """What was stored: recordings with their sets, quality, references; notes."""
        return self.view.record

    @property
    def reps(self) -> pd.DataFrame:
        """One row per rep, measure and site; positive = right larger."""
        from glutebal.report.tables.season import history_reps_table

        return history_reps_table([self.record])

    @property
    def balance(self) -> pd.DataFrame:
        """One row per exercise, measure and site: the session's estimate over its sets, and the change since before."""
        from glutebal.report.tables.session import session_table

        return session_table(self.view)

    def to_json(self) -> str:
        """One JSON object with ``session``, ``athlete``, ``day``, ``notes`` and the lists ``balance`` and ``reps``."""
        from glutebal.report.tables.session import session_json

        return session_json(self.view)

    def __str__(self) -> str:
        from glutebal.report.session_words import session_block

        return session_block(self.view)

    def _repr_html_(self) -> str:
        from glutebal.report.session import session_card

        return session_card(self.view)


def session_result(store: Store, number: int) -> SessionResult:
    """A stored session beside what the store knows of its series."""
    record = store.session(number)
    known = {s.series: store.points(s.series) for s in store.series(record.athlete)}
    trends = {series: _trend_until(record, points) for series, points in known.items()}
    return SessionResult(session_view(record, {s: trend for s, trend in trends.items() if trend is not None}, known))


def _trend_until(record: SessionRecord, points: Sequence[SetPoint]) -> Trend | None:
    """What the sessions up to this one say of the measurement error of a series."""
    until = [p for p in points if (p.day, p.session) <= (record.day, record.id)]
    return progress(until).trend if until and is_followed(until) else None
