"""A recording session being written down in order: postures to go to, waits, walks, and the notes of what is true."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from glutebal.model import Bilateral, Samples, Side
from glutebal.testing.body_chain import at
from glutebal.testing.body_curves import MIDDLE_SPEED, Key, course
from glutebal.testing.body_moves import NEUTRAL
from glutebal.testing.body_pose import LEG_COLUMNS, Place, Pose, leg_columns
from glutebal.testing.body_truth import FootTimes, FunctionalSpan, SinglePhase, Span, TrueBodyRep


@dataclass(frozen=True)
class WalkPiece:
    """A stretch of gait: ``rows(times_s)`` gives the postures from ``start_s`` to ``stop_s``."""

    start_s: float
    stop_s: float
    rows: Callable[[Samples], Samples]


@dataclass
class FootNotes:
    """The gait events of one foot, and how hard each strike was (m/s² at the foot)."""

    strikes_s: list[float] = field(default_factory=list)
    toe_offs_s: list[float] = field(default_factory=list)
    mid_swings_s: list[float] = field(default_factory=list)
    impacts: list[tuple[float, float]] = field(default_factory=list)

    def times(self) -> FootTimes:
        """As arrays."""
        return FootTimes(np.array(self.strikes_s), np.array(self.toe_offs_s), np.array(self.mid_swings_s))


@dataclass
class Notes:
    """What happened, for the truth."""

    reps: list[TrueBodyRep] = field(default_factory=list)
    phases: list[SinglePhase] = field(default_factory=list)
    flights: list[Span] = field(default_factory=list)
    idle: list[Span] = field(default_factory=list)
    walks: list[Span] = field(default_factory=list)
    functional: list[FunctionalSpan] = field(default_factory=list)
    sets: list[Span] = field(default_factory=list)
    static: Span | None = None
    straights: list[Span] = field(default_factory=list)
    turns: list[Span] = field(default_factory=list)
    feet: Bilateral[FootNotes] = field(default_factory=lambda: Bilateral(FootNotes(), FootNotes()))


class Scene:
    """Where the body is and when; `go`, `wait` and `walk` move it on."""

    def __init__(self) -> None:
        self.place = Place()
        self.pose = NEUTRAL
        self.notes = Notes()
        self._keys = [Key(0.0, at(self.place, NEUTRAL))]
        self._walks: list[WalkPiece] = []

    @property
    def time_s(self) -> float:
        """Now."""
        return self._keys[-1].time_s

    def go(self, pose: Pose, seconds: float, skew: float = 0.0, *, reverses: bool = False) -> None:
        """Move to a posture, arriving after ``seconds``; there the movement rests, or turns back at once."""
        self._keys.append(Key(self.time_s + seconds, at(self.place, pose), skew=skew, reverses=reverses))
        self.pose = pose

    def wait(self, seconds: float) -> None:
        """Stay."""
        if seconds > 0:
            self.go(self.pose, seconds)

    def fly(self, pose: Pose, seconds: float, velocity: dict[int, float], acceleration: dict[int, float]) -> None:
        """Pass through a posture in motion."""
        key = Key(self.time_s + seconds, at(self.place, pose), velocity, acceleration)
        self._keys.append(key)
        self.pose = pose

    def step(self, pose: Pose, seconds: float, side: Side, lift_m: float) -> None:
        """Move to a posture like `go`, one foot lifted on the way."""
        here, there = at(self.place, self.pose), at(self.place, pose)
        middle = 0.5 * (here + there)
        middle[leg_columns(side).start + LEG_COLUMNS.index("z")] += lift_m
        speed = MIDDLE_SPEED * (there - here) / seconds
        self._keys.append(Key(self.time_s + seconds / 2, middle, dict(enumerate(speed.tolist()))))
        self.go(pose, seconds / 2)

    def walk(self, piece: WalkPiece, place: Place, pose: Pose) -> None:
        """Walk, ending in ``pose`` at ``place``."""
        self._walks.append(piece)
        self.place = place
        self.go(pose, piece.stop_s - self.time_s)

    def rows(self, times_s: Samples) -> Samples:
        """The posture at every time, shape (n, `WIDTH`)."""
        out = course(self._keys, times_s)
        for piece in self._walks:
            now = np.flatnonzero((times_s >= piece.start_s) & (times_s < piece.stop_s))
            if now.size:
                out[now] = piece.rows(times_s[now])
        return out
