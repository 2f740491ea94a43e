"""What goes in and out of a history besides sessions: ``glutebal history export``, ``import``, ``add-size`` ..."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import click

from glutebal.cli.group import one_line_errors
from glutebal.cli.history import history
from glutebal.cli.place import database_option, opened


@history.command()
@click.argument("target", type=click.Path(path_type=Path))
@database_option
@click.option("--athlete", help="Only this person's.")
@one_line_errors
def export(target: Path, place: str | None, athlete: str | None) -> None:
    """Write everything, or everything of one person, to TARGET: .json, .zip, .csv or .parquet (folders)."""
    with opened(place) as there:
        click.echo(f"The export is at {there.export(target, athlete).resolve()}")


@history.command("import")
@click.argument("source", type=click.Path(path_type=Path))
@database_option
@click.option("--skip-existing", is_flag=True, help="Leave out what is here already.")
@one_line_errors
def import_(source: Path, place: str | None, skip_existing: bool) -> None:
    """Add what `glutebal history export` wrote, all of it or nothing."""
    with opened(place, new=True) as there:
        came = there.import_(source, skip_existing=skip_existing)
    entries = came.sizes + came.strength_tests
    click.echo(
        f"imported: sessions {came.sessions}, recordings {came.recordings}, entries by hand {entries}; "
        f"here already: {came.skipped}"
    )


def _entry_options(command: Callable[..., None]) -> Any:
    """The options of every entry by hand, handed on as one ``entry`` mapping."""

    @database_option
    @click.option("--athlete", required=True, help="A pseudonym.")
    @click.option("--day", help="As in 2025-10-04; today by default.")
    @click.option("--unit", required=True, help="Of the values and the error: mm, cm2, kg, N ...")
    @click.option("--left", type=float, required=True, help="Left side.")
    @click.option("--right", type=float, required=True, help="Right side.")
    @click.option("--error", type=float, required=True, help="Standard error of one side's value.")
    @click.option("--instrument", default="", help="What it was measured with.")
    @click.option("--note", default="", help="Anything else.")
    @functools.wraps(command)
    def gathered(*args: Any, **options: Any) -> None:
        from glutebal.model import Bilateral

        entry = {name: options.pop(name) for name in ("athlete", "unit", "error", "instrument")}
        entry["text"] = options.pop("note")
        entry["day"] = _day(options.pop("day"))
        entry["sides"] = Bilateral(options.pop("left"), options.pop("right"))
        command(*args, entry=entry, **options)

    return gathered


def _day(text: str | None) -> date:
    try:
        return date.fromisoformat(text) if text else date.today()
    except ValueError:
        raise click.BadParameter("a day as in 2025-10-04", param_hint="--day") from None


@history.command("add-size")
@_entry_options
@click.option("--site", required=True, help="What was measured: gluteus_maximus, thigh ...")
@click.option("--method", required=True, help="ultrasound, mri or dxa.")
@one_line_errors
def add_size(place: str | None, site: str, method: str, entry: dict[str, Any]) -> None:
    """Enter the size of a muscle or limb per side, with the error of the instrument."""
    from glutebal.history.records import SizeMeasurement

    measurement = SizeMeasurement(site=site, method=method, **entry)
    with opened(place, new=True) as there:
        click.echo(f"kept as size measurement {there.add_size(measurement)}: {measurement.athlete}, {measurement.day}")


@history.command("add-strength")
@_entry_options
@click.option("--test", required=True, help="Which test: single_leg_press_1rm, hip_extension_mvc ...")
@one_line_errors
def add_strength(place: str | None, test: str, entry: dict[str, Any]) -> None:
    """Enter a strength test: the best value of each side, with its standard error."""
    from glutebal.history.records import StrengthTest

    made = StrengthTest(test=test, **entry)
    with opened(place, new=True) as there:
        click.echo(f"kept as strength test {there.add_strength(made)}: {made.athlete}, {made.day}")
