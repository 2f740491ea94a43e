"""The session figure: every set of one series side by side with the session's answer, and both sides above it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from glutebal.balance.difference import answer_of, is_midline
from glutebal.history.session_view import SeriesView
from glutebal.model import Bilateral, Side
from glutebal.report.differences import axis_unit, shown, told
from glutebal.report.figures.ink import (
    BALANCE_COLOUR,
    INK,
    LINE,
    MUTED,
    PAPER,
    PENS,
    blank,
    in_house_style,
    message,
    quiet_grid,
)
from glutebal.report.figures.reps import balance_axis
from glutebal.report.reading import (
    as_imbalance,
    bound,
    capital,
    display_unit,
    has_interval,
    name_of,
    reason,
    significant,
    title,
)
from glutebal.report.season_reading import day_told
from glutebal.results import Estimate, Status

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIDESTEP = 0.12  # of a set: the two sides stand beside each other, so that equal values both show
MOST_LABELS = 10


@in_house_style
def sets_figure(series: SeriesView) -> Figure:
    """All sets of one series: both sides above, the balance of each set and of the session below.

    Diamonds are balances, bars their 95 % ranges. The session's is filled, with its range as a band; the session
    before stands to the left when the two can be compared. Without calibration each side is drawn in per cent of its
    own mean, and there is no balance.

    Parameters
    ----------
    series : SeriesView

    Returns
    -------
    matplotlib.figure.Figure
    """
    exercise = title(series.series.exercise)
    heading = f"{capital(name_of(series.whole))}, set by set" + (f": {exercise}" if exercise else "")
    judged, sided = any(_drawable(shown(one.balance)) for one in series.sets), not is_midline(series.whole)
    if not (_has_sides(series) if sided else judged):
        return message(heading, f"no answer: {reason(answer_of(series.whole))}")
    drawn = [_draw_sides] * sided + [_draw_balances] * judged
    figure = blank(3.9 if len(drawn) == 2 else 2.3, heading)
    panels: Any = figure.subplots(len(drawn), 1, sharex=True, squeeze=False)[:, 0]
    for draw, axes in zip(drawn, panels, strict=True):
        draw(axes, series)
    _name_the_sets(panels[-1], series, judged=judged)
    return figure


def _has_sides(series: SeriesView) -> bool:
    return any(math.isfinite(_seen(one.balance.sides[side])) for one in series.sets for side in Side)


def _seen(estimate: Estimate) -> float:
    return math.nan if estimate.status is Status.REFUSED else estimate.value


def _drawable(d: Estimate) -> bool:
    return math.isfinite(d.value) or (d.status is Status.CENSORED and bool(bound(d)))


def _scales(series: SeriesView) -> tuple[Bilateral[float], str]:
    """What a side is multiplied by to be drawn, and the axis it then stands on."""
    means = series.whole.sides.map(_seen)
    if series.whole.log_ratio.status is Status.UNCALIBRATED:
        return means.map(lambda m: 100 / m if m > 0 else math.nan), "% of each side's\nown mean (uncalibrated)"
    if series.whole.difference is not None:
        return Bilateral(1.0, 1.0), f"{title(series.whole.measure)}, {axis_unit(series.whole.unit)}"
    known = [m for m in means if math.isfinite(m)]
    factor, unit = display_unit(series.whole.unit, float(np.mean(known)) if known else math.nan)
    return Bilateral(factor, factor), f"{title(series.whole.measure)}, {unit}"


def _draw_sides(axes: Axes, series: SeriesView) -> None:
    scales, label = _scales(series)
    for side in Side:
        _draw_side(axes, series, side, scales[side])
    axes.set_ylabel(label)
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False, fontsize=8.3, borderaxespad=0.2)
    quiet_grid(axes)


def _draw_side(axes: Axes, series: SeriesView, side: Side, scale: float) -> None:
    pen, mean = PENS[side], series.whole.sides[side]
    comparable = series.whole.log_ratio.status is not Status.UNCALIBRATED and math.isfinite(_seen(mean))
    label = f"{pen.name}, mean {significant(mean.value * scale)}" if comparable else pen.name
    axes.plot([], [], color=pen.colour, linestyle=pen.dash, marker=pen.marker, markersize=5.5, label=label)
    step = SIDESTEP * (1 if side is Side.RIGHT else -1)
    for x, one in enumerate(series.sets, start=1):
        found = one.balance.sides[side]
        if has_interval(found):
            axes.plot(
                [x + step] * 2, [found.low * scale, found.high * scale], color=pen.colour, alpha=0.45, linewidth=2
            )
        axes.plot(x + step, _seen(found) * scale, pen.marker, color=pen.colour, markersize=6, **_EDGE)
    if comparable:
        ends = [0.6, len(series.sets) + 0.4]
        axes.plot(ends, [mean.value * scale] * 2, color=pen.colour, linestyle=pen.dash, linewidth=1.2, zorder=1.5)


def _draw_balances(axes: Axes, series: SeriesView) -> None:
    axes.axhline(0, color=INK, linewidth=1)
    whole, last = shown(series.whole), len(series.sets) + 1
    drawn = [shown(one.balance) for one in series.sets]
    for x, d in enumerate(drawn, start=1):
        _draw_one(axes, x, d, filled=False)
    if has_interval(whole):
        axes.axhspan(whole.low, whole.high, color=BALANCE_COLOUR, alpha=0.14, linewidth=0, zorder=0.5)
    _draw_one(axes, last, whole, filled=True)
    if series.change is not None:
        before = series.change.before
        drawn.append(before if series.change.unit else as_imbalance(before))
        _draw_one(axes, 0, drawn[-1], filled=False, colour=MUTED)
        axes.axvline(0.5, color=LINE, linewidth=1)
    axes.axvline(last - 0.5, color=LINE, linewidth=1)
    balance_axis(axes, series.whole, [x for d in (*drawn, whole) for x in (d.value, d.low, d.high)])
    axes.set_title(f"◆ session: {told(series.whole, brief=True)}", loc="left", fontsize=8.3, color=INK, pad=4)


def _draw_one(axes: Axes, x: float, d: Estimate, *, filled: bool, colour: str = BALANCE_COLOUR) -> None:
    if d.status is Status.CENSORED and bound(d):
        known, up = (d.low, True) if math.isfinite(d.low) else (d.high, False)
        axes.plot(x, known, "^" if up else "v", color=colour, markersize=7)
    elif math.isfinite(d.value):
        if has_interval(d):
            axes.plot([x, x], [d.low, d.high], color=colour, linewidth=2.6, alpha=0.5, solid_capstyle="round")
        face = colour if filled else PAPER
        axes.plot(x, d.value, "D", color=colour, markerfacecolor=face, markersize=6.5, markeredgewidth=1.5)


def _name_the_sets(axes: Axes, series: SeriesView, *, judged: bool) -> None:
    every = math.ceil(len(series.sets) / MOST_LABELS)
    places = {x: _set_label(one.index, one.load_kg) for x, one in enumerate(series.sets, start=1)}
    labels = {x: text for x, text in places.items() if (x - 1) % every == 0}
    last = len(series.sets) + 1
    if judged:
        labels[last] = "session"
    if judged and series.change is not None:
        labels[0] = f"{day_told(series.change.day).rpartition(' ')[0]}\nsession"
    axes.set_xticks(sorted(labels), [labels[x] for x in sorted(labels)])
    axes.set_xlim(-0.5 if 0 in labels else 0.4, last + 0.5 if judged else last - 0.4)


def _set_label(index: int, load_kg: float | None) -> str:
    return f"set {index}" if load_kg is None else f"set {index}\n{load_kg:g} kg"


_EDGE: dict[str, Any] = {"markeredgecolor": PAPER, "markeredgewidth": 0.6}
