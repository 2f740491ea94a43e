"""Colours, line styles and the small furniture that every figure shares.

Left is blue, solid and round; right is vermilion, dashed and square; the balance between them is green
(Okabe & Ito 2008, distinguishable with any colour vision). No meaning hangs on colour alone.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from textwrap import fill
from typing import TYPE_CHECKING, Any, ParamSpec

from glutebal.model import Bilateral

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

P = ParamSpec("P")

INK, MUTED, LINE, PAPER = "#1a1d21", "#5a626b", "#d4d9de", "#ffffff"
LEFT_COLOUR, RIGHT_COLOUR, BALANCE_COLOUR = "#0072b2", "#d55e00", "#009e73"

WIDTH_INCH = 4.7
"""Wide enough for a printed column, narrow enough that text stays readable when it shrinks to a phone."""


@dataclass(frozen=True)
class Pen:
    """How one side is drawn: a colour and a second cue."""

    name: str
    colour: str
    marker: str
    dash: str | tuple[float, tuple[float, float]]


PENS = Bilateral(Pen("left", LEFT_COLOUR, "o", "-"), Pen("right", RIGHT_COLOUR, "s", (0, (4, 1.4))))

STYLE: Any = {
    "font.family": ["DejaVu Sans"],
    "font.size": 9.0,
    "text.color": INK,
    "text.parse_math": False,
    "axes.edgecolor": MUTED,
    "axes.facecolor": "none",
    "axes.labelcolor": INK,
    "axes.labelsize": 9.0,
    "axes.linewidth": 0.8,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.unicode_minus": True,
    "figure.facecolor": PAPER,
    "figure.constrained_layout.h_pad": 0.06,
    "figure.constrained_layout.w_pad": 0.05,
    "hatch.linewidth": 0.7,
    "savefig.facecolor": PAPER,
    "svg.fonttype": "path",
    "svg.hashsalt": "glutebal",
    "xtick.color": MUTED,
    "xtick.labelcolor": INK,
    "xtick.labelsize": 8.5,
    "ytick.color": MUTED,
    "ytick.labelcolor": INK,
    "ytick.labelsize": 8.5,
}


@contextmanager
def house_style() -> Iterator[None]:
    """Draw in the project's style, whatever the reader's own settings are, and give those back afterwards."""
    import matplotlib as mpl

    with mpl.rc_context(), warnings.catch_warnings():
        # a name in a script that the font lacks is drawn as boxes; the table beside the figure still has it
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        mpl.rcdefaults()
        mpl.rcParams.update(STYLE)
        yield


def in_house_style(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """Decorate a figure function so that it draws in `house_style`."""

    @wraps(draw)
    def styled(*args: P.args, **kwargs: P.kwargs) -> Figure:
        with house_style():
            return draw(*args, **kwargs)

    return styled


def blank(height_inch: float, heading: str) -> Figure:
    """An empty figure of the common width with its title, laid out so that nothing is cut."""
    from matplotlib.figure import Figure

    lines = fill(shortened(heading, 96), 46)
    extra = 0.19 * lines.count("\n")
    figure = Figure(figsize=(WIDTH_INCH, height_inch + extra), layout="constrained")
    figure.suptitle(lines, x=0.012, ha="left", fontsize=10.5, fontweight="bold")
    return figure


def message(heading: str, text: str) -> Figure:
    """A figure that says why there is nothing to draw."""
    lines = fill(text, 62)
    figure = blank(0.62 + 0.17 * (lines.count("\n") + 1), heading)
    figure.supxlabel(lines, x=0.012, ha="left", color=MUTED, fontsize=9, fontstyle="italic")
    return figure


def quiet_grid(axes: Axes, axis: str = "y") -> None:
    """Hair lines behind the data."""
    axes.set_axisbelow(True)
    axes.grid(visible=True, axis=axis, color=LINE, linewidth=0.7)  # type: ignore[arg-type]


def side_mark(axes: Axes, pen: Pen, x: float, right_pt: float, up_pt: float) -> None:
    """A side's mark beside a title, so many points from the top edge of the axes at ``x`` (0 left, 1 right)."""
    from matplotlib.transforms import ScaledTranslation

    inch = ScaledTranslation(right_pt / 72, up_pt / 72, axes.figure.dpi_scale_trans)
    where = axes.transAxes + inch
    axes.plot(x, 1, pen.marker, color=pen.colour, markersize=6.5, transform=where, clip_on=False)


def shortened(text: str, length: int) -> str:
    """The text, cut with an ellipsis when it is longer."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"
