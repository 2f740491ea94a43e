"""
Many files, one table
=====================

A folder of recordings becomes one tidy table: one row per person, session, measure and site. What could not be analysed
is in the table as well, with its reason.
"""

import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

import glutebal as gb
from glutebal.testing.simulate import simulate_reference, simulate_set

# %%
# A small study, simulated: four people whose true balance is known, and one file that is damaged.

folder = Path(tempfile.mkdtemp(prefix="study_"))
TRUE_RATIOS = {"P01": 0.85, "P02": 0.97, "P03": 1.10, "P04": 1.30}
for seed, (person, ratio) in enumerate(TRUE_RATIOS.items()):
    recording, _ = simulate_set(seed, ratio=ratio, reps=8)
    gb.save(recording.with_(subject=person), folder / f"{person}_set.glutebal")
    gb.save(simulate_reference(seed, ratio=ratio, reps=8), folder / f"{person}_reference.glutebal")
_ = (folder / "P05_set.glutebal").write_bytes(b"the radio was off")

# %%
# The loop. Errors on purpose are all `GlutebalError`, so that a bug is not mistaken for a bad file.

rows = []
for path in sorted(folder.glob("*_set.*")):
    person = path.name.partition("_")[0]
    reference = folder / path.name.replace("_set", "_reference")
    try:
        table = gb.analyse(gb.read(path), reference=reference).balance
    except gb.GlutebalError as error:
        table = pd.DataFrame([{"measure": "activation", "status": "unreadable", "reason": str(error)}])
    rows.append(table.assign(person=person))
study = pd.concat(rows, ignore_index=True)

columns = ["person", "site", "n", "imbalance", "low", "high", "status", "reason"]
activation = study.query("measure == 'activation'")[columns].round(1)
activation

# %%
# Estimates with their intervals, beside the truth.

shown = activation.dropna(subset="imbalance")
figure, axes = plt.subplots(figsize=(7, 2.5), layout="constrained")
errors = [shown["imbalance"] - shown["low"], shown["high"] - shown["imbalance"]]
axes.errorbar(shown["imbalance"], shown["person"], xerr=errors, fmt="o", color="#009E73", label="found, 95 % interval")
true = [gb.imbalance(gb.log_ratio(1.0, TRUE_RATIOS[person])) for person in shown["person"]]
axes.plot(true, shown["person"], "k|", markersize=16, label="true")
axes.axvline(0, color="0.7", linewidth=1)
axes.set_xlabel("imbalance index d, positive = right larger")
axes.legend()
plt.show()
