"""The exercises on the command line: ``glutebal exercises``, and the option for a file of one's own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from glutebal.cli.group import main, one_line_errors

if TYPE_CHECKING:
    from glutebal.coach.exercises import Exercise

VARIABLE = "GLUTEBAL_EXERCISES"


def own_exercises_option(*names: str) -> Callable[[Any], Any]:
    """An option for a file or folder of one's own exercises, handed on as ``own``."""
    return click.option(
        *names,
        "own",
        type=click.Path(path_type=Path),
        envvar=VARIABLE,
        help=f"TOML file of your own exercises, or a folder of them.  [env var: {VARIABLE}]",
    )


def chosen_exercise(name: str | None, own: Path | None) -> Exercise | None:
    """The exercise of that name in the catalogue and one's own; None without a name."""
    from glutebal.coach.exercises import exercise

    return exercise(name, own) if name else None


@main.command("exercises")
@click.argument("name", required=False)
@own_exercises_option("--file")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
@one_line_errors
def exercises_(name: str | None, own: Path | None, as_json: bool) -> None:
    """List the exercises that `--exercise` knows, or show the one called NAME in full."""
    from glutebal.coach.exercises import exercises

    chosen = chosen_exercise(name, own)
    if chosen is None:
        click.echo(_list(exercises(own), as_json))
    else:
        click.echo(_in_full(chosen, as_json))


def _list(known: Iterable[Exercise], as_json: bool) -> str:
    rows = [(e.name, e.laterality.value, e.title) for e in known]
    if as_json:
        return json.dumps([dict(zip(("name", "laterality", "title"), row, strict=True)) for row in rows])
    width = max(len(name) for name, _, _ in rows)
    return "\n".join(f"{name:<{width}}  {laterality:<10}  {title}" for name, laterality, title in rows)


def _in_full(chosen: Exercise, as_json: bool) -> str:
    if as_json:
        import msgspec

        return msgspec.json.encode(chosen).decode()
    from glutebal.report.exercise_listing import exercise_block

    return exercise_block(chosen)
