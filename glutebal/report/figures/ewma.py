"""The control chart: a running average of the sessions and the limits that day-to-day scatter stays within."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from glutebal.balance.trend import EwmaChart
from glutebal.history.progress import Progress
from glutebal.model import Samples
from glutebal.report.figures.ink import INK, MUTED, PAPER, in_house_style
from glutebal.report.figures.season import balanced, dated, drawn, least_of, legend_below, sheet, words_only
from glutebal.report.reading import fixed
from glutebal.report.season_scale import Scale, scale_of
from glutebal.results import Estimate

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

HEADING = "Running average and its limits"


@in_house_style
def ewma_figure(progress: Progress) -> Figure:
    """The exponentially weighted average of the sessions (Roberts 1959) between its control limits.

    Parameters
    ----------
    progress : Progress

    Returns
    -------
    matplotlib.figure.Figure
        4 inches wide, points of the imbalance index or the unit of the series; alerts are crossed squares. Words when
        there is no chart.
    """
    chart = progress.trend.ewma
    if chart is None or not chart.values:
        return words_only(HEADING, "no answer: a control chart needs more sessions")
    figure = sheet(3.0, HEADING)
    axes = figure.add_subplot()
    days = chart.days
    scale = scale_of(progress)
    _draw(axes, chart, np.array([day.toordinal() for day in days], dtype=np.float64), scale, least_of(progress))
    dated(axes, days)
    axes.set_ylabel(scale.label if scale.axis else "points (+ = right larger)")
    legend_below(figure, axes)
    return figure


def _draw(axes: Axes, chart: EwmaChart, x: Samples, scale: Scale, least: float) -> None:
    y, low, high, (centre,) = (
        drawn([Estimate(value) for value in values], scale)[0]
        for values in (chart.values, chart.low, chart.high, (chart.centre,))
    )
    balanced(axes, [*y, *low, *high], least, scale)
    for limit in (low, high):
        axes.step(x, limit, where="mid", color=MUTED, linewidth=1.1, linestyle=(0, (4, 2)))
    axes.plot([], [], color=MUTED, linewidth=1.1, linestyle=(0, (4, 2)), label="limits")
    axes.axhline(
        centre, color=MUTED, linewidth=0.9, label=f"mean of the first sessions, {fixed(centre, scale.decimals)}"
    )
    axes.plot(x, y, "o-", color=INK, markersize=3.8, linewidth=1.3, markerfacecolor=PAPER, label="running average")
    out = list(chart.alerts)
    if out:
        axes.plot(x[out], y[out], "s", color=INK, markersize=6.5, markerfacecolor="none", label="alert")
        axes.plot(x[out], y[out], "x", color=INK, markersize=4.5)
