"""What a session says in plain words: one headline, what changed, one block for a terminal.

One series is told, chosen by what it is; the others are in the tables. A change is told with its range and beside the
measurement error, because two sessions differ even when nothing has changed.
"""

from __future__ import annotations

from collections.abc import Iterable

from glutebal.balance.difference import answer_of
from glutebal.history.records import RecordingRecord, SessionNotes
from glutebal.history.session_view import SeriesView, SessionView
from glutebal.model import Quantity, TimeAlignment
from glutebal.report import differences
from glutebal.report.choice import has_answer, precedence, weight
from glutebal.report.reading import (
    ADVICE,
    SIGN,
    STATUS_WORDS,
    aligned,
    as_imbalance,
    capital,
    counted,
    fixed,
    has_interval,
    is_clear,
    larger_side,
    name_of,
    points,
    reason,
    span,
    title,
)
from glutebal.report.season_reading import day_told, ends_told, number_of, points_of_change, side_of, towards
from glutebal.report.session_change import change_told
from glutebal.report.words import bound_told, caveat, difference_told, hanging, quality_summary
from glutebal.results import Estimate, Grade, Laterality, SetBalance, Status

NOT_SAID = "not said"


def main_series(view: SessionView) -> SeriesView | None:
    """The one series that may be a headline: `choice.primary` over the session's own answers."""
    return min(view.series, key=lambda series: precedence(series.whole), default=None)


def session_headline(view: SessionView) -> str:
    """The one statement of a session, in words for the person who was measured.

    Parameters
    ----------
    view : SessionView

    Returns
    -------
    str
        A sentence or two with number, range and count of sets and reps; or that there is none, and why.
    """
    main = main_series(view)
    if main is None:
        return "No set with a left/right pair is in this session, so there is nothing to compare."
    if main.whole.difference is not None:
        return differences.sentence(main.whole, main.laterality, _sets_told(main))
    ratio = main.whole.log_ratio
    if ratio.status is Status.CENSORED:
        return bound_told(main.whole)
    if not has_answer(ratio):
        advice = ADVICE.get(ratio.status, "")
        told = f"No left/right answer for {name_of(main.whole)}: {reason(ratio)}."
        return f"{told} To try: {advice}." if advice else told
    return _told(main) if has_interval(ratio) else _without_range(main)


def _told(main: SeriesView) -> str:
    if is_clear(main.whole.log_ratio):
        return f"Over {_sets_told(main)}, {difference_told(main.whole, main.laterality)}. {_caveat(main)}"
    d = as_imbalance(main.whole.log_ratio)
    shown = f"{larger_side(d.value)} {fixed(d.value)} ({span(d)}) points, {counted(d.n, main.laterality)}"
    return f"No side difference in {name_of(main.whole)} can be told from {_sets_told(main)}: {shown}."


def _caveat(main: SeriesView) -> str:
    emg = main.whole.quantity is Quantity.EMG
    return caveat(main.whole) if emg else "Differences between the sides are common in healthy people."


def _without_range(main: SeriesView) -> str:
    d = as_imbalance(main.whole.log_ratio)
    side = larger_side(d.value)
    shown = "even" if side == "even" else f"{fixed(abs(d.value))} points larger on the {side}"
    told = f"{capital(name_of(main.whole))} read {shown} over {_sets_told(main)}, {counted(d.n, main.laterality)}"
    told = f"{told}; {d.reason}, so no side difference can be told from the session."
    alone = [one.balance.log_ratio for one in main.sets if has_interval(one.balance.log_ratio)]
    return f"{told} The set itself read {points(alone[0])} points." if usable_sets(main) == len(alone) == 1 else told


def _sets_told(series: SeriesView) -> str:
    exercise = title(series.series.exercise)
    return f"{number_of(usable_sets(series), 'set')} of {exercise}" if exercise else f"{usable_sets(series)} sets"


def usable_sets(series: SeriesView) -> int:
    """How many sets stand behind the session's answer."""
    return sum(has_answer(answer_of(one.balance)) for one in series.sets)


def drift_over_sets(series: SeriesView) -> str:
    """How the balance moved from set to set, when there is a slope to tell."""
    drift = series.whole.drift
    if series.whole.difference is not None:
        return differences.drift_told(series.whole, "set")
    if not drift.status.has_value:
        return ""
    d = points_of_change(drift, series.whole.log_ratio.value)
    side = side_of(d.value)
    facing = towards(d, side)
    shown = f"95 % range {ends_told(facing, side)}" if has_interval(d) else f"no range: {drift.reason}"
    return f"{fixed(facing.value)} points per set toward the {side.value} ({shown})"


def notes_told(notes: SessionNotes) -> list[tuple[str, str]]:
    """What was said about the session; what was not said is not 0."""
    return [
        ("pain", _rating(notes.pain)),
        ("fatigue", _rating(notes.fatigue)),
        ("sleep", NOT_SAID if notes.sleep_h is None else f"{notes.sleep_h:g} h"),
        ("first side", notes.first_side.value if notes.first_side else NOT_SAID),
        ("setup of the sensors", notes.setup or NOT_SAID),
    ]


def _rating(value: float | None) -> str:
    return NOT_SAID if value is None else f"{value:g} of 10"


