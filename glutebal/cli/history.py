"""Sessions over time: ``glutebal history add``, ``list``, ``show``, ``edit``, ``delete``."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from glutebal.cli.exercises import chosen_exercise, own_exercises_option
from glutebal.cli.group import main, one_line_errors
from glutebal.cli.place import database_option, opened
from glutebal.errors import InputError

if TYPE_CHECKING:
    from glutebal.analysis.history import History
    from glutebal.analysis.result import Result
    from glutebal.coach.exercises import Exercise
    from glutebal.history.records import SessionNotes, SessionRecord
    from glutebal.model import Recording
    from glutebal.report.page import Page

SAID = ("pain", "sleep", "fatigue", "first-side", "setup", "note")
_FIELD = {"sleep": "sleep_h", "first-side": "first_side", "note": "text"}

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
report_option = click.option(
    "--report", "report_file", type=click.Path(path_type=Path), help="Write the page to this .html or .pdf file."
)


@main.group()
def history() -> None:
    """Keep sessions, and look at them again."""


def _said_options(command: Callable[..., None]) -> Any:
    """The options for what a person says about a session, handed on as one ``said`` mapping."""

    @click.option("--pain", type=click.FloatRange(0, 10), help="0 to 10.")
    @click.option("--sleep", type=click.FloatRange(0, 24), help="Hours of the night before.")
    @click.option("--fatigue", type=click.FloatRange(0, 10), help="0 to 10.")
    @click.option("--first-side", type=click.Choice(["left", "right"]), help="Which side worked first.")
    @click.option("--setup", help="How the sensors were put on; another text breaks the trend.")
    @click.option("--note", help="Anything else.")
    @functools.wraps(command)
    def gathered(*args: Any, **options: Any) -> None:
        names = [name.replace("-", "_") for name in SAID]
        said = {_field(name): options.pop(name) for name in names}
        command(*args, said={name: value for name, value in said.items() if value is not None}, **options)

    return gathered


def _field(name: str) -> str:
    """What an option's name is called in `SessionNotes`."""
    return _FIELD.get(name.replace("_", "-"), name.replace("-", "_"))


def _noted(notes: SessionNotes, said: dict[str, Any], clear: Sequence[str] = ()) -> SessionNotes:
    from glutebal.history.records import SessionNotes as Notes
    from glutebal.model import Side

    side = {"first_side": Side(said["first_side"])} if "first_side" in said else {}
    empty = {f.name: getattr(Notes(), f.name) for f in fields(Notes) if f.name in {_field(name) for name in clear}}
    return replace(notes, **empty, **{**said, **side})


@history.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--to", "place", metavar="PATH_OR_URL", help="The same as --db.")
@database_option
@click.option("--athlete", help="A pseudonym; without it the recording's own subject.")
@click.option("--exercise", help="A name from `glutebal exercises`.")
@own_exercises_option("--exercises")
@click.option("--map", "map_file", type=click.Path(path_type=Path), help="TOML column map: which column is what.")
@click.option(
    "--reference", type=click.Path(path_type=Path), multiple=True, help="Reference contractions; may be repeated."
)
@click.option("--day", help="As in 2025-10-04; without it the day on which the recording started.")
@click.option("--label", default="", help='Tells two sessions of a day apart: "evening".')
@_said_options
@one_line_errors
def add(
    files: tuple[Path, ...],
    place: str | None,
    athlete: str | None,
    exercise: str | None,
    own: Path | None,
    map_file: Path | None,
    reference: tuple[Path, ...],
    day: str | None,
    label: str,
    said: dict[str, Any],
) -> None:
    """Analyse recordings and keep them: one session per day, all of them or none."""
    from glutebal.history.records import SessionNotes

    recordings = _read(files, map_file)
    groups = [recordings] if day else _by_day(recordings)
    _require_one_day(groups, said, reference)
    notes = _noted(SessionNotes(), said)
    chosen = chosen_exercise(exercise, own)
    results = [[_analysed(recording, chosen, reference) for recording in group] for group in groups]
    records = [_record(group, athlete, day, label, notes, chosen.name if chosen else None) for group in results]
    with opened(place, new=True) as there:
        for number, record in zip(there.store.add_all(records), records, strict=True):
            click.echo(_kept(number, record))


def _require_one_day(groups: Sequence[object], said: dict[str, Any], reference: tuple[Path, ...]) -> None:
    if len(groups) > 1 and (said or reference):
        needed = "recordings of one day for what is said about it and for its reference contractions"
        raise InputError(needed, f"{len(groups)} days", "history add", "one command per day")


def _read(files: Iterable[Path], map_file: Path | None) -> list[Recording]:
    from glutebal.ingest.read import read

    return [read(file, map=map_file) for file in files]


def _by_day(recordings: Iterable[Recording]) -> list[list[Recording]]:
    """The recordings of each day together; those without a start time are a group of their own."""
    groups: dict[date | None, list[Recording]] = {}
    for recording in recordings:
        groups.setdefault(recording.started.date() if recording.started else None, []).append(recording)
    return list(groups.values())


