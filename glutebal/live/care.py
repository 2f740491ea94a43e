"""Looking after the sensors of a hall: their health, how well left and right share a time, the check before a set."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from glutebal.live.events import Aligned, Check, Checked, Event, Link, SensorHealth
from glutebal.live.health import Watch, checks, quality_doubts
from glutebal.live.look import SetSoFar
from glutebal.live.sources import Source
from glutebal.live.takes import Take
from glutebal.model import Recording, Side
from glutebal.results import Reference

HEALTH_S = 1.0
ALIGN_S, ALIGN_AGAIN_S = 5.0, 20.0  # a stretch has to be so long; once the alignment is known it changes slowly
GIVE_UP_S = 60.0  # a sensor lost and nothing counted for so long: the set ends
SETTLED_S = 1.0


@dataclass
class Care:
    """What is known of the sensors."""

    aligned: Aligned | None = None
    found: tuple[Check, ...] = ()
    _watch: Watch = field(default_factory=Watch)
    _doubts: dict[Side | None, tuple[str, ...]] = field(default_factory=dict)
    _next_health_s: float = 0.0
    _next_align_s: float = ALIGN_S
    _gone_since_s: float = math.nan

    @property
    def sensors(self) -> tuple[SensorHealth, ...]:
        """The newest of every sensor."""
        return self._watch.now

    def hurry(self, now_s: float) -> None:
        """Something has happened to a sensor: look at once."""
        self._next_health_s = now_s

    def fresh(self) -> None:
        """A new stretch counts its samples from 0."""
        self._watch.fresh()

    def look(self, now_s: float, source: Source, take: Take, take_s: float) -> list[Event] | None:
        """What has changed since the last look; None while it is not time for one."""
        if now_s < self._next_health_s:
            return None
        self._next_health_s = now_s + HEALTH_S
        news: list[Event] = list(self._watch.look(now_s, source.sensors(), take.losses(), self._doubts))
        if now_s >= self._next_align_s:
            news += self._alignment(now_s, take, take_s)
            known = self.aligned is not None and math.isfinite(self.aligned.uncertainty_s)
            self._next_align_s = now_s + (ALIGN_AGAIN_S if known else ALIGN_S)
        return news

    def _alignment(self, now_s: float, take: Take, take_s: float) -> Iterator[Aligned]:
        found = take.alignment() if now_s - take_s >= ALIGN_S else None
        if found is None:
            return
        before, self.aligned = self.aligned, Aligned(now_s, *found)
        if before is None or not math.isclose(before.uncertainty_s, found[0], rel_tol=0.25):
            yield self.aligned

    def check(self, now_s: float, so_far: SetSoFar, references: Mapping[str, Reference]) -> Checked | None:
        """Look at the sensors as they are before the first rep; None when there is nothing to say."""
        tracks = tuple(track for track in so_far.followed if track.duration_s > SETTLED_S)
        if tracks:
            self._doubts = quality_doubts(Recording(tracks))
        channels = [track.channel for track in tracks]
        self.found = checks(self.sensors, self._doubts, self.aligned, channels, references)
        return Checked(now_s, self.found) if self.found else None

    def gave_up(self, now_s: float, counted_s: float | None) -> bool:
        """Whether a sensor is lost and nothing was counted for too long; ``counted_s`` None: no set runs."""
        if counted_s is None or all(sensor.link is not Link.LOST for sensor in self.sensors):
            self._gone_since_s = math.nan
            return False
        since_s = now_s if math.isnan(self._gone_since_s) else self._gone_since_s
        self._gone_since_s = max(since_s, counted_s)
        return now_s - self._gone_since_s > GIVE_UP_S
