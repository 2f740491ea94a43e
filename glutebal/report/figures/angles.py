"""The angle figure: both sides' mean angle over the repetition, and every repetition's peak or range below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from glutebal.balance.motion_view import AngleCurve
from glutebal.balance.site_waveform import MeanCurve
from glutebal.model import Side
from glutebal.report.differences import axis_unit
from glutebal.report.figures.ink import INK, MUTED, PENS, Pen, blank, in_house_style, message, quiet_grid
from glutebal.report.figures.strips import MIDDLE, STRIP_INCH, draw_strip, has_points
from glutebal.report.motion_words import drawn_sides, is_one_line, noun_of
from glutebal.report.reading import capital, counted, title
from glutebal.results import Phase, SetBalance

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_STRIPS = 3
CURVES_INCH = 2.7
NAMED_PERCENT = 16  # a phase that is shorter has no room for its name


@in_house_style
def angles_figure(curve: AngleCurve, points: Sequence[SetBalance] = (), phases: Sequence[Phase] = ()) -> Figure:
    """Mean ± SD of both sides from 0 to 100 % of the rep; below, every rep's value of each measure of that angle.

    Parameters
    ----------
    curve : AngleCurve
        One of ``result.motion_view.curves``.
    points : sequence of SetBalance
        Measures of that angle, which have a difference: peak, range. The first three are drawn.
    phases : sequence of Phase
        Of the mean rep, in per cent of it.

    Returns
    -------
    matplotlib.figure.Figure
    """
    heading = f"{capital(title(curve.title))} along the {noun_of(curve.laterality)}"
    sides, strips = drawn_sides(curve), [point for point in points if has_points(point)][:MOST_STRIPS]
    heights = [CURVES_INCH] * bool(sides) + [STRIP_INCH] * len(strips)
    if not heights:
        return message(heading, "no answer: no repetition has this angle")
    figure = blank(sum(heights) + 0.25, heading)
    panels: Any = figure.subplots(len(heights), 1, squeeze=False, height_ratios=heights)[:, 0]
    if sides:
        _draw_curves(panels[0], curve, sides, phases)
    for axes, point in zip(panels[bool(sides) :], strips, strict=True):
        draw_strip(axes, point)
    return figure


def _draw_curves(axes: Axes, curve: AngleCurve, sides: Sequence[Side], phases: Sequence[Phase]) -> None:
    for side in sides:
        pen, marks = MIDDLE if is_one_line(curve) else PENS[side], 20 if side is Side.RIGHT else 10
        many = counted(curve.curves[side].n, curve.laterality)
        _draw_curve(axes, curve.curves[side], pen, marks, many)
    low, high = axes.get_ylim()
    if low < 0 < high:
        axes.axhline(0, color=INK, linewidth=0.8, zorder=0.8)
    _draw_phases(axes, phases)
    quiet_grid(axes)
    axes.set_xlim(0, 100)
    axes.set_xlabel(f"{noun_of(curve.laterality)}, % (0 = start, 100 = end)")
    axes.set_ylabel(_axis_label(curve))
    axes.locator_params(axis="y", nbins=6)
    axes.legend(
        loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False, borderaxespad=0, handlelength=2.4, fontsize=8.3
    )


def _draw_curve(axes: Axes, found: MeanCurve, pen: Pen, first_mark: int, many: str) -> None:
    x = np.linspace(0, 100, found.mean.size)
    axes.fill_between(x, found.mean - found.sd, found.mean + found.sd, color=pen.colour, alpha=0.16, linewidth=0)
    axes.plot(x, found.mean, color=pen.colour, linestyle=pen.dash, linewidth=1.6)
    marks = np.interp(np.arange(first_mark, 100, 20), x, found.mean)  # apart, so that equal curves show both
    axes.plot(np.arange(first_mark, 100, 20), marks, pen.marker, color=pen.colour, markersize=4.5)
    label = f"{pen.name}, {many}"
    axes.plot([], [], color=pen.colour, linestyle=pen.dash, marker=pen.marker, markersize=4.5, label=label)


def _draw_phases(axes: Axes, phases: Sequence[Phase]) -> None:
    """A dotted line where a phase ends, its name inside at the bottom, under the data."""
    if not phases:
        return
    low, high = axes.get_ylim()
    axes.set_ylim(low - 0.1 * (high - low), high)
    for phase in phases:
        if 0 < phase.stop < 100:
            axes.axvline(phase.stop, color=MUTED, linewidth=0.8, linestyle=(0, (1, 2)), zorder=0.5)
        if phase.stop - phase.start >= NAMED_PERCENT:
            middle = (phase.start + phase.stop) / 2
            axes.annotate(
                phase.name,
                (middle, 0.02),
                xycoords=axes.get_xaxis_transform(),
                ha="center",
                fontsize=8.3,
                color=MUTED,
            )


def _axis_label(curve: AngleCurve) -> str:
    plus = f"\n(+ = {curve.positive})" if curve.positive else ""
    return f"{title(curve.title)}, {axis_unit(curve.unit)}{plus}"
