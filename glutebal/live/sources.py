"""Where a hall's samples come from: sensors, a packet log, a recording. All of them look the same from inside.

::

    Link ───────▶ ┐                    Take: one recorded stretch (a set, a guided step, what lies between)
    packet log ─▶ ├─▶ Batch ──put──▶    packets: log on disk ▸ session ▸ live grid ▸ chunks
    Recording ──▶ ┘                     chunks as they are
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from glutebal.errors import InputError
from glutebal.ingest.arrivals import Happening, Packet, Record
from glutebal.ingest.header import Header
from glutebal.ingest.openlog import open_log
from glutebal.ingest.recorder import About, header_of
from glutebal.live.takes import Batch, ChunkTake, LogTake, PacketTake, Take
from glutebal.model import Chunk, Recording, Side

if TYPE_CHECKING:
    from glutebal.ingest.link import Link
    from glutebal.ingest.supervision import Device

PERIOD_S = 0.05  # batches: short enough for the eye, long enough to keep the hot path lean


@dataclass(frozen=True)
class Sensor:
    """One sensor as its source knows it; NaN where nothing is known."""

    device: int
    name: str
    side: Side | None
    connected: bool
    silent: bool = False
    battery_percent: float = math.nan
    battery_low: bool = False  # by its own word


class Source(Protocol):
    """Samples as they come."""

    paced: bool  # by the world; False: by how fast they are taken

    def batches(self) -> AsyncIterator[Batch]:
        """What arrives, until nothing more does."""

    def take(self, about: About, at_s: float, path: Path | None) -> Take:
        """A new stretch that begins at ``at_s`` of the hall's clock, with a log at ``path`` if it can have one."""

    def sensors(self) -> tuple[Sensor, ...]:
        """The sensors now."""


class LinkSource:
    """Connected sensors."""

    paced = True

    def __init__(self, link: Link) -> None:
        self._link = link
        self._opened: int | None = None
        self._silent: set[int] = set()
        self._low: set[int] = set()
        self._newest: PacketTake | None = None

    @property
    def _zero_ns(self) -> int:
        """The zero of the hall's clock: when it was first asked for samples, not when it was made."""
        if self._opened is None:
            self._opened = time.monotonic_ns()
        return self._opened

    async def batches(self) -> AsyncIterator[Batch]:
        """What arrives, every 50 ms, until the link is closed."""
        waiting = [record for record in self._link.drain() if not isinstance(record, Packet)]  # before anybody looked
        yield Batch((time.monotonic_ns() - self._zero_ns) / 1e9, waiting)
        async for records in self._link.batches(PERIOD_S):
            for record in records:
                self._listen(record)
            yield Batch((time.monotonic_ns() - self._zero_ns) / 1e9, records)

    def _listen(self, record: Record) -> None:
        if isinstance(record, Packet) or record.kind is Happening.CONNECTED:
            self._silent.discard(record.device)
        elif record.kind is Happening.SILENT:
            self._silent.add(record.device)

    def take(self, about: About, at_s: float, path: Path | None) -> Take:  # noqa: ARG002 - the header has its own clock
        """A stretch that begins now."""
        self._newest = PacketTake(header_of(self._link, about), path, self._zero_ns)
        return self._newest

    def sensors(self) -> tuple[Sensor, ...]:
        """The devices of the link."""
        self._low |= self._newest.low_batteries() if self._newest else set()
        return tuple(
            Sensor(
                d.index,
                d.name,
                d.side,
                d.connected,
                d.index in self._silent,
                _percent(d),
                d.index in self._low,
            )
            for d in self._link.devices
        )


def _percent(device: Device) -> float:
    """How full the battery is, as the device was asked or has said in its handshake."""
    said = device.driver.info.get("battery_percent", "")
    if device.battery_percent is not None:
        return float(device.battery_percent)
    return float(said) if said.isdecimal() else math.nan


