"""From placed ticks to tracks: where every sample stands on the session's grid.

The rule. Device ticks become session time by the map of their segment (see `glutebal.ingest.clock`). The grid is the
stream's nominal rate from the session's zero, one for both sides. If a segment kept so close to nominal that no sample
is pushed by more than half a period (or by no more than waits can feign), its samples stay as they are, and the segment
is moved to the nearest grid point as a whole; otherwise they are interpolated linearly onto the grid, inside gap-free
stretches only. A device that runs more than a tenth beside its nominal rate, or states none, gets a grid of its own.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from glutebal.ingest.clock import LATE_S, ClockMap
from glutebal.ingest.driver import Stream, Ticks
from glutebal.ingest.ticks import Ticked
from glutebal.ingest.timeline import Placed
from glutebal.model import Channel, Chunk, Samples, Track

STRANGE = 0.1  # relative: a rate this far beside nominal is another rate
FEW = 16  # steps that do not measure a period
SHORT_S = 10.0  # segments in which waits can look like a drift of a per cent


@dataclass(frozen=True, eq=False)
class Line:
    """Samples of one device clock in order: numbers and session seconds, shape (n,), values (n, axes).

    ``doubt_s`` is how much drift over the line may be an illusion.
    """

    numbers: Ticked
    seconds: Samples
    values: Samples
    doubt_s: float = 0.0

    @property
    def lost(self) -> int:
        """Samples that the numbers skip."""
        return int(self.numbers[-1] - self.numbers[0]) + 1 - self.numbers.size

    @property
    def rate_hz(self) -> float:
        """Measured: numbers per session second; NaN for a single sample."""
        steps, seconds = float(self.numbers[-1] - self.numbers[0]), float(self.seconds[-1] - self.seconds[0])
        return steps / seconds if steps > 0 and seconds > 0 else math.nan


@dataclass(frozen=True, eq=False)
class Stretch:
    """A gap-free stretch on the grid: index of its first row, values (n, axes), how far samples were moved at most."""

    start: int
    values: Samples
    moved_s: float = 0.0


def lines_of(stream: Stream, placed: Iterable[Placed], maps: Sequence[ClockMap]) -> list[Line]:
    """The samples of a stream, one line per segment of its clock. What is not trusted is NaN."""
    segments: dict[int, list[Placed]] = {}
    for part in placed:
        segments.setdefault(part.segment, []).append(part)
    return [_line(stream, parts, maps[segment]) for segment, parts in sorted(segments.items())]


def _line(stream: Stream, parts: list[Placed], clock: ClockMap) -> Line:
    ticks = np.concatenate([part.ticks for part in parts])
    values = np.concatenate([p.values if p.trusted else np.full_like(p.values, np.nan) for p in parts])
    order = np.argsort(ticks, kind="stable")
    ticks = ticks[order]
    return Line(_numbers(stream, ticks), clock.seconds(ticks), values[order], _doubt_s(stream, clock))


def _doubt_s(stream: Stream, clock: ClockMap) -> float:
    """Time stamps show drift by themselves; of a mere count only the arrivals tell, and waits can tilt their line."""
    if stream.clock.kind is Ticks.STAMP:
        return 0.0
    return max(2 * clock.wander_s, LATE_S if clock.stop_s - clock.start_s < SHORT_S else 0.0)


def _numbers(stream: Stream, ticks: Ticked) -> Ticked:
    """Sample numbers from 0, rising by one at least: two time stamps that round to one number are two samples."""
    if stream.clock.kind is not Ticks.STAMP or ticks.size < 2:
        return np.asarray(ticks - ticks[0], dtype=np.int64)
    steps = np.diff(ticks)
    numbers = np.concatenate([[0], np.cumsum(np.rint(steps / _period(stream, steps)).astype(np.int64))])
    rising = np.arange(ticks.size)
    return np.asarray(np.maximum.accumulate(numbers - rising) + rising, dtype=np.int64)


def _period(stream: Stream, steps: Ticked) -> float:
    """Ticks from sample to sample: measured, for a device may be off its nominal rate; nominal when there are few."""
    nominal = 1 / (stream.rate_hz * stream.clock.tick_s) if stream.rate_hz > 0 and stream.clock.tick_s > 0 else 0.0
    usual = float(np.median(steps))
    if usual <= 0 or (nominal and steps.size < FEW):
        return nominal or 1.0
    return float(np.mean(steps[np.abs(steps - usual) <= usual / 2]))


def grid_rate_hz(nominal_hz: float, lines: Iterable[Line]) -> float:
    """The rate of the grid: nominal, unless the device is far beside it or states none; NaN when nothing is known."""
    rates = [(line.numbers.size, line.rate_hz) for line in lines if math.isfinite(line.rate_hz)]
    measured = max(rates)[1] if rates else math.nan
    if nominal_hz > 0 and not abs(measured / nominal_hz - 1) > STRANGE:
        return float(nominal_hz)
    return float(f"{measured:.3g}")


def on_grid(lines: Iterable[Line], rate_hz: float) -> list[Stretch]:
    """Every line on the grid, in gap-free stretches that do not overlap."""
    found: list[Stretch] = []
    for line in lines:
        free = found[-1].start + len(found[-1].values) if found else None
        found += _stretches(line, rate_hz, free)
    return found


def _stretches(line: Line, rate_hz: float, free: int | None) -> Iterator[Stretch]:
    """``free`` is the first grid point that no earlier line has taken."""
    position = line.seconds * rate_hz
    if is_pushed(line, rate_hz):
        yield from _interpolated(line, position, free)
        return
    ahead = position - line.numbers
    start = round(float(ahead.min() + ahead.max()) / 2)
    start = start if free is None else max(start, free - int(line.numbers[0]))
    moved_s = float(np.max(np.abs(ahead - start))) / rate_hz
    for a, b in _runs(line.numbers):
        yield Stretch(start + int(line.numbers[a]), line.values[a:b], moved_s)


def is_pushed(line: Line, rate_hz: float) -> bool:
    """Whether drift would push a sample by more than half a period, and is no illusion."""
    drifted = float(np.ptp(line.seconds * rate_hz - line.numbers))
    return drifted > max(1.0, line.doubt_s * rate_hz)


def _interpolated(line: Line, position: Samples, free: int | None) -> Iterator[Stretch]:
    for a, b in _runs(line.numbers):
        first, last = math.ceil(position[a]), math.floor(position[b - 1])
        grid = np.arange(first if free is None else max(first, free), last + 1)
        if grid.size:
            columns = [np.interp(grid, position[a:b], column) for column in line.values[a:b].T]
            yield Stretch(int(grid[0]), np.stack(columns, axis=1))


def _runs(numbers: Ticked) -> Iterator[tuple[int, int]]:
    cuts = (np.flatnonzero(np.diff(numbers) > 1) + 1).tolist()
    yield from zip([0, *cuts], [*cuts, numbers.size], strict=True)


def track_of(channel: Channel, stretches: Iterable[Stretch], column: int) -> Track:
    """One axis as a track; what is not finite is a gap."""
    chunks: list[Chunk] = []
    for stretch in stretches:
        chunks += Track.of_samples(channel, stretch.values[:, column], stretch.start).chunks
    return Track.of(channel, chunks)
