"""Small multiples: every series of a person on the same scale, so that none looks larger than it is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np

from glutebal.history.progress import Progress
from glutebal.report.differences import axis_unit
from glutebal.report.figures.ink import INK, MUTED, PAPER, in_house_style, shortened
from glutebal.report.figures.season import (
    balanced,
    dated,
    drawn,
    least_of,
    new_setup_mark,
    places,
    segments,
    sheet,
    words_only,
)
from glutebal.report.season_reading import answered_levels, series_title
from glutebal.report.season_scale import scale_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

HEADING = "All series on one scale"
PICTURED = 8
COLUMNS = 2
ROW_INCH = 1.62
UNIT_ROW_INCH = 1.8  # the number over a panel has two lines


@in_house_style
def multiples_figure(series: Sequence[Progress]) -> Figure:
    """The level of up to eight series over the sessions, two in a row, with the same days and the same points.

    Nothing is coloured: of many series one always moves by chance (science.md §7).

    Parameters
    ----------
    series : sequence of Progress
        Of one scale: ratios, or differences in one unit. Those without any value are left out.

    Returns
    -------
    matplotlib.figure.Figure
        4 inches wide, points of the imbalance index (or the unit), positive when the right side is larger.
    """
    shown = [progress for progress in series if answered_levels(progress.trend)][:PICTURED]
    if not shown:
        return words_only(HEADING, "no answer: no series has a session with a value")
    unit = shown[0].trend.settings.unit
    rows = -(-len(shown) // COLUMNS)
    heading, row_inch = (f"{HEADING}, in {axis_unit(unit)}", UNIT_ROW_INCH) if unit else (HEADING, ROW_INCH)
    figure = sheet(0.62 + row_inch * rows, heading)
    panels: Any = figure.subplots(rows, COLUMNS, sharex=True, sharey=True, squeeze=False)
    for axes, progress in zip(panels.flat, shown, strict=False):
        _draw(axes, progress)
    for axes in panels.flat[len(shown) :]:
        axes.set_visible(False)
    _share_scales(panels, shown)
    figure.supylabel(_label(shown) if unit else "points (+ = right larger)", fontsize=9)
    return figure


def _label(shown: Sequence[Progress]) -> str:
    """The unit, and what plus means where it means one thing; the numbers over the panels say it in words."""
    labels = {scale_of(progress).label.removeprefix("difference, ") for progress in shown}
    return labels.pop() if len(labels) == 1 else axis_unit(shown[0].unit)


def _draw(axes: Axes, progress: Progress) -> None:
    scale = scale_of(progress)
    for part in segments(progress.trend):
        x, (y, low, high) = places(part), drawn([session.smoothed for session in part], scale)
        axes.fill_between(x, low, high, color=MUTED, alpha=0.22, linewidth=0, zorder=1)
        axes.plot(x, y, color=INK, linewidth=1.5, zorder=3)
        seen, (value, _, _) = places(part), drawn([session.observed for session in part], scale)
        axes.plot(seen, value, "D", color=MUTED, markersize=2.6, markerfacecolor=PAPER, markeredgewidth=0.8, zorder=2)
    name = fill(shortened(series_title(progress), 46), 25)
    for before, after in pairwise(segments(progress.trend)):
        new_setup_mark(axes, float(places(before)[-1] + places(after)[0]) / 2, "")
    known = math.isfinite(progress.trend.level.value)
    cell = scale.cell(progress.trend.level) if known else "unknown"
    shown = cell.replace(" (", "\n(") if scale.axis else cell
    axes.set_title(f"{name}\n{shown}", loc="left", fontsize=8.5, pad=3)


def _share_scales(panels: Any, shown: Sequence[Progress]) -> None:
    sessions = [session for progress in shown for session in answered_levels(progress.trend)]
    scale = scale_of(shown[0])
    smoothed = drawn([session.smoothed for session in sessions], scale)
    observed = drawn([session.observed for session in sessions], scale)
    ends = np.concatenate([*smoothed, observed[0]])
    for axes in panels.flat:
        balanced(axes, ends, max(map(least_of, shown)), scale, named=False)
    days = [session.day for session in sessions]
    for axes in panels.flat:
        dated(axes, days, narrow=True)