@dataclass
class LogSource:
    """A packet log as if its sensors were there; ``speed`` 1 is the pace of the recording, infinity none."""

    path: Path
    speed: float = 1.0
    paced: bool = field(init=False)
    _header: Header = field(init=False)
    _damaged: int = 0

    def __post_init__(self) -> None:
        if not self.speed > 0:
            raise InputError("a speed above 0", f"{self.speed}", "replay")
        self.paced = math.isfinite(self.speed)
        with open_log(self.path) as log:
            self._header = log.header

    async def batches(self) -> AsyncIterator[Batch]:
        """The packets in the rhythm of their arrivals, those of 50 ms together."""
        zero_ns, began_s = self._header.started_ns, time.monotonic()
        with open_log(self.path) as log:
            waiting: list[Record] = []
            due_s = PERIOD_S
            for packet in log.packets():
                self._damaged = log.damaged
                at_s = (packet.arrival_ns - zero_ns) / 1e9
                if at_s >= due_s and waiting:
                    yield await self._due(due_s, waiting, began_s)
                    waiting = []
                due_s = max(due_s, PERIOD_S * math.ceil((at_s + 1e-9) / PERIOD_S))
                waiting.append(packet)
            if waiting:
                yield await self._due(due_s, waiting, began_s)

    async def _due(self, due_s: float, waiting: list[Record], began_s: float) -> Batch:
        left_s = began_s + due_s / self.speed - time.monotonic() if self.paced else 0.0
        await asyncio.sleep(max(0.0, left_s))
        return Batch(due_s, tuple(waiting))

    def take(self, about: About, at_s: float, path: Path | None) -> Take:  # noqa: ARG002 - the log knows the rest
        """The log from here on: its devices, its clock; nothing is written, for the log is there."""
        from_ns = self._header.started_ns + round(1e9 * at_s) if at_s > 0 else -math.inf
        with open_log(self.path) as log:
            marks = [mark for mark in log.marks() if mark.at_ns >= from_ns]
        return LogTake(self._header, marks, self.path.name, lambda: self._damaged)

    def sensors(self) -> tuple[Sensor, ...]:
        """The devices of the log."""
        return tuple(Sensor(k, d.name or d.driver, d.side, connected=True) for k, d in enumerate(self._header.devices))


@dataclass
class RecordingSource:
    """A recording played as if the sensors were there.

    Parameters
    ----------
    recording : Recording
    speed : float
        1 is real time, infinity as fast as it is taken.
    piece_s : float
        Length of the pieces that arrive together.
    """

    recording: Recording
    speed: float = 1.0
    piece_s: float = PERIOD_S
    paced: bool = field(init=False)

    def __post_init__(self) -> None:
        if not (self.speed > 0 and self.piece_s > 0):
            raise InputError("a speed and a length of pieces above 0", f"{self.speed}, {self.piece_s} s", "replay")
        self.paced = math.isfinite(self.speed)

    async def batches(self) -> AsyncIterator[Batch]:
        """Pieces of all channels, in time order."""
        end_s = max((t.stop / t.channel.rate_hz for t in self.recording.tracks), default=0.0)
        began_s = time.monotonic()
        for k in range(1, math.ceil(end_s / self.piece_s) + 1):
            now_s = k * self.piece_s
            left_s = began_s + now_s / self.speed - time.monotonic() if self.paced else 0.0
            await asyncio.sleep(max(0.0, left_s))
            yield Batch(now_s, chunks=self._piece(now_s - self.piece_s, now_s))

    def _piece(self, from_s: float, to_s: float) -> list[Chunk]:
        found: list[Chunk] = []
        for track in self.recording.tracks:
            rate = track.channel.rate_hz
            found += track.between(math.ceil(from_s * rate - 1e-9), math.ceil(to_s * rate - 1e-9)).chunks
        return found

    def take(self, about: About, at_s: float, path: Path | None) -> Take:  # noqa: ARG002 - the recording has its own
        """The recording from here on."""
        return ChunkTake(self.recording, at_s)

    def sensors(self) -> tuple[Sensor, ...]:
        """The devices that the channels name."""
        names = dict.fromkeys((c.device or c.site, c.side) for c in self.recording.channels)
        return tuple(Sensor(k, name, side, connected=True) for k, (name, side) in enumerate(names))
