"""Commands that work on files: ``glutebal demo``, ``analyse``, ``info``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import log
from pathlib import Path
from typing import TYPE_CHECKING

import click

from glutebal.cli.exercises import chosen_exercise, own_exercises_option
from glutebal.cli.group import main, one_line_errors

if TYPE_CHECKING:
    from glutebal.analysis.result import Result
    from glutebal.testing.plans import Truth

DEMO_PAGE = "glutebal-demo.html"


@contextmanager
def _steps(*names: str) -> Iterator[Callable[[], None]]:
    """A progress bar on stderr that names the step under way; silent when stderr is not a terminal."""
    from tqdm.auto import tqdm

    with tqdm(
        total=len(names), disable=None, leave=False, file=sys.stderr, bar_format="{desc} {bar} {n}/{total}"
    ) as bar:
        left = iter(names)
        bar.set_description_str(next(left))

        def done() -> None:
            bar.update()
            bar.set_description_str(next(left, "done"))

        yield done


@main.command()
@click.option(
    "--out", "folder", type=click.Path(file_okay=False, path_type=Path), default=Path(), help="Folder for the page."
)
@click.option("--seed", type=int, default=36, show_default=True, help="Another simulated person.")
@click.option("--season", is_flag=True, help="Twelve weeks of sessions instead of one set; takes about 20 s.")
@click.option("--motion", is_flag=True, help="Squats with inertial sensors on pelvis, thighs and shanks instead.")
@one_line_errors
def demo(folder: Path, seed: int, season: bool, motion: bool) -> None:
    """Simulate a set of hip thrusts whose truth is known, analyse it, write the page."""
    if season and motion:
        raise click.UsageError("--season and --motion exclude each other")
    folder.mkdir(parents=True, exist_ok=True)
    if season:
        from glutebal.cli.season import season_demo

        season_demo(folder, seed)
    elif motion:
        from glutebal.cli.motion import motion_demo

        motion_demo(folder, seed)
    else:
        _one_set(folder, seed)


def _one_set(folder: Path, seed: int) -> None:
    from glutebal.analysis.analyse import analyse
    from glutebal.report import report
    from glutebal.testing.simulate import demo_set

    target = folder / DEMO_PAGE
    with _steps("simulating", "analysing", "drawing") as done:
        recording, reference, truth = demo_set(seed)
        done()
        result = analyse(recording, reference=reference)
        done()
        report(result).save(target)
        done()
    click.echo(str(result))
    click.echo()
    click.echo(_truth_beside(result, truth))
    click.echo(f"\nThe page is at {target.resolve()}")


def _truth_beside(result: Result, truth: Truth) -> str:
    """What the simulation put in, line by line beside what was found."""
    from glutebal.balance.estimate import as_imbalance
    from glutebal.balance.ratio import imbalance

    found = {(b.site, b.measure): as_imbalance(b.log_ratio) for b in result.analysis.balances}
    asked = [(m.site, "activation", m.imbalance) for m in truth.plan.muscles]
    if truth.plan.force is not None:
        asked.append((truth.plan.force.site, "impulse", imbalance(log(truth.plan.force.ratio))))
    reps = len(result.analysis.segmentation.reps)
    lines = [
        "The truth of this simulated set, and what was found:",
        f"  {'repetitions':<28} {len(truth.reps):>6}   {reps}",
    ]
    for site, measure, true in asked:
        d = found[site, measure]
        lines.append(f"  {f'{site} {measure}':<28} {true:>+6.1f}   {d.value:+.1f} ({d.low:+.1f} to {d.high:+.1f})")
    return "\n".join(lines)


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--exercise", help="A name from `glutebal exercises`.")
@own_exercises_option("--exercises")
@click.option("--map", "map_file", type=click.Path(path_type=Path), help="TOML column map: which column is what.")
@click.option(
    "--reference", type=click.Path(path_type=Path), multiple=True, help="Reference contractions; may be repeated."
)
@click.option(
    "--calibration",
    type=click.Path(path_type=Path),
    help="How the inertial sensors sit: from `glutebal calibrate`, or the recording of it.",
)
@click.option(
    "--report",
    "report_file",
    type=click.Path(path_type=Path),
    help="Write the page to this file: .html, or .pdf (extra pdf).",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
@click.option("--csv", "as_csv", is_flag=True, help="Print the per-rep table as CSV instead of text.")
@one_line_errors
def analyse(
    file: Path,
    exercise: str | None,
    own: Path | None,
    map_file: Path | None,
    reference: tuple[Path, ...],
    calibration: Path | None,
    report_file: Path | None,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Analyse one recording: quality, repetitions, left/right balance."""
    from glutebal.analysis.analyse import analyse as run
    from glutebal.ingest.read import read

    if as_json and as_csv:
        raise click.UsageError("--json and --csv exclude each other")
    with _steps("reading", "analysing", "drawing") as done:
        recording = read(file, map=map_file)
        done()
        chosen = chosen_exercise(exercise or recording.exercise, own)
        result = run(recording, chosen, reference or None, calibration=calibration)
        done()
        if report_file:
            _save_page(result, report_file)
        done()
    click.echo(
        result.to_json() if as_json else result.reps.to_csv(index=False) if as_csv else str(result), nl=not as_csv
    )
    if report_file:
        click.echo(f"The page is at {report_file.resolve()}", err=as_json or as_csv)


def _save_page(result: Result, target: Path) -> None:
    from glutebal.report import report

    report(result).save(target)


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--map", "map_file", type=click.Path(path_type=Path), help="TOML column map: which column is what.")
@one_line_errors
def info(file: Path, map_file: Path | None) -> None:
    """Say what a recording holds: channels, sides, rates, gaps, quality."""
    from glutebal.ingest.read import read
    from glutebal.report.listing import recording_block
    from glutebal.signal.quality import assess

    recording = read(file, map=map_file)
    click.echo(recording_block(recording, assess(recording)))
