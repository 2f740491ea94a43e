"""
The indices compared
====================

Every index of two positive values is a view of the same log ratio. They differ in scale, in sign and in whether they
may be averaged.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import glutebal as gb

# %%
# One pair of values, left 20 and right 25, in every index of the catalogue.

views = [(entry.id, entry.of_sides(20.0, 25.0), entry.formula) for entry in gb.INDICES.values() if not entry.of_record]
pd.DataFrame(views, columns=["index", "left 20, right 25", "formula"]).round(3)

# %%
# A threshold means nothing without its index: "10 %", carried over.

for name in ("BAI-1", "SI_R", "SA", "GA", "SHARE"):
    print(f"a BSA of 10 % is {gb.convert(10.0, 'BSA', name):7.3f} in {name}")

# %%
# The same log ratio through several of them.

log_ratios = np.linspace(-1.2, 1.2, 200)
figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
for name, style in zip(("BAI-1", "SI_R", "SA", "BSA"), ("-", "--", ":", "-."), strict=True):
    axes.plot(log_ratios, gb.index(name).of_log_ratio(log_ratios), style, label=name)
axes.axhline(0, color="0.7", linewidth=1)
axes.set(xlabel="λ = ln(R/L), positive = right larger", ylabel="index (%)")
axes.legend()
plt.show()

# %%
# Why the mean of ratios is not used: three people and their mirror images are a symmetric group by construction
# (Lauzière et al. 2014). Only a symmetric index says so.

left = np.array([0.25, 0.40, 0.37, 0.39, 0.59, 0.47])
right = np.array([0.39, 0.59, 0.47, 0.25, 0.40, 0.37])
print(f"mean of R/L:               {np.mean(right / left):.3f}")
print(f"mean of (R-L)/R in %:      {np.mean(100 * (right - left) / right):.2f}")
print(f"mean of d in %:            {np.mean(gb.imbalance(gb.log_ratio(left, right))):.2f}")
print(f"exp of the mean of λ:      {np.exp(np.mean(gb.log_ratio(left, right))):.3f}")
