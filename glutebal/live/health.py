"""How the sensors are: told when it changes and now and then, and looked at before the first rep."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from glutebal.ingest.arrivals import Happening, Packet, Record
from glutebal.live.events import Aligned, Check, Link, SensorHealth
from glutebal.live.sources import Sensor
from glutebal.model import Channel, Quantity, Recording, Side
from glutebal.results import Grade, Reference
from glutebal.signal.quality import assess

RATE_S = 5.0
LOST_S = 10.0  # out of reach for longer is lost, until it comes back
AGAIN_S = 30.0
LOW_BATTERY = 20.0
LOW = "battery low"  # in the words of a sensor that gives no per cent
ALIGNED_S = 0.05  # left and right further apart than this cannot be compared in time
ORDER = (Grade.BAD, Grade.SUSPECT, Grade.GOOD)


@dataclass
class Watch:
    """The sensors of a hall over time."""

    _kept: dict[int, deque[tuple[float, int]]] = field(default_factory=dict)
    _gone_s: dict[int, float] = field(default_factory=dict)
    _told: dict[int, SensorHealth] = field(default_factory=dict)

    @property
    def now(self) -> tuple[SensorHealth, ...]:
        """The newest of every sensor."""
        return tuple(self._told.values())

    def fresh(self) -> None:
        """A new stretch counts its samples from 0."""
        self._kept.clear()

    def look(
        self,
        now_s: float,
        sensors: Iterable[Sensor],
        losses: Mapping[int, tuple[int, int]],
        doubts: Mapping[Side | None, tuple[str, ...]],
    ) -> list[SensorHealth]:
        """Those that have changed, or were not told for half a minute."""
        found = [self._of(now_s, sensor, losses.get(sensor.device, (0, 0)), doubts) for sensor in sensors]
        news = [health for health in found if self._is_news(health)]
        self._told.update({health.device: health for health in news})
        return news

    def _of(
        self, now_s: float, sensor: Sensor, counts: tuple[int, int], doubts: Mapping[Side | None, tuple[str, ...]]
    ) -> SensorHealth:
        kept, lost = counts
        if sensor.connected:
            self._gone_s.pop(sensor.device, None)
        else:
            self._gone_s.setdefault(sensor.device, now_s)
        return SensorHealth(
            now_s,
            sensor.device,
            sensor.name,
            sensor.side,
            self._link(sensor, now_s),
            self._rate_hz(sensor.device, now_s, kept),
            lost,
            sensor.battery_percent,
            (*_battery(sensor), *doubts.get(sensor.side, ())),
        )

    def _link(self, sensor: Sensor, now_s: float) -> Link:
        if not sensor.connected:
            return Link.LOST if now_s - self._gone_s[sensor.device] > LOST_S else Link.RECONNECTING
        return Link.SILENT if sensor.silent else Link.STREAMING

    def _rate_hz(self, device: int, now_s: float, kept: int) -> float:
        seen = self._kept.setdefault(device, deque())
        seen.append((now_s, kept))
        while now_s - seen[0][0] > RATE_S:
            seen.popleft()
        passed_s = now_s - seen[0][0]
        return (kept - seen[0][1]) / passed_s if passed_s > 0 else math.nan

    def _is_news(self, health: SensorHealth) -> bool:
        before = self._told.get(health.device)
        if before is None or health.at_s - before.at_s > AGAIN_S:
            return True
        same = replace(health, at_s=0.0, rate_hz=0.0, battery_percent=0.0)
        if repr(same) != repr(replace(before, at_s=0.0, rate_hz=0.0, battery_percent=0.0)):
            return True
        return not math.isfinite(before.rate_hz) and math.isfinite(health.rate_hz)


def _battery(sensor: Sensor) -> tuple[str, ...]:
    if sensor.battery_percent < LOW_BATTERY:
        return (f"battery at {sensor.battery_percent:.0f} %",)
    return (LOW,) if sensor.battery_low else ()


#: What a link notices and a person should know.
TOLD = frozenset({Happening.LOST, Happening.RETRY, Happening.SILENT, Happening.OVERFLOW, Happening.REPEATED})


def news_of(record: Record) -> str:
    """What a record says that a person should know, in words; empty for the ordinary."""
    if isinstance(record, Packet):
        return ""
    if record.kind is Happening.CONNECTED and record.segment > 0:
        return f"{record.text} is back; a repetition that was not seen whole is not counted"
    return record.text if record.kind in TOLD else ""


def quality_doubts(recording: Recording) -> dict[Side | None, tuple[str, ...]]:
    """What is wrong with the channels of each side, in words; what only a rep can show is left to the set."""
    found: dict[Side | None, tuple[str, ...]] = {}
    for quality in assess(recording):
        texts = tuple(f"{quality.channel.name}: {f.text}" for f in quality.findings if f.kind in AT_REST)
        if texts:
            found[quality.channel.side] = (*found.get(quality.channel.side, ()), *texts)
    return found


#: Findings that make sense while nobody moves.
AT_REST = frozenset({"floating", "clipped", "mains", "stuck", "dropout", "duplicate", "one_sided_noise", "offset"})


def checks(
    sensors: Iterable[SensorHealth],
    doubts: Mapping[Side | None, tuple[str, ...]],
    aligned: Aligned | None,
    channels: Iterable[Channel],
    references: Mapping[str, Reference],
) -> tuple[Check, ...]:
    """The check before the first rep: contact and noise, link, battery, alignment, reference; most serious first."""
    there = list(channels)
    found = [*_sensor_checks(sensors), *_contact(doubts, there), *_alignment(aligned), *_referenced(there, references)]
    return tuple(sorted(found, key=lambda check: ORDER.index(check.grade)))


def _sensor_checks(sensors: Iterable[SensorHealth]) -> Iterable[Check]:
    for sensor in sensors:
        if sensor.link is not Link.STREAMING:
            yield Check("link", Grade.BAD, f"{sensor.name} is {sensor.link.value}", sensor.side)
        if sensor.battery_percent < LOW_BATTERY:
            yield Check("battery", Grade.SUSPECT, f"{sensor.name}: {sensor.battery_percent:.0f} % left", sensor.side)
        elif LOW in sensor.doubts:
            yield Check("battery", Grade.SUSPECT, f"{sensor.name}: {LOW}", sensor.side)


def _contact(doubts: Mapping[Side | None, tuple[str, ...]], channels: list[Channel]) -> Iterable[Check]:
    for side in dict.fromkeys(c.side for c in channels):
        texts = doubts.get(side, ())
        yield from (Check("contact", Grade.SUSPECT, text, side) for text in texts)
        if not texts:
            yield Check("contact", Grade.GOOD, "signal as expected at rest", side)


def _alignment(aligned: Aligned | None) -> Iterable[Check]:
    if aligned is not None:
        known = aligned.uncertainty_s <= ALIGNED_S
        yield Check("alignment", Grade.GOOD if known else Grade.SUSPECT, aligned.text)


def _referenced(channels: list[Channel], references: Mapping[str, Reference]) -> Iterable[Check]:
    sites = dict.fromkeys(c.site for c in channels if c.quantity is Quantity.EMG and c.side is not None)
    for site in sites:
        words = site.replace("_", " ")
        if site in references:
            yield Check("reference", Grade.GOOD, f"{words}: reference contraction of both sides")
        else:
            text = f"{words}: no reference contraction, its left/right ratio will be uncalibrated"
            yield Check("reference", Grade.SUSPECT, text)
