"""Is this force channel telling the truth? Dead, saturated, stuck, not tared, drifting.

The unloaded level is read where the sensor is plainly unloaded (below a tenth of its full load); a plate that is never
stepped off has none, and then nothing is said about its zero.
"""

from __future__ import annotations

import math

import numpy as np

from glutebal.model import Samples, Track
from glutebal.results import Finding, Grade
from glutebal.signal.faults import UNLOADED, Spans, fault_spans, seconds_of

LEAST_UNLOADED_S = 0.2
WINDOW_S = 0.05
FLAT = 0.02  # scatter within a window, of the mean load: beyond it the foot is on its way
TOLD = 0.01  # of the mean load
CLIPPED_REFUSED = 0.1  # share of the loaded samples
STUCK_REFUSED = 0.5
SHEAR = {"x", "y"}  # plate axes that point both ways


def force_findings(track: Track) -> tuple[Finding, ...]:
    """Everything the checks find in a raw force channel with samples, worst first."""
    values = track.values()
    if np.ptp(values) == 0:
        text = f"no signal: every sample is {values[0]:g} N"
        return (Finding("dead", Grade.BAD, text, float(values[0]), "N"),)
    spans = fault_spans(track)
    found = [_clipped(track, spans), _stuck(track, spans), *(_zero(track) if _is_vertical(track) else [])]
    return tuple(sorted((f for f in found if f), key=lambda f: f.grade is not Grade.BAD))


def _is_vertical(track: Track) -> bool:
    return track.channel.axis.lower() not in SHEAR


def _clipped(track: Track, spans: Spans) -> Finding | None:
    n = sum(stop - start for start, stop, kind in spans if kind == "clipped")
    values = track.values()
    loaded = np.count_nonzero(values > UNLOADED * values.max())
    if n == 0:
        return None
    share = n / loaded
    grade = Grade.BAD if share > CLIPPED_REFUSED else Grade.SUSPECT
    text = f"{100 * share:.1f} % of the loaded samples stand at the sensor's limit of {values.max():g} N"
    return Finding("clipped", grade, text, 100 * share, "%")


def _stuck(track: Track, spans: Spans) -> Finding | None:
    total = seconds_of(spans, "stuck", track.channel.rate_hz)
    if total == 0:
        return None
    grade = Grade.BAD if total > STUCK_REFUSED * track.duration_s else Grade.SUSPECT
    return Finding("stuck", grade, f"{total:.2f} s of one unchanging value under load", total, "s")


def _zero(track: Track) -> list[Finding | None]:
    """What the unloaded level says: pointing down, not tared, drifting."""
    times, levels, spreads = _windows(track)
    if levels.size < 2:
        return []
    high, low = (float(q) for q in np.quantile(levels, [0.95, 0.05]))
    if high <= 0 or -low > high:
        text = f"the load reads negative (down to {low:g} N): the sign is turned or the sensor is not tared"
        return [Finding("sign", Grade.SUSPECT, text, low, "N")]
    load = float(levels[levels > UNLOADED * high].mean())
    flat = (spreads < FLAT * load) & (np.abs(np.gradient(levels)) < TOLD * load)
    rest = flat & (levels < UNLOADED * high)
    if np.count_nonzero(rest) * WINDOW_S < LEAST_UNLOADED_S:
        return []
    return [_offset(levels[rest], load), _drift(times[rest], levels[rest], load)]


def _offset(levels: Samples, load: float) -> Finding | None:
    level = float(np.median(levels))
    share = level / load
    if abs(share) <= TOLD:
        return None
    text = f"the unloaded sensor reads {level:.3g} N ({100 * share:+.1f} % of the mean load): tare it next time"
    return Finding("offset", Grade.SUSPECT, text, level, "N")


def _drift(times: Samples, levels: Samples, load: float) -> Finding | None:
    """The unloaded level in the last third of the recording against that in the first."""
    first, last = (
        levels[times < times[0] + np.ptp(times) / 3],
        levels[times > times[-1] - np.ptp(times) / 3],
    )
    change = float(np.median(last) - np.median(first)) if first.size and last.size else 0.0
    noise = 1.4826 * float(np.median(np.abs(first - np.median(first)))) if first.size else math.inf
    if abs(change) <= max(TOLD * load, 3 * noise):
        return None
    text = f"the unloaded level drifts by {change:+.3g} N ({100 * change / load:+.1f} % of the mean load)"
    return Finding("drift", Grade.SUSPECT, text, change, "N")


def _windows(track: Track) -> tuple[Samples, Samples, Samples]:
    """Middle (s), mean (N) and scatter (N) of consecutive 50 ms windows, each of shape (n,)."""
    rate = track.channel.rate_hz
    size = max(1, round(WINDOW_S * rate))
    rows = [(c.start, c.samples[: c.samples.size // size * size].reshape(-1, size)) for c in track.chunks]
    times = [(start + size * (np.arange(len(row)) + 0.5)) / rate for start, row in rows]
    windows = np.concatenate([row for _, row in rows])
    return np.concatenate(times), windows.mean(axis=1), windows.std(axis=1)
