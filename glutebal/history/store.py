"""The store: sessions in, sessions and series out, over any `Database`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import date
from types import TracebackType
from typing import Self

from glutebal.errors import DuplicateError, InputError, UnknownNameError
from glutebal.history.by_hand import enter, entered, strike
from glutebal.history.database import Database
from glutebal.history.leftovers import forget_unused
from glutebal.history.migrations import prepare
from glutebal.history.reading import read_recordings
from glutebal.history.records import (
    Athlete,
    RecordingRecord,
    SessionNotes,
    SessionRecord,
    SessionSummary,
    SizeMeasurement,
    StrengthTest,
)
from glutebal.history.rollup import cohort_weeks, points, series_summaries, session_summaries
from glutebal.history.rows import chosen, insertion, notes_of, notes_row, understood
from glutebal.history.series import Series, SetPoint
from glutebal.history.summaries import CohortWeek, SeriesSummary
from glutebal.history.writing import Place, counted_on, write_recordings

__all__ = ["CohortWeek", "SeriesSummary", "SessionSummary", "Store"]

_NOTES = ("pain", "sleep_h", "fatigue", "first_side", "setup", "notes")
_SESSION = ("athlete_id", "day", "label", *_NOTES)
_SAY = ", ".join(f"{name} = ?" for name in _NOTES)
_LISTED = 20  # sessions that an error names


class Store:
    """A history over an open database; a context manager that closes it.

    Every change is one transaction: after an error, or a crash, it is there whole or not at all.

    Parameters
    ----------
    database : Database
        Its tables are created when it is empty, brought up to date when they are of an older version.

    Raises
    ------
    HistoryFormatError
        The tables are of a newer version, or of another program.
    """

    def __init__(self, database: Database) -> None:
        self._db = database
        prepare(database)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def place(self) -> str:
        """Where it is, for people: a path, or a URL without its password."""
        return self._db.place

    def together(self, *, write: bool = True) -> AbstractContextManager[None]:
        """All changes inside are kept whole or not at all; with ``write=False`` all is read as of one moment."""
        return self._db.transaction(write=write)

    def fingerprints(self) -> frozenset[str]:
        """Of every recording in the history."""
        return frozenset(text for (text,) in self._db.execute("SELECT fingerprint FROM recording"))

    def close(self) -> None:
        """Close the database; twice is harmless."""
        self._db.close()

    def add(self, session: SessionRecord) -> int:
        """Keep a session; its number.

        A session of the same athlete, day and label is joined: the recordings are appended, their sets counted on,
        and notes that say something replace what was said. An athlete who is not there yet is added.

        Raises
        ------
        DuplicateError
            One of the recordings is in the history already; nothing is stored.
        """
        return self.add_all([session])[0]

    def add_all(self, sessions: Iterable[SessionRecord]) -> tuple[int, ...]:
        """Keep many sessions, all or none: much faster than one by one. Their numbers, in order; errors as in `add`."""
        with self._db.transaction():
            return tuple(self._add(session) for session in sessions)

    def _add(self, session: SessionRecord) -> int:
        self._refuse_duplicates(session)
        athlete = self._athlete_id(session.athlete)
        there = self._db.execute(
            f"SELECT id, {', '.join(_NOTES)} FROM session WHERE athlete_id = ? AND day = ? AND label = ?",  # noqa: S608
            (athlete, session.day.isoformat(), session.label),
        )
        if there:
            key, *said = there[0]
            self._say(key, _renewed(notes_of(said), session.notes))
        else:
            row = (athlete, session.day.isoformat(), session.label, *notes_row(session.notes))
            key = self._db.execute(insertion("session", _SESSION) + " RETURNING id", row)[0][0]
        self._append(int(key), athlete, session.day, session.recordings)
        return int(key)

    def _append(self, key: int, athlete: int, day: date, recordings: Sequence[RecordingRecord]) -> None:
        held, last = self._db.execute(
            "SELECT COUNT(DISTINCT r.id), COALESCE(MAX(s.number), 0) FROM recording r"
            " LEFT JOIN exercise_set s ON s.recording_id = r.id WHERE r.session_id = ?",
            (key,),
        )[0]
        write_recordings(self._db, Place(key, athlete, day), counted_on(recordings, int(last)), int(held))

    def _refuse_duplicates(self, session: SessionRecord) -> None:
        prints = [recording.fingerprint for recording in session.recordings]
        sources = {recording.fingerprint: recording.source for recording in session.recordings}
        if len(sources) < len(prints):
            twice = next(p for p in prints if prints.count(p) > 1)
            raise DuplicateError("recordings that differ", "the same one twice", sources[twice], "add it once")
        found = chosen(
            self._db,
            "SELECT r.fingerprint, c.id, c.day, c.label, a.pseudonym FROM recording r JOIN session c ON c.id ="
            " r.session_id JOIN athlete a ON a.id = c.athlete_id WHERE r.fingerprint IN (?)",
            prints,
        )
        for fingerprint, key, day, label, athlete in found:
            where = _session_text(key, athlete, day, label)
            advice = "delete that session first, if it is to be replaced"
            raise DuplicateError(
                "a recording that is not in the history", f"it in {where}", sources[fingerprint], advice
            )

    def athletes(self) -> tuple[Athlete, ...]:
        """Everyone in the history, by pseudonym."""
        rows = self._db.execute("SELECT pseudonym, notes FROM athlete ORDER BY pseudonym")
        return tuple(Athlete(*row) for row in rows)

    def set_athlete(self, athlete: Athlete) -> None:
        """Add an athlete, or replace what is noted about them."""
        if not athlete.pseudonym.strip():
            raise InputError("a pseudonym", repr(athlete.pseudonym), "athlete")
        sql = (
            "INSERT INTO athlete (pseudonym, notes) VALUES (?, ?)"
            " ON CONFLICT (pseudonym) DO UPDATE SET notes = excluded.notes"
        )
        with self._db.transaction():
            self._db.execute(sql, (athlete.pseudonym, athlete.notes))

    def sessions(self, athlete: str | None = None) -> tuple[SessionSummary, ...]:
        """Every session in a line, of one athlete or of all, by athlete and day."""
        self._require_athlete(athlete)
        with self._db.transaction(write=False), understood(self.place):
            return session_summaries(self._db, athlete)

    def session(self, id: int) -> SessionRecord:  # noqa: A002 - the word of the field
        """Everything that was added, with the session's number.

        Raises
        ------
        InputError
            No session has this number; the message lists some that there are.
        """
        with self._db.transaction(write=False):
            head = self._db.execute(
                "SELECT a.pseudonym, c.day, c.label, c.pain, c.sleep_h, c.fatigue, c.first_side, c.setup, c.notes"
                " FROM session c JOIN athlete a ON a.id = c.athlete_id WHERE c.id = ?",
                (id,),
            )
            if not head:
                raise self._no_session(id)
            athlete, day, label, *notes = head[0]
            with understood(self.place):
                recordings = read_recordings(self._db, id)
                return SessionRecord(athlete, date.fromisoformat(day), recordings, label, notes_of(notes), id)

    def edit(self, id: int, notes: SessionNotes) -> None:  # noqa: A002
        """Replace what is said about a session; what is not given is not said any more."""
        with self._db.transaction():
            if not self._say(id, notes):
                raise self._no_session(id)

    def delete_session(self, id: int) -> None:  # noqa: A002
        """Take a session out, with its recordings; the athlete stays."""
        with self._db.transaction():
            if not self._db.execute("DELETE FROM session WHERE id = ? RETURNING id", (id,)):
                raise self._no_session(id)

    def delete_athlete(self, pseudonym: str) -> int:
        """Take an athlete out with everything of theirs, and its bytes off the disk; how many sessions went."""
        with self._db.transaction():
            key = self._require_athlete(pseudonym)
            count = self._db.execute("SELECT COUNT(*) FROM session WHERE athlete_id = ?", (key,))[0][0]
            self._db.execute("DELETE FROM athlete WHERE id = ?", (key,))
            forget_unused(self._db)
        self._db.scrub()
        return int(count)

    def add_size(self, m: SizeMeasurement) -> int:
        """Keep a size measurement; its number. An athlete who is not there yet is added."""
        return self._enter(m)

    def sizes(self, athlete: str) -> tuple[SizeMeasurement, ...]:
        """The size measurements of an athlete, by day."""
        self._require_athlete(athlete)
        return entered(self._db, SizeMeasurement, athlete)

    def delete_size(self, id: int) -> None:  # noqa: A002
        """Take one size measurement out."""
        with self._db.transaction():
            strike(self._db, SizeMeasurement, id)

    def add_strength(self, t: StrengthTest) -> int:
        """Keep a strength test; its number. An athlete who is not there yet is added."""
        return self._enter(t)

    def strength_tests(self, athlete: str) -> tuple[StrengthTest, ...]:
        """The strength tests of an athlete, by day."""
        self._require_athlete(athlete)
        return entered(self._db, StrengthTest, athlete)

    def delete_strength(self, id: int) -> None:  # noqa: A002
        """Take one strength test out."""
        with self._db.transaction():
            strike(self._db, StrengthTest, id)

    def series(self, athlete: str | None = None) -> tuple[SeriesSummary, ...]:
        """Every series of an athlete, or of all, with the number of its sessions."""
        self._require_athlete(athlete)
        return series_summaries(self._db, athlete)

    def points(self, series: Series) -> tuple[SetPoint, ...]:
        """The sets of a series by day, session and set number; empty when there are none."""
        self._require_athlete(series.athlete)
        with self._db.transaction(write=False), understood(self.place):
            return points(self._db, series)

    def weekly(self, exercise: str, measure: str, site: str) -> tuple[CohortWeek, ...]:
        """Mean λ of every athlete in every week that has a value, by athlete and week."""
        return cohort_weeks(self._db, (exercise, measure, site))

    def _enter(self, entry: SizeMeasurement | StrengthTest) -> int:
        with self._db.transaction():
            return enter(self._db, self._athlete_id(entry.athlete), entry)

    def _say(self, key: int, notes: SessionNotes) -> bool:
        return bool(self._db.execute(f"UPDATE session SET {_SAY} WHERE id = ? RETURNING id", (*notes_row(notes), key)))  # noqa: S608

    def _athlete_id(self, pseudonym: str) -> int:
        found = self._db.execute("SELECT id FROM athlete WHERE pseudonym = ?", (pseudonym,))
        if not found:
            if not pseudonym.strip():
                raise InputError("a pseudonym", repr(pseudonym), "athlete", 'athlete="A-01"')
            sql = "INSERT INTO athlete (pseudonym, notes) VALUES (?, '') RETURNING id"
            found = self._db.execute(sql, (pseudonym,))
        return int(found[0][0])

    def _require_athlete(self, pseudonym: str | None) -> int | None:
        if pseudonym is None:
            return None
        found = self._db.execute("SELECT id FROM athlete WHERE pseudonym = ?", (pseudonym,))
        if not found:
            names = [athlete.pseudonym for athlete in self.athletes()]
            raise UnknownNameError.among("athlete", pseudonym, names, self.place)
        return int(found[0][0])

    def _no_session(self, key: int) -> InputError:
        rows = self._db.execute(
            "SELECT c.id, a.pseudonym, c.day, c.label FROM session c JOIN athlete a ON a.id = c.athlete_id"
            " ORDER BY c.day DESC, c.id DESC LIMIT ?",
            (_LISTED,),
        )
        listed = "; ".join(_session_text(*row).removeprefix("session ") for row in rows) or "none"
        return InputError("the number of a session", str(key), self.place, f"one of the latest: {listed}")


def _renewed(before: SessionNotes, given: SessionNotes) -> SessionNotes:
    """What is given replaces what was there; what is not given stays."""
    pairs = zip(notes_row(before), notes_row(given), strict=True)
    return notes_of([new if new not in {None, ""} else old for old, new in pairs])


def _session_text(key: int, athlete: str, day: str, label: str) -> str:
    return f"session {key} ({athlete}, {day}{f', {label}' if label else ''})"
