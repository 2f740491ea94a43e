"""``glutebal demo --season``: twelve simulated weeks, kept, judged, and held against their truth."""

from __future__ import annotations

import sys
from math import tanh
from pathlib import Path
from typing import TYPE_CHECKING

import click

from glutebal.errors import InputError

if TYPE_CHECKING:
    from glutebal.analysis.history import History
    from glutebal.analysis.progress import ProgressResult
    from glutebal.history.progress import Progress
    from glutebal.results import Estimate
    from glutebal.testing.season import Season

DATABASE = "glutebal-season.db"
PAGE = "glutebal-season.html"


def season_demo(folder: Path, seed: int) -> None:
    """Simulate the season, keep it in a new database, write the progress page, print truth beside found."""
    from glutebal.analysis.history import History
    from glutebal.report.progress import progress_page
    from glutebal.testing.season import season

    target = folder / DATABASE
    if target.exists():
        raise InputError(
            "a new file for the simulated season", "one that is there", str(target), "--out another folder"
        )
    made = season(seed=seed)
    try:
        with History(target) as there:
            _kept(made, there)
            found = there.trend()
    except BaseException:  # half a season is no use, and would be in the way of the next
        for file in (target, *(target.with_name(f"{target.name}-{part}") for part in ("wal", "shm"))):
            file.unlink(missing_ok=True)
        raise
    page = progress_page(found.progress).save(folder / PAGE)
    click.echo(str(found))
    click.echo()
    click.echo(truth_beside(made, found))
    click.echo(f"\nThe history is at {target.resolve()}\nThe page is at {page.resolve()}")


def _kept(made: Season, there: History) -> None:
    from tqdm.auto import tqdm

    from glutebal.analysis.season import keep_season

    with tqdm(total=len(made.sessions), disable=None, leave=False, file=sys.stderr, desc="12 weeks") as bar:
        keep_season(made, there, lambda _: bar.update())


def truth_beside(made: Season, found: ProgressResult) -> str:
    """What the simulation put in, line by line beside what was found; points of the imbalance index."""
    from glutebal.balance.trend import as_points

    main = found.progress.main
    trend, last = main.trend, made.sessions[-1]
    since = next(s for s in made.sessions if s.day == trend.since)
    middle = trend.level.value - trend.change.value / 2
    outliers = ", ".join(f"{s.day:%d %b}" for s in trend.sessions if s.outlier) or "none"
    true_outliers = ", ".join(f"{s.day:%d %b}" for s in made.sessions if s.is_outlier) or "none"
    lines = [
        "The truth of this simulated season, and what was found (imbalance index, positive = right larger):",
        _line("force now", _d(last.force), _points(trend.level)),
        _line(
            f"force, change since {since.day:%d %b}", _d(last.force) - _d(since.force), as_points(trend.change, middle)
        ),
        f"  {'session gone wrong':<32} {true_outliers:>6}   {outliers}",
        *_electrodes(made, found),
        *_sides(made, main),
    ]
    return "\n".join(lines)


def _line(name: str, true: float, found: Estimate) -> str:
    return f"  {name:<32} {true:>+6.1f}   {found.value:+.1f} ({found.low:+.1f} to {found.high:+.1f})"


def _d(log_ratio: float) -> float:
    return 100 * tanh(log_ratio / 2)


def _points(log_ratio: Estimate) -> Estimate:
    from glutebal.balance.estimate import as_imbalance

    return as_imbalance(log_ratio)


def _electrodes(made: Season, found: ProgressResult) -> list[str]:
    """Where the EMG series is broken by new electrodes."""
    sites = [p for p in found.progress.others if p.series.site == "gluteus_maximus"]
    devices = [s.devices for s in made.sessions]
    new = [s.day for before, s in zip(devices, made.sessions[1:], strict=False) if s.devices != before]
    told = [f"{d:%d %b}" for p in sites for d in p.trend.setup_changes]
    return [f"  {'new electrodes':<32} {', '.join(f'{d:%d %b}' for d in new):>6}   {', '.join(told) or 'not noticed'}"]


def _sides(made: Season, main: Progress) -> list[str]:
    if main.sides is None:
        return []
    from glutebal.model import Side

    first, last = made.sessions[0].strength_n, made.sessions[-1].strength_n
    return [
        _line(f"{side.value} force since the start, %", 100 * (last[side] / first[side] - 1), main.sides[side].change)
        for side in Side
    ]
