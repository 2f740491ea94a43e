"""Differences rep by rep on one line per side: every repetition, the mean and its range, the difference in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from glutebal.balance.difference import is_midline
from glutebal.model import Samples, Side
from glutebal.report.differences import axis_unit, shown, told
from glutebal.report.figures.ink import (
    BALANCE_COLOUR,
    INK,
    LINE,
    PAPER,
    PENS,
    Pen,
    blank,
    in_house_style,
    message,
    quiet_grid,
)
from glutebal.report.reading import capital, has_interval, title
from glutebal.results import Estimate, SetBalance, Status

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MIDDLE = Pen("middle", BALANCE_COLOUR, "D", (0, (1, 1.2)))
STRIP_INCH = 0.82
MOST_STRIPS = 6
ROWS = {Side.LEFT: 1.0, Side.RIGHT: 0.0}


@in_house_style
def strips_figure(points: Sequence[SetBalance], heading: str) -> Figure:
    """One strip per measure with a difference: each rep's value on the left and on the right, means with their ranges.

    Parameters
    ----------
    points : sequence of SetBalance
        Of ``result.motion_view.points``; the first six with a value are drawn.
    heading : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    strips = [point for point in points if has_points(point)][:MOST_STRIPS]
    if not strips:
        return message(heading, "no answer: no repetition has a value")
    figure = blank(STRIP_INCH * len(strips) + 0.25, heading)
    panels: Any = figure.subplots(len(strips), 1, squeeze=False)[:, 0]
    for axes, point in zip(panels, strips, strict=True):
        draw_strip(axes, point)
    return figure


def has_points(point: SetBalance) -> bool:
    """Whether there is a repetition with a value to draw."""
    if is_midline(point):
        return bool(np.isfinite(_differences(point)).any())
    return any(np.isfinite(_values(point, side)).any() for side in Side)


def draw_strip(axes: Axes, point: SetBalance) -> None:
    """Left above right; a midline value on one line about 0."""
    if is_midline(point):
        _draw_row(axes, 0.5, MIDDLE, _differences(point), shown(point))
        axes.axvline(0, color=INK, linewidth=0.8, zorder=0.5)
        axes.set_yticks([])
    else:
        for side in Side:
            _draw_row(axes, ROWS[side], PENS[side], _values(point, side), point.sides[side])
        axes.set_yticks(list(ROWS.values()), [side.value for side in ROWS])
    axes.set_ylim(-0.6, 1.6)
    axes.tick_params(axis="y", length=0)
    axes.locator_params(axis="x", nbins=7)
    axes.margins(x=0.08)
    quiet_grid(axes, "x")
    name = f"{capital(title(point.measure))}, {axis_unit(point.unit)}"
    axes.set_title(f"{name}: {told(point, brief=True)}", loc="left", fontsize=8.3, color=INK, pad=4)


def _values(point: SetBalance, side: Side) -> Samples:
    found = (entry.sides[side] for entry in point.reps)
    return np.array([math.nan if e.status is Status.REFUSED else e.value for e in found], dtype=np.float64)


def _differences(point: SetBalance) -> Samples:
    return np.array([shown(entry).value for entry in point.reps], dtype=np.float64)


def _draw_row(axes: Axes, y: float, pen: Pen, values: Samples, mean: Estimate) -> None:
    seen = values[np.isfinite(values)]
    axes.axhline(y, color=LINE, linewidth=0.7, zorder=0.5)
    edge: Any = {"markeredgecolor": PAPER, "markeredgewidth": 0.5}
    axes.plot(seen, np.full(seen.size, y), pen.marker, color=pen.colour, markersize=5, alpha=0.75, **edge)
    if not mean.status.has_value or not math.isfinite(mean.value):
        return
    axes.plot([mean.value] * 2, [y - 0.36, y + 0.36], color=pen.colour, linewidth=1.6)
    if has_interval(mean):
        axes.barh(y, mean.high - mean.low, left=mean.low, height=0.5, color=pen.colour, alpha=0.2, linewidth=0)
