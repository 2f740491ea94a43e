"""The rows of the progress page's tables, as text ready to be read; what nobody said is "not said", never 0."""

from __future__ import annotations

import math

from glutebal.balance.trend import SessionLevel
from glutebal.history.progress import Progress, SessionMark
from glutebal.history.records import SessionNotes
from glutebal.model import Side
from glutebal.report.cells import side_amount
from glutebal.report.reading import STATUS_WORDS, capital, significant
from glutebal.report.season_reading import day_told, is_present, number_of, present, rows_of, series_title
from glutebal.report.season_scale import course, scale_of, sureness
from glutebal.results import Status

NOT_SAID = "not said"


def session_rows(progress: Progress) -> list[dict[str, str]]:
    """Every session of a series, the newest first."""
    return [_session_row(progress, mark, level) for mark, level in reversed(rows_of(progress))]


def _session_row(progress: Progress, mark: SessionMark, level: SessionLevel | None) -> dict[str, str]:
    scale = scale_of(progress)
    return {
        "day": day_told(mark.day),
        "label": mark.label,
        "imbalance": scale.cell(level.observed) if level else "",
        "level": scale.cell(level.smoothed) if level else "",
        **{side.value: _side(mark, side, progress) for side in Side},
        "done": f"{number_of(mark.sets, 'set')}, {number_of(mark.reps, 'rep')}",
        "load": f"{significant(mark.load_kg)} kg" if mark.load_kg is not None else NOT_SAID,
        "remark": _remark(progress, mark, level),
        "said": said(mark.notes),
        "text": mark.notes.text,
    }


def _side(mark: SessionMark, side: Side, progress: Progress) -> str:
    return "–" if progress.is_midline else side_amount(mark.sides[side], progress.unit)


def _remark(progress: Progress, mark: SessionMark, level: SessionLevel | None) -> str:
    if level is None:
        return f"no answer: {mark.reason or STATUS_WORDS[mark.status]}"
    parts = ["far from the others, counted less"] if level.outlier else []
    if not is_present(progress.trend, level):
        parts.append("earlier setup, not compared")
    elif progress.trend.setup_changes and level is present(progress.trend)[0]:
        parts.append(f"new setup: {level.setup}" if level.setup else "new setup")
    return "; ".join(parts) if parts else STATUS_WORDS[Status.OK]


def said(notes: SessionNotes) -> str:
    """What a person said about a session, item by item; "nothing said" when that is so."""
    if notes == SessionNotes(text=notes.text):
        return "" if notes.text else "nothing said"
    scales = (("pain", notes.pain, "/10"), ("sleep", notes.sleep_h, " h"), ("fatigue", notes.fatigue, "/10"))
    parts = [f"{name} {NOT_SAID if value is None else f'{value:g}{unit}'}" for name, value, unit in scales]
    first = notes.first_side.value if notes.first_side else NOT_SAID
    setup = [f"setup {notes.setup}"] if notes.setup else []
    return ", ".join([*parts, f"first side {first}", *setup])


def series_row(progress: Progress) -> dict[str, str]:
    """One series in the table of them all."""
    trend, scale = progress.trend, scale_of(progress)
    known = math.isfinite(trend.level.value)
    return {
        "name": series_title(progress),
        "imbalance": scale.cell(trend.level) if known else "unknown",
        "p_right": sureness(trend, scale),
        "course": capital(course(trend, scale)),
        "sessions": str(len(present(trend))),
        "reason": trend.reason,
    }