def _analysed(recording: Recording, exercise: Exercise | None, reference: tuple[Path, ...]) -> Result:
    from glutebal.analysis.analyse import analyse

    return analyse(recording, exercise, reference or None)


def _record(
    results: Sequence[Result],
    athlete: str | None,
    day: str | None,
    label: str,
    notes: SessionNotes,
    exercise: str | None,
) -> SessionRecord:
    from glutebal.analysis.record_of import session_of

    return session_of(*results, athlete=athlete, day=day, label=label, notes=notes, exercise=exercise)


def _kept(number: int, record: SessionRecord) -> str:
    sets = sum(len(recording.sets) for recording in record.recordings)
    label = f", {record.label}" if record.label else ""
    return f"kept as session {number}: {record.athlete}, {record.day.isoformat()}{label}, {sets} set{'s' * (sets != 1)}"


@history.command("list")
@click.argument("athlete", required=False)
@database_option
@click.option("--sizes", is_flag=True, help="Size measurements instead of sessions.")
@click.option("--strength", is_flag=True, help="Strength tests instead of sessions.")
@json_option
@one_line_errors
def list_(athlete: str | None, place: str | None, sizes: bool, strength: bool, as_json: bool) -> None:
    """List the sessions, of one person or of all, or what was entered by hand."""
    if sizes and strength:
        raise click.UsageError("--sizes and --strength exclude each other")
    with opened(place) as there:
        table = there.sizes(athlete) if sizes else there.strength(athlete) if strength else there.sessions(athlete)
        if as_json:
            from glutebal.report.tables.season import as_records

            click.echo(as_records(table))
        elif sizes or strength:
            click.echo(
                table.to_string(index=False, float_format="{:.4g}".format)
                if len(table)
                else f"no entry in {there.place}",
                err=table.empty,
            )
        else:
            _list_sessions(there, athlete)


def _list_sessions(there: History, athlete: str | None) -> None:
    from glutebal.report.history_listing import sessions_block

    text = sessions_block(there.store.sessions(athlete))
    click.echo(text or f"no session in {there.place}", err=not text)


@history.command()
@click.argument("session", type=int, required=False)
@click.option("--athlete", help="Whose latest session, when no number is given.")
@database_option
@report_option
@json_option
@one_line_errors
def show(session: int | None, athlete: str | None, place: str | None, report_file: Path | None, as_json: bool) -> None:
    """Show one session: its sets, its answers, and what changed since the one before. Without a number: the latest."""
    with opened(place) as there:
        found = there.session(session, athlete)
    if report_file:
        from glutebal.report.session import session_page

        save_page(session_page(found.view), report_file)
    click.echo(found.to_json() if as_json else str(found))


def save_page(page: Page, target: Path) -> None:
    """Write a page and say where it is."""
    click.echo(f"The page is at {page.save(target).resolve()}", err=True)


@history.command()
@click.argument("session", type=int)
@database_option
@_said_options
@click.option("--clear", multiple=True, type=click.Choice(SAID), help="Take this out of what is said; may be repeated.")
@one_line_errors
def edit(session: int, place: str | None, said: dict[str, Any], clear: tuple[str, ...]) -> None:
    """Change what is said about a session; what is not named stays."""
    from glutebal.report.history_listing import notes_told

    with opened(place) as there:
        notes = _noted(there.store.session(session).notes, said, clear)
        there.edit(session, notes)
    click.echo(f"session {session}: {notes_told(notes) or 'nothing is said about it'}")


@history.command()
@click.argument("session", type=int, required=False)
@database_option
@click.option("--athlete", help="A person, with everything of theirs.")
@click.option("--size", type=int, help="A size measurement, by its id.")
@click.option("--strength", type=int, help="A strength test, by its id.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@one_line_errors
def delete(
    session: int | None, place: str | None, athlete: str | None, size: int | None, strength: int | None, yes: bool
) -> None:
    """Delete a session, a person, or an entry; it cannot be undone."""
    given = {"session": session, "athlete": athlete, "size measurement": size, "strength test": strength}
    named = [(kind, value) for kind, value in given.items() if value is not None]
    if len(named) != 1:
        raise click.UsageError("name one thing to delete: a session's number, --athlete, --size or --strength")
    kind, value = named[0]
    with opened(place) as there:
        told = _what_goes(there, kind, value)
        if not yes:
            click.confirm(f"Delete {told}?", abort=True)
        _delete(there, kind, value)
    click.echo(f"deleted {told}")


def _what_goes(there: History, kind: str, value: Any) -> str:
    if kind == "athlete":
        count = len(there.store.sessions(value))
        return f"{value} with {count} session{'s' * (count != 1)} and everything entered by hand"
    if kind == "session":
        record = there.store.session(value)
        return f"session {value} of {record.athlete}, {record.day.isoformat()}"
    return f"{kind} {value}"


def _delete(there: History, kind: str, value: Any) -> None:
    ways: dict[str, Callable[[Any], object]] = {
        "athlete": there.store.delete_athlete,
        "session": there.store.delete_session,
        "size measurement": there.store.delete_size,
        "strength test": there.store.delete_strength,
    }
    ways[kind](value)
