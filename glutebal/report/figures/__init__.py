"""The figures of a recording and of a season.

Of a recording: the balance with its range, rep by rep, what each side did over time, along the rep, joint
angles and postures. Of a season: the trend, each side against its own best, the control chart, and every series on
one scale.

Every function returns a `matplotlib.figure.Figure` made without pyplot, so that nothing is left open and no
display is needed; save it with ``figure.savefig``. What has no answer is words in the figure, never a zero.
"""

from glutebal.report.figures.angles import angles_figure
from glutebal.report.figures.balance import balance_figure
from glutebal.report.figures.differences import differences_figure
from glutebal.report.figures.envelope import envelope_figure
from glutebal.report.figures.ewma import ewma_figure
from glutebal.report.figures.multiples import multiples_figure
from glutebal.report.figures.reps import reps_figure
from glutebal.report.figures.sides import sides_figure
from glutebal.report.figures.stick import stick_figure
from glutebal.report.figures.strips import strips_figure
from glutebal.report.figures.trend import trend_figure
from glutebal.report.figures.waveform import waveform_figure

__all__ = [
    "angles_figure",
    "balance_figure",
    "differences_figure",
    "envelope_figure",
    "ewma_figure",
    "multiples_figure",
    "reps_figure",
    "sides_figure",
    "stick_figure",
    "strips_figure",
    "trend_figure",
    "waveform_figure",
]
