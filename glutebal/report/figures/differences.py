"""The figure of what has no ratio: one row per measure around zero, and one panel with its own axis per unit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from glutebal.balance.difference import answer_of, smallest_claim
from glutebal.report.choice import primary
from glutebal.report.differences import axis_unit, differences, told
from glutebal.report.figures.ink import (
    BALANCE_COLOUR,
    INK,
    LINE,
    MUTED,
    PAPER,
    blank,
    in_house_style,
    message,
    shortened,
)
from glutebal.report.reading import capital, has_interval, name_of
from glutebal.results import Analysis, SetBalance

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

HEADING = "Differences"
ROW_INCH = 0.47


@in_house_style
def differences_figure(analysis: Analysis) -> Figure:
    """The difference of every measure that can cross zero, as a dot with its 95 % range around a zero line.

    The wide grey bar is what inertial sensors cannot tell.

    Parameters
    ----------
    analysis : Analysis

    Returns
    -------
    matplotlib.figure.Figure
        One panel per unit; positive when the right side has more, or as the row says. Only the headline, if it is one
        of them, is filled and green.
    """
    groups = _by_unit(differences(analysis))
    if not groups:
        return message(HEADING, "no answer: no difference was measured")
    rows = [len(group) for group in groups.values()]
    figure = blank(0.55 + 0.5 * len(rows) + ROW_INCH * sum(rows), HEADING)
    panels: Any = figure.subplots(len(rows), 1, squeeze=False, height_ratios=rows)
    for axes, (unit, group) in zip(panels[:, 0], groups.items(), strict=True):
        _draw(axes, unit, group, primary(analysis))
    return figure


def _by_unit(balances: Sequence[SetBalance]) -> dict[str, list[SetBalance]]:
    groups: dict[str, list[SetBalance]] = {}
    for balance in balances:
        groups.setdefault(balance.unit, []).append(balance)
    return groups


def _draw(axes: Axes, unit: str, group: Sequence[SetBalance], headline: SetBalance | None) -> None:
    limit = _limit(group)
    axes.set(xlim=(-limit, limit), ylim=(len(group) - 0.5, -0.5), yticks=[])
    axes.set_xlabel(f"{axis_unit(unit)} (+ = right more, or as the row says)")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:+g}".replace("-", "−") if value else "0")
    axes.spines["left"].set_visible(False)
    axes.axvline(0, color=INK, linewidth=1)
    for row, balance in enumerate(group):
        axes.axhline(row - 0.5, color=LINE, linewidth=0.8, zorder=0.5)
        _draw_row(axes, row, balance, is_headline=balance is headline)


def _limit(group: Sequence[SetBalance]) -> float:
    found = [answer_of(balance) for balance in group]
    ends = [abs(x) for d in found for x in (d.value, d.low, d.high) if math.isfinite(x)]
    return 1.12 * max([*ends, *(smallest_claim(b.measure, b.unit) for b in group)], default=1.0) or 1.0


def _draw_row(axes: Axes, row: int, balance: SetBalance, *, is_headline: bool) -> None:
    found, y, floor = answer_of(balance), row + 0.2, smallest_claim(balance.measure, balance.unit)
    if floor:
        axes.plot([-floor, floor], [y, y], color=LINE, linewidth=9, solid_capstyle="butt", zorder=0.8)
    colour = BALANCE_COLOUR if is_headline else MUTED
    if has_interval(found):
        axes.plot([found.low, found.high], [y, y], color=colour, linewidth=3.4, alpha=0.55, solid_capstyle="round")
    face = colour if is_headline else PAPER
    axes.plot(found.value, y, "D", color=colour, markerfacecolor=face, markersize=6.5, markeredgewidth=1.5)
    weight = "bold" if is_headline else "normal"
    text: dict[str, Any] = {
        "va": "center",
        "transform": axes.get_yaxis_transform(),
        "fontsize": 8.6,
        "fontweight": weight,
    }
    answer = told(balance, brief=True)
    axes.text(0.012, row - 0.2, shortened(capital(name_of(balance)), 56 - len(answer)), ha="left", **text)
    axes.text(0.988, row - 0.2, answer, ha="right", **text)
