"""The three figures: the balance with its range, rep by rep, and what each side did over time.

Every function returns a `matplotlib.figure.Figure` made without pyplot, so that nothing is left open and no
display is needed; save it with ``figure.savefig``. What has no answer is words in the figure, never a zero.
"""

from glutebal.report.figures.balance import balance_figure
from glutebal.report.figures.envelope import envelope_figure
from glutebal.report.figures.reps import reps_figure

__all__ = ["balance_figure", "envelope_figure", "reps_figure"]
