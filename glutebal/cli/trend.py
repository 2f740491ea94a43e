"""What the sessions of a person say together: ``glutebal trend``."""

from __future__ import annotations

from pathlib import Path

import click

from glutebal.cli.group import main, one_line_errors
from glutebal.cli.history import json_option, report_option, save_page
from glutebal.cli.place import database_option, opened


@main.command()
@click.argument("athlete", required=False)
@database_option
@click.option("--exercise", help="As in `glutebal history list`; without it the one with the most sessions.")
@click.option("--measure", help="mean_force, activation ...; without it force before EMG.")
@click.option("--site", help="Without it the gluteus maximus first.")
@report_option
@json_option
@one_line_errors
def trend(
    athlete: str | None,
    place: str | None,
    exercise: str | None,
    measure: str | None,
    site: str | None,
    report_file: Path | None,
    as_json: bool,
) -> None:
    """Say how the balance of ATHLETE runs over the sessions, and whether it changes."""
    with opened(place) as there:
        found = there.trend(exercise, site, measure, athlete=athlete)
    if report_file:
        from glutebal.report.progress import progress_page

        save_page(progress_page(found.progress), report_file)
    click.echo(found.to_json() if as_json else str(found))
