"""What a history holds, as text: one line per person and series, one line per session."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from glutebal.history.records import SessionNotes, SessionSummary
from glutebal.history.summaries import SeriesSummary
from glutebal.report.reading import title


def history_block(place: str, sessions: Sequence[SessionSummary], series: Sequence[SeriesSummary]) -> str:
    """The whole history in a block: where it is, who is in it, and what can be followed.

    Parameters
    ----------
    place : str
        Where the database is.
    sessions, series
        Of everyone.
    """
    names = list(dict.fromkeys(session.athlete for session in sessions))
    head = f"history at {place}: {_counted(len(names), 'person', 'people')}, {_counted(len(sessions), 'session')}"
    blocks = [_person(name, sessions, series) for name in names]
    return "\n".join([head, *(line for block in blocks for line in block)])


def _person(name: str, sessions: Sequence[SessionSummary], series: Sequence[SeriesSummary]) -> list[str]:
    own = [session for session in sessions if session.athlete == name]
    days = [session.day.isoformat() for session in own]
    exercises = list(dict.fromkeys(s.series.exercise for s in series if s.series.athlete == name))
    lines = [f"{name}: {_counted(len(own), 'session')}, {min(days)} to {max(days)}"]
    for exercise in exercises:
        measured = [s for s in series if (s.series.athlete, s.series.exercise) == (name, exercise)]
        sites = list(dict.fromkeys(title(s.series.site) for s in measured))
        count = max(s.sessions for s in measured)
        lines.append(f"  {title(exercise)}: {', '.join(sites)}; {_counted(count, 'session')}")
    return lines


def sessions_block(sessions: Iterable[SessionSummary]) -> str:
    """One line per session, with its number; empty without any."""
    rows = [_session_cells(session) for session in sessions]
    if not rows:
        return ""
    rows = [HEAD, *rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows)


HEAD = ("session", "athlete", "day", "label", "sets", "reps", "exercises", "notes")


def _session_cells(session: SessionSummary) -> tuple[str, ...]:
    return (
        str(session.id),
        session.athlete,
        session.day.isoformat(),
        session.label,
        str(session.sets),
        str(session.reps),
        ", ".join(session.exercises),
        notes_told(session.notes),
    )


def notes_told(notes: SessionNotes) -> str:
    """What was said of a session, in a few words; nothing for what was not."""
    numbers = (("pain", notes.pain, "/10"), ("sleep", notes.sleep_h, " h"), ("fatigue", notes.fatigue, "/10"))
    said = [f"{name} {value:g}{unit}" for name, value, unit in numbers if value is not None]
    said += [f"{notes.first_side.value} side first"] if notes.first_side else []
    said += [f"setup: {notes.setup}"] if notes.setup else []
    return "; ".join([*said, *([notes.text] if notes.text else [])])


def as_html(text: str) -> str:
    """Plain text as it is, for a notebook."""
    return f'<pre style="white-space:pre-wrap">{escape(text)}</pre>'


def _counted(n: int, one: str, many: str = "") -> str:
    return f"{n} {one if n == 1 else many or one + 's'}"
