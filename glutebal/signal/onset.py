"""When a muscle switches on and off: bursts of activity in one EMG channel.

A burst is found where the 130 ms RMS leaves the channel's own resting level, and ends where it returns (Hodges & Bui
1996 EEG Clin Neurophysiol 101:511 with hysteresis; the rest is found, not given). Each edge is then placed by maximum
likelihood (`glutebal.signal.edges`). Unit and sampling rate do not matter: everything is a ratio to rest, in seconds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glutebal.errors import SignalError
from glutebal.model import Chunk, Samples, Track
from glutebal.signal.edges import CELL_S, RampModel
from glutebal.signal.filters import USABLE_BAND, Bandpass, Highpass, Lowpass, SosFilter, ZeroPhase
from glutebal.signal.noise import equivalent_bandwidth_hz

BLOCK_S = 0.010
ENVELOPE_BLOCKS = 13
#: A block this many times as strong as what lies within 30 to 70 ms on either side is a spike (ECG), not a muscle.
SPIKE = 6.0
SPIKE_GAP, SPIKE_SIDE = 3, 5
#: At least this share of a recording is taken to be rest.
REST_SHARE = 0.1
#: Blocks below this share of the strongest are digital silence, not rest.
SILENCE = 1e-10
#: An edge is placed by likelihood when the power after it is this many times the rest, and kept when it is this sure.
REFINE_ABOVE = 2.0
SURE_S = 0.03

Spans = NDArray[np.int_]
#: Ways of looking at the pass band; the one in which rest and activity differ most places the edges.
LENSES: tuple[SosFilter | None, ...] = (Lowpass(200.0, 2), Lowpass(300.0, 2), None, Highpass(80.0, 1))


@dataclass(frozen=True)
class Edge:
    """One edge of a burst.

    Parameters
    ----------
    at : int
        Sample on the session clock of the channel.
    refined : bool
        Placed by likelihood; else the place where the envelope crosses its threshold, good to about 50 ms.
    se_s : float
        Standard error in seconds from the likelihood; NaN when not refined.
    """

    at: int
    refined: bool
    se_s: float


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
        What the strongest burst must reach, in dB.

    Returns
    -------
    tuple of Burst
        In time order.

    Raises
    ------
    SignalError
        Nothing stands out of the rest: the muscle was never at rest, never active, or the channel is too noisy to tell.
    RateError
        The channel is too slow for the band.
    """
    where = track.channel.name
    views = [_View.of(chunk) for chunk in ZeroPhase(Bandpass())(track).chunks]
    if not views:
        raise SignalError("a gap-free stretch of at least 0.5 s", f"{track.n_samples} samples in pieces", where)
    rest = _resting_power(np.concatenate([view.envelope for view in views]), off_ratio)
    thresholds = _Thresholds(rest * on_ratio**2, rest * off_ratio**2, merge_s, shortest_s)
    found = [thresholds.bursts(view) for view in views]
    _require_activity(_strongest_db(views, found, rest), min_snr_db, where)
    lens = _best_lens(views, found)
    return tuple(burst for view, spans in zip(views, found, strict=True) for burst in _placed(view, spans, lens, rest))


def _require_activity(best_db: float, min_snr_db: float, where: str) -> None:
    if best_db < min_snr_db:
        seen = "nothing above it" if best_db == -math.inf else f"at most {best_db:.1f} dB"
        advice = "record two seconds of rest before and after the activity"
        raise SignalError(f"activity at least {min_snr_db:g} dB above the rest", seen, where, advice)


