"""Where a channel stops telling the truth: clipped, stuck and artefact spans, found without knowing its unit.

::

    EMG    clipped   samples pile up in the outermost hundredth of the range
           stuck     the very same value for a tenth of a second, or zeros before and after the recording
           artefact  the baseline leaps far beyond the muscle's own amplitude (cable, electrode, amplifier recovery)
    force  clipped   the very same largest value for 50 ms
           stuck     the very same value, under load, for a quarter second
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from glutebal.model import Quantity, Samples, Track

Spans = tuple[tuple[int, int, str], ...]
Flags = NDArray[np.bool_]

OUTERMOST = 0.01  # share of the range in which clipped samples pile up
PILE_UP = 5.0  # times the density of the next four hundredths; an unclipped sine has 3.2
STUCK_S = 0.1
STUCK_EDGE_S = 0.05  # padding at the ends of a recording
STUCK_LOAD_S = 0.25
CLIPPED_LOAD_S = 0.05
UNLOADED = 0.1  # of full load (95th percentile)
GATED_RUNS = 4  # so many constant stretches at one resting value are a coarse converter, not a fault
SLOW_S = 0.02  # averaging of the baseline
BASELINE_S = 1.0  # the running median that a leap is measured from
LEAP = 8.0  # leap of the baseline, in RMS of the fast signal within 20 ms
GUARD_S = 0.05  # left out around an artefact or a clipped stretch


def fault_spans(track: Track) -> Spans:
    """Every stretch in which the samples are not what the sensor felt.

    Scale-free: multiplying the track by any positive factor gives the same spans.

    Parameters
    ----------
    track : Track
        A raw (unfiltered) channel.

    Returns
    -------
    tuple of (start, stop, kind)
        ``[start, stop)`` on the channel's clock, in time order, ``kind`` one of ``clipped``, ``stuck``, ``artefact``.
        Spans of different kinds may overlap; gaps are not listed (`Track.gaps`).
    """
    if track.n_samples == 0:
        return ()
    if track.channel.quantity is Quantity.EMG:
        stuck, clipped = _stuck(track), _clipped(track)
        found = [*stuck, *clipped, *_artefacts(track, (*stuck, *clipped))]
    elif track.channel.quantity is Quantity.FORCE:
        found = [*_saturated_load(track), *_stuck_load(track)]
    else:
        found = list(_long_runs(track, 2 * STUCK_LOAD_S, "stuck"))
    return tuple(sorted(found))


def without_faults(track: Track, spans: Spans, guard_s: float = GUARD_S) -> Track:
    """The track with gaps where the faults were, each widened by ``guard_s`` seconds on both sides."""
    guard = round(guard_s * track.channel.rate_hz)
    values = track.filled()
    for start, stop, _ in spans:
        values[max(0, start - guard - track.start) : max(0, stop + guard - track.start)] = np.nan
    return Track.of_samples(track.channel, values, track.start)


def seconds_of(spans: Spans, kind: str, rate_hz: float) -> float:
    """Total length of the spans of one kind, in seconds."""
    return sum(stop - start for start, stop, which in spans if which == kind) / rate_hz


def gated_rest(track: Track) -> bool:
    """Whether the muscle at rest disappears below one step of the converter."""
    return _is_gated(track, _inner_runs(track))


def _stuck(track: Track) -> Spans:
    inner = _inner_runs(track)
    if _is_gated(track, inner):
        return ()
    return (*(run for run in _long_runs(track, STUCK_EDGE_S, "stuck") if _at_edge(track, run)), *inner)


def _inner_runs(track: Track) -> Spans:
    return tuple(run for run in _long_runs(track, STUCK_S, "stuck") if not _at_edge(track, run))


def _is_gated(track: Track, runs: Spans) -> bool:
    levels = {float(track.between(start, start + 1).values()[0]) for start, _, _ in runs}
    return len(runs) >= GATED_RUNS and len(levels) == 1


def _at_edge(track: Track, run: tuple[int, int, str]) -> bool:
    return any(run[0] == c.start or run[1] == c.stop for c in track.chunks)


def _clipped(track: Track) -> Spans:
    ends = [_piled_up(values) for values in (track.values(), -track.values())]
    spans: list[tuple[int, int, str]] = []
    for sign, edge in zip((1.0, -1.0), ends, strict=True):
        for chunk in track.chunks:
            spans += _spans_of(sign * chunk.samples >= edge, chunk.start, "clipped", least=2)
    return tuple(spans)


def _piled_up(values: Samples) -> float:
    """The level above which samples pile up at the top of their range; infinity when they do not.

    A pile that holds the median is the rest of a channel with one great excursion the other way, not a limit.
    """
    top, span = float(values.max()), float(np.ptp(values))
    edge = top - OUTERMOST * span
    if span == 0 or float(np.median(values)) >= edge:
        return np.inf
    at_edge = np.count_nonzero(values >= edge)
    below = np.count_nonzero((values < edge) & (values >= top - 5 * OUTERMOST * span)) / 4
    return edge if at_edge >= 5 and at_edge > PILE_UP * max(below, 1.0) else np.inf


def _artefacts(track: Track, known: Spans) -> Spans:
    """Stretches whose 20 ms baseline leaps beyond both the loud tenth and the present loudness of the fast signal."""
    size = max(2, round(SLOW_S * track.channel.rate_hz))
    loudness = [_loudness(c.samples, size) for c in without_faults(track, known).chunks]
    loud = float(np.quantile(np.concatenate(loudness), 0.9)) if loudness and sum(map(np.size, loudness)) else np.inf
    spans: list[tuple[int, int, str]] = []
    for chunk in track.chunks:
        leaping = _leaps(chunk.samples, size) > LEAP * np.maximum(loud, _loudness(chunk.samples, size))
        spans += [(chunk.start + a * size, chunk.start + b * size, "artefact") for a, b in _runs(leaping)]
    return tuple(spans)


def _leaps(samples: Samples, size: int) -> Samples:
    """How far the mean of every block is from the running median of one second, shape (blocks,)."""
    from scipy.ndimage import median_filter

    slow = _blocks(samples, size).mean(axis=1)
    return np.asarray(np.abs(slow - median_filter(slow, size=round(BASELINE_S / SLOW_S) + 1, mode="nearest")))


def _loudness(samples: Samples, size: int) -> Samples:
    """RMS of every block about its own mean, the median of five neighbours (a step spoils one), shape (blocks,)."""
    from scipy.ndimage import median_filter

    return np.asarray(median_filter(_blocks(samples, size).std(axis=1), size=5, mode="nearest"))


def _saturated_load(track: Track) -> Spans:
    values = track.values()
    top = float(values.max())
    if top <= 0 or np.ptp(values) == 0:
        return ()
    least = max(5, round(CLIPPED_LOAD_S * track.channel.rate_hz))
    runs = (_spans_of(c.samples >= top, c.start, "clipped", least) for c in track.chunks)
    return tuple(span for spans in runs for span in spans)


def _stuck_load(track: Track) -> Spans:
    """Constant stretches under load, below the largest value."""
    values = track.values()
    loaded = UNLOADED * float(np.quantile(values, 0.95))
    runs = _long_runs(track, STUCK_LOAD_S, "stuck")
    return tuple(run for run in runs if loaded < float(track.between(run[0], run[0] + 1).values()[0]) < values.max())


def _long_runs(track: Track, least_s: float, kind: str) -> Spans:
    least = max(5, round(least_s * track.channel.rate_hz))
    found: list[tuple[int, int, str]] = []
    for chunk in track.chunks:
        same = np.concatenate([[False], np.diff(chunk.samples) == 0])
        found += [(a - 1, b, kind) for a, b, _ in _spans_of(same, chunk.start, kind, least - 1)]
    return tuple(found)


def _spans_of(flags: Flags, start: int, kind: str, least: int = 1) -> list[tuple[int, int, str]]:
    return [(start + a, start + b, kind) for a, b in _runs(flags) if b - a >= least]


def _runs(flags: Flags) -> list[tuple[int, int]]:
    padded = np.concatenate([[False], flags, [False]])
    edges = np.flatnonzero(padded[1:] != padded[:-1]).reshape(-1, 2)
    return [(int(a), int(b)) for a, b in edges]


def _blocks(samples: Samples, size: int) -> Samples:
    return samples[: samples.size // size * size].reshape(-1, size)
