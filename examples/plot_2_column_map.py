"""
A CSV file whose columns do not name their sides
================================================

Two force plates, exported by a program that calls them ``FP1`` and ``FP2``, with decimal commas. Which foot stood on
which plate is not in the file, and it is not guessed: a column map says it.
"""

import tempfile
from pathlib import Path

import glutebal as gb
from glutebal.report.figures import reps_figure

folder = Path(tempfile.mkdtemp())

# %%
# A file of that kind, made here so that this page runs anywhere.

pair = gb.read().pair("plate")
rate_hz = pair.left.channel.rate_hz
lines = ["t;FP1;FP2"]
for i, (left, right) in enumerate(zip(pair.left.values(), pair.right.values(), strict=True)):
    lines.append(f"{i / rate_hz:.3f};{left:.2f};{right:.2f}".replace(".", ","))
_ = (folder / "plates.csv").write_text("\n".join(lines), encoding="utf-8")
print("\n".join(lines[:4]))

# %%
# Without a map the answer is an error that shows what to write.

try:
    gb.read(folder / "plates.csv")
except gb.GlutebalError as error:
    print(type(error).__name__, error, sep="\n")

# %%
# The map, as a TOML file. A column is found by its label or by its position.

_ = (folder / "plates.toml").write_text(
    """
unit = "N"

[[columns]]
column = "FP1"
side = "left"
site = "plate"

[[columns]]
column = "FP2"
side = "right"
site = "plate"
""",
    encoding="utf-8",
)
recording = gb.read(folder / "plates.csv", map=folder / "plates.toml")
print(recording)
for line in recording.history:
    print(line)

# %%
# From here on it is a recording like any other.

result = gb.analyse(recording, exercise="hip_thrust")
print(result)

# %%
# Every repetition: both plates, and the balance below.

figure = reps_figure(result.analysis, "mean_force", "plate")
