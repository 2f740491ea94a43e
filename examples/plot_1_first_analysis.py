"""
A first analysis
================

From a recording to a balance: read, analyse, look. The recording is the one that comes with glutebal, a simulated set
of hip thrusts with electrodes on both sides, force under both feet, and nothing downloaded.
"""

import tempfile
from pathlib import Path

import glutebal as gb
from glutebal.report.figures import envelope_figure

recording = gb.read()
print(recording)

# %%
# One call finds the repetitions, examines every channel, measures both sides of every repetition and states the
# balance of the set.

result = gb.analyse(recording, exercise="hip_thrust")
print(result)

# %%
# Positive means that the right side is larger. The EMG has no index here: without a reference contraction on each side
# its left/right ratio would say as much about the electrodes as about the muscles. Force needs no reference.
#
# The same as tables, one row per measure and site ...

columns = ["measure", "site", "n", "imbalance", "low", "high", "status"]
result.balance[columns].round(2)

# %%
# ... one row per repetition and measure ...

columns = ["rep", "start_s", "stop_s", "measure", "site", "left", "right", "unit", "imbalance", "status"]
result.reps[columns].head(8)

# %%
# ... and one row per channel.

result.quality[["channel", "side", "site", "grade", "snr_db", "gaps", "findings"]].round(1)

# %%
# What was counted as a repetition, and what was not:

figure = envelope_figure(result.analysis, "gluteus_maximus")

# %%
# The page with all figures, words and provenance is one file that needs nothing else:

page = Path(tempfile.mkdtemp()) / "set.html"
gb.report(result).save(page)
print(f"{page.name}: {page.stat().st_size / 1000:.0f} kB")
