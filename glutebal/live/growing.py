"""Tracks that grow while a set runs: what a look at the set so far is made of.

::

    chunk ──▶ GrowingTrack                        samples in place, never copied again
    chunk ──▶ GrowingEmg: band ▶ block power      the operators of `glutebal.signal.prepare`, started once per stretch

Asked at any moment, they give what `glutebal.analyse` would make of the samples that have come: the same operators,
fed in other pieces.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from glutebal.model import Channel, Chunk, Samples, Track
from glutebal.signal.envelope import BlockPower
from glutebal.signal.noise import noise_floor
from glutebal.signal.operator import Run
from glutebal.signal.prepare import EmgSettings, PreparedEmg

FIRST = 4096  # samples of room to begin with; doubled when it is full


@dataclass
class GrowingTrack:
    """One channel while it is recorded; gap-free pieces in, a `Track` of views out."""

    channel: Channel
    _room: Samples = field(default_factory=lambda: np.empty(FIRST))
    _used: int = 0
    _starts: list[tuple[int, int]] = field(
        default_factory=list
    )  # (place in the room, sample on the clock) of a stretch
    _stop: int = -1

    @property
    def stop(self) -> int:
        """One past the newest sample; -1 before the first."""
        return self._stop

    @property
    def n_samples(self) -> int:
        """Samples that have come."""
        return self._used

    def add(self, start: int, samples: Samples) -> None:
        """Take the next samples; ``start`` is at or behind `stop`."""
        if not samples.size:
            return
        if start != self._stop or not self._starts:
            self._starts.append((self._used, start))
        self._make_room(samples.size)
        self._room[self._used : self._used + samples.size] = samples
        self._used += samples.size
        self._stop = start + samples.size

    def track(self) -> Track:
        """What has come so far."""
        return Track(self.channel, tuple(Chunk(self.channel, start, samples) for start, samples in self.pieces(0)))

    def pieces(self, done: int) -> list[tuple[int, Samples]]:
        """The gap-free pieces behind the first ``done`` samples: where they begin, and views of them."""
        ends = [at for at, _ in self._starts] + [self._used]
        return [
            (start + max(done - at, 0), self._room[max(done, at) : end])
            for (at, start), end in zip(self._starts, ends[1:], strict=True)
            if end > done
        ]

    def since(self, start: int) -> tuple[int, Samples]:
        """The samples of the present stretch from ``start`` on: where they begin, and a view of them."""
        if not self._starts:
            return start, self._room[:0]
        at, first = self._starts[-1]
        begin = min(max(start, first), self._stop)
        return begin, self._room[at + begin - first : self._used]

    def _make_room(self, count: int) -> None:
        if self._used + count > self._room.size:
            larger = np.empty(max(2 * self._room.size, self._used + count))
            larger[: self._used] = self._room[: self._used]
            self._room = larger


class GrowingEmg:
    """One EMG channel while it is recorded: raw, and, when it is asked for, in the pass band and as block power.

    A channel that nobody follows costs no filtering; when it is followed it catches up.

    Raises
    ------
    RateError
        The channel is too slow for the band or for the 100 Hz clock.
    """

    def __init__(self, channel: Channel, settings: EmgSettings) -> None:
        self.channel = channel
        self._operator = settings.band()
        self.raw = GrowingTrack(channel)
        self._band = GrowingTrack(self._operator.start(channel).channel)
        self._power = GrowingTrack(BlockPower().start(self._band.channel).channel)
        self._settle = round(self._operator.settle_s * channel.rate_hz)
        self._filter: Run | None = None
        self._blocks: Run | None = None
        self._unsettled, self._done, self._filtered = 0, 0, -1

    def add(self, start: int, samples: Samples) -> None:
        """Take the next samples."""
        self.raw.add(start, samples)

    @property
    def power(self) -> GrowingTrack:
        """Block power as far as samples have come."""
        for start, samples in self.raw.pieces(self._done):
            self._push(start, samples)
        self._done = self.raw.n_samples
        return self._power

    def _push(self, start: int, samples: Samples) -> None:
        """After a gap the filter starts afresh and its first moments are not used."""
        if self._filter is None or start != self._filtered:
            self._filter, self._blocks = self._operator.start(self.channel, start), None
            self._unsettled = self._settle
        self._filtered = start + samples.size
        first = self._filter.position
        out = self._filter.push(samples)
        skip = min(self._unsettled, out.size)
        self._unsettled -= skip
        self._settled(first + skip, out[skip:])

    def _settled(self, first: int, band: Samples) -> None:
        if not band.size:
            return
        if self._blocks is None:
            self._blocks = BlockPower().start(self._band.channel, first)
        self._band.add(first, band)
        at = self._blocks.position
        self._power.add(at, self._blocks.push(band))

    def prepared(self) -> PreparedEmg:
        """What `glutebal.signal.prepare.prepare` would give for the samples that have come."""
        power = self.power.track()
        return PreparedEmg(self.channel, self._band.track(), power, noise_floor(power))
