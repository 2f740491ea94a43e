"""From one history into another, record by record: the order depends on nothing but the records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from glutebal.errors import DuplicateError
from glutebal.history.records import Athlete, SessionNotes, SessionRecord, SizeMeasurement, StrengthTest
from glutebal.history.store import Store

Entry = TypeVar("Entry", SizeMeasurement, StrengthTest)
Reading = Callable[[], AbstractContextManager[None]]
Name = tuple[str, date, str]
WHAT = {SizeMeasurement: "size measurement", StrengthTest: "strength test"}


@dataclass(frozen=True)
class Imported:
    """What came in: sessions that are new or grew, their recordings, hand entries, and what was there already.

    ``skipped`` counts recordings and hand entries.
    """

    sessions: int = 0
    recordings: int = 0
    skipped: int = 0
    sizes: int = 0
    strength_tests: int = 0

    def __add__(self, other: Imported) -> Imported:
        return Imported(
            self.sessions + other.sessions,
            self.recordings + other.recordings,
            self.skipped + other.skipped,
            self.sizes + other.sizes,
            self.strength_tests + other.strength_tests,
        )


def copy(
    source: Store,
    target: Store,
    athlete: str | None = None,
    *,
    skip_existing: bool = False,
    reading: Reading = nullcontext,
) -> Imported:
    """Add everything of ``source``, or of one athlete in it, to ``target``; inside the caller's transaction.

    Parameters
    ----------
    source, target : Store
        What ``target`` says of an athlete or a session stays; what it does not say is taken over.
    athlete : str, optional
        Everyone when left out.
    skip_existing : bool
        Leave out what is there instead of refusing.
    reading : callable
        Makes the context in which the source is read: what an error there means.

    Raises
    ------
    DuplicateError
        A recording or a hand entry is there already.
    UnknownNameError
        No such athlete.
    """
    with reading():
        summaries = sorted(source.sessions(athlete), key=lambda s: s.id)
        people = [a for a in source.athletes() if athlete in {None, a.pseudonym}]
    _introduce(people, target)
    there = target.fingerprints() if skip_existing else frozenset()
    said = {(s.athlete, s.day, s.label): s.notes for s in target.sessions()}
    done = Imported()
    for summary in summaries:
        with reading():
            record = source.session(summary.id)
        done += _add(record, target, there, said)
    for person in people:
        done += _enter(person, source, target, skip_existing, reading)
    return done


def _introduce(people: Iterable[Athlete], target: Store) -> None:
    noted = {a.pseudonym: a.notes for a in target.athletes()}
    for person in people:
        if not noted.get(person.pseudonym):
            target.set_athlete(person)


def _add(record: SessionRecord, target: Store, there: frozenset[str], said: dict[Name, SessionNotes]) -> Imported:
    new = tuple(r for r in record.recordings if r.fingerprint not in there)
    skipped = len(record.recordings) - len(new)
    if skipped and not new:
        return Imported(skipped=skipped)
    notes = _unsaid(record.notes, said.get((record.athlete, record.day, record.label)))
    target.add(replace(record, recordings=new, notes=notes))
    return Imported(1, len(new), skipped)


def _unsaid(given: SessionNotes, said: SessionNotes | None) -> SessionNotes:
    """Of what is given, what was not said yet."""
    if said is None:
        return given
    return replace(given, **{name: kept for name, kept in vars(said).items() if kept not in {None, ""}})


def _enter(person: Athlete, source: Store, target: Store, skip_existing: bool, reading: Reading) -> Imported:
    name = person.pseudonym
    with reading():
        sizes, tests = source.sizes(name), source.strength_tests(name)
    new_sizes = list(_new(sizes, target.sizes(name), skip_existing))
    new_tests = list(_new(tests, target.strength_tests(name), skip_existing))
    for size in new_sizes:
        target.add_size(size)
    for test in new_tests:
        target.add_strength(test)
    skipped = len(sizes) + len(tests) - len(new_sizes) - len(new_tests)
    return Imported(skipped=skipped, sizes=len(new_sizes), strength_tests=len(new_tests))


def _new(entries: Iterable[Entry], there: Iterable[Entry], skip_existing: bool) -> Iterator[Entry]:
    """Entries that are not there; two equal ones are two measurements."""
    counts = Counter(replace(entry, id=0) for entry in there)
    for entry in entries:
        plain = replace(entry, id=0)
        if counts[plain] == 0:
            yield plain
        elif skip_existing:
            counts[plain] -= 1
        else:
            what = WHAT[type(entry)]
            found = f"the one of {entry.athlete} on {entry.day}"
            raise DuplicateError(f"a {what} that is not in the history", found, "", "to skip what is there")
