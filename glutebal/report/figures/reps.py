"""The rep figure: both sides as paired points with their means, and the balance of each rep below."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from glutebal.balance.difference import answer_of, is_midline
from glutebal.model import Bilateral, Samples, Side
from glutebal.report.differences import axis_label, axis_unit, shown, told
from glutebal.report.figures.ink import (
    BALANCE_COLOUR,
    INK,
    LINE,
    PAPER,
    PENS,
    blank,
    in_house_style,
    message,
    quiet_grid,
)
from glutebal.report.reading import (
    capital,
    display_unit,
    has_interval,
    name_of,
    significant,
    title,
)
from glutebal.results import Analysis, Estimate, Laterality, RepBalance, SetBalance, Status

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MANY = 20
SIDESTEP = 0.10  # of a rep: the two sides of a rep stand beside each other, so that equal values both show


@in_house_style
def reps_figure(analysis: Analysis, measure: str, site: str) -> Figure:
    """Every rep of one measure: both sides as paired points with their means, and the balance or difference below.

    Without calibration each side is drawn in per cent of its own mean: its course can be read, its height
    against the other side cannot.

    Parameters
    ----------
    analysis : Analysis
    measure, site : str
        As they stand in the balance table.

    Returns
    -------
    matplotlib.figure.Figure
    """
    balance = next((b for b in analysis.balances if (b.measure, b.site) == (measure, site)), None)
    noun = "stride by stride" if analysis.segmentation.laterality is Laterality.CYCLIC else "rep by rep"
    if balance is None or not balance.reps:
        return message(f"{capital(title(site))} {title(measure)}, {noun}", "no answer: no reps of this measure here")
    heading = f"{capital(name_of(balance))}, {noun}"
    sided = any(np.isfinite(side).any() for side in _side_values(balance))
    judged = any(answer_of(entry).status.has_value for entry in balance.reps)
    midline = is_midline(balance)
    if not (judged if midline else sided) or answer_of(balance).status is Status.REFUSED:
        return message(heading, f"no answer: {answer_of(balance).reason or 'no rep has a value'}")
    drawn = [_draw_sides] * (not midline) + [_draw_balances] * judged
    figure = blank(4.3 if len(drawn) == 2 else 2.7, heading)
    panels: Any = figure.subplots(len(drawn), 1, sharex=True, squeeze=False, height_ratios=[5, 4][: len(drawn)])
    for draw, axes in zip(drawn, panels[:, 0], strict=True):
        draw(axes, balance)
    _number(panels[-1, 0], balance.reps, noun.split(maxsplit=1)[0])
    return figure


def _draw_sides(axes: Axes, balance: SetBalance) -> None:
    values = _side_values(balance)
    scales, unit = _scales(balance, values)
    x = np.arange(len(balance.reps), dtype=np.float64)
    drawn = Bilateral.per_side(lambda side: values[side] * scales[side])
    _join_pairs(axes, x, drawn)
    for side, step in zip(Side, (-SIDESTEP, SIDESTEP), strict=True):
        _draw_side(axes, x + step, side, drawn[side], _mean(balance, side, scales[side]))
    quiet_grid(axes)
    axes.set_ylabel(unit)
    axes.margins(y=0.12)
    axes.legend(
        loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False, borderaxespad=0, handlelength=2.4, fontsize=8.3
    )


def _join_pairs(axes: Axes, x: Samples, drawn: Bilateral[Samples]) -> None:
    # one line with breaks: a third of the bytes of a line for each pair
    breaks = np.full(x.size, np.nan)
    xs = np.column_stack([x - SIDESTEP, x + SIDESTEP, breaks]).ravel()
    axes.plot(xs, np.column_stack([*drawn, breaks]).ravel(), color=LINE, linewidth=2, zorder=1)


def _side_values(balance: SetBalance) -> Bilateral[Samples]:
    def of(side: Side) -> Samples:
        return np.array([_seen(entry.sides[side]) for entry in balance.reps], dtype=np.float64)

    return Bilateral.per_side(of)


def _seen(estimate: Estimate) -> float:
    return math.nan if estimate.status is Status.REFUSED else estimate.value


def _scales(balance: SetBalance, values: Bilateral[Samples]) -> tuple[Bilateral[float], str]:
    if balance.log_ratio.status is Status.UNCALIBRATED:
        means = values.map(_finite_mean)
        return means.map(lambda m: 100 / m if m > 0 else math.nan), "% of each side's own mean\n(uncalibrated)"
    if balance.difference is not None:
        return Bilateral(1.0, 1.0), f"{title(balance.measure)}, {axis_unit(balance.unit)}"
    factor, unit = display_unit(balance.unit, _finite_mean(np.concatenate(list(values))))
    return Bilateral(factor, factor), f"{title(balance.measure)}, {unit}"


def _finite_mean(values: Samples) -> float:
    good = values[np.isfinite(values)]
    return float(good.mean()) if good.size else math.nan


def _mean(balance: SetBalance, side: Side, scale: float) -> Estimate:
    found = balance.sides[side]
    if balance.log_ratio.status is Status.UNCALIBRATED or found.status is Status.REFUSED:
        return Estimate.none(Status.REFUSED, "")
    return Estimate(found.value * scale, found.low * scale, found.high * scale, n=found.n)


def _draw_side(axes: Axes, x: Samples, side: Side, y: Samples, mean: Estimate) -> None:
    pen, seen = PENS[side], np.isfinite(y)
    size = 6.0 if y.size <= MANY else 4.0
    label = f"{pen.name}, mean {significant(mean.value)}" if math.isfinite(mean.value) else pen.name
    edge: Any = {"markeredgecolor": PAPER, "markeredgewidth": 0.6}
    axes.plot([], [], color=pen.colour, linestyle=pen.dash, marker=pen.marker, markersize=5.5, label=label)
    axes.plot(x[seen], y[seen], pen.marker, color=pen.colour, markersize=size, **edge)
    if math.isfinite(mean.value):
        axes.axhline(mean.value, color=pen.colour, linestyle=pen.dash, linewidth=1.3, zorder=1.5)
    if has_interval(mean):
        axes.axhspan(mean.low, mean.high, color=pen.colour, alpha=0.12, linewidth=0, zorder=0.5)


def _draw_balances(axes: Axes, balance: SetBalance) -> None:
    total = shown(balance)
    y = np.array([shown(entry).value for entry in balance.reps], dtype=np.float64)
    x = np.flatnonzero(np.isfinite(y)).astype(np.float64)
    y = y[np.isfinite(y)]
    axes.axhline(0, color=INK, linewidth=1)
    axes.vlines(x, 0, y, color=BALANCE_COLOUR, linewidth=1.2, alpha=0.5)
    size = 5.5 if y.size <= MANY else 3.8
    axes.plot(x, y, "D", color=BALANCE_COLOUR, markersize=size, markeredgecolor=PAPER, markeredgewidth=0.5)
    if total.status.has_value:
        axes.axhline(total.value, color=BALANCE_COLOUR, linewidth=1.4, linestyle=(0, (6, 1.5, 1, 1.5)))
    if has_interval(total):
        axes.axhspan(total.low, total.high, color=BALANCE_COLOUR, alpha=0.18, linewidth=0)
    balance_axis(axes, balance, [*y, total.low, total.high])
    name = "balance" if balance.difference is None else "over all"
    axes.set_title(f"◆ {name}: {told(balance, brief=True)}", loc="left", fontsize=8.3, color=INK, pad=4)


def balance_axis(axes: Axes, balance: SetBalance, ends: Sequence[float]) -> None:
    """The axis of what `differences.shown` gives: points of the imbalance index, or the unit of a difference."""
    fine = balance.difference is not None and balance.unit == "s"
    seen, least = [x for x in ends if math.isfinite(x)], 0.05 if fine else 2.0
    low, high = min([*seen, -least]), max([*seen, least])
    room = 0.1 * (high - low)
    axes.set_ylim(low - room, high + room)
    axes.set_ylabel(axis_label(balance))
    axes.locator_params(axis="y", integer=not fine, nbins=6)
    form = "+.2f" if fine else "+.0f"
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:{form}}".replace("-", "−") if value else "0")
    quiet_grid(axes)


def _number(axes: Axes, reps: tuple[RepBalance, ...], noun: str) -> None:
    shown = range(0, len(reps), max(1, math.ceil(len(reps) / 16)))
    axes.set_xticks(list(shown), [str(reps[i].rep.index) for i in shown])
    middle, half = (len(reps) - 1) / 2, max(len(reps) / 2 + 0.1, 1.6)
    axes.set_xlim(middle - half, middle + half)
    axes.set_xlabel(f"{noun}, in the order they were done")
