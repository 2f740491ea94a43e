"""
EMG with a reference contraction
================================

The raw amplitude of EMG depends on the electrodes. In this simulated set the right gluteus maximus is truly *more*
active than the left, but the right electrode reads 20 % less of everything. Volts mislead; per cent of a reference
contraction does not.
"""

import glutebal as gb
from glutebal.report.figures import balance_figure
from glutebal.testing.simulate import demo_set

recording, reference, truth = demo_set()

# %%
# Without the reference there is no index: the status says why.

columns = ["measure", "site", "left", "right", "unit", "imbalance", "status"]
uncalibrated = gb.analyse(recording)
uncalibrated.balance.query("quantity == 'EMG'")[columns]

# %%
# The reference of each side: the best 500 ms over three trials, with the standard error that 500 ms of EMG have.

for found in gb.references([reference]):
    for side in gb.Side:
        microvolts, percent = found.value[side] * 1e6, found.relative_se[side] * 100
        print(f"{side.value} {found.site}: {microvolts:.0f} µV ± {percent:.0f} %")

# %%
# With it, activation is in per cent of reference, and the ratio can be read.

calibrated = gb.analyse(recording, reference=reference)
figure = balance_figure(calibrated.analysis)

# %%
# The simulation knows what went in.

for muscle in truth.plan.muscles:
    [row] = calibrated.balance.query("measure == 'activation' and site == @muscle.site").to_dict("records")
    found = f"{row['imbalance']:+.1f} ({row['low']:+.1f} to {row['high']:+.1f})"
    print(f"{muscle.site}: true {muscle.imbalance:+.1f}, found {found}")
