"""A figure as SVG that stands inside a page: the same bytes every time, in the page's own colours."""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING

from glutebal.report.figures.ink import (
    BALANCE_COLOUR,
    INK,
    LEFT_COLOUR,
    LINE,
    MUTED,
    PAPER,
    RIGHT_COLOUR,
    house_style,
)

if TYPE_CHECKING:
    from markupsafe import Markup
    from matplotlib.figure import Figure

COLOURS = {
    INK: "ink",
    MUTED: "muted",
    LINE: "line",
    PAPER: "card",
    LEFT_COLOUR: "left",
    RIGHT_COLOUR: "right",
    BALANCE_COLOUR: "balance",
}


def inline_svg(figure: Figure, description: str, prefix: str) -> Markup:
    """The figure as an ``<svg>`` element.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    description : str
        What a person who cannot see the picture should hear.
    prefix : str
        Letters and digits that keep the element's ids apart from other figures' on the page.

    Returns
    -------
    markupsafe.Markup
        Self-contained; text is drawn as paths, so that no font is needed; colours are the page's CSS variables
        with their light values as a fallback.
    """
    from markupsafe import Markup, escape

    body = _drawn(figure)
    body = re.sub(r"<!--.*?-->|<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    body = _themed(_own_ids(_rounded(body), prefix)).replace("xlink:href", "href")
    view_box = re.search(r'viewBox="([^"]+)"', body)
    inner = body[body.index(">", body.index("<svg")) + 1 :]
    box = view_box.group(1) if view_box else "0 0 1 1"
    head = f'<svg viewBox="{box}" role="img" aria-label="{escape(description)}">'
    return Markup(head + re.sub(r">\s+<", "><", inner).strip())  # noqa: S704 - made here; texts are paths


def _drawn(figure: Figure) -> str:
    out = BytesIO()
    with house_style():
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    return out.getvalue().decode("utf-8")


def _rounded(body: str) -> str:
    """Coordinates to a tenth of a point, which is all that can be seen: a third of the bytes."""

    def shorter(found: re.Match[str]) -> str:
        numbers = re.sub(r"-?\d+\.\d{2,}", lambda n: f"{float(n.group()):.1f}", found.group()).replace("\n", "")
        return numbers if re.search("[QC]", numbers) else numbers.replace(" L ", " ")  # after M a line is implied

    return re.sub(r'\b(?:d|x|y)="[^"]*"|translate\([^)]*\)', shorter, body)


def _own_ids(body: str, prefix: str) -> str:
    """Ids that something refers to get the prefix; the others go."""
    body = body.replace("DejaVuSans-", "g")
    used = set(re.findall(r'(?:href="#|url\(#)([^")]+)', body))
    body = re.sub(r' id="([^"]+)"', lambda m: f' id="{prefix}-{m.group(1)}"' if m.group(1) in used else "", body)
    return re.sub(r'(href="#|url\(#)', rf"\g<1>{prefix}-", body)


def _themed(body: str) -> str:
    for colour, name in COLOURS.items():
        body = body.replace(f": {colour}", f": var(--{name}, {colour})")
    return body
