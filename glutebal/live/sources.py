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
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from glutebal.errors import InputError
from glutebal.ingest.arrivals import Happening, Notice, Packet, Record
from glutebal.ingest.header import Header, Mark
from glutebal.ingest.live_grid import LiveGrid
from glutebal.ingest.openlog import open_log
from glutebal.ingest.packets import PacketLog
from glutebal.ingest.recorder import About, header_of
from glutebal.ingest.session import Session
from glutebal.live.log_writing import LogWriting
from glutebal.model import Chunk, Recording, Side, Track

if TYPE_CHECKING:
    from glutebal.ingest.link import Link

PERIOD_S = 0.05  # batches: short enough for the eye, long enough to keep the hot path lean


@dataclass(frozen=True)
class Batch:
    """What arrived together: ``at_s`` seconds after the hall opened, on the clock of the arrivals."""

    at_s: float
    records: Sequence[Record] = ()
    chunks: Sequence[Chunk] = ()


@dataclass(frozen=True)
class Sensor:
    """One sensor as its source knows it; NaN where nothing is known."""

    device: int
    name: str
    side: Side | None
    connected: bool
    silent: bool = False
    battery_percent: float = math.nan


class Take(Protocol):
    """One recorded stretch while it is recorded."""

    path: Path | None
    troubles: list[str]

    def put(self, batch: Batch) -> list[Chunk]:
        """Take a batch; the chunks that it completed, on the clock of this stretch."""

    def mark(self, at_s: float, name: str, side: Side | None = None) -> None:
        """Note an event at a moment of the hall's clock."""

    def losses(self) -> Mapping[int, tuple[int, int]]:
        """Samples kept and lost so far, by device."""

    def alignment(self) -> tuple[float, str] | None:
        """Uncertainty of left against right in seconds and in words; None without two sides."""

    def recording(self) -> Recording:
        """Everything so far; the stretch may go on."""

    def earlier_s(self, recording: Recording) -> float:
        """How much earlier the clock of the recording begins than that of the chunks, in seconds."""

    def close(self) -> None:
        """Nothing follows: what is on disk is complete."""


class Source(Protocol):
    """Samples as they come."""

    paced: bool  # by the world; False: by how fast they are taken

    def batches(self) -> AsyncIterator[Batch]:
        """What arrives, until nothing more does."""

    def take(self, about: About, at_s: float, path: Path | None) -> Take:
        """A new stretch that begins at ``at_s`` of the hall's clock, with a log at ``path`` if it can have one."""

    def sensors(self) -> tuple[Sensor, ...]:
        """The sensors now."""


class PacketTake:
    """A stretch of packets: every one goes to the log first, then through the decode path."""

    def __init__(
        self, header: Header, path: Path | None, opened_ns: int, marks: Sequence[Mark] = (), name: str = ""
    ) -> None:
        self.troubles: list[str] = []
        self.path, self._name = path, path.name if path else name
        self._opened_ns = opened_ns
        self._session = Session(header)
        self._grid = LiveGrid(self._session)
        for mark in marks:
            self._session.mark(mark)
        self._log = LogWriting(path, header, self.troubles.append) if path is not None else None

    def put(self, batch: Batch) -> list[Chunk]:
        """Take a batch of records."""
        for record in batch.records:
            if isinstance(record, Packet):
                self._packet(record)
            elif record.kind is not Happening.BATTERY:
                self._mark(Mark(record.arrival_ns, _words(record), record.side))
        return self._grid.take()

    def _packet(self, packet: Packet) -> None:
        if self._log is not None:
            self._log.do(lambda log: log.append(packet))
        self._session.push(packet.device, packet.segment, packet.char, packet.arrival_ns, packet.data)

    def mark(self, at_s: float, name: str, side: Side | None = None) -> None:
        """Note an event."""
        self._mark(Mark(self._opened_ns + round(1e9 * at_s), name, side))

    def _mark(self, mark: Mark) -> None:
        if self._log is not None:
            self._log.do(lambda log: log.mark(mark))
        self._session.mark(mark)

    def losses(self) -> Mapping[int, tuple[int, int]]:
        """Samples kept and lost so far, by device."""
        found: dict[int, tuple[int, int]] = {}
        for (device, _), counts in self._session.counts().items():
            kept, lost = found.get(device, (0, 0))
            found[device] = max(kept, counts.kept), lost + counts.lost
        return found

    def alignment(self) -> tuple[float, str] | None:
        """Uncertainty of left against right."""
        found = self._session.alignment()
        return None if found is None else (float(found.uncertainty_s), found.sentence)

    def recording(self) -> Recording:
        """Everything so far."""
        return self._session.recording(self._name)

    def earlier_s(self, recording: Recording) -> float:
        """Devices may send what they took before the stretch began: the recording then begins some seconds earlier."""
        started = recording.started
        return (self._session.header.started - started).total_seconds() if started else 0.0

    def close(self) -> None:
        """Write what the devices said of themselves and end the log."""
        if self._log is not None:
            self._log.do(self._facts)
            self._log.close()
        self._log = None

    def _facts(self, log: PacketLog) -> None:
        for index in range(len(self._session.header.devices)):
            for key, value in self._session.driver(index).info.items():
                log.fact(index, key, value, time.monotonic_ns())


