"""A moving average of what the reps show, held against a threshold, with a memory of what was said about it.

::

    average              ●   ●   ●                       ●
    threshold  ───────────────────────────────────────────────
                     ●   cue     end the set?            cue: it was below the lower line in between
    0.7 ×      ──────────────────────────●───────●────────────
                 ●
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import Enum

from glutebal.coach.cue_settings import CueKind, CueSettings
from glutebal.model import Side


class Topic(Enum):
    """What one average is about: the kind of cue it makes, and the unit of its values."""

    BALANCE = ("balance", CueKind.BALANCE, "log_ratio")
    LATERAL_SHIFT = ("lateral shift", CueKind.LATERAL_SHIFT, "cm")
    PELVIC_DROP = ("pelvic drop", CueKind.PELVIC_DROP, "deg")
    DEPTH = ("depth of the sides", CueKind.DEPTH, "deg")
    HOLD = ("hold", CueKind.HOLD, "s")
    RANGE = ("range", CueKind.RANGE, "deg")
    MOVING = ("moving time of the sides", CueKind.TEMPO, "log_ratio")
    WHOLE = ("rep time of the sides", CueKind.TEMPO, "log_ratio")
    LOWERING = ("time of lowering", CueKind.TEMPO, "log_s")
    REP_TIME = ("rep time", CueKind.TEMPO, "log_s")

    def __init__(self, title: str, kind: CueKind, unit: str) -> None:
        self.title, self.kind, self.unit = title, kind, unit


@dataclass(frozen=True)
class Reading:
    """What one rep shows about a topic, and what the average is held against.

    Parameters
    ----------
    topic : Topic
        Fixes the unit of ``value``, ``centre`` and ``floor``.
    value : float
        Finite.
    side : Side or None
        Whose reps are averaged; None: both sides, in one rep or as pairs.
    pairs : bool
        Whether a value is that of a left and a right rep.
    centre : float or None
        Where the average belongs; None: at the mean of the set's first reps.
    floor, share, size : float
        The threshold is the larger of ``floor`` and ``share`` of ``size``; a NaN size is that of the centre.
    ways : frozenset of int
        Below (−1) and above (1): where outside is.
    source : tuple of (str, float)
        What the floor was made of, by name.
    """

    topic: Topic
    value: float
    side: Side | None = None
    pairs: bool = False
    centre: float | None = 0.0
    floor: float = 0.0
    share: float = 0.0
    size: float = math.nan
    ways: frozenset[int] = frozenset((-1, 1))
    source: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Outside:
    """An average outside its threshold: all that a cue says comes from here.

    ``way`` is 1 above and −1 below the centre, ``reps`` how many the average holds, ``before`` what it was without the
    newest (NaN for the first), ``beyond`` for how many reps in a row it has been outside since its cue, this one
    included; 0: there was no cue yet.
    """

    reading: Reading
    reps: int
    before: float
    level: float
    centre: float
    threshold: float
    way: int
    beyond: int


@dataclass
class Watch:
    """The memory of one topic within one set."""

    settings: CueSettings
    reps: int = 0
    level: float = math.nan
    told: int = 0  # the way in which it was outside when a cue was said; 0: none, or it has been back since
    beyond: int = 0
    first: list[float] = field(default_factory=list)

    def take(self, reading: Reading) -> Outside | None:
        """Average one more rep; what to say if it is outside, or None."""
        before = self.level
        self._average(reading.value)
        centre = self._baseline(reading.value) if reading.centre is None else reading.centre
        if centre is None:
            return None
        size = abs(centre) if math.isnan(reading.size) else reading.size
        threshold = max(reading.floor, reading.share * size)
        way = self._way(reading, self.level - centre, threshold)
        if not way or self.reps < self.settings.first_rep:
            return None
        return Outside(reading, self.reps, before, self.level, centre, threshold, way, self.beyond)

    def tell(self, way: int) -> None:
        """A cue has been said."""
        self.told, self.beyond = way, 1

    def _average(self, value: float) -> None:
        self.reps += 1
        self.level = value if self.reps == 1 else self.level + self.settings.alpha * (value - self.level)

    def _baseline(self, value: float) -> float | None:
        """The mean of the first reps; None while they last."""
        needed = self.settings.baseline_reps
        if self.reps <= needed:
            self.first.append(value)
            return None
        return math.fsum(self.first) / needed

    def _way(self, reading: Reading, away: float, threshold: float) -> int:
        """Where outside the average is, 0 for inside; the memory of a cue fades when it is back."""
        sign = 1 if away > 0 else -1
        way = sign if abs(away) > threshold and sign in reading.ways else 0
        if self.told * away < self.settings.hysteresis * threshold:
            self.told = self.beyond = 0
        elif self.told:
            self.beyond = self.beyond + 1 if way == self.told else 0
        return way
