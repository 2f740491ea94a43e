"""Tables of one stored session: the answer of every series over its sets, and what changed since the session before."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from glutebal.balance.difference import answer_of
from glutebal.history.session_view import SeriesView, SessionView
from glutebal.report.session_change import change_points, error_points, verdict_word
from glutebal.report.tables import DIFFERENCE_COLUMNS, difference_cells, without_nan
from glutebal.report.tables.season import SERIES_COLUMNS, Row, frame, notes_row, ratio_row, reps_of, sides_row

if TYPE_CHECKING:
    from pandas import DataFrame

SESSION_COLUMNS = (
    *SERIES_COLUMNS,
    *("sets", "n", "log_ratio", "se", "imbalance", "low", "high", "left", "right", "unit", "status", "reason"),
    *("before", "change", "change_low", "change_high", "mdc95", "verdict"),
    *DIFFERENCE_COLUMNS,
)


def session_table(view: SessionView) -> DataFrame:
    """One row per exercise, measure and site. Columns `SESSION_COLUMNS`.

    The interval is that of the sets; ``change`` is in points of the imbalance index (of a difference: in its ``unit``)
    since the session of the day ``before``, ``mdc95`` the smallest change that is more than measurement error, and
    ``verdict`` compares the two.
    """
    import pandas as pd

    made = frame(_rows(view), SESSION_COLUMNS)
    made["before"] = pd.to_datetime(made["before"])
    return made


def session_json(view: SessionView) -> str:
    """One JSON object, the same bytes for the same session; what is refused is ``null``, days are ISO 8601."""
    record = view.record
    answer = {
        "session": record.id,
        "athlete": record.athlete,
        "day": record.day,
        "label": record.label,
        "notes": notes_row(record.notes),
        "recordings": [{"source": r.source, "started": r.started, "sets": len(r.sets)} for r in record.recordings],
        "balance": list(_rows(view)),
        "reps": list(reps_of(record)),
        "warnings": [warning for r in record.recordings for warning in r.warnings],
    }
    return as_text(answer)


def as_text(answer: Any) -> str:
    """Rows as JSON text; NaN is ``null``, a day or a time ISO 8601."""
    days = json.loads(json.dumps(answer, default=lambda value: value.isoformat()))
    return json.dumps(without_nan(days), ensure_ascii=False, allow_nan=False, indent=2)


def _rows(view: SessionView) -> Iterable[Row]:
    return (_row(series) for series in view.series)


def _row(view: SeriesView) -> Row:
    series, whole, found = view.series, view.whole, answer_of(view.whole)
    return {
        "athlete": series.athlete,
        "exercise": series.exercise,
        "measure": series.measure,
        "site": series.site,
        "sets": len(view.sets),
        "n": found.n,
        **ratio_row(whole.log_ratio),
        "reason": found.reason or whole.log_ratio.reason,
        "se": found.se if found.status.has_value else math.nan,
        **sides_row(whole.sides),
        "unit": whole.unit,
        **_change(view),
        **difference_cells(whole.difference),
    }


def _change(view: SeriesView) -> Row:
    if view.change is None:
        return {
            "before": None,
            **dict.fromkeys(("change", "change_low", "change_high", "mdc95"), math.nan),
            "verdict": "",
        }
    moved = change_points(view.change)
    return {
        "before": view.change.day,
        "change": moved.value,
        "change_low": moved.low,
        "change_high": moved.high,
        "mdc95": error_points(view.change),
        "verdict": verdict_word(view.change),
    }
