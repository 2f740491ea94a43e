"""Tables of what a history holds: sessions, sets, reps, and what was entered by hand. Positive means right larger.

``day`` is a pandas time stamp at midnight. What has no answer is NaN (a text: empty), never 0.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from glutebal.balance.difference import answer_of
from glutebal.balance.ratio import imbalance
from glutebal.history.progress import Progress, SetPoint
from glutebal.history.records import (
    Athlete,
    SessionNotes,
    SessionRecord,
    SessionSummary,
    SetRecord,
    SizeMeasurement,
    StrengthTest,
)
from glutebal.history.summaries import CohortWeek
from glutebal.model import Bilateral, Side
from glutebal.report.reading import as_imbalance
from glutebal.report.tables import DIFFERENCE_COLUMNS, difference_cells
from glutebal.results import Estimate, RepBalance, SetBalance, Status

if TYPE_CHECKING:
    from pandas import DataFrame

Row = dict[str, Any]

NOTES_COLUMNS = ("pain", "sleep_h", "fatigue", "first_side", "setup", "text")
SESSIONS_COLUMNS = ("session", "athlete", "day", "label", "exercises", "recordings", "sets", "reps", *NOTES_COLUMNS)
SERIES_COLUMNS = ("athlete", "exercise", "measure", "site")
SETS_COLUMNS = (
    *SERIES_COLUMNS,
    *("session", "day", "label", "set", "load_kg", "n", "log_ratio", "se", "shared_se", "imbalance", "low", "high"),
    *("left", "right", "unit", "quantity", "left_device", "right_device", "setup", "status", "reason"),
    *DIFFERENCE_COLUMNS,
)
HISTORY_REPS_COLUMNS = (
    *SERIES_COLUMNS,
    *("session", "day", "label", "recording", "set", "rep", "start_s", "stop_s", "load_kg", "left", "right", "unit"),
    *("log_ratio", "imbalance", "low", "high", "side", "confidence", "status", "reason"),
    *DIFFERENCE_COLUMNS,
)
SIZES_COLUMNS = (
    *("id", "athlete", "day", "site", "method", "unit", "left", "right", "error"),
    *("log_ratio", "imbalance", "low", "high", "instrument", "text"),
)
STRENGTH_COLUMNS = tuple("test" if name == "site" else name for name in SIZES_COLUMNS if name != "method")
WEEKLY_COLUMNS = ("athlete", "week", "log_ratio", "imbalance", "sets", "sessions")
ATHLETES_COLUMNS = ("athlete", "sessions", "first", "last", "text")


def sessions_table(summaries: Iterable[SessionSummary]) -> DataFrame:
    """One row per session: who, when, how much of it there is, and what was said. Columns `SESSIONS_COLUMNS`."""
    return frame(map(_session_row, summaries), SESSIONS_COLUMNS)


def sets_table(points: Iterable[SetPoint]) -> DataFrame:
    """One row per set, measure and site. Columns `SETS_COLUMNS`.

    ``log_ratio`` and ``se`` are on the scale of λ = ln(R/L), ``shared_se`` is what the sets of a session share
    besides; ``imbalance``, ``low`` and ``high`` are points of the imbalance index.
    """
    return frame(map(_set_row, points), SETS_COLUMNS)


def history_reps_table(sessions: Iterable[SessionRecord]) -> DataFrame:
    """One row per rep, measure and site, of every session. Columns `HISTORY_REPS_COLUMNS`."""
    return frame((row for session in sessions for row in reps_of(session)), HISTORY_REPS_COLUMNS)


def athletes_table(athletes: Iterable[Athlete], summaries: Iterable[SessionSummary]) -> DataFrame:
    """One row per person: number of sessions, first and last day. Columns `ATHLETES_COLUMNS`."""
    known = list(summaries)
    return frame((_athlete_row(a, [s for s in known if s.athlete == a.pseudonym]) for a in athletes), ATHLETES_COLUMNS)


def sizes_table(sizes: Iterable[SizeMeasurement]) -> DataFrame:
    """One row per measurement of size; the interval is that of the instrument's error. Columns `SIZES_COLUMNS`."""
    rows = ({"site": m.site, "method": m.method, **_entered_row(m)} for m in sizes)
    return frame(rows, SIZES_COLUMNS)


def strength_table(tests: Iterable[StrengthTest]) -> DataFrame:
    """One row per strength test; the interval is that of the test's error. Columns `STRENGTH_COLUMNS`."""
    return frame(({"test": t.test, **_entered_row(t)} for t in tests), STRENGTH_COLUMNS)


def weekly_table(weeks: Iterable[CohortWeek]) -> DataFrame:
    """One row per person and week (its Monday): mean λ of the sets that have one. Columns `WEEKLY_COLUMNS`."""
    rows = (
        {
            "athlete": week.athlete,
            "week": week.week,
            "log_ratio": week.log_ratio,
            "imbalance": imbalance(week.log_ratio),
            "sets": week.sets,
            "sessions": week.sessions,
        }
        for week in weeks
    )
    return frame(rows, WEEKLY_COLUMNS)


