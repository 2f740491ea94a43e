"""Furniture of the season figures: days along, balance up, both drawn the same everywhere."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import date
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np

from glutebal.balance.trend import SessionLevel, Trend
from glutebal.history.progress import Progress
from glutebal.model import Samples, Side
from glutebal.report.figures.ink import INK, PENS, quiet_grid, shortened
from glutebal.report.season_reading import MONTHS, answered_levels
from glutebal.report.season_scale import Scale
from glutebal.results import Estimate

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH_INCH = 4.0
"""Narrower than the figures of one set: on a phone the text stays as large as the page's own small print."""

TICK_STEPS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 25)
#: The balance axis reaches at least so far to either side: in points, or of a difference in bands.
LEAST_POINTS, LEAST_BANDS = 6.0, 1.2
MOST_POINTS = 105


def sheet(height_inch: float, heading: str) -> Figure:
    """An empty season figure with its title, laid out so that nothing is cut."""
    from matplotlib.figure import Figure

    lines = fill(shortened(heading, 100), 40)
    figure = Figure(figsize=(WIDTH_INCH, height_inch + 0.19 * lines.count("\n")), layout="constrained")
    figure.suptitle(lines, x=0.012, ha="left", fontsize=10.5, fontweight="bold")
    return figure


def words_only(heading: str, text: str) -> Figure:
    """A season figure that says why there is nothing to draw."""
    lines = fill(text, 52)
    figure = sheet(0.62 + 0.17 * (lines.count("\n") + 1), heading)
    figure.supxlabel(lines, x=0.012, ha="left", fontsize=9, fontstyle="italic")
    return figure


def places(sessions: Iterable[SessionLevel]) -> Samples:
    """Where sessions stand along the days; several sessions of one day stand beside each other."""
    days = [session.day.toordinal() for session in sessions]
    return np.array([day + 0.3 * days[:i].count(day) for i, day in enumerate(days)], dtype=np.float64)


def drawn(estimates: Sequence[Estimate], scale: Scale) -> tuple[Samples, Samples, Samples]:
    """Value and both ends of every level, in points of the imbalance index or the unit of the series."""
    shown = [scale.of(estimate) for estimate in estimates]
    table = np.array([(d.value, d.low, d.high) for d in shown], dtype=np.float64).reshape(-1, 3)
    return table[:, 0], table[:, 1], table[:, 2]


def segments(trend: Trend) -> list[list[SessionLevel]]:
    """The sessions with a value, setup by setup."""
    sessions = answered_levels(trend)
    numbers = dict.fromkeys(session.segment for session in sessions)
    return [[session for session in sessions if session.segment == number] for number in numbers]


