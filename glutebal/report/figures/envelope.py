"""The envelope figure: what each side did over time, with the counted reps shaded."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from glutebal.model import Bilateral, Quantity, Samples, Side, Track
from glutebal.report.figures.ink import (
    LINE,
    MUTED,
    PENS,
    blank,
    in_house_style,
    message,
    quiet_grid,
    shortened,
    side_mark,
)
from glutebal.report.reading import capital, display_unit, title
from glutebal.results import Analysis, Grade

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

POINTS = 480  # of a line: more cannot be seen at this width, and every one costs bytes in the page


@in_house_style
def envelope_figure(analysis: Analysis, site: str) -> Figure:
    """Both sides over time, one above the other, with the counted reps shaded and numbered.

    Stretches that were not counted are hatched, stretches that were not recorded are grey. With a reference
    contraction, or for a force, both panels share one scale; without, each has its own and heights must not
    be compared.

    Parameters
    ----------
    analysis : Analysis
    site : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    heading = f"{capital(title(site))} over time"
    pair = next((p for p in analysis.envelopes if p.left.channel.site == site), None)
    if pair is None or not all(track.chunks for track in pair):
        return message(heading, "no answer: nothing was recorded on one of the sides")
    scales, unit, shared = _scales(analysis, pair)
    figure = blank(3.5, heading)
    panels: Any = figure.subplots(2, 1, sharex=True, sharey=shared)
    for axes, side in zip(panels, Side, strict=True):
        _draw_track(axes, pair[side], side, scales[side])
        _mark_spans(axes, analysis, pair[side], side)
        _number_reps(axes, analysis, side)
        _doubt(axes, analysis, pair[side])
    panels[1].set_xlabel("time, s")
    figure.supylabel(unit, fontsize=9)
    return figure


def _scales(analysis: Analysis, pair: Bilateral[Track]) -> tuple[Bilateral[float], str, bool]:
    channel = pair.left.channel
    found = (r for r in analysis.references if (r.site, r.quantity) == (channel.site, channel.quantity))
    reference = next(found, None)
    if reference is not None:
        return reference.value.map(lambda v: 100 / v), "activity, % of reference", True
    factor, unit = display_unit(channel.quantity.unit, max(float(track.values().max()) for track in pair))
    shared = channel.quantity is not Quantity.EMG
    note = "" if shared else "\n(uncalibrated: own scale per side)"
    return Bilateral(factor, factor), f"{channel.quantity.title}, {unit}{note}", shared


def _draw_track(axes: Axes, track: Track, side: Side, scale: float) -> None:
    pen = PENS[side]
    t, y = thinned(track)
    axes.fill_between(t, 0, y * scale, color=pen.colour, alpha=0.22, linewidth=0)
    axes.plot(t, y * scale, color=pen.colour, linewidth=1.3, linestyle=pen.dash)
    axes.set_title(f"    {pen.name}", loc="left", fontsize=9, fontweight="bold", pad=4)
    side_mark(axes, pen, 0, 4, 7.5)
    quiet_grid(axes)
    axes.locator_params(axis="y", nbins=4)
    axes.margins(x=0.01)
    highest, lowest = float(np.nanmax(y) * scale), min(0.0, float(np.nanmin(y) * scale))
    axes.update_datalim([(t[0], lowest), (t[0], 1.18 * highest)])  # head room for the numbers of the reps


def thinned(track: Track) -> tuple[Samples, Samples]:
    """Seconds and means of so many stretches that a line needs no more; a stretch with a gap in it stays a gap."""
    y, rate_hz = track.filled(), track.channel.rate_hz
    every = max(1, math.ceil(y.size / POINTS))
    whole = y.size // every * every
    t = (track.start + np.arange(whole) + 0.5) / rate_hz
    return t.reshape(-1, every).mean(axis=1), y[:whole].reshape(-1, every).mean(axis=1)


def _mark_spans(axes: Axes, analysis: Analysis, track: Track, side: Side) -> None:
    for rep in analysis.segmentation.reps:
        if rep.side in {None, side}:
            axes.axvspan(rep.start_s, rep.stop_s, color=MUTED, alpha=0.13, linewidth=0, zorder=0)
    for out in analysis.segmentation.excluded:
        if out.side in {None, side}:
            axes.axvspan(
                out.start_s, out.stop_s, facecolor="none", edgecolor=MUTED, hatch="////", linewidth=0.6, zorder=0
            )
    for start, stop in track.gaps:
        a, b = start / track.channel.rate_hz, stop / track.channel.rate_hz
        axes.axvspan(a, b, facecolor=LINE, edgecolor=MUTED, linewidth=0.6, zorder=3)
        axes.text((a + b) / 2, 0.5, "gap", transform=axes.get_xaxis_transform(), rotation=90, color=MUTED, **_CENTRED)


def _number_reps(axes: Axes, analysis: Analysis, side: Side) -> None:
    reps = [rep for rep in analysis.segmentation.reps if rep.side in {None, side}]
    for rep in reps[:: max(1, math.ceil(len(reps) / 14))]:
        x = (rep.start_s + rep.stop_s) / 2
        where = axes.get_xaxis_transform()
        axes.text(x, 0.985, str(rep.index), transform=where, ha="center", va="top", fontsize=7.3, color=MUTED)


def _doubt(axes: Axes, analysis: Analysis, track: Track) -> None:
    """Say on the picture itself that no ratio stands on this channel: on its own scale, noise looks like work."""
    same = (track.channel.side, track.channel.site, track.channel.quantity)
    for quality in analysis.quality:
        c = quality.channel
        if (c.side, c.site, c.quantity) == same and quality.grade is Grade.BAD:
            text = shortened(f"not used: {quality.reason}", 54)
            axes.set_title(text, loc="right", fontsize=7.8, fontstyle="italic", color=MUTED, pad=3)


_CENTRED: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 7.3, "zorder": 4}
