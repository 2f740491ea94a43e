"""`History`: sessions kept, read back as tables, judged as trends.

::

    Result ──add──▶ database ──sessions, sets, reps──▶ tables
                       └────────trend──▶ ProgressResult ──report──▶ progress page
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from glutebal.analysis.choice import canonical, chosen
from glutebal.analysis.progress import ProgressResult
from glutebal.analysis.record_of import Day, session_of
from glutebal.analysis.result import Result
from glutebal.analysis.session import SessionResult, session_result
from glutebal.balance.trend import TrendSettings
from glutebal.errors import InputError, UnknownNameError
from glutebal.history.assumed import is_followed
from glutebal.history.place import open_store
from glutebal.history.progress import AthleteProgress, progress
from glutebal.history.records import SessionNotes, SizeMeasurement, StrengthTest
from glutebal.results import Analysis

if TYPE_CHECKING:
    import pandas as pd

    from glutebal.history.portable import Imported
    from glutebal.history.store import Store


class History:
    """The sessions of one or more people, kept in a database; a context manager that closes it.

    Parameters
    ----------
    place : path or URL
        A file, made when it is not there, or ``postgresql://user:password@host/database`` (extra ``server``).

    Raises
    ------
    HistoryFormatError
        The file is no history, is damaged, or was written by a newer version.
    HistoryError
        It cannot be opened.

    Examples
    --------
    >>> import glutebal as gb
    >>> result = gb.analyse(gb.read(), exercise="hip_thrust")
    >>> with gb.History("training.db") as history:
    ...     session = history.add(result, athlete="A-01", day="2025-10-04")
    ...     history.sessions()["exercises"].item()
    'hip_thrust'
    """

    def __init__(self, place: str | os.PathLike[str]) -> None:
        self._store = open_store(place)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the database; twice is harmless."""
        self._store.close()

    @property
    def store(self) -> Store:
        """The store behind it, which speaks in records instead of tables."""
        return self._store

    @property
    def place(self) -> str:
        """Where it is, for people: a path, or a URL without its password."""
        return self._store.place

    def add(
        self,
        *results: Result | Analysis,
        athlete: str | None = None,
        day: Day | None = None,
        label: str = "",
        notes: SessionNotes | None = None,
        exercise: str | None = None,
    ) -> int:
        """Keep the results of one session, all or none; its number.

        A session that is there already on that day, under that label, is joined.

        Parameters
        ----------
        *results : Result or Analysis
            Of the recordings of one person on one day.
        athlete : str, optional
            A pseudonym; without it the recordings' own subject.
        day : date or str, optional
            As in 2025-10-04; without it the day on which the recordings started.
        label : str
            Tells two sessions of a day apart: "evening".
        notes : SessionNotes, optional
            Pain, sleep, fatigue, which side first, setup.
        exercise : str, optional
            For results whose exercise is not known.

        Raises
        ------
        InputError
            Nothing was given, or it is not known who, when or which exercise.
        DuplicateError
            One of the recordings is in the history already; nothing is stored.
        """
        return self._store.add(
            session_of(*results, athlete=athlete, day=day, label=label, notes=notes, exercise=exercise)
        )

    def session(self, id: int | None = None, athlete: str | None = None) -> SessionResult:  # noqa: A002
        """One stored session, with what changed since the one before.

        Parameters
        ----------
        id : int, optional
            Its number, from `sessions`; without it the latest.
        athlete : str, optional
            Whose latest; needed when there are several people.
        """
        if id is None:
            id = self._latest(self._one(athlete))  # noqa: A001
        return session_result(self._store, id)

    def trend(
        self,
        exercise: str | None = None,
        site: str | None = None,
        measure: str | None = None,
        *,
        athlete: str | None = None,
        settings: TrendSettings | None = None,
    ) -> ProgressResult:
        """How the balance of one person runs over the sessions, and whether it changes.

        Parts that are not named are chosen, and the result says so: the exercise with the most sessions, in it force
        before EMG before differences (right minus left in degrees, cm or s), the gluteus maximus before other sites.

        Parameters
        ----------
        exercise, site, measure : str, optional
            As in the columns of `sets`.
        athlete : str, optional
            A pseudonym; needed when there are several people.
        settings : TrendSettings, optional
            Assumptions about the main series; without it those of its quantity.

        Raises
        ------
        UnknownNameError
            Something named is not there; the message lists what is.
        InputError
            The history is empty, or holds several people and none is named; or the settings are in another unit than
            the series.
        """
        who = self._one(athlete)
        choice = chosen(self._store.series(who), canonical(exercise), site, measure, f"history of {who}")
        summaries = self._store.sessions(who)
        main = progress(self._store.points(choice.main), summaries, settings)
        beside = (self._store.points(series) for series in choice.others)
        others = tuple(progress(points, summaries) for points in beside if is_followed(points))
        by_hand = (self._store.sizes(who), self._store.strength_tests(who))
        return ProgressResult(AthleteProgress(who, main, others, *by_hand, choice.note))

    def athletes(self) -> pd.DataFrame:
        """One row per person: pseudonym, number of sessions, first and last day."""
        from glutebal.report.tables.season import athletes_table

        return athletes_table(self._store.athletes(), self._store.sessions())

    def sessions(self, athlete: str | None = None) -> pd.DataFrame:
        """One row per session: number, who, day, what was done, what was said."""
        from glutebal.report.tables.season import sessions_table

        return sessions_table(self._store.sessions(athlete))

    def sets(self, athlete: str | None = None) -> pd.DataFrame:
        """One row per set, measure and site; positive = right larger; NaN and a status where there is no ratio."""
        from glutebal.report.tables.season import sets_table

        known = self._store.series(athlete)
        return sets_table(point for summary in known for point in self._store.points(summary.series))

    def reps(self, athlete: str | None = None) -> pd.DataFrame:
        """One row per rep, measure and site, of every session; positive = right larger."""
        from glutebal.report.tables.season import history_reps_table

        return history_reps_table(self._store.session(s.id) for s in self._store.sessions(athlete))

    def sizes(self, athlete: str | None = None) -> pd.DataFrame:
        """One row per measurement of size that was entered."""
        from glutebal.report.tables.season import sizes_table

        return sizes_table(m for who in self._people(athlete) for m in self._store.sizes(who))

    def strength(self, athlete: str | None = None) -> pd.DataFrame:
        """One row per strength test that was entered."""
        from glutebal.report.tables.season import strength_table

        return strength_table(t for who in self._people(athlete) for t in self._store.strength_tests(who))

    def weekly(self, exercise: str, measure: str, site: str) -> pd.DataFrame:
        """One row per person and week, of everyone: mean λ of the sets, number of sets and sessions."""
        from glutebal.report.tables.season import weekly_table

        return weekly_table(self._store.weekly(canonical(exercise) or exercise, measure, site))

    def add_size(self, measurement: SizeMeasurement) -> int:
        """Keep a size that was measured elsewhere; its number."""
        return self._store.add_size(measurement)

    def add_strength(self, test: StrengthTest) -> int:
        """Keep the result of a strength test; its number."""
        return self._store.add_strength(test)

    def edit(self, id: int, notes: SessionNotes) -> None:  # noqa: A002
        """Replace what is said about a session; what is not given is not said any more."""
        self._store.edit(id, notes)

    def delete_session(self, id: int) -> None:  # noqa: A002
        """Take a session out; the person stays."""
        self._store.delete_session(id)

    def delete_athlete(self, athlete: str) -> int:
        """Take a person out with everything of theirs; how many sessions went."""
        return self._store.delete_athlete(athlete)

    def export(self, target: str | os.PathLike[str], athlete: str | None = None) -> Path:
        """Write everything, or everything of one person; where it is.

        Parameters
        ----------
        target : path
            ``.json`` is one file, ``.zip`` one file of CSV tables, ``.csv`` a folder of them, ``.parquet`` a folder of
            Parquet tables (extra ``parquet``).
        athlete : str, optional
            Only this person's.

        Raises
        ------
        UnknownNameError
            No such person, or an ending that means nothing.
        HistoryError
            It cannot be written there.
        """
        from glutebal.history.portable import export

        return export(self._store, target, athlete=athlete)

    def import_(self, source: str | os.PathLike[str], *, skip_existing: bool = False) -> Imported:
        """Add what `export` wrote, all or none; how much came in.

        Raises
        ------
        DuplicateError
            A recording is here already, and ``skip_existing`` is not set; nothing is stored.
        HistoryFormatError
            It is no export, is damaged, or was written by a newer version.
        """
        from glutebal.history.portable import import_

        return import_(self._store, source, skip_existing)

    def __str__(self) -> str:
        from glutebal.report.history_listing import history_block

        return history_block(self.place, self._store.sessions(), self._store.series())

    def _repr_html_(self) -> str:
        from glutebal.report.history_listing import as_html

        return as_html(str(self))

    def _one(self, athlete: str | None) -> str:
        """Whose history it is: the one named, or the only one."""
        names = [a.pseudonym for a in self._store.athletes()]
        if athlete is not None and athlete not in names:
            raise UnknownNameError.among("athlete", athlete, names, self.place)
        if athlete is None and len(names) != 1:
            found = f"{len(names)}: {', '.join(names)}" if names else "nobody"
            raise InputError(
                "one athlete", found, self.place, f'athlete="{names[0]}"' if names else "glutebal history add"
            )
        return athlete or names[0]

    def _people(self, athlete: str | None) -> Sequence[str]:
        return [self._one(athlete)] if athlete is not None else [a.pseudonym for a in self._store.athletes()]

    def _latest(self, athlete: str) -> int:
        summaries = self._store.sessions(athlete)
        if not summaries:
            raise InputError("a session", "none", f"history of {athlete}", "History.add")
        return max(summaries, key=lambda s: (s.day, s.id)).id
