"""The balance figure: one row per measure and site around a zero line, and why others have no answer."""

from __future__ import annotations

import math
from textwrap import fill
from typing import TYPE_CHECKING, Any

from glutebal.report.choice import answered, primary, unanswered, what
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
    shortened,
    side_mark,
)
from glutebal.report.reading import as_imbalance, capital, has_interval, name_of, points
from glutebal.results import Analysis, Estimate, SetBalance, Status

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

HEADING = "Balance between the sides"
POINTS_AXIS = "imbalance index, points (+ = right larger)"
ROW_INCH = 0.47
LIMITS = (10, 15, 20, 30, 40, 60, 80)


@in_house_style
def balance_figure(analysis: Analysis, *, with_reasons: bool = True) -> Figure:
    """The imbalance of every measure and site as a dot with its 95 % range around a zero line.

    Parameters
    ----------
    analysis : Analysis
    with_reasons : bool
        Whether the balances without an answer stand below, with the reason; a page says it in its own text.

    Returns
    -------
    matplotlib.figure.Figure
        Points of the imbalance index, −100 to 100, positive when the right side is larger. The one headline
        balance is filled and green, the others are outlined.
    """
    rows, notes = answered(analysis), _notes(analysis) if with_reasons else []
    if not rows:
        return message(HEADING, "\n\n".join(notes) or "no answer: no left/right pair was compared")
    note_lines = sum(note.count("\n") + 1.6 for note in notes)
    figure = blank(1.02 + ROW_INCH * len(rows) + 0.15 * note_lines, HEADING)
    axes = figure.add_subplot()
    _prepare(axes, rows)
    for row, balance in enumerate(rows):
        _draw_row(axes, row, balance, is_headline=balance is primary(analysis))
    if notes:
        figure.supxlabel("\n\n".join(notes), x=0.012, ha="left", fontsize=8.3, color=MUTED, fontstyle="italic")
    return figure


def _notes(analysis: Analysis) -> list[str]:
    groups = unanswered(analysis)
    return [fill(f"No answer for {what(group, analysis)}: {why}", 64) for why, group in groups]


def _prepare(axes: Axes, rows: list[SetBalance]) -> None:
    limit = _limit([as_imbalance(balance.log_ratio) for balance in rows])
    axes.set(xlim=(-limit, limit), ylim=(len(rows) - 0.5, -0.5), yticks=[], xlabel=POINTS_AXIS)
    axes.set_xticks([-limit, -limit / 2, 0, limit / 2, limit], [_tick(limit * part) for part in (-1, -0.5, 0, 0.5, 1)])
    axes.spines["left"].set_visible(False)
    axes.axvspan(-limit, 0, color=PENS.left.colour, alpha=0.07, linewidth=0)
    axes.axvspan(0, limit, color=PENS.right.colour, alpha=0.07, linewidth=0)
    for row in range(len(rows)):  # the grid leaves the line of text above each mark free
        axes.vlines(axes.get_xticks(), row + 0.02, row + 0.38, color=LINE, linewidth=0.8, zorder=0.5)
        axes.axhline(row - 0.5, color=LINE, linewidth=0.8, zorder=0.5)
    axes.axvline(0, color=INK, linewidth=1)
    _name_the_halves(axes)


def _name_the_halves(axes: Axes) -> None:
    for pen, x, inwards, align in ((PENS.left, 0.0, 1, "left"), (PENS.right, 1.0, -1, "right")):
        axes.annotate(
            f"{pen.name} larger",
            (x, 1),
            (14 * inwards, 4),
            xycoords="axes fraction",
            textcoords="offset points",
            ha=align,
            fontweight="bold",
        )
        side_mark(axes, pen, x, 5 * inwards, 8)


def _tick(value: float) -> str:
    return f"{value:+g}".replace("-", "−") if value else "0"


def _limit(estimates: list[Estimate]) -> float:
    ends = [abs(x) for d in estimates for x in (d.value, d.low, d.high) if math.isfinite(x) and abs(x) < 100]
    largest = max(ends, default=0.0) * 1.12
    return next((float(step) for step in LIMITS if largest <= step), 100.0)


def _draw_row(axes: Axes, row: int, balance: SetBalance, *, is_headline: bool) -> None:
    _label_row(axes, row, balance, "bold" if is_headline else "normal")
    d, y = as_imbalance(balance.log_ratio), row + 0.2
    colour = BALANCE_COLOUR if is_headline else MUTED
    if d.status is Status.CENSORED:
        _draw_bound(axes, y, d, colour)
        return
    if has_interval(d):
        axes.plot([d.low, d.high], [y, y], color=colour, linewidth=3.4, alpha=0.55, solid_capstyle="round")
    face = colour if is_headline else PAPER
    axes.plot(d.value, y, "D", color=colour, markerfacecolor=face, markersize=6.5, markeredgewidth=1.5)


def _label_row(axes: Axes, row: int, balance: SetBalance, weight: str) -> None:
    text: dict[str, Any] = {"va": "center", "transform": axes.get_yaxis_transform(), "fontsize": 8.6}
    shown = points(balance.log_ratio, brief=True)
    name = shortened(capital(name_of(balance)), 56 - len(shown))
    axes.text(0.012, row - 0.2, name, ha="left", fontweight=weight, **text)
    axes.text(0.988, row - 0.2, shown, ha="right", fontweight=weight, **text)


def _draw_bound(axes: Axes, y: float, d: Estimate, colour: str) -> None:
    known, edge = (d.low, axes.get_xlim()[1]) if math.isfinite(d.low) else (d.high, axes.get_xlim()[0])
    arrow = {
        "arrowstyle": "-|>",
        "color": colour,
        "linewidth": 2,
        "linestyle": (0, (3, 1.5)),
        "shrinkA": 0,
        "shrinkB": 0,
    }
    axes.annotate("", (edge, y), (known, y), arrowprops=arrow)
    axes.plot([known, known], [y - 0.13, y + 0.13], color=colour, linewidth=2)
