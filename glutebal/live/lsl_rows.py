"""Pieces of single channels become rows of a stream, and the clock of a stretch that of the Lab Streaming Layer.

::

    channel 0   ────────┐
    channel 1   ──────┐ │        rows are complete up to here; a channel that stays behind for half a second is NaN
    rows        ██████▒▒▒
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from glutebal.model import Samples

SETTLE_S = 1.0  # so long the pieces of a new stretch are kept back until their clock is known well
BEHIND_S = 0.5  # a channel that stays behind for so long is not waited for
Run = tuple[int, Samples]


@dataclass
class Stretch:
    """Where the zero of a stretch stands on another clock: told by the pieces that came with the least delay.

    Hand it every piece with the moment of its arrival; `zero_s` only ever moves to earlier, as shorter delays show.
    """

    began_s: float = math.inf
    zero_s: float = math.inf

    def heard(self, stop_s: float, now_s: float) -> None:
        """A piece that ends at ``stop_s`` of the stretch has come at ``now_s`` of the other clock."""
        self.began_s = min(self.began_s, now_s)
        self.zero_s = min(self.zero_s, now_s - stop_s)

    def settled(self, now_s: float) -> bool:
        """Whether enough was heard to rely on."""
        return now_s - self.began_s >= SETTLE_S


@dataclass
class Rows:
    """Columns that come piece by piece, as rows; what no column has is left out, what one lacks is NaN.

    Parameters
    ----------
    columns : int
    rate_hz : float
    """

    columns: int
    rate_hz: float
    _first: int = 0
    _rows: Samples = field(init=False)
    _stops: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Forget everything: what follows is on a new clock."""
        self._first, self._rows = 0, np.empty((0, self.columns))
        self._stops = [0] * self.columns

    def put(self, column: int, start: int, samples: Samples) -> list[Run]:
        """Take a piece of one column; what is not waited for any longer, as `take` gives it.

        Columns that belong together come one after the other: who is behind is seen when the foremost comes again.
        """
        before: list[Run] = []
        if self._stops[column] == max(self._stops):
            before = self._cut(self._stops[column] - self._behind - self._first)
        if start - self._first - len(self._rows) > self._behind:
            before += self._cut(len(self._rows))
            self._first = start
        late = max(self._first - start, 0)
        kept = samples[late:]
        at = start + late - self._first
        missing = at + kept.size - len(self._rows)
        if missing > 0:
            self._rows = np.concatenate([self._rows, np.full((missing, self.columns), np.nan)])
        self._rows[at : at + kept.size, column] = kept
        self._stops[column] = max(self._stops[column], start + samples.size)
        return before

    def take(self) -> list[Run]:
        """The rows that are complete, as runs of (number of the first, values of shape (n, columns))."""
        return self._cut(min(self._stops) - self._first)

    def rest(self) -> list[Run]:
        """All that is left: nothing more is waited for."""
        return self._cut(len(self._rows))

    @property
    def _behind(self) -> int:
        return round(BEHIND_S * self.rate_hz)

    def _cut(self, n: int) -> list[Run]:
        if n <= 0:
            return []
        first, rows = self._first, self._rows[:n]
        self._first, self._rows = first + n, self._rows[n:]
        known = np.concatenate([[False], np.isfinite(rows).any(axis=1), [False]])
        spans = np.flatnonzero(known[1:] != known[:-1]).reshape(-1, 2)
        return [(first + int(a), rows[a:b]) for a, b in spans]
