"""When a muscle switches on and off: bursts of activity in one EMG channel.

A burst is found where the 130 ms RMS leaves the channel's own resting level, and ends where it returns (Hodges & Bui
1996 EEG Clin Neurophysiol 101:511 with hysteresis; the rest is found, not given). Each edge is then placed by maximum
likelihood (`glutebal.signal.edges`). Unit and sampling rate do not matter: everything is a ratio to rest, in seconds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from glutebal.errors import SignalError
from glutebal.model import Chunk, Samples, Track
from glutebal.signal.edges import Edge, Sighting, Spans, placed
from glutebal.signal.filters import Bandpass, ZeroPhase

BLOCK_S = 0.010
ENVELOPE_BLOCKS = 13
#: A block this many times as strong as what lies within 30 to 70 ms on either side is a spike (ECG), not a muscle.
SPIKE = 6.0
SPIKE_GAP, SPIKE_SIDE = 3, 5
#: At least this share of a recording is taken to be rest.
REST_SHARE = 0.1
#: Rest is taken to be at most this far below the strongest activity (40 dB): there the filter's own ringing is heard.
FAINTEST = 1e-4
#: Blocks below this share of the strongest are digital silence, not rest.
SILENCE = 1e-10


@dataclass(frozen=True)
class Burst:
    """A stretch of activity ``[start, stop)`` of one channel, and how far it stands out of the rest.

    ``snr_db`` is 10·log10 of the power of the activity over the power at rest. A burst that is cut by the end of a
    chunk has an unrefined edge there.
    """

    onset: Edge
    offset: Edge
    rate_hz: float
    snr_db: float

    @property
    def start(self) -> int:
        """First sample, on the session clock."""
        return self.onset.at

    @property
    def stop(self) -> int:
        """One past the last sample."""
        return self.offset.at

    @property
    def start_s(self) -> float:
        """Seconds on the session clock."""
        return self.start / self.rate_hz

    @property
    def stop_s(self) -> float:
        """Seconds on the session clock."""
        return self.stop / self.rate_hz


def onsets(
    track: Track,
    *,
    on_ratio: float = 1.5,
    off_ratio: float = 1.25,
    merge_s: float = 0.1,
    shortest_s: float = 0.1,
    min_snr_db: float = 2.0,
) -> tuple[Burst, ...]:
    """Find the bursts of a raw EMG channel; no rest segment has to be given, no unit, no rate.

    Parameters
    ----------
    track : Track
        Raw EMG, at least 500 Hz advised. It is band-passed here, 20-450 Hz, zero phase. Gaps are respected: a burst
        never spans one, and a chunk shorter than about 0.4 s is passed over.
    on_ratio, off_ratio : float
        RMS over resting RMS above which a burst begins and below which it ends; on_ratio > off_ratio > 1.
    merge_s, shortest_s : float
        Bursts closer than ``merge_s`` are one; bursts shorter than ``shortest_s`` are none. In seconds.
    min_snr_db : float
        What the strongest burst must reach.

    Returns
    -------
    tuple of Burst
        In time order. A heart beat as strong as a burst and less than 70 ms outside of it moves that edge outwards
        by up to 0.2 s, and ``se_s`` does not know.


    Raises
    ------
    SignalError
        A setting is out of range, or nothing stands out of the rest: the muscle was never at rest, never active,
        or the channel is too noisy to tell.
    RateError
        The channel is too slow for the band.
    """
    where = track.channel.name
    _require_settings(on_ratio, off_ratio, merge_s, shortest_s, where)
    blocks = [_Blocks.of(chunk) for chunk in ZeroPhase(Bandpass())(track).chunks]
    if not blocks:
        raise SignalError("a gap-free stretch of at least 0.5 s", f"{track.n_samples} samples in pieces", where)
    rest = _resting_power(np.concatenate([b.envelope for b in blocks]), off_ratio)
    thresholds = _Thresholds(rest * on_ratio**2, rest * off_ratio**2, merge_s, shortest_s)
    found = [thresholds.bursts(b) for b in blocks]
    levels = [db for b, spans in zip(blocks, found, strict=True) for db in b.levels_db(spans, rest)]
    _require_activity(max(levels, default=-math.inf), min_snr_db, where)
    edges = placed([b.sighting(spans) for b, spans in zip(blocks, found, strict=True)])
    return tuple(Burst(*pair, track.channel.rate_hz, db) for pair, db in zip(chain(*edges), levels, strict=True))


def _require_settings(on_ratio: float, off_ratio: float, merge_s: float, shortest_s: float, where: str) -> None:
    if not (on_ratio > off_ratio > 1 and merge_s >= 0 and shortest_s >= 0):
        given = f"{on_ratio:g}, {off_ratio:g}, {merge_s:g} s, {shortest_s:g} s"
        raise SignalError("on_ratio > off_ratio > 1 and merge_s, shortest_s >= 0", given, where)


def _require_activity(best_db: float, min_snr_db: float, where: str) -> None:
    if best_db < min_snr_db:
        seen = "nothing above it" if best_db == -math.inf else f"at most {best_db:.1f} dB"
        advice = "record two seconds of rest before and after the activity"
        raise SignalError(f"activity at least {min_snr_db:g} dB above the rest", seen, where, advice)


@dataclass(frozen=True)
class _Blocks:
    """A band-passed chunk in blocks of about 10 ms: where the spikes are, and the envelope (power) without them."""

    chunk: Chunk
    size: int  # samples per block
    spikes: NDArray[np.bool_]
    power: Samples
    envelope: Samples

    @classmethod
    def of(cls, chunk: Chunk) -> _Blocks:
        size = max(1, round(BLOCK_S * chunk.channel.rate_hz))
        spikes, clean = _without_spikes(_mean_power(chunk.samples, size))
        return cls(chunk, size, spikes, clean, _moving_mean(clean))

    @property
    def per_s(self) -> float:
        return self.chunk.channel.rate_hz / self.size

    def levels_db(self, spans: Spans, rest: float) -> list[float]:
        """Power of each burst over the power at rest, in dB."""
        means = [float(np.mean(self.envelope[a:b])) for a, b in spans]
        return [10 * math.log10(mean / rest - 1) for mean in means]

    def sighting(self, spans: Spans) -> Sighting:
        """The bursts in samples; one that reaches the last block reaches the end of the chunk."""
        n = self.chunk.samples.size
        samples = np.where(spans == self.envelope.size, n, spans * self.size)
        believed = np.ones(n, dtype=bool)
        believed[: self.spikes.size * self.size] = ~np.repeat(self.spikes, self.size)
        return Sighting(self.chunk, samples, believed)


def _mean_power(samples: Samples, width: int) -> Samples:
    """Mean square of consecutive runs of ``width`` samples, shape (n // width,)."""
    whole = samples[: samples.size // width * width]
    return np.asarray(np.mean(whole.reshape(-1, width) ** 2, axis=1))


def _without_spikes(power: Samples) -> tuple[NDArray[np.bool_], Samples]:
    """Mark blocks that tower over both sides, and lower them to what is around.

    An edge of a burst is never marked: on one side of it lies the burst.
    """
    reach = SPIKE_GAP + SPIKE_SIDE - 1
    padded = np.pad(power, reach, mode="reflect")
    sides = np.median(np.lib.stride_tricks.sliding_window_view(padded, SPIKE_SIDE), axis=1)
    around = np.maximum(sides[: power.size], sides[reach + SPIKE_GAP :][: power.size])
    hit = power > SPIKE * around
    spike = np.convolve(hit, np.ones(2 * SPIKE_GAP - 1), "same") > 0
    return spike, np.where(spike, np.minimum(power, around), power)


def _moving_mean(blocks: Samples) -> Samples:
    half = ENVELOPE_BLOCKS // 2
    padded = np.pad(blocks, half, mode="reflect")
    return np.asarray(np.lib.stride_tricks.sliding_window_view(padded, ENVELOPE_BLOCKS).mean(axis=1))


def _resting_power(envelope: Samples, off_ratio: float) -> float:
    """The level at which the quietest tenth of the envelope and all that is near it come to rest."""
    live = envelope[envelope > SILENCE * envelope.max()]
    if live.size == 0:
        return 0.0
    rest = float(np.quantile(live, REST_SHARE))
    for _ in range(4):
        rest = float(np.mean(live[live <= off_ratio**2 * rest]))
    return max(rest, FAINTEST * float(envelope.max()))


@dataclass(frozen=True)
class _Thresholds:
    """Powers between which a burst begins and ends, and how long it and its pauses have to be."""

    on: float
    off: float
    merge_s: float
    shortest_s: float

    def bursts(self, blocks: _Blocks) -> Spans:
        """Bursts of one chunk in blocks, shape (n, 2)."""
        above = np.pad(blocks.envelope > self.off, 1)
        spans = np.flatnonzero(above[1:] != above[:-1]).reshape(-1, 2)
        spans = spans[_count(blocks.envelope > self.on, spans) > 0]
        spans = _merged(spans, self.merge_s * blocks.per_s)
        return spans[_count(blocks.power > self.on, spans) >= self.shortest_s * blocks.per_s]


def _count(mask: NDArray[np.bool_], spans: Spans) -> Spans:
    total = np.concatenate([[0], np.cumsum(mask)])
    return np.asarray(total[spans[:, 1]] - total[spans[:, 0]])


def _merged(spans: Spans, pause: float) -> Spans:
    if len(spans) == 0:
        return spans
    apart = spans[1:, 0] - spans[:-1, 1] >= pause
    first, last = np.concatenate([[True], apart]), np.concatenate([apart, [True]])
    return np.stack([spans[first, 0], spans[last, 1]], axis=1)
