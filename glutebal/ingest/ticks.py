"""The device's own count: unwrapped, every sample once, cut where the device starts over.

::

    raw      250  253  253   0   6   3  |  17 ...        modulo 256, three samples a packet
    unwrapped 250  253   ×  256 262 259 |  17            × seen before; 262 leaves a gap that 259 fills; | restart

Which turn of a short counter a packet belongs to is decided by the arrivals: a packet that came by itself is the one
nearest to now; one that came right behind another continues it, because it waited in a queue.

A count that skips forward is a loss, and is counted, for a loss that nobody counts is worse than one too many. Only
where the arrivals rule it out has the clock jumped: "now" is told by the packet that waited least, and if that one
waited too (the first of a connection often does), an honest packet is ahead of it by as much.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ticked = NDArray[np.int64]

JUMP_S = 0.25  # a counter of short turns this far ahead of what is possible has jumped: it may be another turn
WAIT_S = 10.0  # any other count may be this far ahead: a radio, a phone or a sensor that stalls holds packets as long
LATE_S = 2.0  # how late a reordered or repeated packet may come
RESTART_S = 1.0  # nothing but old counts for this long: the device started over
SHORT_TURN_S = 60.0  # a count that wraps faster needs arrival times to tell a stalled link from a loss
SHORTEST_TURN_S = 0.4  # a counter that wraps faster cannot be told apart by arrival times


@dataclass
class Counts:
    """What became of the samples of one stream."""

    kept: int = 0
    duplicates: int = 0  # dropped: the device's count was already seen
    reordered: int = 0  # kept, though a later one came first
    lost: int = 0  # the device's count skipped them
    jumps: int = 0  # times the device's clock started over or jumped


@dataclass(frozen=True, eq=False)
class Placement:
    """Where the samples of one packet belong: unwrapped ticks of those kept, which they are, and what went before."""

    ticks: Ticked
    keep: NDArray[np.bool_]
    restarted: bool = False


def unwrap(raw: Ticked, wrap: int | None) -> Ticked:
    """Consecutive counts of one packet without the wrap: rising from the first; shape (n,).

    >>> unwrap(np.array([254, 255, 0, 1]), 256).tolist()
    [254, 255, 256, 257]
    """
    counts = np.asarray(raw, dtype=np.int64)
    if wrap is None or counts.size < 2:
        return counts
    steps = np.mod(np.diff(counts), wrap)
    return np.asarray(counts[0] + np.concatenate([[0], np.cumsum(steps)]), dtype=np.int64)


class Seen:
    """The ticks of the last moments: which were there, and whether others fit between them."""

    def __init__(self, window: int) -> None:
        self.window = window
        self.newest: int | None = None
        self.oldest: int | None = None
        self._ticks: set[int] = set()
        self._limit = 1024

    def new(self, ticks: Ticked) -> NDArray[np.bool_]:
        """Which of these were not there before."""
        return np.array([t not in self._ticks for t in ticks.tolist()], dtype=np.bool_)

    def crowded(self, ticks: Ticked, step: float) -> bool:
        """Whether a tick that was not there falls less than half a step from one that was: it is no missing sample."""
        fresh = ticks[self.new(ticks)]
        near = 0.5 * step if math.isfinite(step) else 0.5
        return any(abs(old - t) < near for old in self._ticks for t in (fresh[:1].tolist() + fresh[-1:].tolist()))

    def add(self, ticks: Ticked) -> None:
        """Remember them, and now and then forget what is behind the window."""
        self._ticks.update(ticks.tolist())
        first, last = int(ticks.min()), int(ticks.max())
        self.oldest = first if self.oldest is None else min(self.oldest, first)
        self.newest = last if self.newest is None else max(self.newest, last)
        if len(self._ticks) > self._limit:
            oldest = self.newest - self.window
            self._ticks = {t for t in self._ticks if t >= oldest}
            self._limit = max(1024, 2 * len(self._ticks))


class Counter:
    """Unwraps and de-duplicates the ticks of one stream.

    Parameters
    ----------
    tick_s : float
        Nominal seconds per tick.
    step : float
        Ticks from sample to sample; NaN when the device decides.
    wrap : int or None
        Where the raw count starts again.
    """

    def __init__(self, tick_s: float, step: float, wrap: int | None) -> None:
        self.tick_s, self.step, self.wrap = tick_s, step, wrap
        self.counts = Counts()
        self._window = min(round(LATE_S / tick_s), wrap // 4 if wrap else 2**62)
        self._seen = Seen(self._window)
        self._old_since: tuple[int, float] | None = None

    @property
    def turn_s(self) -> float:
        """Seconds until the count wraps; infinite when it never does."""
        return self.wrap * self.tick_s if self.wrap else math.inf

    @property
    def newest(self) -> int | None:
        """The newest unwrapped tick of the segment; None before its first packet."""
        return self._seen.newest

    def restart(self) -> None:
        """The next packet begins a new segment."""
        self._seen = Seen(self._window)
        self._old_since = None

    def place(self, raw: Ticked, arrival_s: float, now_tick: float, *, queued: bool) -> Placement:
        """Unwrapped ticks of one packet; ``now_tick`` is the tick of a sample taken at its arrival.

        ``queued``: the packet came right behind another, so that it may be old.
        """
        ticks = unwrap(raw, self.wrap)
        if self.newest is None:
            return self._keep(ticks)
        there = ticks + self._turns(int(ticks[-1]), now_tick, queued=queued)
        self._watch(int(there[-1]), arrival_s)
        if not self._jumped(there, now_tick, arrival_s):
            return self._keep(there)
        self.counts.jumps += 1
        self.restart()
        return self._keep(ticks, restarted=True)

    def _turns(self, last: int, now_tick: float, *, queued: bool) -> int:
        """The multiple of the wrap to add."""
        if self.wrap is None or self.newest is None:
            return 0
        if not queued and self.turn_s >= SHORTEST_TURN_S:
            return round((now_tick - last) / self.wrap) * self.wrap
        forward = (last - self.newest) % self.wrap
        behind = self.turn_s >= SHORTEST_TURN_S and forward >= self.wrap - self._window
        return self.newest + forward - last - (self.wrap if behind else 0)

    def _watch(self, last: int, arrival_s: float) -> None:
        """Since which packet, the earliest of the run, there were only old counts."""
        if self.newest is None or last > self.newest:
            self._old_since = None
        elif self._old_since is None or last < self._old_since[0]:
            self._old_since = last, arrival_s

    def _jumped(self, ticks: Ticked, now_tick: float, arrival_s: float) -> bool:
        newest = self.newest
        if newest is None or self.turn_s < SHORTEST_TURN_S:
            return False
        first, last = int(ticks[0]), int(ticks[-1])
        if last > newest:
            ahead_s = (last - now_tick) * self.tick_s
            return ahead_s > self._possible_s and not self._follows(first, newest)
        stale = self._started_over(last, arrival_s)
        return stale or last < newest - self._window or self._seen.crowded(ticks, self.step)

    @property
    def _possible_s(self) -> float:
        """How far a packet may be ahead of now because all before it waited."""
        return JUMP_S if self.turn_s < SHORT_TURN_S else WAIT_S

    def _started_over(self, last: int, arrival_s: float) -> bool:
        """Whether old counts have been running for a while, by the device's time too: a stall of the host is no run."""
        if self._old_since is None:
            return False
        since, since_s = self._old_since
        return min((last - since) * self.tick_s, arrival_s - since_s) > RESTART_S

    def _follows(self, first: int, newest: int) -> bool:
        """Whether a packet continues the newest without a gap."""
        step = self.step if math.isfinite(self.step) else JUMP_S / self.tick_s
        return first - newest <= 1.5 * step

    def _keep(self, ticks: Ticked, *, restarted: bool = False) -> Placement:
        keep = self._seen.new(ticks)
        kept = ticks[keep]
        self.counts.duplicates += int(ticks.size - kept.size)
        if kept.size:
            self._count(kept)
            self._seen.add(kept)
        return Placement(kept, keep, restarted)

    def _count(self, kept: Ticked) -> None:
        self.counts.kept += kept.size
        oldest, newest = self._seen.oldest, self._seen.newest
        if oldest is None or newest is None:
            self.counts.lost += self._missing(kept)
            return
        early, later = kept[kept < oldest], kept[kept > newest]
        filled = kept.size - early.size - later.size
        self.counts.reordered += early.size + filled
        self.counts.lost += self._missing(np.r_[early, oldest]) + self._missing(np.r_[newest, later])
        self.counts.lost -= filled if math.isfinite(self.step) else 0

    def _missing(self, line: Ticked) -> int:
        """How many samples the gaps between these ticks have room for; none when the rate is unknown."""
        if not math.isfinite(self.step):
            return 0
        return int(np.sum(np.maximum(np.rint(np.diff(line) / self.step) - 1, 0)))
