"""The trend figure: every session with its error, the level behind them, and what counts as a change."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from glutebal.balance.trend import SessionLevel, Trend
from glutebal.history.progress import Progress
from glutebal.report.figures.ink import BALANCE_COLOUR, INK, MUTED, PAPER, in_house_style, shortened
from glutebal.report.figures.season import (
    balanced,
    dated,
    drawn,
    least_of,
    legend_below,
    new_setup_mark,
    places,
    segments,
    shared_out,
    sheet,
    words_only,
)
from glutebal.report.season_reading import (
    answered_levels,
    is_finding,
    is_present,
    present,
    series_title,
    unanswered_marks,
)
from glutebal.report.season_scale import Scale, scale_of
from glutebal.results import Estimate

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@in_house_style
def trend_figure(progress: Progress) -> Figure:
    """The balance over the sessions, in points of the imbalance index and as the right side's share, or in its unit.

    Diamonds with bars are sessions with their whole measurement error; the line is the level behind them with its
    95 % band; the hatched band is the day-to-day range around the level at the start of the present setup. A setup
    before the present one is grey: its values cannot be compared. Filled and green only when there is a finding.

    Parameters
    ----------
    progress : Progress

    Returns
    -------
    matplotlib.figure.Figure
        4 inches wide; words instead of axes when no session has a value.
    """
    trend, scale, heading = progress.trend, scale_of(progress), series_title(progress)
    if not answered_levels(trend):
        return words_only(heading, "no answer: no session has a left/right value yet")
    figure = sheet(4.3, heading)
    axes = figure.add_subplot()
    _set_scales(axes, progress)
    _draw_range(axes, trend, scale)
    for part in segments(trend):
        _draw_part(axes, part, trend, scale)
    _mark_outliers(axes, answered_levels(trend), scale)
    _mark_setups(axes, trend)
    _mark_missing(axes, progress)
    legend_below(figure, axes)
    return figure


def _set_scales(axes: Axes, progress: Progress) -> None:
    sessions = answered_levels(progress.trend)
    scale, levels = scale_of(progress), [level for s in sessions for level in (s.observed, s.smoothed)]
    ends = np.concatenate([*drawn(levels, scale), _range_ends(progress.trend, scale)])
    balanced(axes, ends.tolist(), least_of(progress), scale)
    if scale.axis is None:
        shared_out(axes)
    axes.set_ylabel(scale.label)
    dated(axes, [mark.day for mark in progress.marks] + [session.day for session in sessions])


def _range_ends(trend: Trend, scale: Scale) -> tuple[float, float]:
    shown = present(trend)
    start, mdc = shown[0].smoothed.value if shown else math.nan, trend.error.mdc95
    ends = [scale.of(Estimate(start + step)).value for step in (-mdc, mdc)]
    return ends[0], ends[1]


def _draw_range(axes: Axes, trend: Trend, scale: Scale) -> None:
    x, (low, high) = places(present(trend)), _range_ends(trend, scale)
    if x.size < 2 or not math.isfinite(low):
        return
    learned = "learned" if trend.error.learned else "assumed"
    style: Any = {"facecolor": "none", "edgecolor": MUTED, "alpha": 0.35, "linewidth": 0.6, "hatch": "...."}
    axes.fill_between([x[0], x[-1]], low, high, label=f"day-to-day range ({learned})", zorder=0.6, **style)


def _draw_part(axes: Axes, part: Sequence[SessionLevel], trend: Trend, scale: Scale) -> None:
    is_now = is_present(trend, part[0])
    sure = is_now and is_finding(trend)
    colour = BALANCE_COLOUR if sure else INK if is_now else MUTED
    _draw_level(axes, part, colour, is_now, scale)
    x, (y, low, high) = places(part), drawn([session.observed for session in part], scale)
    axes.vlines(x, low, high, color=colour, linewidth=1.1, alpha=0.55, zorder=2)
    face = colour if sure else PAPER
    label = "session, 95 % range" if is_now else "earlier setup"
    axes.plot(x, y, "D", color=colour, markerfacecolor=face, markersize=4.6, markeredgewidth=1.1, label=label, zorder=3)


def _draw_level(axes: Axes, part: Sequence[SessionLevel], colour: str, is_now: bool, scale: Scale) -> None:
    if len(part) < 2:
        return
    x, (y, low, high) = places(part), drawn([session.smoothed for session in part], scale)
    axes.fill_between(x, low, high, color=colour, alpha=0.2 if is_now else 0.1, linewidth=0, zorder=1)
    label = "level, 95 % range" if is_now else None
    axes.plot(x, y, color=colour, linewidth=2.2 if is_now else 1.2, label=label, zorder=2.5)


def _mark_outliers(axes: Axes, sessions: Sequence[SessionLevel], scale: Scale) -> None:
    out = np.array([session.outlier for session in sessions], dtype=bool)
    if out.any():
        x, (y, _, _) = places(sessions), drawn([session.observed for session in sessions], scale)
        ring: Any = {"markersize": 11, "markerfacecolor": "none", "markeredgecolor": INK, "markeredgewidth": 1.1}
        axes.plot(x[out], y[out], "o", label="outlier, counted less", zorder=4, **ring)


def _mark_setups(axes: Axes, trend: Trend) -> None:
    """A line at every change of setup; only the present setup is named, so that names never meet."""
    x, now = places(trend.sessions), trend.sessions[-1].segment
    for (i, before), (j, after) in pairwise(enumerate(trend.sessions)):
        if before.segment != after.segment:
            name = shortened(after.setup, 34)
            named = f"new setup: {name}" if name else "new setup"
            new_setup_mark(axes, float(x[i] + x[j]) / 2, named if after.segment == now else "")


def _mark_missing(axes: Axes, progress: Progress) -> None:
    days = [float(mark.day.toordinal()) for mark in unanswered_marks(progress)]
    if days:
        style: Any = {"markerfacecolor": PAPER, "markeredgecolor": INK, "markersize": 6, "clip_on": False, "zorder": 5}
        where = axes.get_xaxis_transform()
        label = f"no answer ({len(days)})"
        axes.plot(days, [0.0] * len(days), "v", transform=where, linestyle="", label=label, **style)