def _words(notice: Notice) -> str:
    return f"{notice.kind.value}: {notice.text}" if notice.text else notice.kind.value


class LinkSource:
    """Connected sensors."""

    paced = True

    def __init__(self, link: Link) -> None:
        self._link = link
        self._opened_ns = time.monotonic_ns()
        self._silent: set[int] = set()

    async def batches(self) -> AsyncIterator[Batch]:
        """What arrives, every 50 ms, until the link is closed."""
        waiting = [record for record in self._link.drain() if not isinstance(record, Packet)]  # before anybody looked
        yield Batch((time.monotonic_ns() - self._opened_ns) / 1e9, waiting)
        async for records in self._link.batches(PERIOD_S):
            for record in records:
                self._listen(record)
            yield Batch((time.monotonic_ns() - self._opened_ns) / 1e9, records)

    def _listen(self, record: Record) -> None:
        if isinstance(record, Packet) or record.kind is Happening.CONNECTED:
            self._silent.discard(record.device)
        elif record.kind is Happening.SILENT:
            self._silent.add(record.device)

    def take(self, about: About, at_s: float, path: Path | None) -> Take:  # noqa: ARG002 - the header has its own clock
        """A stretch that begins now."""
        return PacketTake(header_of(self._link, about), path, self._opened_ns)

    def sensors(self) -> tuple[Sensor, ...]:
        """The devices of the link."""
        return tuple(
            Sensor(
                d.index,
                d.name,
                d.side,
                d.connected,
                d.index in self._silent,
                math.nan if d.battery_percent is None else float(d.battery_percent),
            )
            for d in self._link.devices
        )


@dataclass
class LogSource:
    """A packet log as if its sensors were there; ``speed`` 1 is the pace of the recording, infinity none."""

    path: Path
    speed: float = 1.0
    paced: bool = field(init=False)
    _header: Header = field(init=False)
    _out_of_reach: set[int] = field(default_factory=set)

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

    def take(self, about: About, at_s: float, path: Path | None) -> Take:  # noqa: ARG002 - the log knows all of it
        """The log again: its devices, its clock; nothing is written, for the log is there."""
        with open_log(self.path) as log:
            return PacketTake(self._header, None, self._header.started_ns, log.marks(), self.path.name)

    def sensors(self) -> tuple[Sensor, ...]:
        """The devices of the log."""
        return tuple(Sensor(k, d.name or d.driver, d.side, connected=True) for k, d in enumerate(self._header.devices))


class ChunkTake:
    """A stretch of a recording that is played."""

    def __init__(self, whole: Recording) -> None:
        self.path: Path | None = None
        self.troubles: list[str] = []
        self._whole = whole
        self._stops: dict[int, int] = {}

    def put(self, batch: Batch) -> list[Chunk]:
        """Take chunks of the recording."""
        for chunk in batch.chunks:
            key = id(chunk.channel)
            self._stops[key] = max(self._stops.get(key, 0), chunk.stop)
        return list(batch.chunks)

    def mark(self, at_s: float, name: str, side: Side | None = None) -> None:
        """Nothing: a recording that was made keeps the events that it has."""

    def losses(self) -> Mapping[int, tuple[int, int]]:
        """None: gaps are in the recording."""
        return {}

    def alignment(self) -> tuple[float, str] | None:
        """As the recording states it."""
        found = self._whole.alignment
        if found is None:
            return None
        return found.uncertainty_s, f"left and right by {found.method}, ±{1e3 * found.uncertainty_s:.1f} ms"

    def recording(self) -> Recording:
        """The recording as far as it was played; all of it when it was played to its end."""
        tracks = tuple(_until(track, self._stops.get(id(track.channel), 0)) for track in self._whole.tracks)
        if all(a.stop == b.stop for a, b in zip(tracks, self._whole.tracks, strict=True)):
            return self._whole
        end_s = max((t.stop / t.channel.rate_hz for t in tracks if t.chunks), default=0.0)
        return replace(self._whole, tracks=tracks, events=tuple(e for e in self._whole.events if e.time_s <= end_s))

    def earlier_s(self, recording: Recording) -> float:  # noqa: ARG002 - the contract of all takes
        """Never."""
        return 0.0

    def close(self) -> None:
        """Nothing is on disk."""


def _until(track: Track, stop: int) -> Track:
    return track if stop >= track.stop else track.between(track.start, stop)


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
        """A stretch of the recording."""
        return ChunkTake(self.recording)

    def sensors(self) -> tuple[Sensor, ...]:
        """The devices that the channels name."""
        names = dict.fromkeys((c.device or c.site, c.side) for c in self.recording.channels)
        return tuple(Sensor(k, name, side, connected=True) for k, (name, side) in enumerate(names))
