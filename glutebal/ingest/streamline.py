"""One stream of one device as it comes: its blocks in time, and, when asked, its samples in order."""

from __future__ import annotations

import math
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass, replace

from glutebal.ingest.clock import ClockMap
from glutebal.ingest.driver import Block, Stream, Ticks
from glutebal.ingest.placement import Line, lines_of
from glutebal.ingest.ticks import Counts
from glutebal.ingest.timeline import Placed, Timeline

SILENCE_S = 0.5  # in which a device that says nothing of time may have lost anything
_Arrived = tuple[int, float, Block]  # connection, arrival on the session clock


@dataclass(frozen=True, eq=False)
class Settled:
    """A stream as it turned out: with its rate, its samples in order, the map of every segment, and what is odd."""

    stream: Stream
    lines: list[Line]
    maps: tuple[ClockMap, ...]
    oddity: str = ""


class StreamLine:
    """Blocks in, lines out; a stream whose rate nobody knows is kept until its arrivals tell.

    Parameters
    ----------
    stream : Stream
    """

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.untrusted = 0
        self._timeline = Timeline(stream) if _is_timed(stream) else None
        self._placed: list[Placed] = []
        self._waiting: list[_Arrived] = []
        self._connection, self._arrival_s = -1, math.nan

    @property
    def counts(self) -> Counts:
        """What became of its samples so far; ``lost`` by the nominal rate."""
        return self._timeline.counts if self._timeline else Counts(kept=sum(len(b.values) for *_, b in self._waiting))

    def take(self, block: Block, connection: int, arrival_s: float) -> None:
        """Take the next block of this stream."""
        self.untrusted += 0 if block.trusted else len(block.values)
        if self._timeline is None:
            self._waiting.append((connection, arrival_s, block))
            return
        if connection != self._connection or self._was_silent(arrival_s):
            self._keep(self._timeline.reconnected())
        self._connection, self._arrival_s = connection, arrival_s
        self._keep(self._timeline.place(block, arrival_s))

    def placed(self, after: int = 0) -> list[Placed]:
        """What was placed so far but for the first ``after`` parts; nothing while the rate is not known."""
        return self._placed[after:]

    def seconds(self, segment: int, tick: int) -> float:
        """Where a tick of a segment stands on the session clock as far as is known now; NaN without a rate."""
        return self._timeline.seconds(segment, tick) if self._timeline else math.nan

    def settled(self) -> Settled:
        """Everything so far.

        Nothing changes: what the time line holds back until the next packet is placed in a copy.
        """
        if self._timeline is None:
            return self._timed().settled() if self._waiting else Settled(self.stream, [], ())
        timeline = deepcopy(self._timeline)
        rest = timeline.flush()
        maps = timeline.maps()
        lines = lines_of(self.stream, [*self._placed, *_filled(rest)], maps)
        return Settled(self.stream, lines, maps, "" if self._has_clock else timeline.rate_warning())

    def _keep(self, placed: Iterable[Placed]) -> None:
        self._placed += _filled(placed)

    @property
    def _has_clock(self) -> bool:
        return self.stream.clock.kind is not Ticks.NONE

    def _was_silent(self, arrival_s: float) -> bool:
        if self._has_clock:
            return False
        slow_s = 5 / self.stream.rate_hz if self.stream.rate_hz > 0 else 0.0
        return arrival_s - self._arrival_s > max(SILENCE_S, slow_s)

    def _timed(self) -> StreamLine:
        """The same blocks in a line that has the rate of their arrivals; 1 Hz when there is only one moment."""
        _, first_s, first = self._waiting[0]
        seconds = self._waiting[-1][1] - first_s
        samples = sum(len(block.values) for *_, block in self._waiting) - len(first.values)
        line = StreamLine(replace(self.stream, rate_hz=samples / seconds if samples and seconds > 0 else 1.0))
        for connection, arrival_s, block in self._waiting:
            line.take(block, connection, arrival_s)
        return line


def _filled(placed: Iterable[Placed]) -> list[Placed]:
    return [part for part in placed if part.ticks.size]


def _is_timed(stream: Stream) -> bool:
    return stream.clock.tick_s > 0 or stream.rate_hz > 0
