"""Small multiples: every series of a person on the same scale, so that none looks larger than it is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np

from glutebal.history.progress import Progress
from glutebal.report.figures.ink import INK, MUTED, PAPER, in_house_style, shortened
from glutebal.report.figures.season import (
    balanced,
    dated,
    in_points,
    new_setup_mark,
    places,
    segments,
    sheet,
    words_only,
)
from glutebal.report.reading import points
from glutebal.report.season_reading import answered_levels, series_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

HEADING = "All series on one scale"
PICTURED = 8
COLUMNS = 2
ROW_INCH = 1.62


@in_house_style
def multiples_figure(series: Sequence[Progress]) -> Figure:
    """The level of up to eight series over the sessions, two in a row, with the same days and the same points.

    Nothing is coloured: of many series one always moves by chance (science.md §7).

    Parameters
    ----------
    series : sequence of Progress
        Those without any value are left out.

    Returns
    -------
    matplotlib.figure.Figure
        4 inches wide, points of the imbalance index, positive when the right side is larger.
    """
    shown = [progress for progress in series if answered_levels(progress.trend)][:PICTURED]
    if not shown:
        return words_only(HEADING, "no answer: no series has a session with a value")
    rows = -(-len(shown) // COLUMNS)
    figure = sheet(0.62 + ROW_INCH * rows, HEADING)
    panels: Any = figure.subplots(rows, COLUMNS, sharex=True, sharey=True, squeeze=False)
    for axes, progress in zip(panels.flat, shown, strict=False):
        _draw(axes, progress)
    for axes in panels.flat[len(shown) :]:
        axes.set_visible(False)
    _share_scales(panels, shown)
    figure.supylabel("points (+ = right larger)", fontsize=9)
    return figure


def _draw(axes: Axes, progress: Progress) -> None:
    for part in segments(progress.trend):
        x, (y, low, high) = places(part), in_points([session.smoothed for session in part])
        axes.fill_between(x, low, high, color=MUTED, alpha=0.22, linewidth=0, zorder=1)
        axes.plot(x, y, color=INK, linewidth=1.5, zorder=3)
        seen, (value, _, _) = places(part), in_points([session.observed for session in part])
        axes.plot(seen, value, "D", color=MUTED, markersize=2.6, markerfacecolor=PAPER, markeredgewidth=0.8, zorder=2)
    name = fill(shortened(series_title(progress), 46), 25)
    for before, after in pairwise(segments(progress.trend)):
        new_setup_mark(axes, float(places(before)[-1] + places(after)[0]) / 2, "")
    known = math.isfinite(progress.trend.level.value)
    shown = points(progress.trend.level, brief=True) if known else "unknown"
    axes.set_title(f"{name}\n{shown}", loc="left", fontsize=8.5, pad=3)


def _share_scales(panels: Any, shown: Sequence[Progress]) -> None:
    sessions = [session for progress in shown for session in answered_levels(progress.trend)]
    smoothed = in_points([session.smoothed for session in sessions])
    observed = in_points([session.observed for session in sessions])
    ends = np.concatenate([*smoothed, observed[0]])
    for axes in panels.flat:
        balanced(axes, ends, named=False)
    days = [session.day for session in sessions]
    for axes in panels.flat:
        dated(axes, days, narrow=True)