@dataclass(frozen=True)
class _View:
    """A band-passed chunk in blocks of about 10 ms: power without spikes, where the spikes are, the envelope."""

    chunk: Chunk
    cell: int  # samples per cell
    block: int  # samples per block
    spikes: NDArray[np.bool_]
    envelope: Samples

    @classmethod
    def of(cls, chunk: Chunk) -> _View:
        rate = chunk.channel.rate_hz
        cell = max(1, round(CELL_S * rate))
        block = cell * max(1, round(BLOCK_S * rate / cell))
        spikes, clean = _without_spikes(_mean_power(chunk.samples, block))
        return cls(chunk, cell, block, spikes, _moving_mean(clean))

    @property
    def rate_hz(self) -> float:
        return self.chunk.channel.rate_hz

    def seen(self, cells: Samples) -> Samples:
        """1 for every cell that is not part of a spike, shape of ``cells``."""
        out = np.ones(cells.size)
        hidden = np.repeat(self.spikes, self.block // self.cell)[: cells.size]
        out[: hidden.size][hidden] = 0.0
        return out

    def inside(self, spans: Spans, margin: int) -> NDArray[np.bool_]:
        """Which blocks lie inside the spans, each narrowed (or widened, margin < 0) by ``margin`` blocks."""
        steps = np.zeros(self.envelope.size + 1, dtype=int)
        first = np.clip(spans[:, 0] + margin, 0, self.envelope.size)
        stop = np.clip(spans[:, 1] - margin, first, self.envelope.size)
        np.add.at(steps, first, 1)
        np.add.at(steps, stop, -1)
        return np.cumsum(steps)[:-1] > 0


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
    hit = np.pad(power > SPIKE * around, 1)
    spike = hit[1:-1] | hit[:-2] | hit[2:]
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
    return rest


@dataclass(frozen=True)
class _Thresholds:
    """Powers between which a burst begins and ends, and how long it and its pauses have to be."""

    on: float
    off: float
    merge_s: float
    shortest_s: float

    def bursts(self, view: _View) -> Spans:
        """Bursts of one chunk in blocks, shape (n, 2)."""
        above = np.pad(view.envelope > self.off, 1)
        spans = np.flatnonzero(above[1:] != above[:-1]).reshape(-1, 2)
        high = np.concatenate([[0], np.cumsum(view.envelope > self.on)])
        spans = spans[high[spans[:, 1]] > high[spans[:, 0]]]
        per_s = view.rate_hz / view.block
        spans = _merged(spans, self.merge_s * per_s)
        return spans[spans[:, 1] - spans[:, 0] >= self.shortest_s * per_s]


def _merged(spans: Spans, pause: float) -> Spans:
    apart = spans[1:, 0] - spans[:-1, 1] >= pause
    first, last = np.pad(apart, (1, 0), constant_values=True), np.pad(apart, (0, 1), constant_values=True)
    keep = len(spans)
    return np.stack([spans[first[:keep], 0], spans[last[:keep], 1]], axis=1)


def _strongest_db(views: Sequence[_View], found: Sequence[Spans], rest: float) -> float:
    every = (_snr_db(view, span, rest) for view, spans in zip(views, found, strict=True) for span in spans)
    return max(every, default=-math.inf)


def _snr_db(view: _View, span: Sequence[int], rest: float) -> float:
    mean = float(np.mean(view.envelope[span[0] : span[1]]))
    return 10 * math.log10(mean / rest - 1)


@dataclass(frozen=True)
class _Lens:
    """A way of looking at the pass band: its filter, power at rest, independent samples per second of activity."""

    filter: SosFilter | None
    rest: float
    independent_per_s: float
    information: float

    def samples(self, chunk: Chunk) -> Samples:
        return _through(self.filter, chunk)


def _through(lens: SosFilter | None, chunk: Chunk) -> Samples:
    if lens is None:
        return chunk.samples
    return ZeroPhase(lens)(Track(chunk.channel, (chunk,))).values()


def _best_lens(views: Sequence[_View], found: Sequence[Spans]) -> _Lens:
    """The lens in which a second of activity looks least like rest (Kullback & Leibler 1951)."""
    rate = views[0].rate_hz
    usable = [lens for lens in LENSES if not isinstance(lens, Lowpass) or lens.cutoff_hz < USABLE_BAND * rate]
    return max((_lens(lens, views, found) for lens in usable), key=lambda lens: lens.information)


def _lens(lens: SosFilter | None, views: Sequence[_View], found: Sequence[Spans]) -> _Lens:
    quiet, busy, runs = [], [], []
    for view, spans in zip(views, found, strict=True):
        samples = _through(lens, view.chunk)
        power = _mean_power(samples, view.block)
        quiet.append(power[~view.inside(spans, -SPIKE_SIDE) & ~view.spikes])
        busy.append(power[view.inside(spans, SPIKE_SIDE) & ~view.spikes])
        runs += [samples[a * view.block : b * view.block] for a, b in spans]
    rest, active = float(np.mean(np.concatenate(quiet))), float(np.mean(np.concatenate(busy)))
    independent_per_s = 2 * equivalent_bandwidth_hz(runs, views[0].rate_hz)
    information = independent_per_s * (rest / active - 1 + math.log(active / rest)) / 2
    return _Lens(lens, rest, independent_per_s, information)


def _placed(view: _View, spans: Spans, lens: _Lens, rest: float) -> list[Burst]:
    """The bursts of one chunk with their edges."""
    cells = _mean_power(lens.samples(view.chunk), view.cell)
    model = RampModel(view.cell / view.rate_hz, lens.rest, lens.independent_per_s)
    rising = _Rises(model, cells, view.seen(cells))
    falling = _Rises(model, cells[::-1], view.seen(cells)[::-1])
    edges = spans * (view.block // view.cell)
    out = []
    for i, (a, z) in enumerate(edges):
        before = (edges[i - 1, 1] + a) // 2 if i else 0
        after = (edges[i + 1, 0] + z) // 2 if i + 1 < len(edges) else cells.size
        up = rising.edge(int(a), (int(before), int(a + z) // 2))
        down = falling.edge(int(cells.size - z), (int(cells.size - after), int(cells.size - (a + z) // 2)))
        out.append(Burst(..., view.rate_hz, _snr_db(view, spans[i], rest)))
    return out
