"""Repetitions while they happen.

::

    chunks ─▶ live orientation ─▶ tilts on the grid ─▶ window of the last minutes ─▶ `reps_of_path` ─▶ told, revised,
                                                                                                         withdrawn
The same pure function as afterwards is asked about what has arrived, whenever a movement has slowed down. When the
recording (or the announced set) ends, the state is what `reps_of_path` says of the same window, index by index.

Without an announcement a set is believed at its third repetition, of either leg where the legs move in different ways:
getting a bar out of its rack looks like one repetition too. A repetition is **settled** when another one has followed
it or ``rest_s`` have passed since its end. In an **announced** set (the person has said what comes now) the first
movement that looks like a repetition is told as soon as it has ended; later ones have to be as large and as long as
the last that are sure. What turns out to be none, once a set of that side has gone on without it, is withdrawn.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from glutebal.errors import InputError
from glutebal.model import Samples, Side
from glutebal.results import Laterality, Rep
from glutebal.signal.motion.excursions import SWAY, TOUCH
from glutebal.signal.motion.imu import ImuPiece, sensor_name
from glutebal.signal.motion.likeness import LikenessSettings
from glutebal.signal.motion.motion_reps import MotionRepSettings, reps_of_path
from glutebal.signal.motion.online_news import Ledger, RepNews, Revision
from glutebal.signal.motion.online_sensor import OnlineSensor
from glutebal.signal.motion.online_tilt import OnlineTilt, path_of, stood, without_silent
from glutebal.signal.motion.phase_signal import LEAST_SPEED
from glutebal.signal.motion.tilt_path import GRID_HZ, TiltPath, in_order

__all__ = ["OnlineReps", "OnlineRun", "RepNews", "RepWatch", "Revision"]

Place = tuple[str, Side | None]
#: The window keeps so many repetitions, however long they are, and so much rest before the first.
KEEPS = 4
LEAD_S = 2.0
LONGEST_WINDOW_S = 900.0
#: Questions are so far apart, and those about the whole window as far as a part of it: a long one takes longer.
APART_S, APART_SHARE = 0.3, 0.01
#: The same in an announced set, where they only confirm.
SURE_S, SURE_SHARE = 2.5, 0.05
#: In an announced set a single movement this large may be a repetition, if it is as large and as long as those known.
ANNOUNCED_RAD = 0.12
ALIKE = (0.7, 1.5)
ALIKE_LONG = 2.5
#: As the last so many.
RECENT = 3
#: What may be one is looked for in at most so much, from so many samples before the end of the last one.
LONGEST_TAIL_S = 90.0
TAIL = 25


@dataclass(frozen=True)
class OnlineReps:
    """A frozen description: what to look for, how far back, how often.

    Parameters
    ----------
    laterality : Laterality
        Has to be known beforehand.
    settings : MotionRepSettings
        As afterwards.
    announced : bool
        The set has been announced: tell the first movement that looks like a repetition at once, and take it back if
        it was none.
    window_s : float
        How much of the past is looked at; more if that is less than four repetitions, and all of an announced set when
        it ends.
    every_s : float
        The shortest time between two looks whether a movement has ended.
    rest_s : float
        Without an announcement, a repetition is settled when nothing has followed for so long.
    patience_s : float
        A sensor that is so far behind the others is not waited for; what it did meanwhile is a hole.
    """

    laterality: Laterality = Laterality.BILATERAL
    settings: MotionRepSettings = field(default_factory=MotionRepSettings)
    announced: bool = False
    window_s: float = 120.0
    every_s: float = 0.1
    rest_s: float = 3.0
    patience_s: float = 8.0

    def start(self, rates_hz: Mapping[Place, float]) -> OnlineRun:
        """Begin, with the (site, side) and rate of every sensor; side None is the midline."""
        if not rates_hz:
            raise InputError("at least one inertial sensor", "none", "OnlineReps")
        return OnlineRun(self, rates_hz)

    @property
    def looks_back_s(self) -> float:
        """The window, long enough for the repetitions that are expected."""
        longest = self.settings.likeness.rep_s[1]
        known = longest < LikenessSettings().rep_s[1]
        return max(self.window_s, KEEPS * longest) if known else self.window_s


class OnlineRun:
    """A started `OnlineReps`: pieces of samples in, news of repetitions out.

    Any cutting of the pieces brings the same news in the same order.
    """

    def __init__(self, description: OnlineReps, rates_hz: Mapping[Place, float]) -> None:
        self.description = description
        places = in_order(list(rates_hz))
        self._sensors = {place: OnlineSensor(rates_hz[place], sensor_name(*place)) for place in places}
        self._tilts = {place: OnlineTilt(rates_hz[place]) for place in places}
        self._watch = RepWatch(description, self._tilts)

    @property
    def reps(self) -> tuple[Rep, ...]:
        """All that holds now, in time order."""
        return self._watch.reps

    @property
    def window(self) -> tuple[int, int]:
        """The grid samples that were last looked at."""
        return self._watch.window

    def update(self, chunk: Mapping[Place, ImuPiece]) -> RepNews:
        """Take what has arrived and return the news.

        Pieces of a sensor follow each other; one that begins more than 50 ms after the last one ended comes after a
        hole, and a repetition that it touches is not told.
        """
        for place, piece in chunk.items():
            if place in self._sensors:
                for oriented in self._sensors[place].take(piece):
                    self._tilts[place].take(oriented)
        return self._watch.look()

    def finish(self) -> RepNews:
        """What is still to be told when the recording ends."""
        for place, sensor in self._sensors.items():
            for oriented in sensor.end():
                self._tilts[place].take(oriented)
            self._tilts[place].end()
        return self._watch.finish()


class RepWatch:
    """What is known of the repetitions of one set (or recording), from tilts that somebody else fills.

    Parameters
    ----------
    description : OnlineReps
        What to look for.
    tilts : mapping of (site, side) to OnlineTilt
        In the order of the columns.
    begin : int
        First grid sample that counts: where the set was announced.
    standing : ndarray, shape (3 · sensors,), optional
        The tilts in standing, where they are known from before.
    """

    def __init__(
        self,
        description: OnlineReps,
        tilts: Mapping[Place, OnlineTilt],
        begin: int = 0,
        standing: Samples | None = None,
    ) -> None:
        self.description, self._tilts, self._begin = description, tilts, begin
        self._settings = _with(description, least_alone=2)
        self._loose = _with(description, alone_rad=ANNOUNCED_RAD, least_alone=1, alone_hold=math.inf)
        self._ledger = Ledger(description.settings.likeness.set_pause_s)
        self._step = max(1, round(description.every_s * GRID_HZ))
        self._seen = begin - begin % self._step
        self._asked, self._fastest, self._due = begin, 0.0, math.inf
        self._was_still = True
        self._made_sure = begin
        self.standing = standing
        self.window = (begin, begin)

    @property
    def reps(self) -> tuple[Rep, ...]:
        """All that holds now, in time order."""
        return self._ledger.reps

    def look(self, until: int | None = None) -> RepNews:
        """The news of what the tilts show by now, or up to the grid sample ``until``."""
        stops = [tilt.stop for tilt in self._tilts.values()]
        stop = max(min(stops), max(stops) - round(self.description.patience_s * GRID_HZ))
        stop = stop if until is None else min(stop, until)
        news = RepNews()
        while self._seen + self._step <= stop:
            self._seen += self._step
            if self._worth_asking(self._seen):
                news = news.then(self._ask(self._seen))
        return news

    def finish(self, stop: int | None = None) -> RepNews:
        """The news when nothing more comes: the state is what `reps_of_path` says of the window up to ``stop``.

        Of an announced set the window is all of it, a quarter of an hour at most.
        """
        news = self.look(stop)
        last = max(tilt.stop for tilt in self._tilts.values())
        path = self._path(last if stop is None else max(min(last, stop), self._begin), whole=self.description.announced)
        found = self._found(path, self.description.settings)
        return news.then(self._ledger.replaced(path.start, found))

    def _worth_asking(self, at: int) -> bool:
        """Whether a movement has slowed down since the last question, or something waits to be settled."""
        fast = self._speeds(at)
        self._fastest = max(self._fastest, float(fast.max()))
        moved, slowest = self._fastest >= LEAST_SPEED, float(fast.min())
        stilled = slowest <= SWAY and not self._was_still
        slowed = stilled or (moved and slowest <= TOUCH * self._fastest) or at >= self._due
        return bool(slowed and at - self._asked >= APART_S * GRID_HZ)

    def _speeds(self, at: int) -> Samples:
        """How fast the tilts changed during the last step, rad/s."""
        up = np.hstack([tilt.rows(at - self._step - 1, at)[:, :3] for tilt in self._tilts.values()])
        fast = np.sqrt(np.nansum(np.diff(up, axis=0) ** 2, axis=1)) * GRID_HZ
        if fast.max() > LEAST_SPEED:
            self._was_still = False
        return np.asarray(fast)

    def _ask(self, stop: int) -> RepNews:
        self._asked, self._fastest = stop, 0.0
        self._was_still = bool(self._speeds(stop).min() <= SWAY)
        fresh = self._unsure(stop) if self.description.announced else []
        least_s, share = (SURE_S, SURE_SHARE) if self.description.announced else (APART_S, APART_SHARE)
        apart_s = max(least_s, share * self._window_s(stop))
        if stop - self._made_sure < apart_s * GRID_HZ:
            self._due = self._made_sure + apart_s * GRID_HZ
            return self._ledger.merged((), fresh)
        self._made_sure = stop
        found = self._found(self._path(stop), self._settings)
        return self._ledger.merged(self._settled(found, stop), fresh)

    def _found(self, path: TiltPath, settings: MotionRepSettings) -> tuple[Rep, ...]:
        return reps_of_path(path, self.description.laterality, settings).reps if len(path.up) else ()

    def _settled(self, found: tuple[Rep, ...], stop: int) -> list[Rep]:
        """Those that were told or may be told now."""
        rest = 0 if self.description.announced else round(self.description.rest_s * GRID_HZ)
        out, self._due = [], math.inf
        for rep in found:
            followed = any(other.start >= rep.stop and other.stop < stop for other in found)
            if followed or stop - rep.stop >= rest or self._ledger.known(rep):
                out.append(rep)
            else:
                self._due = rep.stop + rest
        return out

    def _unsure(self, stop: int) -> list[Rep]:
        """What has happened since the last repetition and looks like one: by itself, or beside the last ones."""
        after = self.reps[-1].stop if self.reps else self._begin
        last = self.reps[-RECENT:]
        for start in (after - TAIL, *([last[0].start - TAIL] if last else [])):
            path = self._seen_path(max(start, stop - round(LONGEST_TAIL_S * GRID_HZ), self._begin), stop)
            found = self._found(path, self._loose)
            new = [rep for rep in found if rep.start >= after - 1 and self._alike(rep)]
            if new:
                return new
        return []

    def _alike(self, rep: Rep) -> bool:
        """Whether a movement is as large and about as long as the last sure ones; without them it may be anything."""
        sure = self._ledger.sure[-RECENT:]
        if len(sure) < RECENT:
            return True
        size = self._size(rep) / float(np.median([self._size(each) for each in sure]))
        long = rep.duration_s / float(np.median([each.duration_s for each in sure]))
        return ALIKE[0] <= size <= ALIKE[1] and 1 / ALIKE_LONG <= long <= ALIKE_LONG

    def _size(self, rep: Rep) -> float:
        """How far the tilts go from the start to the turn, rad."""
        turn = rep.start if rep.turn is None else rep.turn
        first, top = (np.hstack([t.rows(at, at + 1)[0, :3] for t in self._tilts.values()]) for at in (rep.start, turn))
        return float(np.sqrt(np.nansum((top - first) ** 2)))

    def _window_s(self, stop: int) -> float:
        return (stop - self._window_start(stop)) / GRID_HZ

    def _window_start(self, stop: int) -> int:
        """Long enough, with the last repetitions in it, and never in the middle of one."""
        start = stop - round(self.description.looks_back_s * GRID_HZ)
        kept = self.reps[-KEEPS:]
        if kept:
            start = min(start, kept[0].start - 1)
        inside = [k for k, rep in enumerate(self.reps) if rep.start - LEAD_S * GRID_HZ <= start < rep.stop]
        if inside:
            k = inside[-1]
            before = self.reps[k - 1].stop if k else 0
            start = max(before, self.reps[k].start - round(LEAD_S * GRID_HZ))
        return max(self._begin, start, stop - round(LONGEST_WINDOW_S * GRID_HZ))

    def _path(self, stop: int, *, whole: bool = False) -> TiltPath:
        """The window, or the whole set."""
        longest = max(self._begin, stop - round(LONGEST_WINDOW_S * GRID_HZ))
        start = longest if whole else self._window_start(stop)
        self.window = (start, stop)
        kept = longest if self.description.announced else start
        for tilt in self._tilts.values():
            tilt.forget(kept - round(LEAD_S * GRID_HZ))
        return self._seen_path(start, stop)

    def _seen_path(self, start: int, stop: int) -> TiltPath:
        path = path_of(self._tilts, start, stop, self.standing)
        if self.standing is None:
            self.standing = stood(path.cut(start, stop - 1))
        return without_silent(path)


def _with(description: OnlineReps, **likeness: float) -> MotionRepSettings:
    return replace(description.settings, likeness=replace(description.settings.likeness, **likeness))  # type: ignore[arg-type]
