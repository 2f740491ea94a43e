"""From the results of one sitting to the record that a history keeps: who, when, what was done."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time

import numpy as np

from glutebal.analysis.choice import canonical
from glutebal.analysis.motion_view import motion_view
from glutebal.analysis.result import Result
from glutebal.balance.motion_view import AngleCurve, StickPose
from glutebal.errors import InputError
from glutebal.history.records import RecordingRecord, SessionNotes, SessionRecord
from glutebal.history.taken import taken
from glutebal.results import Analysis

Day = date | str


def session_of(
    *results: Result | Analysis,
    athlete: str | None = None,
    day: Day | None = None,
    label: str = "",
    notes: SessionNotes | None = None,
    exercise: str | None = None,
) -> SessionRecord:
    """What `History.add` keeps of the results of one session; arguments and errors as there."""
    if not results:
        raise InputError("a result of analyse", "none", "History.add")
    analyses = [_placed(_analysis(result), day, exercise) for result in results]
    who, when = _one_athlete(analyses, athlete), _one_day(analyses, day)
    recordings = tuple(_with_motion(taken(analysis), analysis) for analysis in analyses)
    return SessionRecord(who, when, recordings, label, notes or SessionNotes())


def _with_motion(record: RecordingRecord, analysis: Analysis) -> RecordingRecord:
    """The record with what the pictures of its movement are drawn from, to 0.01° and 1 mm."""
    if not analysis.angles:
        return record
    view = motion_view(analysis)
    return replace(record, curves=tuple(map(_short, view.curves)), poses=tuple(map(_in_mm, view.poses)))


def _short(curve: AngleCurve) -> AngleCurve:
    short = curve.curves.map(lambda c: replace(c, mean=np.round(c.mean, 2), sd=np.round(c.sd, 2)))
    return replace(curve, curves=short)


def _in_mm(pose: StickPose) -> StickPose:
    places = {joint: (round(x, 3), round(y, 3), round(z, 3)) for joint, (x, y, z) in pose.joints_m.items()}
    return replace(pose, joints_m=places)


def _analysis(result: Result | Analysis) -> Analysis:
    if isinstance(result, Analysis):
        return result
    if isinstance(result, Result):
        return result.analysis
    raise InputError("a result of analyse", type(result).__name__, "History.add", "history.add(gb.analyse(recording))")


def _placed(analysis: Analysis, day: Day | None, exercise: str | None) -> Analysis:
    """The analysis with the exercise and the day that were given, where it has none of its own."""
    recording = analysis.recording
    if recording.started is None and day is not None:
        recording = replace(recording, started=datetime.combine(_as_day(day), time()))
    name = analysis.exercise or (canonical(exercise) if exercise else None)
    return replace(analysis, recording=recording, exercise=name)


def _one_athlete(analyses: Iterable[Analysis], athlete: str | None) -> str:
    if athlete is not None:
        return athlete
    names = {analysis.recording.subject for analysis in analyses}
    if len(names) == 1 and (only := names.pop()):
        return only
    found = " and ".join(sorted(repr(name) if name else "nobody" for name in names)) or "nobody"
    raise InputError(
        "one athlete for the session",
        f"{found} in the recordings",
        "History.add",
        'athlete="A-01", on the command line --athlete A-01',
    )


def _one_day(analyses: Iterable[Analysis], day: Day | None) -> date:
    if day is not None:
        return _as_day(day)
    days = {analysis.recording.started.date() for analysis in analyses if analysis.recording.started is not None}
    if len(days) == 1:
        return days.pop()
    found = " and ".join(sorted(d.isoformat() for d in days)) or "no start time in the recordings"
    raise InputError(
        "one day for the session", found, "History.add", 'day="2025-10-04", on the command line --day 2025-10-04'
    )


def _as_day(day: Day) -> date:
    if isinstance(day, datetime):
        return day.date()
    if isinstance(day, date):
        return day
    try:
        return date.fromisoformat(day)
    except ValueError:
        raise InputError("a day as in 2025-10-04", repr(day), "day") from None
