"""The waveform figure: both sides' mean curve over the repetition, and the stretches in which they differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from glutebal.balance.site_waveform import MeanCurve, SiteWaveform
from glutebal.model import Quantity, Side
from glutebal.report.figures.ink import INK, LINE, MUTED, PENS, blank, in_house_style, message, quiet_grid
from glutebal.report.reading import capital, title
from glutebal.report.waveform_words import axis_noun, counted_curves, is_told
from glutebal.results import Status

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ROWS = {Side.RIGHT: 1.0, Side.LEFT: 0.0}


@in_house_style
def waveform_figure(waveform: SiteWaveform) -> Figure:
    """Mean ± SD of both sides from 0 to 100 % of the rep; black bars below: where they differ more than by chance.

    Parameters
    ----------
    waveform : SiteWaveform
        One of what `glutebal.analysis.waveforms.waveforms` returns.

    Returns
    -------
    matplotlib.figure.Figure
    """
    noun = axis_noun(waveform)
    heading = f"{capital(title(waveform.site))} along the {noun}"
    if not is_told(waveform):
        return message(heading, f"no answer: {waveform.symmetry.reason}")
    tested = waveform.spm.status is Status.OK
    figure = blank(3.3 if tested else 2.7, heading)
    rows = [8, 2][: 1 + tested]
    panels: Any = figure.subplots(len(rows), 1, sharex=True, squeeze=False, height_ratios=rows)
    _draw_curves(panels[0, 0], waveform)
    if tested:
        _draw_stretches(panels[0, 0], panels[1, 0], waveform)
    panels[-1, 0].set_xlabel(f"{noun}, % (0 = start, 100 = end)")
    return figure


def _draw_curves(axes: Axes, waveform: SiteWaveform) -> None:
    for side in Side:
        _draw_side(axes, waveform, side, waveform.curves[side])
    quiet_grid(axes)
    axes.set_xlim(0, 100)
    axes.set_ylabel(_unit(waveform))
    axes.locator_params(axis="y", nbins=5)
    axes.legend(
        loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False, borderaxespad=0, handlelength=2.4, fontsize=8.3
    )


def _draw_side(axes: Axes, waveform: SiteWaveform, side: Side, curve: MeanCurve) -> None:
    pen, x = PENS[side], np.linspace(0, 100, curve.mean.size)
    low, high = curve.mean - curve.sd, curve.mean + curve.sd
    axes.fill_between(x, low, high, color=pen.colour, alpha=0.16, linewidth=0)
    label = f"{pen.name}, {counted_curves(waveform, curve.n)}"
    marks = slice(10 if side is Side.LEFT else 20, None, 20)  # marks apart, so that equal curves show both
    axes.plot(x, curve.mean, color=pen.colour, linestyle=pen.dash, linewidth=1.6)
    axes.plot(x[marks], curve.mean[marks], pen.marker, color=pen.colour, markersize=4.5)
    axes.plot([], [], color=pen.colour, linestyle=pen.dash, marker=pen.marker, markersize=4.5, label=label)


def _unit(waveform: SiteWaveform) -> str:
    if waveform.is_shape_only:
        return "% of each side's own mean\n(uncalibrated)"
    if waveform.quantity is Quantity.EMG:
        return "activity, % of reference"
    return f"{waveform.quantity.title}, {waveform.unit}"


def _draw_stretches(curves: Axes, strip: Axes, waveform: SiteWaveform) -> None:
    for cluster in waveform.spm.clusters:
        start, length = cluster.start_percent, cluster.stop_percent - cluster.start_percent
        curves.axvspan(start, start + length, color=MUTED, alpha=0.13, linewidth=0, zorder=0)
        strip.barh(ROWS[cluster.larger], max(length, 0.6), left=start, height=0.55, color=INK, linewidth=0)
    strip.set_ylim(-0.6, 1.6)
    strip.set_yticks(list(ROWS.values()), [f"{side.value} higher" for side in ROWS], fontsize=7.6)
    strip.axhline(0.5, color=LINE, linewidth=0.7)
    strip.tick_params(axis="y", length=0)
    if not waveform.spm.clusters:
        strip.text(50, 0.5, "no stretch beyond chance", ha="center", va="center", fontsize=8, color=MUTED)