def alignment_told(alignment: TimeAlignment | None) -> str:
    """How well the two sensors share one time."""
    if alignment is None:
        return "not stated; both sides came in one recording"
    if alignment.uncertainty_s == float("inf"):
        return f"{alignment.method}; not established, so differences in time between the sides cannot be told"
    taken_out, within = (f"{fixed(1000 * s)} ms" for s in (alignment.offset_s, alignment.uncertainty_s))
    return f"{alignment.method}; {taken_out} were taken out, the rest is at most {within}"


def session_title(view: SessionView) -> str:
    """The day with its label: "Session of 4 Oct 2026, evening"."""
    label = f", {view.record.label}" if view.record.label else ""
    return f"Session of {day_told(view.record.day)}{label}"


def set_name(index: int, load_kg: float | None) -> str:
    """A set as it is called: "Set 2, 80 kg"."""
    return f"Set {index}" if load_kg is None else f"Set {index}, {load_kg:g} kg"


def session_block(view: SessionView) -> str:
    """The whole session as text for ``print``: headline, what changed, one line per measure, channels, warnings.

    Parameters
    ----------
    view : SessionView

    Returns
    -------
    str
        Lines of about 100 characters; the numbers are points of the imbalance index, positive = right larger.
    """
    main = main_series(view)
    parts = [
        [f"{session_title(view)}: {view.record.athlete}, {counts_told(view)}"],
        hanging("", session_headline(view), indent=""),
        hanging("what changed: ", change_told(main)) if main else [],
        *(_exercise_lines(series) for series in by_exercise(view.series).values()),
        _notes_lines(view.record.notes),
        _footnotes(view.record.recordings),
    ]
    return "\n\n".join("\n".join(lines) for lines in parts if lines)


def by_exercise(series: Iterable[SeriesView]) -> dict[str, list[SeriesView]]:
    """The series of each exercise, in the order they were done; how much before how long."""
    found: dict[str, list[SeriesView]] = {}
    for one in series:
        found.setdefault(one.series.exercise, []).append(one)
    return {name: sorted(group, key=lambda s: weight(s.whole)) for name, group in found.items()}


def counts_told(view: SessionView) -> str:
    """How much was done: "2 recordings, 4 sets, 38 reps"."""
    recordings = view.record.recordings
    sets = [one for recording in recordings for one in recording.sets]
    reps = sum(max((len(b.reps) for b in one.balances), default=0) for one in sets)
    cyclic = sets and all(one.laterality is Laterality.CYCLIC for one in sets)
    many = counted(reps, Laterality.CYCLIC if cyclic else Laterality.BILATERAL)
    return f"{number_of(len(recordings), 'recording')}, {number_of(len(sets), 'set')}, {many}"


def _exercise_lines(group: list[SeriesView]) -> list[str]:
    shown = [series for series in group if has_answer(answer_of(series.whole))]
    exercise = title(group[0].series.exercise)
    ratios = [s for s in shown if s.whole.difference is None]
    others = [s for s in shown if s.whole.difference is not None]
    lines = aligned([_cells(series) for series in ratios]) if ratios else []
    head = f"{exercise}: imbalance index in points, 95 % range over the sets; {SIGN}"
    if others:
        lines += [""] if lines else []
        lines += hanging(f"{exercise}, differences: ", f"{differences.CAPTION} over the sets")
        lines += aligned([_cells(series) for series in others])
    silent = [series for series in group if not has_answer(answer_of(series.whole))]
    for why in dict.fromkeys(reason(answer_of(series.whole)) for series in silent):
        names = ", ".join(name_of(s.whole) for s in silent if reason(answer_of(s.whole)) == why)
        lines += hanging(f"no answer: {why}: ", names)
    return [head, *lines] if len(ratios) + len(silent) or not others else lines


def _cells(series: SeriesView) -> tuple[str, ...]:
    found = answer_of(series.whole)
    ranged = has_interval(found)
    sets = ", ".join(_set_cell(one.balance, brief=ranged) for one in series.sets)
    status = differences.floor_told(series.whole) if series.whole.difference is not None else ""
    return (
        series.series.site,
        series.series.measure,
        differences.told(series.whole),
        counted(found.n, series.laterality),
        f"sets: {sets}",
        status or status_word(found),
    )


def _set_cell(balance: SetBalance, *, brief: bool) -> str:
    """One set's balance; with its range when the session has none."""
    if not has_answer(answer_of(balance)):
        return "–"
    if brief and balance.difference is not None:
        return differences.signed(balance.difference, balance.unit)
    told = differences.told(balance, brief=True)
    return told.partition(" (")[0] if brief else told


def status_word(session: Estimate) -> str:
    """The status of a session's answer: what is too few are sets, not reps."""
    too_few = session.status is Status.TOO_FEW and has_answer(session)
    return "too few sets" if too_few else STATUS_WORDS[session.status]


def _notes_lines(notes: SessionNotes) -> list[str]:
    said = [f"{name} {told}" for name, told in notes_told(notes) if told != NOT_SAID]
    lines = hanging("said: ", ", ".join(said)) if said else []
    return lines + (hanging("notes: ", notes.text) if notes.text else [])


def _footnotes(recordings: Iterable[RecordingRecord]) -> list[str]:
    lines = []
    for recording in recordings:
        lines += hanging("", f"{recording.source}: {quality_summary(recording.quality)}") if recording.quality else []
        doubtful = (q for q in recording.quality if q.grade is not Grade.GOOD)
        for quality in doubtful:
            lines += hanging(f"{quality.grade.value}: {quality.channel.name}: ", quality.reason)
        for warning in recording.warnings:
            lines += hanging("warning: ", warning)
    return lines
