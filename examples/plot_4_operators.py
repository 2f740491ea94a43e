"""
Operators by hand
=================

A description such as ``Bandpass(20, 450)`` is frozen: it holds settings and no state, so that the two sides cannot be
filtered differently. Applied to a whole track it starts afresh after every gap and drops what has not settled yet.
"""

import matplotlib.pyplot as plt
import numpy as np

import glutebal as gb

pair = gb.read().pair("gluteus_maximus", gb.Quantity.EMG)
envelope = gb.Chain(gb.Bandpass(20, 450), gb.Rms(0.125))
print(envelope)
print(f"settles in {envelope.settle_s:.2f} s")

# %%
# Both sides, written once.

envelopes = pair.map(envelope)

figure, axes = plt.subplots(figsize=(9, 3), layout="constrained")
for track, colour, style in zip(envelopes, ("#0072B2", "#D55E00"), ("-", "--"), strict=True):
    seconds = np.arange(track.start, track.stop) / track.channel.rate_hz
    axes.plot(seconds, track.filled() * 1e6, style, color=colour, label=track.channel.name, linewidth=1)
axes.set(xlabel="time (s)", ylabel="RMS, 125 ms (µV)")
axes.legend(loc="upper right")
plt.show()

# %%
# On a stream the same description is started, and the run remembers. However the samples are cut, the result is the
# same.

samples = pair.left.values()
run = envelope.start(pair.left.channel)
live = np.concatenate([run.push(packet) for packet in np.array_split(samples, 400)])
whole = envelope.start(pair.left.channel).push(samples)
print(f"largest difference: {np.abs(live - whole).max():.1e} V")

# %%
# When does the muscle switch on? Edges are found on the raw track.

for burst in gb.onsets(pair.left)[:3]:
    print(f"on at {burst.start_s:.3f} s ± {1000 * burst.onset.se_s:.0f} ms")

# %%
# A filter that looks into the future says so by its name, and refuses to start live.

smooth = gb.Chain(gb.ZeroPhase(gb.Bandpass(20, 450)), gb.Rectify(), gb.ZeroPhase(gb.Lowpass(6)))
print(pair.map(smooth).left.channel.name)
try:
    smooth.start(pair.left.channel)
except gb.GlutebalError as error:
    print(error)
