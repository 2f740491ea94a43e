"""A look at a set while it runs: which reps there are, and what they say of left and right.

::

    chunk ──▶ growing tracks ──▶ look: find ▸ measure ▸ set balance        the functions of `glutebal.analyse`
                   └──▶ level per side, every 10 ms                        says when a look is worth its time

One pair of channels is followed: what finds the reps of the exercise, force before EMG for the comparison, as in the
report. What a look says is provisional: a later one knows more (the noise floor, the rhythm of the set, a clock).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from glutebal.analysis.emg import EmgPair, measure_activation
from glutebal.analysis.force import measure_mean_force
from glutebal.analysis.found import Found, find
from glutebal.analysis.motion import CalibrationLike
from glutebal.analysis.sets import Measured, set_balance
from glutebal.analysis.settings import Settings
from glutebal.coach.exercises import Exercise
from glutebal.errors import GlutebalError
from glutebal.live.growing import GrowingEmg, GrowingTrack
from glutebal.live.moving import Moving
from glutebal.live.two_humps import as_one
from glutebal.model import Bilateral, Channel, Chunk, Quantity, Recording, Side, Track
from glutebal.results import Grade, Laterality, Reference, Rep, Segmentation, SetBalance
from glutebal.signal.effort import emg_effort, force_effort
from glutebal.signal.followers import without_idle_side
from glutebal.signal.phases import hold_time_s
from glutebal.signal.quality import assess

SETTLED_S = 0.05  # what follows a rep and was seen: its end will not move


@dataclass(frozen=True)
class Seen:
    """What a look found; ``known_s`` is how far both sides are known."""

    segmentation: Segmentation
    balance: SetBalance | None
    known_s: float

    @property
    def finished(self) -> tuple[Rep, ...]:
        """The reps whose end was seen."""
        return tuple(rep for rep in self.segmentation.reps if rep.stop_s + SETTLED_S <= self.known_s)


NOTHING = Seen(Segmentation(()), None, 0.0)


class SetSoFar:
    """The samples of a set as far as they have come.

    Parameters
    ----------
    exercise : Exercise or None
        None: how the sides take part is told from the signals.
    references : mapping of str to Reference
        Reference contractions, by site.
    settings : Settings
    calibration : Calibration, Recording, path or None
        Of inertial sensors.
    """

    def __init__(
        self,
        exercise: Exercise | None,
        references: Mapping[str, Reference],
        settings: Settings | None = None,
        calibration: CalibrationLike | None = None,
    ) -> None:
        self.exercise, self.references = exercise, dict(references)
        self.settings = settings or Settings()
        self.moving = Moving(exercise, calibration, self.settings.height_m)
        self.emg: dict[Channel, GrowingEmg] = {}
        self.force: dict[Channel, GrowingTrack] = {}
        self.other: dict[Channel, GrowingTrack] = {}
        self.turning: dict[tuple[str, Side | None], GrowingTrack] = {}
        self.bad: dict[Channel, str] = {}
        self._too_slow: set[Channel] = set()
        self._made: tuple[object, SetBalance | None] | None = None

    def add(self, chunk: Chunk) -> None:
        """Take the next samples of a channel."""
        channel = chunk.channel
        self.moving.add(chunk)
        if channel.quantity is Quantity.EMG and channel.side is not None and channel not in self._too_slow:
            self._add_emg(chunk)
        elif channel.quantity is Quantity.FORCE and channel.side is not None:
            self.force.setdefault(channel, GrowingTrack(channel)).add(chunk.start, chunk.samples)
        elif channel.quantity is Quantity.ANGULAR_RATE:
            self._turn(chunk)
        elif channel.quantity in {Quantity.POSITION, Quantity.ANGLE} and channel.side is None:
            self.other.setdefault(channel, GrowingTrack(channel)).add(chunk.start, chunk.samples)

    def _add_emg(self, chunk: Chunk) -> None:
        channel = chunk.channel
        try:
            grown = self.emg.get(channel) or GrowingEmg(channel, self.settings.emg)
        except GlutebalError:  # too slow for the band: the analysis of the set will say so
            self._too_slow.add(channel)
            return
        self.emg[channel] = grown
        grown.add(chunk.start, chunk.samples)

    def _turn(self, chunk: Chunk) -> None:
        """The axis that turns most stands for a sensor on the screen; here simply the first that came."""
        key = (chunk.channel.site, chunk.channel.side)
        grown = self.turning.setdefault(key, GrowingTrack(chunk.channel))
        if grown.channel == chunk.channel:
            grown.add(chunk.start, np.abs(chunk.samples))

    def emg_sites(self) -> list[str]:
        """Sites with EMG of both sides, the exercise's own first."""
        sides: dict[str, set[Side | None]] = {}
        for channel in self.emg:
            sides.setdefault(channel.site, set()).add(channel.side)
        order = list(self.exercise.sites) if self.exercise else []
        both = [site for site, found in sides.items() if found == set(Side)]
        return sorted(both, key=lambda site: order.index(site) if site in order else len(order))

    def emg_pair(self) -> Bilateral[GrowingEmg] | None:
        """The EMG that finds the reps: of the first site where no channel is refused, else of the first."""
        pairs = [self._emg_at(site) for site in self.emg_sites()]
        alive = [pair for pair in pairs if not any(emg.channel in self.bad for emg in pair)]
        return next(iter(alive or pairs), None)

    def _emg_at(self, site: str) -> Bilateral[GrowingEmg]:
        return Bilateral.per_side(lambda side: next(e for c, e in self.emg.items() if (c.site, c.side) == (site, side)))

    def force_pair(self) -> Bilateral[GrowingTrack] | None:
        """The force of both sides at the first site that has them."""
        for channel, own in self.force.items():
            for other, across in self.force.items():
                same = (other.site, other.axis, other.rate_hz) == (channel.site, channel.axis, channel.rate_hz)
                if channel.side is Side.LEFT and other.side is Side.RIGHT and same:
                    return Bilateral(own, across)
        return None

    def turning_pair(self) -> Bilateral[GrowingTrack] | None:
        """How fast the sensors of both sides turn, rad/s: of the first site that has both."""
        for site in dict.fromkeys(site for site, _ in self.turning):
            sides = {side: self.turning.get((site, side)) for side in Side}
            left, right = sides[Side.LEFT], sides[Side.RIGHT]
            if left is not None and right is not None:
                return Bilateral(left, right)
        return None

    @property
    def followed(self) -> tuple[Track, ...]:
        """The raw tracks behind the comparison."""
        force, emg = self.force_pair(), self.emg_pair()
        return (*(f.track() for f in force or ()), *(e.raw.track() for e in emg or ()))

    def judge(self) -> None:
        """Ask again which of the followed channels tell the truth."""
        tracks = tuple(t for t in self.followed if t.chunks)
        if tracks:
            self.bad = {q.channel: q.reason for q in assess(Recording(tracks)) if q.grade is Grade.BAD}

    def known_s(self) -> float:
        """How far the followed channels are known, in seconds on the clock of the set."""
        force, emg = self.force_pair(), self.emg_pair()
        ends = [f.stop / f.channel.rate_hz for f in force or ()]
        ends += [e.power.stop / e.power.channel.rate_hz for e in emg or () if e.channel not in self.bad]
        return max(0.0, min(ends, default=0.0))

    def look(self) -> Seen:
        """What can be said now."""
        emg, force = self.emg_pair(), self.force_pair()
        if emg is not None and any(side.power.stop < 0 for side in emg):
            emg = None
        if emg is None and force is None:
            return self._moved()
        pair = EmgPair(emg.left.channel.site, emg.map(lambda e: e.prepared())) if emg else None
        tracks = [grown.track() for grown in (*(force or ()), *self.other.values()) if grown.n_samples]
        found = find(Recording(tuple(tracks)), (pair,) if pair else (), self.bad, self.exercise)
        known_s = self.known_s()
        shown = as_one(found.segmentation)
        if shown.laterality is not Laterality.BILATERAL:
            shown = without_idle_side(shown, self._effort())
        reps = tuple(rep for rep in shown.reps if rep.stop_s + SETTLED_S <= known_s)
        balance = self._balance(pair, found, reps)
        return Seen(shown, balance, known_s)

    def holds_s(self, reps: Sequence[Rep]) -> list[float]:
        """Seconds that each rep was held: the mean of the sides that work; NaN where effort does not show it."""
        effort = self._effort()
        return [_hold_s(effort, rep) for rep in reps]

    def _effort(self) -> Bilateral[Track | None]:
        """Power of both sides on the clock of the reps."""
        emg, force = self.emg_pair(), self.force_pair()
        if emg is not None and all(side.power.stop > 0 for side in emg):
            pair = emg.map(lambda e: e.prepared())
            return emg_effort(pair.map(lambda e: e.power), pair.map(lambda e: e.floor.power))
        if force is not None:
            return force_effort(force.map(lambda f: f.track() if f.n_samples else None))
        return Bilateral(None, None)

    def _moved(self) -> Seen:
        """Motion alone: reps, and nothing to compare as a ratio."""
        if self.exercise is None:
            return NOTHING
        found = Segmentation(self.moving.reps, laterality=self.exercise.laterality, method="motion, online")
        return Seen(found, None, self.moving.known_s + SETTLED_S)  # a rep is told when it has ended

    def _balance(self, pair: EmgPair | None, found: Found, reps: tuple[Rep, ...]) -> SetBalance | None:
        """The comparison; made anew when there are other reps or other channels that may speak."""
        key = (tuple((r.start, r.stop, r.side) for r in reps), tuple(self.bad))
        if self._made is None or self._made[0] != key:
            measured = self._measured(pair, found, reps)
            laterality, level = found.segmentation.laterality, self.settings.level
            self._made = key, set_balance(measured, laterality, level) if measured else None
        return self._made[1]

    def _measured(self, pair: EmgPair | None, found: Found, reps: tuple[Rep, ...]) -> Measured | None:
        if found.force:
            return measure_mean_force(found.force[0], reps, self._refusal)
        if pair is None:
            return None
        own_windows = found.emg_reps is not found.segmentation.reps
        seen = tuple(window for window in found.emg_reps if window in reps) if own_windows else reps
        return measure_activation(pair, seen, self.references.get(pair.site), self._refusal)

    def _refusal(self, channel: Channel, rep: Rep | None) -> str:  # noqa: ARG002 - one signature with the offline gate
        return f"{channel.name}: {self.bad[channel]}" if channel in self.bad else ""


def _hold_s(effort: Bilateral[Track | None], rep: Rep) -> float:
    sides = [rep.side] if rep.side else list(Side)
    held = [hold_time_s(track, rep) for side in sides if (track := effort[side]) is not None]
    known = [seconds for seconds in held if math.isfinite(seconds)]
    return sum(known) / len(known) if known else math.nan
