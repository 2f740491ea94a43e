"""Questions about many sessions, answered from the sets' rollup: no rep is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from glutebal.history.database import Database, Row
from glutebal.history.records import SessionSummary
from glutebal.history.rows import Said, estimates, notes_of, optional_estimate, remarks, unknown
from glutebal.history.schema import DIFFERENCE, estimate_columns
from glutebal.history.series import Series, SetPoint
from glutebal.history.summaries import CohortWeek, SeriesSummary
from glutebal.history.weeks import monday_of
from glutebal.model import Bilateral, Quantity

_ESTIMATES = ("log_ratio", "left_side", "right_side")
_HEAD = 11  # columns before the estimates
_CELLS = ", ".join(f"t.{name}" for name in estimate_columns(*_ESTIMATES, DIFFERENCE))
_SERIES = "a.pseudonym = ? AND e.exercise = ? AND e.measure = ? AND e.site = ?"

_POINTS = f"""
SELECT t.session_id, t.day, c.label, c.setup, s.number, s.load_kg, t.quantity, t.unit, t.shared_se,
       t.left_device, t.right_device, {_CELLS}
FROM series e JOIN athlete a ON a.id = e.athlete_id JOIN set_balance t ON t.series_id = e.id
JOIN exercise_set s ON s.id = t.exercise_set_id JOIN session c ON c.id = t.session_id
WHERE {_SERIES} ORDER BY t.day, t.session_id, s.number, t.exercise_set_id, t.balance
"""  # noqa: S608 - own names

_SUMMARIES = """
SELECT c.id, a.pseudonym, c.day, c.label, c.pain, c.sleep_h, c.fatigue, c.first_side, c.setup, c.notes,
       COUNT(DISTINCT r.id), COUNT(s.id), COALESCE(SUM(s.reps), 0)
FROM session c JOIN athlete a ON a.id = c.athlete_id LEFT JOIN recording r ON r.session_id = c.id
LEFT JOIN exercise_set s ON s.recording_id = r.id {where}
GROUP BY c.id, a.pseudonym, c.day, c.label, c.pain, c.sleep_h, c.fatigue, c.first_side, c.setup, c.notes
ORDER BY a.pseudonym, c.day, c.id
"""

_EXERCISES = """
SELECT r.session_id, s.exercise FROM exercise_set s JOIN recording r ON r.id = s.recording_id
JOIN session c ON c.id = r.session_id JOIN athlete a ON a.id = c.athlete_id {where}
ORDER BY r.session_id, r.position, s.position
"""

_ALL_SERIES = """
SELECT a.pseudonym, e.exercise, e.measure, e.site, COUNT(DISTINCT t.session_id),
       COUNT(DISTINCT CASE WHEN COALESCE(t.log_ratio, t.difference) IS NOT NULL THEN t.session_id END),
       MIN(t.day), MAX(t.day),
       MIN(t.quantity), MAX(t.quantity), COUNT(t.difference_remark)
FROM series e JOIN athlete a ON a.id = e.athlete_id JOIN set_balance t ON t.series_id = e.id {where}
GROUP BY a.pseudonym, e.exercise, e.measure, e.site ORDER BY a.pseudonym, e.exercise, e.site, e.measure
"""

_WEEKLY = """
SELECT a.pseudonym, t.week, AVG(t.log_ratio), COUNT(t.log_ratio), COUNT(DISTINCT t.session_id)
FROM series e JOIN athlete a ON a.id = e.athlete_id JOIN set_balance t ON t.series_id = e.id
WHERE e.exercise = ? AND e.measure = ? AND e.site = ? AND t.log_ratio IS NOT NULL
GROUP BY a.pseudonym, t.week ORDER BY a.pseudonym, t.week
"""


def points(database: Database, series: Series) -> tuple[SetPoint, ...]:
    """Every set of one series by day, session and set number."""
    names = (series.athlete, series.exercise, series.measure, series.site)
    rows = database.execute(_POINTS, names)
    said = remarks(database, {cell for row in rows for cell in row[_HEAD + 5 :: 6]})
    days = {text: date.fromisoformat(text) for text in {row[1] for row in rows}}
    devices = {pair: Bilateral(*pair) for pair in {row[9:11] for row in rows}}
    return tuple(_point(series, row, days[row[1]], devices[row[9:11]], said) for row in rows)


def _point(series: Series, row: Row, day: date, devices: Bilateral[str], said: Mapping[int, Said]) -> SetPoint:
    session, _, label, setup, number, load_kg, quantity, unit, shared_se = row[:9]
    log_ratio, left, right = estimates(row[_HEAD:-6], said)
    return SetPoint(
        series,
        session,
        day,
        label,
        setup,
        devices,
        number,
        load_kg,
        Quantity[quantity],
        unit,
        log_ratio,
        Bilateral(left, right),
        unknown(shared_se),
        optional_estimate(row[-6:], said),
    )


def session_summaries(database: Database, athlete: str | None) -> tuple[SessionSummary, ...]:
    """Sessions by athlete and day."""
    where, parameters = _of_athlete(athlete)
    exercises: dict[int, dict[str, None]] = {}
    for session, exercise in database.execute(_EXERCISES.format(where=where), parameters):
        exercises.setdefault(session, {})[exercise] = None
    rows = database.execute(_SUMMARIES.format(where=where), parameters)
    return tuple(_summary(row, tuple(exercises.get(row[0], ()))) for row in rows)


def _summary(row: Row, exercises: tuple[str, ...]) -> SessionSummary:
    key, athlete, day, label = row[:4]
    recordings, sets, reps = map(int, row[10:])
    return SessionSummary(
        key, athlete, date.fromisoformat(day), label, notes_of(row[4:10]), recordings, sets, reps, exercises
    )


def series_summaries(database: Database, athlete: str | None) -> tuple[SeriesSummary, ...]:
    """Series by athlete, exercise, site and measure."""
    where, parameters = _of_athlete(athlete)
    return tuple(_series(row) for row in database.execute(_ALL_SERIES.format(where=where), parameters))


def _series(row: Row) -> SeriesSummary:
    first, last, quantity = date.fromisoformat(row[6]), date.fromisoformat(row[7]), Quantity[row[9]]
    return SeriesSummary(Series(*row[:4]), quantity, int(row[4]), int(row[5]), first, last, int(row[10]))


def cohort_weeks(database: Database, names: Sequence[str]) -> tuple[CohortWeek, ...]:
    """Weeks of every athlete, by athlete and week."""
    rows = database.execute(_WEEKLY, names)
    return tuple(
        CohortWeek(athlete, monday_of(week), float(mean), sets, sessions)
        for athlete, week, mean, sets, sessions in rows
    )


def _of_athlete(athlete: str | None) -> tuple[str, tuple[str, ...]]:
    return ("", ()) if athlete is None else ("WHERE a.pseudonym = ?", (athlete,))
