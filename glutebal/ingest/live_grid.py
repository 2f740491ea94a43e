"""The samples of a session on its grid while they come, before the clocks of its devices are fully known.

::

    Session ──new parts──▶ first sample of a segment: placed by what the arrivals say now ──▶ Chunk, Chunk ...
                           every later one: by its own number

A recording that is read afterwards knows every arrival and may place a segment a few samples elsewhere: what is shown
live is told again when the set is worked out (`glutebal.live`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from glutebal.ingest.driver import Stream, Ticks
from glutebal.ingest.header import Identity
from glutebal.ingest.recorded import Axis, axes_of
from glutebal.ingest.session import Session
from glutebal.ingest.streamline import StreamLine
from glutebal.ingest.ticks import Ticked
from glutebal.ingest.timeline import Placed
from glutebal.model import Chunk, Samples, Track

NEXT = 1.75  # periods: what is closer to its predecessor has lost nothing in between


@dataclass
class _Place:
    """Where the segment of a stream begins: the number of ``tick`` on the grid, and the first free grid point."""

    axes: tuple[Axis, ...]
    taken: int = 0  # parts of the line that were handed on
    segment: int = -1
    tick: int = 0
    number: int = 0
    free: int = 0
    last: tuple[int, int] | None = None  # the newest tick and its grid point


@dataclass
class LiveGrid:
    """What a session has decoded, as gap-free chunks, each handed on once.

    Parameters
    ----------
    session : Session
        Packets are pushed into it by its owner.
    """

    session: Session
    _places: dict[int, _Place] = field(default_factory=dict)

    def take(self) -> list[Chunk]:
        """What has come since the last call, per channel in time order.

        Samples that come later than their successors, lie before the session began, or belong to a stream whose rate
        nobody knows are in the recording, not here.
        """
        return [chunk for who, line in self.session.lines() for chunk in self._fresh(who, line)]

    def _fresh(self, who: Identity, line: StreamLine) -> Iterator[Chunk]:
        place = self._places.get(id(line))
        if place is None:
            rate_hz = line.stream.rate_hz
            if not rate_hz > 0:
                return
            axes = tuple(replace(a, channel=replace(a.channel, rate_hz=rate_hz)) for a in axes_of(who, line.stream))
            place = self._places[id(line)] = _Place(axes)
        parts = line.placed(place.taken)
        place.taken += len(parts)
        found = [piece for part in parts if (piece := _on_grid(part, line, place)) is not None]
        if found:  # as few chunks as there can be: every one costs its way through the hall
            yield from _chunks(np.concatenate([i for i, _ in found]), np.concatenate([v for _, v in found]), place.axes)


def _chunks(index: Ticked, values: Samples, axes: Iterable[Axis]) -> Iterator[Chunk]:
    cuts = (np.flatnonzero(np.diff(index) != 1) + 1).tolist()
    for a, b in zip([0, *cuts], [*cuts, index.size], strict=True):
        for axis in axes:
            samples = values[a:b, axis.column] * axis.scale
            yield from Track.of_samples(axis.channel, samples, int(index[a])).chunks


def _on_grid(part: Placed, line: StreamLine, place: _Place) -> tuple[Ticked, Samples] | None:
    """The grid points of a part, rising and not taken before, with its samples; None when there are none."""
    if part.segment != place.segment:
        _begin(part, line, place)
    order = np.argsort(part.ticks, kind="stable")
    index, values = _slipped(part.ticks[order], part.values[order], line.stream, place)
    keep = index >= place.free
    index, values = index[keep], values[keep]
    if not part.trusted or not index.size:
        return None
    place.free = int(index[-1]) + 1
    return index, values


def _begin(part: Placed, line: StreamLine, place: _Place) -> None:
    """A new segment: its first tick is placed by the arrivals so far, never on grid points that are taken."""
    tick = int(part.ticks.min())
    at = round(line.seconds(part.segment, tick) * line.stream.rate_hz)
    number = at if place.segment < 0 else max(at, place.free)
    place.segment, place.tick, place.number, place.last = part.segment, tick, number, None


def _slipped(ticks: Ticked, values: Samples, stream: Stream, place: _Place) -> tuple[Ticked, Samples]:
    """Grid points of samples. Where time stamps run beside the grid a sample is left out or stands twice."""
    if stream.clock.kind is not Ticks.STAMP:
        return np.asarray(ticks - place.tick + place.number, dtype=np.int64), values
    per_tick = stream.clock.tick_s * stream.rate_hz
    index = np.rint((ticks - place.tick) * per_tick).astype(np.int64) + place.number
    before = (int(ticks[0]), int(index[0]) - 1) if place.last is None else place.last
    place.last = int(ticks[-1]), int(index[-1])
    steps, next_to = np.diff(index, prepend=before[1]), np.diff(ticks, prepend=before[0]) * per_tick < NEXT
    times = np.where(steps == 0, 0, np.where((steps == 2) & next_to, 2, 1))
    doubled = np.repeat(index, times)
    first = np.diff(doubled, append=doubled[-1:] + 1) == 0  # of two that stand on one point, one goes before it
    return np.asarray(doubled - first, dtype=np.int64), np.repeat(values, times, axis=0)
