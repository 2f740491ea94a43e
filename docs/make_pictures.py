"""Draw the pictures of the README and of the front page from the demonstration: `python docs/make_pictures.py`."""

from dataclasses import replace
from pathlib import Path

import matplotlib as mpl

import glutebal as gb
from glutebal.report.figures import balance_figure, envelope_figure
from glutebal.testing.simulate import demo_set

FOLDER = Path(__file__).parent / "_static"


def main() -> None:
    """Write both pictures; the same bytes every time with the same versions."""
    recording, reference, _ = demo_set()
    analysis = gb.analyse(recording, exercise="hip_thrust", reference=reference).analysis
    few = tuple(b for b in analysis.balances if b.measure in {"activation", "mean_force"})
    pictures = {
        "demo-envelopes.svg": envelope_figure(analysis, "gluteus_maximus"),
        "demo-balance.svg": balance_figure(replace(analysis, balances=few)),
    }
    with mpl.rc_context({"svg.hashsalt": "glutebal", "svg.fonttype": "path"}):
        for name, figure in pictures.items():
            figure.savefig(FOLDER / name, metadata={"Date": None, "Creator": None}, facecolor="white")


if __name__ == "__main__":
    main()