def as_records(table: DataFrame) -> str:
    """A table as a JSON list of rows; NaN is ``null``, days are ISO 8601."""
    from glutebal.report.tables import without_nan

    days = table.select_dtypes("datetime").columns
    rows = table.assign(**{name: table[name].dt.strftime("%Y-%m-%d") for name in days}).to_dict("records")
    return json.dumps(without_nan(rows), ensure_ascii=False, allow_nan=False, indent=2)


def frame(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> DataFrame:
    """A table with exactly these columns; days as time stamps."""
    import pandas as pd

    made = pd.DataFrame(list(rows), columns=list(columns))
    for name in ("day", "first", "last", "since", "week"):
        if name in made:
            made[name] = pd.to_datetime(made[name])
    return made


def _session_row(summary: SessionSummary) -> Row:
    return {
        "session": summary.id,
        "athlete": summary.athlete,
        "day": summary.day,
        "label": summary.label,
        "exercises": ", ".join(summary.exercises),
        "recordings": summary.recordings,
        "sets": summary.sets,
        "reps": summary.reps,
        **notes_row(summary.notes),
    }


def notes_row(notes: SessionNotes) -> Row:
    """What was said of a session; NaN and empty text for what was not."""
    return {
        "pain": number(notes.pain),
        "sleep_h": number(notes.sleep_h),
        "fatigue": number(notes.fatigue),
        "first_side": notes.first_side.value if notes.first_side else "",
        "setup": notes.setup,
        "text": notes.text,
    }


def _set_row(point: SetPoint) -> Row:
    ratio, found = point.log_ratio, point.difference or point.log_ratio
    return {
        **series_row(point),
        "session": point.session,
        "day": point.day,
        "label": point.label,
        "set": point.set_index,
        "load_kg": number(point.load_kg),
        "n": found.n,
        "se": found.se if found.status.has_value else math.nan,
        "shared_se": point.shared_se,
        **ratio_row(ratio),
        **sides_row(point.sides),
        "unit": point.unit,
        "quantity": point.quantity.title,
        **{f"{side.value}_device": point.devices[side] for side in Side},
        "setup": point.setup,
        **difference_cells(point.difference),
        "reason": found.reason or ratio.reason,
    }


def series_row(part: SetPoint | Progress) -> Row:
    """Which series it is of."""
    series = part.series
    return {
        "athlete": series.athlete,
        "exercise": series.exercise,
        "measure": series.measure,
        "site": series.site,
    }


def ratio_row(ratio: Estimate) -> Row:
    """One λ as log ratio and as points, and whether it may be read."""
    d = as_imbalance(ratio)
    return {
        "log_ratio": ratio.value if ratio.status.has_value else math.nan,
        "imbalance": d.value,
        "low": d.low,
        "high": d.high,
        "status": ratio.status.value,
        "reason": ratio.reason,
    }


def sides_row(sides: Bilateral[Estimate]) -> Row:
    """Both sides' own values; a refused one is NaN."""
    return {side.value: math.nan if sides[side].status is Status.REFUSED else sides[side].value for side in Side}


def reps_of(session: SessionRecord) -> Iterable[Row]:
    """The reps of one session, recording by recording and set by set."""
    for place, recording in enumerate(session.recordings, start=1):
        head = {"session": session.id, "day": session.day, "label": session.label, "recording": place}
        for made in recording.sets:
            for balance in made.balances:
                series = {"athlete": session.athlete, "exercise": made.exercise}
                yield from ({**head, **series, **_rep_row(rep, balance, made)} for rep in balance.reps)


def _rep_row(entry: RepBalance, balance: SetBalance, made: SetRecord) -> Row:
    rep = entry.rep
    return {
        "measure": balance.measure,
        "site": balance.site,
        "set": made.index,
        "rep": rep.index,
        "start_s": rep.start_s,
        "stop_s": rep.stop_s,
        "load_kg": number(made.load_kg),
        **sides_row(entry.sides),
        "unit": entry.unit,
        **ratio_row(entry.log_ratio),
        "side": rep.side.value if rep.side else "both",
        "confidence": rep.confidence,
        **difference_cells(entry.difference),
        "reason": answer_of(entry).reason or entry.log_ratio.reason,
    }


def _athlete_row(athlete: Athlete, sessions: Sequence[SessionSummary]) -> Row:
    days = [s.day for s in sessions]
    return {
        "athlete": athlete.pseudonym,
        "sessions": len(sessions),
        "first": min(days, default=None),
        "last": max(days, default=None),
        "text": athlete.notes,
    }


def _entered_row(entry: SizeMeasurement | StrengthTest) -> Row:
    return {
        "id": entry.id,
        "athlete": entry.athlete,
        "day": entry.day,
        "unit": entry.unit,
        **{side.value: entry.sides[side] for side in Side},
        "error": entry.error,
        **{key: value for key, value in ratio_row(entered_ratio(entry)).items() if key not in {"status", "reason"}},
        "instrument": entry.instrument,
        "text": entry.text,
    }


def entered_ratio(entry: SizeMeasurement | StrengthTest) -> Estimate:
    """Ratio λ of what was entered by hand, with the interval of the instrument's own error."""
    value = math.log(entry.sides.right / entry.sides.left)
    se = math.hypot(*(entry.error / side for side in entry.sides))
    return Estimate(value, value - 1.96 * se, value + 1.96 * se, se, 1, "instrument's error")


def number(value: float | None) -> float:
    """A number that may not have been said."""
    return math.nan if value is None else float(value)