def dated(axes: Axes, days: Sequence[date], *, narrow: bool = False) -> None:
    """Days along the axis, with room at both ends and as many labels as fit; the year stands once."""
    ticks = 2 if narrow else 5
    first, last = min(days).toordinal(), max(days).toordinal()
    room = max(1.5, 0.04 * (last - first))
    axes.set_xlim(first - room, last + room)
    ticks = min(ticks, 1 + (last - first) // 3)  # days so near each other would have labels on top of each other
    at = sorted({round(x) for x in np.linspace(first, last, ticks)})
    axes.set_xticks(at, [_label(date.fromordinal(x), i == 0, days) for i, x in enumerate(at)])
    if narrow:  # the labels keep inside the panel
        for label, is_first in zip(axes.get_xticklabels(), (True, False), strict=False):
            label.set_horizontalalignment("left" if is_first else "right")


def _label(day: date, is_first: bool, days: Sequence[date]) -> str:
    new_year = is_first or (day.year != min(days).year and day.month == 1)
    return f"{day.day} {MONTHS[day.month - 1]}" + (f"\n{day.year}" if new_year else "")


def least_of(progress: Progress) -> float:
    """How far the axis of a series reaches at least."""
    return LEAST_BANDS * progress.trend.settings.band if progress.is_difference else LEAST_POINTS


def balanced(axes: Axes, ends: Iterable[float], least: float, scale: Scale, *, named: bool = True) -> None:
    """The balance up the axis: zero line, sides tinted and named with their marks, ticks with a sign."""
    seen = [x for x in ends if math.isfinite(x)]
    low, high = min([*seen, -least]), max([*seen, least])
    room = 0.16 * (high - low) if named else 0.05 * (high - low)
    most = MOST_POINTS if scale.axis is None else math.inf
    axes.set_ylim(max(low - room, -most), min(high + room, most))
    axes.axhline(0, color=INK, linewidth=1.1, zorder=1.5)
    bottom, top = axes.get_ylim()
    if not scale.is_midline:
        axes.axhspan(bottom, 0, color=PENS.left.colour, alpha=0.06, linewidth=0, zorder=0)
        axes.axhspan(0, top, color=PENS.right.colour, alpha=0.06, linewidth=0, zorder=0)
    axes.set_yticks(_ticks(bottom, top))
    axes.yaxis.set_major_formatter(lambda value, _: signed(value))
    quiet_grid(axes)
    if named:
        _name_the_halves(axes, scale)


def signed(value: float) -> str:
    """A tick of the balance with its sign: "+5", "−5", "0"."""
    return f"{value:+.3g}".replace("-", "−") if abs(value) > 1e-9 else "0"


def _ticks(low: float, high: float) -> list[float]:
    step = next((s for s in TICK_STEPS if (high - low) / s <= 6.5), 50)
    return [step * x for x in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _name_the_halves(axes: Axes, scale: Scale) -> None:
    """Which way is which, in words; an axis without words for it has signs."""
    if scale.axis is not None and scale.axis.is_signed:
        return
    where: Any = {"xycoords": "axes fraction", "textcoords": "offset points", "fontsize": 9, "fontweight": "bold"}
    for side, arrow, y, inwards in ((Side.RIGHT, "↑", 1.0, -1), (Side.LEFT, "↓", 0.0, 1)):
        way = scale.axis.way(float(inwards * -1)) if scale.axis and scale.is_midline else f"{PENS[side].name} larger"
        text = f"{way} {arrow}"
        axes.annotate(text, (0, y), (16, 8 * inwards), ha="left", va="center", zorder=6, **where)
        if not scale.is_midline:
            _mark(axes, side, y, 8 * inwards)


def _mark(axes: Axes, side: Side, y: float, up_pt: float) -> None:
    from matplotlib.transforms import ScaledTranslation

    pen = PENS[side]
    inch = ScaledTranslation(8 / 72, up_pt / 72, axes.figure.dpi_scale_trans)
    axes.plot(0, y, pen.marker, color=pen.colour, markersize=6.5, transform=axes.transAxes + inch, zorder=6)


def shared_out(axes: Axes) -> None:
    """The right side's share on the other edge of a balance axis, in per cent."""
    halves: Any = (lambda d: 50 + d / 2, lambda share: 2 * share - 100)
    other = axes.secondary_yaxis("right", functions=halves)
    other.set_ylabel("right share, %")
    other.spines["right"].set_visible(False)
    other.tick_params(length=0)
    other.set_yticks([50 + float(tick) / 2 for tick in axes.get_yticks()])
    other.yaxis.set_major_formatter(lambda value, _: f"{value:g}")


def legend_below(figure: Figure, axes: Axes, columns: int = 2) -> None:
    """What the marks mean, under the axes, where it covers nothing."""
    named = dict(zip(*reversed(axes.get_legend_handles_labels()), strict=True))
    style: Any = {"frameon": False, "fontsize": 8.5, "handlelength": 1.9, "columnspacing": 1.2, "labelspacing": 0.35}
    figure.legend(list(named.values()), list(named), loc="outside lower left", ncols=columns, **style)


def new_setup_mark(axes: Axes, x: float, text: str) -> None:
    """A line between two setups; the text stands above the axes, where it covers nothing."""
    axes.axvline(x, color=INK, linewidth=1, linestyle=(0, (1, 2)), zorder=1.4)
    low, high = axes.get_xlim()
    part = (x - low) / (high - low)
    align = "left" if part < 0.3 else "right" if part > 0.7 else "center"
    style: Any = {"ha": align, "va": "bottom", "fontsize": 8.5, "textcoords": "offset points"}
    axes.annotate(text, (x, 1), (0, 2), xycoords=axes.get_xaxis_transform(), **style)
