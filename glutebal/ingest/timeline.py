"""One stream's samples on one time line: every sample once, in segments, each with its map to session time.

::

    (block, arrival) ──Counter──▶ unwrapped ticks ──Envelope──▶ ClockMap of the segment
                        │ drops what was seen       a new one after a reconnection or a jump

Fed live or from a log it gives the same: it knows no other time than the arrivals it is told.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from glutebal.ingest.clock import ClockMap, Envelope, tick_seconds
from glutebal.ingest.driver import Block, Clock, Stream, Ticks
from glutebal.ingest.ticks import SHORT_TURN_S, SHORTEST_TURN_S, Counter, Counts, Placement, Ticked
from glutebal.model import Samples

RATE_TOLERANCE = 0.1
RATE_WATCH_S = 5.0


@dataclass(frozen=True, eq=False)
class Placed:
    """Samples with their place: unwrapped ticks (n,) in a segment, values (n, axes)."""

    segment: int
    ticks: Ticked
    values: Samples
    trusted: bool = True


@dataclass(frozen=True, eq=False)
class _Packet:
    block: Block
    ticks: Ticked
    arrival_s: float
    queued: bool


class Timeline:
    """Places the blocks of one stream; arrivals must be told in the order in which they came.

    Parameters
    ----------
    stream : Stream
        What the driver says of rate and clock.

    Raises
    ------
    InputError
        The stream has neither a tick length nor a nominal rate.
    """

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.tick_s = tick_seconds(stream.clock, stream.rate_hz)
        self._counter = Counter(self.tick_s, self._step(), self._clock.wrap)
        self._envelopes: list[Envelope] = []
        self._firsts: list[int] = []  # the first sample of every segment
        self._held: _Packet | None = None
        self._next = 0
        self._arrival_s = -math.inf
        self._span = [math.inf, -math.inf]

    @property
    def _clock(self) -> Clock:
        return self.stream.clock

    @property
    def counts(self) -> Counts:
        """How many samples were kept, dropped as seen before, lost."""
        return replace(self._counter.counts)

    @property
    def segments(self) -> int:
        """How many segments there are so far."""
        return len(self._envelopes)

    def _step(self) -> float:
        if self._clock.kind is not Ticks.STAMP:
            return 1.0
        return 1 / (self.stream.rate_hz * self.tick_s) if self.stream.rate_hz > 0 else math.nan

    def reconnected(self) -> list[Placed]:
        """The connection is new: the next packet begins a segment. Returns what was still held."""
        rest = self.flush()
        self._counter.restart()
        self._arrival_s = -math.inf
        return rest

    def place(self, block: Block, arrival_s: float) -> list[Placed]:
        """Place one block that arrived at ``arrival_s`` on the session clock; it may be held until the next one."""
        if not len(block.values):
            return []
        ticks = self._ticks_of(block)
        silence = arrival_s - self._arrival_s
        packet = _Packet(block, ticks, arrival_s, queued=silence < 0.5 * ticks.size * self._sample_s)
        self._arrival_s = arrival_s
        done = self._release(queued=packet.queued)
        if self._ambiguous(silence):
            self._held = packet
            return done
        return done + self._settle(packet)

    def flush(self) -> list[Placed]:
        """Place what is held: no more packets will come, for now."""
        return self._release(queued=False)

    def maps(self) -> tuple[ClockMap, ...]:
        """The map of every segment, in order; a segment starts after the one before it has ended."""
        found: list[ClockMap] = []
        for envelope, first in zip(self._envelopes, self._firsts, strict=True):
            this = envelope.map()
            free_s = found[-1].stop_s + self._sample_s if found else -math.inf
            overlap = free_s - float(this.seconds([first])[0])
            found.append(_moved(this, max(overlap, 0.0)))
        return tuple(found)

    def seconds(self, segment: int, tick: int) -> float:
        """Where a tick of a segment stands on the session clock as far as is known now."""
        start_s, tick_s = self._envelopes[segment].line()
        return start_s + (tick - self._envelopes[segment].origin) * tick_s

    def rate_warning(self) -> str:
        """What is odd about the rate of a device without a clock, in words; empty when nothing is."""
        return rate_warning(self._counter.counts.kept, self._span[1] - self._span[0], self.stream.rate_hz)

    def _ticks_of(self, block: Block) -> Ticked:
        if block.ticks is not None:
            return np.asarray(block.ticks, dtype=np.int64)
        ticks = self._next + np.arange(len(block.values), dtype=np.int64)
        self._next += ticks.size
        return ticks

    @property
    def _sample_s(self) -> float:
        """Nominal time from sample to sample; 0 when the device decides."""
        step = self._step()
        return step * self.tick_s if math.isfinite(step) else 0.0

    def _ambiguous(self, silence_s: float) -> bool:
        turn_s = self._counter.turn_s
        return SHORTEST_TURN_S <= turn_s < SHORT_TURN_S and 0.5 * turn_s < silence_s < math.inf

    def _release(self, *, queued: bool) -> list[Placed]:
        held, self._held = self._held, None
        return self._settle(replace(held, queued=queued)) if held else []

    def _settle(self, packet: _Packet) -> list[Placed]:
        fresh = self._counter.newest is None
        now = math.nan if fresh else self._envelopes[-1].tick_at(packet.arrival_s)
        there = self._counter.place(packet.ticks, packet.arrival_s, now, queued=packet.queued)
        if fresh or there.restarted:
            self._envelopes.append(Envelope.of(self.stream))
            self._firsts.append(int(there.ticks[0]))
        if not there.ticks.size:
            return []
        return [self._observe(packet, there)]

    def _observe(self, packet: _Packet, there: Placement) -> Placed:
        self._span = [min(self._span[0], packet.arrival_s), max(self._span[1], packet.arrival_s)]
        self._envelopes[-1].observe(int(there.ticks[-1]), packet.arrival_s)
        self._firsts[-1] = min(self._firsts[-1], int(there.ticks[0]))
        values = packet.block.values[there.keep]
        return Placed(len(self._envelopes) - 1, there.ticks, values, packet.block.trusted)


def _moved(found: ClockMap, later_s: float) -> ClockMap:
    return replace(found, origin_s=found.origin_s + later_s, uncertainty_s=found.uncertainty_s + later_s)


def rate_warning(samples: int, seconds: float, nominal_hz: float) -> str:
    """What is odd about a rate: a whole multiple of the nominal one (packets delivered twice) or too few samples.

    Empty when the rate is within a tenth of nominal, unknown, or was watched for less than 5 s.
    """
    if not (nominal_hz > 0 and seconds >= RATE_WATCH_S):
        return ""
    ratio = samples / (seconds * nominal_hz)
    times = round(ratio)
    if times >= 2 and abs(ratio / times - 1) <= RATE_TOLERANCE:
        return f"{ratio:.2f} times the nominal {nominal_hz:g} Hz: every packet seems to be delivered {times} times"
    if ratio < 1 - RATE_TOLERANCE:
        return f"{100 * (1 - ratio):.0f} % fewer samples than the nominal {nominal_hz:g} Hz: packets are being lost"
    if ratio > 1 + RATE_TOLERANCE:
        return f"{ratio:.2f} times the nominal {nominal_hz:g} Hz: is this the right sensor setting?"
    return ""
