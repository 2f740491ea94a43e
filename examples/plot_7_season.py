"""
A season: is it real, does it change?
=====================================

Sessions of several weeks in a history, and what they say together: the balance now with its range, whether it changes,
and each side against its own best. The season is simulated, so that its truth is known: the left side catches up while
both sides gain strength; in one session a foot stood at the edge of the plate; later the electrodes were changed.
"""

import tempfile
from pathlib import Path

import matplotlib.pyplot as plt

import glutebal as gb
from glutebal.testing.season import Course, SeasonPlan, season

plan = SeasonPlan(
    weeks=10,
    weekdays=(0,),
    sets=2,
    force=Course(((0, 0.25), (2, 0.25), (9, 0.0))),
    new_electrodes_week=5,
    side_exercise="",
)
simulated = season(plan, seed=3)

# %%
# Every recording is analysed and kept, with what the person says about the day. With your own files this loop is
# ``glutebal history add``.

folder = Path(tempfile.mkdtemp())
history = gb.History(folder / "training.db")
for day in simulated.sessions:
    results = [gb.analyse(recording, reference=reference) for recording, reference in day.recordings()]
    history.add(*results, notes=gb.SessionNotes(pain=day.pain, first_side=day.first_side, text=day.text))
print(history)

# %%
# Everything is a table ...

history.sessions()[["session", "day", "sets", "reps", "pain", "first_side", "text"]]

# %%
# ... and one question gives the answer in words, with what was chosen because it was not named.

found = history.trend()
print(found)

# %%
# The sessions as they were measured, the level that they give together, and the truth.

sessions = found.table.query("measure == 'mean_force'")
figure, axes = plt.subplots(figsize=(7, 3), layout="constrained")
errors = [sessions["imbalance"] - sessions["low"], sessions["high"] - sessions["imbalance"]]
axes.errorbar(sessions["day"], sessions["imbalance"], yerr=errors, fmt="o", color="0.6", label="session, 95 % range")
axes.plot(sessions["day"], sessions["level"], color="#0072B2", label="level")
axes.fill_between(sessions["day"], sessions["level_low"], sessions["level_high"], color="#0072B2", alpha=0.2)
axes.plot(sessions["day"], [gb.imbalance(day.force) for day in simulated.sessions], "k--", label="true")
axes.axhline(0, color="0.7", linewidth=1)
axes.set_ylabel("imbalance index d,\npositive = right larger")
axes.legend()
plt.show()

# %%
# One row per series: the level now, the change, and the sides on their own.

columns = ["measure", "site", "sessions", "imbalance", "low", "high", "change", "direction", "left_of_best"]
found.summary[columns].round(1)

# %%
# The progress page is one file that needs nothing else.

page = gb.report(found).save(folder / "progress.html")
print(f"{page.name}: {page.stat().st_size / 1000:.0f} kB")
history.close()
