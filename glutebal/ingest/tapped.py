"""A recording aligned by a tap: the sensors were tapped together, and both felt it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from glutebal.errors import PairError
from glutebal.ingest.taps import Tap, Trace, find_tap
from glutebal.model import Bilateral, Chunk, Quantity, Recording, Samples, Side, TimeAlignment, Track

FELT_BY = (Quantity.ACCELERATION, Quantity.FORCE, Quantity.ANGULAR_RATE)


def tapped(recording: Recording) -> Recording:
    """The recording with its right side moved by what a shared tap or jump says, to whole samples.

    The tap is looked for in the size of the acceleration, else of the force, else of the angular rate of both sides;
    the first stretch that both recorded without a gap is used, the longest of each side.

    Returns
    -------
    Recording
        ``alignment`` is that of the tap: its uncertainty is that of `find_tap` and half a sample for the rounding.

    Raises
    ------
    PairError
        No acceleration, force or angular rate on both sides.
    SignalError
        No event is clear on both sides, or the sides do not agree on its shape.
    RateError
        A side is sampled below 20 Hz or has less than a second of signal.
    """
    tap = find_tap(_traces(recording))
    right = [t for t in recording.tracks if t.channel.side is Side.RIGHT]
    rounding_s = 0.5 / min(t.channel.rate_hz for t in right)
    moved = tuple(_earlier(t, tap.offset_s) if t.channel.side is Side.RIGHT else t for t in recording.tracks)
    alignment = TimeAlignment("tap", tap.offset_s, tap.uncertainty_s + rounding_s)
    return replace(recording, tracks=moved, alignment=alignment, history=(*recording.history, _words(tap, alignment)))


def _traces(recording: Recording) -> Bilateral[Trace]:
    for quantity in FELT_BY:
        pairs = recording.pairs(quantity)
        if pairs:
            site = pairs[0].left.channel.site
            same = [pair for pair in pairs if pair.left.channel.site == site]
            return Bilateral(_trace(pair.left for pair in same), _trace(pair.right for pair in same))
    found = ", ".join(c.name for c in recording.channels) or "no channels"
    raise PairError("acceleration, force or angular rate of both sides to find a tap in", found, recording.source)


def _trace(axes: Iterable[Track]) -> Trace:
    """The size over all axes of one side, in the longest stretch that all of them recorded."""
    tracks = list(axes)
    rate_hz = tracks[0].channel.rate_hz
    start, stop = max(t.start for t in tracks), min(t.stop for t in tracks)
    filled = [t.filled()[start - t.start : stop - t.start] for t in tracks]
    size = np.sqrt(np.sum(np.square(filled), axis=0))
    first, last = _longest(size)
    return Trace((start + first) / rate_hz, rate_hz, size[first:last])


def _longest(values: Samples) -> tuple[int, int]:
    good = np.concatenate([[False], np.isfinite(values), [False]])
    spans = np.flatnonzero(good[1:] != good[:-1]).reshape(-1, 2)
    if not len(spans):
        return 0, 0
    first, last = spans[int(np.argmax(spans[:, 1] - spans[:, 0]))]
    return int(first), int(last)


def _earlier(track: Track, seconds: float) -> Track:
    samples = round(seconds * track.channel.rate_hz)
    return Track(track.channel, tuple(Chunk(c.channel, c.start - samples, c.samples) for c in track.chunks))


def _words(tap: Tap, alignment: TimeAlignment) -> str:
    later = f"the right side was {1e3 * tap.offset_s:+.1f} ms later and was moved"
    return f"aligned by {tap.events} taps: {later}; ±{1e3 * alignment.uncertainty_s:.1f} ms"
