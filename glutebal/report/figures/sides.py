"""The sides figure: each side against its own best, so that a balance is not won by losing."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from glutebal.balance.trend import SessionLevel
from glutebal.history.progress import Progress, SideCourse
from glutebal.model import Samples, Side
from glutebal.report.figures.ink import INK, PAPER, PENS, in_house_style, quiet_grid
from glutebal.report.figures.season import dated, legend_below, places, segments, sheet, words_only
from glutebal.report.season_evidence import best_told
from glutebal.results import Estimate

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

HEADING = "Each side against its own best"


@in_house_style
def sides_figure(progress: Progress) -> Figure:
    """Both sides over the sessions of the present setup, each in per cent of its own best level.

    Parameters
    ----------
    progress : Progress

    Returns
    -------
    matplotlib.figure.Figure
        4 inches wide; words instead of axes when the values cannot be compared between sessions.
    """
    if progress.sides is None or not any(_shown(progress.sides[side]) for side in Side):
        return words_only(HEADING, f"no answer: {progress.sides_reason or 'too few sessions with a value'}")
    figure = sheet(3.2, HEADING)
    axes = figure.add_subplot()
    axes.axhline(100, color=INK, linewidth=1.1, linestyle=(0, (1, 1.5)), zorder=1.5, label="100 %: own best level")
    for side in Side:
        _draw_side(axes, progress.sides[side], side)
    _set_scales(axes, progress)
    legend_below(figure, axes, 1)
    return figure


def _shown(course: SideCourse) -> list[SessionLevel]:
    parts = segments(course.trend)
    return parts[-1] if parts and math.isfinite(course.best) and course.best > 0 else []


def _draw_side(axes: Axes, course: SideCourse, side: Side) -> None:
    part, pen = _shown(course), PENS[side]
    if not part:
        return
    x = places(part)
    observed, level = (_of_best(course, part, which) for which in ("observed", "smoothed"))
    axes.fill_between(x, level[:, 1], level[:, 2], color=pen.colour, alpha=0.15, linewidth=0, zorder=1)
    axes.plot(x, level[:, 0], color=pen.colour, linestyle=pen.dash, linewidth=1.9, zorder=2)
    edge: Any = {"markeredgecolor": PAPER, "markeredgewidth": 0.5}
    axes.plot(x, observed[:, 0], pen.marker, color=pen.colour, markersize=4.8, zorder=3, **edge)
    label = f"{pen.name}: {best_told(course.of_best)}"
    axes.plot([], [], color=pen.colour, linestyle=pen.dash, marker=pen.marker, markersize=5.5, label=label)


def _of_best(course: SideCourse, part: list[SessionLevel], which: str) -> Samples:
    estimates: list[Estimate] = [getattr(session, which) for session in part]
    table = np.array([(e.value, e.low, e.high) for e in estimates], dtype=np.float64)
    return 100 * np.exp(table - math.log(course.best))


def _set_scales(axes: Axes, progress: Progress) -> None:
    courses = [progress.sides[side] for side in Side] if progress.sides else []
    dated(axes, [session.day for course in courses for session in _shown(course)])
    low, high = axes.get_ylim()
    axes.set_ylim(min(low, 88), max(high, 104))
    axes.locator_params(axis="y", nbins=6)
    axes.set_ylabel("% of own best level")
    quiet_grid(axes)
